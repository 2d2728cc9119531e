/*
 * The picture of a file: packets in, whole VP8 frames out, each of which can be decoded: a key
 * frame, or the one that follows the last without a packet missing between them. A file begins
 * with a black key frame; another comes when nothing was shown for RENDER_BLACK_MS, and then one
 * every second until a key frame of the source. Private to render*.
 */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_PICTURE_H
#define ASSIZE_MEDIA_STUDIO_RENDER_PICTURE_H

#include "base/buf.h"
#include "media/studio/render_hold.h"

struct render_picture {
    struct render_hold hold;
    struct render_tracker tracker;
    struct render_counts counts;
    struct render_gaps *gaps; /* the caller's */
    int64_t passed_ns;        /* nothing is shown before this any more */
    int64_t shown_ns;         /* time of the last frame; below zero before the first */
    int64_t seen_ns;          /* and of the last that was not black */
    bool black;               /* the last one is */
    bool started;
    uint32_t ssrc;    /* of the last packet, */
    size_t run;       /* its run */
    int64_t seq;      /* and number */
    bool whole;       /* nothing is missing since the last frame shown: the next can be decoded */
    struct buf frame; /* the one given out last */
};

void render_picture_init(struct render_picture *picture, struct render_gaps *gaps);
void render_picture_done(struct render_picture *picture);

void render_picture_put(struct render_picture *picture, const struct render_survey *survey,
                        const struct render_packet *packet);
/* The next frame to show before until_ns; false when there is none. What comes in later for a time
 * before until_ns is shown then. */
bool render_picture_take(struct render_picture *picture, int64_t until_ns,
                         struct render_block *ret_block);
/* Once all is taken: notes the gap at the end of a file of this length. */
void render_picture_close(struct render_picture *picture, int64_t duration_ns);

#endif
