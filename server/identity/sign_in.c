/* One try to sign in, or to change one's password: from the delays to the new session. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/password/password.h"
#include "base/str.h"
#include "server/identity/staff_internal.h"

struct sign_in {
    struct staff *staff;
    staff_sign_in_callback callback;
    void *context;
    bool changes; /* the password; else it signs in */
    char login[ACCOUNT_LOGIN_SIZE];
    char password[PASSWORD_SIZE]; /* prepared; "" is nobody's */
    char next[PASSWORD_SIZE];
    char address[ACCOUNT_ADDRESS_SIZE];
    char agent[ACCOUNT_AGENT_SIZE];
    char old_token[ID_TOKEN_SIZE]; /* of the browser */
    char account[ID_UUID_SIZE];
    char hash[ACCOUNT_HASH_SIZE];
    char token[ID_TOKEN_SIZE]; /* the new one */
};

static void finish(struct sign_in *try, enum refusal refusal, int wait_s,
                   const struct staff_session *who)
{
    try->staff->sign_ins--;
    try->callback(try->context, refusal, wait_s, who, who ? try->token : NULL);
    password_wipe(try, sizeof(*try));
    free(try);
}

/* The same words whatever was wrong. Nothing that was typed is logged: it may be a password. */
static void refuse_wrong(struct sign_in *try)
{
    log_warn("staff.refused", "account=%s changes=%d", *try->account ? try->account : "unknown",
             try->changes);
    finish(try, try->changes ? REFUSAL_PASSWORD_WRONG : REFUSAL_SIGN_IN_WRONG, 0, NULL);
}

static void nobody_waits(void *context, int error, bool was_there)
{
    (void)context;
    (void)error;
    (void)was_there;
}

/* The browser's cookie is replaced; a session that nobody can sign out any more would be left. */
static void end_old(const struct sign_in *try)
{
    uint8_t hash[SHA256_BYTES];

    if (!*try->old_token)
        return;
    sha256(try->old_token, strlen(try->old_token), hash);
    account_store_end_token(try->staff->db, hash, nobody_waits, NULL);
}

static void opened(void *context, int error, const struct staff_session *session)
{
    struct sign_in *try = context;

    if (error) {
        finish(try, REFUSAL_DATABASE_AWAY, 0, NULL);
    } else if (!session) {
        refuse_wrong(try); /* disabled, or changed meanwhile */
    } else {
        log_info(try->changes ? "staff.password_changed" : "staff.signed_in",
                 "account=%s session=%s", session->account, session->id);
        end_old(try);
        finish(try, REFUSAL_NONE, 0, session);
    }
}

static void checked(void *context, int error, bool good, const char *fresh)
{
    struct sign_in *try = context;
    uint8_t token_hash[SHA256_BYTES];

    if (error) {
        finish(try, error == -ECANCELED ? REFUSAL_DRAINING : REFUSAL_INTERNAL, 0, NULL);
        return;
    }
    if (!good) {
        refuse_wrong(try);
        return;
    }
    id_token(try->token);
    sha256(try->token, strlen(try->token), token_hash);
    const struct account_sign_in sign_in = {
        .account = try->account,
        .hash = try->hash,
        .fresh = fresh,
        .changed = try->changes,
        .token = token_hash,
        .address = try->address,
        .agent = try->agent,
        .hours = try->staff->session_hours,
    };
    account_store_done(try->staff->db, &sign_in, opened, try);
}

static void begun(void *context, int error, int wait_s, const char *account, const char *hash)
{
    struct sign_in *try = context;

    if (error) {
        finish(try, REFUSAL_DATABASE_AWAY, 0, NULL);
        return;
    }
    if (wait_s) {
        finish(try, REFUSAL_SIGN_IN_WAIT, wait_s, NULL);
        return;
    }
    str_copy(try->account, sizeof(try->account), account);
    str_copy(try->hash, sizeof(try->hash), hash);
    if (hasher_check(try->staff->hasher, try->hash, try->password, try->changes ? try->next : NULL,
                     checked, try))
        finish(try, REFUSAL_BUSY, 0, NULL);
}

