#include "media/journal/pcapng.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "media/journal/lines.h"

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 6,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    LINK_TYPE_UPPER_PDU = 252,
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_IF_NAME = 2,
    OPTION_IF_TSRESOL = 9,
    TSRESOL_NANOSECONDS = 9,
};

/* Where things stand in their blocks. */
enum {
    SECTION_COMMENT_LEN = 26,
    SECTION_COMMENT = 28,
    INTERFACE_NAME_LEN = 18,
    INTERFACE_NAME = 20,
    PACKET_TOTAL = 4,
    PACKET_TRACK = 8,
    PACKET_TIME = 12,
    PACKET_CAPTURED = 20,
    PACKET_ORIGINAL = 24,
    PACKET_TAGS = 28,
    PACKET_DATA = 40,
};

enum { TAGS_BYTES = PACKET_DATA - PACKET_TAGS, PACKET_OVERHEAD = PACKET_TAGS + 4 };

/* Exported PDU tags, big-endian: tag 12 names the dissector, tag 0 ends the list. */
static const uint8_t tags[][TAGS_BYTES] = {
    [PCAPNG_RTP] = {0, 12, 0, 4, 'r', 't', 'p', 0, 0, 0, 0, 0},
    [PCAPNG_RTCP] = {0, 12, 0, 4, 'r', 't', 'c', 'p', 0, 0, 0, 0},
};

static const char version[] = "1";
static const char no_encryption[] = "none";
static const char torn_head[] = "the file ends inside its head";
static const char torn_packet[] = "the file ends inside a packet";

static size_t padded(size_t len)
{
    return (len + 3) & ~(size_t)3;
}

static uint8_t *put16(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    return p + 2;
}

static uint8_t *put32(uint8_t *p, uint32_t value)
{
    return put16(put16(p, value & 0xffff), value >> 16);
}

static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) | get16(p + 2) << 16;
}

/* Copies and pads with zeros to a multiple of four. */
static uint8_t *put_padded(uint8_t *p, const void *data, size_t len)
{
    memset(p + len, 0, padded(len) - len);
    memcpy(p, data, len);
    return p + padded(len);
}

static uint8_t *put_option(uint8_t *p, uint32_t code, const void *data, size_t len)
{
    p = put16(put16(p, code), (uint32_t)len);
    return put_padded(p, data, len);
}

/* Ends a block's options and writes its length at both of its ends. */
static uint8_t *end_options(uint8_t *block, uint8_t *p)
{
    p = put32(p, OPTION_END);
    uint32_t total = (uint32_t)(p + 4 - block);
    put32(block + 4, total);
    return put32(p, total);
}

static size_t write_comment(const struct pcapng_head *head, char out[static PCAPNG_COMMENT_MAX])
{
    int len = snprintf(out, PCAPNG_COMMENT_MAX,
                       "assize-journal %s\nhearing %s\ngroup %s\nboot %s\nwall_ns %" PRId64
                       "\nmonotonic_ns %" PRId64 "\nencryption %s\ntracks %zu\n",
                       version, head->hearing, head->group, head->boot, head->wall_ns,
                       head->monotonic_ns, no_encryption, head->track_count);

    assert(len > 0 && len < PCAPNG_COMMENT_MAX);
    return (size_t)len;
}

static uint8_t *put_section(uint8_t *block, const struct pcapng_head *head)
{
    char comment[PCAPNG_COMMENT_MAX];
    size_t len = write_comment(head, comment);
    uint8_t *p = put32(block, BLOCK_SECTION) + 4;

    p = put32(p, BYTE_ORDER_MAGIC);
    p = put16(put16(p, 1), 0);                   /* version 1.0 */
    p = put32(put32(p, UINT32_MAX), UINT32_MAX); /* the section's length is not known */
    return end_options(block, put_option(p, OPTION_COMMENT, comment, len));
}

static uint8_t *put_interface(uint8_t *block, const char *track)
{
    static const uint8_t nanoseconds = TSRESOL_NANOSECONDS;
    uint8_t *p = put32(block, BLOCK_INTERFACE) + 4;

    p = put16(put16(p, LINK_TYPE_UPPER_PDU), 0);
    p = put32(p, 0); /* packets are never cut */
    p = put_option(p, OPTION_IF_NAME, track, strlen(track));
    return end_options(block, put_option(p, OPTION_IF_TSRESOL, &nanoseconds, 1));
}

