/*
 * RTP packets of what the studio sends: Opus (RFC 7587) with its level (RFC 6464), VP8 (RFC 7741)
 * with picture numbers. Pure. Used by mixer and programme.
 */
#ifndef ASSIZE_MEDIA_STUDIO_PACKETIZER_H
#define ASSIZE_MEDIA_STUDIO_PACKETIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/rtp/local.h"
#include "media/rtp/sdp.h"

struct packetizer {
    uint32_t ssrc;
    uint32_t first_timestamp; /* of time 0 */
    uint16_t seq;
    uint16_t picture;
    uint32_t packets; /* sent, and their payload, for sender reports */
    uint32_t bytes;
};

struct packet_out {
    enum sdp_medium medium;
    bool key_start; /* the first packet of a key frame */
    const uint8_t *data;
    size_t len;
};

typedef void (*packet_handler)(void *context, const struct packet_out *packet);

/* Everything at random. */
void packetizer_init(struct packetizer *packetizer);
/* Times are in units of the RTP clock, from the studio's beginning. */
void packetizer_sound(struct packetizer *packetizer, const uint8_t *opus, size_t len, uint32_t time,
                      uint8_t level, packet_handler handler, void *context);
void packetizer_picture(struct packetizer *packetizer, const uint8_t *vp8, size_t len,
                        uint32_t time, bool key, packet_handler handler, void *context);

enum { PACKETIZER_REPORT_MAX = 96 };
/* A sender report: this time is this Unix time (RFC 3550, 6.4.1). The bytes written. */
size_t packetizer_report(const struct packetizer *packetizer, uint32_t time, int64_t unix_ns,
                         uint8_t out[static PACKETIZER_REPORT_MAX]);

#endif
