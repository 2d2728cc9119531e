#include "media/rtp/rtcp.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "media/rtp/bytes.h"
#include "media/rtp/rtcp_internal.h"

void rtcp_reader_init(struct rtcp_reader *reader, const uint8_t *data, size_t len)
{
    *reader = (struct rtcp_reader){data, len};
}

/* goog-remb, 2.2: an AFB that says so, and as many sources as it counts. */
static bool is_remb(const uint8_t *body, size_t len)
{
    return len >= REMB_SOURCES && !memcmp(body + REMB_NAME, "REMB", 4) &&
           len >= REMB_SOURCES + 4 * (size_t)body[REMB_COUNT];
}

static enum rtcp_kind kind_of(uint8_t type, uint8_t count, const uint8_t *body, size_t len)
{
    switch (type) {
    case RTCP_TYPE_SR:
        return RTCP_KIND_SR;
    case RTCP_TYPE_RR:
        return RTCP_KIND_RR;
    case RTCP_TYPE_SDES:
        return RTCP_KIND_SDES;
    case RTCP_TYPE_BYE:
        return RTCP_KIND_BYE;
    case RTCP_TYPE_RTPFB:
        return count == RTPFB_NACK           ? RTCP_KIND_NACK
               : count == RTPFB_TRANSPORT_CC ? RTCP_KIND_TRANSPORT_CC
                                             : RTCP_KIND_OTHER;
    case RTCP_TYPE_PSFB:
        if (count == PSFB_AFB && is_remb(body, len))
            return RTCP_KIND_REMB;
        return count == PSFB_PLI   ? RTCP_KIND_PLI
               : count == PSFB_FIR ? RTCP_KIND_FIR
                                   : RTCP_KIND_OTHER;
    default:
        return RTCP_KIND_OTHER;
    }
}

/* The bytes every packet of this type has, so that what reads it later need not look. */
static size_t fixed_len(uint8_t type, uint8_t count)
{
    switch (type) {
    case RTCP_TYPE_SR:
        return SR_REPORTS + (size_t)count * REPORT_BYTES;
    case RTCP_TYPE_RR:
        return RR_REPORTS + (size_t)count * REPORT_BYTES;
    case RTCP_TYPE_SDES:
    case RTCP_TYPE_BYE:
        return 4 * (size_t)count;
    case RTCP_TYPE_RTPFB:
    case RTCP_TYPE_PSFB:
        return FEEDBACK_ITEMS;
    default:
        return 0;
    }
}

static int read_padding(const uint8_t *body, size_t *len)
{
    uint8_t padding = *len ? body[*len - 1] : 0;

    if (!padding || padding > *len)
        return -EBADMSG;
    *len -= padding;
    return 0;
}

int rtcp_read(struct rtcp_reader *reader, struct rtcp_packet *ret_packet)
{
    const uint8_t *data = reader->data;

    if (!reader->left)
        return 0;
    if (reader->left < RTCP_HEADER_BYTES || data[0] >> 6 != 2)
        return -EBADMSG;
    size_t whole = 4 * ((size_t)bytes_get16(data + 2) + 1);
    if (whole > reader->left)
        return -EBADMSG;
    uint8_t type = data[1];
    struct rtcp_packet packet = {
        .count = data[0] & COUNT_MASK,
        .body = data + RTCP_HEADER_BYTES,
        .len = whole - RTCP_HEADER_BYTES,
    };
    if ((data[0] & PADDING_BIT) && read_padding(packet.body, &packet.len))
        return -EBADMSG;
    if (packet.len < fixed_len(type, packet.count))
        return -EBADMSG;
    packet.kind = kind_of(type, packet.count, packet.body, packet.len);
    packet.sender = packet.len >= 4 ? bytes_get32(packet.body) : 0;
    packet.media = fixed_len(type, 0) == FEEDBACK_ITEMS ? bytes_get32(packet.body + 4) : 0;
    reader->data += whole;
    reader->left -= whole;
    *ret_packet = packet;
    return 1;
}

struct rtcp_sender_info rtcp_sr_info(const struct rtcp_packet *packet)
{
    assert(packet->kind == RTCP_KIND_SR);
    return (struct rtcp_sender_info){
        .ntp = bytes_get64(packet->body + 4),
        .timestamp = bytes_get32(packet->body + 12),
        .packets = bytes_get32(packet->body + 16),
        .bytes = bytes_get32(packet->body + 20),
    };
}

struct rtcp_report rtcp_report_at(const struct rtcp_packet *packet, size_t index)
{
    size_t first = packet->kind == RTCP_KIND_SR ? SR_REPORTS : RR_REPORTS;
    const uint8_t *block = packet->body + first + index * REPORT_BYTES;

    assert(packet->kind == RTCP_KIND_SR || packet->kind == RTCP_KIND_RR);
    assert(index < packet->count);
    uint32_t lost = bytes_get24(block + 5);
    return (struct rtcp_report){
        .ssrc = bytes_get32(block),
        .fraction_lost = block[4],
        .lost = lost & 0x800000 ? (int32_t)lost - 0x1000000 : (int32_t)lost,
        .highest_seq = bytes_get32(block + 8),
        .jitter = bytes_get32(block + 12),
        .lsr = bytes_get32(block + 16),
        .dlsr = bytes_get32(block + 20),
    };
}

uint32_t rtcp_bye_source(const struct rtcp_packet *packet, size_t index)
{
    assert(packet->kind == RTCP_KIND_BYE && index < packet->count);
    return bytes_get32(packet->body + 4 * index);
}

size_t rtcp_nack_seqs(const struct rtcp_packet *packet, uint16_t out[static RTCP_NACK_MAX])
{
    size_t count = 0;

    assert(packet->kind == RTCP_KIND_NACK);
    for (size_t at = FEEDBACK_ITEMS; at + NACK_BYTES <= packet->len; at += NACK_BYTES) {
        uint16_t first = bytes_get16(packet->body + at);
        /* Bit 0 is the first itself, bit i + 1 stands for first + i + 1 (RFC 4585, 6.2.1). */
        uint32_t wanted = (uint32_t)bytes_get16(packet->body + at + 2) << 1 | 1;
        for (unsigned i = 0; wanted >> i; i++) {
            if (!(wanted >> i & 1))
                continue;
            if (count == RTCP_NACK_MAX)
                return count;
            out[count++] = (uint16_t)(first + i);
        }
    }
    return count;
}

size_t rtcp_fir_count(const struct rtcp_packet *packet)
{
    assert(packet->kind == RTCP_KIND_FIR);
    return (packet->len - FEEDBACK_ITEMS) / FIR_BYTES;
}

uint32_t rtcp_fir_source(const struct rtcp_packet *packet, size_t index)
{
    assert(index < rtcp_fir_count(packet));
    return bytes_get32(packet->body + FEEDBACK_ITEMS + index * FIR_BYTES);
}

uint64_t rtcp_remb_bitrate(const struct rtcp_packet *packet)
{
    assert(packet->kind == RTCP_KIND_REMB);
    uint32_t field = bytes_get24(packet->body + REMB_RATE);
    unsigned exponent = field >> 18;
    uint64_t mantissa = field & 0x3ffff;

    return mantissa > UINT64_MAX >> exponent ? UINT64_MAX : mantissa << exponent;
}
