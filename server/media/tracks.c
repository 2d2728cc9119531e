#include "server/media/tracks.h"

#include "base/record_group.h"

static unsigned recorded(const struct hearing *state, const struct matrix_leg *leg, bool programme)
{
    if (leg->part == MATRIX_DEVICE)
        return hearing_record(state, leg->endpoint);
    return leg->part == MATRIX_PROGRAMME && programme && hearing_programme_recorded(state)
               ? HEARING_FLOW_AUDIO | HEARING_FLOW_VIDEO
               : HEARING_FLOW_NONE;
}

static void add(struct tracks *tracks, const struct matrix_leg *leg, unsigned flow)
{
    if (flow & (HEARING_FLOW_AUDIO | HEARING_FLOW_VIDEO))
        tracks->list[tracks->count++] = (struct track){
            .leg = leg->leg,
            .endpoint = leg->endpoint,
            .audio = flow & HEARING_FLOW_AUDIO,
            .video = flow & HEARING_FLOW_VIDEO,
        };
    if (flow & HEARING_FLOW_SHARE)
        tracks->list[tracks->count++] =
            (struct track){.leg = leg->leg, .endpoint = leg->endpoint, .share = true};
}

void tracks_compute(const struct hearing *state, const struct hearing *shadow,
                    const struct matrix_leg *legs, size_t leg_count, bool programme,
                    struct tracks *ret_tracks)
{
    ret_tracks->count = 0;
    for (size_t i = 0; i < leg_count; i++)
        add(ret_tracks, &legs[i],
            recorded(state, &legs[i], programme) & recorded(shadow, &legs[i], programme));
}

bool tracks_are_same(const struct tracks *tracks, const struct tracks *others)
{
    if (tracks->count != others->count)
        return false;
    for (size_t i = 0; i < tracks->count; i++) {
        const struct track *a = &tracks->list[i];
        const struct track *b = &others->list[i];
        if (a->leg != b->leg || a->endpoint != b->endpoint || a->share != b->share ||
            a->audio != b->audio || a->video != b->video)
            return false;
    }
    return true;
}

Assize__Media__V1__Record *tracks_pack(const struct tracks *tracks, struct arena *arena)
{
    Assize__Media__V1__Record *record = arena_alloc(arena, sizeof(*record));

    assize__media__v1__record__init(record);
    record->tracks = arena_alloc(arena, (tracks->count + 1) * sizeof(*record->tracks));
    for (size_t i = 0; i < tracks->count; i++) {
        Assize__Media__V1__RecordTrack *track = arena_alloc(arena, sizeof(*track));
        assize__media__v1__record_track__init(track);
        track->has_leg = track->has_audio = track->has_video = track->has_share = 1;
        track->leg = tracks->list[i].leg;
        track->group = arena_alloc(arena, RECORD_GROUP_SIZE);
        record_group_write((struct record_group){tracks->list[i].endpoint, tracks->list[i].share},
                           track->group);
        track->audio = tracks->list[i].audio;
        track->video = tracks->list[i].video;
        track->share = tracks->list[i].share;
        record->tracks[record->n_tracks++] = track;
    }
    return record;
}