size_t pcapng_write_head(const struct pcapng_head *head, uint8_t out[static PCAPNG_HEAD_MAX])
{
    uint8_t *p = put_section(out, head);

    for (size_t i = 0; i < head->track_count; i++)
        p = put_interface(p, head->tracks[i]);
    return (size_t)(p - out);
}

size_t pcapng_write_packet(const struct pcapng_packet *packet, uint8_t out[static PCAPNG_BLOCK_MAX])
{
    uint32_t captured = (uint32_t)(TAGS_BYTES + packet->len);
    uint32_t total = (uint32_t)(PACKET_OVERHEAD + padded(captured));
    uint64_t time = (uint64_t)packet->wall_ns;
    uint8_t *p = put32(put32(out, BLOCK_PACKET), total);

    p = put32(p, (uint32_t)packet->track);
    p = put32(put32(p, (uint32_t)(time >> 32)), (uint32_t)time);
    p = put32(put32(p, captured), captured);
    memcpy(p, tags[packet->kind], TAGS_BYTES);
    p = put_padded(p + TAGS_BYTES, packet->data, packet->len);
    put32(p, total);
    return total;
}

static struct fit parse_comment(const uint8_t *text, size_t len, struct pcapng_head *ret_head)
{
    struct lines lines = {.text = (const char *)text, .len = len};
    struct pcapng_head head = {0};
    uint64_t wall_ns;
    uint64_t monotonic_ns;
    uint64_t tracks;

    if (!lines_expect(&lines, "assize-journal", version))
        return fit_bad(SECTION_COMMENT, "not a record of this format and version");
    if (!lines_take_name(&lines, "hearing", head.hearing) ||
        !lines_take_name(&lines, "group", head.group) ||
        !lines_take_name(&lines, "boot", head.boot) ||
        !lines_take_number(&lines, "wall_ns", INT64_MAX, &wall_ns) ||
        !lines_take_number(&lines, "monotonic_ns", INT64_MAX, &monotonic_ns) ||
        !lines_expect(&lines, "encryption", no_encryption) ||
        !lines_take_number(&lines, "tracks", JOURNAL_TRACKS_MAX, &tracks) || lines.at != len)
        return fit_bad(SECTION_COMMENT + lines.at, "the file's comment does not read");
    head.wall_ns = (int64_t)wall_ns;
    head.monotonic_ns = (int64_t)monotonic_ns;
    head.track_count = tracks;
    *ret_head = head;
    return fit_good();
}

/* The section header; ret_len is what it should take. */
static struct fit parse_section(const uint8_t *data, size_t len, struct pcapng_head *ret_head,
                                size_t *ret_len)
{
    if (len >= 4 && get32(data) != BLOCK_SECTION)
        return fit_bad(0, "not a pcapng file");
    if (len < SECTION_COMMENT)
        return fit_torn(0, torn_head);
    size_t comment_len = get16(data + SECTION_COMMENT_LEN);
    if (comment_len >= PCAPNG_COMMENT_MAX)
        return fit_bad(SECTION_COMMENT_LEN, "the file's comment is too long");
    if (len - SECTION_COMMENT < comment_len)
        return fit_torn(0, torn_head);
    *ret_len = SECTION_COMMENT + padded(comment_len) + 8;
    return parse_comment(data + SECTION_COMMENT, comment_len, ret_head);
}

/* The name of the track that is described at this offset; ret_len is what its block should take. */
static struct fit parse_track(const uint8_t *data, size_t len, size_t at,
                              char ret_name[static NAME_SIZE], size_t *ret_len)
{
    if (at > len || len - at < INTERFACE_NAME)
        return fit_torn(0, torn_head);
    size_t name_len = get16(data + at + INTERFACE_NAME_LEN);
    if (name_len > JOURNAL_NAME_MAX)
        return fit_bad(at + INTERFACE_NAME_LEN, "the name of a track is too long");
    if (len - at - INTERFACE_NAME < name_len)
        return fit_torn(0, torn_head);
    memcpy(ret_name, data + at + INTERFACE_NAME, name_len);
    ret_name[name_len] = '\0';
    if (!name_is_valid(ret_name))
        return fit_bad(at + INTERFACE_NAME, "not the name of a track");
    *ret_len = INTERFACE_NAME + padded(name_len) + 16;
    return fit_good();
}

