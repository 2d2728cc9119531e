#include "db/account_store.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "db/db_internal.h"

enum { NUMBER_SIZE = 16 };

/* Who asked, and for what. */
struct request {
    union {
        account_session_callback session;
        account_begin_callback begin;
        account_sessions_callback sessions;
        account_end_callback end;
    } callback;
    void *context;
};

static struct request *request_new(struct request filled)
{
    struct request *request = calloc(1, sizeof(*request));

    if (!request)
        abort();
    *request = filled;
    return request;
}

static struct request request_take(void *context)
{
    struct request request = *(struct request *)context;

    free(context);
    return request;
}

/* ---- one session ---- */

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
    const struct request request = request_take(context);
    struct staff_session session;
    bool found = !error && db_rows(rows) == 1;

    if (found)
        read_session(rows, &session);
    request.callback.session(request.context, error, found ? &session : NULL);
}

void account_store_find(struct db *db, const uint8_t token[static SHA256_BYTES],
                        account_session_callback callback, void *context)
{
    char idle[NUMBER_SIZE];

    snprintf(idle, sizeof(idle), "%d", ACCOUNT_IDLE_S);
    const struct db_param params[] = {DB_BYTES(token, SHA256_BYTES), DB_TEXT(idle)};
    db_query(db, "SELECT * FROM staff_find($1, $2)", params, 2, got_session,
             request_new((struct request){{.session = callback}, context}));
}

/* ---- signing in ---- */

static void begun(void *context, int error, const struct db_result *rows)
{
    const struct request request = request_take(context);

    if (error)
        request.callback.begin(request.context, error, 0, "", "");
    else
        request.callback.begin(request.context, 0, (int)db_int(rows, 0, 0), db_text(rows, 0, 1),
                               db_text(rows, 0, 2));
}

void account_store_begin(struct db *db, const char *login, const char *address,
                         account_begin_callback callback, void *context)
{
    const struct db_param params[] = {DB_TEXT(login), DB_TEXT(address)};

    db_query(db, "SELECT wait_s, account, password FROM sign_in_begin($1, $2)", params, 2, begun,
             request_new((struct request){{.begin = callback}, context}));
}

void account_store_done(struct db *db, const struct account_sign_in *sign_in,
                        account_session_callback callback, void *context)
{
    char hours[NUMBER_SIZE], idle[NUMBER_SIZE], most[NUMBER_SIZE];

    snprintf(hours, sizeof(hours), "%d", sign_in->hours);
    snprintf(idle, sizeof(idle), "%d", ACCOUNT_IDLE_S);
    snprintf(most, sizeof(most), "%d", ACCOUNT_SESSIONS_MAX);
    const struct db_param params[] = {
        DB_TEXT(sign_in->account),
        DB_TEXT(sign_in->hash),
        DB_TEXT(*sign_in->fresh ? sign_in->fresh : NULL),
        DB_TEXT(sign_in->changed ? "t" : "f"),
        DB_BYTES(sign_in->token, SHA256_BYTES),
        DB_TEXT(sign_in->address),
        DB_TEXT(sign_in->agent),
        DB_TEXT(hours),
        DB_TEXT(idle),
        DB_TEXT(most),
    };
    db_query(db, "SELECT * FROM sign_in_done($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", params, 10,
             got_session, request_new((struct request){{.session = callback}, context}));
}

/* ---- sessions ---- */

static void got_sessions(void *context, int error, const struct db_result *rows)
{
    const struct request request = request_take(context);
    struct account_session_row list[ACCOUNT_SESSIONS_MAX];
    size_t count = 0;

    for (int row = 0; !error && row < db_rows(rows) && count < ACCOUNT_SESSIONS_MAX; row++) {
        struct account_session_row *one = &list[count++];
        str_copy(one->id, sizeof(one->id), db_text(rows, row, 0));
        str_copy(one->address, sizeof(one->address), db_text(rows, row, 1));
        str_copy(one->agent, sizeof(one->agent), db_text(rows, row, 2));
        one->created_ms = db_int(rows, row, 3);
        one->seen_ms = db_int(rows, row, 4);
        one->expires_ms = db_int(rows, row, 5);
    }
    request.callback.sessions(request.context, error, list, count);
}

void account_store_sessions(struct db *db, const char *login, account_sessions_callback callback,
                            void *context)
{
    const struct db_param params[] = {DB_TEXT(login)};

    db_query(db, ACCOUNT_SESSIONS_QUERY, params, 1, got_sessions,
             request_new((struct request){{.sessions = callback}, context}));
}

static void ended(void *context, int error, const struct db_result *rows)
{
    const struct request request = request_take(context);

    request.callback.end(request.context, error, !error && db_rows(rows) > 0);
}

void account_store_end_token(struct db *db, const uint8_t token[static SHA256_BYTES],
                             account_end_callback callback, void *context)
{
    const struct db_param param = DB_BYTES(token, SHA256_BYTES);

    db_query(db,
             "UPDATE staff_session SET ended_at = coalesce(ended_at, now()) WHERE token_hash = $1"
             " RETURNING id",
             &param, 1, ended, request_new((struct request){{.end = callback}, context}));
}

void account_store_end(struct db *db, const char *session, const char *account,
                       account_end_callback callback, void *context)
{
    const struct db_param params[] = {DB_TEXT(session), DB_TEXT(*account ? account : NULL)};

    db_query(db,
             "UPDATE staff_session SET ended_at = coalesce(ended_at, now())"
             " WHERE id = $1 AND account = coalesce($2, account) RETURNING id",
             params, 2, ended, request_new((struct request){{.end = callback}, context}));
}
