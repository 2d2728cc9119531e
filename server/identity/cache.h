/*
 * The sessions seen lately, so that people get back in while the database is away. Bounded; when
 * full, the one confirmed longest ago goes. Owned by identity.c.
 */
#ifndef ASSIZE_SERVER_IDENTITY_CACHE_H
#define ASSIZE_SERVER_IDENTITY_CACHE_H

#include "server/identity/identity.h"

struct cache_entry;

struct cache {
    struct cache_entry *entries; /* confirmed longest ago first */
};

void cache_done(struct cache *cache);
/* Remembers what the database said at now_ms. */
void cache_put(struct cache *cache, const struct identity_session *session, int64_t now_ms);
void cache_forget(struct cache *cache, const uint8_t hash[static SHA256_BYTES]);
/*
 * The session when the database confirmed it less than max_age_ms ago and it has not ended since;
 * else NULL.
 */
const struct identity_session *
cache_find(const struct cache *cache, const uint8_t hash[static SHA256_BYTES], int64_t max_age_ms);

#endif
