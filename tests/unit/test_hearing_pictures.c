/* Who is screened from whom, the second picture, notes and identities. */
#include "law_fixture.h"

enum {
    BENCH = 1,
    COUNSEL_DEVICE = 6,
    EXPERT_DEVICE = 7,
    VICTIM_DEVICE = 10,
    BOTH = HEARING_FLOW_AUDIO | HEARING_FLOW_VIDEO,
};

static enum refusal send(struct law *law, uint32_t who, Assize__Hearing__V1__Command *command)
{
    const struct hearing_participant *asker = hearing_participant(&law->hearing, who);

    command->has_seen_seq = true;
    command->seen_seq = law->hearing.seq;
    return law_send(law, command, (struct hearing_actor){who, asker ? asker->endpoint : 0});
}

static enum refusal screen(struct law *law, uint32_t whom, uint32_t from, bool sound)
{
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    Assize__Hearing__V1__Screen body = ASSIZE__HEARING__V1__SCREEN__INIT;

    body.has_participant = body.has_from = body.has_sound = true;
    body.participant = whom;
    body.from = from;
    body.sound = sound;
    command.body_case = HEARING_COMMAND(SCREEN);
    command.screen = &body;
    return send(law, JUDGE, &command);
}

static enum refusal unscreen(struct law *law, uint32_t whom, uint32_t from)
{
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    Assize__Hearing__V1__Unscreen body = ASSIZE__HEARING__V1__UNSCREEN__INIT;

    body.has_participant = body.has_from = true;
    body.participant = whom;
    body.from = from;
    command.body_case = HEARING_COMMAND(UNSCREEN);
    command.unscreen = &body;
    return send(law, JUDGE, &command);
}

static enum refusal share(struct law *law, uint32_t who, Assize__Hearing__V1__ShareKind kind)
{
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    Assize__Hearing__V1__StartShare body = ASSIZE__HEARING__V1__START_SHARE__INIT;

    body.has_kind = true;
    body.kind = kind;
    command.body_case = HEARING_COMMAND(START_SHARE);
    command.start_share = &body;
    return send(law, who, &command);
}

static enum refusal note(struct law *law, Assize__Hearing__V1__TakeNote *body, const char *words)
{
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    static char text[HEARING_WORDS_MAX * 2];

    snprintf(text, sizeof(text), "%s", words);
    command.words = text;
    command.body_case = HEARING_COMMAND(TAKE_NOTE);
    command.take_note = body;
    return send(law, CLERK, &command);
}

static enum refusal attest(struct law *law, uint32_t whom, uint32_t by,
                           Assize__Hearing__V1__Attester as)
{
    static char record[] = "00000000-0000-0000-0000-000000000001";
    static uint8_t hash[32];
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    Assize__Hearing__V1__AttestIdentity body = ASSIZE__HEARING__V1__ATTEST_IDENTITY__INIT;

    body.participant = whom;
    body.by = by;
    body.as = as;
    body.record = record;
    body.hash = (ProtobufCBinaryData){sizeof(hash), hash};
    command.body_case = HEARING_COMMAND(ATTEST_IDENTITY);
    command.attest_identity = &body;
    return send(law, HEARING_SERVER, &command);
}

/* ---- screens ---- */

static void screens_two_people_from_each_other(void **state)
{
    struct law *law = law_begin_at("questioning");
    const struct hearing *hearing = &law->hearing;

    (void)state;
    assert_law(NONE, law, GUARD, UNMUTE);
    assert_int_equal(screen(law, VICTIM, DEFENDANT, false), 0);
    assert_non_null(hearing_screened(hearing, DEFENDANT, VICTIM));
    assert_int_equal(hearing_visibility(hearing, VICTIM_DEVICE, CELL), HEARING_FLOW_NONE);
    assert_int_equal(hearing_visibility(hearing, CELL, VICTIM_DEVICE), HEARING_FLOW_AUDIO);
    assert_int_equal(hearing_visibility(hearing, COUNSEL_DEVICE, CELL), BOTH);
    assert_int_equal(hearing_visibility(hearing, CELL, COUNSEL_DEVICE), BOTH);
    assert_int_equal(hearing_record(hearing, VICTIM_DEVICE) & HEARING_FLOW_VIDEO,
                     HEARING_FLOW_VIDEO);
    assert_int_equal(hearing_programme(hearing, VICTIM_DEVICE) & HEARING_FLOW_VIDEO, 0);
    assert_int_equal(hearing_programme(hearing, CELL), BOTH);
    assert_int_equal(hearing_feed(hearing, CELL), 0);
    assert_int_equal(hearing_feed(hearing, VICTIM_DEVICE), 0);
    assert_true(hearing_feed(hearing, COUNSEL_DEVICE) & HEARING_FLOW_VIDEO);
    free(law);
}

