/*
 * assize.desk.v1.DeskService, the clerk's page. By staff session: a clerk may do all of it, a judge
 * may read and enter, an administrator may read, an officer none of it. What is loaded in court is
 * told as it is now; the rest as the database has it. Called by main.c for every call.
 */
#ifndef ASSIZE_SERVER_DESK_DESK_SERVICE_H
#define ASSIZE_SERVER_DESK_DESK_SERVICE_H

#include "db/desk_store.h"
#include "server/court/court.h"
#include "server/identity/staff.h"
#include "server/net/net.h"

struct desk_service {
    struct db *db;
    struct staff *staff;
    struct court *court;
    const char *public_url; /* what a join link begins with, without a slash at its end */
    bool linked; /* a centre is configured; without one nothing is said to be on its way */
};

/* False when the call is of another service; else it is answered, now or later. The service
 * outlives the answer. */
bool desk_service_call(struct desk_service *service, struct net_call *call);

#endif
