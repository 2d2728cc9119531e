#include "server/media/tracks.h"

#include <stdio.h>

enum { GROUP_SIZE = 16 };

static unsigned recorded(const struct hearing *state, const struct matrix_leg *leg, bool programme)
{
    if (leg->part == MATRIX_DEVICE)
        return hearing_record(state, leg->endpoint);
    return leg->part == MATRIX_PROGRAMME && programme && hearing_programme_recorded(state)
               ? HEARING_FLOW_AUDIO | HEARING_FLOW_VIDEO
               : HEARING_FLOW_NONE;
}

void tracks_compute(const struct hearing *state, const struct hearing *shadow,
                    const struct matrix_leg *legs, size_t leg_count, bool programme,
                    struct tracks *ret_tracks)
{
    ret_tracks->count = 0;
    for (size_t i = 0; i < leg_count; i++) {
        unsigned flow =
            recorded(state, &legs[i], programme) & recorded(shadow, &legs[i], programme);
        if (flow == HEARING_FLOW_NONE)
            continue;
        ret_tracks->list[ret_tracks->count++] = (struct track){
            .leg = legs[i].leg,
            .endpoint = legs[i].endpoint,
            .audio = flow & HEARING_FLOW_AUDIO,
            .video = flow & HEARING_FLOW_VIDEO,
        };
    }
}

bool tracks_are_same(const struct tracks *tracks, const struct tracks *others)
{
    if (tracks->count != others->count)
        return false;
    for (size_t i = 0; i < tracks->count; i++) {
        const struct track *a = &tracks->list[i];
        const struct track *b = &others->list[i];
        if (a->leg != b->leg || a->endpoint != b->endpoint || a->audio != b->audio ||
            a->video != b->video)
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
        track->has_leg = track->has_audio = track->has_video = 1;
        track->leg = tracks->list[i].leg;
        track->group = arena_alloc(arena, GROUP_SIZE);
        if (tracks->list[i].endpoint)
            snprintf(track->group, GROUP_SIZE, "e%u", tracks->list[i].endpoint);
        else
            snprintf(track->group, GROUP_SIZE, "programme");
        track->audio = tracks->list[i].audio;
        track->video = tracks->list[i].video;
        record->tracks[record->n_tracks++] = track;
    }
    return record;
}