void staff_read_login(const char *login, char out[static ACCOUNT_LOGIN_SIZE])
{
    size_t len = 0;

    while (*login == ' ')
        login++;
    for (; login[len] && login[len] != ' ' && len < ACCOUNT_LOGIN_SIZE - 1; len++)
        out[len] =
            login[len] >= 'A' && login[len] <= 'Z' ? (char)(login[len] + 'a' - 'A') : login[len];
    while (len && ((uint8_t)login[len] & 0xc0) == 0x80)
        len--; /* not within a character */
    out[len] = '\0';
}

static struct sign_in *sign_in_new(struct staff *staff, const struct staff_place *place,
                                   staff_sign_in_callback callback, void *context)
{
    struct sign_in *try = calloc(1, sizeof(*try));

    if (!try)
        abort();
    *try = (struct sign_in){.staff = staff, .callback = callback, .context = context};
    str_copy(try->address, sizeof(try->address), place->address);
    str_copy(try->agent, sizeof(try->agent), place->agent);
    str_copy(try->old_token, sizeof(try->old_token), place->token);
    staff->sign_ins++;
    return try;
}

enum refusal staff_may_try(struct staff *staff, const char *address)
{
    uint8_t key[16];
    size_t len = rate_address_key(address, key);

    if (!rate_take(&staff->tries, key, len, clock_monotonic_ms()))
        return REFUSAL_RATE_LIMITED;
    return staff->sign_ins < STAFF_SIGN_INS_MAX ? REFUSAL_NONE : REFUSAL_BUSY;
}

void staff_sign_in(struct staff *staff, const struct staff_place *place, const char *login,
                   const char *password, staff_sign_in_callback callback, void *context)
{
    enum refusal refusal = staff_may_try(staff, place->address);

    if (refusal) {
        callback(context, refusal, refusal == REFUSAL_RATE_LIMITED ? STAFF_MINUTE_S : 0, NULL,
                 NULL);
        return;
    }
    struct sign_in *try = sign_in_new(staff, place, callback, context);
    staff_read_login(login, try->login);
    if (password_prepare(password, try->password))
        try->password[0] = '\0';
    account_store_begin(staff->db, try->login, try->address, begun, try);
}

/* ---- changing one's password ---- */

static enum refusal judge(const struct sign_in *try)
{
    if (strcmp(try->password, try->next) == 0)
        return REFUSAL_PASSWORD_SAME;
    return password_judge(try->next, try->login);
}

static void found(void *context, enum refusal refusal, const struct staff_session *who)
{
    struct sign_in *try = context;

    if (!refusal) {
        str_copy(try->login, sizeof(try->login), who->login);
        refusal = judge(try);
    }
    if (refusal)
        finish(try, refusal, 0, NULL);
    else
        account_store_begin(try->staff->db, try->login, try->address, begun, try);
}

void staff_change_password(struct staff *staff, const struct staff_place *place, const char *old,
                           const char *next, staff_sign_in_callback callback, void *context)
{
    enum refusal refusal = staff_may_try(staff, place->address);

    if (refusal) {
        callback(context, refusal, refusal == REFUSAL_RATE_LIMITED ? STAFF_MINUTE_S : 0, NULL,
                 NULL);
        return;
    }
    struct sign_in *try = sign_in_new(staff, place, callback, context);
    try->changes = true;
    int error = password_prepare(next, try->next);
    if (password_prepare(old, try->password))
        try->password[0] = '\0';
    if (error)
        finish(try, error == -ENOBUFS ? REFUSAL_PASSWORD_LONG : REFUSAL_PASSWORD_UNREADABLE, 0,
               NULL);
    else
        staff_current(staff, place->token, found, try);
}
