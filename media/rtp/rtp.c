#include "media/rtp/rtp.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "media/rtp/bytes.h"

enum {
    VERSION_MASK = 0xc0,
    VERSION_2 = 0x80,
    PADDING_BIT = 0x20,
    EXTENSION_BIT = 0x10,
    CSRC_MASK = 0x0f,
    MARKER_BIT = 0x80,
    EXTENSION_HEADER_BYTES = 4,
    ONE_BYTE_ID_STOP = 15, /* RFC 8285, 4.2: reserved, reading ends there */
};

int rtp_parse_header(const uint8_t *packet, size_t len, struct rtp_header *ret_header)
{
    if (len < RTP_HEADER_MIN || len > UINT16_MAX || (packet[0] & VERSION_MASK) != VERSION_2)
        return -EBADMSG;
    struct rtp_header header = {
        .payload_type = packet[1] & 0x7f,
        .marker = packet[1] & MARKER_BIT,
        .padding = packet[0] & PADDING_BIT,
        .seq = bytes_get16(packet + 2),
        .timestamp = bytes_get32(packet + 4),
        .ssrc = bytes_get32(packet + 8),
    };
    size_t end = RTP_HEADER_MIN + 4 * (size_t)(packet[0] & CSRC_MASK);
    if (packet[0] & EXTENSION_BIT) {
        if (end + EXTENSION_HEADER_BYTES > len)
            return -EBADMSG;
        header.extension_profile = bytes_get16(packet + end);
        header.extension_len = (uint16_t)(4 * bytes_get16(packet + end + 2));
        header.extension_offset = (uint16_t)(end + EXTENSION_HEADER_BYTES);
        end += EXTENSION_HEADER_BYTES + 4 * (size_t)bytes_get16(packet + end + 2);
    }
    if (end > len)
        return -EBADMSG;
    header.len = (uint16_t)end;
    *ret_header = header;
    return 0;
}

int rtp_payload_len(const uint8_t *packet, size_t len, const struct rtp_header *header,
                    size_t *ret_len)
{
    size_t payload = len - header->len;
    size_t padding = 0;

    if (header->padding) {
        padding = payload ? packet[len - 1] : 0;
        if (!padding || padding > payload)
            return -EBADMSG;
    }
    *ret_len = payload - padding;
    return 0;
}

static bool is_two_byte(const struct rtp_header *header)
{
    return (header->extension_profile & 0xfff0) == RTP_EXTENSION_TWO_BYTE;
}

/*
 * The element at *offset, which moves behind it, skipping padding (RFC 8285, 4.2 and 4.3). False at
 * the end, and at anything malformed: what came before it stands.
 */
static bool next_element(const uint8_t *packet, const struct rtp_header *header, size_t *offset,
                         struct rtp_element *ret_element)
{
    size_t end = (size_t)header->extension_offset + header->extension_len;
    size_t head = is_two_byte(header) ? 2 : 1;
    size_t at = *offset;

    while (at < end && packet[at] == 0)
        at++;
    if (at + head > end)
        return false;
    uint8_t id = head == 2 ? packet[at] : packet[at] >> 4;
    size_t len = head == 2 ? packet[at + 1] : (size_t)(packet[at] & 15) + 1;
    if (at + head + len > end || (head == 1 && id == ONE_BYTE_ID_STOP))
        return false;
    *ret_element = (struct rtp_element){id, (uint8_t)len, packet + at + head};
    *offset = at + head + len;
    return true;
}

bool rtp_find_extension(const uint8_t *packet, const struct rtp_header *header, uint8_t id,
                        struct rtp_element *ret_element)
{
    size_t offset = header->extension_offset;
    struct rtp_element element;

    if (header->extension_profile != RTP_EXTENSION_ONE_BYTE && !is_two_byte(header))
        return false;
    while (next_element(packet, header, &offset, &element)) {
        if (element.id == id) {
            *ret_element = element;
            return true;
        }
    }
    return false;
}

bool rtp_patch_extension(uint8_t *packet, const struct rtp_header *header, uint8_t id,
                         const uint8_t *value, size_t len)
{
    struct rtp_element element;

    if (!rtp_find_extension(packet, header, id, &element) || element.len != len)
        return false;
    memcpy(packet + (element.data - packet), value, len);
    return true;
}

