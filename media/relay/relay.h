/*
 * The relay: socket, legs, control and loop put together. main.c owns one; tests run one in their
 * own process, on a clock of their own. The record of what is to be kept hangs on struct legs,
 * beside the router.
 */
#ifndef ASSIZE_MEDIA_RELAY_RELAY_H
#define ASSIZE_MEDIA_RELAY_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/relay/control.h"
#include "media/relay/leg.h"
#include "media/relay/writer.h"

struct relay;

struct relay_options {
    const char *listen;       /* numeric address; NULL: no socket, datagrams come by relay_take */
    uint16_t port;            /* 0: any */
    const char *advertise;    /* numeric addresses separated by commas; "": what is listened at */
    const char *control_path; /* NULL: frames come by relay_control */
    const char *local_path;   /* of media/rtp/local.h; NULL: local legs stay unconnected */
    const char *record_path;  /* folder, made when it is not there; NULL: nothing on record */
    uint64_t record_spare;    /* bytes of that folder's disk the record leaves free */
    const struct writer_disk *disk; /* NULL: journals in that folder */
    int64_t (*clock_ns)(void);      /* NULL: the monotonic clock */
};

enum { RELAY_ERROR_SIZE = 256 };

/* 0, or -errno with a sentence in error. */
int relay_new(const struct relay_options *options, char error[static RELAY_ERROR_SIZE],
              struct relay **ret_relay) __attribute__((warn_unused_result));
/* Starts the record's thread, which has the rights the caller has now. 0 or -errno. */
int relay_start(struct relay *relay) __attribute__((warn_unused_result));
/* Says goodbye to every client. */
void relay_free(struct relay *relay);

/* SIGTERM and SIGINT (blocked from now on) end relay_run. 0 or -errno. */
int relay_watch_signals(struct relay *relay) __attribute__((warn_unused_result));
/* Until a signal. */
void relay_run(struct relay *relay);
/* One turn of the loop: waits at most wait_ms, less when something is due. */
void relay_turn(struct relay *relay, int wait_ms);

uint16_t relay_port(const struct relay *relay);
struct legs *relay_legs(struct relay *relay);
const struct relay_counters *relay_counters(const struct relay *relay);

/* For tests and fuzzing: a datagram, or control bytes, as if they had come by the sockets. */
void relay_take(struct relay *relay, const struct sockaddr_in6 *from, uint8_t *data, size_t len);
int relay_control(struct relay *relay, const uint8_t *data, size_t len);

#endif
