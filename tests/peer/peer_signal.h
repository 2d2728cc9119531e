/*
 * Signalling as a typed client: keeps what the server has told (who is where, what is heard), sends
 * commands with a UUID and keeps their outcome. Used by struct peer, and by the hostile cases.
 */
#ifndef ASSIZE_TESTS_PEER_SIGNAL_H
#define ASSIZE_TESTS_PEER_SIGNAL_H

#include "assize/signal/v1/signal.pb-c.h"
#include "tests/peer/peer_ws.h"

enum { PEER_PEOPLE_MAX = 64, PEER_ENDPOINTS_MAX = 64, PEER_CODE_SIZE = 48, PEER_REPLIES_KEPT = 16 };

struct peer_person {
    uint32_t id;
    uint32_t endpoint;
    Assize__Hearing__V1__Role role;
    Assize__Hearing__V1__Standing standing;
};

struct peer_endpoint {
    uint32_t id;
    bool connected;
    bool muted;
    bool mute_locked;
};

/* The hearing as this peer has been told of it. */
struct peer_room {
    uint64_t seq;
    bool known; /* a snapshot has come */
    uint32_t you;
    uint32_t your_endpoint;
    uint64_t leg;
    uint32_t declaration; /* version of the court's rules that is declared at check-in */
    Assize__Hearing__V1__Status status;
    uint32_t phase;     /* of the procedure, from 1 */
    uint32_t paused_by; /* the endpoint whose loss paused the session, or 0 */
    uint32_t floor_holder;
    size_t person_count;
    struct peer_person people[PEER_PEOPLE_MAX];
    size_t endpoint_count;
    struct peer_endpoint endpoints[PEER_ENDPOINTS_MAX];
};

const struct peer_person *peer_room_person(const struct peer_room *room, uint32_t id);
const struct peer_endpoint *peer_room_endpoint(const struct peer_room *room, uint32_t id);
void peer_room_take_snapshot(struct peer_room *room, const Assize__Signal__V1__Snapshot *snapshot);
void peer_room_take_events(struct peer_room *room, const Assize__Signal__V1__Events *events);

/* The outcome of a request, by its id. */
struct peer_reply {
    uint64_t request_id;
    bool arrived;
    uint64_t seq;              /* of Done */
    char code[PEER_CODE_SIZE]; /* of the refusal, or "" */
};

struct peer_signal_ops {
    void (*opened)(void *context);
    /* After the room has taken it in; replies to requests come here too. */
    void (*message)(void *context, const Assize__Signal__V1__ServerMessage *message);
    void (*closed)(void *context, unsigned code, int http_status);
};

struct peer_signal {
    struct peer_ws ws;
    const struct peer_signal_ops *ops;
    void *context;
    struct peer_loop *loop;
    struct peer_timer ping_timer;
    struct peer_room room; /* kept from one connection to the next */
    uint64_t last_request;
    struct peer_reply replies[PEER_REPLIES_KEPT];
    char last_refusal[PEER_CODE_SIZE]; /* the code of whatever was refused last, asked for or not */
    uint64_t messages_in;
    uint64_t malformed_in;
};

/* media: ask for an offer. leg: the one still held, or 0. Resumes after room.seq when a snapshot
 * has come before. */
int peer_signal_open(struct peer_signal *signal, struct peer_loop *loop,
                     const struct peer_server *server, const char *cookie, bool media, uint64_t leg,
                     const struct peer_signal_ops *ops, void *context)
    __attribute__((warn_unused_result));
void peer_signal_close(struct peer_signal *signal);

/* Gives the request an id and sends it; returns the id, or 0 when it could not be sent. */
uint64_t peer_signal_request(struct peer_signal *signal,
                             Assize__Signal__V1__ClientMessage *request);
/* A command: fills in command_id and seen_seq. */
uint64_t peer_signal_command(struct peer_signal *signal, Assize__Hearing__V1__Command *command);
uint64_t peer_signal_answer(struct peer_signal *signal, uint64_t leg, const char *sdp);
uint64_t peer_signal_open_media(struct peer_signal *signal);
/* NULL while there is none. */
const struct peer_reply *peer_signal_reply(const struct peer_signal *signal, uint64_t request_id);

#endif
