/*
 * What was held and need not wait any more goes on, a step after the other, until nothing is due;
 * a case that failed goes on later. Embedded in receiver.c and puller.c.
 */
#ifndef ASSIZE_SERVER_EXCHANGE_ONWARD_H
#define ASSIZE_SERVER_EXCHANGE_ONWARD_H

#include <stdbool.h>
#include <uv.h>

#include "base/limits.h"
#include "db/db.h"

/* clang-format off */
#define ONWARD_LIMITS(L) \
    L(ONWARD_AGAIN_MS, 61000, "ms", "until a case that failed to go on is tried again")
/* clang-format on */
LIMITS(ONWARD_LIMITS);

/* For whom the outbox has more since a step, as exchange_after has it. */
typedef void (*onward_told)(void *context, const char *told);

struct onward {
    struct db *db;
    onward_told told; /* NULL: nobody is to be told */
    void *context;
    uv_timer_t again;
    bool busy; /* the database is at a step */
};

/* It outlives its db. */
void onward_init(struct onward *onward, uv_loop_t *loop, struct db *db, onward_told told,
                 void *context);
/* Once; the memory may go in closed (NULL: it stays), whose handle has the onward as its data. */
void onward_close(struct onward *onward, uv_close_cb closed);

/* Something is due. */
void onward_go(struct onward *onward);
/* The database is there (again): something may be, or may have failed less than a minute ago. */
void onward_database_up(struct onward *onward);

#endif
