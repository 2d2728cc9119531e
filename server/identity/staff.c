#include "server/identity/staff.h"

#include <stdlib.h>
#include <string.h>

#include "server/identity/staff_internal.h"

struct staff *staff_new(uv_loop_t *loop, struct db *db, int session_hours)
{
    struct staff *staff = calloc(1, sizeof(*staff));

    if (!staff)
        abort();
    staff->db = db;
    staff->hasher = hasher_new(loop);
    staff->session_hours = session_hours;
    rate_init(&staff->tries, STAFF_TRIES_PER_ADDRESS);
    return staff;
}

void staff_free(struct staff *staff)
{
    if (!staff)
        return;
    hasher_free(staff->hasher);
    rate_done(&staff->tries);
    free(staff);
}

/* Who waits for an answer of the database. */
struct asker {
    staff_callback callback;
    void *context;
    bool any_password; /* also one that must be changed */
};

static struct asker *asker_new(staff_callback callback, void *context, bool any_password)
{
    struct asker *asker = calloc(1, sizeof(*asker));

    if (!asker)
        abort();
    *asker = (struct asker){callback, context, any_password};
    return asker;
}

static void found(void *context, int error, const struct staff_session *session)
{
    const struct asker asker = *(struct asker *)context;
    enum refusal refusal = REFUSAL_NONE;

    free(context);
    if (error)
        refusal = REFUSAL_DATABASE_AWAY;
    else if (!session)
        refusal = REFUSAL_STAFF_NOT_SIGNED_IN;
    else if (session->must_change && !asker.any_password)
        refusal = REFUSAL_PASSWORD_MUST_CHANGE;
    asker.callback(asker.context, refusal, refusal ? NULL : session);
}

static void find(struct staff *staff, const char *token, struct asker *asker)
{
    uint8_t hash[SHA256_BYTES];

    if (!*token) {
        found(asker, 0, NULL);
        return;
    }
    sha256(token, strlen(token), hash);
    account_store_find(staff->db, hash, found, asker);
}

void staff_find(struct staff *staff, const char *token, staff_callback callback, void *context)
{
    find(staff, token, asker_new(callback, context, false));
}

void staff_current(struct staff *staff, const char *token, staff_callback callback, void *context)
{
    find(staff, token, asker_new(callback, context, true));
}

static void signed_out(void *context, int error, bool was_there)
{
    const struct asker asker = *(struct asker *)context;

    (void)was_there;
    free(context);
    asker.callback(asker.context, error ? REFUSAL_DATABASE_AWAY : REFUSAL_NONE, NULL);
}

void staff_sign_out(struct staff *staff, const char *token, staff_callback callback, void *context)
{
    uint8_t hash[SHA256_BYTES];

    sha256(token, strlen(token), hash);
    account_store_end_token(staff->db, hash, signed_out, asker_new(callback, context, true));
}
