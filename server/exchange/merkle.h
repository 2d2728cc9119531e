/* The hash of a list as a tree (RFC 9162 section 2.1.1): whoever has the root can be shown one leaf
 * and the few hashes beside its way up. Pure. Used by batch.c. */
#ifndef ASSIZE_SERVER_EXCHANGE_MERKLE_H
#define ASSIZE_SERVER_EXCHANGE_MERKLE_H

#include "base/sha256.h"

/* Leaves come one by one; so many levels hold more than there ever are. */
struct merkle {
    uint8_t peaks[64][SHA256_BYTES]; /* of whole subtrees, largest first */
    int levels[64];
    int count;
};

void merkle_add(struct merkle *merkle, const void *leaf, size_t len);
/* A leaf of which only the hash is left. */
void merkle_add_hash(struct merkle *merkle, const uint8_t hash[static SHA256_BYTES]);
/* Of no leaves: the hash of nothing. */
void merkle_root(const struct merkle *merkle, uint8_t root[static SHA256_BYTES]);

#endif
