#include "server/media/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/str.h"
#include "server/media/matrix.h"
#include "server/media/tracks.h"

enum { LEGS_MAX = HEARING_ENDPOINTS_MAX * 2, MID_SIZE = 8 };

struct stage_leg {
    uint64_t leg;   /* 0: free */
    uint64_t order; /* later legs have higher ones */
    uint32_t endpoint;
    uint32_t audio_slots;
    uint32_t video_slots;
    enum stage_leg_state state;
    bool touched; /* its slots changed since they were last told */
    char session[ID_UUID_SIZE];
};

struct stage {
    struct relay_client *relay;
    const struct stage_ops *ops;
    void *context;
    char hearing[ID_UUID_SIZE];
    struct stage_leg legs[LEGS_MAX];
    uint64_t next_order;
    struct matrix sent;    /* what the relay was last sent */
    struct matrix scratch; /* what it is to be sent */
    struct matrix_cell revokes[MATRIX_CELLS_MAX];
    struct matrix_cell grants[MATRIX_CELLS_MAX];
    uint64_t epoch;        /* of `sent` */
    uint64_t applied;      /* the last epoch the relay acknowledged */
    uint64_t revoke_epoch; /* the last epoch that took something away */
    bool reset;            /* the next matrix is sent whole */
    struct tracks tracks;  /* on record, as the relay was last told */
    bool record_due;       /* it must be told anew */
    Assize__Media__V1__RecordState__State record_state; /* as the relay last told */
    Assize__Media__V1__RecordFault record_fault;
    uv_timer_t watchdog; /* runs while a revoke is not acknowledged */
};

struct pending_answer {
    struct stage *stage;
    stage_answer_callback callback;
    void *context;
    uint64_t asker;
};

static struct stage_leg *find_leg(struct stage *stage, uint64_t leg)
{
    for (size_t i = 0; leg && i < LEGS_MAX; i++) {
        if (stage->legs[i].leg == leg)
            return &stage->legs[i];
    }
    return NULL;
}

static bool carries_media(const struct stage_leg *leg)
{
    return leg->state == STAGE_LEG_STATE_CONNECTED || leg->state == STAGE_LEG_STATE_LOST;
}

/* The endpoint's newest leg; with media, the newest that can carry it. */
static const struct stage_leg *newest_leg(const struct stage *stage, uint32_t endpoint, bool media)
{
    const struct stage_leg *newest = NULL;

    for (size_t i = 0; i < LEGS_MAX; i++) {
        const struct stage_leg *leg = &stage->legs[i];
        if (leg->leg && leg->endpoint == endpoint && (!media || carries_media(leg)) &&
            (!newest || leg->order > newest->order))
            newest = leg;
    }
    return newest;
}

uint64_t stage_leg_of(const struct stage *stage, uint32_t endpoint)
{
    const struct stage_leg *leg = newest_leg(stage, endpoint, false);

    return leg ? leg->leg : 0;
}

bool stage_is_connected(const struct stage *stage, uint32_t endpoint)
{
    const struct stage_leg *leg = newest_leg(stage, endpoint, true);

    return leg && leg->state == STAGE_LEG_STATE_CONNECTED;
}

bool stage_is_lost(const struct stage *stage, uint32_t endpoint)
{
    const struct stage_leg *leg = newest_leg(stage, endpoint, true);

    return leg && leg->state == STAGE_LEG_STATE_LOST;
}

uint32_t stage_endpoint_of(const struct stage *stage, uint64_t leg)
{
    for (size_t i = 0; leg && i < LEGS_MAX; i++) {
        if (stage->legs[i].leg == leg)
            return stage->legs[i].endpoint;
    }
    return 0;
}

bool stage_has_leg(const struct stage *stage, uint32_t endpoint, uint64_t leg, const char *session)
{
    const struct stage_leg *newest = newest_leg(stage, endpoint, false);

    return leg && newest && newest->leg == leg && strcmp(newest->session, session) == 0;
}

/* ---- the matrix ---- */

static void matrix_replied(void *context, uint64_t epoch, const Assize__Media__V1__Report *reply);

