#include "db/account_store.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "db/db_internal.h"

enum { NUMBER_SIZE = 16 };

/* Who asked for a session. */
struct request {
    account_session_callback callback;
    void *context;
};

static struct request *request_new(account_session_callback callback, void *context)
{
    struct request *request = calloc(1, sizeof(*request));

    if (!request)
        abort();
    *request = (struct request){callback, context};
    return request;
}

/* A row of live_staff. */
static void read_session(const struct db_result *rows, struct staff_session *session)
{
    *session = (struct staff_session){.must_change = *db_text(rows, 0, 7) == 't',
                                      .expires_ms = db_int(rows, 0, 8)};
    str_copy(session->id, sizeof(session->id), db_text(rows, 0, 1));
    str_copy(session->account, sizeof(session->account), db_text(rows, 0, 2));
    str_copy(session->person, sizeof(session->person), db_text(rows, 0, 3));
    str_copy(session->login, sizeof(session->login), db_text(rows, 0, 4));
    str_copy(session->name, sizeof(session->name), db_text(rows, 0, 5));
    session->role = (Assize__Staff__V1__Role)db_enum_from_word(&assize__staff__v1__role__descriptor,
                                                               "ROLE_", db_text(rows, 0, 6));
}

static void got_session(void *context, int error, const struct db_result *rows)
{
    struct request *request = context;
    struct staff_session session;
    bool found = !error && db_rows(rows) == 1;

    if (found)
        read_session(rows, &session);
    request->callback(request->context, error, found ? &session : NULL);
    free(request);
}

void account_store_find(struct db *db, const uint8_t hash[static SHA256_BYTES], int idle_s,
                        account_session_callback callback, void *context)
{
    char idle[NUMBER_SIZE];

    snprintf(idle, sizeof(idle), "%d", idle_s);
    const struct db_param params[] = {DB_BYTES(hash, SHA256_BYTES), DB_TEXT(idle)};
    db_query(db, "SELECT * FROM staff_find($1, $2)", params, 2, got_session,
             request_new(callback, context));
}
