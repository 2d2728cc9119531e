/*
 * Alerts on their way into the database. While it is away the newest ALERTS_WAITING_MAX wait; an
 * alert is a pointer to look, not a record: what happened stands in the hearing's events. Owned by
 * main, fed by server/session.
 */
#ifndef ASSIZE_SERVER_CONSOLE_ALERTS_H
#define ASSIZE_SERVER_CONSOLE_ALERTS_H

#include "base/limits.h"
#include "db/db.h"
#include "server/session/session.h"

/* clang-format off */
#define ALERTS_LIMITS(L) \
    L(ALERTS_WAITING_MAX, 256, "alerts", "kept while the database is away, newest")
/* clang-format on */
LIMITS(ALERTS_LIMITS);

struct alerts;

/* The db outlives it. */
struct alerts *alerts_new(struct db *db);
void alerts_free(struct alerts *alerts);
/* To be called by the owner of the db: what waits is sent. */
void alerts_database_up(struct alerts *alerts);
/* Of sessions_options; context is the alerts. The alert is copied. */
void alerts_take(void *context, const struct session_alert *alert);

#endif
