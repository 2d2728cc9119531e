/*
 * One media connection to the relay: takes its offer, makes the answer, runs ICE checks as the
 * controlling full agent, DTLS as the client, SRTP and RTCP. It counts every datagram it receives,
 * whatever it is. Owned by struct peer, or by the load client, which runs fifty of them.
 */
#ifndef ASSIZE_TESTS_PEER_MEDIA_H
#define ASSIZE_TESTS_PEER_MEDIA_H

#include "tests/peer/peer_dtls.h"
#include "tests/peer/peer_loop.h"
#include "tests/peer/peer_receiver.h"
#include "tests/peer/peer_sender.h"
#include "tests/peer/peer_stun.h"

enum {
    PEER_RECEIVERS_MAX = 96,
    PEER_UFRAG_SIZE = 9,
    PEER_PASSWORD_SIZE = 45,
    PEER_CHECKS_KEPT = 16
};

/* Both profiles, the better first: what a good peer offers. */
#define PEER_PROFILES "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"

struct peer_media_options {
    const struct peer_identity *identity;
    const char *profiles;
    unsigned decrypt_every; /* 1: every packet; 0: none, packets are only counted */
    unsigned drop_permille; /* of the RTP packets that arrive, as if the network had lost them */
    bool nack;              /* ask for what is missing */
    bool lie_about_fingerprint;
    bool bad_integrity; /* checks carry a wrong MESSAGE-INTEGRITY */
};

enum peer_media_state {
    PEER_MEDIA_NEW,       /* the answer is made */
    PEER_MEDIA_CHECKING,  /* checks go out, none was answered */
    PEER_MEDIA_SHAKING,   /* a check was answered, DTLS is under way */
    PEER_MEDIA_CONNECTED, /* keys are there */
    PEER_MEDIA_LOST,      /* was connected; no check was answered for 5 s */
    PEER_MEDIA_FAILED,    /* for good */
};

struct peer_media_ops {
    void (*state)(void *context, enum peer_media_state state);
    void (*key_frame)(void *context); /* the relay wants one */
};

struct peer_datagrams {
    uint64_t stun;
    uint64_t dtls;
    uint64_t rtcp;
    uint64_t rtp;
    uint64_t other;
};

struct peer_check_sent {
    uint8_t id[PEER_STUN_ID_BYTES];
    int64_t at_ns;
};

struct peer_media {
    struct peer_loop *loop;
    struct peer_media_options options;
    const struct peer_media_ops *ops;
    void *context;
    enum peer_media_state state;
    struct peer_offer offer;
    struct buf answer; /* SDP */

    struct peer_watch watch;
    struct peer_timer check_timer;
    struct peer_timer dtls_timer;
    struct peer_timer report_timer;
    struct peer_timer lost_timer;

    char ufrag[PEER_UFRAG_SIZE];
    char password[PEER_PASSWORD_SIZE];
    uint64_t tie_breaker;
    struct peer_check_sent checks[PEER_CHECKS_KEPT];
    uint64_t checks_sent;
    uint64_t checks_answered; /* with good integrity */
    uint64_t checks_refused;  /* answered with an error */
    int64_t check_interval_ms;
    int64_t rtt_ns; /* of the last one */
    int64_t rtt_max_ns;
    int64_t started_ns;
    int64_t answered_ns; /* when the last one was */
    int64_t connected_ns;

    struct peer_dtls dtls;
    struct peer_srtp srtp;
    struct peer_sender senders[PEER_MEDIA]; /* by medium */
    struct peer_receiver *receivers;        /* PEER_RECEIVERS_MAX */
    size_t receiver_count;
    uint32_t drop_seed;

    struct peer_datagrams in;
    uint64_t packets_in; /* good RTP */
    uint64_t packets_out;
    uint64_t key_frames_wanted;
    uint64_t nacks_in; /* sequence numbers asked of us */
};

/*
 * Takes the offer and leaves the answer in media->answer. The struct must not move while it is
 * open. 0, -EINVAL for an offer that does not do, or -errno.
 */
int peer_media_open(struct peer_media *media, struct peer_loop *loop,
                    const struct peer_media_options *options, const char *offer_sdp,
                    const struct peer_media_ops *ops, void *context)
    __attribute__((warn_unused_result));
/* Starts the checks; to be called once the answer is on its way. */
void peer_media_start(struct peer_media *media);
/*
 * From now on the loop leaves the socket alone and the owner calls peer_media_drain often enough.
 * On loopback the sender pays for waking a receiver, which a measurement of the sender must not
 * contain.
 */
void peer_media_unwatch(struct peer_media *media);
void peer_media_drain(struct peer_media *media);
/* Closes DTLS and the socket; the counters stay. Harmless when zeroed or closed. */
void peer_media_close(struct peer_media *media);
/* Frees the counters too. */
void peer_media_done(struct peer_media *media);

bool peer_media_can_send(const struct peer_media *media, enum peer_medium medium);
/* One RTP packet; dropped when not connected. */
void peer_media_send(struct peer_media *media, enum peer_medium medium,
                     const struct peer_payload *payload);
/* A VP8 frame in as many packets as it takes. */
void peer_media_send_frame(struct peer_media *media, enum peer_medium medium, const uint8_t *frame,
                           size_t len, uint32_t timestamp, uint16_t picture_id);
/* Sums over all streams; mid NULL: every one. */
uint64_t peer_media_packets(const struct peer_media *media, const char *mid);

/* What only a hostile peer does. */
void peer_media_send_raw(struct peer_media *media, const void *data, size_t len);
/* Sends the last packet of the medium once more, as it was. */
void peer_media_replay(struct peer_media *media, enum peer_medium medium);
/* Sends a well protected packet on an SSRC the answer does not name. */
void peer_media_send_undeclared(struct peer_media *media, uint32_t ssrc, uint16_t sequence);

#endif
