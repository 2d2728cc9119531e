/*
 * What a certificate is known by: the SHA-256 of its public key (SubjectPublicKeyInfo), which stays
 * the same however often the certificate is made anew, and until when it holds. Used by server/net,
 * which serves with certificates, and the command line, which makes them.
 */
#ifndef ASSIZE_BASE_SPKI_H
#define ASSIZE_BASE_SPKI_H

#include <openssl/types.h>
#include <stdbool.h>

#include "base/limits.h"
#include "base/sha256.h"

/* clang-format off */
#define SPKI_LIMITS(L) \
    L(SPKI_WARN_DAYS, 30, "days", "before a certificate ends it is warned of, each day")
/* clang-format on */
LIMITS(SPKI_LIMITS);

/* "1a2b 3c4d ...": 128 bits in groups, to be read out. */
enum { SPKI_TEXT_GROUPS = 8, SPKI_TEXT_SIZE = SPKI_TEXT_GROUPS * 5 };

/* False for a key that has no such form. */
bool spki_digest(const EVP_PKEY *key, uint8_t out[static SHA256_BYTES]);
void spki_text(const uint8_t spki[static SHA256_BYTES], char out[static SPKI_TEXT_SIZE]);
/* Is this the text, or the beginning of all 64 digits, with or without spaces and colons? Nothing
 * shorter than the text is. */
bool spki_is(const uint8_t spki[static SHA256_BYTES], const char *text);

/* Whole days until the certificate ends, negative once it has. */
int spki_days_left(const X509 *certificate);

#endif
