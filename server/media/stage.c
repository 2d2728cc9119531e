#include "server/media/stage.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "server/media/stage_internal.h"

enum { MID_SIZE = 8 };

static void matrix_replied(void *context, uint64_t epoch, const Assize__Media__V1__Report *reply);

static struct matrix_leg as_matrix_leg(const struct stage *stage, const struct stage_leg *leg)
{
    uint32_t endpoint = leg->party.endpoint;

    return (struct matrix_leg){
        .leg = leg->leg,
        .part = leg->party.part,
        .endpoint = endpoint,
        .audio_slots = leg->audio_slots,
        .video_slots = leg->video_slots,
        .thin = endpoint && stage->thin[endpoint - 1],
        .listens = endpoint && stage->listens[endpoint - 1],
    };
}

static size_t collect_legs(const struct stage *stage, struct matrix_leg *legs)
{
    size_t count = 0;

    for (size_t i = 0; i < STAGE_LEGS_MAX; i++) {
        const struct stage_leg *leg = &stage->legs[i];
        if (leg->leg && stage_newest_leg(stage, leg->party, true) == leg)
            legs[count++] = as_matrix_leg(stage, leg);
    }
    return count;
}

static Assize__Media__V1__Cell **pack_cells(struct stage *stage, struct arena *arena,
                                            const struct matrix_cell *cells, size_t count)
{
    Assize__Media__V1__Cell **list = arena_alloc(arena, (count + 1) * sizeof(*list));

    for (size_t i = 0; i < count; i++) {
        struct stage_leg *subscriber = stage_find_leg(stage, cells[i].subscriber);
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

    relay_client_kill(stage->options.relay, "a revoke was not acknowledged");
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
    relay_client_request(stage->options.relay, &request, matrix_replied, stage, stage->epoch);
    arena_done(&arena);
}

/* What the relay is to be sent: 0 revokes, 0 grants and no reset mean nothing. */
static bool compute_difference(struct stage *stage, const struct matrix_leg *legs, size_t leg_count,
                               size_t *ret_revokes, size_t *ret_grants)
{
    matrix_compute(&stage->state, &stage->shadow, legs, leg_count, &stage->sent, &stage->scratch);
    if (stage->reset)
        stage->sent.count = 0;
    *ret_revokes = matrix_missing(&stage->sent, &stage->scratch, stage->revokes);
    *ret_grants = matrix_missing(&stage->scratch, &stage->sent, stage->grants);
    return *ret_revokes || *ret_grants || stage->reset;
}

void stage_update(struct stage *stage, const struct hearing *state, const struct hearing *shadow)
{
    struct matrix_leg legs[STAGE_LEGS_MAX];
    size_t revokes, grants;

    stage->state = *state;
    stage->shadow = *shadow;
    programme_follow(stage);
    size_t leg_count = collect_legs(stage, legs);
    stage_update_record(stage, state, shadow, legs, leg_count);
    if (compute_difference(stage, legs, leg_count, &revokes, &grants)) {
        stage->sent = stage->scratch;
        send_matrix(stage, revokes, grants);
    } else {
        programme_show(stage);
    }
    programme_watch_record(stage);
    programme_tell(stage);
}

static void settle(struct stage *stage)
{
    uv_timer_stop(&stage->watchdog);
    stage->ops->settled(stage->context);
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
    if (stage->applied == stage->epoch) {
        stage_tell_touched(stage);
        programme_show(stage);
    }
}

bool stage_is_settled(const struct stage *stage)
{
    return stage->applied >= stage->revoke_epoch;
}

static void fill_slot(Assize__Signal__V1__MediaSlot *slot, const struct matrix_cell *cell)
{
    if (cell->source_part == MATRIX_DEVICE) {
        slot->has_endpoint = slot->has_share = 1;
        slot->endpoint = cell->source_endpoint;
        slot->share = cell->medium == ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_SHARE;
        return;
    }
    slot->has_feed = 1;
    slot->feed = cell->source_part == MATRIX_RECORD ? ASSIZE__SIGNAL__V1__FEED__FEED_RECORD
                                                    : ASSIZE__SIGNAL__V1__FEED__FEED_PROGRAMME;
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
        fill_slot(slot, cell);
        ret_slots->slots[ret_slots->n_slots++] = slot;
    }
}

void stage_use_programme(struct stage *stage, uint32_t endpoint, bool on)
{
    if (endpoint && endpoint <= HEARING_ENDPOINTS_MAX)
        stage->thin[endpoint - 1] = on;
}

void stage_listen(struct stage *stage, uint32_t endpoint, bool on)
{
    if (endpoint && endpoint <= HEARING_ENDPOINTS_MAX)
        stage->listens[endpoint - 1] = on;
}

/* ---- life ---- */

struct stage *stage_new(const struct stage_options *options, const struct stage_ops *ops,
                        void *context)
{
    struct stage *stage = calloc(1, sizeof(*stage));

    if (!stage)
        abort();
    stage->options = *options;
    stage->ops = ops;
    stage->context = context;
    stage->reset = true;
    str_copy(stage->hearing, sizeof(stage->hearing), options->hearing);
    hearing_init(&stage->state, NULL);
    hearing_init(&stage->shadow, NULL);
    programme_init(stage);
    uv_timer_init(options->loop, &stage->watchdog);
    stage->watchdog.data = stage;
    return stage;
}

static void free_stage(uv_handle_t *handle)
{
    free(handle->data);
}

void stage_free(struct stage *stage)
{
    if (!stage)
        return;
    programme_done(stage);
    uv_close((uv_handle_t *)&stage->watchdog, free_stage);
}
