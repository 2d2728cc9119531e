/* What follows from commands: rooms, companions, the floor, microphones, what an asker must have
 * seen, rosters. */
#include "hearing_fixture.h"

static enum refusal ask_from(struct hearing *hearing, uint32_t who, uint32_t endpoint,
                             Assize__Hearing__V1__Command__BodyCase body)
{
    struct fixture_command command;
    struct arena arena;

    fixture_make_command(hearing, body, 0, &command);
    arena_init(&arena, FIXTURE_ARENA);
    enum refusal refusal =
        fixture_run(hearing, &command.command, (struct hearing_actor){who, endpoint}, &arena, NULL);
    arena_done(&arena);
    return refusal;
}

static enum refusal ask_having_seen(const struct hearing *hearing, uint32_t who,
                                    Assize__Hearing__V1__Command__BodyCase body, uint32_t about,
                                    uint64_t seen_seq)
{
    struct hearing copy = *hearing;
    struct fixture_command command;
    struct arena arena;

    fixture_make_command(hearing, body, about, &command);
    command.command.seen_seq = seen_seq;
    arena_init(&arena, FIXTURE_ARENA);
    enum refusal refusal =
        fixture_run(&copy, &command.command, fixture_actor(hearing, who), &arena, NULL);
    arena_done(&arena);
    return refusal;
}

static void lets_the_court_straight_in_and_others_wait(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_open(&hearing);
    for (uint32_t who = PRESIDING; who <= CLERK; who++) {
        fixture_ask(&hearing, who, HEARING_COMMAND(CHECK_IN), 0);
        assert_true(hearing_is_inside(&hearing, who));
    }
    assert_events("checked_in:16", &hearing, WITNESS, CHECK_IN, 0);
    assert_false(hearing_is_inside(&hearing, WITNESS));
    assert_true(hearing_endpoint(&hearing, WITNESS)->connected);
}

static void moves_everyone_in_a_room_together(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_open(&hearing);
    fixture_bring_in(&hearing, PRESIDING);
    assert_events("checked_in:6 checked_in:20", &hearing, OFFICER, CHECK_IN, 0);
    assert_events("admitted:6 admitted:20", &hearing, PRESIDING, ADMIT, DEFENDANT);
    assert_events("sent_back:6 sent_back:20", &hearing, PRESIDING, SEND_BACK, OFFICER);
    assert_events("left:6 left:20", &hearing, DEFENDANT, LEAVE, 0);
    assert_false(hearing_endpoint(&hearing, ROOM)->connected);
}

static void opens_the_courts_own_room_to_all_who_sit_in_it(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_open(&hearing);
    hearing.participants[PROCURATOR - 1].endpoint = EMPTY_ROOM;
    hearing.participants[CLERK - 1].endpoint = EMPTY_ROOM;
    assert_events("checked_in:4 checked_in:5 admitted:4 admitted:5", &hearing, PROCURATOR, CHECK_IN,
                  0);
}

static void numbers_the_waiting_room_by_arrival(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_open(&hearing);
    fixture_bring_in(&hearing, PRESIDING);
    fixture_ask(&hearing, WITNESS, HEARING_COMMAND(CHECK_IN), 0);
    fixture_ask(&hearing, COUNSEL, HEARING_COMMAND(CHECK_IN), 0);
    assert_int_equal(hearing_waiting_position(&hearing, WITNESS), 1);
    assert_int_equal(hearing_waiting_position(&hearing, COUNSEL), 2);
    assert_int_equal(hearing_waiting_position(&hearing, PRESIDING), 0);
    assert_int_equal(hearing_waiting_position(&hearing, 99), 0);
    assert_events("admitted:16", &hearing, PRESIDING, ADMIT, WITNESS);
    assert_int_equal(hearing_waiting_position(&hearing, COUNSEL), 1);
    assert_events("sent_back:16", &hearing, PRESIDING, SEND_BACK, WITNESS);
    assert_int_equal(hearing_waiting_position(&hearing, WITNESS), 2);
}

