/*
 * Accounts of staff, their sessions, and the delays of those who guess. Passwords come and go as
 * Argon2id hashes, tokens as SHA-256. Used by server/identity.
 */
#ifndef ASSIZE_DB_ACCOUNT_STORE_H
#define ASSIZE_DB_ACCOUNT_STORE_H

#include "assize/staff/v1/staff.pb-c.h"
#include "base/id.h"
#include "base/sha256.h"
#include "db/db.h"
#include "db/hearing_store.h"

enum { ACCOUNT_LOGIN_SIZE = 65, ACCOUNT_PASSWORD_SIZE = 128, ACCOUNT_AGENT_SIZE = 121 };

/* Who a live session of staff is. A plain value; copies are fine. */
struct staff_session {
    char id[ID_UUID_SIZE];
    char account[ID_UUID_SIZE];
    char person[ID_UUID_SIZE];
    char login[ACCOUNT_LOGIN_SIZE];
    char name[HEARING_NAME_SIZE];
    Assize__Staff__V1__Role role;
    bool must_change;   /* the password, before anything else */
    int64_t expires_ms; /* Unix milliseconds */
};

/* session: valid during the callback; NULL on error, or when there is none. */
typedef void (*account_session_callback)(void *context, int error,
                                         const struct staff_session *session);

/* The live session with this token, which is used by asking. */
void account_store_find(struct db *db, const uint8_t hash[static SHA256_BYTES], int idle_s,
                        account_session_callback callback, void *context);

#endif