static size_t collect_legs(const struct stage *stage, struct matrix_leg *legs)
{
    size_t count = 0;

    for (size_t i = 0; i < LEGS_MAX; i++) {
        const struct stage_leg *leg = &stage->legs[i];
        if (!leg->leg || newest_leg(stage, leg->endpoint, true) != leg)
            continue;
        legs[count++] = (struct matrix_leg){
            .leg = leg->leg,
            .endpoint = leg->endpoint,
            .audio_slots = leg->audio_slots,
            .video_slots = leg->video_slots,
        };
    }
    return count;
}

static Assize__Media__V1__Cell **pack_cells(struct stage *stage, struct arena *arena,
                                            const struct matrix_cell *cells, size_t count)
{
    Assize__Media__V1__Cell **list = arena_alloc(arena, (count + 1) * sizeof(*list));

    for (size_t i = 0; i < count; i++) {
        struct stage_leg *subscriber = find_leg(stage, cells[i].subscriber);
        if (subscriber)
            subscriber->touched = true;
        list[i] = arena_alloc(arena, sizeof(**list));
        assize__media__v1__cell__init(list[i]);
        list[i]->has_source = list[i]->has_subscriber = list[i]->has_medium = list[i]->has_slot = 1;
        list[i]->source = cells[i].source;
        list[i]->subscriber = cells[i].subscriber;
        list[i]->medium = cells[i].medium;
        list[i]->slot = cells[i].slot;
    }
    return list;
}

static void revoke_overdue(uv_timer_t *timer)
{
    struct stage *stage = timer->data;

    relay_client_kill(stage->relay, "a revoke was not acknowledged");
    stage->applied = stage->epoch;
    stage->ops->settled(stage->context);
}

static void send_matrix(struct stage *stage, size_t revokes, size_t grants)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__Matrix matrix = ASSIZE__MEDIA__V1__MATRIX__INIT;
    struct arena arena;

    arena_init(&arena, 1 << 20);
    matrix.hearing = stage->hearing;
    matrix.has_epoch = matrix.has_base_epoch = matrix.has_reset = 1;
    matrix.base_epoch = stage->epoch;
    matrix.epoch = ++stage->epoch;
    matrix.reset = stage->reset;
    matrix.n_revoke = revokes;
    matrix.revoke = pack_cells(stage, &arena, stage->revokes, revokes);
    matrix.n_grant = grants;
    matrix.grant = pack_cells(stage, &arena, stage->grants, grants);
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_MATRIX;
    request.matrix = &matrix;
    if (revokes || stage->reset) {
        if (stage_is_settled(stage))
            uv_timer_start(&stage->watchdog, revoke_overdue, RELAY_REVOKE_MS, 0);
        stage->revoke_epoch = stage->epoch;
    }
    stage->reset = false;
    relay_client_request(stage->relay, &request, matrix_replied, stage, stage->epoch);
    arena_done(&arena);
}

/* ---- the record ---- */

Assize__Media__V1__RecordState__State stage_record_state(const struct stage *stage)
{
    return stage->record_state;
}

Assize__Media__V1__RecordFault stage_record_fault(const struct stage *stage)
{
    return stage->record_fault;
}

static void set_record_state(struct stage *stage, Assize__Media__V1__RecordState__State state,
                             Assize__Media__V1__RecordFault fault)
{
    if (stage->record_state == state && stage->record_fault == fault)
        return;
    stage->record_state = state;
    stage->record_fault = fault;
    stage->ops->record_changed(stage->context);
}

void stage_take_record_state(struct stage *stage, const Assize__Media__V1__RecordState *state)
{
    set_record_state(stage, state->state, state->why);
}

static void record_replied(void *context, uint64_t id, const Assize__Media__V1__Report *reply)
{
    struct stage *stage = context;

    (void)id;
    if (reply && reply->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_ACCEPTED)
        return;
    stage->record_due = true;
    log_error("record.not_taken", "hearing=%s", stage->hearing);
}

/* Before the matrix: when a revoke is acknowledged, what it takes away is not recorded either. */
static void update_record(struct stage *stage, const struct hearing *state,
                          const struct hearing *shadow, const struct matrix_leg *legs,
                          size_t leg_count)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    struct tracks tracks;
    struct arena arena;

    tracks_compute(state, shadow, legs, leg_count, &tracks);
    if (!relay_client_is_up(stage->relay) ||
        (!stage->record_due && tracks_are_same(&tracks, &stage->tracks)))
        return;
    stage->tracks = tracks;
    stage->record_due = false;
    arena_init(&arena, 1 << 16);
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_RECORD;
    request.record = tracks_pack(&tracks, &arena);
    request.record->hearing = stage->hearing;
    relay_client_request(stage->relay, &request, record_replied, stage, 0);
    arena_done(&arena);
}

