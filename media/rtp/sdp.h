/*
 * SDP (RFC 8866, RFC 8829 for its use by browsers, RFC 8839 for ICE, RFC 8122 for the fingerprint):
 * the relay's offer is made from a plain struct, a client's answer is parsed strictly and within
 * limits. The relay is ICE-lite, one BUNDLE, RTCP always multiplexed; Opus and VP8 only. For
 * media/relay.
 */
#ifndef ASSIZE_MEDIA_RTP_SDP_H
#define ASSIZE_MEDIA_RTP_SDP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"

/* clang-format off */
#define SDP_LIMITS(L) \
    L(SDP_BYTES_MAX, 60000, "bytes", "one session description") \
    L(SDP_LINES_MAX, 2000, "lines", "one session description") \
    L(SDP_LINE_MAX, 1024, "bytes", "one line of a session description") \
    L(SDP_MEDIA_MAX, 67, "m-lines", "one session description") \
    L(SDP_SSRCS_MAX, 4, "SSRCs", "declared by one m-line")
/* clang-format on */
LIMITS(SDP_LIMITS);

/* What every offer says, so that a packet needs no translation between legs. Answers keep these
 * numbers. */
enum {
    SDP_OPUS = 111,
    SDP_VP8 = 96,
    SDP_EXTENSION_AUDIO_LEVEL = 1,
    SDP_EXTENSION_ABS_SEND_TIME = 2,
    SDP_EXTENSION_MID = 3,
    SDP_OPUS_CLOCK = 48000,
    SDP_VP8_CLOCK = 90000,
};

enum {
    SDP_MID_SIZE = 17, /* sizes count the NUL */
    SDP_UFRAG_SIZE = 257,
    SDP_PASSWORD_SIZE = 257,
    SDP_FINGERPRINT_BYTES = 32, /* sha-256 */
    SDP_ADDRESS_SIZE = INET6_ADDRSTRLEN,
};

enum sdp_medium {
    SDP_AUDIO,
    SDP_VIDEO,
    SDP_SHARE, /* the second picture a client sends: an m-line of video, received in its slots */
};

/* The kind of the m-lines that carry it. */
static inline enum sdp_medium sdp_line_medium(enum sdp_medium medium)
{
    return medium == SDP_AUDIO ? SDP_AUDIO : SDP_VIDEO;
}

/* A receiving slot of the client: one m-line with its fixed SSRC. */
struct sdp_slot {
    enum sdp_medium medium;
    char mid[SDP_MID_SIZE];    /* "a0", "v3" */
    char stream[SDP_MID_SIZE]; /* msid; slots with the same are played in sync */
    uint32_t ssrc;
};

/* A host candidate, UDP; the first is preferred. */
struct sdp_candidate {
    char address[SDP_ADDRESS_SIZE];
    uint16_t port;
};

/* The m-lines for what the client sends come before those of the slots: "a" and "v" with may_send,
 * then "s" with may_share. */
struct sdp_offer {
    uint64_t session_id;
    const char *ufrag;
    const char *password;
    const uint8_t *fingerprint; /* SDP_FINGERPRINT_BYTES */
    const struct sdp_candidate *candidates;
    size_t candidate_count;
    bool may_send;
    bool may_share;
    const char *cname; /* of all slots */
    const struct sdp_slot *slots;
    size_t slot_count;
};

/* Appends the offer. 0, or -ENOBUFS over the buffer's maximum. */
int sdp_make_offer(struct buf *out, const struct sdp_offer *offer)
    __attribute__((warn_unused_result));

enum sdp_direction {
    SDP_INACTIVE,
    SDP_SENDONLY, /* as the answer says it: the client sends */
    SDP_RECVONLY,
    SDP_SENDRECV,
};

enum sdp_setup {
    SDP_SETUP_NONE,
    SDP_SETUP_ACTIVE,  /* the client is the DTLS client */
    SDP_SETUP_PASSIVE, /* the relay is */
};

/* One m-line of an answer. */
struct sdp_media {
    enum sdp_medium medium;
    char mid[SDP_MID_SIZE];
    bool rejected; /* port 0: nothing else of it counts */
    enum sdp_direction direction;
    uint8_t payload_type; /* of Opus or VP8; 0: not negotiated */
    bool nack;            /* rtcp-fb of that payload type */
    bool pli;
    bool remb;
    uint8_t audio_level; /* extension ids, 0: not negotiated */
    uint8_t abs_send_time;
    uint8_t mid_extension;
    uint32_t ssrcs[SDP_SSRCS_MAX]; /* what the client declares that it sends */
    uint8_t ssrc_count;
};

struct sdp_answer {
    char ufrag[SDP_UFRAG_SIZE];
    char password[SDP_PASSWORD_SIZE];
    uint8_t fingerprint[SDP_FINGERPRINT_BYTES];
    enum sdp_setup setup;
    struct sdp_media media[SDP_MEDIA_MAX];
    size_t media_count;
};

/*
 * 0; -EMSGSIZE over a limit; -EINVAL for anything malformed, without credentials, sha-256
 * fingerprint, setup role, BUNDLE over all m-lines that are not rejected, or rtcp-mux. Transport
 * attributes may stand at session level or in the first m-line of the bundle; where they are said
 * again they must say the same.
 */
int sdp_parse_answer(const char *text, size_t len, struct sdp_answer *ret_answer)
    __attribute__((warn_unused_result));

/*
 * 0 when the answer is one to this offer: the same m-lines in the same order, our payload types and
 * extension ids, nothing sent on a slot and nothing received on "a", "v" and "s". Otherwise
 * -EINVAL.
 */
int sdp_check_answer(const struct sdp_offer *offer, const struct sdp_answer *answer)
    __attribute__((warn_unused_result));

/* The m-line with this mid, or NULL. */
const struct sdp_media *sdp_find_media(const struct sdp_answer *answer, const char *mid);

#endif
