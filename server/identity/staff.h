/*
 * Staff: who signs in with a password. Each question is asked of the database, so what is revoked
 * there is refused from that moment on. Services that serve staff ask staff_find; signing in and
 * out is in staff_service.c.
 */
#ifndef ASSIZE_SERVER_IDENTITY_STAFF_H
#define ASSIZE_SERVER_IDENTITY_STAFF_H

#include "base/errors.h"
#include "base/limits.h"
#include "db/account_store.h"

/* clang-format off */
#define STAFF_LIMITS(L) \
    L(STAFF_IDLE_S, 3600, "s", "a session of staff lasts without being used")
/* clang-format on */
LIMITS(STAFF_LIMITS);

struct staff;

struct staff *staff_new(uv_loop_t *loop, struct db *db, int session_hours);
/* The db is freed before, so that no question is under way. */
void staff_free(struct staff *staff);

/*
 * By net_peer's staff_token. who is NULL on refusal (STAFF_NOT_SIGNED_IN, PASSWORD_MUST_CHANGE,
 * DATABASE_AWAY), else valid during the callback; what the role allows is the asking service's to
 * decide (REFUSAL_STAFF_ROLE). May be called before staff_find returns.
 */
typedef void (*staff_callback)(void *context, enum refusal refusal,
                               const struct staff_session *who);
void staff_find(struct staff *staff, const char *token, staff_callback callback, void *context);

#endif
