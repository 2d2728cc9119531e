/* An event that does not fit the state is refused and changes nothing: the store is damaged. */
#include "hearing_fixture.h"

#include <errno.h>
#include <string.h>

/* An event with storage for its one arm. */
struct made_event {
    Assize__Hearing__V1__Event event;
    union {
        ProtobufCMessage base;
        Assize__Hearing__V1__Admitted about; /* field 1 lies at the same place in all of them */
        Assize__Hearing__V1__Muted muted;
        Assize__Hearing__V1__ClockJumped clock_jumped;
        Assize__Hearing__V1__RecordGap record_gap;
        Assize__Hearing__V1__RecordHead record_head;
        Assize__Hearing__V1__SetGalleryDelay gallery_delay_set;
    } arm;
};

static void make_event(const struct hearing *hearing, Assize__Hearing__V1__Event__BodyCase body,
                       uint32_t about, struct made_event *out)
{
    const ProtobufCFieldDescriptor *arm =
        protobuf_c_message_descriptor_get_field(&assize__hearing__v1__event__descriptor, body);

    *out = (struct made_event){.event = ASSIZE__HEARING__V1__EVENT__INIT};
    protobuf_c_message_init(arm->descriptor, &out->arm.base);
    out->event.seq = hearing->seq + 1;
    out->event.at_ms = hearing->at_ms;
    out->event.engine_version = HEARING_ENGINE_VERSION;
    out->event.body_case = body;
    out->event.admitted = &out->arm.about;
    if (about) {
        out->arm.about.has_participant = true;
        out->arm.about.participant = about;
    }
}

static int apply_made(struct hearing *hearing, Assize__Hearing__V1__Event__BodyCase body,
                      uint32_t about)
{
    struct made_event made;

    make_event(hearing, body, about, &made);
    return hearing_apply(hearing, &made.event);
}

/* Refused, and nothing has changed. */
static void assert_misfit(const struct hearing *hearing, Assize__Hearing__V1__Event__BodyCase body,
                          uint32_t about)
{
    struct hearing copy;

    memcpy(&copy, hearing, sizeof(copy));
    assert_int_equal(apply_made(&copy, body, about), -EINVAL);
    assert_memory_equal(&copy, hearing, sizeof(copy));
}

#define MISFIT(hearing, name, about) assert_misfit(hearing, HEARING_EVENT(name), about)
#define FITS(hearing, name, about)                                                                 \
    assert_int_equal(apply_made(hearing, HEARING_EVENT(name), about), 0)

static void refuses_a_gap_a_repeat_and_an_earlier_time(void **state)
{
    struct hearing hearing;
    struct made_event made;

    (void)state;
    fixture_begin(&hearing);
    FITS(&hearing, RECORD_OFF, 0);
    make_event(&hearing, HEARING_EVENT(RECESSED), 0, &made);
    made.event.seq = hearing.seq;
    assert_int_equal(hearing_apply(&hearing, &made.event), -EINVAL);
    made.event.seq = hearing.seq + 2;
    assert_int_equal(hearing_apply(&hearing, &made.event), -EINVAL);
    made.event.seq = hearing.seq + 1;
    made.event.at_ms = hearing.at_ms - 1;
    assert_int_equal(hearing_apply(&hearing, &made.event), -EINVAL);
    made.event.at_ms = hearing.at_ms + 1;
    assert_int_equal(hearing_apply(&hearing, &made.event), 0);
    assert_int_equal(hearing.status_since_ms, SOME_TIME_MS + 1);
}

static void refuses_an_event_of_a_later_engine(void **state)
{
    struct hearing hearing;
    struct made_event made;

    (void)state;
    fixture_begin(&hearing);
    make_event(&hearing, HEARING_EVENT(RECESSED), 0, &made);
    made.event.engine_version = HEARING_ENGINE_VERSION + 1;
    assert_int_equal(hearing_apply(&hearing, &made.event), -EINVAL);
    made.event.engine_version = 0;
    assert_int_equal(hearing_apply(&hearing, &made.event), -EINVAL);
    made.event.engine_version = HEARING_ENGINE_VERSION;
    made.event.body_case = (Assize__Hearing__V1__Event__BodyCase)99;
    assert_int_equal(hearing_apply(&hearing, &made.event), -EINVAL);
    made.event.body_case = (Assize__Hearing__V1__Event__BodyCase)0;
    assert_int_equal(hearing_apply(&hearing, &made.event), -EINVAL);
}

