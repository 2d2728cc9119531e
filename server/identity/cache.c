#include "server/identity/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/table.h"

struct cache_entry {
    struct identity_session session; /* its token_hash is the key */
    int64_t confirmed_ms;            /* monotonic */
    UT_hash_handle hh;
};

static struct cache_entry *find(const struct cache *cache, const uint8_t hash[static SHA256_BYTES])
{
    struct cache_entry *entry;

    HASH_FIND(hh, cache->entries, hash, SHA256_BYTES, entry);
    return entry;
}

static void drop(struct cache *cache, struct cache_entry *entry)
{
    HASH_DEL(cache->entries, entry);
    free(entry);
}

void cache_done(struct cache *cache)
{
    while (cache->entries)
        drop(cache, cache->entries);
}

void cache_forget(struct cache *cache, const uint8_t hash[static SHA256_BYTES])
{
    struct cache_entry *entry = find(cache, hash);

    if (entry)
        drop(cache, entry);
}

void cache_put(struct cache *cache, const struct identity_session *session, int64_t now_ms)
{
    struct cache_entry *entry = calloc(1, sizeof(*entry));

    if (!entry)
        abort();
    entry->session = *session;
    entry->confirmed_ms = now_ms;
    cache_forget(cache, session->token_hash);
    if (HASH_COUNT(cache->entries) >= IDENTITY_CACHE_MAX)
        drop(cache, cache->entries);
    HASH_ADD(hh, cache->entries, session.token_hash, SHA256_BYTES, entry);
}

const struct identity_session *
cache_find(const struct cache *cache, const uint8_t hash[static SHA256_BYTES], int64_t max_age_ms)
{
    const struct cache_entry *entry = find(cache, hash);

    if (!entry || clock_monotonic_ms() - entry->confirmed_ms >= max_age_ms ||
        entry->session.expires_ms <= clock_wall_ms())
        return NULL;
    return &entry->session;
}
