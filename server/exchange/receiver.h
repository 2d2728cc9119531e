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

/* False when the call is of another service; else it is answered, now or later. people: by which
 * those that are named in records are found from then on. */
bool receiver_call(struct db *db, struct pulls *pulls, const struct person_key *people,
                   struct net_call *call);

#endif