static void opens_first_and_once(void **state)
{
    struct fixture_roster roster;
    struct hearing hearing;
    struct made_event made;

    (void)state;
    hearing_init(&hearing, fixture_plain());
    MISFIT(&hearing, STARTED, 0);
    fixture_make_roster(&roster);
    make_event(&hearing, HEARING_EVENT(RECESSED), 0, &made);
    made.event.body_case = HEARING_EVENT(OPENED);
    made.event.opened = &roster.opened;
    roster.participant[0].role = HEARING_ROLE(CLERK);
    assert_int_equal(hearing_apply(&hearing, &made.event), -EINVAL);
    assert_int_equal(hearing.seq, 0);
    fixture_make_roster(&roster);
    assert_int_equal(hearing_apply(&hearing, &made.event), 0);
    made.event.seq = 2;
    assert_int_equal(hearing_apply(&hearing, &made.event), -EINVAL);
}

static void refuses_people_where_they_cannot_come_from(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    MISFIT(&hearing, CHECKED_IN, COUNSEL);
    MISFIT(&hearing, CHECKED_IN, 0);
    MISFIT(&hearing, CHECKED_IN, 99);
    MISFIT(&hearing, ADMITTED, COUNSEL);
    MISFIT(&hearing, ADMITTED, WITNESS);
    MISFIT(&hearing, SENT_BACK, WITNESS);
    MISFIT(&hearing, LEFT, WITNESS);
    FITS(&hearing, CHECKED_IN, WITNESS);
    MISFIT(&hearing, SENT_BACK, WITNESS);
    MISFIT(&hearing, CHECKED_IN, WITNESS);
    FITS(&hearing, LEFT, WITNESS);
    MISFIT(&hearing, ADMITTED, WITNESS);
}

static void keeps_a_room_connected_until_the_last_has_left(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    FITS(&hearing, LEFT, DEFENDANT);
    assert_true(hearing_endpoint(&hearing, ROOM)->connected);
    FITS(&hearing, LEFT, OFFICER);
    assert_false(hearing_endpoint(&hearing, ROOM)->connected);
}

static void refuses_to_let_someone_out_with_hand_or_floor(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    FITS(&hearing, HAND_RAISED, COUNSEL);
    MISFIT(&hearing, SENT_BACK, COUNSEL);
    MISFIT(&hearing, LEFT, COUNSEL);
    MISFIT(&hearing, RECESSED, 0);
    FITS(&hearing, FLOOR_GRANTED, COUNSEL);
    MISFIT(&hearing, LEFT, COUNSEL);
    MISFIT(&hearing, CLOSED, 0);
}

static void refuses_a_status_that_cannot_follow(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_open(&hearing);
    MISFIT(&hearing, RECESSED, 0);
    MISFIT(&hearing, RESUMED, 0);
    MISFIT(&hearing, SUSPENDED, 0);
    MISFIT(&hearing, CLOSED, 0);
    FITS(&hearing, STARTED, 0);
    MISFIT(&hearing, STARTED, 0);
    MISFIT(&hearing, RESUMED, 0);
    FITS(&hearing, RECESSED, 0);
    FITS(&hearing, SUSPENDED, 0);
    MISFIT(&hearing, RECESSED, 0);
    FITS(&hearing, RESUMED, 0);
    FITS(&hearing, CLOSED, 0);
    MISFIT(&hearing, RESUMED, 0);
    MISFIT(&hearing, SUSPENDED, 0);
    MISFIT(&hearing, STARTED, 0);
}

static void refuses_a_phase_that_cannot_follow(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_open(&hearing);
    MISFIT(&hearing, PHASE_ENTERED, 2);
    MISFIT(&hearing, DELIBERATION_BEGUN, 0);
    fixture_begin(&hearing);
    MISFIT(&hearing, PHASE_ENTERED, 0);
    MISFIT(&hearing, PHASE_ENTERED, 1);
    MISFIT(&hearing, PHASE_ENTERED, PROCEDURE_PHASES_MAX + 1);
    MISFIT(&hearing, DELIBERATION_BEGUN, 0); /* the record is still on */
    FITS(&hearing, FLOOR_GRANTED, COUNSEL);
    MISFIT(&hearing, PHASE_ENTERED, 3);
    FITS(&hearing, FLOOR_TAKEN_BACK, COUNSEL);
    FITS(&hearing, HAND_RAISED, COUNSEL);
    MISFIT(&hearing, PHASE_ENTERED, 3);
    FITS(&hearing, HAND_LOWERED, COUNSEL);
    FITS(&hearing, RECORD_OFF, 0);
    FITS(&hearing, PHASE_ENTERED, 3);
    FITS(&hearing, DELIBERATION_BEGUN, 0);
    MISFIT(&hearing, DELIBERATION_BEGUN, 0);
    MISFIT(&hearing, RECESSED, 0);
    MISFIT(&hearing, CLOSED, 0);
    FITS(&hearing, RESUMED, 0);
    FITS(&hearing, RECESSED, 0);
    MISFIT(&hearing, PHASE_ENTERED, 4);
}

