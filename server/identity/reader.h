/*
 * Who may read what is kept of hearings, their recordings and minutes: the panel and the clerk of
 * a hearing by their session of it, and staff who are clerk, judge or administrator. Asked by
 * server/recording and server/paper.
 */
#ifndef ASSIZE_SERVER_IDENTITY_READER_H
#define ASSIZE_SERVER_IDENTITY_READER_H

#include "base/id.h"
#include "base/sha256.h"
#include "server/identity/identity.h"
#include "server/identity/staff.h"
#include "server/net/net.h"

struct reader {
    uint32_t participant;          /* of the hearing, or 0: staff */
    char hearing[ID_UUID_SIZE];    /* the only one they may read of; "": any */
    char account[ID_UUID_SIZE];    /* of staff */
    uint8_t session[SHA256_BYTES]; /* hash of the session's token */
};

/* On refusal reader is NULL, else valid during the callback. */
typedef void (*reader_callback)(void *context, enum refusal refusal, const struct reader *reader);
/* hearing: the one that is asked for, or "" for all they may read of. May call back before it
 * returns. */
void reader_find(struct identity *identity, struct staff *staff, const struct net_peer *peer,
                 const char *hearing, reader_callback callback, void *context);

#endif
