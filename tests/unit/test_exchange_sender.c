/*
 * A court's sender: what it does when answers come in any order, late, or not at all, and when it
 * is started anew with batches under way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <openssl/ec.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "server/exchange/retry.h"
#include "tests/unit/sender_fixture.h"

enum { WAIT_MS = 30000, SEEDS = 300, STEPS = 60, TEXT_MAX = 16 << 10 };

/* ---- the sender ---- */

static uv_loop_t loop;
static struct sender *sender;

static void start(void)
{
    struct net_client *const clients[SENDER_WAYS] = {&ways[0], &ways[1]};

    sender = sender_new(&loop, NULL, tidy_db, clients, "VN.TOA1", NULL);
    sender_hold(sender, false);
}

/* As it is when a court is killed, or stops: ways end without a word, questions without effect. */
static void stop(void)
{
    for (int i = 0; i < SENDER_WAYS; i++)
        ways[i].calling = false;
    while (court.asked)
        answer_question(-EAGAIN);
    sender_free(sender);
    sender = NULL;
    uv_run(&loop, UV_RUN_DEFAULT);
}

static int begin(void **state)
{
    (void)state;
    memset(&court, 0, sizeof(court));
    memset(&center, 0, sizeof(center));
    memset(ways, 0, sizeof(ways));
    court.answered[0] = true;
    start();
    return 0;
}

static int end(void **state)
{
    (void)state;
    if (sender)
        stop();
    return 0;
}

static void too_late(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("it did not begin again in time");
}

