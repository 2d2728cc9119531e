/*
 * The gallery feed: the programme's own packets, later (delay.h), as a stream of its own whose
 * numbers have no holes. Owned by live.
 */
#ifndef ASSIZE_MEDIA_STUDIO_GALLERY_H
#define ASSIZE_MEDIA_STUDIO_GALLERY_H

#include "media/studio/delay.h"

struct gallery {
    struct delay delay;
    struct packetizer streams[2]; /* by medium; only numbers and counts are used */
};

void gallery_init(struct gallery *gallery);
void gallery_done(struct gallery *gallery);
/* As the programme's next sender reports: its times are the programme's, moved on by the delay. */
size_t gallery_report(const struct gallery *gallery, enum sdp_medium medium,
                      const struct packetizer *programme, uint32_t time, int64_t unix_ns,
                      uint8_t out[static PACKETIZER_REPORT_MAX]);
/* Hands out all that is due now. */
void gallery_turn(struct gallery *gallery, int64_t now_ns, packet_handler handler, void *context);

#endif
