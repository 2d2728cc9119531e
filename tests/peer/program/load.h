/*
 * The load client: in assized's place it drives a relay by its control socket, one publisher and
 * many subscribers, and measures what a forwarded packet costs the relay's process. Used by the
 * subcommand `load` and by the benchmark.
 */
#ifndef ASSIZE_TESTS_PEER_LOAD_H
#define ASSIZE_TESTS_PEER_LOAD_H

#include "tests/peer/program/program.h"

enum { LOAD_SUBSCRIBERS_MAX = 200 };

struct load_options {
    const char *socket;
    pid_t relay;
    unsigned subscribers;
    int64_t seconds;
    unsigned decrypt_every; /* of a subscriber's packets; 0: none */
    unsigned drop_permille; /* of them are thrown away and asked for again; needs decrypt_every 1 */
    const char *profiles;
};

struct load_result {
    double us_per_packet; /* CPU of the relay, all threads, for each packet that reached a
                             subscriber */
    double join_cpu_ms;   /* the same for each connection made */
    double rss_mb;
    int64_t threads;
    uint64_t packets;     /* that reached subscribers while it was measured */
    uint64_t refused;     /* decrypted and found bad */
    uint64_t missed;      /* sequence numbers that subscribers missed */
    uint64_t recovered;   /* of them, those that were sent again */
    double lost_permille; /* of what was to reach them */
    const char *cipher;
};

/* NULL, or a sentence that says what went wrong. */
const char *load_run(struct program *program, const struct load_options *options,
                     struct load_result *ret_result);

#endif
