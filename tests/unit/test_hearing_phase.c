/* The phases of the trial: from which to which, what must hold to leave one, what each one does. */
#include "law_fixture.h"

enum {
    PREPARATION = 1,
    OPENING,
    INDICTMENT,
    QUESTIONING,
    DEBATE,
    LAST_WORDS,
    DELIBERATION,
    JUDGMENT
};

static void starting_enters_the_first_phase_of_the_session(void **state)
{
    struct law *law = law_open();

    (void)state;
    law_gather(law, 0);
    assert_int_equal(law->hearing.phase, PREPARATION);
    assert_law_events("started phase_entered:2 record_on", law, JUDGE, START);
    assert_int_equal(law->hearing.phase, OPENING);
    assert_int_equal(law->hearing.phase_since_ms, law->now_ms);
    free(law);
}

static void the_indictment_mutes_the_audience_and_keeps_the_witness_apart(void **state)
{
    struct law *law = law_begin_at("opening");

    (void)state;
    /* Defendant and officer share a microphone; witness and victim have their own. */
    assert_law_events("phase_entered:3 muted:8 muted:10 muted:11 sequestered:12", law, JUDGE,
                      ENTER_PHASE, .about = INDICTMENT);
    assert_true(law->hearing.endpoints[10 - 1].mute_locked);
    assert_true(law->hearing.endpoints[CELL - 1].mute_locked);
    assert_int_equal(law->hearing.participants[WITNESS - 1].standing,
                     HEARING_STANDING(SEQUESTERED));
    free(law);
}

static void the_next_phase_unlocks_what_the_last_one_locked(void **state)
{
    struct law *law = law_begin_at("indictment");

    (void)state;
    assert_law_events("phase_entered:4 mute_unlocked:8 mute_unlocked:10 mute_unlocked:11", law,
                      JUDGE, ENTER_PHASE, .about = QUESTIONING);
    assert_true(law->hearing.endpoints[10 - 1].muted);
    assert_false(law->hearing.endpoints[10 - 1].mute_locked);
    free(law);
}

static void floor_and_hands_end_with_the_phase(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_law(NONE, law, COUNSEL, RAISE_HAND);
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = PROCURATOR);
    assert_law_events("floor_taken_back:5 muted:5 hand_lowered:6 phase_entered:5", law, JUDGE,
                      ENTER_PHASE, .about = DEBATE);
    free(law);
}

static void phases_follow_in_order_or_go_back_where_the_law_lets(void **state)
{
    static const struct {
        const char *from;
        uint32_t to;
        enum refusal refusal;
    } STEPS[] = {
        {"opening", INDICTMENT, REFUSAL_NONE},
        {"opening", QUESTIONING, REFUSAL_PHASE_NOT_NEXT},
        {"opening", OPENING, REFUSAL_ALREADY_SO},
        {"opening", PREPARATION, REFUSAL_MALFORMED},
        {"opening", 9, REFUSAL_MALFORMED},
        {"indictment", OPENING, REFUSAL_PHASE_NOT_NEXT},
        {"questioning", INDICTMENT, REFUSAL_PHASE_NOT_NEXT},
        {"debate", QUESTIONING, REFUSAL_NONE},
        {"debate", INDICTMENT, REFUSAL_PHASE_NOT_NEXT},
        {"last_words", QUESTIONING, REFUSAL_NONE},
        {"last_words", DEBATE, REFUSAL_PHASE_NOT_NEXT},
        {"deliberation", QUESTIONING, REFUSAL_NONE},
        {"deliberation", DEBATE, REFUSAL_NONE},
        {"deliberation", LAST_WORDS, REFUSAL_PHASE_NOT_NEXT},
        {"deliberation", JUDGMENT, REFUSAL_NONE},
        {"judgment", DELIBERATION, REFUSAL_PHASE_NOT_NEXT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(STEPS) / sizeof(*STEPS); i++) {
        struct law *law = law_begin_at(STEPS[i].from);
        enum refusal refusal = law_asks(law, JUDGE, ENTER_PHASE, .about = STEPS[i].to);
        if (refusal != STEPS[i].refusal)
            fail_msg("from %s to %u: refusal %d", STEPS[i].from, STEPS[i].to, refusal);
        free(law);
    }
}

static void a_phase_out_of_order_needs_the_presiding_judges_reason(void **state)
{
    struct law *law = law_begin_at("opening");

    (void)state;
    assert_ruled(PHASE_NOT_NEXT, "phase.opening.order", "BLTTHS 301-305", law, JUDGE, ENTER_PHASE,
                 .about = QUESTIONING);
    assert_true(law->reason.can_override);
    assert_law_events("rule_overridden:phase.opening.order phase_entered:4 sequestered:12", law,
                      JUDGE, ENTER_PHASE, .about = QUESTIONING, .overrides = "phase.opening.order",
                      .words = "Cáo trạng đã công bố ở phiên trước");
    assert_true(law->has_words_hash);
    free(law);
}

static void nobody_but_the_presiding_judge_enters_a_phase(void **state)
{
    struct law *law = law_begin_at("opening");

    (void)state;
    assert_law(ROLE_NOT_ALLOWED, law, CLERK, ENTER_PHASE, .about = INDICTMENT);
    assert_law(ROLE_NOT_ALLOWED, law, PANEL, ENTER_PHASE, .about = INDICTMENT);
    assert_law(ROLE_NOT_ALLOWED, law, HEARING_SERVER, ENTER_PHASE, .about = INDICTMENT);
    free(law);
}

static void the_opening_is_left_when_everyone_inside_is_identified(void **state)
{
    struct law *law = law_begin_at("opening");

    (void)state;
    law->hearing.participants[VICTIM - 1].attested = 0;
    assert_ruled(IDENTITY_NEEDED, "phase.opening.identity", "BLTTHS 301-305", law, JUDGE,
                 ENTER_PHASE, .about = INDICTMENT);
    assert_law(NONE, law, JUDGE, SEND_BACK, .about = VICTIM);
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = INDICTMENT);
    free(law);
}

