/*
 * A court's side of the exchange: brings the outbox to the centre, batch by batch, and keeps the
 * receipts. A backlog goes two at a time: the centre has the next at hand when it is done with one.
 * The database says what is next (db/exchange_store.h), the centre says where it is; the sender
 * itself remembers nothing that a crash could lose. Owned by main.c.
 */
#ifndef ASSIZE_SERVER_EXCHANGE_SENDER_H
#define ASSIZE_SERVER_EXCHANGE_SENDER_H

#include "db/exchange_store.h"
#include "server/net/net_client.h"

/* clang-format off */
#define SENDER_LIMITS(L) \
    L(SENDER_LOOK_MS, 15000, "ms", "between looks at an outbox that nobody said has something new") \
    L(SENDER_SOON_MS, 5, "ms", "until the next look when somebody was writing at the last one") \
    L(SENDER_WAYS, 2, "batches", "on their way from a court to its centre at one time") \
    L(SENDER_SLOW_MS, 1000, "ms", "that a batch may take for another to be sent beside it") \
    L(SENDER_ALONE, 4, "batches", "sent one at a time after one that was slow or failed") \
    L(SENDER_TIDY, 50000, "records", "taken from what waits before what that leaves behind is cleared away")
/* clang-format on */
LIMITS(SENDER_LIMITS);

struct sender;

/* The clients, all to the centre, stay the caller's and are freed first, then the dbs; beside is a
 * connection on which nobody waits for what is long. The text is kept; credentials: those of the
 * clients, which may come later. */
struct sender *sender_new(uv_loop_t *loop, struct db *db, struct db *beside,
                          struct net_client *const clients[static SENDER_WAYS],
                          const char *organisation, struct credentials *credentials);
void sender_free(struct sender *sender);

/* Something may have come into the outbox, or the database is back. */
void sender_wake(struct sender *sender);

/* Held, it calls the centre with nothing, a call under way included, until it is no more; it is
 * made held, and goes on where it was. */
void sender_hold(struct sender *sender, bool held);

/* Lines in Prometheus text format; 0 or -ENOBUFS. */
int sender_metrics(const struct sender *sender, struct buf *text)
    __attribute__((warn_unused_result));

#endif