static void admits_only_who_waits(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_asks(ALREADY_SO, &hearing, PRESIDING, ADMIT, COUNSEL);
    assert_asks(NOT_WAITING, &hearing, PRESIDING, ADMIT, WITNESS);
    assert_asks(PARTICIPANT_UNKNOWN, &hearing, PRESIDING, ADMIT, 0);
    assert_asks(PARTICIPANT_UNKNOWN, &hearing, PRESIDING, ADMIT, ROLES + 1);
}

static void sends_back_only_who_is_in_and_never_the_court(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_asks(ROLE_NOT_ALLOWED, &hearing, CLERK, SEND_BACK, PRESIDING);
    assert_asks(ROLE_NOT_ALLOWED, &hearing, PRESIDING, SEND_BACK, CLERK);
    assert_asks(NOT_IN_HEARING, &hearing, PRESIDING, SEND_BACK, WITNESS);
    assert_asks(PARTICIPANT_UNKNOWN, &hearing, PRESIDING, SEND_BACK, 99);
    fixture_ask(&hearing, WITNESS, HEARING_COMMAND(CHECK_IN), 0);
    assert_asks(ALREADY_SO, &hearing, PRESIDING, SEND_BACK, WITNESS);
}

static void takes_hand_floor_and_microphone_from_who_goes_out(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_events("hand_raised:20", &hearing, OFFICER, RAISE_HAND, 0);
    assert_events("floor_granted:6", &hearing, PRESIDING, GRANT_FLOOR, DEFENDANT);
    assert_events("floor_taken_back:6 muted:20 hand_lowered:20 sent_back:6 sent_back:20", &hearing,
                  PRESIDING, SEND_BACK, DEFENDANT);
    assert_events("floor_granted:11", &hearing, PRESIDING, GRANT_FLOOR, COUNSEL);
    assert_events("floor_taken_back:11 muted:11 left:11", &hearing, COUNSEL, LEAVE, 0);
}

static void comes_back_to_the_same_standing_after_a_lost_link(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_events("endpoint_link_lost:20", &hearing, HEARING_SERVER, LINK_LOST, ROOM);
    assert_true(hearing_is_inside(&hearing, DEFENDANT));
    assert_int_equal(hearing_endpoint(&hearing, ROOM)->link_lost_ms, hearing.at_ms);
    assert_asks(ALREADY_SO, &hearing, HEARING_SERVER, LINK_LOST, ROOM);
    assert_events("endpoint_link_restored:20", &hearing, OFFICER, CHECK_IN, 0);
    assert_int_equal(hearing_endpoint(&hearing, ROOM)->link_lost_ms, 0);
    assert_asks(ALREADY_SO, &hearing, HEARING_SERVER, LINK_RESTORED, ROOM);
    assert_asks(ENDPOINT_UNKNOWN, &hearing, HEARING_SERVER, LINK_LOST, 99);
    assert_asks(ENDPOINT_UNKNOWN, &hearing, HEARING_SERVER, LINK_RESTORED, 0);
    assert_asks(NOT_IN_HEARING, &hearing, HEARING_SERVER, LINK_RESTORED, WITNESS);
}

static void lets_people_back_after_they_left(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_ask(&hearing, PRESIDING, HEARING_COMMAND(LEAVE), 0);
    fixture_ask(&hearing, COUNSEL, HEARING_COMMAND(LEAVE), 0);
    assert_events("checked_in:1 admitted:1", &hearing, PRESIDING, CHECK_IN, 0);
    assert_events("checked_in:11", &hearing, COUNSEL, CHECK_IN, 0);
}