void stage_update(struct stage *stage, const struct hearing *state, const struct hearing *shadow)
{
    struct matrix_leg legs[LEGS_MAX];
    size_t leg_count = collect_legs(stage, legs);

    update_record(stage, state, shadow, legs, leg_count);
    matrix_compute(state, shadow, legs, leg_count, &stage->sent, &stage->scratch);
    if (stage->reset)
        stage->sent.count = 0;
    size_t revokes = matrix_missing(&stage->sent, &stage->scratch, stage->revokes);
    size_t grants = matrix_missing(&stage->scratch, &stage->sent, stage->grants);
    if (!revokes && !grants && !stage->reset)
        return;
    stage->sent = stage->scratch;
    send_matrix(stage, revokes, grants);
}

static void settle(struct stage *stage)
{
    uv_timer_stop(&stage->watchdog);
    stage->ops->settled(stage->context);
}

static void tell_touched(struct stage *stage)
{
    for (size_t i = 0; i < LEGS_MAX; i++) {
        struct stage_leg *leg = &stage->legs[i];
        if (!leg->leg || !leg->touched)
            continue;
        leg->touched = false;
        stage->ops->slots_changed(stage->context, leg->endpoint, leg->leg);
    }
}

static void matrix_replied(void *context, uint64_t epoch, const Assize__Media__V1__Report *reply)
{
    struct stage *stage = context;

    if (!reply || reply->body_case != ASSIZE__MEDIA__V1__REPORT__BODY_MATRIX_APPLIED) {
        /* Not applied: the watchdog sees to what had to be taken away, the next matrix is whole. */
        stage->reset = true;
        return;
    }
    bool was_settled = stage_is_settled(stage);
    if (epoch > stage->applied)
        stage->applied = epoch;
    if (!was_settled && stage_is_settled(stage))
        settle(stage);
    if (stage->applied == stage->epoch)
        tell_touched(stage);
}

bool stage_is_settled(const struct stage *stage)
{
    return stage->applied >= stage->revoke_epoch;
}

void stage_slots(const struct stage *stage, uint64_t leg, struct arena *arena,
                 Assize__Signal__V1__MediaSlots *ret_slots)
{
    size_t size = stage->sent.count * sizeof(*ret_slots->slots);

    assize__signal__v1__media_slots__init(ret_slots);
    ret_slots->has_leg = 1;
    ret_slots->leg = leg;
    ret_slots->slots = arena_alloc(arena, size ? size : 1);
    for (size_t i = 0; i < stage->sent.count; i++) {
        const struct matrix_cell *cell = &stage->sent.cells[i];
        if (cell->subscriber != leg)
            continue;
        Assize__Signal__V1__MediaSlot *slot = arena_alloc(arena, sizeof(*slot));
        assize__signal__v1__media_slot__init(slot);
        slot->mid = arena_alloc(arena, MID_SIZE);
        snprintf(slot->mid, MID_SIZE, "%c%u",
                 cell->medium == ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_AUDIO ? 'a' : 'v', cell->slot);
        slot->has_endpoint = 1;
        slot->endpoint = cell->source_endpoint;
        ret_slots->slots[ret_slots->n_slots++] = slot;
    }
}

/* ---- legs ---- */

static void replied_nothing(void *context, uint64_t id, const Assize__Media__V1__Report *reply)
{
    (void)context;
    (void)id;
    (void)reply; /* a leg the relay does not close now is not in the matrix, and ends by consent
                    expiry */
}

static void close_leg(struct stage *stage, struct stage_leg *leg)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__CloseLeg close = ASSIZE__MEDIA__V1__CLOSE_LEG__INIT;

    close.has_leg = 1;
    close.leg = leg->leg;
    leg->leg = 0;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_CLOSE_LEG;
    request.close_leg = &close;
    relay_client_request(stage->relay, &request, replied_nothing, NULL, 0);
}

void stage_close_legs(struct stage *stage, uint32_t endpoint, uint64_t keep)
{
    for (size_t i = 0; i < LEGS_MAX; i++) {
        struct stage_leg *leg = &stage->legs[i];
        if (leg->leg && leg->endpoint == endpoint && leg->leg != keep)
            close_leg(stage, leg);
    }
}

