/* Who is inside, who is kept out or apart and comes back, and whose identity is not vouched for. */
#include "law_fixture.h"

static const struct hearing_participant *person(const struct law *law, uint32_t id)
{
    return hearing_participant(&law->hearing, id);
}

static void a_room_that_is_needed_pauses_the_session_when_it_is_sent_back(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = COUNSEL);
    assert_law_events(
        "floor_taken_back:6 muted:6 record_off sent_back:8 sent_back:9 paused:8 recessed", law,
        CLERK, SEND_BACK, .about = DEFENDANT);
    assert_int_equal(law->hearing.pause_cause, HEARING_PAUSE(SENT_BACK));
    assert_ruled(QUORUM_NOT_MET, "quorum.defendant", "BLTTHS 290", law, JUDGE, RESUME);
    assert_law(NONE, law, CLERK, ADMIT, .about = DEFENDANT);
    assert_law_events("resumed record_on", law, JUDGE, RESUME);
    assert_law_events("sent_back:11", law, CLERK, SEND_BACK, .about = VICTIM);
    free(law);
}

static void nobody_is_sent_back_in_their_last_words_without_a_reason(void **state)
{
    struct law *law = law_begin_at("last_words");

    (void)state;
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = DEFENDANT);
    assert_ruled(SPEECH_IS_FREE, "phase.last_words.free_speech", "BLTTHS 324", law, CLERK,
                 SEND_BACK, .about = GUARD);
    assert_law(NONE, law, CLERK, SEND_BACK, .about = VICTIM);
    free(law);
}

/* The law has witnesses wait apart in some phases only, and nobody is left there for good. */
static void who_is_kept_apart_comes_in_by_being_called_or_where_the_phase_lets_them(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_int_equal(person(law, WITNESS)->standing, HEARING_STANDING(SEQUESTERED));
    assert_ruled(WITNESS_MUST_BE_CALLED, "phase.questioning.sequesters", "BLTTHS 307-318", law,
                 JUDGE, ADMIT, .about = WITNESS);
    assert_law_events("rule_overridden:phase.questioning.sequesters admitted:12", law, JUDGE, ADMIT,
                      .about = WITNESS, .overrides = "phase.questioning.sequesters",
                      .words = "Người làm chứng không khai");
    assert_law_events("sequestered:7", law, JUDGE, SEQUESTER, .about = EXPERT);
    assert_law_events("admitted:7", law, CLERK, ADMIT, .about = EXPERT);
    free(law);
}

static void who_was_kept_apart_by_hand_comes_back_apart(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_law(NONE, law, JUDGE, SEQUESTER, .about = EXPERT);
    assert_law(NONE, law, EXPERT, LEAVE);
    assert_law_events("checked_in:7 sequestered:7", law, EXPERT, CHECK_IN, .about = RULES_READ);
    assert_law(NONE, law, JUDGE, ADMIT, .about = EXPERT);
    assert_law(NONE, law, EXPERT, LEAVE);
    assert_law_events("checked_in:7", law, EXPERT, CHECK_IN, .about = RULES_READ);
    free(law);
}

/* A witness before the camera of the defendant and the officer. */
static void a_room_with_somebody_who_is_needed_is_not_kept_apart(void **state)
{
    struct law *law = law_begin_at("opening");

    (void)state;
    law->hearing.participants[WITNESS - 1].endpoint = CELL;
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = law->hearing.phase + 1);
    assert_int_equal(person(law, WITNESS)->standing, HEARING_STANDING(IN_HEARING));
    assert_int_equal(person(law, DEFENDANT)->standing, HEARING_STANDING(IN_HEARING));
    assert_law(MUST_STAY, law, JUDGE, SEQUESTER, .about = WITNESS);
    free(law);
}

/* BLTTHS art. 301: who comes after the opening is asked who they are as well. */
static void nobody_speaks_unidentified_after_the_opening(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    law->hearing.participants[COUNSEL - 1].attested = 0;
    law->hearing.participants[WITNESS - 1].attested = 0;
    assert_ruled(NOT_IDENTIFIED, "phase.opening.identity", "BLTTHS 301-305", law, JUDGE,
                 GRANT_FLOOR, .about = COUNSEL);
    assert_ruled(NOT_IDENTIFIED, "phase.opening.identity", "BLTTHS 301-305", law, JUDGE,
                 CALL_WITNESS, .about = WITNESS);
    assert_law_events("rule_overridden:phase.opening.identity floor_granted:6", law, JUDGE,
                      GRANT_FLOOR, .about = COUNSEL, .overrides = "phase.opening.identity",
                      .words = "Có thẻ luật sư, xác nhận sau");
    assert_law(NONE, law, JUDGE, TAKE_BACK_FLOOR);
    assert_law_events("floor_granted:6", law, JUDGE, GRANT_FLOOR, .about = COUNSEL);
    assert_law(NOT_IDENTIFIED, law, JUDGE, CALL_WITNESS, .about = WITNESS);
    law_vouch(law);
    assert_law(NONE, law, JUDGE, CALL_WITNESS, .about = WITNESS);
    free(law);
}