static void makes_a_screen_only_stronger(void **state)
{
    struct law *law = law_begin_at("questioning");
    const struct hearing *hearing = &law->hearing;

    (void)state;
    assert_int_equal(screen(law, EXPERT, DEFENDANT, false), 0);
    assert_int_equal(screen(law, EXPERT, DEFENDANT, false), REFUSAL_ALREADY_SO);
    assert_int_equal(screen(law, EXPERT, DEFENDANT, true), 0);
    assert_int_equal(hearing->screen_count, 1);
    assert_int_equal(hearing_visibility(hearing, EXPERT_DEVICE, CELL), 0);
    assert_int_equal(hearing_programme(hearing, EXPERT_DEVICE), 0);
    assert_int_equal(screen(law, EXPERT, DEFENDANT, false), REFUSAL_ALREADY_SO);
    assert_int_equal(unscreen(law, DEFENDANT, EXPERT), REFUSAL_ALREADY_SO);
    assert_int_equal(unscreen(law, EXPERT, DEFENDANT), 0);
    assert_null(hearing_screened(hearing, EXPERT, DEFENDANT));
    assert_int_equal(hearing_visibility(hearing, EXPERT_DEVICE, CELL), BOTH);
    free(law);
}

static void screens_neither_the_court_nor_people_of_one_room(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_int_equal(screen(law, VICTIM, JUDGE, false), REFUSAL_ROLE_NOT_ALLOWED);
    assert_int_equal(screen(law, CLERK, DEFENDANT, false), REFUSAL_ROLE_NOT_ALLOWED);
    assert_int_equal(screen(law, DEFENDANT, GUARD, false), REFUSAL_SAME_ROOM);
    assert_int_equal(screen(law, VICTIM, VICTIM, false), REFUSAL_SAME_ROOM);
    assert_int_equal(screen(law, VICTIM, PEOPLE + 1, false), REFUSAL_PARTICIPANT_UNKNOWN);
    free(law);
}

static void tells_only_the_court_of_screens(void **state)
{
    struct law *law = law_begin_at("questioning");
    Assize__Hearing__V1__Event event = ASSIZE__HEARING__V1__EVENT__INIT;
    Assize__Hearing__V1__Screen body = ASSIZE__HEARING__V1__SCREEN__INIT;
    Assize__Hearing__V1__Opened opened = ASSIZE__HEARING__V1__OPENED__INIT;
    Assize__Hearing__V1__Screen *pairs[] = {&body};

    (void)state;
    body.participant = VICTIM;
    body.from = DEFENDANT;
    opened.n_screens = 1;
    opened.screens = pairs;
    for (uint32_t who = JUDGE; who <= PEOPLE; who++) {
        event.body_case = HEARING_EVENT(SCREENED);
        event.screened = &body;
        assert_int_equal(hearing_may_know(&law->hearing, who, &event), who <= CLERK);
        event.body_case = HEARING_EVENT(OPENED);
        event.opened = &opened;
        assert_int_equal(hearing_may_know(&law->hearing, who, &event), who <= CLERK);
    }
    free(law);
}

/* ---- the second picture ---- */

static void shows_one_second_picture_at_a_time(void **state)
{
    struct law *law = law_begin_at("questioning");
    const struct hearing *hearing = &law->hearing;

    (void)state;
    assert_int_equal(share(law, COUNSEL, HEARING_SHARE(UNSPECIFIED)), REFUSAL_MALFORMED);
    assert_int_equal(share(law, DEFENDANT, HEARING_SHARE(SCREEN)), REFUSAL_SHARE_NOT_NOW);
    assert_string_equal(law->reason.rule, "phase.questioning.share");
    assert_false(hearing_may_share(hearing, DEFENDANT));
    assert_true(hearing_may_share(hearing, COUNSEL));
    assert_int_equal(share(law, COUNSEL, HEARING_SHARE(SCREEN)), 0);
    assert_int_equal(share(law, PROCURATOR, HEARING_SHARE(DOCUMENT_CAMERA)),
                     REFUSAL_ANOTHER_SHARES);
    assert_true(hearing_visibility(hearing, COUNSEL_DEVICE, CELL) & HEARING_FLOW_SHARE);
    assert_true(hearing_record(hearing, COUNSEL_DEVICE) & HEARING_FLOW_SHARE);
    assert_true(hearing_programme(hearing, COUNSEL_DEVICE) & HEARING_FLOW_SHARE);
    assert_false(hearing_visibility(hearing, BENCH, CELL) & HEARING_FLOW_SHARE);
    assert_law(ROLE_NOT_ALLOWED, law, PROCURATOR, STOP_SHARE);
    assert_law_events("share_stopped:6", law, CLERK, STOP_SHARE);
    free(law);
}

