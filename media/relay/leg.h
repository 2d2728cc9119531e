/*
 * The legs: each is one PeerConnection with its ICE agent, DTLS association, SRTP contexts and its
 * party at the router. struct legs owns them and what they share (socket, identity, router,
 * counters). Owned by the relay; the controller opens, answers and closes.
 *
 * leg.c is their life, packets.c is the way of a datagram. A local leg's other end is a process of
 * this machine on a connection of local.h: it has no ICE, DTLS or SRTP, and local_packets.c is the
 * way of what it sends and gets.
 */
#ifndef ASSIZE_MEDIA_RELAY_LEG_H
#define ASSIZE_MEDIA_RELAY_LEG_H

#include "base/buf.h"
#include "media/relay/dtls.h"
#include "media/relay/ice.h"
#include "media/relay/router.h"
#include "media/relay/srtp.h"
#include "media/relay/udp.h"
#include "media/rtp/local.h"
#include "media/rtp/sdp.h"

enum {
    LEG_SESSION_SIZE = 64,
    LEGS_CANDIDATES_MAX = 8,
};

struct record;

enum leg_state {
    LEG_STATE_NEW,       /* offered; checks, handshake and answer come in any order */
    LEG_STATE_CONNECTED, /* an address is checked, keys are made, the fingerprint is the answer's;
                            or the process of a local leg has said hello */
    LEG_STATE_LOST,      /* was connected; no authenticated check for RELAY_LOST_MS, or the process
                            of a local leg is away: another one with its token may come */
    LEG_STATE_CLOSED,    /* about to be freed */
};

struct rtcp_sender {
    uint32_t ssrc;
    int64_t highest; /* SRTCP index, -1 before the first */
};

/* What the process of a local leg sends of one medium. */
struct local_stream {
    uint32_t ssrc; /* its own, which the relay's takes the place of */
    struct rtp_sequence sequence;
};

struct leg {
    struct party party;      /* has the leg's number; first, so that a party is its leg */
    struct udp_route route;  /* to the selected path */
    struct srtp_context out; /* once keyed */
    uint32_t endpoint;
    char session[LEG_SESSION_SIZE];
    bool may_send;
    bool may_share;
    enum leg_state state;
    int64_t opened_ns;
    bool on_record[ROUTER_SOURCES]; /* by enum sdp_medium: its packets go to that record_group */
    uint16_t record_group[ROUTER_SOURCES];

    struct ice ice;

    struct dtls *dtls; /* NULL before the first datagram of the handshake */
    struct legs *legs;
    struct sockaddr_in6 dtls_peer; /* a path: where the last datagram of the handshake came from */
    bool answered;
    uint8_t fingerprint[SHA256_BYTES]; /* of the answer */

    bool keyed; /* what follows is there */
    struct srtp_context in;
    struct srtp_window windows[ROUTER_SOURCES];
    struct rtcp_sender rtcp_senders[RELAY_RTCP_SENDERS_MAX];
    size_t rtcp_sender_count;
    uint32_t rtcp_index; /* of the next SRTCP packet we send */

    /* Of a local leg. */
    uint8_t token[LOCAL_TOKEN_BYTES];
    int link; /* the connection of its process, not the leg's own; -1 without one */
    struct local_stream streams[ROUTER_MEDIA];
};

struct leg_ops {
    /* The leg's state changed; reason may be empty. On CLOSED the leg is freed afterwards. */
    void (*state)(void *context, const struct leg *leg, const char *reason);
    /* Once a second. */
    void (*quality)(void *context, const struct leg *leg);
};

struct legs {
    struct udp *udp;
    struct dtls_identity *identity;
    struct ice_agents agents;
    struct router router;
    struct relay_counters *counters;
    struct record *record; /* the relay's, or NULL: nothing can be on record */
    const struct leg_ops *ops;
    void *context;
    unsigned count;
    int64_t now_ns; /* of the turn of the loop */
    struct sdp_candidate candidates[LEGS_CANDIDATES_MAX];
    size_t candidate_count;
};

/* udp, counters and ops stay the caller's. 0 or -EIO. */
int legs_init(struct legs *legs, struct udp *udp, struct relay_counters *counters,
              const struct leg_ops *ops, void *context) __attribute__((warn_unused_result));
/* Closes every leg silently. */
void legs_done(struct legs *legs);

struct leg_wish {
    uint64_t id;
    const char *hearing;
    uint32_t endpoint;
    const char *session;
    bool may_send;
    bool may_share;       /* not of a local leg */
    uint32_t audio_slots; /* at most RELAY_SLOTS_MAX, as are video_slots */
    uint32_t video_slots;
    const uint8_t *token; /* LOCAL_TOKEN_BYTES of a local leg, else NULL */
};

/* 0; -EEXIST for a number in use, -ENOSPC over RELAY_LEGS_MAX or RELAY_HEARINGS_MAX. */
int leg_open(struct legs *legs, const struct leg_wish *wish, struct leg **ret_leg)
    __attribute__((warn_unused_result));
struct leg *leg_find(const struct legs *legs, uint64_t id);
/* Appends the leg's SDP offer; a local leg has none. 0 or -ENOBUFS. */
int leg_offer(const struct leg *leg, struct buf *out) __attribute__((warn_unused_result));
/*
 * 0; -EINVAL for an answer that is malformed or not one to the offer, or whose fingerprint is not
 * the client's (then the leg is closed and gone); -EALREADY for a second one.
 */
int leg_answer(struct leg *leg, const char *sdp, size_t len) __attribute__((warn_unused_result));
/* The process of a local leg has come on this connection, in place of an older one, which is shut
 * down. */
void leg_link(struct leg *leg, int fd);
/* It has gone. */
void leg_unlink(struct leg *leg);
/* Tells ops->state, says goodbye to the client and frees. */
void leg_close(struct leg *leg, const char *reason);
/*
 * As router_apply. What waits in the send batch leaves before the change, so that nothing of an
 * older epoch leaves after it: the caller may acknowledge at once.
 */
int legs_apply(struct legs *legs, struct room *room, const struct relay_change *change)
    __attribute__((warn_unused_result));
/* Closes every leg, denies every cell. */
void legs_cut(struct legs *legs, const char *reason);

/* One datagram of the media port. The leg it belongs to may be closed by it. */
void legs_take(struct legs *legs, const struct sockaddr_in6 *from, uint8_t *data, size_t len);

/* What is due; every 20 ms and every 100 ms. */
void legs_tick(struct legs *legs);
void legs_slow_tick(struct legs *legs);

#endif
