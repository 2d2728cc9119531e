#include "db/identity_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "db/db_internal.h"

static void read_person(const struct db_result *rows, int at, struct identity_session *session)
{
    session->participant = (uint32_t)db_int(rows, 0, at + 4);
    session->endpoint = (uint32_t)db_int(rows, 0, at + 5);
    session->role = (Assize__Hearing__V1__Role)db_enum_from_word(
        &assize__hearing__v1__role__descriptor, "ROLE_", db_text(rows, 0, at + 6));
    session->endpoint_kind = (Assize__Hearing__V1__EndpointKind)db_enum_from_word(
        &assize__hearing__v1__endpoint_kind__descriptor, "ENDPOINT_KIND_",
        db_text(rows, 0, at + 7));
    str_copy(session->name, sizeof(session->name), db_text(rows, 0, at + 8));
    str_copy(session->site, sizeof(session->site), db_text(rows, 0, at + 9));
}

/* The columns of live_session from the given one on, in the order of the view. */
static void read_session(const struct db_result *rows, int at, struct identity_session *session)
{
    size_t len;

    *session = (struct identity_session){0};
    const uint8_t *hash = db_bytes(rows, 0, at, &len);
    if (len == SHA256_BYTES)
        memcpy(session->token_hash, hash, SHA256_BYTES);
    str_copy(session->id, sizeof(session->id), db_text(rows, 0, at + 1));
    str_copy(session->link, sizeof(session->link), db_text(rows, 0, at + 2));
    str_copy(session->hearing, sizeof(session->hearing), db_text(rows, 0, at + 3));
    session->gallery = db_null(rows, 0, at + 4);
    if (!session->gallery)
        read_person(rows, at, session);
    str_copy(session->case_number, sizeof(session->case_number), db_text(rows, 0, at + 10));
    str_copy(session->title, sizeof(session->title), db_text(rows, 0, at + 11));
    str_copy(session->court, sizeof(session->court), db_text(rows, 0, at + 12));
    session->scheduled_ms = db_int(rows, 0, at + 13);
    session->expires_ms = db_int(rows, 0, at + 14);
    str_copy(session->summons, sizeof(session->summons), db_text(rows, 0, at + 15));
}

struct request {
    identity_open_callback callback;
    void *context;
};

static struct request *request_new(identity_open_callback callback, void *context)
{
    struct request *request = calloc(1, sizeof(*request));

    if (!request)
        abort();
    *request = (struct request){callback, context};
    return request;
}

static void request_finish(struct request *request, int error, enum refusal refusal,
                           const struct identity_session *session)
{
    request->callback(request->context, error, refusal, session);
    free(request);
}

static void opened(void *context, int error, const struct db_result *rows)
{
    struct identity_session session;

    if (error) {
        request_finish(context, error, REFUSAL_NONE, NULL);
    } else if (!db_null(rows, 0, 0)) {
        request_finish(context, 0, refusal_from_code(db_text(rows, 0, 0)), NULL);
    } else {
        read_session(rows, 1, &session);
        request_finish(context, 0, REFUSAL_NONE, &session);
    }
}

void identity_store_open(struct db *db, const uint8_t link_hash[static SHA256_BYTES],
                         const uint8_t new_hash[static SHA256_BYTES], const uint8_t *old_hash,
                         int hours, identity_open_callback callback, void *context)
{
    char hours_text[16];

    snprintf(hours_text, sizeof(hours_text), "%d", hours);
    const struct db_param params[] = {
        DB_BYTES(link_hash, SHA256_BYTES),
        DB_BYTES(new_hash, SHA256_BYTES),
        DB_BYTES(old_hash, old_hash ? SHA256_BYTES : 0),
        DB_TEXT(hours_text),
    };
    db_query(db, "SELECT refusal, (session).* FROM session_open($1, $2, $3, $4)", params, 4, opened,
             request_new(callback, context));
}

static void found(void *context, int error, const struct db_result *rows)
{
    struct identity_session session;

    if (error) {
        request_finish(context, error, REFUSAL_NONE, NULL);
    } else if (!db_rows(rows)) {
        request_finish(context, 0, REFUSAL_NOT_SIGNED_IN, NULL);
    } else {
        read_session(rows, 0, &session);
        request_finish(context, 0, REFUSAL_NONE, &session);
    }
}

void identity_store_find(struct db *db, const uint8_t hash[static SHA256_BYTES],
                         identity_open_callback callback, void *context)
{
    const struct db_param param = DB_BYTES(hash, SHA256_BYTES);

    db_query(db, "SELECT * FROM live_session WHERE token_hash = $1", &param, 1, found,
             request_new(callback, context));
}

static void ended(void *context, int error, const struct db_result *rows)
{
    (void)rows;
    request_finish(context, error, error ? REFUSAL_NONE : REFUSAL_NOT_SIGNED_IN, NULL);
}

void identity_store_end(struct db *db, const uint8_t hash[static SHA256_BYTES],
                        identity_open_callback callback, void *context)
{
    const struct db_param param = DB_BYTES(hash, SHA256_BYTES);

    db_query(db,
             "UPDATE web_session SET ended_at = now() WHERE token_hash = $1 AND ended_at IS NULL",
             &param, 1, ended, request_new(callback, context));
}
