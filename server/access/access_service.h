/*
 * assize.cases.v1.CaseService and assize.access.v1.AccessService. One implementation for both who
 * may call: at a centre other organisations by certificate, for what they were granted; at a court
 * its clerks and judges by cookie, for the court's own cases. What is read is in the log of
 * accesses before it is told. Called for every call by wires.c and center.c.
 */
#ifndef ASSIZE_SERVER_ACCESS_ACCESS_SERVICE_H
#define ASSIZE_SERVER_ACCESS_ACCESS_SERVICE_H

#include <uv.h>

#include "base/person_key.h"
#include "db/access_store.h"
#include "server/access/changes.h"
#include "server/access/inquiry.h"
#include "server/identity/staff.h"
#include "server/net/net.h"

struct access_service {
    struct db *db;
    struct db *readers[ACCESS_READERS]; /* more, on which cases are read in turn */
    unsigned reader_count;
    unsigned next_reader;
    struct staff *staff;             /* NULL at a centre */
    const char *organisation;        /* one's own; at a centre its certificate is the operator's */
    const struct person_key *people; /* by which people are found */
    struct changes *changes;         /* NULL at a centre */
    struct inquiries *inquiries;     /* NULL at a centre, and at a court without one */
    /* At a centre: an organisation was answered. */
    void (*heard)(void *context, const char *organisation);
    /* At a court: there is a change for the centre, written on db. */
    void (*wrote)(void *context);
    void *context;
};

/* Reads the secret of the installation. 0, or -errno with a line logged. */
int access_people_load(const char *path, struct person_key *ret_people)
    __attribute__((warn_unused_result));

/* So many connections more, ACCESS_READERS at most, on which cases are read: a search holds up
 * nothing that is written. While one is away, its calls are on service->db. */
void access_service_open_readers(struct access_service *service, uv_loop_t *loop,
                                 const char *conninfo, unsigned count);
/* Calls under way are answered. */
void access_service_close_readers(struct access_service *service);

/* False when the call is of another service; else it is answered, now or later. The service
 * outlives the answer. */
bool access_service_call(struct access_service *service, struct net_call *call);

#endif