static void keeps_a_companion_apart_from_its_person(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_open(&hearing);
    assert_refusal(ALREADY_SO, ask_from(&hearing, DEFENDANT, COMPANION, HEARING_COMMAND(LEAVE)));
    assert_refusal(NONE, ask_from(&hearing, DEFENDANT, COMPANION, HEARING_COMMAND(CHECK_IN)));
    assert_refusal(ALREADY_SO, ask_from(&hearing, DEFENDANT, COMPANION, HEARING_COMMAND(CHECK_IN)));
    assert_true(hearing_endpoint(&hearing, COMPANION)->connected);
    assert_int_equal(hearing_participant(&hearing, DEFENDANT)->standing,
                     HEARING_STANDING(NOT_SIGNED_IN));
    fixture_ask(&hearing, OFFICER, HEARING_COMMAND(CHECK_IN), 0);
    assert_refusal(NONE, ask_from(&hearing, DEFENDANT, COMPANION, HEARING_COMMAND(LEAVE)));
    assert_false(hearing_endpoint(&hearing, COMPANION)->connected);
    assert_int_equal(hearing_endpoint(&hearing, COMPANION)->link_lost_ms, 0);
    assert_int_equal(hearing_participant(&hearing, DEFENDANT)->standing, HEARING_STANDING(WAITING));
    assert_refusal(NO_MICROPHONE, ask_from(&hearing, DEFENDANT, COMPANION, HEARING_COMMAND(MUTE)));
    assert_refusal(NO_MICROPHONE,
                   ask_from(&hearing, DEFENDANT, COMPANION, HEARING_COMMAND(UNMUTE)));
}

static void refuses_a_device_that_is_not_the_askers(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_refusal(ENDPOINT_UNKNOWN, ask_from(&hearing, COUNSEL, WITNESS, HEARING_COMMAND(LEAVE)));
    assert_refusal(ENDPOINT_UNKNOWN,
                   ask_from(&hearing, DEFENDANT, OFFICERS_COMPANION, HEARING_COMMAND(LEAVE)));
    assert_refusal(ENDPOINT_UNKNOWN, ask_from(&hearing, COUNSEL, 0, HEARING_COMMAND(LEAVE)));
    assert_refusal(PARTICIPANT_UNKNOWN, ask_from(&hearing, 99, 99, HEARING_COMMAND(LEAVE)));
}

static void refuses_what_was_asked_of_a_state_that_has_passed(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    uint64_t before = hearing.status_seq - 1;
    assert_refusal(STALE_SEQ,
                   ask_having_seen(&hearing, PRESIDING, HEARING_COMMAND(RECESS), 0, before));
    assert_refusal(STALE_SEQ,
                   ask_having_seen(&hearing, PRESIDING, HEARING_COMMAND(START), 0, before));
    assert_refusal(STALE_SEQ, ask_having_seen(&hearing, PRESIDING, HEARING_COMMAND(CLOSE), 0, 0));
    assert_refusal(
        NONE, ask_having_seen(&hearing, PRESIDING, HEARING_COMMAND(RECESS), 0, hearing.status_seq));
    fixture_ask(&hearing, PRESIDING, HEARING_COMMAND(GRANT_FLOOR), COUNSEL);
    before = hearing.floor_seq - 1;
    assert_refusal(STALE_SEQ, ask_having_seen(&hearing, PRESIDING, HEARING_COMMAND(GRANT_FLOOR),
                                              OFFICER, before));
    assert_refusal(STALE_SEQ, ask_having_seen(&hearing, PRESIDING, HEARING_COMMAND(TAKE_BACK_FLOOR),
                                              0, before));
    assert_refusal(NONE, ask_having_seen(&hearing, PRESIDING, HEARING_COMMAND(SUSPEND), 0, before));
}

static void refuses_a_seq_that_has_not_come_yet(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_refusal(STALE_SEQ,
                   ask_having_seen(&hearing, COUNSEL, HEARING_COMMAND(MUTE), 0, hearing.seq + 1));
    assert_refusal(NONE, ask_having_seen(&hearing, COUNSEL, HEARING_COMMAND(MUTE), 0, hearing.seq));
}

