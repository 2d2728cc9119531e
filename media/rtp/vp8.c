#include "media/rtp/vp8.h"

#include <errno.h>

#include "media/rtp/bytes.h"

/* RFC 7741, 4.2. First octet of the descriptor, then of its extension. */
enum {
    X_BIT = 0x80,
    N_BIT = 0x20,
    S_BIT = 0x10,
    PID_MASK = 0x07,
    I_BIT = 0x80,
    L_BIT = 0x40,
    T_BIT = 0x20,
    K_BIT = 0x10,
    M_BIT = 0x80,
    Y_BIT = 0x20,
    /* RFC 6386, 9.1. */
    INTER_FRAME_BIT = 0x01,
    FRAME_TAG_BYTES = 3,
    KEY_FRAME_BYTES = 10,
    SIZE_MASK = 0x3fff, /* the upper two bits scale the display */
};

/* The optional fields that flags announce, from offset on; where they end, or 0 when the payload is
 * too short. */
static size_t parse_fields(const uint8_t *payload, size_t len, uint8_t flags, size_t at,
                           struct vp8_payload *vp8)
{
    if (flags & I_BIT) {
        if (at + 2 > len)
            return 0;
        vp8->picture_id_offset = (uint8_t)at;
        vp8->picture_id_bits = payload[at] & M_BIT ? 15 : 7;
        vp8->picture_id = payload[at] & M_BIT ? bytes_get16(payload + at) & 0x7fff : payload[at];
        at += payload[at] & M_BIT ? 2 : 1;
    }
    if (flags & L_BIT) {
        if (at + 1 > len)
            return 0;
        vp8->tl0picidx_offset = (uint8_t)at;
        vp8->tl0picidx = payload[at++];
    }
    if (flags & (T_BIT | K_BIT)) {
        if (at + 1 > len)
            return 0;
        vp8->has_tid = flags & T_BIT;
        vp8->tid = vp8->has_tid ? payload[at] >> 6 : 0;
        vp8->layer_sync = vp8->has_tid && (payload[at] & Y_BIT);
        at++;
    }
    return at;
}

static int parse_frame(const uint8_t *frame, size_t len, struct vp8_payload *vp8)
{
    if (len < FRAME_TAG_BYTES)
        return -EBADMSG;
    if (frame[0] & INTER_FRAME_BIT)
        return 0;
    if (len < KEY_FRAME_BYTES || frame[3] != 0x9d || frame[4] != 0x01 || frame[5] != 0x2a)
        return -EBADMSG;
    vp8->key_frame = true;
    vp8->width = (uint16_t)((frame[6] | frame[7] << 8) & SIZE_MASK);
    vp8->height = (uint16_t)((frame[8] | frame[9] << 8) & SIZE_MASK);
    return 0;
}

int vp8_parse(const uint8_t *payload, size_t len, struct vp8_payload *ret_vp8)
{
    struct vp8_payload vp8 = {0};
    size_t at = 1;

    if (len < 2)
        return -EBADMSG;
    if (payload[0] & X_BIT)
        at = parse_fields(payload, len, payload[1], 2, &vp8);
    if (!at || at >= len)
        return -EBADMSG;
    vp8.header_len = (uint8_t)at;
    vp8.start = (payload[0] & S_BIT) && !(payload[0] & PID_MASK);
    vp8.discardable = payload[0] & N_BIT;
    if (vp8.start && parse_frame(payload + at, len - at, &vp8))
        return -EBADMSG;
    *ret_vp8 = vp8;
    return 0;
}

void vp8_set_picture_id(uint8_t *payload, const struct vp8_payload *vp8, uint16_t picture_id)
{
    uint8_t *field = payload + vp8->picture_id_offset;

    if (vp8->picture_id_bits == 15)
        bytes_put16(field, (uint16_t)(M_BIT << 8 | (picture_id & 0x7fff)));
    else if (vp8->picture_id_bits == 7)
        *field = picture_id & 0x7f;
}

void vp8_set_tl0picidx(uint8_t *payload, const struct vp8_payload *vp8, uint8_t tl0picidx)
{
    if (vp8->tl0picidx_offset)
        payload[vp8->tl0picidx_offset] = tl0picidx;
}

bool vp8_picture_id_newer(uint16_t a, uint16_t b, uint8_t bits)
{
    unsigned range = 1u << bits;
    unsigned ahead = ((unsigned)a - b) & (range - 1);

    return ahead != 0 && ahead < range / 2;
}
