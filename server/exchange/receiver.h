/*
 * assize.exchange.v1.ExchangeService, a centre's side: a batch is taken in by one transaction, and
 * the receipt is sent when that is committed. Who may push under which name is the certificate's
 * word and the table of organisations'. What the centre has for them is in pulls.h. Called by
 * center.c for every call.
 */
#ifndef ASSIZE_SERVER_EXCHANGE_RECEIVER_H
#define ASSIZE_SERVER_EXCHANGE_RECEIVER_H

#include <stdbool.h>

#include "base/limits.h"
#include "base/person_key.h"
#include "db/db.h"
#include "server/exchange/onward.h"
#include "server/exchange/pulls.h"
#include "server/exchange/tally.h"

struct receiving;

/*
 * A batch that came before its turn is kept, with its body, also when its caller has hung up: on a
 * slow line it need not come again. Its turn is when the one before it has its answer, for which
 * the database has DB_ANSWER_MS from the answer before, and there are RECEIVER_EARLY_MAX of a
 * source at most.
 */

/* clang-format off */
#define RECEIVER_LIMITS(L) \
    L(RECEIVER_EARLY_MAX, 2, "batches", "of a source that came before their turn, and wait for those before them at the centre") \
    L(RECEIVER_APPLIERS, 2, "connections", "to a centre's database that take batches in: one's records are written while the other's take effect")
/* clang-format on */
LIMITS(RECEIVER_LIMITS);

struct receiver {
    struct db *db;
    struct applier {
        struct db *db; /* for batches only */
        unsigned busy; /* its own: batches under way */
    } appliers[RECEIVER_APPLIERS];
    struct receiving *batches; /* its own: those that are here without an answer */
    struct pulls *pulls;
    const struct person_key *people; /* by which those that are named in records are found */
    struct tally tally;
    contact_callback contact;
    void *contact_context;
    struct onward onward; /* its own */
};

/* Opens the connections for batches, and closes them: what is under way on them is refused. The
 * receiver outlives them. */
void receiver_open(struct receiver *receiver, uv_loop_t *loop, const char *conninfo);
void receiver_close(struct receiver *receiver);

/* Whether batches can be taken in, be it on one of the connections only. */
bool receiver_is_up(const struct receiver *receiver);

/* False when the call is of another service; else it is answered, now or later. */
bool receiver_call(struct receiver *receiver, struct net_call *call);

#endif
