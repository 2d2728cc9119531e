/* The outbox of a court and the inbox of a centre, against a real PostgreSQL. Both sides are in one
 * database here; the tests carry batches from one to the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/hearing_store.h"
#include "server/exchange/batch.h"
#include "server/net/net.h"
#include "tests/unit/cluster.h"
#include "tests/unit/signer_fixture.h"

enum { PAYLOAD_SIZE = 256, RECORD_SIZE = 4096 };

static struct cluster cluster;
static struct client client;
static char hearing[ID_UUID_SIZE];
static struct signer *signer;
static struct exchange_source source = {.code = "VN.TOA1"};

/* So many rows there are. */
static void assert_count(long wanted, const char *rows)
{
    char sql[512];

    snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", rows);
    assert_int_equal(cluster_number(&cluster, sql), wanted);
}

/* ---- the court's side ---- */

struct outcome {
    bool told;
    int error;
};

static void take_append(void *context, int error, const uint8_t head[SHA256_BYTES])
{
    struct outcome *outcome = context;

    (void)head;
    *outcome = (struct outcome){.told = true, .error = error};
}

static size_t pack_change(uint8_t out[static PAYLOAD_SIZE], Assize__Exchange__V1__CaseStatus status)
{
    Assize__Exchange__V1__CaseChange change = ASSIZE__EXCHANGE__V1__CASE_CHANGE__INIT;

    change.has_status = true;
    change.status = status;
    return protobuf_c_message_pack(&change.base, out);
}

/* One event after expected_seq, and the change of the case with it. */
static int close_hearing_after(uint64_t expected_seq, bool closes)
{
    static const uint8_t zeros[SHA256_BYTES];
    uint8_t payload[PAYLOAD_SIZE];
    struct outcome outcome = {0};
    const struct hearing_store_event event = {.seq = expected_seq + 1,
                                              .at_ms = 1800000000000,
                                              .body = (const uint8_t *)"\x08\x01",
                                              .len = 2};
    struct hearing_case_change change = {.status = "tried", .payload = payload};
    const struct hearing_append append = {.hearing = hearing,
                                          .expected_seq = expected_seq,
                                          .prev_hash = zeros,
                                          .actor = 1,
                                          .events = &event,
                                          .count = 1,
                                          .change = closes ? &change : NULL};

    change.len = pack_change(payload, ASSIZE__EXCHANGE__V1__CASE_STATUS__CASE_STATUS_TRIED);
    id_uuid(change.change_id);
    client_awake(&client);
    hearing_store_append(client.db, &append, take_append, &outcome);
    client_wait(&client, &outcome.told);
    return outcome.error;
}

/* A new hearing of the same case, closed. */
static void close_another(void)
{
    cluster_hearing(&cluster, hearing);
    assert_int_equal(close_hearing_after(0, true), 0);
}

struct taken {
    bool told;
    int error;
    struct exchange_batch *batch;
};

static void keep_batch(void *context, int error, const struct exchange_batch *batch)
{
    struct taken *taken = context;

    *taken = (struct taken){.told = true, .error = error};
    if (!batch)
        return;
    taken->batch = malloc(sizeof(*taken->batch));
    assert_non_null(taken->batch);
    *taken->batch = *batch;
    taken->batch->records = calloc(batch->count, sizeof(*batch->records));
    assert_non_null(taken->batch->records);
    for (size_t i = 0; i < batch->count; i++) {
        uint8_t packed[RECORD_SIZE];
        size_t len = protobuf_c_message_pack(&batch->records[i]->base, packed);
        taken->batch->records[i] = assize__exchange__v1__record__unpack(NULL, len, packed);
    }
}

/* The next batch after the centre's cursor, or NULL. */
static struct exchange_batch *take(uint64_t cursor)
{
    struct taken taken = {0};

    client_awake(&client);
    exchange_store_take(client.db, "", cursor, keep_batch, &taken);
    client_wait(&client, &taken.told);
    assert_int_equal(taken.error, 0);
    return taken.batch;
}

static void free_batch(struct exchange_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        assize__exchange__v1__record__free_unpacked(batch->records[i], NULL);
    free(batch->records);
    free(batch);
}

