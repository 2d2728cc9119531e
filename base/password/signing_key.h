/*
 * A key that only who knows the password signs with: P-256, its private half sealed with
 * AES-256-GCM under Argon2id of the password. Used by server/identity, off the loop, and to verify
 * by whoever has the public half.
 *
 * A signature is ECDSA over SHA-256 of the message and the public key after it, so that it is of
 * this key and no other.
 */
#ifndef ASSIZE_BASE_PASSWORD_SIGNING_KEY_H
#define ASSIZE_BASE_PASSWORD_SIGNING_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/p256.h"

enum {
    SIGNING_PUBLIC_MAX = P256_PUBLIC_MAX,
    SIGNING_SALT_BYTES = 16,
    SIGNING_SEALED_MAX = 512, /* nonce, private key, tag */
    SIGNING_SIGNATURE_MAX = P256_SIGNATURE_MAX,
};

struct signing_key {
    uint8_t public_key[SIGNING_PUBLIC_MAX];
    size_t public_len; /* 0: there is none */
    uint8_t salt[SIGNING_SALT_BYTES];
    uint8_t sealed[SIGNING_SEALED_MAX];
    size_t sealed_len;
};

struct signature {
    uint8_t bytes[SIGNING_SIGNATURE_MAX];
    size_t len;
};

/*
 * Signs with the key; when there is none, or it does not open with this password, a new one takes
 * its place first (*ret_fresh). prepared: as password_prepare gives it. Takes the memory and time
 * of one password_hash, or two. 0 or -ENOMEM.
 */
int signing_key_sign(struct signing_key *key, const char *prepared, const void *message, size_t len,
                     struct signature *ret_signature, bool *ret_fresh)
    __attribute__((warn_unused_result));

/* All of it may come from a peer, or from a table that was tampered with. */
bool signing_key_verify(const uint8_t *public_key, size_t public_len, const void *message,
                        size_t len, const uint8_t *signature, size_t signature_len);

#endif
