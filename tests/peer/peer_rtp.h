/*
 * RTP and RTCP as the peer writes and reads them (RFC 3550, 4585, 5104, 7741, 8285). Pure. Used by
 * peer_media and by the hostile cases. Sequence numbers are compared modulo 2^16.
 */
#ifndef ASSIZE_TESTS_PEER_RTP_H
#define ASSIZE_TESTS_PEER_RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PEER_RTP_MAX = 1500,      /* a whole packet, protected */
    PEER_RTP_HEADER_MAX = 48, /* with our extensions */
    PEER_RTP_PAYLOAD_MAX = 1100,
    PEER_VP8_DESCRIPTOR_BYTES = 4,
    PEER_NACK_MAX = 128,
};

struct peer_rtp_out {
    uint8_t payload_type;
    bool marker;
    uint16_t sequence;
    uint32_t timestamp;
    uint32_t ssrc;
    const char *mid;      /* with mid_id */
    uint8_t mid_id;       /* 0: without */
    uint8_t level_id;     /* 0: without */
    uint8_t level;        /* -dBov, 127 for silence */
    uint8_t send_time_id; /* 0: without */
    int64_t now_ns;
};

/* The header with its one-byte extensions; returns its bytes. */
size_t peer_rtp_write_header(uint8_t out[static PEER_RTP_HEADER_MAX],
                             const struct peer_rtp_out *rtp);
/* VP8 payload descriptor with a 15-bit picture id. */
void peer_vp8_write_descriptor(uint8_t out[static PEER_VP8_DESCRIPTOR_BYTES], bool first,
                               uint16_t picture_id);

struct peer_rtp_in {
    uint8_t payload_type;
    bool marker;
    uint16_t sequence;
    uint32_t timestamp;
    uint32_t ssrc;
    const uint8_t *payload;
    size_t len;
};
/* False for what is not a whole RTP packet. */
bool peer_rtp_parse(const uint8_t *data, size_t len, struct peer_rtp_in *ret_rtp);
/* True when the payload is the start of a VP8 key frame. */
bool peer_vp8_starts_key_frame(const uint8_t *payload, size_t len);
/* a - b modulo 2^16, from -32768 to 32767. */
int peer_sequence_diff(uint16_t a, uint16_t b);

struct peer_report_block {
    uint32_t ssrc;
    uint8_t fraction_lost;
    uint32_t lost;
    uint32_t highest; /* extended */
    uint32_t jitter;
    uint32_t last_sr;
    uint32_t delay;
};
struct peer_sender_info {
    uint64_t ntp;
    uint32_t timestamp;
    uint32_t packets;
    uint32_t octets;
};

/* A sender report (info given) or receiver report with up to 31 blocks; returns its bytes. */
size_t peer_rtcp_write_report(uint8_t *out, uint32_t ssrc, const struct peer_sender_info *info,
                              const struct peer_report_block *blocks, size_t count);
size_t peer_rtcp_write_cname(uint8_t *out, uint32_t ssrc);
size_t peer_rtcp_write_pli(uint8_t *out, uint32_t ssrc, uint32_t media_ssrc);
/* Up to PEER_NACK_MAX sequence numbers in rising order. */
size_t peer_rtcp_write_nack(uint8_t *out, uint32_t ssrc, uint32_t media_ssrc, const uint16_t *lost,
                            size_t count);
/* NTP time of a Unix time in nanoseconds. */
uint64_t peer_ntp(int64_t wall_ns);

struct peer_rtcp_ops {
    void (*nack)(void *context, uint32_t media_ssrc, uint16_t sequence);
    void (*key_frame)(void *context, uint32_t media_ssrc); /* PLI or FIR */
    void (*sender)(void *context, uint32_t ssrc, uint64_t ntp);
};
/* Walks a compound packet; false when it is malformed (what came before has been reported). */
bool peer_rtcp_parse(const uint8_t *data, size_t len, const struct peer_rtcp_ops *ops,
                     void *context);

#endif
