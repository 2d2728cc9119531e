/*
 * A whole relay in the test's own process, on a loopback port, with a controller on its socket,
 * clients of tests/peer, and a clock that can be moved on. Used by the test_relay_* programs.
 */
#ifndef ASSIZE_TESTS_UNIT_RELAY_FIXTURE_H
#define ASSIZE_TESTS_UNIT_RELAY_FIXTURE_H

#include "base/frame.h"
#include "media/relay/relay.h"
#include "tests/peer/peer_dtls.h"
#include "tests/peer/peer_sdp.h"
#include "tests/peer/peer_srtp.h"

enum { FIXTURE_STATES_MAX = 64, FIXTURE_DIR_SIZE = 40, FIXTURE_PATH_SIZE = 60 };

struct controller_end {
    int fd;
    struct frame_reader in;
    uint64_t next_id;
    struct arena arena; /* holds reply */
    Assize__Media__V1__Report *reply;
    size_t quality_count;
    Assize__Media__V1__RecordState__State record; /* as last told, */
    Assize__Media__V1__RecordFault record_why;
    size_t gap_count; /* and what else was told of the record */
    int64_t gap_ms;   /* the length of the last */
    size_t head_count;
    uint64_t head_packets; /* of all heads */
    bool ended;            /* the relay closed the connection */
};

struct fixture {
    struct relay *relay;
    char dir[FIXTURE_DIR_SIZE];
    char socket[FIXTURE_PATH_SIZE];
    char local[FIXTURE_PATH_SIZE];  /* the socket for processes of local legs */
    char record[FIXTURE_PATH_SIZE]; /* the folder of what is on record */
    struct controller_end controller;
    struct peer_identity identity;
    uint64_t next_leg;
};

/* What the next relay's record leaves free of its disk. */
extern uint64_t fixture_spare;
/* What the next relay's record is written with; NULL: journals. */
extern const struct writer_disk *fixture_disk;

/* Called with the record's folder before the next relay starts, or NULL. */
extern void (*fixture_prepare)(const char *record);

/* cmocka set-up and tear-down; *state is the fixture, with an attached controller. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* Turns the relay and reads what came, for a few milliseconds of real time. */
void fixture_settle(struct fixture *fixture);
/* Moves the relay's clock on. */
void fixture_pass(struct fixture *fixture, int ms);

void controller_connect(struct fixture *fixture, struct controller_end *end);
void controller_close(struct controller_end *end);
/* Sends a request and waits for its reply, which lives until the next one; NULL when the connection
 * ended. */
Assize__Media__V1__Report *controller_ask(struct fixture *fixture, struct controller_end *end,
                                          Assize__Media__V1__Request *request);
Assize__Media__V1__Report *controller_attach(struct fixture *fixture, struct controller_end *end);

/* The last state reported of a leg, and why. STATE_UNSPECIFIED without a report. */
Assize__Media__V1__LegState__State fixture_state(uint64_t leg);
const char *fixture_reason(uint64_t leg);

struct client {
    struct fixture *fixture;
    uint64_t leg;
    int fd;
    struct peer_offer offer;
    char sdp[SDP_BYTES_MAX]; /* the offer */
    struct peer_dtls dtls;
    bool dtls_started;
    struct peer_srtp srtp;
    bool srtp_ready;
    size_t checks_answered;
    size_t handshakes_in; /* datagrams */
    size_t datagrams_in;  /* all kinds */
    size_t rtp_in;        /* authentic */
    size_t rtcp_in;
    uint16_t next_seq;
    uint8_t last_rtp[1500];
    size_t last_rtp_len;
};

/* Opens a leg with one slot of each medium for hearing "h". */
void client_open(struct fixture *fixture, struct client *client, enum peer_srtp_profile profile);
/* Without goodbye. */
void client_close(struct client *client);
/* One binding request from fd; password NULL: the right one. */
void client_check(struct client *client, int fd, bool use_candidate, const char *password);
void client_start_dtls(struct client *client);
/* The answer, with the fingerprint (NULL: the right one); what the relay replies. */
Assize__Media__V1__Report *client_answer(struct client *client, const uint8_t *fingerprint);
/* All of the above, until the relay reports the leg connected. */
void client_connect(struct client *client);
/* Reads what came on fd. */
void client_read(struct client *client, int fd);
/* The client's media SSRCs, by medium. */
uint32_t client_ssrc(const struct client *client, enum peer_medium medium);
/* A sealed audio packet, which is not sent yet; its length. */
size_t client_make_audio(struct client *client, uint32_t ssrc, uint8_t out[static 1500]);
void client_send(const struct client *client, int fd, const void *data, size_t len);
/* A socket of its own, connected to the relay. */
int fixture_socket(const struct fixture *fixture);

/* Sends a whole matrix with these cells (count may be 0); the reply. */
Assize__Media__V1__Report *fixture_matrix(struct fixture *fixture, uint64_t epoch,
                                          const Assize__Media__V1__Cell *cells, size_t count);
Assize__Media__V1__Cell fixture_audio_cell(const struct client *from, const struct client *to);

#endif
