#include "media/relay/commands.h"
#include "media/relay/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/errors.h"
#include "proto/codec.h"

/* From the reply's arena, which is large enough for every reply. */
static void *draw(struct arena *arena, size_t size)
{
    void *memory = arena_alloc(arena, size);

    if (!memory)
        abort();
    return memory;
}

static char *draw_text(struct arena *arena, const char *text)
{
    char *copy = arena_copy(arena, text, strlen(text));

    if (!copy)
        abort();
    return copy;
}

static Assize__Media__V1__Report *make_report(struct arena *arena,
                                              Assize__Media__V1__Report__BodyCase arm)
{
    Assize__Media__V1__Report *report = draw(arena, sizeof(*report));

    assize__media__v1__report__init(report);
    report->body_case = arm;
    return report;
}

static Assize__Media__V1__Report *fail(struct arena *arena, enum refusal refusal)
{
    Assize__Media__V1__Report *report = make_report(arena, ASSIZE__MEDIA__V1__REPORT__BODY_FAILED);

    report->failed = draw(arena, sizeof(*report->failed));
    assize__media__v1__failed__init(report->failed);
    report->failed->code = draw_text(arena, refusal_info(refusal)->code);
    return report;
}

/* What the modules below answer, as a refusal. */
static Assize__Media__V1__Report *fail_errno(struct arena *arena, int result)
{
    switch (result) {
    case -EEXIST:
    case -EALREADY:
        return fail(arena, REFUSAL_ALREADY_SO);
    case -ENOSPC:
        return fail(arena, REFUSAL_TOO_MANY_LEGS);
    case -ESTALE:
        return fail(arena, REFUSAL_STALE_EPOCH);
    case -EINVAL:
        return fail(arena, REFUSAL_MEDIA_REFUSED);
    default:
        return fail(arena, REFUSAL_INTERNAL);
    }
}

/* ---- attach ---- */

struct recording {
    struct arena *arena;
    Assize__Media__V1__Attached *attached;
};

static void add_recording(void *context, const char *hearing)
{
    struct recording *recording = context;
    Assize__Media__V1__Attached *attached = recording->attached;

    attached->recording[attached->n_recording++] = draw_text(recording->arena, hearing);
}

static void describe_record(const struct record *record, struct arena *arena,
                            Assize__Media__V1__Attached *attached)
{
    struct recording recording = {arena, attached};

    attached->recording = draw(arena, RELAY_HEARINGS_MAX * sizeof(char *));
    record_each(record, add_recording, &recording);
    attached->has_record_free_bytes = 1;
    attached->record_free_bytes = record_free_bytes(record);
}

Assize__Media__V1__LegState__State command_leg_state(enum leg_state state)
{
    switch (state) {
    case LEG_STATE_NEW:
        return ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_NEW;
    case LEG_STATE_CONNECTED:
        return ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED;
    case LEG_STATE_LOST:
        return ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_LOST;
    case LEG_STATE_CLOSED:
        return ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CLOSED;
    }
    abort();
}

static Assize__Media__V1__LegInfo *describe_leg(struct arena *arena, const struct leg *leg)
{
    Assize__Media__V1__LegInfo *info = draw(arena, sizeof(*info));

    assize__media__v1__leg_info__init(info);
    info->has_leg = info->has_endpoint = info->has_state = 1;
    info->has_audio_slots = info->has_video_slots = 1;
    info->leg = leg->party.id;
    info->hearing = draw_text(arena, leg->party.room->hearing);
    info->endpoint = leg->endpoint;
    info->session = draw_text(arena, leg->session);
    info->state = command_leg_state(leg->state);
    info->audio_slots = leg->party.slot_count[SDP_AUDIO];
    info->video_slots = leg->party.slot_count[SDP_VIDEO];
    return info;
}

static Assize__Media__V1__MatrixInfo *describe_room(struct arena *arena, const struct room *room)
{
    Assize__Media__V1__MatrixInfo *info = draw(arena, sizeof(*info));

    assize__media__v1__matrix_info__init(info);
    info->hearing = draw_text(arena, room->hearing);
    info->has_epoch = 1;
    info->epoch = room->matrix.epoch;
    return info;
}

