/*
 * A court's other side of the exchange: fetches what the centre has for it, batch by batch, takes
 * each in and says so. Where it is stands in the database with what it took in; the puller itself
 * remembers nothing that a crash could lose. Owned by main.c.
 */
#ifndef ASSIZE_SERVER_EXCHANGE_PULLER_H
#define ASSIZE_SERVER_EXCHANGE_PULLER_H

#include "db/db.h"
#include "server/net/net_client.h"

/* clang-format off */
#define PULLER_LIMITS(L) \
    L(PULLER_WAIT_MS, 20000, "ms", "that the centre is asked to wait for something to be there") \
    L(PULLER_SPACE_MS, 1000, "ms", "between the beginnings of two such calls when the first brought nothing")
/* clang-format on */
LIMITS(PULLER_LIMITS);

struct puller;

/* The client, which lets the centre wait for PULLER_WAIT_MS, stays the caller's and is freed first,
 * then the db. organisation, our own code, is kept. */
struct puller *puller_new(uv_loop_t *loop, struct db *db, struct net_client *client,
                          const char *organisation);
void puller_free(struct puller *puller);

/* The centre may be called: begins, when it has not yet. */
void puller_wake(struct puller *puller);
/* The database is there (again): what was held before goes on, whether the centre may be called or
 * not. */
void puller_database_up(struct puller *puller);

/* Held, it calls the centre with nothing, a call under way included, until it is no more; it is
 * made held, and goes on where it was. */
void puller_hold(struct puller *puller, bool held);

/* Whether the centre answers, by the wall clock. 0: it has not since we began; it does, or is not
 * asked. */
struct puller_line {
    int64_t answered_ms;
    int64_t lost_ms;
    bool older; /* it is of a version that gives us nothing */
};
struct puller_line puller_line(const struct puller *puller);

/* Lines in Prometheus text format; 0 or -ENOBUFS. */
int puller_metrics(const struct puller *puller, struct buf *text)
    __attribute__((warn_unused_result));

#endif
