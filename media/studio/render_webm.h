/*
 * Writes a WebM file (Matroska, RFC 9559) of one VP8 and one Opus track: clusters that begin with
 * key frames where there are any, and cues to them. Nothing in it comes from a clock or from
 * chance: the same blocks make the same bytes. That is why this is not left to a muxer, which gives
 * files random numbers. Private to render*.
 */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_WEBM_H
#define ASSIZE_MEDIA_STUDIO_RENDER_WEBM_H

#include "base/buf.h"
#include "media/studio/render_packet.h"

struct render_webm {
    int fd;           /* the caller's, empty, at its front */
    uint64_t written; /* bytes before the open cluster */
    struct buf cluster;
    struct buf cues;
    bool open;
    bool is_key; /* the cluster begins with a key frame */
    int64_t cluster_ms;
    uint64_t segment;   /* where the segment's content begins */
    uint64_t cues_seek; /* and where the place of its cues is said */
};

struct render_webm_head {
    int64_t start_ms; /* Unix time */
    int64_t duration_ms;
    uint16_t width; /* 0: there is no picture but black */
    uint16_t height;
};

/* These return 0 or -errno; after an error only render_webm_done is of use. */
int render_webm_start(struct render_webm *webm, int fd, const struct render_webm_head *head)
    __attribute__((warn_unused_result));
/* In the order of their times. */
int render_webm_add(struct render_webm *webm, const struct render_block *block)
    __attribute__((warn_unused_result));
int render_webm_end(struct render_webm *webm) __attribute__((warn_unused_result));
void render_webm_done(struct render_webm *webm);

#endif
