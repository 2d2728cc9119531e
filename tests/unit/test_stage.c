/* The media of one hearing before a relay that does as it is told by the test, over a real socket.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/frame.h"
#include "proto/codec.h"
#include "server/media/stage.h"

enum { TURNS_MS = 2000, REQUESTS_MAX = 32, PEOPLE = 3 };

static const char *const hearing_id = "019aa000-0000-7000-8000-000000000000";

/* The far end: keeps what it was asked, answers when `answers` is set. */
struct fake_relay {
    uv_pipe_t listener;
    uv_pipe_t *peer; /* the connection, or NULL */
    bool answers;
    struct frame_reader reader;
    struct buf requests[REQUESTS_MAX];
    size_t request_count;
    Assize__Media__V1__Attached attached;
};

struct scene {
    uv_loop_t loop;
    char path[64];
    struct fake_relay relay;
    struct relay_client *client;
    struct stage *stage;
    struct hearing state;
    struct arena arena;
    bool up;
    int offers;
    int settles;
    int slot_changes;
    int lamp_changes;
    int gone;
    int downs;
};

static struct scene scene;

/* ---- the fake relay ---- */

static void write_report(Assize__Media__V1__Report *report, uint64_t request_id)
{
    struct buf out;

    buf_init(&out, FRAME_HEADER_BYTES + FRAME_BODY_MAX);
    report->has_in_reply_to = request_id != 0;
    report->in_reply_to = request_id;
    assert_int_equal(codec_pack_frame(&report->base, &out), 0);
    uv_buf_t vector = uv_buf_init((char *)out.data, (unsigned)out.len);
    int written = uv_try_write((uv_stream_t *)scene.relay.peer, &vector, 1);
    buf_done(&out);
    assert_true(written > 0 || written == UV_EPIPE); /* the client may have gone */
}

static void answer(const Assize__Media__V1__Request *request)
{
    Assize__Media__V1__Report report = ASSIZE__MEDIA__V1__REPORT__INIT;
    Assize__Media__V1__LegOffer offer = ASSIZE__MEDIA__V1__LEG_OFFER__INIT;
    Assize__Media__V1__Accepted accepted = ASSIZE__MEDIA__V1__ACCEPTED__INIT;
    Assize__Media__V1__MatrixApplied applied = ASSIZE__MEDIA__V1__MATRIX_APPLIED__INIT;
    char sdp[] = "v=0";

    if (request->body_case == ASSIZE__MEDIA__V1__REQUEST__BODY_ATTACH) {
        report.body_case = ASSIZE__MEDIA__V1__REPORT__BODY_ATTACHED;
        report.attached = &scene.relay.attached;
    } else if (request->body_case == ASSIZE__MEDIA__V1__REQUEST__BODY_OPEN_LEG) {
        report.body_case = ASSIZE__MEDIA__V1__REPORT__BODY_LEG_OFFER;
        report.leg_offer = &offer;
        offer.has_leg = 1;
        offer.leg = request->open_leg->leg;
        offer.sdp = sdp;
    } else if (request->body_case == ASSIZE__MEDIA__V1__REQUEST__BODY_MATRIX) {
        report.body_case = ASSIZE__MEDIA__V1__REPORT__BODY_MATRIX_APPLIED;
        report.matrix_applied = &applied;
        applied.has_epoch = 1;
        applied.epoch = request->matrix->epoch;
    } else {
        report.body_case = ASSIZE__MEDIA__V1__REPORT__BODY_ACCEPTED;
        report.accepted = &accepted;
    }
    write_report(&report, request->request_id);
}

static Assize__Media__V1__Request *parse(const struct buf *bytes)
{
    Assize__Media__V1__Request *request = codec_unpack(&assize__media__v1__request__descriptor,
                                                       &scene.arena, bytes->data, bytes->len);

    assert_non_null(request);
    return request;
}

static int take_request(void *context, const uint8_t *body, size_t len)
{
    struct fake_relay *relay = context;
    struct buf *kept = &relay->requests[relay->request_count++];

    assert_true(relay->request_count < REQUESTS_MAX);
    buf_init(kept, FRAME_BODY_MAX);
    assert_int_equal(buf_append(kept, body, len), 0);
    const Assize__Media__V1__Request *request = parse(kept);
    if (relay->answers || request->body_case == ASSIZE__MEDIA__V1__REQUEST__BODY_ATTACH)
        answer(request);
    return 0;
}

static void lend(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    static char bytes[65536];

    (void)handle;
    (void)suggested;
    *buffer = uv_buf_init(bytes, sizeof(bytes));
}

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

static void hang_up(void)
{
    if (scene.relay.peer)
        uv_close((uv_handle_t *)scene.relay.peer, free_handle);
    scene.relay.peer = NULL;
}

static void read_bytes(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    if ((uv_pipe_t *)stream != scene.relay.peer)
        return;
    if (count < 0)
        hang_up();
    else if (count > 0)
        assert_int_equal(frame_reader_feed(&scene.relay.reader, (const uint8_t *)buffer->base,
                                           (size_t)count, take_request, &scene.relay),
                         0);
}

static void accepted(uv_stream_t *listener, int status)
{
    assert_int_equal(status, 0);
    hang_up();
    scene.relay.peer = calloc(1, sizeof(*scene.relay.peer));
    assert_non_null(scene.relay.peer);
    uv_pipe_init(&scene.loop, scene.relay.peer, 0);
    assert_int_equal(uv_accept(listener, (uv_stream_t *)scene.relay.peer), 0);
    uv_read_start((uv_stream_t *)scene.relay.peer, lend, read_bytes);
}

