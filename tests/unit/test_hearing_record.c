/* When the record of picture and sound is on, and what of whom is on it. */
#include "hearing_fixture.h"

#include "base/sha256.h"

enum { BOTH = HEARING_FLOW_AUDIO | HEARING_FLOW_VIDEO };

static void begins_and_stops_with_the_session(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_open(&hearing);
    fixture_bring_in(&hearing, PRESIDING);
    assert_int_equal(hearing_record(&hearing, PRESIDING), HEARING_FLOW_NONE);
    assert_events("started:0 phase_entered:2 record_on:1", &hearing, PRESIDING, START, 0);
    assert_int_equal(hearing_record(&hearing, PRESIDING), BOTH);
    assert_events("record_off:1 recessed:0", &hearing, PRESIDING, RECESS, 0);
    assert_int_equal(hearing_record(&hearing, PRESIDING), HEARING_FLOW_NONE);
    assert_events("suspended:0", &hearing, PRESIDING, SUSPEND, 0);
    assert_events("resumed:0 record_on:1", &hearing, PRESIDING, RESUME, 0);
    assert_events("record_off:1 closed:0", &hearing, PRESIDING, CLOSE, 0);
}

static void is_turned_off_and_on_by_the_clerk_with_a_reason(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_asks(ALREADY_SO, &hearing, CLERK, RECORD_ON, 0);
    assert_events("record_off:3", &hearing, CLERK, RECORD_OFF, 3);
    assert_int_equal(hearing_record(&hearing, COUNSEL), HEARING_FLOW_NONE);
    assert_asks(ALREADY_SO, &hearing, PRESIDING, RECORD_OFF, 0);
    assert_asks(MALFORMED, &hearing, PRESIDING, RECORD_ON, 1);
    assert_asks(MALFORMED, &hearing, PRESIDING, RECORD_ON, 5);
    assert_events("record_on:2", &hearing, PRESIDING, RECORD_ON, 0);
    assert_int_equal(hearing_record(&hearing, COUNSEL), BOTH);
}

static void stays_off_through_a_recess_it_was_off_in(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_ask(&hearing, PRESIDING, HEARING_COMMAND(RECORD_OFF), 0);
    assert_events("recessed:0", &hearing, PRESIDING, RECESS, 0);
    assert_asks(WRONG_STATUS, &hearing, PRESIDING, RECORD_ON, 0);
}

static void keeps_what_nobody_may_hear_or_see(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_ask(&hearing, WITNESS, HEARING_COMMAND(CHECK_IN), 0);
    assert_int_equal(hearing_record(&hearing, WITNESS), HEARING_FLOW_NONE);
    assert_int_equal(hearing_record(&hearing, COMPANION), HEARING_FLOW_NONE);
    assert_int_equal(hearing_record(&hearing, EMPTY_ROOM), HEARING_FLOW_NONE);
    assert_int_equal(hearing_record(&hearing, 0), HEARING_FLOW_NONE);
    assert_int_equal(hearing_record(&hearing, ROOM), BOTH);
    fixture_ask(&hearing, OFFICER, HEARING_COMMAND(MUTE), 0);
    assert_int_equal(hearing_record(&hearing, ROOM), HEARING_FLOW_VIDEO);
    fixture_ask(&hearing, PRESIDING, HEARING_COMMAND(SEND_BACK), OFFICER);
    assert_int_equal(hearing_record(&hearing, ROOM), HEARING_FLOW_NONE);
}

static void writes_down_gaps_and_heads(void **state)
{
    static char stem[] = "20261121T094200Z";
    static uint8_t hash[SHA256_BYTES] = {7};
    struct hearing hearing;
    struct fixture_command command;
    struct hearing_events events;
    struct hearing_actor server = {HEARING_SERVER, 0};
    struct arena arena;

    (void)state;
    fixture_begin(&hearing);
    arena_init(&arena, FIXTURE_ARENA);
    fixture_make_command(&hearing, HEARING_COMMAND(RECORD_GAP), COUNSEL, &command);
    command.arm.record_gap.from_ms = 2000;
    command.arm.record_gap.to_ms = 1999;
    assert_refusal(MALFORMED, fixture_run(&hearing, &command.command, server, &arena, NULL));
    command.arm.record_gap.to_ms = 5000;
    assert_refusal(NONE, fixture_run(&hearing, &command.command, server, &arena, &events));
    assert_true(events.items[0]->record_gap->from_ms == 2000);
    assert_true(events.items[0]->record_gap->to_ms == 5000);

    fixture_make_command(&hearing, HEARING_COMMAND(RECORD_HEAD), COUNSEL, &command);
    assert_refusal(MALFORMED, fixture_run(&hearing, &command.command, server, &arena, NULL));
    command.arm.record_head.stem = stem;
    command.arm.record_head.hash = (ProtobufCBinaryData){sizeof(hash), hash};
    command.arm.record_head.end = 700;
    assert_refusal(NONE, fixture_run(&hearing, &command.command, server, &arena, &events));
    assert_string_equal(events.items[0]->record_head->stem, stem);
    assert_memory_equal(events.items[0]->record_head->hash.data, hash, sizeof(hash));
    assert_true(events.items[0]->record_head->end == 700);
    command.arm.record_head.endpoint = COMPANION;
    assert_refusal(ENDPOINT_UNKNOWN, fixture_run(&hearing, &command.command, server, &arena, NULL));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_and_stops_with_the_session),
        cmocka_unit_test(is_turned_off_and_on_by_the_clerk_with_a_reason),
        cmocka_unit_test(stays_off_through_a_recess_it_was_off_in),
        cmocka_unit_test(keeps_what_nobody_may_hear_or_see),
        cmocka_unit_test(writes_down_gaps_and_heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
