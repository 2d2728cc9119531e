/*
 * assize.exchange.v1.ExchangeService, a centre's side: a batch is taken in by one transaction, and
 * the receipt is sent when that is committed. Who may push under which name is the certificate's
 * word and the table of organisations'. What the centre has for them is in pulls.h. Called by
 * center.c for every call.
 */
#ifndef ASSIZE_SERVER_EXCHANGE_RECEIVER_H
#define ASSIZE_SERVER_EXCHANGE_RECEIVER_H

#include <stdbool.h>

#include "base/person_key.h"
#include "db/db.h"
#include "server/exchange/pulls.h"

struct receiver {
    struct db *db;
    struct pulls *pulls;
    const struct person_key *people; /* by which those that are named in records are found */
    contact_callback contact;
    void *contact_context;
    bool going_on; /* its own: what was held is being gone on with */
};

/* False when the call is of another service; else it is answered, now or later. */
bool receiver_call(struct receiver *receiver, struct net_call *call);

/* What was held and need not wait any more goes on, a step after the other, until nothing is due;
 * called when the database is there. The receiver outlives its db. */
void receiver_go_on(struct receiver *receiver);

#endif
