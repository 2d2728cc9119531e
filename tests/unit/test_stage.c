/* What a stage asks of the relay, and what it makes of the answers. */
#include "stage_fixture.h"

static uint64_t connect_leg(uint32_t endpoint)
{
    uint64_t leg = stage_open_leg(scene.stage, endpoint, "session", true, 2, 2);

    assert_true(leg != 0);
    turn_a_little();
    report_leg(leg, ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED);
    turn_a_little();
    return leg;
}

/* ---- tests ---- */

static void grants_as_soon_as_two_legs_are_connected(void **state)
{
    (void)state;
    assert_true(turn_until(is_up));
    uint64_t first = connect_leg(1);
    assert_int_equal(scene.offers, 1);
    uint64_t second = connect_leg(2);

    Assize__Media__V1__Matrix *matrix = last_matrix()->matrix;
    assert_int_equal(matrix->n_grant, 4);
    assert_int_equal(matrix->n_revoke, 0);
    for (size_t i = 0; i < matrix->n_grant; i++)
        assert_true((matrix->grant[i]->source == first && matrix->grant[i]->subscriber == second) ||
                    (matrix->grant[i]->source == second && matrix->grant[i]->subscriber == first));
    assert_int_equal(scene.slot_changes, 2);
}

static void announces_a_revoke_only_after_its_acknowledgement(void **state)
{
    (void)state;
    assert_true(turn_until(is_up));
    connect_leg(1);
    connect_leg(2);
    assert_true(turn_until(is_settled));
    int before = scene.settles;

    scene.relay.answers = false;
    scene.state.endpoints[0].muted = true;
    stage_update(scene.stage, &scene.state, &scene.state);
    turn_a_little();
    assert_false(stage_is_settled(scene.stage));
    assert_int_equal(last_matrix()->matrix->n_revoke, 1);
    assert_int_equal(scene.settles, before);

    answer(last_matrix());
    assert_true(turn_until(is_settled));
    assert_int_equal(scene.settles, before + 1);
}

static void takes_away_what_only_the_shadow_forbids(void **state)
{
    (void)state;
    assert_true(turn_until(is_up));
    connect_leg(1);
    connect_leg(2);
    struct hearing shadow = scene.state;
    shadow.status = ASSIZE__HEARING__V1__STATUS__STATUS_RECESS;
    stage_update(scene.stage, &scene.state, &shadow);
    turn_a_little();
    assert_int_equal(last_matrix()->matrix->n_revoke, 4);
}

static void sends_nothing_when_nothing_differs(void **state)
{
    (void)state;
    assert_true(turn_until(is_up));
    connect_leg(1);
    connect_leg(2);
    size_t before = count_requests(ASSIZE__MEDIA__V1__REQUEST__BODY_MATRIX);
    stage_update(scene.stage, &scene.state, &scene.state);
    turn_a_little();
    assert_int_equal(count_requests(ASSIZE__MEDIA__V1__REQUEST__BODY_MATRIX), before);
}

static void a_new_leg_takes_the_place_and_the_slots_of_the_old(void **state)
{
    (void)state;
    assert_true(turn_until(is_up));
    connect_leg(1);
    uint64_t viewer = connect_leg(2);
    Assize__Signal__V1__MediaSlots before, after;
    stage_slots(scene.stage, viewer, &scene.arena, &before);
    assert_int_equal(before.n_slots, 2);

    uint64_t next = connect_leg(1);
    assert_int_equal(stage_leg_of(scene.stage, 1), next);
    assert_int_equal(count_requests(ASSIZE__MEDIA__V1__REQUEST__BODY_CLOSE_LEG), 1);
    stage_slots(scene.stage, viewer, &scene.arena, &after);
    assert_int_equal(after.n_slots, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(before.slots[i]->mid, after.slots[i]->mid);
        assert_int_equal(after.slots[i]->endpoint, 1);
    }
}

static void drop_connection(void)
{
    hang_up();
    for (int i = 0; i < 200 && scene.up; i++)
        uv_run(&scene.loop, UV_RUN_ONCE);
    assert_false(scene.up);
}

static void a_relay_that_started_anew_has_lost_its_legs(void **state)
{
    (void)state;
    assert_true(turn_until(is_up));
    connect_leg(1);
    drop_connection();
    assert_int_equal(stage_open_leg(scene.stage, 2, "session", true, 2, 2), 0);
    assert_true(turn_until(is_up));
    assert_int_equal(scene.gone, 1);
    assert_int_equal(stage_leg_of(scene.stage, 1), 0);
}

static void takes_up_the_legs_a_relay_still_has(void **state)
{
    Assize__Media__V1__LegInfo legs[2] = {ASSIZE__MEDIA__V1__LEG_INFO__INIT,
                                          ASSIZE__MEDIA__V1__LEG_INFO__INIT};
    Assize__Media__V1__LegInfo *list[2] = {&legs[0], &legs[1]};
    Assize__Media__V1__MatrixInfo matrix = ASSIZE__MEDIA__V1__MATRIX_INFO__INIT;
    Assize__Media__V1__MatrixInfo *matrices[1] = {&matrix};
    char hearing[64], session[] = "session";

    (void)state;
    snprintf(hearing, sizeof(hearing), "%s", hearing_id);
    for (uint32_t i = 0; i < 2; i++) {
        legs[i].has_leg = legs[i].has_endpoint = legs[i].has_state = 1;
        legs[i].has_audio_slots = legs[i].has_video_slots = 1;
        legs[i].leg = 70 + i;
        legs[i].endpoint = i + 1;
        legs[i].hearing = hearing;
        legs[i].session = session;
        legs[i].state = ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED;
        legs[i].audio_slots = legs[i].video_slots = 2;
    }
    matrix.hearing = hearing;
    matrix.has_epoch = 1;
    matrix.epoch = 41;
    scene.relay.attached.n_legs = 2;
    scene.relay.attached.legs = list;
    scene.relay.attached.n_matrices = 1;
    scene.relay.attached.matrices = matrices;

    assert_true(turn_until(is_up));
    turn_a_little();
    assert_true(stage_has_leg(scene.stage, 1, 70, "session"));
    assert_false(stage_has_leg(scene.stage, 1, 70, "another session"));
    assert_true(stage_is_connected(scene.stage, 2));
    Assize__Media__V1__Matrix *sent = last_matrix()->matrix;
    assert_true(sent->reset);
    assert_int_equal(sent->epoch, 42);
    assert_int_equal(sent->n_grant, 4);
}

