/*
 * How often something may happen for a key: so many times at once, refilled evenly over a minute.
 * The table is bounded; when it is full, the key that was used longest ago is forgotten. Owned by
 * identity.c and staff.c.
 */
#ifndef ASSIZE_SERVER_IDENTITY_RATE_H
#define ASSIZE_SERVER_IDENTITY_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rate_key;

struct rate {
    struct rate_key *keys; /* longest unused first */
    int64_t interval_ms;   /* between two tries of a key, were they made evenly */
    int64_t burst_ms;
};

void rate_init(struct rate *rate, int per_minute);
void rate_done(struct rate *rate);

/* True when one more is allowed; does not count it. */
bool rate_allows(const struct rate *rate, const void *key, size_t len, int64_t now_ms);
/* Counts one; false when it was one too many, which is then not counted. */
bool rate_take(struct rate *rate, const void *key, size_t len, int64_t now_ms);
/* One that was taken turns out not to count. */
void rate_give_back(struct rate *rate, const void *key, size_t len);

/*
 * Who counts as one: an IPv4 address, or an IPv6 network, of which one customer has all addresses.
 * The length of the key.
 */
size_t rate_address_key(const char *address, uint8_t key[static 16]);

#endif
