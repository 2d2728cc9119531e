/*
 * What whoever talks to the centre does when it cannot go on: says so once in the log, counts why,
 * waits, and begins again. Embedded in sender.c and puller.c.
 */
#ifndef ASSIZE_SERVER_EXCHANGE_RETRY_H
#define ASSIZE_SERVER_EXCHANGE_RETRY_H

#include <stdbool.h>
#include <uv.h>

#include "base/buf.h"
#include "base/errors.h"
#include "base/limits.h"

/* clang-format off */
#define RETRY_LIMITS(L) \
    L(RETRY_LEAST_MS, 500, "ms", "after the first failure to reach the centre") \
    L(RETRY_MOST_MS, 10000, "ms", "after many; doubled in between, and up to half of it less by chance")
/* clang-format on */
LIMITS(RETRY_LIMITS);

struct retry {
    uv_timer_t timer;
    const char *event; /* of the log */
    void (*again)(void *owner);
    void *owner;
    int64_t wait_ms;
    bool failing; /* said so in the log */
    uint64_t failures;
    uint64_t refused[REFUSAL_COUNT]; /* by the other side */
};

/* again is called by the timer, never from within the functions here. */
void retry_init(struct retry *retry, uv_loop_t *loop, const char *event, void (*again)(void *owner),
                void *owner);
/* The owner's memory may go in closed, whose handle has the owner as its data. */
void retry_close(struct retry *retry, uv_close_cb closed);

/* Again after a while, longer each time. */
void retry_failed(struct retry *retry, const char *where, const char *why);
/* The same after a call or a query; error 0: there was a refusal. */
void retry_failed_call(struct retry *retry, const char *where, int error, enum refusal refusal);
/* It works. True when it had failed before. */
bool retry_recovered(struct retry *retry);

/* Again after this time, nothing having failed; or not. */
void retry_after(struct retry *retry, uint64_t ms);
void retry_stop(struct retry *retry);

/* Lines in Prometheus text format, of counters whose names begin with name; 0 or -ENOBUFS. */
int retry_metrics(const struct retry *retry, const char *name, struct buf *text)
    __attribute__((warn_unused_result));

#endif
