#include "tests/peer/peer_rtp.h"

#include <string.h>

#include "base/clock.h"

enum {
    RTP_HEADER_BYTES = 12,
    RTP_VERSION = 2 << 6,
    BIT_EXTENSION = 0x10,
    BIT_PADDING = 0x20,
    BIT_MARKER = 0x80,
    ONE_BYTE_PROFILE = 0xbede,
    LEVEL_VOICE = 0x80,
    VP8_EXTENDED = 0x80,
    VP8_START = 0x10,
    VP8_PARTITION = 0x07,
    VP8_HAS_PICTURE_ID = 0x80,
    VP8_HAS_TL0 = 0x40,
    VP8_HAS_TID_KEY = 0x30,
    VP8_LONG_PICTURE_ID = 0x80,
    VP8_INTER_FRAME = 0x01,
};

static void put(uint8_t *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

static uint32_t get(const uint8_t *at, size_t bytes)
{
    uint32_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

static size_t put_extension(uint8_t *at, uint8_t id, const void *value, size_t len)
{
    if (!id)
        return 0;
    at[0] = (uint8_t)(id << 4 | (len - 1));
    memcpy(at + 1, value, len);
    return 1 + len;
}

/* Seconds modulo 64 as a 6.18 bit fixed point number. */
static uint32_t send_time(int64_t now_ns)
{
    uint64_t ns = (uint64_t)now_ns % (64 * (uint64_t)CLOCK_NS_PER_S);

    return (uint32_t)((ns << 18) / (uint64_t)CLOCK_NS_PER_S);
}

static size_t put_extensions(uint8_t *at, const struct peer_rtp_out *rtp)
{
    uint8_t time[3];
    uint8_t level = (uint8_t)(rtp->level | (rtp->level < 127 ? LEVEL_VOICE : 0));
    size_t len = 4;

    put(time, send_time(rtp->now_ns), sizeof(time));
    len += put_extension(at + len, rtp->mid_id, rtp->mid, strlen(rtp->mid));
    len += put_extension(at + len, rtp->level_id, &level, 1);
    len += put_extension(at + len, rtp->send_time_id, time, sizeof(time));
    while (len % 4)
        at[len++] = 0;
    put(at, ONE_BYTE_PROFILE, 2);
    put(at + 2, (len - 4) / 4, 2);
    return len;
}

size_t peer_rtp_write_header(uint8_t out[static PEER_RTP_HEADER_MAX],
                             const struct peer_rtp_out *rtp)
{
    bool extended = rtp->mid_id || rtp->level_id || rtp->send_time_id;

    out[0] = (uint8_t)(RTP_VERSION | (extended ? BIT_EXTENSION : 0));
    out[1] = (uint8_t)(rtp->payload_type | (rtp->marker ? BIT_MARKER : 0));
    put(out + 2, rtp->sequence, 2);
    put(out + 4, rtp->timestamp, 4);
    put(out + 8, rtp->ssrc, 4);
    return RTP_HEADER_BYTES + (extended ? put_extensions(out + RTP_HEADER_BYTES, rtp) : 0);
}

void peer_vp8_write_descriptor(uint8_t out[static PEER_VP8_DESCRIPTOR_BYTES], bool first,
                               uint16_t picture_id)
{
    out[0] = VP8_EXTENDED | (first ? VP8_START : 0);
    out[1] = VP8_HAS_PICTURE_ID;
    put(out + 2, VP8_LONG_PICTURE_ID << 8 | (picture_id & 0x7fff), 2);
}

bool peer_rtp_parse(const uint8_t *data, size_t len, struct peer_rtp_in *ret_rtp)
{
    if (len < RTP_HEADER_BYTES || data[0] >> 6 != 2)
        return false;
    size_t at = RTP_HEADER_BYTES + 4 * (size_t)(data[0] & 0x0f);
    if (data[0] & BIT_EXTENSION) {
        if (at + 4 > len)
            return false;
        at += 4 + 4 * (size_t)get(data + at + 2, 2);
    }
    size_t padding = data[0] & BIT_PADDING ? data[len - 1] : 0;
    if (at + padding > len)
        return false;
    *ret_rtp = (struct peer_rtp_in){
        .payload_type = data[1] & 0x7f,
        .marker = data[1] & BIT_MARKER,
        .sequence = (uint16_t)get(data + 2, 2),
        .timestamp = get(data + 4, 4),
        .ssrc = get(data + 8, 4),
        .payload = data + at,
        .len = len - at - padding,
    };
    return true;
}

bool peer_vp8_starts_key_frame(const uint8_t *payload, size_t len)
{
    size_t at = 1;

    if (!len || !(payload[0] & VP8_START) || (payload[0] & VP8_PARTITION))
        return false;
    if (payload[0] & VP8_EXTENDED) {
        if (len < 3)
            return false;
        uint8_t bits = payload[at++];
        if (bits & VP8_HAS_PICTURE_ID)
            at += payload[at] & VP8_LONG_PICTURE_ID ? 2 : 1;
        at += (bits & VP8_HAS_TL0 ? 1 : 0) + (bits & VP8_HAS_TID_KEY ? 1 : 0);
    }
    return at < len && !(payload[at] & VP8_INTER_FRAME);
}

int peer_sequence_diff(uint16_t a, uint16_t b)
{
    return (int16_t)(uint16_t)(a - b);
}