static void ends_the_second_picture_with_its_reason(void **state)
{
    static const struct law_ask ENDS[] = {
        {.who = COUNSEL, .body = HEARING_COMMAND(STOP_SHARE)},
        {.who = COUNSEL, .body = HEARING_COMMAND(LEAVE)},
        {.who = HEARING_SERVER, .body = HEARING_COMMAND(LINK_LOST), .about = COUNSEL_DEVICE},
        {.who = JUDGE, .body = HEARING_COMMAND(SEND_BACK), .about = COUNSEL},
        {.who = JUDGE, .body = HEARING_COMMAND(RECESS)},
        {.who = JUDGE, .body = HEARING_COMMAND(SUSPEND), .words = "Tạm ngừng."},
        {.who = JUDGE, .body = HEARING_COMMAND(ADJOURN), .words = "Hoãn."},
        {.who = HEARING_SERVER, .body = HEARING_COMMAND(LINK_LOST), .about = CELL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ENDS) / sizeof(*ENDS); i++) {
        struct law *law = law_begin_at("questioning");
        assert_int_equal(share(law, COUNSEL, HEARING_SHARE(SCREEN)), 0);
        assert_int_equal(law_try(law, ENDS[i]), 0);
        assert_non_null(strstr(law->events, "share_stopped:6"));
        assert_int_equal(law->hearing.sharer, 0);
        free(law);
    }
}

static void ends_the_second_picture_where_the_phase_does_not_know_it(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_int_equal(share(law, EXPERT, HEARING_SHARE(DOCUMENT_CAMERA)), 0);
    assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = 5);
    assert_int_equal(law->hearing.sharer, 0);
    assert_int_equal(share(law, COUNSEL, HEARING_SHARE(SCREEN)), 0);
    free(law);
}

/* ---- notes ---- */

static void takes_the_clerks_notes_and_keeps_their_words_apart(void **state)
{
    struct law *law = law_begin_at("questioning");
    Assize__Hearing__V1__TakeNote body = ASSIZE__HEARING__V1__TAKE_NOTE__INIT;

    (void)state;
    body.participant = VICTIM;
    body.about_seq = law->hearing.seq;
    assert_int_equal(note(law, &body, "Bị hại trình bày."), 0);
    assert_string_equal(law->events, "note_taken:11");
    assert_true(law->has_words_hash);
    body.corrects = law->hearing.seq;
    assert_int_equal(note(law, &body, "Bị hại trình bày lại."), 0);
    assert_int_equal(note(law, &body, " "), REFUSAL_WORDS_NEEDED);
    body.corrects = law->hearing.seq + 1;
    assert_int_equal(note(law, &body, "Sửa."), REFUSAL_MALFORMED);
    body.corrects = 0;
    body.about_seq = law->hearing.seq + 1;
    assert_int_equal(note(law, &body, "Về sau."), REFUSAL_MALFORMED);
    body.about_seq = 0;
    body.participant = PEOPLE + 1;
    assert_int_equal(note(law, &body, "Ai?"), REFUSAL_PARTICIPANT_UNKNOWN);
    free(law);
}

static void takes_notes_when_the_hearing_is_over(void **state)
{
    struct law *law = law_begin_at("questioning");
    Assize__Hearing__V1__TakeNote body = ASSIZE__HEARING__V1__TAKE_NOTE__INIT;

    (void)state;
    assert_law(NONE, law, JUDGE, ADJOURN, .words = "Hoãn phiên tòa.");
    assert_law(NONE, law, CLERK, LEAVE);
    assert_int_equal(note(law, &body, "Biên bản được đọc lại."), 0);
    assert_law(ROLE_NOT_ALLOWED, law, JUDGE, TAKE_NOTE, .words = "Của chủ tọa.");
    free(law);
}

/* ---- identities ---- */

static void needs_the_officers_word_for_a_detained_person_too(void **state)
{
    struct law *law = law_open();

    (void)state;
    law_gather(law, 0);
    assert_true(hearing_is_identified(&law->hearing, JUDGE));
    assert_true(hearing_is_identified(&law->hearing, CLERK));
    assert_false(hearing_is_identified(&law->hearing, PROCURATOR));
    assert_int_equal(attest(law, DEFENDANT, CLERK, HEARING_ATTESTER(CLERK)), 0);
    assert_false(hearing_is_identified(&law->hearing, DEFENDANT));
    assert_int_equal(attest(law, DEFENDANT, GUARD, HEARING_ATTESTER(SITE_OFFICER)), 0);
    assert_true(hearing_is_identified(&law->hearing, DEFENDANT));
    assert_int_equal(attest(law, DEFENDANT, GUARD, HEARING_ATTESTER(SITE_OFFICER)),
                     REFUSAL_ALREADY_SO);
    free(law);
}