static void take_done(void *context, int error)
{
    *(struct outcome *)context = (struct outcome){.told = true, .error = error};
}

/* ---- the centre's side ---- */

struct pushed {
    bool told;
    int error;
    enum refusal refusal;
    char receipt[ID_UUID_SIZE];
    uint64_t cursor;
    size_t rejections;
    char reason[32]; /* of the first */
    bool keep;       /* store the receipt at the court as well */
    uint8_t root[SHA256_BYTES];
    struct outcome kept;
};

static void take_receipt(void *context, int error, enum refusal refusal,
                         const Assize__Exchange__V1__Receipt *receipt,
                         const struct exchange_after *after)
{
    struct pushed *pushed = context;

    (void)after;
    pushed->told = true;
    pushed->error = error;
    pushed->refusal = refusal;
    if (!receipt)
        return;
    snprintf(pushed->receipt, sizeof(pushed->receipt), "%s", receipt->receipt_id);
    pushed->cursor = receipt->cursor;
    pushed->rejections = receipt->n_rejections;
    if (receipt->n_rejections)
        snprintf(pushed->reason, sizeof(pushed->reason), "%s", receipt->rejections[0]->reason);
    if (pushed->keep)
        exchange_store_answered(client.db, "", receipt, pushed->root, take_done, &pushed->kept);
}

/* As bytes, signed, read again: as it would come from the network. */
static struct pushed push_as(const struct exchange_source *from, struct exchange_batch *batch,
                             bool keep)
{
    struct pushed pushed = {.keep = keep};
    struct batch_received received;
    struct arena arena;
    struct buf packed;

    buf_init(&packed, NET_BODY_MAX);
    assert_int_equal(batch_write(batch, from->code, signer, &packed), 0);
    memcpy(pushed.root, batch->root, SHA256_BYTES);
    arena_init(&arena, batch_arena_max(packed.len));
    assert_true(batch_read(&arena, packed.data, packed.len, clock_wall_ms(), &received));
    client_awake(&client);
    exchange_store_apply(client.db, from, &received.batch, take_receipt, &pushed);
    buf_done(&packed);
    arena_done(&arena);
    client_wait(&client, &pushed.told);
    if (keep)
        client_wait(&client, &pushed.kept.told);
    return pushed;
}

static struct pushed push(struct exchange_batch *batch)
{
    return push_as(&source, batch, false);
}

/* What the centre holds, in one number: every record and head. */
static long state_of_centre(void)
{
    return cluster_number(
        &cluster, "SELECT hashtext(coalesce((SELECT string_agg(i::text, '|' ORDER BY source,"
                  " case_key, seq) FROM inbox i), '') || coalesce((SELECT string_agg(h::text,"
                  " '|' ORDER BY source, case_key) FROM case_head h), ''))");
}

/* Both sides as new; the known organisation is known. */
static int start_anew(void **state)
{
    (void)state;
    client_wait_up(&client);
    assert_int_equal(
        cluster_script(
            &cluster,
            "SET session_replication_role = replica; DELETE FROM outbox;"
            "DELETE FROM outbox_waiting; DELETE FROM outbox_batch; DELETE FROM outbox_refused;"
            "DELETE FROM outbox_head;"
            "DELETE FROM inbox; DELETE FROM held; DELETE FROM receipt; DELETE FROM rejection;"
            "DELETE FROM case_head; DELETE FROM organisation;"
            "UPDATE court_case SET outbox_seq = 0, status = 'accepted';"
            "INSERT INTO organisation (code, spki) VALUES ('VN.TOA1', decode(repeat('00', 32), "
            "'hex'))"),
        0);
    cluster_hearing(&cluster, hearing);
    return 0;
}

/* ---- one transaction ---- */

static void closing_changes_the_case_and_the_outbox_with_the_event(void **state)
{
    (void)state;
    assert_int_equal(close_hearing_after(0, true), 0);
    assert_count(
        1, "court_case c JOIN hearing h ON h.court_case = c.id JOIN outbox_state o ON o.hearing "
           "= h.id WHERE c.status = 'tried' AND o.seq = 1 AND o.case_key = c.id::text AND "
           "o.receipt_id IS NULL");
}

