/* The process at the other end of a local leg, beside the relay and clients of relay_fixture.h.
 * Used by the test_relay_local* programs. */
#ifndef ASSIZE_TESTS_UNIT_LOCAL_FIXTURE_H
#define ASSIZE_TESTS_UNIT_LOCAL_FIXTURE_H

#include "media/rtp/local.h"
#include "tests/unit/relay_fixture.h"

enum {
    LOCAL_LEG = 77, /* the local one of each test, with this many slots of each medium */
    LOCAL_SLOTS = 2,
    PROCESS_ROOM = LOCAL_HEAD_BYTES + LOCAL_PACKET_MAX,
};

extern const uint8_t local_token[LOCAL_TOKEN_BYTES];

struct process {
    struct fixture *fixture;
    int fd;
    uint8_t last[PROCESS_ROOM]; /* what it read last, */
    size_t len;
    size_t count; /* and how many in all */
};

/* Connects, and says nothing. */
void process_come(struct fixture *fixture, struct process *process);
void process_hello(struct process *process, uint64_t leg, const uint8_t *token);
/* Opens the leg, comes and says hello. */
void process_start(struct fixture *fixture, struct process *process);
void process_go(struct process *process);

void process_put(struct process *process, const uint8_t *data, size_t len);
/* Reads all there is; how many datagrams. */
size_t process_read_all(struct process *process);
/* Until a datagram of this kind, which is in last; false when there is none. */
bool process_read_kind(struct process *process, enum local_kind kind);
bool process_is_cut_off(const struct process *process);

/* A packet of the medium; the first of a key frame when it is video and key_frame says so. */
size_t process_write_packet(uint8_t *out, enum local_medium medium, uint32_t ssrc, uint16_t seq,
                            bool key_frame);
void process_send_packet(struct process *process, enum local_medium medium, uint32_t ssrc,
                         uint16_t seq, bool key_frame);
void process_send_report(struct process *process, enum local_medium medium, uint32_t ssrc);

Assize__Media__V1__Report *local_open(struct fixture *fixture, size_t token_len);
void local_close(struct fixture *fixture);
Assize__Media__V1__Cell local_cell(uint64_t source, uint64_t subscriber, enum local_medium medium,
                                   uint32_t slot);
/* The whole matrix is this cell. */
void local_grant(struct fixture *fixture, uint64_t epoch, Assize__Media__V1__Cell cell);

/* A client that is connected, what it says as such packets, and how many it got since. */
void local_join(struct fixture *fixture, struct client *client);
void local_client_say(struct client *client, enum local_medium medium, bool key_frame);
size_t local_client_hear(struct client *client);

#endif