/* What was set aside for one is not set aside for whoever takes their place. */
static void who_replaces_somebody_is_asked_anew(void **state)
{
    struct law *law = law_begin_at("opening");

    (void)state;
    law->hearing.participants[VICTIM - 1].attested = 0;
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = law->hearing.phase + 1,
               .overrides = "phase.opening.identity", .words = "Có mặt, xác nhận sau");
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = law->hearing.phase + 1);
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = VICTIM);
    assert_law(NONE, law, JUDGE, SEND_BACK, .about = VICTIM);
    assert_law(NONE, law, HEARING_SERVER, REPLACE_PERSON, .about = VICTIM);
    law_bring_in(law, VICTIM);
    assert_law(NOT_IDENTIFIED, law, JUDGE, GRANT_FLOOR, .about = VICTIM);
    free(law);
}

static void who_is_muted_by_the_phase_is_not_unlocked_by_the_clerk(void **state)
{
    struct law *law = law_begin_at("indictment");

    (void)state;
    assert_ruled(MUTED_BY_PHASE, "phase.indictment.muted", "BLTTHS 306", law, CLERK, UNMUTE,
                 .about = VICTIM);
    assert_false(law->reason.can_override);
    assert_law_events("rule_overridden:phase.indictment.muted mute_unlocked:10", law, JUDGE, UNMUTE,
                      .about = VICTIM, .overrides = "phase.indictment.muted",
                      .words = "Trả lời câu hỏi");
    free(law);
}

static void a_deliberation_is_suspended_and_gone_on_with(void **state)
{
    struct law *law = law_begin_at("deliberation");

    (void)state;
    assert_law(WRONG_STATUS, law, JUDGE, RECESS);
    assert_law_events("suspended", law, JUDGE, SUSPEND, .words = "Một Hội thẩm ốm");
    assert_law(NONE, law, HEARING_SERVER, LINK_LOST, .about = CELL);
    assert_law_events("resumed deliberation_begun", law, JUDGE, RESUME);
    assert_int_equal(law->hearing.status, HEARING_STATUS(DELIBERATING));
    assert_false(law->hearing.recording);
    assert_law_events("adjourned", law, JUDGE, ADJOURN, .words = "Không còn Hội thẩm dự khuyết");
    free(law);
}

/* BLTTHS art. 304: what is said while they are cut off is told to them afterwards, by the court. */
static void who_is_cut_off_is_told_nothing_of_what_happens(void **state)
{
    Assize__Hearing__V1__Event event = ASSIZE__HEARING__V1__EVENT__INIT;
    Assize__Hearing__V1__FloorGranted granted = ASSIZE__HEARING__V1__FLOOR_GRANTED__INIT;
    struct law *law = law_begin_at("questioning");

    (void)state;
    granted.has_participant = true;
    granted.participant = WITNESS;
    event.body_case = HEARING_EVENT(FLOOR_GRANTED);
    event.floor_granted = &granted;
    assert_law(NONE, law, JUDGE, CALL_WITNESS, .about = WITNESS);
    assert_true(hearing_may_know(&law->hearing, DEFENDANT, &event));
    assert_law(NONE, law, JUDGE, CUT_OFF, .about = DEFENDANT);
    assert_false(hearing_may_know(&law->hearing, DEFENDANT, &event));
    assert_false(hearing_follows(&law->hearing, GUARD));
    assert_true(hearing_may_know(&law->hearing, COUNSEL, &event));
    granted.participant = DEFENDANT;
    assert_true(hearing_may_know(&law->hearing, DEFENDANT, &event));
    assert_law(NONE, law, JUDGE, BRING_BACK, .about = DEFENDANT);
    assert_true(hearing_follows(&law->hearing, DEFENDANT));
    free(law);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_room_that_is_needed_pauses_the_session_when_it_is_sent_back),
        cmocka_unit_test(nobody_is_sent_back_in_their_last_words_without_a_reason),
        cmocka_unit_test(who_is_kept_apart_comes_in_by_being_called_or_where_the_phase_lets_them),
        cmocka_unit_test(who_was_kept_apart_by_hand_comes_back_apart),
        cmocka_unit_test(a_room_with_somebody_who_is_needed_is_not_kept_apart),
        cmocka_unit_test(nobody_speaks_unidentified_after_the_opening),
        cmocka_unit_test(who_replaces_somebody_is_asked_anew),
        cmocka_unit_test(who_is_muted_by_the_phase_is_not_unlocked_by_the_clerk),
        cmocka_unit_test(a_deliberation_is_suspended_and_gone_on_with),
        cmocka_unit_test(who_is_cut_off_is_told_nothing_of_what_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
