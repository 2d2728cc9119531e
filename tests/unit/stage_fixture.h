/*
 * The media of one hearing before a relay that does as it is told by the test, over a real socket.
 * Header only: each test program is one file.
 */
#ifndef ASSIZE_TESTS_UNIT_STAGE_FIXTURE_H
#define ASSIZE_TESTS_UNIT_STAGE_FIXTURE_H

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

enum { TURNS_MS = 10000, REQUESTS_MAX = 64, PEOPLE = 3 };

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
    int programme_changes;
    int misses;
    int viewer_offers;
    int viewer_slot_changes;
};

static struct scene scene;

/* ---- the fake relay ---- */

static inline void write_report(Assize__Media__V1__Report *report, uint64_t request_id)
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

static inline void answer(const Assize__Media__V1__Request *request)
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

static inline Assize__Media__V1__Request *parse(const struct buf *bytes)
{
    Assize__Media__V1__Request *request = codec_unpack(&assize__media__v1__request__descriptor,
                                                       &scene.arena, bytes->data, bytes->len);

    assert_non_null(request);
    return request;
}

static inline int take_request(void *context, const uint8_t *body, size_t len)
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

static inline void lend(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    static char bytes[65536];

    (void)handle;
    (void)suggested;
    *buffer = uv_buf_init(bytes, sizeof(bytes));
}

static inline void free_handle(uv_handle_t *handle)
{
    free(handle);
}

static inline void hang_up(void)
{
    if (scene.relay.peer)
        uv_close((uv_handle_t *)scene.relay.peer, free_handle);
    scene.relay.peer = NULL;
}

static inline void read_bytes(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
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

static inline void accepted(uv_stream_t *listener, int status)
{
    assert_int_equal(status, 0);
    hang_up();
    scene.relay.peer = calloc(1, sizeof(*scene.relay.peer));
    assert_non_null(scene.relay.peer);
    uv_pipe_init(&scene.loop, scene.relay.peer, 0);
    assert_int_equal(uv_accept(listener, (uv_stream_t *)scene.relay.peer), 0);
    uv_read_start((uv_stream_t *)scene.relay.peer, lend, read_bytes);
}

static inline Assize__Media__V1__Request *last_matrix(void)
{
    for (size_t i = scene.relay.request_count; i > 0; i--) {
        Assize__Media__V1__Request *request = parse(&scene.relay.requests[i - 1]);
        if (request->body_case == ASSIZE__MEDIA__V1__REQUEST__BODY_MATRIX)
            return request;
    }
    return NULL;
}

static inline size_t count_requests(Assize__Media__V1__Request__BodyCase arm)
{
    size_t count = 0;

    for (size_t i = 0; i < scene.relay.request_count; i++)
        count += parse(&scene.relay.requests[i])->body_case == arm;
    return count;
}

static inline void report_leg(uint64_t leg, Assize__Media__V1__LegState__State state)
{
    Assize__Media__V1__LegState body = ASSIZE__MEDIA__V1__LEG_STATE__INIT;

    body.has_leg = body.has_state = 1;
    body.leg = leg;
    body.state = state;
    assert_true(stage_leg_state(scene.stage, &body));
    stage_update(scene.stage, &scene.state, &scene.state);
}

/* ---- what the client and the stage say ---- */

static inline void came_up(void *context, const Assize__Media__V1__Attached *attached)
{
    (void)context;
    scene.up = true;
    stage_relay_up(scene.stage, attached);
    stage_update(scene.stage, &scene.state, &scene.state);
}

static inline void went_down(void *context)
{
    (void)context;
    scene.up = false;
    scene.downs++;
    stage_relay_down(scene.stage);
}

static inline void ignore_leg(void *context, const Assize__Media__V1__LegState *state)
{
    (void)context;
    (void)state;
}

static inline void ignore_quality(void *context, const Assize__Media__V1__LegQuality *quality)
{
    (void)context;
    (void)quality;
}

static inline void take_record_state(void *context, const Assize__Media__V1__RecordState *state)
{
    (void)context;
    stage_take_record_state(scene.stage, state);
}

static const struct relay_client_ops client_ops = {.up = came_up,
                                                   .down = went_down,
                                                   .leg_state = ignore_leg,
                                                   .leg_quality = ignore_quality,
                                                   .record_state = take_record_state};

static inline void offered(void *context, uint32_t endpoint, uint64_t leg, const char *sdp)
{
    (void)context;
    (void)endpoint;
    assert_true(leg != 0);
    assert_string_equal(sdp, "v=0");
    scene.offers++;
}

static inline void leg_changed(void *context, uint32_t endpoint, uint64_t leg, bool gone)
{
    (void)context;
    (void)endpoint;
    (void)leg;
    scene.gone += gone;
}

static inline void slots_changed(void *context, uint32_t endpoint, uint64_t leg)
{
    (void)context;
    (void)endpoint;
    (void)leg;
    scene.slot_changes++;
}

static inline void settled(void *context)
{
    (void)context;
    scene.settles++;
}

static inline void record_changed(void *context)
{
    (void)context;
    scene.lamp_changes++;
}

static inline void programme_changed(void *context)
{
    (void)context;
    scene.programme_changes++;
}

static inline void programme_missed(void *context, int64_t from_ms, int64_t to_ms)
{
    (void)context;
    assert_true(from_ms > 0 && to_ms >= from_ms);
    scene.misses++;
}

static inline void viewer_offered(void *context, uint64_t viewer, uint64_t leg, const char *sdp)
{
    (void)context;
    (void)sdp;
    assert_true(viewer != 0 && leg != 0);
    scene.viewer_offers++;
}

static inline void viewer_changed(void *context, uint64_t viewer, uint64_t leg, bool gone)
{
    (void)context;
    (void)viewer;
    (void)leg;
    scene.gone += gone;
}

static inline void viewer_slots_changed(void *context, uint64_t viewer, uint64_t leg)
{
    (void)context;
    (void)viewer;
    (void)leg;
    scene.viewer_slot_changes++;
}

static const struct stage_ops stage_ops = {.offered = offered,
                                           .leg_changed = leg_changed,
                                           .slots_changed = slots_changed,
                                           .record_changed = record_changed,
                                           .programme_changed = programme_changed,
                                           .programme_missed = programme_missed,
                                           .viewer_offered = viewer_offered,
                                           .viewer_changed = viewer_changed,
                                           .viewer_slots_changed = viewer_slots_changed,
                                           .settled = settled};

/* Set by a program whose stage has a studio. */
static void (*add_to_stage)(struct stage_options *options);

/* ---- the scene ---- */

static inline bool turn_until(bool (*reached)(void))
{
    int64_t until_ms = clock_monotonic_ms() + TURNS_MS;

    while (!reached() && clock_monotonic_ms() < until_ms)
        uv_run(&scene.loop, UV_RUN_ONCE);
    return reached();
}

static inline bool is_up(void)
{
    return scene.up;
}

static inline bool is_settled(void)
{
    return stage_is_settled(scene.stage);
}

static inline void turn_a_little(void)
{
    for (int i = 0; i < 20; i++)
        uv_run(&scene.loop, UV_RUN_NOWAIT);
}

static inline void fill_state(struct hearing *state)
{
    hearing_init(state, NULL);
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

static inline int set_up(void **state)
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
    struct stage_options options = {
        .loop = &scene.loop, .relay = scene.client, .hearing = hearing_id};
    if (add_to_stage)
        add_to_stage(&options);
    scene.stage = stage_new(&options, &stage_ops, NULL);
    return 0;
}

static inline int tear_down(void **state)
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

#endif
