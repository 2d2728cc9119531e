/*
 * One outgoing RTP stream: numbers, protects and remembers packets, so that a NACK is answered with
 * the very bytes that were sent. No I/O. Owned by peer_media, one a medium.
 */
#ifndef ASSIZE_TESTS_PEER_SENDER_H
#define ASSIZE_TESTS_PEER_SENDER_H

#include "tests/peer/peer_rtp.h"
#include "tests/peer/peer_sdp.h"
#include "tests/peer/peer_srtp.h"

enum { PEER_CACHE_PACKETS = 512 };

struct peer_packet {
    uint16_t len; /* 0: empty */
    uint16_t sequence;
    uint8_t data[PEER_RTP_MAX];
};

struct peer_payload {
    const uint8_t *prefix; /* payload descriptor, or NULL */
    size_t prefix_len;
    const uint8_t *data;
    size_t len;
    bool marker;
    uint32_t timestamp;
    uint8_t level; /* audio only, -dBov */
};

struct peer_sender {
    bool enabled; /* the offer has an m-line for it */
    const struct peer_mline *mline;
    uint32_t ssrc;
    uint16_t sequence;  /* of the next packet */
    uint32_t timestamp; /* of the last packet */
    int64_t timestamp_ns;
    uint64_t packets;
    uint64_t octets;
    uint64_t resent;
    struct peer_packet *cache; /* PEER_CACHE_PACKETS, made with the first packet */
};

void peer_sender_init(struct peer_sender *sender, enum peer_medium medium,
                      const struct peer_offer *offer);
void peer_sender_done(struct peer_sender *sender);

/* The next packet, protected; NULL when it cannot be made. Valid until the cache has gone round. */
const struct peer_packet *peer_sender_pack(struct peer_sender *sender, struct peer_srtp *srtp,
                                           const struct peer_payload *payload, int64_t now_ns);
/* The packet with this number, or NULL when it was never sent or is too old. */
const struct peer_packet *peer_sender_find(const struct peer_sender *sender, uint16_t sequence);

#endif