static void takes_the_word_only_of_who_may_vouch(void **state)
{
    struct law *law = law_open();

    (void)state;
    law_gather(law, 0);
    assert_int_equal(attest(law, DEFENDANT, OFFICIAL, HEARING_ATTESTER(SITE_OFFICER)),
                     REFUSAL_ROLE_NOT_ALLOWED);
    assert_int_equal(attest(law, DEFENDANT, GUARD, HEARING_ATTESTER(CLERK)),
                     REFUSAL_ROLE_NOT_ALLOWED);
    assert_int_equal(attest(law, VICTIM, OFFICIAL, HEARING_ATTESTER(SITE_OFFICER)),
                     REFUSAL_ROLE_NOT_ALLOWED);
    assert_int_equal(attest(law, DEFENDANT, JUDGE, HEARING_ATTESTER(CLERK)),
                     REFUSAL_ROLE_NOT_ALLOWED);
    assert_int_equal(attest(law, JUDGE, CLERK, HEARING_ATTESTER(CLERK)), REFUSAL_ROLE_NOT_ALLOWED);
    assert_int_equal(attest(law, VICTIM, CLERK, HEARING_ATTESTER(UNSPECIFIED)), REFUSAL_MALFORMED);
    free(law);
}

static void knows_nothing_of_who_takes_a_seat_anew(void **state)
{
    struct law *law = law_begin_at("questioning");
    const struct hearing_participant *witness = &law->hearing.participants[WITNESS - 1];

    (void)state;
    assert_law(NONE, law, JUDGE, CALL_WITNESS, .about = WITNESS);
    assert_law(STILL_INSIDE, law, HEARING_SERVER, REPLACE_PERSON, .about = WITNESS);
    assert_law(NONE, law, JUDGE, ASK_UNDERTAKING, .about = WITNESS);
    assert_law(NONE, law, WITNESS, GIVE_UNDERTAKING);
    assert_law(NONE, law, JUDGE, SEND_BACK, .about = WITNESS);
    assert_law_events("left:12 person_replaced:12", law, HEARING_SERVER, REPLACE_PERSON,
                      .about = WITNESS);
    assert_int_equal(law->hearing.witness, 0);
    assert_false(witness->sworn);
    assert_int_equal(witness->attested, 0);
    assert_false(hearing_is_identified(&law->hearing, WITNESS));
    assert_law_events("checked_in:12 sequestered:12", law, WITNESS, CHECK_IN, .about = RULES_READ);
    free(law);
}

static void tells_of_identities_the_court_the_sites_officer_and_whom_it_is_about(void **state)
{
    struct law *law = law_begin_at("opening");
    Assize__Hearing__V1__Event event = ASSIZE__HEARING__V1__EVENT__INIT;
    Assize__Hearing__V1__AttestIdentity body = ASSIZE__HEARING__V1__ATTEST_IDENTITY__INIT;

    (void)state;
    body.participant = VICTIM;
    event.body_case = HEARING_EVENT(IDENTITY_ATTESTED);
    event.identity_attested = &body;
    for (uint32_t who = JUDGE; who <= PEOPLE; who++)
        assert_int_equal(hearing_may_know(&law->hearing, who, &event),
                         who <= CLERK || who == OFFICIAL || who == VICTIM);
    free(law);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screens_two_people_from_each_other),
        cmocka_unit_test(makes_a_screen_only_stronger),
        cmocka_unit_test(screens_neither_the_court_nor_people_of_one_room),
        cmocka_unit_test(tells_only_the_court_of_screens),
        cmocka_unit_test(shows_one_second_picture_at_a_time),
        cmocka_unit_test(ends_the_second_picture_with_its_reason),
        cmocka_unit_test(ends_the_second_picture_where_the_phase_does_not_know_it),
        cmocka_unit_test(takes_the_clerks_notes_and_keeps_their_words_apart),
        cmocka_unit_test(takes_notes_when_the_hearing_is_over),
        cmocka_unit_test(needs_the_officers_word_for_a_detained_person_too),
        cmocka_unit_test(takes_the_word_only_of_who_may_vouch),
        cmocka_unit_test(knows_nothing_of_who_takes_a_seat_anew),
        cmocka_unit_test(tells_of_identities_the_court_the_sites_officer_and_whom_it_is_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
