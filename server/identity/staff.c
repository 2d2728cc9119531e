#include "server/identity/staff.h"

#include <stdlib.h>
#include <string.h>

struct staff {
    uv_loop_t *loop;
    struct db *db;
    int session_hours;
};

struct staff *staff_new(uv_loop_t *loop, struct db *db, int session_hours)
{
    struct staff *staff = calloc(1, sizeof(*staff));

    if (!staff)
        abort();
    *staff = (struct staff){.loop = loop, .db = db, .session_hours = session_hours};
    return staff;
}

void staff_free(struct staff *staff)
{
    free(staff);
}

/* Who waits to know who is there. */
struct asker {
    staff_callback callback;
    void *context;
};

static void found(void *context, int error, const struct staff_session *session)
{
    struct asker asker = *(struct asker *)context;
    enum refusal refusal = error                  ? REFUSAL_DATABASE_AWAY
                           : !session             ? REFUSAL_STAFF_NOT_SIGNED_IN
                           : session->must_change ? REFUSAL_PASSWORD_MUST_CHANGE
                                                  : REFUSAL_NONE;

    free(context);
    asker.callback(asker.context, refusal, refusal ? NULL : session);
}

void staff_find(struct staff *staff, const char *token, staff_callback callback, void *context)
{
    uint8_t hash[SHA256_BYTES];

    if (!*token) {
        callback(context, REFUSAL_STAFF_NOT_SIGNED_IN, NULL);
        return;
    }
    struct asker *asker = calloc(1, sizeof(*asker));
    if (!asker)
        abort();
    *asker = (struct asker){callback, context};
    sha256(token, strlen(token), hash);
    account_store_find(staff->db, hash, STAFF_IDLE_S, found, asker);
}