static void an_event_that_ends_nothing_changes_no_case(void **state)
{
    (void)state;
    assert_int_equal(close_hearing_after(0, false), 0);
    assert_count(0, "outbox");
}

static void nothing_leaves_when_the_event_is_refused(void **state)
{
    (void)state;
    assert_int_equal(close_hearing_after(7, true), -EEXIST);
    assert_count(0, "outbox");
    assert_count(0, "court_case WHERE status = 'tried'");
}

static void the_event_is_not_written_when_the_outbox_refuses(void **state)
{
    (void)state;
    assert_int_equal(cluster_script(&cluster,
                                    "ALTER TABLE outbox ADD CONSTRAINT never CHECK (seq < "
                                    "0) NOT VALID"),
                     0);
    assert_int_equal(close_hearing_after(0, true), -EINVAL);
    assert_int_equal(cluster_script(&cluster, "ALTER TABLE outbox DROP CONSTRAINT never"), 0);
    char sql[128];
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM hearing_event WHERE hearing = '%s'", hearing);
    assert_int_equal(cluster_number(&cluster, sql), 0);
}

static void numbers_of_a_case_have_no_gap_even_after_a_refusal(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        close_another();
        assert_int_equal(close_hearing_after(9, true), -EEXIST);
    }
    assert_count(
        3, "outbox o WHERE prev_hash = coalesce((SELECT hash FROM outbox p WHERE p.case_key = "
           "o.case_key AND p.seq = o.seq - 1), decode(repeat('00', 32), 'hex')) AND seq <= 3");
    assert_int_equal(cluster_number(&cluster, "SELECT max(seq) FROM outbox"), 3);
}

static void what_is_in_the_outbox_cannot_be_changed(void **state)
{
    (void)state;
    close_another();
    assert_int_not_equal(cluster_script(&cluster, "UPDATE outbox SET payload = '\\x01'"), 0);
    assert_int_not_equal(cluster_script(&cluster, "DELETE FROM outbox"), 0);
}

/* ---- batches ---- */

static void a_batch_is_taken_again_until_it_is_answered(void **state)
{
    (void)state;
    close_another();
    struct exchange_batch *first = take(0);
    close_another();
    struct exchange_batch *again = take(0);
    assert_int_equal(first->count, 1);
    assert_int_equal(again->count, 1);
    assert_int_equal(again->batch_no, 1);
    assert_string_equal(again->records[0]->change_id, first->records[0]->change_id);
    assert_int_equal(push_as(&source, again, true).kept.error, 0);
    free_batch(first);
    free_batch(again);
    struct exchange_batch *second = take(1);
    assert_int_equal(second->batch_no, 2);
    free_batch(second);
}

static void an_unanswered_batch_comes_before_a_new_one(void **state)
{
    (void)state;
    close_another();
    free_batch(take(0));
    close_another();
    struct exchange_batch *batch = take(1); /* the centre has it, its receipt was lost */
    assert_int_equal(batch->batch_no, 1);
    free_batch(batch);
}

static void a_batch_is_bounded(void **state)
{
    (void)state;
    close_another();
    assert_int_equal(
        cluster_script(&cluster,
                       "SELECT case_change(court_case, hearing, 'tried', gen_random_uuid(), "
                       "'\\x1805') FROM outbox, generate_series(1, 600)"),
        0);
    struct exchange_batch *batch = take(0);
    assert_int_equal(batch->count, EXCHANGE_RECORDS_MAX);
    assert_int_equal(push_as(&source, batch, true).error, 0);
    free_batch(batch);
    batch = take(1);
    assert_int_equal(batch->count, 101);
    assert_int_equal(push_as(&source, batch, true).rejections, 0);
    free_batch(batch);
    assert_count(601, "inbox");
}

static void a_centre_that_forgot_is_sent_what_it_forgot(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 2; i++) {
        close_another();
        struct exchange_batch *batch = take(i);
        push_as(&source, batch, true);
        free_batch(batch);
    }
    struct exchange_batch *batch = take(0);
    assert_int_equal(batch->batch_no, 1);
    free_batch(batch);
}

/* ---- taking in ---- */

