/*
 * Passwords: how they are written, which are taken, and their Argon2id hashes (RFC 9106) by
 * libsodium. The rules are those of NIST SP 800-63B: length and a list of what everyone guesses, no
 * demands on which characters. Used by server/identity and the command line; a library of its own,
 * so that the relay does not load libsodium for it.
 */
#ifndef ASSIZE_BASE_PASSWORD_PASSWORD_H
#define ASSIZE_BASE_PASSWORD_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/errors.h"
#include "base/limits.h"

/* clang-format off */
#define PASSWORD_LIMITS(L) \
    L(PASSWORD_CHARACTERS_LEAST, 12, "characters", "a new password has at least") \
    L(PASSWORD_BYTES_MAX, 512, "bytes", "one password") \
    L(PASSWORD_WORTH_LEAST, 8, "parts", "of a new password, at least, do not follow from each other: letters, well-known words, runs") \
    L(PASSWORD_HASH_PASSES, 2, "passes", "of Argon2id over its memory") \
    L(PASSWORD_HASH_BYTES, 64 << 20, "bytes", "of memory for one hash")
/* clang-format on */
LIMITS(PASSWORD_LIMITS);

enum { PASSWORD_SIZE = PASSWORD_BYTES_MAX + 1, PASSWORD_HASH_SIZE = 128, PASSWORD_MADE_SIZE = 24 };

/*
 * The form that is hashed, so that one password is one whatever keyboard it was typed at:
 * OpaqueString of RFC 8265 (every space is U+0020, NFC). 0, -EILSEQ (no text, or with control
 * characters), -ENOBUFS (over PASSWORD_BYTES_MAX).
 */
int password_prepare(const char *text, char out[static PASSWORD_SIZE])
    __attribute__((warn_unused_result));

/* Whether a prepared password may become that of this login: REFUSAL_NONE, PASSWORD_SHORT or
 * PASSWORD_COMMON. */
enum refusal password_judge(const char *prepared, const char *login);

/*
 * Both take PASSWORD_HASH_BYTES of memory and some tenths of a second. password_hash: 0 or -ENOMEM.
 * password_verify with an empty hash does the same work and says false.
 */
int password_hash(const char *prepared, char out[static PASSWORD_HASH_SIZE])
    __attribute__((warn_unused_result));
bool password_verify(const char *hash, const char *prepared);
/* The hash was made with other parameters than those of today. */
bool password_is_outdated(const char *hash);

/* One that no rule refuses, to be told once: 80 random bits in groups of letters that are not
 * mistaken for each other. */
void password_make(char out[static PASSWORD_MADE_SIZE]);
/* Overwrites what held one. */
void password_wipe(void *data, size_t len);

#endif