static enum refusal last_refusal;

static void note_refusal(void *context, uint64_t asker, enum refusal refusal)
{
    (void)context;
    (void)asker;
    last_refusal = refusal;
}

static void refuses_the_answer_of_another_device(void **state)
{
    (void)state;
    assert_true(turn_until(is_up));
    uint64_t leg = connect_leg(1);
    stage_answer(scene.stage, 2, leg, "v=0", note_refusal, NULL, 0);
    assert_int_equal(last_refusal, REFUSAL_LEG_UNKNOWN);
    stage_answer(scene.stage, 1, leg, "v=0", note_refusal, NULL, 0);
    turn_a_little();
    assert_int_equal(last_refusal, REFUSAL_NONE);
}

static void junk_from_the_relay_ends_the_connection(void **state)
{
    uint8_t junk[] = {0xff, 0xff, 0xff, 0xff, 0};
    uv_buf_t vector = uv_buf_init((char *)junk, sizeof(junk));

    (void)state;
    assert_true(turn_until(is_up));
    assert_int_equal(uv_try_write((uv_stream_t *)scene.relay.peer, &vector, 1), sizeof(junk));
    for (int i = 0; i < 200 && !scene.downs; i++)
        uv_run(&scene.loop, UV_RUN_ONCE);
    assert_int_equal(scene.downs, 1);
}

static Assize__Media__V1__Record *last_record(void)
{
    for (size_t i = scene.relay.request_count; i > 0; i--) {
        Assize__Media__V1__Request *request = parse(&scene.relay.requests[i - 1]);
        if (request->body_case == ASSIZE__MEDIA__V1__REQUEST__BODY_RECORD)
            return request->record;
    }
    return NULL;
}

static void update(void)
{
    stage_update(scene.stage, &scene.state, &scene.state);
    turn_a_little();
}

static void tells_the_relay_what_is_on_record_when_that_changes(void **state)
{
    (void)state;
    assert_true(turn_until(is_up));
    uint64_t leg = stage_open_leg(scene.stage, 2, "s", true, 2, 2);
    turn_a_little();
    report_leg(leg, ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED);
    update();
    assert_null(last_record()); /* nothing on record, and the relay knows of nothing */

    scene.state.recording = true;
    update();
    assert_int_equal(last_record()->n_tracks, 1);
    assert_string_equal(last_record()->hearing, hearing_id);
    assert_string_equal(last_record()->tracks[0]->group, "e2");
    assert_true(last_record()->tracks[0]->leg == leg);
    assert_true(last_record()->tracks[0]->audio && last_record()->tracks[0]->video);
    update();
    assert_int_equal(count_requests(ASSIZE__MEDIA__V1__REQUEST__BODY_RECORD), 1);

    struct hearing muted = scene.state;
    muted.endpoints[1].muted = true; /* not committed yet */
    stage_update(scene.stage, &scene.state, &muted);
    turn_a_little();
    assert_false(last_record()->tracks[0]->audio);

    scene.state.recording = false;
    update();
    assert_int_equal(last_record()->n_tracks, 0);
    assert_int_equal(count_requests(ASSIZE__MEDIA__V1__REQUEST__BODY_RECORD), 3);
}

static void keeps_what_the_relay_says_of_the_record_until_it_is_away(void **state)
{
    Assize__Media__V1__Report report = ASSIZE__MEDIA__V1__REPORT__INIT;
    Assize__Media__V1__RecordState told = ASSIZE__MEDIA__V1__RECORD_STATE__INIT;

    (void)state;
    assert_true(turn_until(is_up));
    told.has_state = 1;
    told.state = ASSIZE__MEDIA__V1__RECORD_STATE__STATE__STATE_WRITING;
    report.body_case = ASSIZE__MEDIA__V1__REPORT__BODY_RECORD_STATE;
    report.record_state = &told;
    write_report(&report, 0);
    write_report(&report, 0);
    turn_a_little();
    assert_int_equal(stage_record_state(scene.stage), told.state);
    assert_int_equal(scene.lamp_changes, 1);
    hang_up();
    turn_a_little();
    assert_int_equal(stage_record_state(scene.stage),
                     ASSIZE__MEDIA__V1__RECORD_STATE__STATE__STATE_UNSPECIFIED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(grants_as_soon_as_two_legs_are_connected),
        TEST(announces_a_revoke_only_after_its_acknowledgement),
        TEST(takes_away_what_only_the_shadow_forbids),
        TEST(sends_nothing_when_nothing_differs),
        TEST(a_new_leg_takes_the_place_and_the_slots_of_the_old),
        TEST(a_relay_that_started_anew_has_lost_its_legs),
        TEST(takes_up_the_legs_a_relay_still_has),
        TEST(refuses_the_answer_of_another_device),
        TEST(junk_from_the_relay_ends_the_connection),
        TEST(tells_the_relay_what_is_on_record_when_that_changes),
        TEST(keeps_what_the_relay_says_of_the_record_until_it_is_away),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
