/*
 * A whole participant: signs in by a join link, keeps signalling up, checks in, holds a media
 * connection, plays into it, and comes back by itself after whatever happens, until it is evicted.
 * Many of them run in one process. Used by every subcommand of assize-peer that speaks to assized.
 */
#ifndef ASSIZE_TESTS_PEER_PEER_H
#define ASSIZE_TESTS_PEER_PEER_H

#include "tests/peer/peer_http.h"
#include "tests/peer/peer_media.h"
#include "tests/peer/peer_play.h"
#include "tests/peer/peer_signal.h"

enum { PEER_REASON_SIZE = 160, PEER_SLOTS_MAX = 64, PEER_SLOT_MID_SIZE = 8 };

enum peer_event {
    PEER_SIGNED_IN,  /* the cookie is there */
    PEER_JOINED,     /* signalling is up and has told where things stand */
    PEER_CHECKED_IN, /* waiting */
    PEER_ADMITTED,   /* in the hearing */
    PEER_SENT_BACK,  /* in the hearing no more */
    PEER_OFFERED,    /* a media offer came and was answered */
    PEER_SLOTS,      /* peer->slots says who or what is where */
    PEER_MEDIA_UP,
    PEER_MEDIA_DOWN,   /* lost or failed; a new offer is asked for */
    PEER_DISCONNECTED, /* signalling is gone; comes back by itself */
    PEER_EVICTED,      /* told to stop: peer->reason says why */
    PEER_REFUSED,      /* signing in was refused for good: peer->reason says why */
};

struct peer_options {
    const struct peer_server *server;
    const char *token;
    bool media;       /* ask for a media connection */
    bool hold_answer; /* leave the media offer unanswered, for the owner to see to */
    bool check_in;
    bool accept_unmute;    /* an invitation to speak is followed */
    bool sends_share;      /* the picture also as the second one, whether it may or not */
    bool starts_share;     /* inside: asks to share it */
    bool use_programme;    /* inside: the programme feed instead of everybody */
    bool listen;           /* inside: the record's sound instead of the hearing's */
    const char *play_dir;  /* with play_name: what to send */
    const char *play_name; /* or NULL: send nothing */
    struct peer_media_options media_options;
};

/* What all media connections of a peer had together, also those that are gone. */
struct peer_totals {
    uint64_t packets_in;
    uint64_t packets_out;
    uint64_t connections;
    uint64_t key_frames_wanted;
    uint64_t recovered;
    struct peer_datagrams in;
};

/* What the server said is in a receiving m-line. */
struct peer_slot {
    char mid[PEER_SLOT_MID_SIZE];
    uint32_t endpoint;
    bool share;                    /* the endpoint's second picture */
    Assize__Signal__V1__Feed feed; /* instead of an endpoint */
};

struct peer_leg {
    uint64_t id; /* 0: free */
    struct peer_media media;
    struct peer *peer;
};

enum peer_phase {
    PEER_IDLE,
    PEER_SIGNING_IN,
    PEER_CONNECTING, /* the WebSocket is opening, or has said nothing yet */
    PEER_UP,
    PEER_RETRYING, /* the retry timer runs */
    PEER_ENDED,    /* evicted, refused or closed */
};

struct peer {
    struct peer_loop *loop;
    struct peer_options options;
    void (*event)(void *context, enum peer_event event);
    void *context;
    enum peer_phase phase;
    char cookie[PEER_COOKIE_SIZE];
    char reason[PEER_REASON_SIZE];
    int http_status;     /* of the last sign-in or handshake that was refused */
    unsigned close_code; /* of the last signalling connection */
    struct peer_http http;
    struct peer_signal signal;
    struct peer_timer retry_timer;
    struct peer_timer media_timer; /* asks for a new offer */
    int64_t retry_ms;
    int64_t reconnect_after_ms; /* as the server told, or 0 */
    Assize__Hearing__V1__Standing standing;
    struct peer_slot slots[PEER_SLOTS_MAX];
    size_t slot_count;
    struct peer_leg legs[2];
    struct peer_leg *current; /* the one that plays, or NULL */
    struct peer_play play;
    struct peer_totals past; /* of legs that are gone */
};

/* 0, or -errno when the media to play cannot be read. The struct must not move until peer_done. */
int peer_init(struct peer *peer, struct peer_loop *loop, const struct peer_options *options,
              void (*event)(void *context, enum peer_event event), void *context)
    __attribute__((warn_unused_result));
void peer_start(struct peer *peer);
/* Takes the seat again after PEER_EVICTED. */
void peer_return(struct peer *peer);
/* Ends everything without an event and frees; the counters of peer_totals are gone too. */
void peer_done(struct peer *peer);

struct peer_totals peer_totals(const struct peer *peer);
/* The media connection in use or, before there is one, the one being made; NULL when there is none.
 */
struct peer_media *peer_media_of(struct peer *peer);

#endif
