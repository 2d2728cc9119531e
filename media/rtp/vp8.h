/*
 * The VP8 payload descriptor (RFC 7741) and the few bytes of the frame header (RFC 6386, 9.1) that
 * tell a key frame and its size. Read from a decrypted payload; picture id and TL0PICIDX are
 * rewritten in place, so that one slot can carry one source after another.
 * For media/relay.
 */
#ifndef ASSIZE_MEDIA_RTP_VP8_H
#define ASSIZE_MEDIA_RTP_VP8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vp8_payload {
    uint8_t header_len;        /* of the descriptor */
    bool start;                /* the first packet of a frame */
    bool discardable;          /* no other frame refers to this one */
    uint8_t picture_id_bits;   /* 0 (none), 7 or 15 */
    uint8_t picture_id_offset; /* in the payload */
    uint16_t picture_id;
    uint8_t tl0picidx_offset; /* 0 without one */
    uint8_t tl0picidx;
    bool has_tid;
    uint8_t tid;     /* temporal layer */
    bool layer_sync; /* this frame refers to the base layer only */
    bool key_frame;  /* true only on the first packet of one */
    uint16_t width;  /* of a key frame */
    uint16_t height;
};

/* 0, or -EBADMSG for a descriptor longer than the payload, an empty frame, or a key frame without
 * its start code. */
int vp8_parse(const uint8_t *payload, size_t len, struct vp8_payload *ret_vp8)
    __attribute__((warn_unused_result));

/* These keep the width of the field: the value is taken modulo 2^7, 2^15 or 2^8. Nothing without
 * the field. */
void vp8_set_picture_id(uint8_t *payload, const struct vp8_payload *vp8, uint16_t picture_id);
void vp8_set_tl0picidx(uint8_t *payload, const struct vp8_payload *vp8, uint8_t tl0picidx);

/* True when picture id a is later than b in a field of 7 or 15 bits. */
bool vp8_picture_id_newer(uint16_t a, uint16_t b, uint8_t bits);

#endif