static void a_phase_is_not_left_while_somebody_is_cut_off_or_not_told(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    law->hearing.participants[DEFENDANT - 1].cut_off = true;
    assert_law(CUT_OFF_REMAINS, law, JUDGE, ENTER_PHASE, .about = DEBATE);
    assert_law(CUT_OFF_REMAINS, law, JUDGE, ENTER_PHASE, .about = DEBATE,
               .overrides = "phase.questioning.leave", .words = "Vội");
    law->hearing.participants[DEFENDANT - 1].cut_off = false;
    law->hearing.participants[DEFENDANT - 1].summary_due = true;
    assert_ruled(SUMMARY_NEEDED, "phase.questioning.leave", "BLTTHS 307-318", law, JUDGE,
                 ENTER_PHASE, .about = DEBATE);
    assert_law_events("rule_overridden:phase.questioning.leave phase_entered:5", law, JUDGE,
                      ENTER_PHASE, .about = DEBATE, .overrides = "phase.questioning.leave",
                      .words = "Sẽ thông báo sau");
    free(law);
}

static void a_command_from_a_phase_ago_is_stale(void **state)
{
    struct law *law = law_begin_at("questioning");
    uint64_t seen = law->hearing.seq;

    (void)state;
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = DEBATE);
    assert_law(STALE_SEQ, law, JUDGE, ENTER_PHASE, .about = LAST_WORDS, .seen_seq = seen);
    assert_law(STALE_SEQ, law, JUDGE, GRANT_FLOOR, .about = PROCURATOR, .seen_seq = seen);
    assert_law(STALE_SEQ, law, JUDGE, CLOSE, .seen_seq = seen);
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = PROCURATOR);
    free(law);
}

static void while_the_court_deliberates_nothing_flows_and_nothing_is_recorded(void **state)
{
    struct law *law = law_begin_at("last_words");

    (void)state;
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = DEFENDANT);
    assert_ruled(SPEECH_IS_FREE, "phase.last_words.free_speech", "BLTTHS 324", law, JUDGE,
                 ENTER_PHASE, .about = DELIBERATION);
    assert_ruled(SPEECH_IS_FREE, "phase.last_words.free_speech", "BLTTHS 324", law, JUDGE, RECESS);
    assert_law(NONE, law, DEFENDANT, TAKE_BACK_FLOOR);
    assert_law_events("record_off phase_entered:7 deliberation_begun mute_unlocked:5 "
                      "mute_unlocked:10 mute_unlocked:11",
                      law, JUDGE, ENTER_PHASE, .about = DELIBERATION);
    assert_int_equal(law->hearing.status, HEARING_STATUS(DELIBERATING));
    for (uint32_t source = 1; source <= PLACES; source++) {
        for (uint32_t viewer = 1; viewer <= PLACES; viewer++)
            assert_int_equal(hearing_visibility(&law->hearing, source, viewer), HEARING_FLOW_NONE);
        assert_int_equal(hearing_record(&law->hearing, source), HEARING_FLOW_NONE);
        assert_int_equal(hearing_programme(&law->hearing, source), HEARING_FLOW_NONE);
    }
    assert_law(WRONG_STATUS, law, JUDGE, RECORD_ON);
    assert_law(WRONG_STATUS, law, JUDGE, RECESS);
    assert_law(WRONG_STATUS, law, JUDGE, CLOSE);
    assert_law(WRONG_STATUS, law, JUDGE, RESUME);
    free(law);
}

