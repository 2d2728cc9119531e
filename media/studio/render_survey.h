/*
 * When was what? A first look at all packets of a group finds out how each track's timestamps
 * stand to the hearing's time, so that a second look can place each packet.
 *
 * A run is a stretch of one track without a break: one SSRC, numbers and timestamps that go on as
 * the clock does. Within a run a packet's time is its timestamp plus the least time any packet
 * around it took to come here: jitter falls away, and the slow drift between the sender's clock and
 * ours is followed. What sound takes longer than picture, or picture than sound, is known from the
 * sender reports of both (RFC 3550, 6.4.1) and taken off, so that lips and words meet; without
 * reports, both are as they came in. Private to render*.
 */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_SURVEY_H
#define ASSIZE_MEDIA_STUDIO_RENDER_SURVEY_H

#include "media/rtp/rtp.h"
#include "media/studio/render_packet.h"

/* Where a packet stands in its track. */
struct render_place {
    size_t run;
    int64_t seq;      /* within the run; the low 16 bits are the packet's */
    int64_t media_ns; /* by its timestamp, since the run's first packet */
};

/* Follows the packets of one track, in the order in which they came in. */
struct render_tracker {
    int64_t rate; /* of the timestamps, in Hz */
    size_t runs;
    uint32_t ssrc; /* of the run */
    int64_t seq;   /* the highest, */
    int64_t ticks; /* its timestamp since the run's first packet, */
    uint32_t timestamp;
    int64_t at_ns; /* and when the last one came in */
};

void render_tracker_init(struct render_tracker *tracker, enum render_medium medium);
/* False over RENDER_RUNS_MAX: the packet has no place. */
bool render_tracker_place(struct render_tracker *tracker, const struct rtp_header *header,
                          int64_t at_ns, struct render_place *ret_place);

/* A packet's header; false for one that is malformed or of another format than its track's. */
bool render_read_header(const struct render_packet *packet, struct rtp_header *ret_header,
                        const uint8_t **ret_payload, size_t *ret_len);

struct render_survey;

struct render_survey *render_survey_new(void);
void render_survey_free(struct render_survey *survey);
void render_survey_take(struct render_survey *survey, const struct render_packet *packet);

/* The time to show a packet at. It has been surveyed, and its place was found by another tracker
 * that saw the same packets. */
int64_t render_survey_time(const struct render_survey *survey, enum render_medium medium,
                           const struct render_place *place, int64_t at_ns);
/* Of the first key frame; 0 when there is none. */
void render_survey_size(const struct render_survey *survey, uint16_t *ret_width,
                        uint16_t *ret_height);

#endif