/*
 * The head is read for its values only; that every other byte of it is right shows when it is
 * written again from these and compared.
 */
struct fit pcapng_parse_head(const uint8_t *data, size_t len, struct pcapng_head *ret_head,
                             size_t *ret_len)
{
    uint8_t again[PCAPNG_HEAD_MAX];
    struct pcapng_head head = {0};
    size_t at = 0;
    size_t track_len = 0;
    struct fit fit = parse_section(data, len, &head, &at);

    for (size_t i = 0; fit.verdict == FIT_GOOD && i < head.track_count; i++) {
        fit = parse_track(data, len, at, head.tracks[i], &track_len);
        at += track_len;
    }
    if (fit.verdict != FIT_GOOD)
        return fit;
    size_t again_len = pcapng_write_head(&head, again);
    size_t difference = lines_difference(data, len, again, again_len);
    if (difference == len && len < again_len)
        return fit_torn(0, torn_head);
    if (difference < again_len)
        return fit_bad(difference, "not the head this file should have");
    *ret_head = head;
    *ret_len = again_len;
    return fit_good();
}

static struct fit check_fixed(const uint8_t *data, size_t track_count)
{
    uint32_t captured = get32(data + PACKET_CAPTURED);

    if (get32(data) != BLOCK_PACKET)
        return fit_bad(0, "not a packet");
    if (captured <= TAGS_BYTES || captured > TAGS_BYTES + JOURNAL_PACKET_MAX)
        return fit_bad(PACKET_CAPTURED, "a packet of a length that cannot be");
    if (get32(data + PACKET_TOTAL) != PACKET_OVERHEAD + padded(captured))
        return fit_bad(PACKET_TOTAL, "the lengths of a packet and its block differ");
    if (get32(data + PACKET_TRACK) >= track_count)
        return fit_bad(PACKET_TRACK, "a packet of a track that is not in the file");
    if (get32(data + PACKET_TIME) > INT32_MAX)
        return fit_bad(PACKET_TIME, "a time that cannot be");
    if (get32(data + PACKET_ORIGINAL) != captured)
        return fit_bad(PACKET_ORIGINAL, "a packet that is cut");
    return fit_good();
}

/* A whole block whose fixed fields are right: the kind, the padding, the length again. */
static struct fit check_rest(const uint8_t *data, size_t total, enum pcapng_kind *ret_kind)
{
    size_t end = PACKET_TAGS + get32(data + PACKET_CAPTURED);
    bool is_rtp = memcmp(data + PACKET_TAGS, tags[PCAPNG_RTP], TAGS_BYTES) == 0;

    if (!is_rtp && memcmp(data + PACKET_TAGS, tags[PCAPNG_RTCP], TAGS_BYTES) != 0)
        return fit_bad(PACKET_TAGS, "neither RTP nor RTCP");
    for (; end < total - 4; end++)
        if (data[end])
            return fit_bad(end, "padding that is not zero");
    if (get32(data + end) != total)
        return fit_bad(end, "the two lengths of a block differ");
    *ret_kind = is_rtp ? PCAPNG_RTP : PCAPNG_RTCP;
    return fit_good();
}

struct fit pcapng_parse_packet(const uint8_t *data, size_t len, size_t track_count,
                               struct pcapng_packet *ret_packet, size_t *ret_len)
{
    enum pcapng_kind kind;

    if (!len)
        return (struct fit){.verdict = FIT_END};
    if (len < PACKET_DATA)
        return fit_torn(0, torn_packet);
    struct fit fit = check_fixed(data, track_count);
    if (fit.verdict != FIT_GOOD)
        return fit;
    size_t total = get32(data + PACKET_TOTAL);
    if (len < total)
        return fit_torn(0, torn_packet);
    fit = check_rest(data, total, &kind);
    if (fit.verdict != FIT_GOOD)
        return fit;
    *ret_packet = (struct pcapng_packet){
        .track = get32(data + PACKET_TRACK),
        .kind = kind,
        .wall_ns = (int64_t)get32(data + PACKET_TIME) << 32 | get32(data + PACKET_TIME + 4),
        .data = data + PACKET_DATA,
        .len = get32(data + PACKET_CAPTURED) - TAGS_BYTES,
    };
    *ret_len = total;
    return fit_good();
}
