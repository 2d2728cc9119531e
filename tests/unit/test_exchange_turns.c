/* The order in which the records of a batch are taken in, and what is known of their cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "db/exchange_turns.h"

enum { RECORDS = 6 };

static struct exchange_turns turns;
static Assize__Exchange__V1__Record records[RECORDS];
static struct exchange_facts facts[RECORDS];
static uint8_t hashes[RECORDS][SHA256_BYTES];

static struct exchange_batch batch_of(size_t count, Assize__Exchange__V1__Record *list[])
{
    for (size_t i = 0; i < count; i++)
        list[i] = &records[i];
    return (struct exchange_batch){.count = count, .records = list, .facts = facts};
}

/* Record i of a case; it follows the record of another index, or none (RECORDS). */
static void put(size_t i, const char *key, uint64_t seq, size_t before)
{
    static uint8_t zeros[SHA256_BYTES];

    assize__exchange__v1__record__init(&records[i]);
    records[i].case_key = (char *)(uintptr_t)key;
    records[i].record_type = (char *)(uintptr_t) "event";
    records[i].seq = seq;
    memset(hashes[i], (int)i + 1, SHA256_BYTES);
    records[i].hash = (ProtobufCBinaryData){.data = hashes[i], .len = SHA256_BYTES};
    records[i].prev_hash = (ProtobufCBinaryData){.data = before < RECORDS ? hashes[before] : zeros,
                                                 .len = SHA256_BYTES};
    facts[i] = (struct exchange_facts){0};
}

static int give_back(void **state)
{
    (void)state;
    exchange_turns_free(&turns);
    turns = (struct exchange_turns){0};
    return 0;
}

static void cases_stand_together_in_the_order_of_their_numbers(void **state)
{
    Assize__Exchange__V1__Record *list[RECORDS];

    (void)state;
    put(0, "b", 2, 2);
    put(1, "a", 1, RECORDS);
    put(2, "b", 1, RECORDS);
    put(3, "a", 2, 1);
    const struct exchange_batch batch = batch_of(4, list);
    exchange_turns_make(&batch, &turns);
    assert_int_equal(turns.cases, 2);
    assert_ptr_equal(turns.turns[0].record, &records[1]);
    assert_ptr_equal(turns.turns[1].record, &records[3]);
    assert_ptr_equal(turns.turns[2].record, &records[2]);
    assert_ptr_equal(turns.turns[3].record, &records[0]);
    assert_ptr_equal(turns.turns[3].facts, &facts[0]);
    const struct exchange_case first = exchange_turns_case(&turns, 0);
    const struct exchange_case second = exchange_turns_case(&turns, first.end);
    assert_true(first.plain && first.first == 0 && first.end == 2);
    assert_true(second.plain && second.end == 4);
    assert_int_equal(turns.turns[1].case_no, 0);
    assert_int_equal(turns.turns[2].case_no, 1);
}

static bool one_case_is_plain(size_t count)
{
    Assize__Exchange__V1__Record *list[RECORDS];
    const struct exchange_batch batch = batch_of(count, list);

    exchange_turns_free(&turns);
    exchange_turns_make(&batch, &turns);
    return exchange_turns_case(&turns, 0).plain;
}

static void a_gap_a_fork_or_a_doubled_number_is_not_plain(void **state)
{
    (void)state;
    put(0, "a", 1, RECORDS);
    put(1, "a", 2, 0);
    assert_true(one_case_is_plain(2));
    put(1, "a", 3, 0);
    assert_false(one_case_is_plain(2));
    put(1, "a", 2, RECORDS);
    assert_false(one_case_is_plain(2));
    put(1, "a", 1, 0);
    assert_false(one_case_is_plain(2));
}

static void what_needs_a_look_of_its_own_is_not_plain(void **state)
{
    (void)state;
    put(0, "a", 1, RECORDS);
    facts[0].fault = "schema";
    assert_false(one_case_is_plain(1));
    put(0, "a", 5, RECORDS);
    facts[0].corrects = 4;
    assert_false(one_case_is_plain(1));
    put(0, "a", 1, RECORDS);
    records[0].record_type = (char *)(uintptr_t) "notice";
    assert_false(one_case_is_plain(1));
    records[0].record_type = (char *)(uintptr_t) "rejection";
    assert_false(one_case_is_plain(1));
}

static void the_last_status_that_was_said_stands(void **state)
{
    Assize__Exchange__V1__Record *list[RECORDS];

    (void)state;
    put(0, "a", 1, RECORDS);
    put(1, "a", 2, 0);
    put(2, "a", 3, 1);
    facts[0].status = "accepted";
    facts[1].status = "tried";
    const struct exchange_batch batch = batch_of(3, list);
    exchange_turns_make(&batch, &turns);
    assert_string_equal(exchange_turns_case(&turns, 0).status, "tried");
}

static void a_thing_that_is_said_twice_is_marked_each_time(void **state)
{
    static const char one[] = "0192f0c1-2b3c-7d4e-8f50-00000000000a";
    static const char same[] = "0192f0c1-2b3c-7d4e-8f50-00000000000A";
    static const char other[] = "0192f0c1-2b3c-7d4e-8f50-00000000000b";
    Assize__Exchange__V1__Record *list[RECORDS];

    (void)state;
    put(0, "a", 1, RECORDS);
    put(1, "a", 2, 0);
    put(2, "a", 3, 1);
    put(3, "b", 1, RECORDS);
    put(4, "a", 4, 2); /* describes nothing */
    facts[0].entity = one;
    facts[1].entity = other;
    facts[2].entity = same;
    facts[3].entity = one; /* of another case */
    const struct exchange_batch batch = batch_of(5, list);
    exchange_turns_make(&batch, &turns);
    const bool again[] = {true, false, true, false, false};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(turns.turns[i].again, again[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(cases_stand_together_in_the_order_of_their_numbers, give_back),
        cmocka_unit_test_teardown(a_gap_a_fork_or_a_doubled_number_is_not_plain, give_back),
        cmocka_unit_test_teardown(what_needs_a_look_of_its_own_is_not_plain, give_back),
        cmocka_unit_test_teardown(the_last_status_that_was_said_stands, give_back),
        cmocka_unit_test_teardown(a_thing_that_is_said_twice_is_marked_each_time, give_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
