/* Giving the password anew to sign with it: from the delays to the signature. */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/password/password.h"
#include "base/str.h"
#include "db/signing_store.h"
#include "server/identity/staff_internal.h"

struct proof {
    struct staff *staff;
    struct staff_signing signing; /* without its texts */
    char password[PASSWORD_SIZE]; /* prepared; "" is nobody's */
    char address[ACCOUNT_ADDRESS_SIZE];
    char account[ID_UUID_SIZE];
    char hash[ACCOUNT_HASH_SIZE];
    struct buf message;
    enum refusal may_not; /* this account, even with the right password */
    struct hasher_signed signed_with;
};

static void finish(struct proof *proof, enum refusal refusal, int wait_s)
{
    const struct hasher_signed *done = &proof->signed_with;

    proof->staff->sign_ins--;
    proof->signing.done(proof->signing.context, refusal, wait_s, refusal ? NULL : &done->key,
                        refusal ? NULL : &done->signature);
    buf_done(&proof->message);
    password_wipe(proof, sizeof(*proof));
    free(proof);
}

/* The same words whatever was wrong, as in signing in. */
static void refuse_wrong(struct proof *proof)
{
    log_warn("staff.not_proved", "account=%s", *proof->account ? proof->account : "unknown");
    finish(proof, REFUSAL_SIGN_IN_WRONG, 0);
}

static void proved(void *context, int error, enum refusal refusal)
{
    struct proof *proof = context;

    if (error)
        finish(proof, REFUSAL_DATABASE_AWAY, 0);
    else if (refusal == REFUSAL_SIGN_IN_WRONG)
        refuse_wrong(proof);
    else
        finish(proof, refusal ? refusal : proof->may_not, 0);
}

static void signed_by(void *context, int error, bool good, const struct hasher_signed *done)
{
    struct proof *proof = context;

    if (error) {
        finish(proof, error == -ECANCELED ? REFUSAL_DRAINING : REFUSAL_INTERNAL, 0);
        return;
    }
    if (!good) {
        refuse_wrong(proof);
        return;
    }
    proof->signed_with = *done;
    const struct signing_proof to_keep = {
        .account = proof->account,
        .hash = proof->hash,
        .address = proof->address,
        .fresh = done->fresh && !proof->may_not ? &proof->signed_with.key : NULL,
    };
    signing_store_prove(proof->staff->db, &to_keep, proved, proof);
}

static void got_key(void *context, int error, const struct signing_key *key)
{
    struct proof *proof = context;

    if (error) {
        finish(proof, REFUSAL_DATABASE_AWAY, 0);
        return;
    }
    proof->may_not =
        proof->signing.compose(proof->signing.context, proof->account, &proof->message);
    if (hasher_sign(proof->staff->hasher, proof->hash, proof->password, key, proof->message.data,
                    proof->message.len, signed_by, proof))
        finish(proof, REFUSAL_BUSY, 0);
}

static void begun(void *context, int error, int wait_s, const char *account, const char *hash)
{
    struct proof *proof = context;

    if (error) {
        finish(proof, REFUSAL_DATABASE_AWAY, 0);
    } else if (wait_s) {
        finish(proof, REFUSAL_SIGN_IN_WAIT, wait_s);
    } else {
        str_copy(proof->account, sizeof(proof->account), account);
        str_copy(proof->hash, sizeof(proof->hash), hash);
        signing_store_key(proof->staff->db, proof->account, got_key, proof);
    }
}

void staff_sign(struct staff *staff, const struct staff_signing *signing)
{
    char login[ACCOUNT_LOGIN_SIZE];

    enum refusal refusal = staff_may_try(staff, signing->address);
    if (refusal) {
        signing->done(signing->context, refusal,
                      refusal == REFUSAL_RATE_LIMITED ? STAFF_MINUTE_S : 0, NULL, NULL);
        return;
    }
    struct proof *proof = calloc(1, sizeof(*proof));
    if (!proof)
        abort();
    *proof = (struct proof){.staff = staff, .signing = *signing};
    buf_init(&proof->message, STAFF_SIGNED_MAX);
    str_copy(proof->address, sizeof(proof->address), signing->address);
    if (password_prepare(signing->password, proof->password))
        proof->password[0] = '\0';
    staff_read_login(signing->login, login);
    staff->sign_ins++;
    account_store_begin(staff->db, login, proof->address, begun, proof);
}
