/* Witnesses: kept apart, called, sworn, heard; who is cut off meanwhile; and what comes in between.
 */
#include "law_fixture.h"

enum {
    WITNESS_DEVICE = 11,
    EVERYTHING = HEARING_FLOW_AUDIO | HEARING_FLOW_VIDEO,
    CENTRAL_DESK = 1,
};

static const struct hearing_participant *person(const struct law *law, uint32_t who)
{
    return &law->hearing.participants[who - 1];
}

static struct law *begin_testimony(void)
{
    struct law *law = law_begin_at("questioning");

    assert_law(NONE, law, JUDGE, CALL_WITNESS, .about = WITNESS);
    assert_law(NONE, law, CLERK, ASK_UNDERTAKING, .about = WITNESS);
    assert_law(NONE, law, WITNESS, GIVE_UNDERTAKING);
    return law;
}

static void keeps_witnesses_apart_from_the_indictment_on(void **state)
{
    struct law *law = law_begin_at("opening");

    (void)state;
    assert_true(hearing_is_inside(&law->hearing, WITNESS));
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = 3);
    assert_int_equal(person(law, WITNESS)->standing, HEARING_STANDING(SEQUESTERED));
    assert_true(hearing_is_inside(&law->hearing, EXPERT));
    assert_law(WITNESS_MUST_BE_CALLED, law, JUDGE, ADMIT, .about = WITNESS);
    assert_int_equal(hearing_visibility(&law->hearing, CENTRAL_DESK, WITNESS_DEVICE), 0);
    free(law);
}

static void sends_a_late_witness_to_the_others(void **state)
{
    struct law *law = law_open();

    (void)state;
    law_gather(law, 1u << WITNESS);
    law_vouch(law);
    assert_law(NONE, law, JUDGE, START);
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = 3);
    assert_law_events("checked_in:12 sequestered:12", law, WITNESS, CHECK_IN, .about = RULES_READ);
    free(law);
}

static void hears_a_witness_step_by_step(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_law(NOT_ON_STAND, law, CLERK, ASK_UNDERTAKING, .about = WITNESS);
    assert_law_events("admitted:12 witness_called:12", law, CLERK, CALL_WITNESS, .about = WITNESS);
    assert_law(UNDERTAKING_NOT_ASKED, law, WITNESS, GIVE_UNDERTAKING);
    assert_law_events("undertaking_asked:12", law, JUDGE, ASK_UNDERTAKING, .about = WITNESS);
    assert_law(ALREADY_SO, law, JUDGE, ASK_UNDERTAKING, .about = WITNESS);
    assert_law(ROLE_NOT_ALLOWED, law, COUNSEL, GIVE_UNDERTAKING, .about = WITNESS);
    assert_law_events("undertaking_given:12 floor_granted:12", law, WITNESS, GIVE_UNDERTAKING);
    assert_int_equal(person(law, WITNESS)->stand, HEARING_STAND(TESTIFYING));
    assert_law_events("floor_taken_back:12 witness_released:12", law, JUDGE, RELEASE_WITNESS,
                      .about = WITNESS);
    assert_true(hearing_is_inside(&law->hearing, WITNESS));
    free(law);
}

static void notes_the_undertaking_for_a_person_who_speaks_it(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_law(NONE, law, JUDGE, CALL_WITNESS, .about = WITNESS);
    assert_law(NONE, law, JUDGE, ASK_UNDERTAKING, .about = WITNESS);
    assert_law(NONE, law, CLERK, GIVE_UNDERTAKING, .about = WITNESS);
    assert_true(person(law, WITNESS)->sworn);
    free(law);
}

