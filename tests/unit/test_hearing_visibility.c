/* Who sees, hears and is told what. */
#include "hearing_fixture.h"

enum { BOTH = HEARING_FLOW_AUDIO | HEARING_FLOW_VIDEO };

static void shows_people_inside_to_each_other(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_int_equal(hearing_visibility(&hearing, COUNSEL, PRESIDING), BOTH);
    assert_int_equal(hearing_visibility(&hearing, ROOM, COUNSEL), BOTH);
    assert_int_equal(hearing_visibility(&hearing, COUNSEL, ROOM), BOTH);
    assert_int_equal(hearing_visibility(&hearing, COUNSEL, COUNSEL), HEARING_FLOW_NONE);
}

static void shows_nothing_to_and_of_who_is_not_inside(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_ask(&hearing, WITNESS, HEARING_COMMAND(CHECK_IN), 0);
    fixture_ask(&hearing, COUNSEL, HEARING_COMMAND(LEAVE), 0);
    const uint32_t outside[] = {WITNESS, COUNSEL, VICTIM, EMPTY_ROOM, 0, ENDPOINTS + 1};
    for (size_t i = 0; i < sizeof(outside) / sizeof(*outside); i++) {
        assert_int_equal(hearing_visibility(&hearing, PRESIDING, outside[i]), HEARING_FLOW_NONE);
        assert_int_equal(hearing_visibility(&hearing, outside[i], PRESIDING), HEARING_FLOW_NONE);
    }
}

static void flows_only_while_preparing_and_in_session(void **state)
{
    static const bool FLOWS[] = {false, true, true, false, false, false};
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    for (unsigned status = 0; status < sizeof(FLOWS) / sizeof(*FLOWS); status++) {
        hearing.status = (Assize__Hearing__V1__Status)status;
        assert_int_equal(hearing_visibility(&hearing, COUNSEL, PRESIDING),
                         FLOWS[status] ? BOTH : HEARING_FLOW_NONE);
    }
}

static void silences_a_muted_microphone(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_ask(&hearing, CLERK, HEARING_COMMAND(MUTE), DEFENDANT);
    assert_int_equal(hearing_visibility(&hearing, ROOM, PRESIDING), HEARING_FLOW_VIDEO);
    assert_int_equal(hearing_visibility(&hearing, PRESIDING, ROOM), BOTH);
}

static void lets_a_companion_see_and_no_more(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_int_equal(hearing_visibility(&hearing, PRESIDING, COMPANION), HEARING_FLOW_VIDEO);
    assert_int_equal(hearing_visibility(&hearing, COMPANION, PRESIDING), HEARING_FLOW_NONE);
    assert_false(hearing_endpoint_sends(&hearing, COMPANION));
    assert_false(hearing_endpoint_sends(&hearing, 0));
    assert_true(hearing_endpoint_sends(&hearing, ROOM));
    assert_true(hearing_endpoint_sends(&hearing, WITNESS));
    fixture_ask(&hearing, PRESIDING, HEARING_COMMAND(SEND_BACK), DEFENDANT);
    assert_int_equal(hearing_visibility(&hearing, PRESIDING, COMPANION), HEARING_FLOW_NONE);
}

static void keeps_the_link_out_of_it(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_ask(&hearing, HEARING_SERVER, HEARING_COMMAND(LINK_LOST), COUNSEL);
    assert_int_equal(hearing_visibility(&hearing, COUNSEL, PRESIDING), BOTH);
}

static bool knows(const struct hearing *hearing, uint32_t viewer,
                  Assize__Hearing__V1__Event__BodyCase body, uint32_t about)
{
    Assize__Hearing__V1__Event event = ASSIZE__HEARING__V1__EVENT__INIT;
    union {
        ProtobufCMessage base;
        Assize__Hearing__V1__Admitted about;
        Assize__Hearing__V1__Muted muted;
        Assize__Hearing__V1__Opened opened;
        Assize__Hearing__V1__ClockJumped clock_jumped;
        Assize__Hearing__V1__RecordGap record_gap;
        Assize__Hearing__V1__RecordHead record_head;
        Assize__Hearing__V1__SetGalleryDelay gallery_delay_set;
    } arm;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(&assize__hearing__v1__event__descriptor, body);

    protobuf_c_message_init(field->descriptor, &arm.base);
    event.body_case = body;
    event.admitted = &arm.about;
    if (about)
        arm.about.participant = about;
    return hearing_may_know(hearing, viewer, &event);
}

/* ids: participants and endpoints have the same numbers but in the room. o: everyone, i: only
 * inside. */
