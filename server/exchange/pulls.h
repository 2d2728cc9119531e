/*
 * assize.exchange.v1.ExchangeService, what a centre has for those who send to it: Pull waits for a
 * batch, Watch for one after the other, Ack keeps a receipt, Resend gives a batch again. What is
 * next for whom is in the database (db/exchange_store.h); here is only who waits, and which batch
 * was given last, so that a receipt can be told from another. Owned by center.c; receiver.c hands
 * the calls over.
 */
#ifndef ASSIZE_SERVER_EXCHANGE_PULLS_H
#define ASSIZE_SERVER_EXCHANGE_PULLS_H

#include <stdbool.h>

#include "db/db.h"
#include "server/exchange/contact.h"
#include "server/net/net.h"

/* clang-format off */
#define PULLS_LIMITS(L) \
    L(PULLS_MAX, 4096, "organisations", "that a centre has something for, since its start; each waits with one call, or one stream, at a time") \
    L(PULLS_WAIT_MS, 25000, "ms", "that a Pull may wait for its answer") \
    L(PULLS_BEAT_MS, 10000, "ms", "between words in a Watch that has nothing new, each with a look whether the right to it has ended")
/* clang-format on */
LIMITS(PULLS_LIMITS);

struct pulls;

struct pulls_options {
    uv_loop_t *loop;
    struct db *db;
    const char *organisation;        /* our own code */
    struct credentials *credentials; /* that organisations are served with */
    contact_callback contact;
    void *context;
};

/* The text is kept. */
struct pulls *pulls_new(const struct pulls_options *options);
/* The centre stops: whoever waits gets an empty answer, whoever watches the end of it. */
void pulls_drain(struct pulls *pulls);
/* After its db and before its net. */
void pulls_free(struct pulls *pulls);

/* False when it is none of Pull, Watch, Ack and Resend; else the call is answered, now or later. */
bool pulls_call(struct pulls *pulls, const char *method, struct net_call *call);

/* A change that is under way may have something for this organisation, if it waits. */
void pulls_expect(struct pulls *pulls, const char *organisation);
/* A change is committed: whoever expects something is looked at. */
void pulls_wake(struct pulls *pulls);

/* Lines in Prometheus text format; 0 or -ENOBUFS. */
int pulls_metrics(const struct pulls *pulls, struct buf *text) __attribute__((warn_unused_result));

#endif