static void calls_one_at_a_time_and_who_the_phase_calls(void **state)
{
    struct law *law = begin_testimony();

    (void)state;
    assert_law(ANOTHER_TESTIFIES, law, JUDGE, CALL_WITNESS, .about = EXPERT);
    assert_law(NONE, law, JUDGE, RELEASE_WITNESS, .about = WITNESS);
    assert_law(NONE, law, JUDGE, CALL_WITNESS, .about = EXPERT);
    assert_law(NONE, law, JUDGE, RELEASE_WITNESS, .about = EXPERT);
    assert_ruled(NOT_CALLED_NOW, "phase.questioning.call", "BLTTHS 307-318", law, JUDGE,
                 CALL_WITNESS, .about = VICTIM);
    assert_law(ROLE_NOT_ALLOWED, law, JUDGE, CALL_WITNESS, .about = CLERK);
    free(law);
}

static void asks_no_second_undertaking(void **state)
{
    struct law *law = begin_testimony();

    (void)state;
    assert_law(NONE, law, JUDGE, RELEASE_WITNESS, .about = WITNESS);
    assert_law_events("witness_called:12 floor_granted:12", law, JUDGE, CALL_WITNESS,
                      .about = WITNESS);
    assert_law(ALREADY_SO, law, WITNESS, GIVE_UNDERTAKING);
    free(law);
}

static void ends_the_testimony_with_the_questioning(void **state)
{
    struct law *law = begin_testimony();

    (void)state;
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = 5);
    assert_int_equal(law->hearing.witness, 0);
    assert_int_equal(person(law, WITNESS)->stand, HEARING_STAND(HEARD));
    free(law);
}

static void sends_a_heard_witness_out_again(void **state)
{
    struct law *law = begin_testimony();

    (void)state;
    assert_law_events("floor_taken_back:12 sequestered:12", law, JUDGE, SEQUESTER,
                      .about = WITNESS);
    assert_int_equal(law->hearing.witness, 0);
    assert_law(ROLE_NOT_ALLOWED, law, JUDGE, SEQUESTER, .about = VICTIM);
    assert_law_events("admitted:12 witness_called:12 floor_granted:12", law, JUDGE, CALL_WITNESS,
                      .about = WITNESS);
    free(law);
}

/* ---- cut off ---- */

static void cuts_the_defendant_off_while_somebody_testifies(void **state)
{
    struct law *law = begin_testimony();
    const struct hearing *hearing = &law->hearing;

    (void)state;
    assert_law(ROLE_NOT_ALLOWED, law, CLERK, CUT_OFF, .about = DEFENDANT);
    assert_law(NONE, law, WITNESS, UNMUTE);
    assert_law(NONE, law, GUARD, UNMUTE);
    assert_int_equal(hearing_visibility(hearing, CELL, CENTRAL_DESK), EVERYTHING);
    assert_law_events("cut_off:8", law, JUDGE, CUT_OFF, .about = DEFENDANT);
    assert_int_equal(hearing_visibility(hearing, WITNESS_DEVICE, CELL), 0);
    assert_int_equal(hearing_visibility(hearing, CENTRAL_DESK, CELL), 0);
    assert_int_equal(hearing_visibility(hearing, CELL, CENTRAL_DESK), HEARING_FLOW_VIDEO);
    assert_int_equal(hearing_visibility(hearing, CELL, WITNESS_DEVICE), 0);
    assert_int_equal(hearing_visibility(hearing, WITNESS_DEVICE, CENTRAL_DESK), EVERYTHING);
    assert_int_equal(hearing_programme(hearing, CELL), HEARING_FLOW_VIDEO);
    assert_int_equal(hearing_feed(hearing, CELL), 0);
    assert_law(STILL_CUT_OFF, law, DEFENDANT, RAISE_HAND);
    free(law);
}

static void tells_who_was_cut_off_what_was_said(void **state)
{
    struct law *law = begin_testimony();

    (void)state;
    assert_law(NONE, law, JUDGE, CUT_OFF, .about = DEFENDANT);
    assert_law(CUT_OFF_REMAINS, law, JUDGE, ENTER_PHASE, .about = 5);
    assert_law(STILL_CUT_OFF, law, JUDGE, TELL_SUMMARY, .about = DEFENDANT, .words = "Tóm tắt");
    assert_law(NONE, law, JUDGE, BRING_BACK, .about = DEFENDANT);
    assert_int_equal(hearing_visibility(&law->hearing, CENTRAL_DESK, CELL), EVERYTHING);
    assert_ruled(SUMMARY_NEEDED, "phase.questioning.leave", "BLTTHS 307-318", law, JUDGE,
                 ENTER_PHASE, .about = 5);
    assert_law(WORDS_NEEDED, law, JUDGE, TELL_SUMMARY, .about = DEFENDANT);
    assert_law(NONE, law, JUDGE, TELL_SUMMARY, .about = DEFENDANT, .words = "Tóm tắt lời khai.");
    assert_true(law->has_words_hash);
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = 5);
    free(law);
}