void rtp_blank_extension(uint8_t *packet, const struct rtp_header *header, uint8_t id)
{
    size_t head = is_two_byte(header) ? 2 : 1;
    struct rtp_element element;

    if (rtp_find_extension(packet, header, id, &element))
        memset(packet + (element.data - packet) - head, 0, head + element.len);
}

bool rtp_read_audio_level(const uint8_t *packet, const struct rtp_header *header, uint8_t id,
                          uint8_t *ret_level, bool *ret_voice)
{
    struct rtp_element element;

    if (!rtp_find_extension(packet, header, id, &element) || element.len < 1)
        return false;
    *ret_level = element.data[0] & 0x7f;
    *ret_voice = element.data[0] & 0x80;
    return true;
}

uint32_t rtp_abs_send_time(int64_t ns)
{
    uint64_t seconds = (uint64_t)ns / 1000000000;
    uint64_t rest = (uint64_t)ns % 1000000000;

    return (uint32_t)((seconds << 18) + (rest << 18) / 1000000000) & 0xffffff;
}

void rtp_set_payload_type(uint8_t *packet, uint8_t payload_type)
{
    packet[1] = (uint8_t)((packet[1] & MARKER_BIT) | payload_type);
}

void rtp_set_seq(uint8_t *packet, uint16_t seq)
{
    bytes_put16(packet + 2, seq);
}

void rtp_set_timestamp(uint8_t *packet, uint32_t timestamp)
{
    bytes_put32(packet + 4, timestamp);
}

void rtp_set_ssrc(uint8_t *packet, uint32_t ssrc)
{
    bytes_put32(packet + 8, ssrc);
}

static size_t elements_len(const struct rtp_element *elements, size_t count)
{
    size_t len = 0;

    for (size_t i = 0; i < count; i++) {
        assert(elements[i].id >= 1 && elements[i].id < ONE_BYTE_ID_STOP);
        assert(elements[i].len >= 1 && elements[i].len <= 16);
        len += 1u + elements[i].len;
    }
    return (len + 3) & ~(size_t)3;
}

static void write_elements(uint8_t *out, size_t len, const struct rtp_element *elements,
                           size_t count)
{
    memset(out, 0, EXTENSION_HEADER_BYTES + len);
    bytes_put16(out, RTP_EXTENSION_ONE_BYTE);
    bytes_put16(out + 2, (uint16_t)(len / 4));
    out += EXTENSION_HEADER_BYTES;
    for (size_t i = 0; i < count; i++) {
        *out++ = (uint8_t)(elements[i].id << 4 | (elements[i].len - 1));
        memcpy(out, elements[i].data, elements[i].len);
        out += elements[i].len;
    }
}

size_t rtp_write_header(uint8_t *out, size_t size, const struct rtp_header *header,
                        const struct rtp_element *elements, size_t count)
{
    size_t extension = elements_len(elements, count);
    size_t len = RTP_HEADER_MIN + (count ? EXTENSION_HEADER_BYTES + extension : 0);

    if (len > size)
        return 0;
    out[0] = (uint8_t)(VERSION_2 | (count ? EXTENSION_BIT : 0));
    out[1] = (uint8_t)((header->marker ? MARKER_BIT : 0) | header->payload_type);
    rtp_set_seq(out, header->seq);
    rtp_set_timestamp(out, header->timestamp);
    rtp_set_ssrc(out, header->ssrc);
    if (count)
        write_elements(out + RTP_HEADER_MIN, extension, elements, count);
    return len;
}

int64_t rtp_sequence_guess(const struct rtp_sequence *sequence, uint16_t seq)
{
    if (!sequence->started)
        return seq;
    return sequence->highest + (int16_t)(uint16_t)(seq - (uint16_t)sequence->highest);
}

void rtp_sequence_advance(struct rtp_sequence *sequence, int64_t extended)
{
    if (sequence->started && extended <= sequence->highest)
        return;
    sequence->started = true;
    sequence->highest = extended;
}