static void leg_offered(void *context, uint64_t id, const Assize__Media__V1__Report *reply)
{
    struct stage *stage = context;
    struct stage_leg *leg = find_leg(stage, id);

    if (!leg)
        return;
    if (reply && reply->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_LEG_OFFER &&
        reply->leg_offer->sdp) {
        leg->state = STAGE_LEG_STATE_OFFERED;
        stage->ops->offered(stage->context, leg->endpoint, leg->leg, reply->leg_offer->sdp);
        return;
    }
    uint32_t endpoint = leg->endpoint;
    log_warn("leg.not_opened", "hearing=%s endpoint=%u why=%s", stage->hearing, endpoint,
             reply && reply->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_FAILED &&
                     reply->failed->code
                 ? log_quote(reply->failed->code).text
                 : "no_reply");
    leg->leg = 0;
    stage->ops->leg_changed(stage->context, endpoint, id, true);
}

static struct stage_leg *add_leg(struct stage *stage, uint64_t number, uint32_t endpoint,
                                 const char *session)
{
    for (size_t i = 0; i < LEGS_MAX; i++) {
        struct stage_leg *leg = &stage->legs[i];
        if (leg->leg)
            continue;
        *leg =
            (struct stage_leg){.leg = number, .order = ++stage->next_order, .endpoint = endpoint};
        str_copy(leg->session, sizeof(leg->session), session);
        return leg;
    }
    return NULL;
}

uint64_t stage_open_leg(struct stage *stage, uint32_t endpoint, const char *session, bool sends,
                        uint32_t audio_slots, uint32_t video_slots)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__OpenLeg open = ASSIZE__MEDIA__V1__OPEN_LEG__INIT;

    if (!relay_client_is_up(stage->relay))
        return 0;
    /* At most one new leg beside the one in use. */
    const struct stage_leg *in_use = newest_leg(stage, endpoint, true);
    stage_close_legs(stage, endpoint, in_use ? in_use->leg : 0);
    uint64_t number = id_number();
    struct stage_leg *leg = add_leg(stage, number, endpoint, session);
    if (!leg)
        return 0;
    leg->audio_slots = audio_slots;
    leg->video_slots = video_slots;
    open.has_leg = open.has_endpoint = open.has_may_send = 1;
    open.has_audio_slots = open.has_video_slots = 1;
    open.leg = number;
    open.hearing = stage->hearing;
    open.endpoint = endpoint;
    open.session = leg->session;
    open.may_send = sends;
    open.audio_slots = audio_slots;
    open.video_slots = video_slots;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_OPEN_LEG;
    request.open_leg = &open;
    relay_client_request(stage->relay, &request, leg_offered, stage, number);
    return number;
}

static void answer_taken(void *context, uint64_t leg, const Assize__Media__V1__Report *reply)
{
    struct pending_answer *pending = context;
    enum refusal refusal = REFUSAL_RELAY_AWAY;

    (void)leg;
    if (reply && reply->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_ACCEPTED)
        refusal = REFUSAL_NONE;
    else if (reply && reply->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_FAILED)
        refusal = refusal_from_code(reply->failed->code);
    pending->callback(pending->context, pending->asker, refusal);
    free(pending);
}

void stage_answer(struct stage *stage, uint32_t endpoint, uint64_t leg, const char *sdp,
                  stage_answer_callback callback, void *context, uint64_t asker)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__AnswerLeg answer = ASSIZE__MEDIA__V1__ANSWER_LEG__INIT;
    char *copy = strdup(sdp);
    struct pending_answer *pending = calloc(1, sizeof(*pending));

    if (!copy || !pending)
        abort();
    *pending = (struct pending_answer){stage, callback, context, asker};
    if (!leg || stage_endpoint_of(stage, leg) != endpoint) {
        callback(context, asker, REFUSAL_LEG_UNKNOWN);
        free(pending);
    } else {
        answer.has_leg = 1;
        answer.leg = leg;
        answer.sdp = copy;
        request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_ANSWER_LEG;
        request.answer_leg = &answer;
        relay_client_request(stage->relay, &request, answer_taken, pending, leg);
    }
    free(copy);
}