static void refuses_a_command_without_a_body(void **state)
{
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    struct hearing hearing;
    struct arena arena;

    (void)state;
    fixture_begin(&hearing);
    arena_init(&arena, FIXTURE_ARENA);
    assert_refusal(MALFORMED,
                   fixture_run(&hearing, &command, fixture_actor(&hearing, COUNSEL), &arena, NULL));
    command.body_case = (Assize__Hearing__V1__Command__BodyCase)9;
    assert_refusal(MALFORMED,
                   fixture_run(&hearing, &command, fixture_actor(&hearing, COUNSEL), &arena, NULL));
    command.body_case = (Assize__Hearing__V1__Command__BodyCase)99;
    assert_refusal(MALFORMED,
                   fixture_run(&hearing, &command, fixture_actor(&hearing, COUNSEL), &arena, NULL));
    assert_false(hearing_command_narrows(&command));
    assert_asks(MALFORMED, &hearing, HEARING_SERVER, CLOCK_JUMP, 0);
    arena_done(&arena);
}

static void decides_nothing_when_memory_is_short(void **state)
{
    struct hearing hearing;
    struct fixture_command command;
    struct hearing_events events = {.count = 7};
    struct arena arena;

    (void)state;
    fixture_begin(&hearing);
    fixture_make_command(&hearing, HEARING_COMMAND(LEAVE), 0, &command);
    for (size_t cap = 0; cap < 400; cap += 16) {
        arena_init(&arena, cap);
        enum refusal refusal = hearing_decide(&hearing, &command.command,
                                              fixture_actor(&hearing, OFFICER), 0, &arena, &events);
        arena_done(&arena);
        if (!refusal)
            return;
        assert_refusal(INTERNAL, refusal);
        assert_int_equal(events.count, 7);
    }
    fail_msg("two small events do not fit 400 bytes");
}

static void stamps_events_in_order_and_never_back_in_time(void **state)
{
    struct hearing hearing;
    struct fixture_command command;
    struct hearing_events events;
    struct arena arena;

    (void)state;
    fixture_begin(&hearing);
    fixture_make_command(&hearing, HEARING_COMMAND(LEAVE), 0, &command);
    arena_init(&arena, FIXTURE_ARENA);
    assert_refusal(NONE, hearing_decide(&hearing, &command.command,
                                        fixture_actor(&hearing, OFFICER), 5, &arena, &events));
    assert_int_equal(events.count, 2);
    for (uint32_t i = 0; i < events.count; i++) {
        assert_int_equal(events.items[i]->seq, hearing.seq + 1 + i);
        assert_int_equal(events.items[i]->at_ms, SOME_TIME_MS);
        assert_int_equal(events.items[i]->actor, OFFICER);
        assert_int_equal(events.items[i]->engine_version, HEARING_ENGINE_VERSION);
    }
    assert_refusal(NONE,
                   hearing_decide(&hearing, &command.command, fixture_actor(&hearing, OFFICER),
                                  SOME_TIME_MS + 5, &arena, &events));
    assert_int_equal(events.items[0]->at_ms, SOME_TIME_MS + 5);
    arena_done(&arena);
}

static void writes_down_a_clock_jump(void **state)
{
    struct hearing hearing;
    struct fixture_command command;
    struct hearing_events events;
    struct arena arena;

    (void)state;
    fixture_begin(&hearing);
    fixture_make_command(&hearing, HEARING_COMMAND(CLOCK_JUMP), 0, &command);
    command.arm.clock_jump.delta_ms = -3600000;
    arena_init(&arena, FIXTURE_ARENA);
    assert_refusal(NONE, fixture_run(&hearing, &command.command, (struct hearing_actor){0, 0},
                                     &arena, &events));
    assert_int_equal(events.items[0]->body_case, HEARING_EVENT(CLOCK_JUMPED));
    assert_true(events.items[0]->clock_jumped->delta_ms == -3600000);
    assert_int_equal(events.items[0]->actor, HEARING_SERVER);
    arena_done(&arena);
}

