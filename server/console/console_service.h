/*
 * assize.console.v1.ConsoleService, the officer console. By staff session: officers and clerks may
 * do all of it, administrators may read. What is loaded in court is told as it is now, with the
 * lines of its devices; the rest as the database has it. Called by main.c for every call.
 */
#ifndef ASSIZE_SERVER_CONSOLE_CONSOLE_SERVICE_H
#define ASSIZE_SERVER_CONSOLE_CONSOLE_SERVICE_H

#include "db/console_store.h"
#include "server/court/court.h"
#include "server/identity/staff.h"
#include "server/net/net.h"
#include "server/session/session.h"

struct console_service {
    struct db *db;
    struct staff *staff;
    struct court *court;
    struct sessions *sessions;
};

/* False when the call is of another service; else it is answered, now or later. The service
 * outlives the answer. */
bool console_service_call(struct console_service *service, struct net_call *call);

#endif