static void judgment_ends_the_deliberation_in_public(void **state)
{
    struct law *law = law_begin_at("debate");

    (void)state;
    assert_law(NONE, law, JUDGE, GO_PRIVATE);
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = LAST_WORDS);
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = DELIBERATION);
    assert_true(law->hearing.is_private);
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = JUDGMENT);
    assert_false(law->hearing.is_private);
    assert_true(law->hearing.recording);
    assert_int_equal(law->hearing.status, HEARING_STATUS(IN_SESSION));
    assert_ruled(DOORS_STAY_OPEN, "phase.judgment.public", "BLTTHS 327", law, JUDGE, GO_PRIVATE);
    free(law);
}

static void who_must_be_there_for_judgment_is_there(void **state)
{
    struct law *law = law_begin_at("deliberation");

    (void)state;
    assert_law(NONE, law, PROCURATOR, LEAVE);
    assert_ruled(QUORUM_NOT_MET, "quorum.procurator", "BLTTHS 289", law, JUDGE, ENTER_PHASE,
                 .about = JUDGMENT);
    law_bring_in(law, PROCURATOR);
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = JUDGMENT);
    free(law);
}

static void the_hearing_is_closed_from_judgment(void **state)
{
    struct law *law = law_begin_at("debate");

    (void)state;
    assert_ruled(PHASE_MAY_NOT_END, "phase.debate.end", "BLTTHS 320-323", law, JUDGE, CLOSE);
    free(law);
    law = law_begin_at("judgment");
    assert_law_events("record_off closed", law, JUDGE, CLOSE);
    free(law);
}

/* ---- the floor ---- */

static void the_floor_is_for_whom_the_phase_lets_speak(void **state)
{
    struct law *law = law_begin_at("indictment");

    (void)state;
    assert_ruled(FLOOR_NOT_NOW, "phase.indictment.floor", "BLTTHS 306", law, JUDGE, GRANT_FLOOR,
                 .about = COUNSEL);
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = PROCURATOR);
    assert_law_events("rule_overridden:phase.indictment.floor floor_taken_back:5 muted:5 "
                      "floor_granted:6",
                      law, JUDGE, GRANT_FLOOR, .about = COUNSEL,
                      .overrides = "phase.indictment.floor",
                      .words = "Làm rõ một điểm của cáo trạng");
    free(law);
}

static void who_is_muted_in_the_phase_is_locked_again_after_speaking(void **state)
{
    struct law *law = law_begin_at("indictment");

    (void)state;
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = VICTIM,
               .overrides = "phase.indictment.floor", .words = "Hỏi về địa chỉ");
    assert_law(NONE, law, VICTIM, UNMUTE);
    assert_law_events("floor_taken_back:11 muted:10", law, JUDGE, TAKE_BACK_FLOOR);
    assert_law(MUTE_LOCKED, law, VICTIM, UNMUTE);
    free(law);
}

static void the_phase_that_begins_says_who_is_locked(void **state)
{
    struct law *law = law_begin_at("indictment");

    (void)state;
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = VICTIM,
               .overrides = "phase.indictment.floor", .words = "Hỏi về địa chỉ");
    assert_law(NONE, law, VICTIM, UNMUTE);
    assert_law_events(
        "floor_taken_back:11 muted:10 phase_entered:4 mute_unlocked:8 mute_unlocked:11", law, JUDGE,
        ENTER_PHASE, .about = QUESTIONING);
    assert_law(NONE, law, VICTIM, UNMUTE);
    free(law);
}

static void hands_are_raised_where_the_phase_takes_them(void **state)
{
    struct law *law = law_begin_at("last_words");

    (void)state;
    assert_false(hearing_may_ask_floor(&law->hearing, COUNSEL));
    assert_ruled(HANDS_NOT_NOW, "phase.last_words.hands", "BLTTHS 324", law, COUNSEL, RAISE_HAND);
    assert_false(law->reason.can_override);
    free(law);
    law = law_begin_at("debate");
    assert_true(hearing_may_ask_floor(&law->hearing, COUNSEL));
    assert_false(hearing_may_ask_floor(&law->hearing, JUDGE));
    assert_false(hearing_may_ask_floor(&law->hearing, WITNESS));
    assert_law(NONE, law, COUNSEL, RAISE_HAND);
    free(law);
}

