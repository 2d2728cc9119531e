#include "server/exchange/merkle.h"

#include <string.h>

static void hash_node(const uint8_t *left, const uint8_t *right, uint8_t out[static SHA256_BYTES])
{
    const struct sha256_part parts[] = {{"\x01", 1}, {left, SHA256_BYTES}, {right, SHA256_BYTES}};

    sha256_parts(parts, 3, out);
}

void merkle_add(struct merkle *merkle, const void *leaf, size_t len)
{
    const struct sha256_part parts[] = {{"\x00", 1}, {leaf, len}};
    uint8_t hash[SHA256_BYTES];

    sha256_parts(parts, 2, hash);
    merkle_add_hash(merkle, hash);
}

void merkle_add_hash(struct merkle *merkle, const uint8_t hash[static SHA256_BYTES])
{
    uint8_t joined[SHA256_BYTES];

    memcpy(merkle->peaks[merkle->count], hash, SHA256_BYTES);
    merkle->levels[merkle->count++] = 0;
    while (merkle->count > 1 &&
           merkle->levels[merkle->count - 1] == merkle->levels[merkle->count - 2]) {
        merkle->count--;
        hash_node(merkle->peaks[merkle->count - 1], merkle->peaks[merkle->count], joined);
        memcpy(merkle->peaks[merkle->count - 1], joined, SHA256_BYTES);
        merkle->levels[merkle->count - 1]++;
    }
}

void merkle_root(const struct merkle *merkle, uint8_t root[static SHA256_BYTES])
{
    uint8_t joined[SHA256_BYTES];

    if (!merkle->count) {
        sha256("", 0, root);
        return;
    }
    memcpy(root, merkle->peaks[merkle->count - 1], SHA256_BYTES);
    for (int i = merkle->count - 2; i >= 0; i--) {
        hash_node(merkle->peaks[i], root, joined);
        memcpy(root, joined, SHA256_BYTES);
    }
}
