/*
 * One program the supervisor keeps running: started in a session of its own, told to stop when the
 * supervisor dies, its standard error in STATE/log/NAME.log. The supervisor's loop decides when;
 * this file knows how.
 */
#ifndef ASSIZE_CLI_CHILD_H
#define ASSIZE_CLI_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/config.h"

enum child_state {
    CHILD_STATE_DOWN,     /* no process; due_ms says when the next is started */
    CHILD_STATE_STARTING, /* a process that has not said that it serves */
    CHILD_STATE_READY,    /* it said so */
    CHILD_STATE_STOPPED   /* no process, and none wanted */
};

struct child {
    const char *name;       /* also of its log and pid file */
    const char *label;      /* for people */
    const char *path;       /* NULL: the private PostgreSQL */
    char *const *arguments; /* for execv */
    int stop_signal;
    int ward_fd; /* inherited as ASSIZE_WARD_FD; 0: none */
    enum child_state state;
    bool kept; /* it was ready once and is not to be stopped: started again when it ends */
    pid_t pid;
    int ready_fd;       /* -1: none; PostgreSQL is looked at instead */
    int64_t started_ms; /* monotonic, like all times here */
    int64_t due_ms;
    int64_t back_off_ms;
    int64_t log_start; /* where in the log this process begins */
};

/* Starts the process. 0 or -errno. */
int child_start(struct child *child, const struct config *config)
    __attribute__((warn_unused_result));

/* Looks whether it serves by now; true when it became ready. Does not block. */
bool child_check_ready(struct child *child, const struct config *config);

/* Its process is gone: closes what belonged to it. The caller sets the state. */
void child_ended(struct child *child, const struct config *config);

/* "exit status 1" or "SIGKILL". */
void child_describe_end(int status, char *out, size_t size);

/* Prints the last lines of what this process wrote to its log. */
void child_show_log(const struct child *child, const struct config *config);

#endif
