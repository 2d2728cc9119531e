/*
 * When what a stream carries was made: RTP timestamps become media time (nanoseconds that only this
 * stream knows), and media time becomes local time. Sound and picture of one person are brought
 * together by their sender reports (RFC 3550, 6.4.1); without them by when they arrive. Pure: time
 * comes in with every call, and is monotonic. Used by voice and picture.
 */
#ifndef ASSIZE_MEDIA_STUDIO_TIMELINE_H
#define ASSIZE_MEDIA_STUDIO_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

struct timeline {
    uint32_t rate; /* of the RTP clock, Hz */
    bool started;
    uint32_t timestamp; /* the last, */
    int64_t ticks;      /* and the same without wrap-around */
    /* The least of arrival minus media time, in this stretch of time and the one before: what the
     * packets that waited nowhere had. It follows clocks that drift. */
    int64_t least_ns;
    int64_t least_before_ns;
    int64_t stretch_end_ns;
    bool has_report;
    int64_t report_ns; /* sender's wall clock minus media time */
};

void timeline_init(struct timeline *timeline, uint32_t rate);
/* As after init: another source begins. */
void timeline_reset(struct timeline *timeline);

/* The media time of a packet that arrived now. A timestamp that jumps begins the line anew. */
int64_t timeline_take(struct timeline *timeline, uint32_t timestamp, int64_t now_ns);
/* A sender report: this timestamp was at this Unix time. */
void timeline_report(struct timeline *timeline, uint32_t timestamp, int64_t unix_ns);
/* What media time lacks to local time, so that what other carries is played in step (other may be
 * NULL). */
int64_t timeline_shift(const struct timeline *timeline, const struct timeline *other);

#endif
