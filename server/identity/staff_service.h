/*
 * assize.staff.v1.StaffService: staff sign in, see where they are signed in, and end that. Called
 * by main.c for every call.
 */
#ifndef ASSIZE_SERVER_IDENTITY_STAFF_SERVICE_H
#define ASSIZE_SERVER_IDENTITY_STAFF_SERVICE_H

#include "server/identity/staff.h"
#include "server/net/net.h"

struct staff_service {
    struct db *db;
    struct staff *staff;
};

/* False when the call is of another service; else it is answered, now or later. The service
 * outlives the answer. */
bool staff_service_call(struct staff_service *service, struct net_call *call);

#endif
