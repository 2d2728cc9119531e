/* Join links and the sessions they open. Tokens are stored as SHA-256 only. */
#ifndef ASSIZE_DB_IDENTITY_STORE_H
#define ASSIZE_DB_IDENTITY_STORE_H

#include "assize/hearing/v1/hearing.pb-c.h"
#include "base/errors.h"
#include "base/id.h"
#include "base/sha256.h"
#include "db/db.h"
#include "db/hearing_store.h"

enum { IDENTITY_SUMMONS_SIZE = 65 };

/* Who a session is. A plain value; copies are fine. */
struct identity_session {
    uint8_t token_hash[SHA256_BYTES];
    char id[ID_UUID_SIZE]; /* for logs and the relay; says nothing to a stranger */
    char link[ID_UUID_SIZE];
    char hearing[ID_UUID_SIZE];
    bool gallery; /* a viewer: without participant, endpoint, role, name and site */
    uint32_t participant;
    uint32_t endpoint; /* the endpoint the link seats: personal, room or companion */
    Assize__Hearing__V1__Role role;
    Assize__Hearing__V1__EndpointKind endpoint_kind;
    char name[HEARING_NAME_SIZE];
    char site[HEARING_NAME_SIZE];
    char case_number[HEARING_NAME_SIZE];
    char title[HEARING_NAME_SIZE];
    char court[HEARING_NAME_SIZE];
    int64_t scheduled_ms;
    int64_t expires_ms;                  /* Unix milliseconds */
    char summons[IDENTITY_SUMMONS_SIZE]; /* that the link was issued for, or "" */
};

/*
 * Opens a session by a link in one statement: counts the use (not when old_hash, or NULL, is a live
 * session of the same link, whose row is then renewed), refuses unknown, expired, used up and
 * revoked links. error as in db.h; refusal says why not; session is valid during the callback.
 */
typedef void (*identity_open_callback)(void *context, int error, enum refusal refusal,
                                       const struct identity_session *session);
void identity_store_open(struct db *db, const uint8_t link_hash[static SHA256_BYTES],
                         const uint8_t new_hash[static SHA256_BYTES], const uint8_t *old_hash,
                         int hours, identity_open_callback callback, void *context);

/* The live session with this token hash; REFUSAL_NOT_SIGNED_IN for none, or when its link was
 * revoked. */
void identity_store_find(struct db *db, const uint8_t hash[static SHA256_BYTES],
                         identity_open_callback callback, void *context);

/* Ends a session; answers like identity_store_find with no session. */
void identity_store_end(struct db *db, const uint8_t hash[static SHA256_BYTES],
                        identity_open_callback callback, void *context);

#endif
