/*
 * The supervisor's loop: signals, readiness and restarts of a handful of children. No network, no
 * parsing, one thread. Used by cmd_up.c, which decides what is started and in which order; the
 * order of the array is the order of starting, and stopping goes the other way.
 */
#ifndef ASSIZE_CLI_SUPERVISOR_H
#define ASSIZE_CLI_SUPERVISOR_H

#include "cli/ward.h"

enum { SUPERVISOR_CHILDREN_MAX = 4 };

struct supervisor {
    const struct config *config;
    struct child children[SUPERVISOR_CHILDREN_MAX];
    int count;
    struct ward *ward; /* NULL: there are no studios here */
    int signal_fd;
    bool verbose;
    bool stop_asked; /* SIGTERM, SIGINT or SIGHUP came */
    bool hurry;      /* it came twice: kill instead of waiting */
};

/* Blocks the signals the loop reads. 0 or -errno. */
int supervisor_init(struct supervisor *supervisor, const struct config *config, bool verbose)
    __attribute__((warn_unused_result));
void supervisor_done(struct supervisor *supervisor);

/* Adds one, stopped. ready_fd and state are set here. */
struct child *supervisor_add(struct supervisor *supervisor, struct child child);

/*
 * Starts the child and waits until it serves. 0; -ECANCELED when a stop was asked; -EIO, with the
 * reason and the end of its log said, when it ended or took too long.
 */
int supervisor_start(struct supervisor *supervisor, struct child *child)
    __attribute__((warn_unused_result));

/* Keeps running what was started until a stop is asked. */
void supervisor_keep(struct supervisor *supervisor);

/* Stops all of them, the last one first, each with as many milliseconds as drain_ms for the last
 * and 10 s for the others; the ward's studios after the last, which asked for them. */
void supervisor_stop(struct supervisor *supervisor, int64_t drain_ms);

#endif