static void cuts_nobody_off_without_reason(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_law(NOBODY_TESTIFIES, law, JUDGE, CUT_OFF, .about = DEFENDANT);
    assert_law(NONE, law, JUDGE, CALL_WITNESS, .about = WITNESS);
    assert_ruled(NOT_CUT_OFF_NOW, "phase.questioning.cut_off", "BLTTHS 307-318", law, JUDGE,
                 CUT_OFF, .about = VICTIM);
    assert_law(SAME_ROOM, law, JUDGE, CUT_OFF, .about = WITNESS);
    assert_law(ROLE_NOT_ALLOWED, law, JUDGE, CUT_OFF, .about = CLERK);
    assert_law_events("rule_overridden:phase.questioning.cut_off cut_off:11", law, JUDGE, CUT_OFF,
                      .about = VICTIM, .overrides = "phase.questioning.cut_off",
                      .words = "Bảo vệ người làm chứng.");
    free(law);
}

/* ---- in between ---- */

static void lets_only_the_first_of_two_judges_press(void **state)
{
    struct law *law = begin_testimony();
    uint64_t both_saw = law->hearing.seq;

    (void)state;
    assert_law(NONE, law, JUDGE, RELEASE_WITNESS, .about = WITNESS, .seen_seq = both_saw);
    assert_law(STALE_SEQ, law, CLERK, RELEASE_WITNESS, .about = WITNESS, .seen_seq = both_saw);
    assert_law(STALE_SEQ, law, CLERK, CALL_WITNESS, .about = EXPERT, .seen_seq = both_saw);
    assert_law(NONE, law, CLERK, CALL_WITNESS, .about = EXPERT);
    free(law);
}

static void refuses_who_asks_on_an_old_screen(void **state)
{
    struct law *law = law_begin_at("questioning");
    uint64_t before = law->hearing.seq;

    (void)state;
    assert_law(NONE, law, JUDGE, CALL_WITNESS, .about = WITNESS);
    assert_law(STALE_SEQ, law, CLERK, ASK_UNDERTAKING, .about = WITNESS, .seen_seq = before);
    assert_law(STALE_SEQ, law, JUDGE, CUT_OFF, .about = DEFENDANT, .seen_seq = before);
    assert_law(STALE_SEQ, law, JUDGE, SEQUESTER, .about = WITNESS, .seen_seq = before);
    assert_law(NONE, law, COUNSEL, RAISE_HAND, .seen_seq = before);
    free(law);
}

/* The new device checks in where the old one's line was lost, before or after that is noticed. */
static void swaps_a_device_in_the_middle_of_a_testimony(void **state)
{
    struct law *law = begin_testimony();
    struct hearing_participant before = *person(law, WITNESS);

    (void)state;
    assert_law(ALREADY_SO, law, WITNESS, CHECK_IN, .about = RULES_READ);
    assert_law_events("endpoint_link_lost:11", law, HEARING_SERVER, LINK_LOST,
                      .about = WITNESS_DEVICE);
    assert_law_events("endpoint_link_restored:11", law, WITNESS, CHECK_IN, .about = RULES_READ);
    assert_int_equal(person(law, WITNESS)->standing, before.standing);
    assert_int_equal(person(law, WITNESS)->stand, HEARING_STAND(TESTIFYING));
    assert_int_equal(law->hearing.floor_holder, WITNESS);
    free(law);
}