static void the_receipt_reaches_the_row(void **state)
{
    (void)state;
    close_another();
    struct exchange_batch *batch = take(0);
    struct pushed pushed = push_as(&source, batch, true);
    char sql[160];

    free_batch(batch);
    assert_int_equal(pushed.refusal, REFUSAL_NONE);
    assert_int_equal(pushed.cursor, 1);
    snprintf(sql, sizeof(sql),
             "SELECT count(*) FROM outbox_state WHERE receipt_id = '%s' AND received_ms > 0",
             pushed.receipt);
    assert_int_equal(cluster_number(&cluster, sql), 1);
    assert_count(1, "case_head WHERE status = 'tried' AND seq = 1");
    assert_null(take(1));
}

static void the_same_batch_again_gets_the_same_receipt(void **state)
{
    (void)state;
    close_another();
    struct exchange_batch *batch = take(0);
    struct pushed first = push(batch);
    long before = state_of_centre();
    struct pushed again = push(batch);

    free_batch(batch);
    assert_string_equal(first.receipt, again.receipt);
    assert_int_equal(state_of_centre(), before);
}

static void records_in_another_order_or_batch_change_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        close_another();
    struct exchange_batch *batch = take(0);
    uint8_t first_root[SHA256_BYTES];
    assert_int_equal(push(batch).rejections, 0);
    memcpy(first_root, batch->root, SHA256_BYTES);
    long before = state_of_centre();
    for (size_t i = 0; i < 2; i++) {
        Assize__Exchange__V1__Record *record = batch->records[i];
        batch->records[i] = batch->records[3 - i];
        batch->records[3 - i] = record;
        assert_int_equal(push(batch).rejections, 0);
    }
    batch->batch_no = 2;
    assert_int_equal(push(batch).refusal, REFUSAL_BATCH_CHAIN);
    memcpy(batch->prev_root, first_root, SHA256_BYTES);
    struct pushed second = push(batch);
    assert_int_equal(second.refusal, REFUSAL_NONE);
    assert_int_equal(second.rejections, 0);
    free_batch(batch);
    assert_int_equal(state_of_centre(), before);
}

static void a_batch_in_any_order_gives_the_same_state(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        close_another();
    struct exchange_batch *batch = take(0);
    Assize__Exchange__V1__Record *record = batch->records[0];
    batch->records[0] = batch->records[3];
    batch->records[3] = record;
    assert_int_equal(push(batch).rejections, 0);
    free_batch(batch);
    assert_count(4, "inbox");
}

static void a_later_batch_waits_for_the_one_before(void **state)
{
    (void)state;
    close_another();
    struct exchange_batch *batch = take(0);
    batch->batch_no = 2;
    assert_int_equal(push(batch).refusal, REFUSAL_BATCH_GAP);
    free_batch(batch);
    assert_count(0, "inbox");
}

static void a_record_that_was_changed_on_its_way_is_refused(void **state)
{
    (void)state;
    close_another();
    struct exchange_batch *batch = take(0);
    batch->records[0]->recorded_ms++;
    assert_string_equal(push(batch).reason, "damaged");
    free_batch(batch);
    start_anew(state);
    close_another();
    batch = take(0);
    batch->records[0]->payload.data[0] ^= 1;
    assert_string_equal(push(batch).reason, "damaged");
    free_batch(batch);
    assert_count(0, "inbox");
}

static void a_refused_record_delays_only_its_own_case(void **state)
{
    (void)state;
    close_another();
    assert_int_equal(cluster_script(&cluster, "INSERT INTO court_case (court, number, title) SELECT"
                                              " court, 'other' || gen_random_uuid(), title FROM"
                                              " court_case LIMIT 1; SELECT case_change(id, NULL,"
                                              " 'tried', gen_random_uuid(), '\\x1805') FROM"
                                              " court_case WHERE outbox_seq = 0 ORDER BY number"
                                              " DESC LIMIT 1"),
                     0);
    close_another();
    struct exchange_batch *batch = take(0);
    assert_int_equal(batch->count, 3);
    batch->records[0]->recorded_ms++;
    struct pushed pushed = push_as(&source, batch, true);
    free_batch(batch);
    assert_int_equal(pushed.rejections, 1);
    assert_string_equal(pushed.reason, "damaged");
    assert_count(1, "inbox");
    assert_count(1, "held"); /* the one that follows it */
    assert_count(1, "outbox_state WHERE refused = 'damaged'");
    assert_count(2, "outbox_state WHERE receipt_id IS NOT NULL AND refused IS NULL");
}

