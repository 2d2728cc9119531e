/* Asking to speak, the floor and microphones. */
#include "hearing_fixture.h"

static void gives_the_floor_strictly_by_arrival(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_bring_in(&hearing, VICTIM);
    assert_events("hand_raised:11", &hearing, COUNSEL, RAISE_HAND, 0);
    assert_events("hand_raised:7", &hearing, VICTIM, RAISE_HAND, 0);
    assert_events("hand_raised:20", &hearing, OFFICER, RAISE_HAND, 0);
    assert_asks(ALREADY_SO, &hearing, VICTIM, RAISE_HAND, 0);
    assert_events("hand_lowered:7", &hearing, VICTIM, LOWER_HAND, 0);
    assert_events("hand_raised:7", &hearing, VICTIM, RAISE_HAND, 0);
    assert_int_equal(hearing.floor_queue_count, 3);
    assert_int_equal(hearing.floor_queue[0], COUNSEL);
    assert_int_equal(hearing.floor_queue[1], OFFICER);
    assert_int_equal(hearing.floor_queue[2], VICTIM);
    assert_true(hearing.floor_asked_ms[0] > 0);
    assert_true(hearing.floor_asked_ms[2] >= hearing.floor_asked_ms[1]);
    assert_int_equal(hearing.floor_asked_ms[3], 0);
    assert_events("floor_granted:20", &hearing, PRESIDING, GRANT_FLOOR, OFFICER);
    assert_int_equal(hearing.floor_queue[1], VICTIM);
    assert_asks(ALREADY_SO, &hearing, OFFICER, RAISE_HAND, 0);
}

static void passes_the_floor_and_mutes_who_had_it(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_asks(ALREADY_SO, &hearing, PRESIDING, TAKE_BACK_FLOOR, 0);
    assert_events("floor_granted:11", &hearing, PRESIDING, GRANT_FLOOR, COUNSEL);
    assert_asks(ALREADY_SO, &hearing, PRESIDING, GRANT_FLOOR, COUNSEL);
    assert_events("floor_taken_back:11 muted:11 floor_granted:20", &hearing, PRESIDING, GRANT_FLOOR,
                  OFFICER);
    assert_events("floor_taken_back:20 floor_granted:6", &hearing, PRESIDING, GRANT_FLOOR,
                  DEFENDANT);
    assert_events("floor_taken_back:6 muted:20 floor_granted:4", &hearing, PRESIDING, GRANT_FLOOR,
                  CLERK);
    assert_events("floor_taken_back:4", &hearing, PRESIDING, TAKE_BACK_FLOOR, 0);
    assert_asks(ROLE_NOT_ALLOWED, &hearing, PRESIDING, GRANT_FLOOR, PRESIDING);
    assert_asks(NOT_IN_HEARING, &hearing, PRESIDING, GRANT_FLOOR, WITNESS);
    assert_asks(PARTICIPANT_UNKNOWN, &hearing, PRESIDING, GRANT_FLOOR, 99);
}

static void lifts_a_lock_with_the_floor(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_refusal(NONE, fixture_lock(&hearing, PRESIDING, COUNSEL));
    assert_events("mute_unlocked:11 floor_granted:11", &hearing, PRESIDING, GRANT_FLOOR, COUNSEL);
    assert_true(hearing_endpoint(&hearing, COUNSEL)->muted);
    assert_events("unmuted:11", &hearing, COUNSEL, UNMUTE, 0);
}

static void lowers_another_hand_only_for_the_presiding_judge(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_ask(&hearing, COUNSEL, HEARING_COMMAND(RAISE_HAND), 0);
    assert_asks(ROLE_NOT_ALLOWED, &hearing, CLERK, LOWER_HAND, COUNSEL);
    assert_asks(PARTICIPANT_UNKNOWN, &hearing, PRESIDING, LOWER_HAND, 99);
    assert_events("hand_lowered:11", &hearing, PRESIDING, LOWER_HAND, COUNSEL);
    assert_asks(ALREADY_SO, &hearing, PRESIDING, LOWER_HAND, COUNSEL);
}

static void raises_and_lowers_the_hand_of_who_sits_before_the_same_camera(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_events("hand_raised:6", &hearing, OFFICER, RAISE_HAND, DEFENDANT);
    assert_asks(ALREADY_SO, &hearing, OFFICER, RAISE_HAND, DEFENDANT);
    assert_events("hand_lowered:6", &hearing, OFFICER, LOWER_HAND, DEFENDANT);
    assert_asks(ROLE_NOT_ALLOWED, &hearing, OFFICER, RAISE_HAND, COUNSEL);
    assert_asks(PARTICIPANT_UNKNOWN, &hearing, OFFICER, RAISE_HAND, 99);
}

static void refuses_a_hand_when_the_queue_is_full(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    hearing.floor_queue_count = HEARING_FLOOR_QUEUE_MAX;
    assert_asks(QUEUE_FULL, &hearing, COUNSEL, RAISE_HAND, 0);
}

