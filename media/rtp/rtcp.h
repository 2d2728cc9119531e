/*
 * RTCP (RFC 3550, RFC 4585, RFC 5104, goog-remb): compound packets are walked in place and written
 * into the caller's buffer. Reduced-size packets (RFC 5506) are taken. Nothing is allocated. For
 * media/relay.
 */
#ifndef ASSIZE_MEDIA_RTP_RTCP_H
#define ASSIZE_MEDIA_RTP_RTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/* clang-format off */
#define RTCP_LIMITS(L) \
    L(RTCP_NACK_MAX, 256, "sequence numbers", "taken from one NACK; the rest is ignored") \
    L(RTCP_CNAME_MAX, 64, "bytes", "a CNAME we write")
/* clang-format on */
LIMITS(RTCP_LIMITS);

enum rtcp_kind {
    RTCP_KIND_SR,
    RTCP_KIND_RR,
    RTCP_KIND_SDES,
    RTCP_KIND_BYE,
    RTCP_KIND_NACK,
    RTCP_KIND_TRANSPORT_CC, /* recognised, not read */
    RTCP_KIND_PLI,
    RTCP_KIND_FIR,
    RTCP_KIND_REMB,
    RTCP_KIND_OTHER,
};

/* One packet of a compound, valid as long as the caller's bytes. Its kind's fixed part is known to
 * be there. */
struct rtcp_packet {
    enum rtcp_kind kind;
    uint32_t sender;     /* SSRC of the sender of the packet; 0 for an empty BYE or SDES */
    uint32_t media;      /* NACK, PLI, transport-cc: the SSRC it is about */
    uint8_t count;       /* of report blocks, chunks or sources; the format of a feedback packet */
    const uint8_t *body; /* after the common header of 4 bytes, padding taken off */
    size_t len;
};

struct rtcp_reader {
    const uint8_t *data;
    size_t left;
};

void rtcp_reader_init(struct rtcp_reader *reader, const uint8_t *data, size_t len);
/* 1 and the next packet; 0 at the end; -EBADMSG for a malformed packet (stop there). */
int rtcp_read(struct rtcp_reader *reader, struct rtcp_packet *ret_packet)
    __attribute__((warn_unused_result));

struct rtcp_sender_info {
    uint64_t ntp;
    uint32_t timestamp;
    uint32_t packets;
    uint32_t bytes;
};

struct rtcp_report {
    uint32_t ssrc;
    uint8_t fraction_lost; /* of 256, since the last report */
    int32_t lost;          /* in all, 24-bit signed */
    uint32_t highest_seq;  /* with rollovers in the upper half */
    uint32_t jitter;       /* in units of the media clock */
    uint32_t lsr;          /* middle 32 bits of the last SR's NTP time, 0 for none */
    uint32_t dlsr;         /* since then, in 1/65536 s */
};

/* The following read a packet of the kind in their name. */
struct rtcp_sender_info rtcp_sr_info(const struct rtcp_packet *packet);
/* SR or RR; index below count. */
struct rtcp_report rtcp_report_at(const struct rtcp_packet *packet, size_t index);
/* The source at index (below count) of a BYE. */
uint32_t rtcp_bye_source(const struct rtcp_packet *packet, size_t index);
/* The sequence numbers asked for, PID and BLP expanded, in order; how many. */
size_t rtcp_nack_seqs(const struct rtcp_packet *packet, uint16_t out[static RTCP_NACK_MAX]);
/* FIR names its sources in entries: how many, and one of them. */
size_t rtcp_fir_count(const struct rtcp_packet *packet);
uint32_t rtcp_fir_source(const struct rtcp_packet *packet, size_t index);
/* Bits per second, cut at UINT64_MAX. */
uint64_t rtcp_remb_bitrate(const struct rtcp_packet *packet);

/* Writing: each call appends one packet; -ENOBUFS, with nothing written, when it does not fit. */
struct rtcp_writer {
    uint8_t *data;
    size_t size;
    size_t len;
};

void rtcp_writer_init(struct rtcp_writer *writer, uint8_t *out, size_t size);
/* At most 31 reports. */
int rtcp_write_sr(struct rtcp_writer *writer, uint32_t sender, const struct rtcp_sender_info *info,
                  const struct rtcp_report *reports, size_t count)
    __attribute__((warn_unused_result));
int rtcp_write_rr(struct rtcp_writer *writer, uint32_t sender, const struct rtcp_report *reports,
                  size_t count) __attribute__((warn_unused_result));
/* An SDES with one CNAME of at most RTCP_CNAME_MAX bytes. */
int rtcp_write_cname(struct rtcp_writer *writer, uint32_t ssrc, const char *cname)
    __attribute__((warn_unused_result));
/* The sequence numbers in ascending order (modulo 2^16), packed into as few PID and BLP pairs as
 * possible. */
int rtcp_write_nack(struct rtcp_writer *writer, uint32_t sender, uint32_t media,
                    const uint16_t *seqs, size_t count) __attribute__((warn_unused_result));
int rtcp_write_pli(struct rtcp_writer *writer, uint32_t sender, uint32_t media)
    __attribute__((warn_unused_result));
/* At most 255 sources. The bitrate is rounded down to what 18 bits of mantissa hold. */
int rtcp_write_remb(struct rtcp_writer *writer, uint32_t sender, uint64_t bitrate,
                    const uint32_t *sources, size_t count) __attribute__((warn_unused_result));
int rtcp_write_bye(struct rtcp_writer *writer, uint32_t ssrc) __attribute__((warn_unused_result));

/* Time: 64-bit NTP format from Unix nanoseconds, its middle 32 bits (1/65536 s), nanoseconds in
 * that unit. */
uint64_t rtcp_ntp_from_unix(int64_t unix_ns);
uint32_t rtcp_ntp_middle(uint64_t ntp);
uint32_t rtcp_ntp_interval(int64_t ns);
/*
 * Round trip of a report that arrived at now (middle 32 bits), RFC 3550 6.4.1, in microseconds.
 * False without an LSR or when the parts do not add up.
 */
bool rtcp_round_trip(uint32_t now, const struct rtcp_report *report, uint32_t *ret_us);

/* Reception of one source: RFC 3550 A.3 (loss) and A.8 (jitter). */
struct rtcp_reception {
    uint32_t clock_rate;
    bool started;
    int64_t base; /* extended sequence number of the first packet */
    int64_t highest;
    uint64_t received;
    int64_t expected_prior; /* at the last report */
    uint64_t received_prior;
    uint32_t transit;
    uint32_t jitter_16; /* jitter times 16 */
};

void rtcp_reception_init(struct rtcp_reception *reception, uint32_t clock_rate);
/* An authentic packet that is no repetition. extended is of struct rtp_sequence; arrival is
 * monotonic. */
void rtcp_reception_add(struct rtcp_reception *reception, int64_t extended, uint32_t timestamp,
                        int64_t arrival_ns);
/* The loss and jitter fields of a report (ssrc, lsr and dlsr are the caller's); begins the next
 * interval. */
void rtcp_reception_report(struct rtcp_reception *reception, struct rtcp_report *ret_report);

#endif