static Assize__Media__V1__Report *attach(struct legs *legs, const char *boot_id,
                                         struct arena *arena)
{
    Assize__Media__V1__Report *report =
        make_report(arena, ASSIZE__MEDIA__V1__REPORT__BODY_ATTACHED);
    Assize__Media__V1__Attached *attached = draw(arena, sizeof(*attached));
    const struct party *party = legs->router.parties;
    const struct room *room = legs->router.rooms;

    assize__media__v1__attached__init(attached);
    report->attached = attached;
    attached->boot_id = draw_text(arena, boot_id);
    attached->legs = draw(arena, (legs->count + 1) * sizeof(struct leg *));
    for (; party; party = party->by_id.next)
        attached->legs[attached->n_legs++] = describe_leg(arena, (const struct leg *)party);
    attached->matrices = draw(arena, (RELAY_HEARINGS_MAX + 1) * sizeof(struct room *));
    for (; room; room = room->hh.next)
        attached->matrices[attached->n_matrices++] = describe_room(arena, room);
    if (legs->record)
        describe_record(legs->record, arena, attached);
    return report;
}

/* ---- legs ---- */

static bool fits(const char *text, size_t size)
{
    return text && *text && strlen(text) < size;
}

/* NULL when it would be too long. */
static char *draw_offer(struct arena *arena, const struct leg *leg)
{
    struct buf sdp;
    char *text = NULL;

    buf_init(&sdp, SDP_BYTES_MAX);
    if (leg_offer(leg, &sdp) == 0) {
        text = draw(arena, sdp.len + 1);
        memcpy(text, sdp.data, sdp.len);
    }
    buf_done(&sdp);
    return text;
}

static Assize__Media__V1__Report *offer_leg(struct arena *arena, const struct leg *leg)
{
    Assize__Media__V1__Report *report =
        make_report(arena, ASSIZE__MEDIA__V1__REPORT__BODY_LEG_OFFER);

    report->leg_offer = draw(arena, sizeof(*report->leg_offer));
    assize__media__v1__leg_offer__init(report->leg_offer);
    report->leg_offer->has_leg = 1;
    report->leg_offer->leg = leg->party.id;
    if (leg->party.local)
        return report;
    report->leg_offer->sdp = draw_offer(arena, leg);
    return report->leg_offer->sdp ? report : NULL;
}

static Assize__Media__V1__Report *
open_leg(struct legs *legs, const Assize__Media__V1__OpenLeg *request, struct arena *arena)
{
    const struct leg_wish wish = {
        .id = request->leg,
        .hearing = request->hearing,
        .endpoint = request->endpoint,
        .session = request->session ? request->session : "",
        .may_send = request->may_send,
        .may_share = request->may_share && !request->local,
        .audio_slots = request->audio_slots,
        .video_slots = request->video_slots,
        .token = request->local ? request->token.data : NULL,
    };
    struct leg *leg;

    if (!wish.id || !fits(wish.hearing, ROUTER_HEARING_SIZE) ||
        strlen(wish.session) >= LEG_SESSION_SIZE || wish.audio_slots > RELAY_SLOTS_MAX ||
        wish.video_slots > RELAY_SLOTS_MAX ||
        (request->local && request->token.len != LOCAL_TOKEN_BYTES))
        return fail(arena, REFUSAL_MALFORMED);
    int result = leg_open(legs, &wish, &leg);
    if (result)
        return fail_errno(arena, result);
    Assize__Media__V1__Report *report = offer_leg(arena, leg);
    if (report)
        return report;
    leg_close(leg, "offer");
    return fail(arena, REFUSAL_MEDIA_REFUSED);
}

static Assize__Media__V1__Report *accept_leg(struct arena *arena, uint64_t leg)
{
    Assize__Media__V1__Report *report =
        make_report(arena, ASSIZE__MEDIA__V1__REPORT__BODY_ACCEPTED);

    report->accepted = draw(arena, sizeof(*report->accepted));
    assize__media__v1__accepted__init(report->accepted);
    report->accepted->has_leg = 1;
    report->accepted->leg = leg;
    return report;
}

