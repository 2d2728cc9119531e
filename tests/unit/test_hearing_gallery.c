/* The programme feed and the public: what of whom is in the feed, and who may follow it. */
#include "hearing_fixture.h"

enum { BOTH = HEARING_FLOW_AUDIO | HEARING_FLOW_VIDEO };

static enum refusal set_delay(struct hearing *hearing, uint32_t who, uint32_t delay_s)
{
    struct fixture_command command;
    struct arena arena;

    fixture_make_command(hearing, HEARING_COMMAND(SET_GALLERY_DELAY), 0, &command);
    command.arm.set_gallery_delay.has_delay_s = true;
    command.arm.set_gallery_delay.delay_s = delay_s;
    arena_init(&arena, FIXTURE_ARENA);
    enum refusal refusal =
        fixture_run(hearing, &command.command, fixture_actor(hearing, who), &arena, NULL);
    arena_done(&arena);
    return refusal;
}

static void shows_in_the_programme_who_is_inside_while_in_session(void **state)
{
    static const bool SHOWS[] = {false, false, true, false, false, false};
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_ask(&hearing, WITNESS, HEARING_COMMAND(CHECK_IN), 0);
    assert_int_equal(hearing_programme(&hearing, WITNESS), HEARING_FLOW_NONE);
    assert_int_equal(hearing_programme(&hearing, COMPANION), HEARING_FLOW_NONE);
    assert_int_equal(hearing_programme(&hearing, EMPTY_ROOM), HEARING_FLOW_NONE);
    assert_int_equal(hearing_programme(&hearing, 0), HEARING_FLOW_NONE);
    assert_int_equal(hearing_programme(&hearing, ROOM), BOTH);
    fixture_ask(&hearing, OFFICER, HEARING_COMMAND(MUTE), 0);
    assert_int_equal(hearing_programme(&hearing, ROOM), HEARING_FLOW_VIDEO);
    for (unsigned status = 0; status < sizeof(SHOWS) / sizeof(*SHOWS); status++) {
        hearing.status = (Assize__Hearing__V1__Status)status;
        assert_int_equal(hearing_programme(&hearing, COUNSEL),
                         SHOWS[status] ? BOTH : HEARING_FLOW_NONE);
    }
}

static void shows_nothing_in_the_programme_behind_closed_doors(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_events("gallery_opened:0", &hearing, PRESIDING, OPEN_GALLERY, 0);
    assert_true(hearing_gallery(&hearing));
    assert_events("went_private:0", &hearing, PRESIDING, GO_PRIVATE, 0);
    assert_int_equal(hearing_programme(&hearing, COUNSEL), HEARING_FLOW_NONE);
    assert_false(hearing_gallery(&hearing));
    assert_int_equal(hearing_visibility(&hearing, COUNSEL, PRESIDING), BOTH);
    assert_int_equal(hearing_record(&hearing, COUNSEL), BOTH);
    assert_true(hearing_programme_recorded(&hearing));
    assert_events("went_public:0", &hearing, PRESIDING, GO_PUBLIC, 0);
    assert_int_equal(hearing_programme(&hearing, COUNSEL), BOTH);
    assert_true(hearing_gallery(&hearing));
}

static void keeps_the_gallery_shut_behind_closed_doors(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_ask(&hearing, PRESIDING, HEARING_COMMAND(GO_PRIVATE), 0);
    assert_asks(ALREADY_SO, &hearing, PRESIDING, GO_PRIVATE, 0);
    assert_asks(WRONG_STATUS, &hearing, PRESIDING, OPEN_GALLERY, 0);
    fixture_ask(&hearing, PRESIDING, HEARING_COMMAND(GO_PUBLIC), 0);
    assert_asks(ALREADY_SO, &hearing, PRESIDING, GO_PUBLIC, 0);
    assert_false(hearing_gallery(&hearing));
}

static void closes_the_gallery_with_the_hearing(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    fixture_ask(&hearing, PRESIDING, HEARING_COMMAND(OPEN_GALLERY), 0);
    assert_asks(ALREADY_SO, &hearing, PRESIDING, OPEN_GALLERY, 0);
    assert_events("record_off:1 recessed:0", &hearing, PRESIDING, RECESS, 0);
    assert_true(hearing_gallery(&hearing));
    assert_events("gallery_closed:0 closed:0", &hearing, PRESIDING, CLOSE, 0);
    assert_false(hearing_gallery(&hearing));
    assert_asks(WRONG_STATUS, &hearing, PRESIDING, OPEN_GALLERY, 0);
}

static void lets_the_clerk_shut_the_gallery_and_no_more(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_asks(ROLE_NOT_ALLOWED, &hearing, CLERK, OPEN_GALLERY, 0);
    assert_asks(ALREADY_SO, &hearing, CLERK, CLOSE_GALLERY, 0);
    fixture_ask(&hearing, PRESIDING, HEARING_COMMAND(OPEN_GALLERY), 0);
    assert_asks(ROLE_NOT_ALLOWED, &hearing, CLERK, GO_PRIVATE, 0);
    assert_events("gallery_closed:0", &hearing, CLERK, CLOSE_GALLERY, 0);
    assert_false(hearing_gallery(&hearing));
}

static void delays_the_gallery_by_a_minute_at_most(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_begin(&hearing);
    assert_refusal(ALREADY_SO, set_delay(&hearing, PRESIDING, 0));
    assert_refusal(NONE, set_delay(&hearing, PRESIDING, HEARING_GALLERY_DELAY_MAX_S));
    assert_int_equal(hearing.gallery_delay_s, HEARING_GALLERY_DELAY_MAX_S);
    assert_refusal(MALFORMED, set_delay(&hearing, PRESIDING, HEARING_GALLERY_DELAY_MAX_S + 1));
    assert_refusal(ROLE_NOT_ALLOWED, set_delay(&hearing, CLERK, 5));
    assert_asks(MALFORMED, &hearing, PRESIDING, SET_GALLERY_DELAY, 0);
    assert_int_equal(hearing.gallery_delay_s, HEARING_GALLERY_DELAY_MAX_S);
}

static void puts_the_programme_on_record_with_the_session(void **state)
{
    struct hearing hearing;

    (void)state;
    fixture_open(&hearing);
    fixture_bring_in(&hearing, PRESIDING);
    assert_false(hearing_programme_recorded(&hearing));
    fixture_ask(&hearing, PRESIDING, HEARING_COMMAND(START), 0);
    assert_true(hearing_programme_recorded(&hearing));
    fixture_ask(&hearing, PRESIDING, HEARING_COMMAND(RECORD_OFF), 0);
    assert_false(hearing_programme_recorded(&hearing));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_in_the_programme_who_is_inside_while_in_session),
        cmocka_unit_test(shows_nothing_in_the_programme_behind_closed_doors),
        cmocka_unit_test(keeps_the_gallery_shut_behind_closed_doors),
        cmocka_unit_test(closes_the_gallery_with_the_hearing),
        cmocka_unit_test(lets_the_clerk_shut_the_gallery_and_no_more),
        cmocka_unit_test(delays_the_gallery_by_a_minute_at_most),
        cmocka_unit_test(puts_the_programme_on_record_with_the_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
