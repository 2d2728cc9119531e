/*
 * The packets of one track that wait for those that come late, in the order in which they are to be
 * shown. Owns copies of them. Private to render*.
 */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_HOLD_H
#define ASSIZE_MEDIA_STUDIO_RENDER_HOLD_H

#include "media/studio/render_survey.h"

struct render_held {
    struct render_place place;
    int64_t time_ns; /* to show it at */
    uint32_t ssrc;
    bool marker;
    uint8_t level; /* sound: of RFC 6464, RENDER_NO_LEVEL without one */
    bool start;    /* picture: the first packet of a frame, */
    bool key;      /* of a key frame */
    size_t len;
    uint8_t data[]; /* of an Opus packet, or a part of a VP8 frame */
};

enum { RENDER_NO_LEVEL = 255 };

struct render_hold {
    struct render_held **list; /* of twice RENDER_HELD_MAX */
    size_t first;
    size_t end;
};

void render_hold_init(struct render_hold *hold);
void render_hold_done(struct render_hold *hold);

/* Holds a copy, but not of one that is held already or over RENDER_HELD_MAX; counts it in. */
void render_hold_put(struct render_hold *hold, const struct render_held *packet,
                     const uint8_t *data, struct render_counts *counts);

static inline size_t render_hold_count(const struct render_hold *hold)
{
    return hold->end - hold->first;
}
/* The one at this place in the order, below the count. */
static inline const struct render_held *render_hold_at(const struct render_hold *hold, size_t index)
{
    return hold->list[hold->first + index];
}
/* Lets go of the first ones. */
void render_hold_drop(struct render_hold *hold, size_t count);

#endif