static Assize__Media__V1__Request *last_matrix(void)
{
    for (size_t i = scene.relay.request_count; i > 0; i--) {
        Assize__Media__V1__Request *request = parse(&scene.relay.requests[i - 1]);
        if (request->body_case == ASSIZE__MEDIA__V1__REQUEST__BODY_MATRIX)
            return request;
    }
    return NULL;
}

static size_t count_requests(Assize__Media__V1__Request__BodyCase arm)
{
    size_t count = 0;

    for (size_t i = 0; i < scene.relay.request_count; i++)
        count += parse(&scene.relay.requests[i])->body_case == arm;
    return count;
}

static void report_leg(uint64_t leg, Assize__Media__V1__LegState__State state)
{
    Assize__Media__V1__LegState body = ASSIZE__MEDIA__V1__LEG_STATE__INIT;

    body.has_leg = body.has_state = 1;
    body.leg = leg;
    body.state = state;
    assert_true(stage_leg_state(scene.stage, &body));
    stage_update(scene.stage, &scene.state, &scene.state);
}

/* ---- what the client and the stage say ---- */

static void came_up(void *context, const Assize__Media__V1__Attached *attached)
{
    (void)context;
    scene.up = true;
    stage_relay_up(scene.stage, attached);
    stage_update(scene.stage, &scene.state, &scene.state);
}

static void went_down(void *context)
{
    (void)context;
    scene.up = false;
    scene.downs++;
    stage_relay_down(scene.stage);
}

static void ignore_leg(void *context, const Assize__Media__V1__LegState *state)
{
    (void)context;
    (void)state;
}

static void ignore_quality(void *context, const Assize__Media__V1__LegQuality *quality)
{
    (void)context;
    (void)quality;
}

static void take_record_state(void *context, const Assize__Media__V1__RecordState *state)
{
    (void)context;
    stage_take_record_state(scene.stage, state);
}

static const struct relay_client_ops client_ops = {.up = came_up,
                                                   .down = went_down,
                                                   .leg_state = ignore_leg,
                                                   .leg_quality = ignore_quality,
                                                   .record_state = take_record_state};

static void offered(void *context, uint32_t endpoint, uint64_t leg, const char *sdp)
{
    (void)context;
    (void)endpoint;
    assert_true(leg != 0);
    assert_string_equal(sdp, "v=0");
    scene.offers++;
}

static void leg_changed(void *context, uint32_t endpoint, uint64_t leg, bool gone)
{
    (void)context;
    (void)endpoint;
    (void)leg;
    scene.gone += gone;
}

static void slots_changed(void *context, uint32_t endpoint, uint64_t leg)
{
    (void)context;
    (void)endpoint;
    (void)leg;
    scene.slot_changes++;
}

static void settled(void *context)
{
    (void)context;
    scene.settles++;
}

static void record_changed(void *context)
{
    (void)context;
    scene.lamp_changes++;
}

static const struct stage_ops stage_ops = {offered, leg_changed, slots_changed, record_changed,
                                           settled};

/* ---- the scene ---- */

static bool turn_until(bool (*reached)(void))
{
    int64_t until_ms = clock_monotonic_ms() + TURNS_MS;

    while (!reached() && clock_monotonic_ms() < until_ms)
        uv_run(&scene.loop, UV_RUN_ONCE);
    return reached();
}

static bool is_up(void)
{
    return scene.up;
}

static bool is_settled(void)
{
    return stage_is_settled(scene.stage);
}

static void turn_a_little(void)
{
    for (int i = 0; i < 20; i++)
        uv_run(&scene.loop, UV_RUN_NOWAIT);
}

static void fill_state(struct hearing *state)
{
    hearing_init(state);
    state->status = ASSIZE__HEARING__V1__STATUS__STATUS_IN_SESSION;
    state->endpoint_count = state->participant_count = PEOPLE;
    for (uint32_t i = 0; i < PEOPLE; i++) {
        state->endpoints[i] = (struct hearing_endpoint){
            .id = i + 1,
            .site = 1,
            .kind = ASSIZE__HEARING__V1__ENDPOINT_KIND__ENDPOINT_KIND_PERSONAL,
        };
        state->participants[i] = (struct hearing_participant){
            .id = i + 1,
            .endpoint = i + 1,
            .standing = ASSIZE__HEARING__V1__STANDING__STANDING_IN_HEARING,
        };
    }
}

static int set_up(void **state)
{
    (void)state;
    memset(&scene, 0, sizeof(scene));
    arena_init(&scene.arena, 16 << 20);
    fill_state(&scene.state);
    snprintf(scene.path, sizeof(scene.path), "/tmp/assize-test-stage-%d", (int)getpid());
    unlink(scene.path);
    uv_loop_init(&scene.loop);
    scene.relay.answers = true;
    assize__media__v1__attached__init(&scene.relay.attached);
    frame_reader_init(&scene.relay.reader);
    uv_pipe_init(&scene.loop, &scene.relay.listener, 0);
    assert_int_equal(uv_pipe_bind(&scene.relay.listener, scene.path), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&scene.relay.listener, 4, accepted), 0);
    scene.client = relay_client_new(&scene.loop, scene.path, &client_ops, NULL);
    scene.stage = stage_new(&scene.loop, scene.client, hearing_id, &stage_ops, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    relay_client_free(scene.client);
    stage_free(scene.stage);
    uv_close((uv_handle_t *)&scene.relay.listener, NULL);
    hang_up();
    while (uv_run(&scene.loop, UV_RUN_DEFAULT))
        ;
    assert_int_equal(uv_loop_close(&scene.loop), 0);
    for (size_t i = 0; i < scene.relay.request_count; i++)
        buf_done(&scene.relay.requests[i]);
    frame_reader_done(&scene.relay.reader);
    arena_done(&scene.arena);
    unlink(scene.path);
    return 0;
}

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