static void leads_who_left_the_stand_back_to_it(void **state)
{
    struct law *law = begin_testimony();

    (void)state;
    assert_law(NONE, law, WITNESS, LEAVE);
    assert_int_equal(law->hearing.witness, WITNESS);
    assert_law(ANOTHER_TESTIFIES, law, JUDGE, CALL_WITNESS, .about = EXPERT);
    assert_law_events("checked_in:12 admitted:12", law, WITNESS, CHECK_IN, .about = RULES_READ);
    assert_int_equal(person(law, WITNESS)->stand, HEARING_STAND(TESTIFYING));
    free(law);
}

static void leads_who_waits_apart_back_to_the_same_place(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_law(NONE, law, HEARING_SERVER, LINK_LOST, .about = WITNESS_DEVICE);
    assert_law_events("endpoint_link_restored:11", law, WITNESS, CHECK_IN, .about = RULES_READ);
    assert_int_equal(person(law, WITNESS)->standing, HEARING_STANDING(SEQUESTERED));
    assert_law(NONE, law, WITNESS, LEAVE);
    assert_law_events("checked_in:12 sequestered:12", law, WITNESS, CHECK_IN, .about = RULES_READ);
    free(law);
}

static void goes_on_when_the_clerks_machine_dies_during_an_undertaking(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_law(NONE, law, CLERK, CALL_WITNESS, .about = WITNESS);
    assert_law(NONE, law, CLERK, ASK_UNDERTAKING, .about = WITNESS);
    assert_law_events("endpoint_link_lost:4", law, HEARING_SERVER, LINK_LOST, .about = CLERK);
    assert_int_equal(law->hearing.status, HEARING_STATUS(IN_SESSION));
    assert_law(NONE, law, WITNESS, GIVE_UNDERTAKING);
    assert_law(NONE, law, CLERK, CHECK_IN);
    assert_law(NONE, law, CLERK, RELEASE_WITNESS, .about = WITNESS);
    free(law);
}

static void keeps_the_testimony_while_the_session_is_paused(void **state)
{
    struct law *law = begin_testimony();

    (void)state;
    assert_law(NONE, law, JUDGE, CUT_OFF, .about = DEFENDANT);
    assert_law(NONE, law, HEARING_SERVER, LINK_LOST, .about = CELL);
    assert_int_equal(law->hearing.status, HEARING_STATUS(RECESS));
    assert_law(NONE, law, HEARING_SERVER, LINK_RESTORED, .about = CELL);
    assert_law(NONE, law, JUDGE, RESUME);
    assert_int_equal(person(law, WITNESS)->stand, HEARING_STAND(TESTIFYING));
    assert_int_equal(hearing_visibility(&law->hearing, CENTRAL_DESK, CELL), 0);
    free(law);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_witnesses_apart_from_the_indictment_on),
        cmocka_unit_test(sends_a_late_witness_to_the_others),
        cmocka_unit_test(hears_a_witness_step_by_step),
        cmocka_unit_test(notes_the_undertaking_for_a_person_who_speaks_it),
        cmocka_unit_test(calls_one_at_a_time_and_who_the_phase_calls),
        cmocka_unit_test(asks_no_second_undertaking),
        cmocka_unit_test(ends_the_testimony_with_the_questioning),
        cmocka_unit_test(sends_a_heard_witness_out_again),
        cmocka_unit_test(cuts_the_defendant_off_while_somebody_testifies),
        cmocka_unit_test(tells_who_was_cut_off_what_was_said),
        cmocka_unit_test(cuts_nobody_off_without_reason),
        cmocka_unit_test(lets_only_the_first_of_two_judges_press),
        cmocka_unit_test(refuses_who_asks_on_an_old_screen),
        cmocka_unit_test(swaps_a_device_in_the_middle_of_a_testimony),
        cmocka_unit_test(leads_who_left_the_stand_back_to_it),
        cmocka_unit_test(leads_who_waits_apart_back_to_the_same_place),
        cmocka_unit_test(goes_on_when_the_clerks_machine_dies_during_an_undertaking),
        cmocka_unit_test(keeps_the_testimony_while_the_session_is_paused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
