/*
 * The signing keys of accounts: the one that is in use, with its private half sealed
 * (base/password/signing_key.h), and proving a password outside of signing in. Used by
 * server/identity.
 */
#ifndef ASSIZE_DB_SIGNING_STORE_H
#define ASSIZE_DB_SIGNING_STORE_H

#include "base/errors.h"
#include "base/password/signing_key.h"
#include "db/db.h"

/* key: public_len 0 when the account has none, or is nobody's (""). */
typedef void (*signing_key_callback)(void *context, int error, const struct signing_key *key);
void signing_store_key(struct db *db, const char *account, signing_key_callback callback,
                       void *context);

struct signing_proof {
    const char *account;
    const char *hash; /* that the password was found to fit */
    const char *address;
    const struct signing_key *fresh; /* to be kept from now on, or NULL */
};
/*
 * The try that account_store_begin began was none of a guesser. refusal: SIGN_IN_WRONG when the
 * account was disabled or its password changed meanwhile, PASSWORD_MUST_CHANGE; then nothing is
 * kept.
 */
typedef void (*signing_prove_callback)(void *context, int error, enum refusal refusal);
void signing_store_prove(struct db *db, const struct signing_proof *proof,
                         signing_prove_callback callback, void *context);

#endif