static void a_stranger_is_refused(void **state)
{
    (void)state;
    close_another();
    struct exchange_batch *batch = take(0);
    struct exchange_source stranger = {.code = "VN.TOA2"};
    struct exchange_source impostor = {.code = "VN.TOA1", .spki = {1}};

    assert_int_equal(push_as(&stranger, batch, false).refusal, REFUSAL_ORGANISATION_UNKNOWN);
    assert_int_equal(push_as(&impostor, batch, false).refusal, REFUSAL_ORGANISATION_UNKNOWN);
    assert_int_equal(cluster_script(&cluster, "UPDATE organisation SET withdrawn_at = now()"), 0);
    assert_int_equal(push(batch).refusal, REFUSAL_ORGANISATION_UNKNOWN);
    free_batch(batch);
    assert_count(0, "inbox");
}

/* ---- how far it is ---- */

struct status {
    bool told;
    Assize__Exchange__V1__SyncState state;
    int64_t recorded_ms, received_ms;
};

static void take_status(void *context, int error, const Assize__Exchange__V1__SyncStatus *status)
{
    assert_int_equal(error, 0);
    *(struct status *)context =
        (struct status){true, status->state, status->recorded_ms, status->received_ms};
}

static struct status ask_status(void)
{
    struct status status = {0};

    client_awake(&client);
    exchange_store_status(client.db, hearing, take_status, &status);
    client_wait(&client, &status.told);
    return status;
}

static void says_how_far_the_outcome_of_a_hearing_is(void **state)
{
    (void)state;
    assert_int_equal(ask_status().state, ASSIZE__EXCHANGE__V1__SYNC_STATE__SYNC_STATE_UNSPECIFIED);
    assert_null(take(0));
    close_another();
    assert_int_equal(ask_status().state, ASSIZE__EXCHANGE__V1__SYNC_STATE__SYNC_STATE_WAITING);
    assert_true(ask_status().recorded_ms > 0);
    struct exchange_batch *batch = take(0);
    push_as(&source, batch, true);
    free_batch(batch);
    assert_int_equal(ask_status().state, ASSIZE__EXCHANGE__V1__SYNC_STATE__SYNC_STATE_RECEIVED);
    assert_true(ask_status().received_ms > 0);
}

static int make(void **state)
{
    (void)state;
    signer = signer_fixture();
    cluster_make(&cluster);
    client_open(&client, cluster.conninfo);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    client_close(&client);
    cluster_remove(&cluster);
    signer_free(signer);
    return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, start_anew)
    const struct CMUnitTest tests[] = {
        TEST(closing_changes_the_case_and_the_outbox_with_the_event),
        TEST(an_event_that_ends_nothing_changes_no_case),
        TEST(nothing_leaves_when_the_event_is_refused),
        TEST(the_event_is_not_written_when_the_outbox_refuses),
        TEST(numbers_of_a_case_have_no_gap_even_after_a_refusal),
        TEST(what_is_in_the_outbox_cannot_be_changed),
        TEST(a_batch_is_taken_again_until_it_is_answered),
        TEST(an_unanswered_batch_comes_before_a_new_one),
        TEST(a_batch_is_bounded),
        TEST(a_centre_that_forgot_is_sent_what_it_forgot),
        TEST(the_receipt_reaches_the_row),
        TEST(the_same_batch_again_gets_the_same_receipt),
        TEST(records_in_another_order_or_batch_change_nothing),
        TEST(a_batch_in_any_order_gives_the_same_state),
        TEST(a_later_batch_waits_for_the_one_before),
        TEST(a_record_that_was_changed_on_its_way_is_refused),
        TEST(a_refused_record_delays_only_its_own_case),
        TEST(a_stranger_is_refused),
        TEST(says_how_far_the_outcome_of_a_hearing_is),
    };

    return cmocka_run_group_tests(tests, make, unmake);
}