static void lets_go_of_people_and_devices_after_the_end(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_ask(&hearing, PRESIDING, HEARING_COMMAND(CLOSE), 0);
    assert_events("endpoint_link_lost:11", &hearing, HEARING_SERVER, LINK_LOST, COUNSEL);
    assert_events("endpoint_link_restored:11", &hearing, HEARING_SERVER, LINK_RESTORED, COUNSEL);
    assert_events("left:11", &hearing, COUNSEL, LEAVE, 0);
    assert_asks(WRONG_STATUS, &hearing, COUNSEL, CHECK_IN, 0);
}

static void says_which_commands_only_take_away(void **state)
{
    static const Assize__Hearing__V1__Command__BodyCase NARROWING[] = {
        HEARING_COMMAND(SEND_BACK),
        HEARING_COMMAND(RECESS),
        HEARING_COMMAND(SUSPEND),
        HEARING_COMMAND(CLOSE),
        HEARING_COMMAND(MUTE),
        HEARING_COMMAND(LEAVE),
        HEARING_COMMAND(TAKE_BACK_FLOOR),
        HEARING_COMMAND(RECORD_OFF),
        HEARING_COMMAND(CLOSE_GALLERY),
        HEARING_COMMAND(GO_PRIVATE),
        HEARING_COMMAND(SEQUESTER),
        HEARING_COMMAND(CUT_OFF),
        HEARING_COMMAND(SCREEN),
        HEARING_COMMAND(STOP_SHARE),
        HEARING_COMMAND(ADJOURN)};
    const ProtobufCMessageDescriptor *type = &assize__hearing__v1__command__descriptor;

    (void)state;
    for (unsigned i = 0; i < type->n_fields; i++) {
        Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
        bool wanted = false;
        command.body_case = (Assize__Hearing__V1__Command__BodyCase)type->fields[i].id;
        for (size_t k = 0; k < sizeof(NARROWING) / sizeof(*NARROWING); k++)
            wanted = wanted || NARROWING[k] == command.body_case;
        assert_int_equal(hearing_command_narrows(&command), wanted);
    }
}

static void assert_roster_refused(const struct fixture_roster *roster)
{
    struct hearing_events events;
    struct arena arena;

    arena_init(&arena, FIXTURE_ARENA);
    assert_refusal(MALFORMED, hearing_decide_opening(&roster->opened, 0, &arena, &events));
    arena_done(&arena);
}

/* Each line spoils one thing in a good roster. */
#define REFUSES_ROSTER_WHEN(spoil)                                                                 \
    do {                                                                                           \
        struct fixture_roster roster;                                                              \
        fixture_make_roster(&roster);                                                              \
        spoil;                                                                                     \
        assert_roster_refused(&roster);                                                            \
    } while (0)

