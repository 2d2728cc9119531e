/*
 * The relay's offer as the peer understands it, and the peer's answer (RFC 8866, 8829). Pure. Used
 * by peer_media.
 */
#ifndef ASSIZE_TESTS_PEER_SDP_H
#define ASSIZE_TESTS_PEER_SDP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sha256.h"

enum {
    PEER_SDP_MLINES_MAX = 80,
    PEER_SDP_MID_SIZE = 17,
    PEER_SDP_ICE_SIZE = 257,
    PEER_SDP_MAX = 1 << 18,
};

/* PEER_SHARE: the second picture, an m-line of video by the mid "s". */
enum peer_medium { PEER_AUDIO, PEER_VIDEO, PEER_SHARE, PEER_MEDIA };

enum peer_direction {
    PEER_SENDRECV,
    PEER_SENDONLY,
    PEER_RECVONLY,
    PEER_INACTIVE,
};

struct peer_mline {
    enum peer_medium medium;
    char mid[PEER_SDP_MID_SIZE];
    enum peer_direction direction; /* as the relay sees it */
    uint8_t payload_type;
    uint32_t ssrc;  /* what the relay sends with, or 0 */
    uint8_t mid_id; /* header extension ids, or 0 */
    uint8_t level_id;
    uint8_t send_time_id;
    bool nack;
};

struct peer_offer {
    char ufrag[PEER_SDP_ICE_SIZE];
    char password[PEER_SDP_ICE_SIZE];
    uint8_t fingerprint[SHA256_BYTES];
    bool has_fingerprint;
    struct sockaddr_storage candidate; /* the first UDP one */
    socklen_t candidate_len;
    size_t mline_count;
    struct peer_mline mlines[PEER_SDP_MLINES_MAX];
};

/* 0, or -EINVAL for an offer that lacks what a connection needs, or -E2BIG over
 * PEER_SDP_MLINES_MAX. */
int peer_sdp_parse(const char *sdp, struct peer_offer *ret_offer)
    __attribute__((warn_unused_result));

/* What the peer says of itself. */
struct peer_answer {
    const char *ufrag;
    const char *password;
    const uint8_t *fingerprint;
    uint32_t ssrc[PEER_MEDIA]; /* by medium */
};

/* The answer to an offer: takes every m-line, sends where the relay receives. 0 or -ENOBUFS. */
int peer_sdp_answer(const struct peer_offer *offer, const struct peer_answer *answer,
                    struct buf *out) __attribute__((warn_unused_result));

#endif