/* ---- the relay ---- */

static enum stage_leg_state state_of(Assize__Media__V1__LegState__State state)
{
    if (state == ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED)
        return STAGE_LEG_STATE_CONNECTED;
    if (state == ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_LOST)
        return STAGE_LEG_STATE_LOST;
    return STAGE_LEG_STATE_OFFERED;
}

bool stage_leg_state(struct stage *stage, const Assize__Media__V1__LegState *state)
{
    struct stage_leg *leg = find_leg(stage, state->leg);

    if (!leg)
        return false;
    uint32_t endpoint = leg->endpoint;
    bool gone = state->state == ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CLOSED;
    if (gone)
        leg->leg = 0;
    else
        leg->state = state_of(state->state);
    if (!gone && leg->state == STAGE_LEG_STATE_CONNECTED)
        stage_close_legs(stage, endpoint, state->leg);
    stage->ops->leg_changed(stage->context, endpoint, state->leg, gone);
    return true;
}

static bool still_there(const struct stage *stage, const Assize__Media__V1__Attached *attached,
                        uint64_t leg)
{
    for (size_t i = 0; i < attached->n_legs; i++) {
        const Assize__Media__V1__LegInfo *info = attached->legs[i];
        if (info->leg == leg && info->hearing && strcmp(info->hearing, stage->hearing) == 0)
            return true;
    }
    return false;
}

static void adopt(struct stage *stage, const Assize__Media__V1__LegInfo *info)
{
    struct stage_leg *leg = find_leg(stage, info->leg);

    if (info->state == ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CLOSED)
        return;
    if (!leg)
        leg = add_leg(stage, info->leg, info->endpoint, info->session ? info->session : "");
    if (!leg)
        return;
    leg->state = state_of(info->state);
    if (info->has_audio_slots)
        leg->audio_slots = info->audio_slots;
    if (info->has_video_slots)
        leg->video_slots = info->video_slots;
}

void stage_relay_up(struct stage *stage, const Assize__Media__V1__Attached *attached)
{
    for (size_t i = 0; i < LEGS_MAX; i++) {
        uint64_t leg = stage->legs[i].leg;
        if (!leg || still_there(stage, attached, leg))
            continue;
        stage->legs[i].leg = 0;
        stage->ops->leg_changed(stage->context, stage->legs[i].endpoint, leg, true);
    }
    for (size_t i = 0; i < attached->n_legs; i++) {
        const Assize__Media__V1__LegInfo *info = attached->legs[i];
        if (info->leg && info->hearing && strcmp(info->hearing, stage->hearing) == 0)
            adopt(stage, info);
    }
    for (size_t i = 0; i < attached->n_matrices; i++) {
        const Assize__Media__V1__MatrixInfo *info = attached->matrices[i];
        if (info->hearing && strcmp(info->hearing, stage->hearing) == 0 &&
            info->epoch > stage->epoch)
            stage->epoch = info->epoch;
    }
    /* Of what it still keeps on record the relay must hear, even if that is nothing now. */
    stage->tracks.count = 0;
    for (size_t i = 0; i < attached->n_recording; i++)
        stage->record_due |= strcmp(attached->recording[i], stage->hearing) == 0;
    stage->reset = true;
}

void stage_relay_down(struct stage *stage)
{
    stage->reset = true;
    set_record_state(stage, ASSIZE__MEDIA__V1__RECORD_STATE__STATE__STATE_UNSPECIFIED,
                     ASSIZE__MEDIA__V1__RECORD_FAULT__RECORD_FAULT_UNSPECIFIED);
}

struct stage *stage_new(uv_loop_t *loop, struct relay_client *relay, const char *hearing,
                        const struct stage_ops *ops, void *context)
{
    struct stage *stage = calloc(1, sizeof(*stage));

    if (!stage)
        abort();
    stage->relay = relay;
    stage->ops = ops;
    stage->context = context;
    stage->reset = true;
    str_copy(stage->hearing, sizeof(stage->hearing), hearing);
    uv_timer_init(loop, &stage->watchdog);
    stage->watchdog.data = stage;
    return stage;
}

static void free_stage(uv_handle_t *handle)
{
    free(handle->data);
}

void stage_free(struct stage *stage)
{
    if (stage)
        uv_close((uv_handle_t *)&stage->watchdog, free_stage);
}
