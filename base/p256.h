/*
 * ECDSA with P-256 over SHA-256 (FIPS 186-5), by OpenSSL. Nothing is left on the thread's queue of
 * errors, which whoever speaks TLS asks too. Used by base/password and server/exchange.
 */
#ifndef ASSIZE_BASE_P256_H
#define ASSIZE_BASE_P256_H

#include <openssl/types.h>
#include <stdbool.h>

#include "base/sha256.h"

enum {
    P256_PUBLIC_MAX = 128,   /* SubjectPublicKeyInfo, DER; 91 bytes */
    P256_SIGNATURE_MAX = 80, /* DER; 72 bytes at most */
};

/* Is this key one of P-256; false for NULL. */
bool p256_is(const EVP_PKEY *key);

/* Signs the parts one after another; the length of the signature. key: private, of P-256. */
size_t p256_sign(EVP_PKEY *key, const struct sha256_part *parts, size_t count,
                 uint8_t signature[static P256_SIGNATURE_MAX]);

/* public_key: a SubjectPublicKeyInfo, DER. Key and signature may be anything a peer sent. */
bool p256_verify(const uint8_t *public_key, size_t public_len, const struct sha256_part *parts,
                 size_t count, const uint8_t *signature, size_t signature_len);

#endif
