#include <errno.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/password/password.h"

_Static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "libsodium's own size");

int password_hash(const char *prepared, char out[static PASSWORD_HASH_SIZE])
{
    if (sodium_init() < 0)
        abort();
    return crypto_pwhash_str_alg(out, prepared, strlen(prepared), PASSWORD_HASH_PASSES,
                                 PASSWORD_HASH_BYTES, crypto_pwhash_ALG_ARGON2ID13)
               ? -ENOMEM
               : 0;
}

bool password_verify(const char *hash, const char *prepared)
{
    char unused[PASSWORD_HASH_SIZE];

    if (sodium_init() < 0)
        abort();
    if (*hash)
        return crypto_pwhash_str_verify(hash, prepared, strlen(prepared)) == 0;
    if (password_hash(prepared, unused))
        return false;
    password_wipe(unused, sizeof(unused));
    return false;
}

bool password_is_outdated(const char *hash)
{
    return crypto_pwhash_str_needs_rehash(hash, PASSWORD_HASH_PASSES, PASSWORD_HASH_BYTES) != 0;
}

void password_make(char out[static PASSWORD_MADE_SIZE])
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* 32: five bits each */
    uint8_t random[PASSWORD_MADE_SIZE];
    size_t len = 0;

    id_random(random, sizeof(random));
    for (int i = 0; i < 16; i++) {
        if (i && i % 4 == 0)
            out[len++] = '-';
        out[len++] = letters[random[i] % 32];
    }
    out[len] = '\0';
    password_wipe(random, sizeof(random));
}

void password_wipe(void *data, size_t len)
{
    sodium_memzero(data, len);
}
