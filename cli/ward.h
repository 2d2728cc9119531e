/*
 * The supervisor's ward: the studios that run at assized's word (base/ward.h), each a child of the
 * supervisor with a log of its own, STATE/log/studio-HEARING.log or render-HEARING.log. A live one
 * that ends by itself is started again with back-off and given up when it fails again and again; a
 * renderer that ends has ended. They outlive assized, but not for long: when the next assized asks
 * for the studio of a hearing, a new one, which it can speak with, takes over from the one that
 * runs; without that they are stopped. None outlives the supervisor. Used by the supervisor's loop.
 */
#ifndef ASSIZE_CLI_WARD_H
#define ASSIZE_CLI_WARD_H

#include <poll.h>

#include "base/limits.h"
#include "base/ward.h"
#include "cli/child.h"
#include "cli/cli.h"

/* clang-format off */
#define WARD_LIMITS(L) \
    L(WARD_LIVE_MAX, 16, "studios", "of hearings at once") \
    L(WARD_RENDER_MAX, 2, "renderers", "at once") \
    L(WARD_FAILURES_MAX, 5, "times", "a studio may fail in a row before it is given up") \
    L(WARD_STOP_MS, 5000, "ms", "for a studio to end when it is told to, before it is killed") \
    L(WARD_HELD_MS, 14000, "ms", "a studio runs on when the server that asked for it is gone") \
    L(WARD_TAKE_OVER_MS, 8000, "ms", "for a new studio to take over from one of an earlier server")
/* clang-format on */
LIMITS(WARD_LIMITS);

enum {
    WARD_STUDIOS_MAX =
        2 * WARD_LIVE_MAX + WARD_RENDER_MAX, /* each may be leaving beside a new one */
    WARD_NAME_SIZE = 64
};

enum ward_state {
    WARD_STATE_FREE,
    WARD_STATE_RUNNING,
    WARD_STATE_WAITING,  /* it failed; due_ms says when it is started again */
    WARD_STATE_LEAVING,  /* a new one takes over; told to end at due_ms */
    WARD_STATE_STOPPING, /* told to end; killed at due_ms */
};

struct ward_studio {
    enum ward_state state;
    enum ward_task task;
    char hearing[ID_UUID_SIZE];
    char name[WARD_NAME_SIZE];
    char *arguments[CLI_ARGUMENTS_MAX + 4];
    struct child child;
    int failures;      /* in a row */
    int64_t due_ms;    /* monotonic, like all times here */
    int64_t ask_by_ms; /* stopped then unless it is asked for again; 0: it was */
    bool again;        /* stopping, and asked for meanwhile */
    bool replaced;     /* a new one was started in its place */
};

struct ward {
    const struct config *config;
    const char *program;
    char *const *arguments; /* of every program, NULL after the last */
    int fd;                 /* ours */
    int server_fd;          /* inherited by assized, kept for the next one */
    struct ward_studio studios[WARD_STUDIOS_MAX];
};

/* 0 or -errno. program and arguments outlive the ward. */
int ward_init(struct ward *ward, const struct config *config, const char *program,
              char *const *arguments) __attribute__((warn_unused_result));
/* Nothing of it runs any more. */
void ward_done(struct ward *ward);

/* Takes what assized asks. */
void ward_read(struct ward *ward);
/* Starts, stops and kills what is due. */
void ward_tick(struct ward *ward);
/* When ward_tick has something to do, if that is before until_ms. */
int64_t ward_next_due(const struct ward *ward, int64_t until_ms);
/* A process ended: true when it was one of the ward's. */
bool ward_take_end(struct ward *ward, pid_t pid, int status);

/* assized is gone: what it asked for and did not hear of is forgotten. */
void ward_server_gone(struct ward *ward);

/* Tells all of them to end; ward_tick kills those that do not. */
void ward_stop(struct ward *ward);
bool ward_is_empty(const struct ward *ward);

#endif
