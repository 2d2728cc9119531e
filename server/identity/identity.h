/*
 * Who someone is: join links open sessions, a session's token is the cookie. Rate limits per
 * address and per link. Sessions that were seen are cached for IDENTITY_CACHE_MS, so that people
 * get back in while the database is away.
 */
#ifndef ASSIZE_SERVER_IDENTITY_IDENTITY_H
#define ASSIZE_SERVER_IDENTITY_IDENTITY_H

#include "base/limits.h"
#include "db/identity_store.h"

/* clang-format off */
#define IDENTITY_LIMITS(L) \
    L(IDENTITY_TRIES_PER_ADDRESS, 60, "tries", "with join links from one address in a minute") \
    L(IDENTITY_FAILURES_PER_ADDRESS, 20, "tries", "with wrong links from one address in a minute") \
    L(IDENTITY_TRIES_PER_LINK, 30, "tries", "with one link in a minute; of a gallery link only those that fail") \
    L(IDENTITY_RATE_KEYS_MAX, 8192, "addresses or links", "whose tries are counted at one time") \
    L(IDENTITY_CACHE_MS, 3600000, "ms", "a session is remembered without the database; revoking forgets it within 5 s when the database is up") \
    L(IDENTITY_TRUST_MS, 4000, "ms", "a remembered session is believed before the database is asked again") \
    L(IDENTITY_CACHE_MAX, 8192, "sessions", "remembered")
/* clang-format on */
LIMITS(IDENTITY_LIMITS);

struct identity;

/*
 * session is NULL on refusal, valid during the callback; token is the new cookie for identity_open,
 * else NULL. May be called before the function that was asked returns: what is refused or
 * remembered needs no database.
 */
typedef void (*identity_callback)(void *context, enum refusal refusal,
                                  const struct identity_session *session, const char *token);

/* session_hours: how long a session lasts. */
struct identity *identity_new(struct db *db, int session_hours);
/* The db is freed before, so that no question is under way. */
void identity_free(struct identity *identity);

/* By a join link's token. old_token: the cookie the browser already had, or "". */
void identity_open(struct identity *identity, const char *link_token, const char *old_token,
                   const char *address, identity_callback callback, void *context);
/*
 * By the cookie's token. A revoked session is refused IDENTITY_TRUST_MS later at the latest, so who
 * holds a connection open asks again now and then.
 */
void identity_find(struct identity *identity, const char *token, identity_callback callback,
                   void *context);
/* REFUSAL_NONE without a session when it has ended, or was none. */
void identity_sign_out(struct identity *identity, const char *token, identity_callback callback,
                       void *context);

#endif
