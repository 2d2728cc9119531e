/* What of a stage is on record: what the relay is told of it, and what it says. */
#include "base/log.h"
#include "server/media/stage_internal.h"

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

void stage_forget_record_state(struct stage *stage)
{
    set_record_state(stage, ASSIZE__MEDIA__V1__RECORD_STATE__STATE__STATE_UNSPECIFIED,
                     ASSIZE__MEDIA__V1__RECORD_FAULT__RECORD_FAULT_UNSPECIFIED);
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
void stage_update_record(struct stage *stage, const struct hearing *state,
                         const struct hearing *shadow, const struct matrix_leg *legs,
                         size_t leg_count)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    struct tracks tracks;
    struct arena arena;

    tracks_compute(state, shadow, legs, leg_count, stage->options.record_programme, &tracks);
    if (!relay_client_is_up(stage->options.relay) ||
        (!stage->record_due && tracks_are_same(&tracks, &stage->tracks)))
        return;
    stage->tracks = tracks;
    stage->record_due = false;
    arena_init(&arena, 1 << 16);
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_RECORD;
    request.record = tracks_pack(&tracks, &arena);
    request.record->hearing = stage->hearing;
    relay_client_request(stage->options.relay, &request, record_replied, stage, 0);
    arena_done(&arena);
}
