/*
 * What of one hearing is on record: which leg's sound and picture goes to which group of files.
 * Pure: computed from the hearing's state by hearing_record. Used by stage_record.c.
 */
#ifndef ASSIZE_SERVER_MEDIA_TRACKS_H
#define ASSIZE_SERVER_MEDIA_TRACKS_H

#include "base/arena.h"
#include "server/media/matrix.h"

struct tracks {
    struct track {
        uint64_t leg;
        uint32_t endpoint; /* 0: the programme feed */
        bool share;        /* the endpoint's second picture, a track apart with that alone */
        bool audio;
        bool video;
    } list[2 * HEARING_ENDPOINTS_MAX + 1];
    size_t count;
};

/* What both states put on record (state and shadow may be the same), of the legs that are there;
 * the programme feed only if that is wished. */
void tracks_compute(const struct hearing *state, const struct hearing *shadow,
                    const struct matrix_leg *legs, size_t leg_count, bool programme,
                    struct tracks *ret_tracks);
bool tracks_are_same(const struct tracks *tracks, const struct tracks *others);
/* As the relay is told; drawn from the arena. Each endpoint is a group, "e4", what it shares
 * another, "e4-share", and the feed is "programme". */
Assize__Media__V1__Record *tracks_pack(const struct tracks *tracks, struct arena *arena);

#endif
