#include "db/access_store.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/person_key.h"
#include "db/db_array.h"
#include "db/db_internal.h"

enum { NUMBER_SIZE = 24 };

static void purpose_word(Assize__Access__V1__Purpose purpose, char word[static ACCESS_WORD_SIZE])
{
    db_enum_to_word(&assize__access__v1__purpose__descriptor, "PURPOSE_", (int)purpose, word,
                    ACCESS_WORD_SIZE);
}

static Assize__Access__V1__Purpose purpose_of(const char *word)
{
    return (Assize__Access__V1__Purpose)db_enum_from_word(&assize__access__v1__purpose__descriptor,
                                                          "PURPOSE_", word);
}

static void service_word(Assize__Access__V1__Service service, char word[static ACCESS_WORD_SIZE])
{
    db_enum_to_word(&assize__access__v1__service__descriptor, "SERVICE_", (int)service, word,
                    ACCESS_WORD_SIZE);
}

void access_store_params(const struct access_caller *caller, char word[static ACCESS_WORD_SIZE],
                         struct db_param params[static ACCESS_PARAMS])
{
    purpose_word(caller->purpose, word);
    params[0] = DB_TEXT(caller->organisation);
    params[1] = caller->account ? DB_TEXT(NULL) : DB_BYTES(caller->spki, SHA256_BYTES);
    params[2] = DB_TEXT(caller->account);
    params[3] = DB_TEXT(word);
    params[4] = DB_TEXT(caller->legal_basis);
    params[5] = DB_TEXT(caller->road);
}

/* ---- rights ---- */

/* An array literal, for buf_done. The types are words of ours by now. */
static void pack_types(struct buf *types, char *const *words, size_t count)
{
    db_array_open(types);
    for (size_t i = 0; i < count; i++)
        db_array_add_word(types, words[i]);
    db_array_close(types);
}

void access_store_grant(struct db *db, const Assize__Access__V1__GrantRequest *request,
                        const char *giver, asking_callback callback, void *context)
{
    char purpose[ACCESS_WORD_SIZE], service[ACCESS_WORD_SIZE], until[NUMBER_SIZE];
    struct buf types;

    purpose_word(request->purpose, purpose);
    service_word(request->service, service);
    snprintf(until, sizeof(until), "%" PRId64, request->until_ms);
    pack_types(&types, request->record_types, request->n_record_types);
    const struct db_param params[] = {DB_TEXT(request->client), DB_TEXT(service),
                                      DB_TEXT(types.data),      DB_TEXT(purpose),
                                      DB_TEXT(until),           DB_TEXT(giver)};
    db_query(db, "SELECT access_grant($1, $2, $3, $4, $5, $6)", params, 6, asking_take_refusal,
             asking_new(callback, context));
    buf_done(&types);
}

void access_store_revoke(struct db *db, const Assize__Access__V1__RevokeRequest *request,
                         const char *taker, asking_callback callback, void *context)
{
    char purpose[ACCESS_WORD_SIZE], service[ACCESS_WORD_SIZE];
    struct buf types;

    purpose_word(request->purpose, purpose);
    service_word(request->service, service);
    pack_types(&types, request->record_types, request->n_record_types);
    const struct db_param params[] = {DB_TEXT(request->client), DB_TEXT(service),
                                      DB_TEXT(types.data), DB_TEXT(purpose), DB_TEXT(taker)};
    db_query(db, "SELECT access_revoke($1, $2, $3, $4, $5)", params, 5, asking_take_refusal,
             asking_new(callback, context));
    buf_done(&types);
}

static void read_right(struct asking *asking, const struct db_result *rows, int row,
                       Assize__Access__V1__Right *right)
{
    right->client = asking_text(asking, rows, row, 0);
    right->has_service = right->has_purpose = right->has_until_ms = right->has_granted_ms = true;
    right->service = (Assize__Access__V1__Service)db_enum_from_word(
        &assize__access__v1__service__descriptor, "SERVICE_", db_text(rows, row, 1));
    right->record_type = asking_text(asking, rows, row, 2);
    right->purpose = purpose_of(db_text(rows, row, 3));
    right->until_ms = db_int(rows, row, 4);
    right->granted_ms = db_int(rows, row, 5);
    right->granted_by = asking_text(asking, rows, row, 6);
}

static void got_rights(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error)) {
        Assize__Access__V1__ListRightsResponse *told =
            asking_message(asking, &assize__access__v1__list_rights_response__descriptor);
        bool more;
        told->rights = asking_list(asking, rows, &assize__access__v1__right__descriptor,
                                   ACCESS_RIGHTS_MAX, &told->n_rights, &more);
        told->has_more = true;
        told->more = more;
        for (size_t i = 0; i < told->n_rights; i++)
            read_right(asking, rows, (int)i, told->rights[i]);
        asking->answer = &told->base;
    }
    asking_finish(asking);
}