static void refuses_a_pause_or_a_deadline_where_there_is_none(void **state)
{
    struct hearing hearing;
    struct made_event made;

    (void)state;
    fixture_begin(&hearing);
    MISFIT(&hearing, PAUSED, 0);
    MISFIT(&hearing, PAUSED, COMPANION);
    MISFIT(&hearing, REMINDED, 0);
    MISFIT(&hearing, LAPSED, 0);
    FITS(&hearing, RECORD_OFF, 0);
    FITS(&hearing, RECESSED, 0);
    MISFIT(&hearing, PAUSED, COUNSEL);
    FITS(&hearing, SUSPENDED, 0);
    MISFIT(&hearing, REMINDED, 0); /* no time was set */
    FITS(&hearing, RESUMED, 0);
    Assize__Hearing__V1__Suspended suspended = ASSIZE__HEARING__V1__SUSPENDED__INIT;
    suspended.has_until_ms = true;
    suspended.until_ms = SOME_TIME_MS + 5;
    make_event(&hearing, HEARING_EVENT(SUSPENDED), 0, &made);
    made.event.suspended = &suspended;
    assert_int_equal(hearing_apply(&hearing, &made.event), 0);
    FITS(&hearing, REMINDED, 0);
    FITS(&hearing, LAPSED, 0);
    MISFIT(&hearing, LAPSED, 0);
    MISFIT(&hearing, REMINDED, 0);
    FITS(&hearing, ADJOURNED, 0);
    MISFIT(&hearing, RESUMED, 0);
    MISFIT(&hearing, ADJOURNED, 0);
    MISFIT(&hearing, CLOSED, 0);
    MISFIT(&hearing, GALLERY_OPENED, 0);
    MISFIT(&hearing, WENT_PRIVATE, 0);
}

static void refuses_a_record_that_the_session_does_not_carry(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_open(&hearing);
    MISFIT(&hearing, RECORD_ON, 0);
    MISFIT(&hearing, RECORD_OFF, 0);
    FITS(&hearing, STARTED, 0);
    FITS(&hearing, RECORD_ON, 0);
    MISFIT(&hearing, RECORD_ON, 0);
    MISFIT(&hearing, RECESSED, 0);
    MISFIT(&hearing, RECORD_GAP, EMPTY_ROOM + ENDPOINTS);
    MISFIT(&hearing, RECORD_HEAD, COMPANION);
    FITS(&hearing, RECORD_GAP, 0); /* of the programme feed */
    FITS(&hearing, RECORD_GAP, COUNSEL);
    FITS(&hearing, RECORD_HEAD, ROOM);
    FITS(&hearing, RECORD_OFF, 0);
    FITS(&hearing, RECESSED, 0);
}

static void refuses_a_gallery_that_cannot_be(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_open(&hearing);
    FITS(&hearing, STARTED, 0);
    MISFIT(&hearing, GALLERY_CLOSED, 0);
    MISFIT(&hearing, GALLERY_DELAY_SET, 0);
    MISFIT(&hearing, GALLERY_DELAY_SET, HEARING_GALLERY_DELAY_MAX_S + 1);
    FITS(&hearing, GALLERY_DELAY_SET, HEARING_GALLERY_DELAY_MAX_S);
    MISFIT(&hearing, WENT_PUBLIC, 0);
    FITS(&hearing, GALLERY_OPENED, 0);
    MISFIT(&hearing, GALLERY_OPENED, 0);
    MISFIT(&hearing, CLOSED, 0);
    FITS(&hearing, WENT_PRIVATE, 0);
    MISFIT(&hearing, WENT_PRIVATE, 0);
    FITS(&hearing, GALLERY_CLOSED, 0);
    MISFIT(&hearing, GALLERY_OPENED, 0);
    FITS(&hearing, CLOSED, 0);
    MISFIT(&hearing, WENT_PUBLIC, 0);
    MISFIT(&hearing, GALLERY_OPENED, 0);
}