/* Something failed: it begins again by itself, after a while. */
static void await_open(void)
{
    uv_timer_t guard;

    uv_timer_init(&loop, &guard);
    uv_timer_start(&guard, too_late, WAIT_MS, 0);
    while (!ways[0].calling)
        uv_run(&loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&guard, NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_true(ways[0].opening);
}

static long metric(const char *name)
{
    struct buf text;

    buf_init(&text, TEXT_MAX);
    assert_int_equal(sender_metrics(sender, &text), 0);
    assert_int_equal(buf_append(&text, "", 1), 0);
    const char *found = strstr((const char *)text.data, name);
    assert_non_null(found);
    long value = strtol(found + strlen(name), NULL, 10);
    buf_done(&text);
    return value;
}

static long failures(void)
{
    return metric("\nassize_exchange_failures_total ");
}

/* So many records, the centre asked, and full batches under way on both ways; the one behind them
 * is being taken. */
static void send_two(size_t records)
{
    court.waiting = records;
    go_and_come_back(&ways[0]);
    answer_question(0);
    answer_question(0);
    assert_true(ways[0].calling && ways[0].batch_no == 1);
    assert_true(ways[1].calling && ways[1].batch_no == 2);
}

/* Whatever is left goes its ordinary way. */
static void finish(void)
{
    bool moved = true;

    while (moved) {
        moved = court.asked;
        answer_questions();
        for (int i = 0; i < SENDER_WAYS; i++) {
            if (ways[i].calling)
                ways[i].done ? come_back(&ways[i]) : go_and_come_back(&ways[i]);
            else
                continue;
            moved = true;
        }
    }
    assert_int_equal(court.waiting, 0);
    assert_int_equal(top_answered(), court.made);
    assert_int_equal(center.cursor, court.made);
    for (uint64_t i = 1; i <= court.made; i++)
        assert_true(court.answered[i]);
}

/* ---- what it does ---- */

static void sends_a_backlog_two_batches_at_a_time(void **state)
{
    (void)state;
    send_two(3 * FULL + 1);
    answer_question(0); /* the third is signed, and waits for a way */
    assert_int_equal(court.made, 3);
    assert_int_equal(court.asked, 0);
    go_and_come_back(&ways[0]);
    assert_true(ways[0].calling && ways[0].batch_no == 3);
    finish();
    assert_int_equal(court.made, 4);
    assert_int_equal(metric("\nassize_exchange_receipts_total "), 4);
    assert_int_equal(failures(), 0);
}

static void tidies_what_a_long_backlog_leaves_behind(void **state)
{
    (void)state;
    court.waiting = 2 * SENDER_TIDY + FULL;
    go_and_come_back(&ways[0]);
    finish();
    assert_int_equal(court.tidied, 2);
}

static void leaves_what_follows_a_batch_that_is_not_full_to_grow(void **state)
{
    (void)state;
    court.waiting = FULL - 1;
    go_and_come_back(&ways[0]);
    answer_question(0);
    court.waiting = 7;
    assert_int_equal(court.asked, 0);
    assert_false(ways[1].calling);
    finish();
    assert_int_equal(court.counts[2], 7);
}

static void takes_anew_what_came_too_early(void **state)
{
    (void)state;
    send_two(3 * FULL);
    uint8_t hash[SHA256_BYTES];
    memcpy(hash, ways[1].hash, SHA256_BYTES);
    answer_question(0); /* the third is signed: it would come too early as well */
    go_and_come_back(&ways[1]);
    assert_false(ways[1].calling);
    assert_int_equal(center.cursor, 0);
    go_and_come_back(&ways[0]);
    assert_false(ways[0].calling || ways[1].calling);
    answer_questions();
    struct net_client *second = ways[0].calling ? &ways[0] : &ways[1];
    assert_true(second->calling && second->batch_no == 2);
    assert_memory_equal(second->hash, hash, SHA256_BYTES);
    finish();
    assert_int_equal(failures(), 0);
}

static void sends_alone_for_a_while_after_something_came_too_early(void **state)
{
    (void)state;
    send_two((SENDER_ALONE + 6) * FULL);
    go_and_come_back(&ways[1]);
    for (int alone = 0; alone < SENDER_ALONE - 1; alone++) {
        go_and_come_back(ways[0].calling ? &ways[0] : &ways[1]);
        answer_questions();
        assert_true(ways[0].calling != ways[1].calling);
    }
    for (int left = 2; left && !(ways[0].calling && ways[1].calling); left--) {
        go_and_come_back(ways[0].calling ? &ways[0] : &ways[1]);
        answer_questions();
    }
    assert_true(ways[0].calling && ways[1].calling);
    finish();
}

static void gives_both_up_when_the_first_fails(void **state)
{
    (void)state;
    send_two(2 * FULL);
    break_off(&ways[0]);
    assert_false(ways[1].calling);
    assert_int_equal(failures(), 1);
    await_open();
    finish();
    assert_int_equal(court.made, 2);
    assert_int_equal(failures(), 1);
}

/* The centre answers, and refuses the batch each time. */
static void waits_ever_longer_with_what_fails_each_time(void **state)
{
    (void)state;
    court.waiting = 1;
    for (int waits_ms = RETRY_LEAST_MS; waits_ms <= 4 * RETRY_LEAST_MS; waits_ms *= 2) {
        if (waits_ms > RETRY_LEAST_MS)
            await_open();
        go_and_come_back(&ways[0]);
        answer_question(0);
        assert_true(ways[0].calling && !ways[0].opening);
        break_off(&ways[0]);
        assert_in_range(uv_backend_timeout(&loop), waits_ms / 2, waits_ms);
    }
    await_open();
    finish();
}

static void sends_the_second_anew_when_only_it_fails(void **state)
{
    (void)state;
    send_two(2 * FULL);
    break_off(&ways[1]);
    assert_true(ways[0].calling);
    finish();
    assert_int_equal(failures(), 0);
}

static void gets_both_receipts_when_the_first_answer_is_lost(void **state)
{
    (void)state;
    send_two(2 * FULL);
    arrive(&ways[0]);
    go_and_come_back(&ways[1]);
    answer_questions();
    assert_int_equal(top_answered(), 0); /* the receipt of the second waits for its turn */
    break_off(&ways[0]);
    assert_int_equal(center.cursor, 2);
    await_open();
    finish();
    assert_int_equal(metric("\nassize_exchange_receipts_total "), 2);
}

static void keeps_receipts_in_order_whatever_order_they_come_in(void **state)
{
    (void)state;
    send_two(2 * FULL);
    answer_questions();
    arrive(&ways[0]);
    go_and_come_back(&ways[1]);
    assert_int_equal(court.asked, 0);
    come_back(&ways[0]);
    assert_int_equal(court.asked, 1);
    assert_int_equal(court.questions[0].batch_no, 1);
    answer_question(0);
    assert_int_equal(court.questions[0].batch_no, 2);
    finish();
    assert_int_equal(failures(), 0);
}

static void keeps_no_receipt_behind_one_that_was_not_saved(void **state)
{
    (void)state;
    send_two(2 * FULL);
    answer_questions();
    go_and_come_back(&ways[0]);
    go_and_come_back(&ways[1]);
    assert_int_equal(court.asked, 1);
    answer_question(-ENOSPC);
    assert_int_equal(court.asked, 0);
    assert_int_equal(top_answered(), 0);
    await_open();
    finish();
}

static void sends_both_again_in_order_when_started_anew(void **state)
{
    uint8_t hashes[2][SHA256_BYTES];

    (void)state;
    stop();
    for (int arrived = 0; arrived <= 2; arrived++) {
        begin(NULL);
        send_two(2 * FULL);
        for (int i = 0; i < 2; i++)
            memcpy(hashes[i], ways[i].hash, SHA256_BYTES);
        for (int i = 0; i < arrived; i++)
            arrive(&ways[i]);
        stop();
        start();
        go_and_come_back(&ways[0]);
        answer_questions();
        for (int i = 0; i < 2; i++) {
            assert_true(ways[i].calling && ways[i].batch_no == (uint64_t)i + 1);
            assert_memory_equal(ways[i].hash, hashes[i], SHA256_BYTES);
        }
        finish();
        assert_int_equal(court.made, 2);
        stop();
    }
}

static void signs_anew_what_waited_while_the_key_changed(void **state)
{
    (void)state;
    send_two(3 * FULL);
    answer_question(0);
    key_version++;
    go_and_come_back(&ways[0]);
    assert_false(ways[0].calling);
    answer_questions();
    assert_true(ways[0].calling && ways[0].batch_no == 3);
    assert_memory_not_equal(ways[0].key_id, ways[1].key_id, SHA256_BYTES);
    finish();
    assert_int_equal(failures(), 0);
}

static void pass(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void sends_one_at_a_time_where_it_takes_long(void **state)
{
    bool passed = false;
    uv_timer_t clock = {.data = &passed};

    (void)state;
    send_two(5 * FULL);
    answer_questions();
    uv_timer_init(&loop, &clock);
    uv_timer_start(&clock, pass, SENDER_SLOW_MS + 1, 0);
    while (!passed)
        uv_run(&loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&clock, NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
    go_and_come_back(&ways[0]);
    answer_questions();
    assert_false(ways[0].calling);
    go_and_come_back(&ways[1]);
    answer_questions();
    assert_true(ways[0].calling != ways[1].calling);
    finish();
}

static void calls_nobody_while_it_is_held_and_goes_on_with_both_batches(void **state)
{
    (void)state;
    send_two(2 * FULL);
    arrive(&ways[0]);
    sender_hold(sender, true);
    answer_questions();
    assert_false(ways[0].calling || ways[1].calling);
    sender_hold(sender, false);
    assert_true(ways[0].calling && ways[0].opening);
    finish();
    assert_int_equal(court.made, 2);
    assert_int_equal(failures(), 0);
}

/* ---- whatever happens ---- */

static unsigned random_below(unsigned *seed, unsigned limit)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % limit;
}

static void meddle(unsigned *seed)
{
    struct net_client *way = &ways[random_below(seed, SENDER_WAYS)];

    switch (random_below(seed, 12)) {
    case 0:
        court.waiting += random_below(seed, 2) ? random_below(seed, 40) : FULL;
        sender_wake(sender);
        break;
    case 1:
        if (way->calling)
            break_off(way);
        break;
    case 2:
        if (court.asked)
            answer_question(-EAGAIN);
        break;
    case 3:
        key_version++;
        break;
    case 4:
        stop();
        start();
        break;
    case 5:
        sender_hold(sender, random_below(seed, 2));
        break;
    case 6:
    case 7:
        if (court.asked)
            answer_question(0);
        break;
    default:
        if (way->calling)
            way->done ? come_back(way) : arrive(way);
    }
}

static void loses_nothing_by_any_order_of_events(void **state)
{
    (void)state;
    stop();
    for (unsigned first = 1; first <= SEEDS; first++) {
        unsigned seed = first;
        begin(NULL);
        court.waiting = 4 * FULL;
        for (int i = 0; i < STEPS && court.made < BATCHES_MAX / 2; i++)
            meddle(&seed);
        stop(); /* it may be waiting after a failure */
        start();
        finish();
        stop();
    }
}

/* ---- all together ---- */

static int open_all(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    keys[0] = EVP_EC_gen("P-256");
    keys[1] = EVP_EC_gen("P-256");
    key_version = 1;
    return !keys[0] || !keys[1] || uv_loop_init(&loop);
}

static int close_all(void **state)
{
    (void)state;
    EVP_PKEY_free(keys[0]);
    EVP_PKEY_free(keys[1]);
    return uv_loop_close(&loop);
}

int main(void)
{
#define SENDING(name_) cmocka_unit_test_setup_teardown(name_, begin, end)
    const struct CMUnitTest tests[] = {
        SENDING(sends_a_backlog_two_batches_at_a_time),
        SENDING(tidies_what_a_long_backlog_leaves_behind),
        SENDING(leaves_what_follows_a_batch_that_is_not_full_to_grow),
        SENDING(takes_anew_what_came_too_early),
        SENDING(sends_alone_for_a_while_after_something_came_too_early),
        SENDING(gives_both_up_when_the_first_fails),
        SENDING(waits_ever_longer_with_what_fails_each_time),
        SENDING(sends_the_second_anew_when_only_it_fails),
        SENDING(gets_both_receipts_when_the_first_answer_is_lost),
        SENDING(keeps_receipts_in_order_whatever_order_they_come_in),
        SENDING(keeps_no_receipt_behind_one_that_was_not_saved),
        SENDING(sends_both_again_in_order_when_started_anew),
        SENDING(signs_anew_what_waited_while_the_key_changed),
        SENDING(sends_one_at_a_time_where_it_takes_long),
        SENDING(calls_nobody_while_it_is_held_and_goes_on_with_both_batches),
        SENDING(loses_nothing_by_any_order_of_events),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
