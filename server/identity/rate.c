#include "server/identity/rate.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "base/table.h"
#include "server/identity/identity.h"

enum { KEY_BYTES = 16, PREFIX_BYTES = 8, MINUTE_MS = 60000 };

/*
 * Keys come from strangers, so they are kept as a digest: of one size, and of no use for colliding
 * on purpose.
 */
struct rate_key {
    uint8_t key[KEY_BYTES];
    int64_t due_ms; /* when the next try is due, were they made evenly */
    UT_hash_handle hh;
};

void rate_init(struct rate *rate, int per_minute)
{
    *rate = (struct rate){.interval_ms = MINUTE_MS / per_minute, .burst_ms = MINUTE_MS};
}

void rate_done(struct rate *rate)
{
    struct rate_key *entry, *next;

    HASH_ITER(hh, rate->keys, entry, next)
    {
        HASH_DEL(rate->keys, entry);
        free(entry);
    }
}

static struct rate_key *find(const struct rate *rate, const void *key, size_t len,
                             uint8_t digest[static SHA256_BYTES])
{
    struct rate_key *entry;

    sha256(key, len, digest);
    HASH_FIND(hh, rate->keys, digest, KEY_BYTES, entry);
    return entry;
}

static bool has_room(const struct rate *rate, int64_t due_ms, int64_t now_ms)
{
    return due_ms + rate->interval_ms - now_ms <= rate->burst_ms;
}

bool rate_allows(const struct rate *rate, const void *key, size_t len, int64_t now_ms)
{
    uint8_t digest[SHA256_BYTES];
    const struct rate_key *entry = find(rate, key, len, digest);

    return !entry || has_room(rate, entry->due_ms, now_ms);
}

static struct rate_key *make_entry(struct rate *rate, const uint8_t digest[static SHA256_BYTES])
{
    struct rate_key *entry = NULL;

    if (HASH_COUNT(rate->keys) >= IDENTITY_RATE_KEYS_MAX) {
        entry = rate->keys;
        HASH_DEL(rate->keys, entry);
    } else {
        entry = calloc(1, sizeof(*entry));
    }
    if (!entry)
        abort();
    memcpy(entry->key, digest, KEY_BYTES);
    entry->due_ms = 0;
    return entry;
}

bool rate_take(struct rate *rate, const void *key, size_t len, int64_t now_ms)
{
    uint8_t digest[SHA256_BYTES];
    struct rate_key *entry = find(rate, key, len, digest);

    if (entry && !has_room(rate, entry->due_ms, now_ms))
        return false;
    if (entry)
        HASH_DEL(rate->keys, entry); /* to come back as the one used last */
    else
        entry = make_entry(rate, digest);
    if (entry->due_ms < now_ms)
        entry->due_ms = now_ms;
    entry->due_ms += rate->interval_ms;
    HASH_ADD(hh, rate->keys, key, KEY_BYTES, entry);
    return true;
}

size_t rate_address_key(const char *address, uint8_t key[static 16])
{
    if (inet_pton(AF_INET6, address, key) == 1)
        return PREFIX_BYTES;
    return inet_pton(AF_INET, address, key) == 1 ? 4 : 0;
}

void rate_give_back(struct rate *rate, const void *key, size_t len)
{
    uint8_t digest[SHA256_BYTES];
    struct rate_key *entry = find(rate, key, len, digest);

    if (entry)
        entry->due_ms -= rate->interval_ms;
}