static void refuses_what_a_microphone_cannot_do(void **state)
{
    struct hearing hearing;
    struct made_event made;

    (void)state;
    fixture_begin(&hearing);
    MISFIT(&hearing, MUTED, 0);
    MISFIT(&hearing, MUTED, COMPANION);
    MISFIT(&hearing, UNMUTED, COUNSEL);
    MISFIT(&hearing, MUTE_UNLOCKED, COUNSEL);
    FITS(&hearing, MUTED, COUNSEL);
    MISFIT(&hearing, MUTED, COUNSEL);
    make_event(&hearing, HEARING_EVENT(MUTED), COUNSEL, &made);
    made.arm.muted.locked = true;
    assert_int_equal(hearing_apply(&hearing, &made.event), 0);
    MISFIT(&hearing, UNMUTED, COUNSEL);
    MISFIT(&hearing, MUTED, COUNSEL);
    FITS(&hearing, MUTE_UNLOCKED, COUNSEL);
    FITS(&hearing, UNMUTED, COUNSEL);
}

static void refuses_a_floor_that_is_not_there(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    MISFIT(&hearing, HAND_RAISED, WITNESS);
    MISFIT(&hearing, HAND_RAISED, 0);
    MISFIT(&hearing, HAND_LOWERED, COUNSEL);
    MISFIT(&hearing, FLOOR_TAKEN_BACK, COUNSEL);
    MISFIT(&hearing, FLOOR_TAKEN_BACK, 0);
    MISFIT(&hearing, FLOOR_GRANTED, WITNESS);
    FITS(&hearing, HAND_RAISED, COUNSEL);
    MISFIT(&hearing, HAND_RAISED, COUNSEL);
    FITS(&hearing, FLOOR_GRANTED, COUNSEL);
    MISFIT(&hearing, HAND_RAISED, COUNSEL);
    MISFIT(&hearing, FLOOR_GRANTED, COUNSEL);
    MISFIT(&hearing, FLOOR_GRANTED, OFFICER);
    MISFIT(&hearing, FLOOR_TAKEN_BACK, OFFICER);
    FITS(&hearing, FLOOR_TAKEN_BACK, COUNSEL);
    FITS(&hearing, RECORD_OFF, 0);
    FITS(&hearing, RECESSED, 0);
    MISFIT(&hearing, HAND_RAISED, COUNSEL);
    MISFIT(&hearing, FLOOR_GRANTED, COUNSEL);
}

static void refuses_one_hand_over_the_limit(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    hearing.floor_queue_count = HEARING_FLOOR_QUEUE_MAX;
    MISFIT(&hearing, HAND_RAISED, COUNSEL);
}

static void refuses_a_link_that_is_already_so(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    MISFIT(&hearing, ENDPOINT_LINK_LOST, WITNESS);
    MISFIT(&hearing, ENDPOINT_LINK_LOST, 0);
    MISFIT(&hearing, ENDPOINT_LINK_RESTORED, COUNSEL);
    MISFIT(&hearing, ENDPOINT_LINK_RESTORED, 99);
    FITS(&hearing, ENDPOINT_LINK_LOST, COUNSEL);
    MISFIT(&hearing, ENDPOINT_LINK_LOST, COUNSEL);
    FITS(&hearing, ENDPOINT_LINK_RESTORED, COUNSEL);
    FITS(&hearing, CLOCK_JUMPED, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_a_gap_a_repeat_and_an_earlier_time),
        cmocka_unit_test(refuses_an_event_of_a_later_engine),
        cmocka_unit_test(opens_first_and_once),
        cmocka_unit_test(refuses_people_where_they_cannot_come_from),
        cmocka_unit_test(keeps_a_room_connected_until_the_last_has_left),
        cmocka_unit_test(refuses_to_let_someone_out_with_hand_or_floor),
        cmocka_unit_test(refuses_a_status_that_cannot_follow),
        cmocka_unit_test(refuses_a_phase_that_cannot_follow),
        cmocka_unit_test(refuses_a_pause_or_a_deadline_where_there_is_none),
        cmocka_unit_test(refuses_a_record_that_the_session_does_not_carry),
        cmocka_unit_test(refuses_a_gallery_that_cannot_be),
        cmocka_unit_test(refuses_what_a_microphone_cannot_do),
        cmocka_unit_test(refuses_a_floor_that_is_not_there),
        cmocka_unit_test(refuses_one_hand_over_the_limit),
        cmocka_unit_test(refuses_a_link_that_is_already_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