void access_store_rights(struct db *db, const char *client, asking_callback callback, void *context)
{
    char limit[NUMBER_SIZE];

    snprintf(limit, sizeof(limit), "%d", ACCESS_RIGHTS_MAX + 1);
    const struct db_param params[] = {DB_TEXT(client), DB_TEXT(limit)};
    db_query(db,
             "SELECT client, service, record_type, purpose, case_ms(until), case_ms(granted_at),"
             " granted_by FROM grant_right WHERE ($1::text IS NULL OR client = $1)"
             " AND withdrawn_at IS NULL AND until > now()"
             " ORDER BY client, service, purpose, record_type LIMIT $2",
             params, 2, got_rights, asking_new(callback, context));
}

void access_store_known(struct db *db, const char *organisation,
                        const uint8_t spki[static SHA256_BYTES], asking_callback callback,
                        void *context)
{
    const struct db_param params[] = {DB_TEXT(organisation), DB_BYTES(spki, SHA256_BYTES)};

    db_query(db,
             "SELECT coalesce(organisation_refusal($1, $2), CASE WHEN NOT EXISTS (SELECT FROM"
             " organisation WHERE code = $1 AND spki = organisation_spki($1, $2)"
             " AND withdrawn_at IS NULL) THEN 'organisation_unknown' END)",
             params, 2, asking_take_refusal, asking_new(callback, context));
}

/* ---- the log ---- */

static void read_access(struct asking *asking, const struct db_result *rows, int row,
                        Assize__Access__V1__Access *access)
{
    access->has_at_ms = access->has_purpose = true;
    access->at_ms = db_int(rows, row, 2);
    access->organisation = asking_text(asking, rows, row, 3);
    access->name = db_null(rows, row, 4) ? NULL : asking_text(asking, rows, row, 4);
    access->method = asking_text(asking, rows, row, 5);
    access->purpose = purpose_of(db_text(rows, row, 6));
    access->purpose_vi = asking_text(asking, rows, row, 7);
    access->purpose_en = asking_text(asking, rows, row, 8);
    access->legal_basis = asking_text(asking, rows, row, 9);
    if (!db_null(rows, row, 10)) {
        access->road_client = asking_text(asking, rows, row, 10);
        access->road_id = asking_text(asking, rows, row, 11);
        access->road_user = asking_text(asking, rows, row, 12);
        access->road_issue = asking_text(asking, rows, row, 13);
    }
}

static void got_who(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;
    bool more;

    if (asking_goes_on(asking, error) && db_rows(rows) && !db_null(rows, 0, 0))
        asking->refusal = refusal_from_code(db_text(rows, 0, 0));
    if (asking_goes_on(asking, error)) {
        Assize__Access__V1__WhoReadMeResponse *told =
            asking_message(asking, &assize__access__v1__who_read_me_response__descriptor);
        told->accesses = asking_list(asking, rows, &assize__access__v1__access__descriptor,
                                     ACCESS_WHO_MAX, &told->n_accesses, &more);
        for (size_t i = 0; i < told->n_accesses; i++)
            read_access(asking, rows, (int)i, told->accesses[i]);
        if (more)
            told->page_token = asking_text(asking, rows, ACCESS_WHO_MAX - 1, 1);
        asking->answer = &told->base;
    }
    asking_finish(asking);
}

void access_store_who(struct db *db, const struct access_caller *caller,
                      const struct access_subject *subject, uint64_t before,
                      asking_callback callback, void *context)
{
    char word[ACCESS_WORD_SIZE], number[NUMBER_SIZE], most[NUMBER_SIZE];
    struct db_param params[ACCESS_PARAMS + 5];

    access_store_params(caller, word, params);
    snprintf(number, sizeof(number), "%" PRIu64, before);
    snprintf(most, sizeof(most), "%d", ACCESS_WHO_MAX);
    params[6] = subject->person ? DB_BYTES(subject->person, PERSON_SEARCH_BYTES) : DB_TEXT(NULL);
    params[7] = DB_TEXT(subject->source);
    params[8] = DB_TEXT(subject->case_key);
    params[9] = DB_TEXT(before ? number : NULL);
    params[10] = DB_TEXT(most);
    db_query(db, "SELECT * FROM access_who(" ACCESS_CALLER ", $7, $8, $9, $10, $11)", params,
             ACCESS_PARAMS + 5, got_who, asking_new(callback, context));
}
