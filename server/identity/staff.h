/*
 * Staff: who signs in with a password. Each question is asked of the database, so what is revoked
 * there is refused from that moment on. Services that serve staff ask staff_find; the rest is for
 * staff_service.c.
 *
 * Who guesses waits: after 3 failures with an account from one address, or 20 from one address, or
 * 20 with an account from anywhere, 1 s, 2 s, 4 s and so on up to 15 minutes. A try counts as a
 * failure from its begin, so many at once are no more than many in a row. Addresses where the
 * account has been signed in lately are spared the last of the three: who guesses from everywhere
 * can hold up the owner at a strange place, not at their own desk (db/migrations/0005_account.sql).
 */
#ifndef ASSIZE_SERVER_IDENTITY_STAFF_H
#define ASSIZE_SERVER_IDENTITY_STAFF_H

#include "base/buf.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/password/signing_key.h"
#include "db/account_store.h"

/* clang-format off */
#define STAFF_LIMITS(L) \
    L(STAFF_TRIES_PER_ADDRESS, 60, "tries", "to sign in from one address in a minute") \
    L(STAFF_SIGN_INS_MAX, 34, "tries", "to sign in, to change a password or to sign with it, under way at once") \
    L(STAFF_SIGNED_MAX, 32768, "bytes", "signed at one time")
/* clang-format on */
LIMITS(STAFF_LIMITS);

struct staff;

struct staff *staff_new(uv_loop_t *loop, struct db *db, int session_hours);
/* The db is freed before, so that no question is under way; who waits for a hash is told DRAINING.
 */
void staff_free(struct staff *staff);

/*
 * By net_peer's staff_token. who is NULL on refusal (STAFF_NOT_SIGNED_IN, PASSWORD_MUST_CHANGE,
 * DATABASE_AWAY), else valid during the callback; what the role allows is the asking service's to
 * decide (REFUSAL_STAFF_ROLE). May be called before staff_find returns.
 */
typedef void (*staff_callback)(void *context, enum refusal refusal,
                               const struct staff_session *who);
void staff_find(struct staff *staff, const char *token, staff_callback callback, void *context);
/* The same, also for one whose password must be changed first: for StaffService only. */
void staff_current(struct staff *staff, const char *token, staff_callback callback, void *context);

/*
 * wait_s: with SIGN_IN_WAIT and RATE_LIMITED, the seconds to wait. who: NULL on refusal. token: the
 * new cookie.
 */
typedef void (*staff_sign_in_callback)(void *context, enum refusal refusal, int wait_s,
                                       const struct staff_session *who, const char *token);

/* Where a sign-in comes from. */
struct staff_place {
    const char *address;
    const char *agent; /* User-Agent */
    const char *token; /* the cookie the browser has, or "" */
};

/* Opens a session; the one of place->token ends. */
void staff_sign_in(struct staff *staff, const struct staff_place *place, const char *login,
                   const char *password, staff_sign_in_callback callback, void *context);
/* For the session of place->token. All sessions of the account end, and one is opened. */
void staff_change_password(struct staff *staff, const struct staff_place *place, const char *old,
                           const char *next, staff_sign_in_callback callback, void *context);

/*
 * Signing with the key of an account, which only who gives its password can use. A try counts and
 * waits as one to sign in does; no session is opened.
 */
struct staff_signing {
    const char *login;
    const char *password;
    const char *address;
    /*
     * What this account ("" for nobody's) is to sign, appended to the message; or why it may not,
     * which is told to who knows the password only. Called once at most.
     */
    enum refusal (*compose)(void *context, const char *account, struct buf *message);
    /* wait_s as with staff_sign_in; key and signature are NULL on refusal. Called once. */
    void (*done)(void *context, enum refusal refusal, int wait_s, const struct signing_key *key,
                 const struct signature *signature);
    void *context;
};
void staff_sign(struct staff *staff, const struct staff_signing *signing);

/* Ends the session of a cookie, if there is one. who is NULL. */
void staff_sign_out(struct staff *staff, const char *token, staff_callback callback, void *context);

#endif
