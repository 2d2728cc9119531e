/*
 * Argon2id off the loop: at most HASHER_AT_ONCE hashes are computed at a time, in libuv's pool, so
 * that their memory and their share of the processors are bounded and files are still read;
 * HASHER_WAITING_MAX wait in their order. Owned by staff.c.
 */
#ifndef ASSIZE_SERVER_IDENTITY_HASHER_H
#define ASSIZE_SERVER_IDENTITY_HASHER_H

#include <stdbool.h>
#include <uv.h>

#include "base/limits.h"
#include "base/password/signing_key.h"

/* clang-format off */
#define HASHER_LIMITS(L) \
    L(HASHER_AT_ONCE, 2, "passwords", "looked at at one time") \
    L(HASHER_WAITING_MAX, 32, "passwords", "waiting to be looked at")
/* clang-format on */
LIMITS(HASHER_LIMITS);

struct hasher;

/* The loop outlives the hasher. */
struct hasher *hasher_new(uv_loop_t *loop);
/* Whoever waits is told -ECANCELED before it returns; what is being computed ends by itself. */
void hasher_free(struct hasher *hasher);

/*
 * error: 0, or -ECANCELED or -ENOMEM. good: the password is the one of the hash. fresh: a hash to
 * be kept from now on (of next; or of the password when its hash was made with older parameters),
 * or
 * "". Called later, on the loop.
 */
typedef void (*hasher_callback)(void *context, int error, bool good, const char *fresh);

/*
 * Compares; when it is good and next is not NULL, hashes that too. hash "": nobody's, with the same
 * work. Passwords are prepared (password_prepare), copied, and wiped. 0, or -EBUSY: too many wait,
 * and callback is not called.
 */
int hasher_check(struct hasher *hasher, const char *hash, const char *password, const char *next,
                 hasher_callback callback, void *context) __attribute__((warn_unused_result));

/*
 * error and good as before. When good: the signature by key, which is fresh if it had to be made.
 */
struct hasher_signed {
    struct signature signature;
    struct signing_key key;
    bool fresh;
};
typedef void (*hasher_sign_callback)(void *context, int error, bool good,
                                     const struct hasher_signed *done);

/*
 * Compares; when it is good, signs the message with the key, or with a new one (signing_key.h). All
 * is copied, and wiped where it is secret. 0, or -EBUSY: too many wait, and callback is not called.
 */
int hasher_sign(struct hasher *hasher, const char *hash, const char *password,
                const struct signing_key *key, const void *message, size_t len,
                hasher_sign_callback callback, void *context) __attribute__((warn_unused_result));

#endif