static void ends_asking_with_the_session(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_ask(&hearing, COUNSEL, HEARING_COMMAND(RAISE_HAND), 0);
    fixture_ask(&hearing, CLERK, HEARING_COMMAND(RAISE_HAND), 0);
    fixture_ask(&hearing, PRESIDING, HEARING_COMMAND(GRANT_FLOOR), DEFENDANT);
    assert_events(
        "floor_taken_back:6 muted:20 hand_lowered:11 hand_lowered:4 record_off:1 recessed:0",
        &hearing, PRESIDING, RECESS, 0);
    assert_events("resumed:0 record_on:1", &hearing, PRESIDING, RESUME, 0);
    fixture_ask(&hearing, COUNSEL, HEARING_COMMAND(RAISE_HAND), 0);
    assert_events("hand_lowered:11 record_off:1 suspended:0", &hearing, PRESIDING, SUSPEND, 0);
    assert_events("resumed:0 record_on:1", &hearing, PRESIDING, RESUME, 0);
    fixture_ask(&hearing, COUNSEL, HEARING_COMMAND(RAISE_HAND), 0);
    assert_events("hand_lowered:11 record_off:1 closed:0", &hearing, PRESIDING, CLOSE, 0);
}

static void mutes_oneself_also_while_waiting(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_ask(&hearing, WITNESS, HEARING_COMMAND(CHECK_IN), 0);
    assert_events("muted:16", &hearing, WITNESS, MUTE, 0);
    assert_asks(ALREADY_SO, &hearing, WITNESS, MUTE, 0);
    assert_events("unmuted:16", &hearing, WITNESS, UNMUTE, 0);
    assert_asks(ALREADY_SO, &hearing, WITNESS, UNMUTE, 0);
    assert_events("muted:20", &hearing, OFFICER, MUTE, DEFENDANT);
    assert_asks(NOT_IN_HEARING, &hearing, CLERK, MUTE, WITNESS);
    assert_asks(PARTICIPANT_UNKNOWN, &hearing, CLERK, MUTE, 99);
    assert_asks(PARTICIPANT_UNKNOWN, &hearing, CLERK, UNMUTE, 99);
}

static void locks_a_microphone_until_the_court_lifts_it(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_events("muted:11", &hearing, CLERK, MUTE, COUNSEL);
    assert_refusal(NONE, fixture_lock(&hearing, CLERK, COUNSEL));
    assert_refusal(ALREADY_SO, fixture_lock(&hearing, PRESIDING, COUNSEL));
    assert_asks(ALREADY_SO, &hearing, CLERK, MUTE, COUNSEL);
    assert_asks(MUTE_LOCKED, &hearing, COUNSEL, UNMUTE, 0);
    assert_events("mute_unlocked:11", &hearing, CLERK, UNMUTE, COUNSEL);
    assert_true(hearing_endpoint(&hearing, COUNSEL)->muted);
    assert_events("unmuted:11", &hearing, COUNSEL, UNMUTE, 0);
    assert_asks(ALREADY_SO, &hearing, CLERK, UNMUTE, COUNSEL);
}

static void keeps_a_lock_on_who_leaves_and_comes_back(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_refusal(NONE, fixture_lock(&hearing, CLERK, COUNSEL));
    fixture_ask(&hearing, COUNSEL, HEARING_COMMAND(LEAVE), 0);
    fixture_bring_in(&hearing, COUNSEL);
    assert_asks(MUTE_LOCKED, &hearing, COUNSEL, UNMUTE, 0);
}

static void locks_neither_the_court_nor_oneself(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_refusal(ROLE_NOT_ALLOWED, fixture_lock(&hearing, CLERK, PRESIDING));
    assert_refusal(ROLE_NOT_ALLOWED, fixture_lock(&hearing, COUNSEL, COUNSEL));
    assert_refusal(ROLE_NOT_ALLOWED, fixture_lock(&hearing, COUNSEL, OFFICER));
    assert_events("muted:1", &hearing, CLERK, MUTE, PRESIDING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_floor_strictly_by_arrival),
        cmocka_unit_test(passes_the_floor_and_mutes_who_had_it),
        cmocka_unit_test(lifts_a_lock_with_the_floor),
        cmocka_unit_test(lowers_another_hand_only_for_the_presiding_judge),
        cmocka_unit_test(raises_and_lowers_the_hand_of_who_sits_before_the_same_camera),
        cmocka_unit_test(refuses_a_hand_when_the_queue_is_full),
        cmocka_unit_test(ends_asking_with_the_session),
        cmocka_unit_test(mutes_oneself_also_while_waiting),
        cmocka_unit_test(locks_a_microphone_until_the_court_lifts_it),
        cmocka_unit_test(keeps_a_lock_on_who_leaves_and_comes_back),
        cmocka_unit_test(locks_neither_the_court_nor_oneself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
