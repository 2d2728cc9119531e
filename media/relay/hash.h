/* uthash with a hash of our own: its default one falls through in a switch, which the build
 * forbids. Keys are not a peer's choice. */
#ifndef ASSIZE_MEDIA_RELAY_HASH_H
#define ASSIZE_MEDIA_RELAY_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline unsigned hash_bytes(const void *key, size_t len)
{
    const unsigned char *bytes = key;
    uint64_t hash = len;

    for (; len; bytes += sizeof(uint64_t)) {
        size_t take = len < sizeof(uint64_t) ? len : sizeof(uint64_t);
        uint64_t word = 0;
        memcpy(&word, bytes, take);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
        len -= take;
    }
    return (unsigned)hash;
}

#define HASH_FUNCTION(key, len, hash) ((hash) = hash_bytes((key), (len)))
#include <uthash.h>

#endif