static void last_words_end_by_whoever_speaks_them(void **state)
{
    struct law *law = law_begin_at("last_words");

    (void)state;
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = DEFENDANT);
    assert_law(NONE, law, GUARD, UNMUTE);
    assert_ruled(SPEECH_IS_FREE, "phase.last_words.free_speech", "BLTTHS 324", law, JUDGE,
                 TAKE_BACK_FLOOR);
    assert_ruled(SPEECH_IS_FREE, "phase.last_words.free_speech", "BLTTHS 324", law, CLERK, MUTE,
                 .about = DEFENDANT);
    assert_law(ROLE_NOT_ALLOWED, law, COUNSEL, TAKE_BACK_FLOOR);
    assert_law_events("floor_taken_back:8 muted:8", law, DEFENDANT, TAKE_BACK_FLOOR);
    free(law);
}

static void in_a_room_its_device_gives_up_the_floor_for_whoever_has_it(void **state)
{
    struct law *law = law_begin_at("last_words");

    (void)state;
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = DEFENDANT);
    assert_law_events("floor_taken_back:8", law, GUARD, TAKE_BACK_FLOOR);
    assert_law(ROLE_NOT_ALLOWED, law, GUARD, TAKE_BACK_FLOOR);
    free(law);
}

static void last_words_are_cut_only_with_a_reason(void **state)
{
    struct law *law = law_begin_at("last_words");

    (void)state;
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = DEFENDANT);
    assert_law_events("rule_overridden:phase.last_words.free_speech floor_taken_back:8", law, JUDGE,
                      TAKE_BACK_FLOOR, .overrides = "phase.last_words.free_speech",
                      .words = "Bị cáo nói ngoài nội dung vụ án");
    free(law);
}

static void everyone_gives_up_their_own_floor(void **state)
{
    struct law *law = law_begin_at("debate");

    (void)state;
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = COUNSEL);
    assert_law(NONE, law, COUNSEL, TAKE_BACK_FLOOR);
    assert_law(ALREADY_SO, law, JUDGE, TAKE_BACK_FLOOR);
    free(law);
}

static void proposes_speakers_in_the_order_of_the_phase(void **state)
{
    struct law *law = law_begin_at("debate");

    (void)state;
    assert_int_equal(hearing_proposed_speaker(&law->hearing), PROCURATOR);
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = PROCURATOR);
    assert_int_equal(hearing_proposed_speaker(&law->hearing), DEFENDANT);
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = DEFENDANT);
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = COUNSEL);
    assert_int_equal(hearing_proposed_speaker(&law->hearing), VICTIM);
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = VICTIM);
    assert_int_equal(hearing_proposed_speaker(&law->hearing), 0);
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = LAST_WORDS);
    assert_int_equal(hearing_proposed_speaker(&law->hearing), DEFENDANT);
    free(law);
}

/* ---- the next step ---- */

static void tells_what_the_next_step_changes(void **state)
{
    struct law *law = law_begin_at("opening");
    struct hearing_step step;

    (void)state;
    hearing_next_step(&law->hearing, &step);
    assert_int_equal(step.command, HEARING_COMMAND(ENTER_PHASE));
    assert_int_equal(step.phase, INDICTMENT);
    assert_int_equal(step.blocked, REFUSAL_NONE);
    assert_true(step.sequestered == UINT64_C(1) << (WITNESS - 1));
    assert_true(step.muted & HEARING_BIT(HEARING_ROLE(VICTIM)));
    assert_false(step.floor_ends || step.record_off || step.record_on || step.doors_open);
    free(law);
    law = law_begin_at("last_words");
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = DEFENDANT);
    hearing_next_step(&law->hearing, &step);
    assert_int_equal(step.phase, DELIBERATION);
    assert_true(step.floor_ends && step.record_off);
    free(law);
}

