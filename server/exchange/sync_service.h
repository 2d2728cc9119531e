/*
 * assize.exchange.v1.SyncService: how far the outcome of a hearing is on its way to the centre, for
 * its clerk and its panel. Called by main.c for every call.
 */
#ifndef ASSIZE_SERVER_EXCHANGE_SYNC_SERVICE_H
#define ASSIZE_SERVER_EXCHANGE_SYNC_SERVICE_H

#include "server/identity/identity.h"
#include "server/net/net.h"

struct sync_service {
    struct db *db;
    struct identity *identity;
    bool linked; /* a centre is configured; without one nothing is said to be on its way */
};

/* False when the call is of another service; else it is answered, now or later. The service
 * outlives the answer. */
bool sync_service_call(struct sync_service *service, struct net_call *call);

#endif
