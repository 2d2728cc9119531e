/*
 * assize.monitor.v1.MonitorService: where each source of a centre is, told once and told on. All
 * who watch are told of one look at the database.
 */
#ifndef ASSIZE_SERVER_MONITOR_MONITOR_H
#define ASSIZE_SERVER_MONITOR_MONITOR_H

#include "db/monitor_store.h"
#include "server/identity/staff.h"
#include "server/net/net.h"

struct monitor;

/* organisation: the centre's own. All outlive it. */
struct monitor *monitor_new(uv_loop_t *loop, struct db *db, struct staff *staff,
                            const char *organisation);
/* Ends the streams. The db is freed before, so that no question is under way. */
void monitor_free(struct monitor *monitor);

/* An organisation has called, and was let in. */
void monitor_heard(struct monitor *monitor, const char *organisation);
/* The connection on which it waited for us has ended on its side: it is not there, until it calls
 * again. */
void monitor_lost(struct monitor *monitor, const char *organisation);
/* A batch of it was refused, or taken in. After a refusal it is not there, whatever else it calls,
 * until one is taken in. */
void monitor_refused(struct monitor *monitor, const char *organisation);
/* A batch came before one that may be on its way still, on a slower connection: the next that does,
 * before one is taken in, is refused. */
void monitor_early(struct monitor *monitor, const char *organisation);
void monitor_taken(struct monitor *monitor, const char *organisation);

/* False when the call is of another service; else it is answered, now or later. By people who are
 * signed in; */
bool monitor_call(struct monitor *monitor, struct net_call *call);
/* and by programs of the centre, which come with its own organisation's certificate. */
bool monitor_call_of_program(struct monitor *monitor, struct net_call *call);

#endif
