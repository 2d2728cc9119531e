/*
 * assize.minutes.v1.MinutesService, and the minutes as a PDF at /minutes/HEARING.pdf. For whoever
 * may read what is kept of the hearing (server/identity/reader.h).
 *
 * Owned by main.c. The document is assembled anew for each question from what is in the database;
 * it is put on paper by a process of its own (press.h).
 */
#ifndef ASSIZE_SERVER_PAPER_PAPER_H
#define ASSIZE_SERVER_PAPER_PAPER_H

#include <stdbool.h>

#include "server/identity/identity.h"
#include "server/identity/staff.h"
#include "server/net/net.h"

/* All outlive the papers but db, which is freed before. */
struct papers_options {
    uv_loop_t *loop;
    struct db *db;
    struct identity *identity;
    struct staff *staff;
};

struct papers;

struct papers *papers_new(const struct papers_options *options);
void papers_free(struct papers *papers);

/* False when the call is of another service; else it is answered, now or later. */
bool papers_call(struct papers *papers, struct net_call *call);
/* False when the file is none of ours. */
bool papers_fetch(struct papers *papers, struct net_fetch *fetch);

#endif