static Assize__Media__V1__Report *
answer_leg(struct legs *legs, const Assize__Media__V1__AnswerLeg *request, struct arena *arena)
{
    struct leg *leg = leg_find(legs, request->leg);

    if (!leg)
        return fail(arena, REFUSAL_LEG_UNKNOWN);
    if (!request->sdp)
        return fail(arena, REFUSAL_MEDIA_REFUSED);
    int result = leg_answer(leg, request->sdp, strlen(request->sdp));
    return result ? fail_errno(arena, result) : accept_leg(arena, request->leg);
}

static Assize__Media__V1__Report *
close_leg(struct legs *legs, const Assize__Media__V1__CloseLeg *request, struct arena *arena)
{
    struct leg *leg = leg_find(legs, request->leg);

    if (!leg)
        return fail(arena, REFUSAL_LEG_UNKNOWN);
    leg_close(leg, "asked");
    return accept_leg(arena, request->leg);
}

/* ---- the record ---- */

/* Tracks of legs that are gone or another hearing's are left out: the controller learns of the legs
 * and asks anew. */
static size_t read_tracks(const struct legs *legs, const Assize__Media__V1__Record *request,
                          struct record_track *tracks)
{
    size_t count = 0;

    for (size_t i = 0; i < request->n_tracks; i++) {
        const Assize__Media__V1__RecordTrack *track = request->tracks[i];
        struct leg *leg = leg_find(legs, track->leg);
        if (!leg || strcmp(leg->party.room->hearing, request->hearing) != 0)
            continue;
        tracks[count++] = (struct record_track){
            .leg = leg,
            .group = track->group ? track->group : "",
            .wanted = {[SDP_AUDIO] = track->audio,
                       [SDP_VIDEO] = track->video,
                       [SDP_SHARE] = track->share},
        };
    }
    return count;
}

static Assize__Media__V1__Report *
set_record(struct legs *legs, const Assize__Media__V1__Record *request, struct arena *arena)
{
    struct record_track *tracks = draw(arena, (request->n_tracks + 1) * sizeof(*tracks));

    if (!legs->record || !request->hearing)
        return fail(arena, REFUSAL_MALFORMED);
    size_t count = read_tracks(legs, request, tracks);
    int result = record_set(legs->record, legs, request->hearing, tracks, count);
    return result ? fail_errno(arena, result) : accept_leg(arena, 0);
}

/* ---- the matrix ---- */

static int read_medium(Assize__Media__V1__Medium medium, enum sdp_medium *ret_medium)
{
    switch (medium) {
    case ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_AUDIO:
        *ret_medium = SDP_AUDIO;
        return 0;
    case ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_VIDEO:
        *ret_medium = SDP_VIDEO;
        return 0;
    case ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_SHARE:
        *ret_medium = SDP_SHARE;
        return 0;
    case ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_UNSPECIFIED:
    case _ASSIZE__MEDIA__V1__MEDIUM_IS_INT_SIZE:
        break;
    }
    return -EINVAL;
}

static int read_cell(const Assize__Media__V1__Cell *cell, struct relay_pair *ret_pair)
{
    enum sdp_medium medium;

    if (!cell->source || !cell->subscriber || cell->slot >= RELAY_SLOTS_MAX ||
        read_medium(cell->medium, &medium))
        return -EINVAL;
    *ret_pair = (struct relay_pair){
        .source = cell->source,
        .subscriber = cell->subscriber,
        .medium = medium,
        .slot = cell->slot,
    };
    return 0;
}

/* All or nothing: NULL when one of the cells makes no sense. */
static struct relay_pair *read_cells(struct arena *arena, Assize__Media__V1__Cell *const *cells,
                                     size_t count)
{
    struct relay_pair *pairs = draw(arena, (count + 1) * sizeof(*pairs));

    for (size_t i = 0; i < count; i++) {
        if (read_cell(cells[i], &pairs[i]))
            return NULL;
    }
    return pairs;
}

static Assize__Media__V1__Report *acknowledge(struct arena *arena, const struct room *room)
{
    Assize__Media__V1__Report *report =
        make_report(arena, ASSIZE__MEDIA__V1__REPORT__BODY_MATRIX_APPLIED);

    report->matrix_applied = draw(arena, sizeof(*report->matrix_applied));
    assize__media__v1__matrix_applied__init(report->matrix_applied);
    report->matrix_applied->hearing = draw_text(arena, room->hearing);
    report->matrix_applied->has_epoch = 1;
    report->matrix_applied->epoch = room->matrix.epoch;
    return report;
}