static void tells_people_outside_only_of_the_status_and_who_is_there(void **state)
{
    static const struct {
        Assize__Hearing__V1__Event__BodyCase body;
        uint32_t about;
        bool outside;
    } ROWS[] = {
        {HEARING_EVENT(OPENED), 0, false},
        {HEARING_EVENT(CHECKED_IN), COUNSEL, true},
        {HEARING_EVENT(ADMITTED), COUNSEL, false},
        {HEARING_EVENT(SENT_BACK), COUNSEL, false},
        {HEARING_EVENT(STARTED), 0, true},
        {HEARING_EVENT(RECESSED), 0, true},
        {HEARING_EVENT(RESUMED), 0, true},
        {HEARING_EVENT(SUSPENDED), 0, true},
        {HEARING_EVENT(CLOSED), 0, true},
        {HEARING_EVENT(MUTED), COUNSEL, false},
        {HEARING_EVENT(MUTE_UNLOCKED), COUNSEL, false},
        {HEARING_EVENT(UNMUTED), COUNSEL, false},
        {HEARING_EVENT(HAND_RAISED), COUNSEL, false},
        {HEARING_EVENT(HAND_LOWERED), COUNSEL, false},
        {HEARING_EVENT(FLOOR_GRANTED), COUNSEL, false},
        {HEARING_EVENT(FLOOR_TAKEN_BACK), COUNSEL, false},
        {HEARING_EVENT(LEFT), COUNSEL, true},
        {HEARING_EVENT(ENDPOINT_LINK_LOST), COUNSEL, true},
        {HEARING_EVENT(ENDPOINT_LINK_RESTORED), COUNSEL, true},
        {HEARING_EVENT(CLOCK_JUMPED), 0, false},
        {HEARING_EVENT(RECORD_ON), 0, false},
        {HEARING_EVENT(RECORD_OFF), 0, false},
        {HEARING_EVENT(RECORD_GAP), COUNSEL, false},
        {HEARING_EVENT(RECORD_HEAD), COUNSEL, false},
        {HEARING_EVENT(GALLERY_OPENED), 0, true},
        {HEARING_EVENT(GALLERY_CLOSED), 0, true},
        {HEARING_EVENT(GALLERY_DELAY_SET), 0, true},
        {HEARING_EVENT(WENT_PRIVATE), 0, true},
        {HEARING_EVENT(WENT_PUBLIC), 0, true},
    };
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_ask(&hearing, WITNESS, HEARING_COMMAND(CHECK_IN), 0);
    fixture_bring_in(&hearing, VICTIM);
    fixture_ask(&hearing, VICTIM, HEARING_COMMAND(LEAVE), 0);
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++) {
        assert_true(knows(&hearing, CLERK, ROWS[i].body, ROWS[i].about));
        assert_true(knows(&hearing, DEFENDANT, ROWS[i].body, ROWS[i].about));
        assert_int_equal(knows(&hearing, WITNESS, ROWS[i].body, ROWS[i].about), ROWS[i].outside);
        assert_int_equal(knows(&hearing, VICTIM, ROWS[i].body, ROWS[i].about), ROWS[i].outside);
        assert_int_equal(knows(&hearing, PLAINTIFF, ROWS[i].body, ROWS[i].about), ROWS[i].outside);
        assert_false(knows(&hearing, 0, ROWS[i].body, ROWS[i].about));
        assert_false(knows(&hearing, 99, ROWS[i].body, ROWS[i].about));
    }
}

static void tells_people_outside_what_happens_to_themselves(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_ask(&hearing, PRESIDING, HEARING_COMMAND(SEND_BACK), OFFICER);
    assert_true(knows(&hearing, DEFENDANT, HEARING_EVENT(SENT_BACK), DEFENDANT));
    assert_true(knows(&hearing, DEFENDANT, HEARING_EVENT(SENT_BACK), OFFICER));
    assert_true(knows(&hearing, DEFENDANT, HEARING_EVENT(HAND_LOWERED), DEFENDANT));
    assert_true(knows(&hearing, DEFENDANT, HEARING_EVENT(MUTED), ROOM));
    assert_false(knows(&hearing, DEFENDANT, HEARING_EVENT(MUTED), COUNSEL));
    /* Endpoint 6 is nobody's, though participant 6 is the defendant. */
    assert_false(knows(&hearing, DEFENDANT, HEARING_EVENT(MUTED), EMPTY_ROOM));
}

static void knows_no_event_without_a_body(void **state)
{
    Assize__Hearing__V1__Event event = ASSIZE__HEARING__V1__EVENT__INIT;
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_false(hearing_may_know(&hearing, PRESIDING, &event));
    event.body_case = (Assize__Hearing__V1__Event__BodyCase)99;
    assert_false(hearing_may_know(&hearing, PRESIDING, &event));
}

static void gives_rights_by_role(void **state)
{
    /* By right from ADMIT to IDENTITY: p presiding judge, c clerk, f whoever may ask for the
     * floor, o the officers of sites. */
    static const char *const HOLDERS[] = {"pc", "pc", "p", "pc", "p", "f", "pc", "p",
                                          "pc", "pc", "p", "p",  "p", "c", "co"};

    (void)state;
    for (uint32_t role = 0; role <= ROLES + 1; role++) {
        for (unsigned right = HEARING_RIGHT_ADMIT; right < HEARING_RIGHT_COUNT; right++) {
            bool wanted = false;
            for (const char *holder = HOLDERS[right - 1]; *holder; holder++)
                wanted = wanted || (*holder == 'p' && role == PRESIDING) ||
                         (*holder == 'c' && role == CLERK) ||
                         (*holder == 'o' && (role == OFFICER || role == OFFICIAL)) ||
                         (*holder == 'f' && role > PRESIDING && role < ATTENDEE);
            assert_int_equal(
                hearing_role_has_right((Assize__Hearing__V1__Role)role, (enum hearing_right)right),
                wanted);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_people_inside_to_each_other),
        cmocka_unit_test(shows_nothing_to_and_of_who_is_not_inside),
        cmocka_unit_test(flows_only_while_preparing_and_in_session),
        cmocka_unit_test(silences_a_muted_microphone),
        cmocka_unit_test(lets_a_companion_see_and_no_more),
        cmocka_unit_test(keeps_the_link_out_of_it),
        cmocka_unit_test(tells_people_outside_only_of_the_status_and_who_is_there),
        cmocka_unit_test(tells_people_outside_what_happens_to_themselves),
        cmocka_unit_test(knows_no_event_without_a_body),
        cmocka_unit_test(gives_rights_by_role),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