static void refuses_a_roster_that_cannot_be(void **state)
{
    (void)state;
    REFUSES_ROSTER_WHEN(roster.opened.n_sites = 0);
    REFUSES_ROSTER_WHEN(roster.opened.n_sites = HEARING_SITES_MAX + 1);
    REFUSES_ROSTER_WHEN(roster.opened.n_endpoints = 0);
    REFUSES_ROSTER_WHEN(roster.opened.n_endpoints = HEARING_ENDPOINTS_MAX + 1);
    REFUSES_ROSTER_WHEN(roster.opened.n_participants = 0);
    REFUSES_ROSTER_WHEN(roster.opened.n_participants = HEARING_PARTICIPANTS_MAX + 1);
    REFUSES_ROSTER_WHEN(roster.site[1].id = 3);
    REFUSES_ROSTER_WHEN(roster.site[1].kind = HEARING_SITE(CENTRAL_POINT));
    REFUSES_ROSTER_WHEN(roster.site[0].kind = HEARING_SITE(COMPONENT_POINT));
    REFUSES_ROSTER_WHEN(roster.site[1].kind = HEARING_SITE(UNSPECIFIED));
    REFUSES_ROSTER_WHEN(roster.endpoint[3].id = 3);
    REFUSES_ROSTER_WHEN(roster.endpoint[3].site = 4);
    REFUSES_ROSTER_WHEN(roster.endpoint[3].site = 0);
    REFUSES_ROSTER_WHEN(roster.endpoint[3].kind = HEARING_ENDPOINT(UNSPECIFIED));
    REFUSES_ROSTER_WHEN(roster.participant[3].id = 3);
    REFUSES_ROSTER_WHEN(roster.participant[3].role = HEARING_ROLE(UNSPECIFIED));
    REFUSES_ROSTER_WHEN(roster.participant[3].role = (Assize__Hearing__V1__Role)24);
    REFUSES_ROSTER_WHEN(roster.participant[3].role = HEARING_ROLE(PRESIDING_JUDGE));
    REFUSES_ROSTER_WHEN(roster.participant[0].role = HEARING_ROLE(PANEL_JUDGE));
    REFUSES_ROSTER_WHEN(roster.participant[3].endpoint = 0);
    REFUSES_ROSTER_WHEN(roster.participant[3].endpoint = ENDPOINTS + 1);
    REFUSES_ROSTER_WHEN(roster.participant[3].endpoint = 3);
    REFUSES_ROSTER_WHEN(roster.participant[3].endpoint = COMPANION);
    REFUSES_ROSTER_WHEN(roster.participant[3].companion = COMPANION);
    REFUSES_ROSTER_WHEN(roster.participant[3].companion = ROOM);
    REFUSES_ROSTER_WHEN(for (uint32_t i = 5; i < 17; i++) roster.participant[i].endpoint = ROOM);
}

static void finds_people_devices_and_sites_by_number(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_open(&hearing);
    assert_null(hearing_participant(&hearing, 0));
    assert_null(hearing_participant(&hearing, ROLES + 1));
    assert_int_equal(hearing_participant(&hearing, ROLES)->id, ROLES);
    assert_null(hearing_endpoint(&hearing, ENDPOINTS + 1));
    assert_int_equal(hearing_endpoint(&hearing, ENDPOINTS)->id, ENDPOINTS);
    assert_null(hearing_site(&hearing, 4));
    assert_int_equal(hearing_site(&hearing, 3)->kind, HEARING_SITE(DETENTION_FACILITY));
    assert_true(hearing_sits_at(hearing_participant(&hearing, DEFENDANT), COMPANION));
    assert_false(hearing_sits_at(hearing_participant(&hearing, COUNSEL), 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_the_court_straight_in_and_others_wait),
        cmocka_unit_test(moves_everyone_in_a_room_together),
        cmocka_unit_test(opens_the_courts_own_room_to_all_who_sit_in_it),
        cmocka_unit_test(numbers_the_waiting_room_by_arrival),
        cmocka_unit_test(admits_only_who_waits),
        cmocka_unit_test(sends_back_only_who_is_in_and_never_the_court),
        cmocka_unit_test(takes_hand_floor_and_microphone_from_who_goes_out),
        cmocka_unit_test(comes_back_to_the_same_standing_after_a_lost_link),
        cmocka_unit_test(lets_people_back_after_they_left),
        cmocka_unit_test(keeps_a_companion_apart_from_its_person),
        cmocka_unit_test(refuses_a_device_that_is_not_the_askers),
        cmocka_unit_test(refuses_what_was_asked_of_a_state_that_has_passed),
        cmocka_unit_test(refuses_a_seq_that_has_not_come_yet),
        cmocka_unit_test(refuses_a_command_without_a_body),
        cmocka_unit_test(decides_nothing_when_memory_is_short),
        cmocka_unit_test(stamps_events_in_order_and_never_back_in_time),
        cmocka_unit_test(writes_down_a_clock_jump),
        cmocka_unit_test(lets_go_of_people_and_devices_after_the_end),
        cmocka_unit_test(says_which_commands_only_take_away),
        cmocka_unit_test(refuses_a_roster_that_cannot_be),
        cmocka_unit_test(finds_people_devices_and_sites_by_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
