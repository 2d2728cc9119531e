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

/* clang-format off */
#define ACCOUNT_LIMITS(L) \
    L(ACCOUNT_SESSIONS_MAX, 20, "sessions", "of one account; one more ends the one used longest ago") \
    L(ACCOUNT_IDLE_S, 3600, "s", "a session of staff lasts without being used")
/* clang-format on */
LIMITS(ACCOUNT_LIMITS);

enum {
    ACCOUNT_LOGIN_SIZE = 65,
    ACCOUNT_HASH_SIZE = 128,
    ACCOUNT_AGENT_SIZE = 256,
    ACCOUNT_ADDRESS_SIZE = 46
};

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
void account_store_find(struct db *db, const uint8_t token[static SHA256_BYTES],
                        account_session_callback callback, void *context);

/* ---- signing in ---- */

/*
 * A try begins, and counts as a failure until account_store_done. wait_s: the seconds to wait
 * first; 0: look at the password. account and hash: "" when nobody has this login.
 */
typedef void (*account_begin_callback)(void *context, int error, int wait_s, const char *account,
                                       const char *hash);
void account_store_begin(struct db *db, const char *login, const char *address,
                         account_begin_callback callback, void *context);

struct account_sign_in {
    const char *account;
    const char *hash;     /* that the password was found to fit */
    const char *fresh;    /* to be kept from now on, or "" */
    bool changed;         /* fresh is of a new password: every session ends */
    const uint8_t *token; /* SHA-256 of the new session's */
    const char *address;
    const char *agent;
    int hours;
};
/* Opens the session. None when the account has been disabled, or its password changed, meanwhile.
 */
void account_store_done(struct db *db, const struct account_sign_in *sign_in,
                        account_session_callback callback, void *context);

/* ---- sessions ---- */

struct account_session_row {
    char id[ID_UUID_SIZE];
    char address[ACCOUNT_ADDRESS_SIZE];
    char agent[ACCOUNT_AGENT_SIZE];
    int64_t created_ms;
    int64_t seen_ms;
    int64_t expires_ms;
};

/* The live ones of a login, seen last first; ACCOUNT_SESSIONS_MAX at most. */
typedef void (*account_sessions_callback)(void *context, int error,
                                          const struct account_session_row *rows, size_t count);
void account_store_sessions(struct db *db, const char *login, account_sessions_callback callback,
                            void *context);

/* found: there is, or was, such a session. */
typedef void (*account_end_callback)(void *context, int error, bool found);
void account_store_end_token(struct db *db, const uint8_t token[static SHA256_BYTES],
                             account_end_callback callback, void *context);
/* By id, of this account, or of any when it is "". */
void account_store_end(struct db *db, const char *session, const char *account,
                       account_end_callback callback, void *context);

#endif
