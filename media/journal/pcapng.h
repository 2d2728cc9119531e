/*
 * One file of the record: pcapng (draft-ietf-opsawg-pcapng) in little-endian, link type 252
 * (Wireshark Upper PDU), so that any expert can open it. A section header whose comment says what
 * is recorded, one interface a track, then one enhanced packet block an RTP or RTCP packet, stamped
 * with the wall clock in nanoseconds. In a hearing's packets payload type 111 is opus/48000/2 and
 * 96 is VP8/90000.
 *
 * The writer writes into the caller's memory. The parsers take only what the writer writes, byte
 * for byte, and never read beyond the caller's length. Used by journal.c, the reader and tests.
 */
#ifndef ASSIZE_MEDIA_JOURNAL_PCAPNG_H
#define ASSIZE_MEDIA_JOURNAL_PCAPNG_H

#include <stddef.h>
#include <stdint.h>

#include "media/journal/fit.h"
#include "media/journal/limits.h"
#include "media/journal/name.h"

enum {
    PCAPNG_COMMENT_MAX = 512,
    PCAPNG_HEAD_MAX = 40 + PCAPNG_COMMENT_MAX + JOURNAL_TRACKS_MAX * (40 + JOURNAL_NAME_MAX),
    PCAPNG_BLOCK_MAX = 48 + JOURNAL_PACKET_MAX, /* one packet */
};

enum pcapng_kind { PCAPNG_RTP, PCAPNG_RTCP };

/* What a file says of itself. The comment also names the format's version and the encryption, which
 * is "none" in version 1. */
struct pcapng_head {
    char hearing[NAME_SIZE];
    char group[NAME_SIZE];
    char boot[NAME_SIZE]; /* the run of the kernel in which monotonic times compare */
    int64_t wall_ns;      /* the two clocks at one moment, */
    int64_t monotonic_ns; /* that of the first packet */
    size_t track_count;
    char tracks[JOURNAL_TRACKS_MAX][NAME_SIZE];
};

struct pcapng_packet {
    size_t track;
    enum pcapng_kind kind;
    int64_t wall_ns;     /* Unix time */
    const uint8_t *data; /* the RTP or RTCP packet as it was sent, decrypted */
    size_t len;          /* 1 to JOURNAL_PACKET_MAX */
};

/* The bytes written. Names must be valid and times not negative. */
size_t pcapng_write_head(const struct pcapng_head *head, uint8_t out[static PCAPNG_HEAD_MAX]);
size_t pcapng_write_packet(const struct pcapng_packet *packet,
                           uint8_t out[static PCAPNG_BLOCK_MAX]);

/*
 * These read what stands at the front of data; offsets in their answers count from there. Good: the
 * length taken is in ret_len. Torn: the bytes end too early; with more of them the answer may be
 * another. End (packets only): there are no bytes.
 */
struct fit pcapng_parse_head(const uint8_t *data, size_t len, struct pcapng_head *ret_head,
                             size_t *ret_len);
struct fit pcapng_parse_packet(const uint8_t *data, size_t len, size_t track_count,
                               struct pcapng_packet *ret_packet, size_t *ret_len);

#endif
