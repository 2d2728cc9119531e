/*
 * VP8 pictures from RTP packets in order (RFC 7741). Pure. What comes after a loss is held back
 * until a key frame; pictures too large to be decoded are never handed out. Used by picture.
 */
#ifndef ASSIZE_MEDIA_STUDIO_FRAMES_H
#define ASSIZE_MEDIA_STUDIO_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/studio/reorder.h"

struct frames {
    uint8_t *data; /* STUDIO_FRAME_BYTES_MAX, taken with the first packet */
    size_t len;
    bool open;      /* a picture has begun, and nothing of it is missing */
    bool key;       /* it is a key frame */
    bool broken;    /* nothing is of use until a key frame */
    bool too_large; /* what is sent now is larger than what is decoded */
    uint16_t width; /* of the last key frame */
    uint16_t height;
};

void frames_init(struct frames *frames);
void frames_done(struct frames *frames);
/* As after init: another source begins. */
void frames_reset(struct frames *frames);
/* Something is missing before the next packet. */
void frames_lose(struct frames *frames);
/* Takes the next packet; true when data and len are now a whole picture, until the next call. */
bool frames_take(struct frames *frames, const struct reorder_packet *packet);

#endif