static void tells_what_stands_in_the_way_of_the_next_step(void **state)
{
    struct law *law = law_open();
    struct hearing_step step;

    (void)state;
    hearing_next_step(&law->hearing, &step);
    assert_int_equal(step.command, HEARING_COMMAND(START));
    assert_int_equal(step.blocked, REFUSAL_NOT_IN_HEARING);
    law_gather(law, 1u << PROCURATOR);
    hearing_next_step(&law->hearing, &step);
    assert_int_equal(step.blocked, REFUSAL_QUORUM_NOT_MET);
    assert_true(step.record_on);
    law_bring_in(law, PROCURATOR);
    hearing_next_step(&law->hearing, &step);
    assert_int_equal(step.blocked, REFUSAL_NONE);
    assert_int_equal(step.phase, OPENING);
    free(law);
}

static void the_last_steps_are_closing_and_none(void **state)
{
    struct law *law = law_begin_at("judgment");
    struct hearing_step step;

    (void)state;
    hearing_next_step(&law->hearing, &step);
    assert_int_equal(step.command, HEARING_COMMAND(CLOSE));
    assert_true(step.record_off);
    assert_law(NONE, law, JUDGE, RECESS);
    hearing_next_step(&law->hearing, &step);
    assert_int_equal(step.command, HEARING_COMMAND(RESUME));
    assert_law(NONE, law, JUDGE, CLOSE);
    hearing_next_step(&law->hearing, &step);
    assert_int_equal(step.command, 0);
    free(law);
}

/* An engine of before knew no phases: its Started begins the second, and all goes on from there. */
static void a_hearing_from_before_phases_goes_on_in_the_second(void **state)
{
    struct law *law = law_open();
    Assize__Hearing__V1__Event event = ASSIZE__HEARING__V1__EVENT__INIT;
    Assize__Hearing__V1__Started started = ASSIZE__HEARING__V1__STARTED__INIT;

    (void)state;
    law_gather(law, 0);
    event.has_seq = event.has_at_ms = event.has_actor = event.has_engine_version = true;
    event.seq = law->hearing.seq + 1;
    event.at_ms = law->hearing.at_ms;
    event.actor = JUDGE;
    event.engine_version = 1;
    event.body_case = HEARING_EVENT(STARTED);
    event.started = &started;
    assert_int_equal(hearing_apply(&law->hearing, &event), 0);
    assert_int_equal(law->hearing.phase, OPENING);
    law_vouch(law);
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = INDICTMENT);
    free(law);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starting_enters_the_first_phase_of_the_session),
        cmocka_unit_test(the_indictment_mutes_the_audience_and_keeps_the_witness_apart),
        cmocka_unit_test(the_next_phase_unlocks_what_the_last_one_locked),
        cmocka_unit_test(floor_and_hands_end_with_the_phase),
        cmocka_unit_test(phases_follow_in_order_or_go_back_where_the_law_lets),
        cmocka_unit_test(a_phase_out_of_order_needs_the_presiding_judges_reason),
        cmocka_unit_test(nobody_but_the_presiding_judge_enters_a_phase),
        cmocka_unit_test(the_opening_is_left_when_everyone_inside_is_identified),
        cmocka_unit_test(a_phase_is_not_left_while_somebody_is_cut_off_or_not_told),
        cmocka_unit_test(a_command_from_a_phase_ago_is_stale),
        cmocka_unit_test(while_the_court_deliberates_nothing_flows_and_nothing_is_recorded),
        cmocka_unit_test(judgment_ends_the_deliberation_in_public),
        cmocka_unit_test(who_must_be_there_for_judgment_is_there),
        cmocka_unit_test(the_hearing_is_closed_from_judgment),
        cmocka_unit_test(the_floor_is_for_whom_the_phase_lets_speak),
        cmocka_unit_test(who_is_muted_in_the_phase_is_locked_again_after_speaking),
        cmocka_unit_test(the_phase_that_begins_says_who_is_locked),
        cmocka_unit_test(hands_are_raised_where_the_phase_takes_them),
        cmocka_unit_test(last_words_end_by_whoever_speaks_them),
        cmocka_unit_test(in_a_room_its_device_gives_up_the_floor_for_whoever_has_it),
        cmocka_unit_test(last_words_are_cut_only_with_a_reason),
        cmocka_unit_test(everyone_gives_up_their_own_floor),
        cmocka_unit_test(proposes_speakers_in_the_order_of_the_phase),
        cmocka_unit_test(tells_what_the_next_step_changes),
        cmocka_unit_test(tells_what_stands_in_the_way_of_the_next_step),
        cmocka_unit_test(the_last_steps_are_closing_and_none),
        cmocka_unit_test(a_hearing_from_before_phases_goes_on_in_the_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
