#include <string.h>

#include "base/clock.h"
#include "tests/peer/peer_rtp.h"

enum {
    RTCP_VERSION = 2 << 6,
    HEADER_BYTES = 8, /* with the sender's SSRC */
    SENDER_INFO_BYTES = 20,
    BLOCK_BYTES = 24,
    BLOCKS_MAX = 31,
    TYPE_SR = 200,
    TYPE_RR = 201,
    TYPE_SDES = 202,
    TYPE_RTPFB = 205,
    TYPE_PSFB = 206,
    FORMAT_NACK = 1,
    FORMAT_PLI = 1,
    FORMAT_FIR = 4,
    SDES_CNAME = 1,
    LOST_MAX = 0x7fffff,
    NACK_BITS = 16,
};

/* From 1900 to 1970. */
#define NTP_UNIX_S 2208988800ULL

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

static size_t put_header(uint8_t *out, size_t count, unsigned type, size_t len, uint32_t ssrc)
{
    out[0] = (uint8_t)(RTCP_VERSION | count);
    out[1] = (uint8_t)type;
    put(out + 2, len / 4 - 1, 2);
    put(out + 4, ssrc, 4);
    return len;
}

uint64_t peer_ntp(int64_t wall_ns)
{
    uint64_t seconds = (uint64_t)(wall_ns / CLOCK_NS_PER_S) + NTP_UNIX_S;
    uint64_t part = (uint64_t)(wall_ns % CLOCK_NS_PER_S);

    return seconds << 32 | (part << 32) / (uint64_t)CLOCK_NS_PER_S;
}

static void put_block(uint8_t *at, const struct peer_report_block *block)
{
    put(at, block->ssrc, 4);
    at[4] = block->fraction_lost;
    put(at + 5, block->lost < LOST_MAX ? block->lost : LOST_MAX, 3);
    put(at + 8, block->highest, 4);
    put(at + 12, block->jitter, 4);
    put(at + 16, block->last_sr, 4);
    put(at + 20, block->delay, 4);
}

size_t peer_rtcp_write_report(uint8_t *out, uint32_t ssrc, const struct peer_sender_info *info,
                              const struct peer_report_block *blocks, size_t count)
{
    size_t len = HEADER_BYTES;

    if (count > BLOCKS_MAX)
        count = BLOCKS_MAX;
    if (info) {
        put(out + len, info->ntp, 8);
        put(out + len + 8, info->timestamp, 4);
        put(out + len + 12, info->packets, 4);
        put(out + len + 16, info->octets, 4);
        len += SENDER_INFO_BYTES;
    }
    for (size_t i = 0; i < count; i++, len += BLOCK_BYTES)
        put_block(out + len, &blocks[i]);
    return put_header(out, count, info ? TYPE_SR : TYPE_RR, len, ssrc);
}

size_t peer_rtcp_write_cname(uint8_t *out, uint32_t ssrc)
{
    static const char name[] = "peer";
    size_t len = HEADER_BYTES + 2 + sizeof(name) - 1;

    memset(out + len, 0, 4);
    out[HEADER_BYTES] = SDES_CNAME;
    out[HEADER_BYTES + 1] = sizeof(name) - 1;
    memcpy(out + HEADER_BYTES + 2, name, sizeof(name) - 1);
    /* At least one zero ends the chunk, then up to the next word. */
    return put_header(out, 1, TYPE_SDES, (len + 4) & ~(size_t)3, ssrc);
}

size_t peer_rtcp_write_pli(uint8_t *out, uint32_t ssrc, uint32_t media_ssrc)
{
    put(out + HEADER_BYTES, media_ssrc, 4);
    return put_header(out, FORMAT_PLI, TYPE_PSFB, HEADER_BYTES + 4, ssrc);
}

size_t peer_rtcp_write_nack(uint8_t *out, uint32_t ssrc, uint32_t media_ssrc, const uint16_t *lost,
                            size_t count)
{
    size_t len = HEADER_BYTES + 4;

    put(out + HEADER_BYTES, media_ssrc, 4);
    for (size_t i = 0; i < count;) {
        uint16_t first = lost[i++];
        uint16_t more = 0;
        for (; i < count && (uint16_t)(lost[i] - first) <= NACK_BITS; i++)
            more |= (uint16_t)(1 << ((uint16_t)(lost[i] - first) - 1));
        put(out + len, first, 2);
        put(out + len + 2, more, 2);
        len += 4;
    }
    return put_header(out, FORMAT_NACK, TYPE_RTPFB, len, ssrc);
}

static void read_nacks(const uint8_t *body, size_t len, const struct peer_rtcp_ops *ops,
                       void *context)
{
    uint32_t ssrc = get(body, 4);

    for (size_t at = 4; at + 4 <= len; at += 4) {
        uint16_t first = (uint16_t)get(body + at, 2);
        uint32_t more = get(body + at + 2, 2);
        ops->nack(context, ssrc, first);
        for (int bit = 0; bit < NACK_BITS; bit++) {
            if (more >> bit & 1)
                ops->nack(context, ssrc, (uint16_t)(first + bit + 1));
        }
    }
}

/* One packet of the compound: its body starts after the sender's SSRC. */
static void read_packet(const uint8_t *packet, size_t len, const struct peer_rtcp_ops *ops,
                        void *context)
{
    unsigned format = packet[0] & 0x1f;
    const uint8_t *body = packet + HEADER_BYTES;
    size_t body_len = len - HEADER_BYTES;

    if (packet[1] == TYPE_SR && body_len >= SENDER_INFO_BYTES)
        ops->sender(context, get(packet + 4, 4), (uint64_t)get(body, 4) << 32 | get(body + 4, 4));
    else if (packet[1] == TYPE_RTPFB && format == FORMAT_NACK && body_len >= 8)
        read_nacks(body, body_len, ops, context);
    else if (packet[1] == TYPE_PSFB && format == FORMAT_PLI && body_len >= 4)
        ops->key_frame(context, get(body, 4));
    else if (packet[1] == TYPE_PSFB && format == FORMAT_FIR && body_len >= 12)
        ops->key_frame(context, get(body + 4, 4));
}

bool peer_rtcp_parse(const uint8_t *data, size_t len, const struct peer_rtcp_ops *ops,
                     void *context)
{
    while (len >= 4) {
        size_t size = 4 * (size_t)(get(data + 2, 2) + 1);
        if (data[0] >> 6 != 2 || size > len)
            return false;
        if (size >= HEADER_BYTES)
            read_packet(data, size, ops, context);
        data += size;
        len -= size;
    }
    return len == 0;
}