static Assize__Media__V1__Report *
apply_matrix(struct legs *legs, const Assize__Media__V1__Matrix *request, struct arena *arena)
{
    const struct relay_change change = {
        .epoch = request->epoch,
        .base_epoch = request->base_epoch,
        .reset = request->reset,
        .revokes = read_cells(arena, request->revoke, request->n_revoke),
        .revoke_count = request->n_revoke,
        .grants = read_cells(arena, request->grant, request->n_grant),
        .grant_count = request->n_grant,
    };

    if (!fits(request->hearing, ROUTER_HEARING_SIZE) || !change.revokes || !change.grants)
        return fail(arena, REFUSAL_MALFORMED);
    struct room *room = router_room(&legs->router, request->hearing);
    if (!room)
        return fail(arena, REFUSAL_TOO_MANY_LEGS);
    int result = legs_apply(legs, room, &change);
    return result ? fail_errno(arena, result) : acknowledge(arena, room);
}

/* ---- the rest ---- */

static Assize__Media__V1__Report *beat(struct arena *arena)
{
    Assize__Media__V1__Report *report = make_report(arena, ASSIZE__MEDIA__V1__REPORT__BODY_BEAT);

    report->beat = draw(arena, sizeof(*report->beat));
    assize__media__v1__beat__init(report->beat);
    return report;
}

static void add_counter(struct arena *arena, Assize__Media__V1__Stats *stats, const char *name,
                        uint64_t value)
{
    Assize__Media__V1__Counter *counter = draw(arena, sizeof(*counter));

    assize__media__v1__counter__init(counter);
    counter->name = draw_text(arena, name);
    counter->has_value = 1;
    counter->value = value;
    stats->counters[stats->n_counters++] = counter;
}

static Assize__Media__V1__Report *get_stats(const struct legs *legs, struct arena *arena)
{
    const size_t most = 1 + sizeof(struct relay_counters) / sizeof(uint64_t);
    Assize__Media__V1__Report *report = make_report(arena, ASSIZE__MEDIA__V1__REPORT__BODY_STATS);
    Assize__Media__V1__Stats *stats = draw(arena, sizeof(*stats));

    assize__media__v1__stats__init(stats);
    report->stats = stats;
    stats->counters = draw(arena, most * sizeof(struct counter *));
    add_counter(arena, stats, "legs", legs->count);
#define C(name) add_counter(arena, stats, #name, legs->counters->name);
    RELAY_COUNTERS(C)
#undef C
    return report;
}

Assize__Media__V1__Report *command_run(struct legs *legs, const char *boot_id,
                                       const Assize__Media__V1__Request *request,
                                       struct arena *arena)
{
    switch (request->body_case) {
    case ASSIZE__MEDIA__V1__REQUEST__BODY_ATTACH:
        return attach(legs, boot_id, arena);
    case ASSIZE__MEDIA__V1__REQUEST__BODY_OPEN_LEG:
        return open_leg(legs, request->open_leg, arena);
    case ASSIZE__MEDIA__V1__REQUEST__BODY_ANSWER_LEG:
        return answer_leg(legs, request->answer_leg, arena);
    case ASSIZE__MEDIA__V1__REQUEST__BODY_CLOSE_LEG:
        return close_leg(legs, request->close_leg, arena);
    case ASSIZE__MEDIA__V1__REQUEST__BODY_MATRIX:
        return apply_matrix(legs, request->matrix, arena);
    case ASSIZE__MEDIA__V1__REQUEST__BODY_BEAT:
        return beat(arena);
    case ASSIZE__MEDIA__V1__REQUEST__BODY_RECORD:
        return set_record(legs, request->record, arena);
    case ASSIZE__MEDIA__V1__REQUEST__BODY_GET_STATS:
        return get_stats(legs, arena);
    case ASSIZE__MEDIA__V1__REQUEST__BODY__NOT_SET:
    case _ASSIZE__MEDIA__V1__REQUEST__BODY__CASE_IS_INT_SIZE:
        return NULL;
    }
    return NULL; /* an arm of a later version */
}
