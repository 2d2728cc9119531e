#include "db/case_store.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/db_internal.h"
#include "db/exchange_store.h"
#include "proto/codec.h"

enum { NUMBER_SIZE = 24, PARAMS_MAX = ACCESS_PARAMS + 10 };

/* The first row's refusal, if it has one; false: there is nothing to be read. */
static bool goes_on(struct asking *asking, int error, const struct db_result *rows)
{
    if (asking_goes_on(asking, error) && db_rows(rows) && !db_null(rows, 0, 0))
        asking->refusal = refusal_from_code(db_text(rows, 0, 0));
    return asking_goes_on(asking, error);
}

/* The bytes of a value, which last as long as the rows. */
static ProtobufCBinaryData bytes_at(const struct db_result *rows, int row, int column)
{
    size_t len;
    const uint8_t *data = db_bytes(rows, row, column, &len);

    return (ProtobufCBinaryData){.data = (uint8_t *)(uintptr_t)data, .len = len};
}

static char *make_token(struct asking *asking, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static char *make_token(struct asking *asking, const char *format, ...)
{
    char *token = asking_alloc(asking, ACCESS_TOKEN_MAX + 1);
    va_list arguments;

    va_start(arguments, format);
    int n = vsnprintf(token, ACCESS_TOKEN_MAX + 1, format, arguments);
    va_end(arguments);
    if (n < 0 || n > ACCESS_TOKEN_MAX)
        abort(); /* identifiers, codes and keys have limits of their own */
    return token;
}

/* ---- of one case ---- */

enum column {
    COLUMN_REFUSAL,
    COLUMN_SOURCE,
    COLUMN_CASE,
    COLUMN_KIND,
    COLUMN_ENTITY,
    COLUMN_SEQ,
    COLUMN_CHANGE,
    COLUMN_RECORDED,
    COLUMN_VALID_FROM,
    COLUMN_VALID_TO,
    COLUMN_KNOWN_FROM,
    COLUMN_KNOWN_TO,
    COLUMN_PAYLOAD,
    COLUMN_LEFT,
    COLUMN_VALID_AT,
    COLUMN_KNOWN_AT,
    COLUMN_ORDER,
    COLUMN_REDACTED_BY,
    COLUMN_REDACTED_AT,
    COLUMN_LEGAL_BASIS,
    COLUMN_CONTEXT
};

struct reading {
    struct asking *asking;
    uint64_t skip;
    bool history;
};

Assize__Cases__V1__Redaction *
case_store_redaction(struct asking *asking, const struct db_result *rows, int row, int column)
{
    if (db_null(rows, row, column))
        return NULL;
    Assize__Cases__V1__Redaction *redaction =
        asking_message(asking, &assize__cases__v1__redaction__descriptor);
    redaction->has_redacted_by = redaction->has_at_ms = true;
    redaction->redacted_by = (uint64_t)db_int(rows, row, column);
    redaction->at_ms = db_int(rows, row, column + 1);
    redaction->legal_basis = asking_text(asking, rows, row, column + 2);
    return redaction;
}

/* On what ground it was written, and how sensitive it is; what cannot be read says neither. */
static void read_context(struct asking *asking, const struct db_result *rows, int row,
                         Assize__Cases__V1__KnownRecord *record)
{
    const ProtobufCBinaryData packed = bytes_at(rows, row, COLUMN_CONTEXT);
    struct arena arena;

    if (!packed.len)
        return;
    arena_init(&arena, codec_arena_max(packed.len));
    const Assize__Exchange__V1__RecordContext *context = codec_unpack(
        &assize__exchange__v1__record_context__descriptor, &arena, packed.data, packed.len);
    size_t len = context && context->legal_basis ? strlen(context->legal_basis) : 0;
    if (len && len <= EXCHANGE_BASIS_MAX) {
        record->legal_basis = asking_alloc(asking, len + 1);
        memcpy(record->legal_basis, context->legal_basis, len + 1);
    }
    if (context && context->has_sensitivity) {
        record->has_sensitivity = true;
        record->sensitivity = context->sensitivity;
    }
    arena_done(&arena);
}

static void read_record(struct asking *asking, const struct db_result *rows, int row,
                        Assize__Cases__V1__KnownRecord *record)
{
    record->source = asking_text(asking, rows, row, COLUMN_SOURCE);
    record->case_key = asking_text(asking, rows, row, COLUMN_CASE);
    record->record_type = asking_text(asking, rows, row, COLUMN_KIND);
    record->entity = asking_text(asking, rows, row, COLUMN_ENTITY);
    record->change_id = asking_text(asking, rows, row, COLUMN_CHANGE);
    record->has_seq = record->has_recorded_ms = record->has_known_from_ms = record->has_record =
        true;
    record->seq = (uint64_t)db_int(rows, row, COLUMN_SEQ);
    record->recorded_ms = db_int(rows, row, COLUMN_RECORDED);
    record->has_valid_from_ms = !db_null(rows, row, COLUMN_VALID_FROM);
    record->valid_from_ms = db_int(rows, row, COLUMN_VALID_FROM);
    record->has_valid_to_ms = !db_null(rows, row, COLUMN_VALID_TO);
    record->valid_to_ms = db_int(rows, row, COLUMN_VALID_TO);
    record->known_from_ms = db_int(rows, row, COLUMN_KNOWN_FROM);
    record->has_known_to_ms = !db_null(rows, row, COLUMN_KNOWN_TO);
    record->known_to_ms = db_int(rows, row, COLUMN_KNOWN_TO);
    record->record = bytes_at(rows, row, COLUMN_PAYLOAD);
    record->redaction = case_store_redaction(asking, rows, row, COLUMN_REDACTED_BY);
    read_context(asking, rows, row, record);
}

static void read_records(struct reading *reading, const struct db_result *rows,
                         Assize__Cases__V1__KnownRecord ***ret_records, size_t *ret_count,
                         char **ret_token)
{
    struct asking *asking = reading->asking;
    int count = db_rows(rows);

    *ret_records = asking_messages(asking, &assize__cases__v1__known_record__descriptor, count);
    *ret_count = (size_t)count;
    for (int i = 0; i < count; i++)
        read_record(asking, rows, i, (*ret_records)[i]);
    if (count && db_int(rows, 0, COLUMN_LEFT) > count)
        *ret_token =
            make_token(asking, "%" PRIu64 " %s %s", reading->skip + (uint64_t)count,
                       db_null(rows, 0, COLUMN_VALID_AT) ? "-" : db_text(rows, 0, COLUMN_VALID_AT),
                       db_text(rows, 0, COLUMN_KNOWN_AT));
}

static void got_records(void *context, int error, const struct db_result *rows)
{
    struct reading *reading = context;
    struct asking *asking = reading->asking;

    if (goes_on(asking, error, rows) && reading->history) {
        Assize__Cases__V1__HistoryResponse *told =
            asking_message(asking, &assize__cases__v1__history_response__descriptor);
        read_records(reading, rows, &told->versions, &told->n_versions, &told->page_token);
        asking->answer = &told->base;
    } else if (asking_goes_on(asking, error)) {
        Assize__Cases__V1__GetResponse *told =
            asking_message(asking, &assize__cases__v1__get_response__descriptor);
        read_records(reading, rows, &told->records, &told->n_records, &told->page_token);
        asking->answer = &told->base;
    }
    asking_finish(asking);
    free(reading);
}

static void read_case(struct db *db, const struct access_caller *caller,
                      const struct case_wish *wish, bool history, asking_callback callback,
                      void *context)
{
    char word[ACCESS_WORD_SIZE], valid[NUMBER_SIZE], known[NUMBER_SIZE], skip[NUMBER_SIZE];
    char most[NUMBER_SIZE], bytes[NUMBER_SIZE];
    struct reading *reading = calloc(1, sizeof(*reading));
    struct db_param params[PARAMS_MAX];

    if (!reading)
        abort();
    *reading = (struct reading){asking_new(callback, context), wish->skip, history};
    access_store_params(caller, word, params);
    snprintf(valid, sizeof(valid), "%" PRId64, wish->valid_at_ms);
    snprintf(known, sizeof(known), "%" PRId64, wish->known_at_ms);
    snprintf(skip, sizeof(skip), "%" PRIu64, wish->skip);
    snprintf(most, sizeof(most), "%d", CASE_RECORDS_MAX);
    snprintf(bytes, sizeof(bytes), "%d", CASE_RECORDS_BYTES);
    params[6] = DB_TEXT(history ? "History" : "Get");
    params[7] = DB_TEXT(wish->source);
    params[8] = DB_TEXT(wish->case_key);
    params[9] = DB_TEXT(wish->public_id);
    params[10] = DB_TEXT(wish->entity);
    params[11] = DB_TEXT(wish->has_valid_at ? valid : NULL);
    params[12] = DB_TEXT(wish->has_known_at ? known : NULL);
    params[13] = DB_TEXT(skip);
    params[14] = DB_TEXT(most);
    params[15] = DB_TEXT(bytes);
    db_query(db,
             "SELECT t.*, d.redacted_by, d.at_ms, d.legal_basis, coalesce("
             "(SELECT context FROM inbox i WHERE i.source = t.source AND i.case_key = t.case_key"
             " AND i.seq = t.seq), (SELECT context FROM outbox o WHERE o.target = ''"
             " AND o.case_key = t.case_key AND o.seq = t.seq)) FROM case_read(" ACCESS_CALLER
             ", $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) WITH ORDINALITY AS t"
             " LEFT JOIN redaction d USING (source, case_key, seq) ORDER BY t.ordinality",
             params, PARAMS_MAX, got_records, reading);
}

void case_store_get(struct db *db, const struct access_caller *caller, const struct case_wish *wish,
                    asking_callback callback, void *context)
{
    read_case(db, caller, wish, false, callback, context);
}

void case_store_history(struct db *db, const struct access_caller *caller,
                        const struct case_wish *wish, asking_callback callback, void *context)
{
    read_case(db, caller, wish, true, callback, context);
}

/* ---- searching ---- */

static void read_found(struct asking *asking, const struct db_result *rows, int row,
                       Assize__Cases__V1__FoundCase *found)
{
    found->source = asking_text(asking, rows, row, 1);
    found->case_key = asking_text(asking, rows, row, 2);
    found->public_id = db_null(rows, row, 3) ? NULL : asking_text(asking, rows, row, 3);
    found->has_status = true;
    found->has_recorded_ms = found->has_record = !db_null(rows, row, 6);
    found->status = (Assize__Exchange__V1__CaseStatus)db_enum_from_word(
        &assize__exchange__v1__case_status__descriptor, "CASE_STATUS_", db_text(rows, row, 4));
    found->recorded_ms = db_int(rows, row, 5);
    if (found->has_record)
        found->record = bytes_at(rows, row, 6);
}

/* The rows that there was room for; *ret_more: there are others. */
static Assize__Cases__V1__SearchResponse *
read_all_found(struct asking *asking, const struct db_result *rows, bool *ret_more)
{
    Assize__Cases__V1__SearchResponse *told =
        asking_message(asking, &assize__cases__v1__search_response__descriptor);
    int count = db_rows(rows);

    told->cases = asking_messages(asking, &assize__cases__v1__found_case__descriptor, count);
    told->n_cases = (size_t)count;
    for (int i = 0; i < count; i++)
        read_found(asking, rows, i, told->cases[i]);
    *ret_more = count && db_int(rows, 0, 7) > count;
    asking->answer = &told->base;
    return told;
}

static void got_found(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;
    bool more;

    if (goes_on(asking, error, rows)) {
        Assize__Cases__V1__SearchResponse *told = read_all_found(asking, rows, &more);
        int count = (int)told->n_cases;
        if (more)
            told->page_token = make_token(asking, "%s %s %s", db_text(rows, count - 1, 3),
                                          db_text(rows, count - 1, 1), db_text(rows, count - 1, 2));
    }
    asking_finish(asking);
}

void case_store_search(struct db *db, const struct access_caller *caller,
                       const struct case_search *search, asking_callback callback, void *context)
{
    char word[ACCESS_WORD_SIZE], status[ACCESS_WORD_SIZE], most[NUMBER_SIZE], bytes[NUMBER_SIZE];
    struct db_param params[PARAMS_MAX];

    access_store_params(caller, word, params);
    db_enum_to_word(&assize__exchange__v1__case_status__descriptor, "CASE_STATUS_",
                    (int)search->status, status, sizeof(status));
    snprintf(most, sizeof(most), "%u", search->most);
    snprintf(bytes, sizeof(bytes), "%d", CASE_RECORDS_BYTES);
    params[6] = search->person ? DB_BYTES(search->person, PERSON_SEARCH_BYTES) : DB_TEXT(NULL);
    params[7] = DB_TEXT(search->public_id);
    params[8] = DB_TEXT(search->number);
    params[9] = DB_TEXT(search->court);
    params[10] = DB_TEXT(search->status ? status : NULL);
    params[11] = DB_TEXT(search->after_id);
    params[12] = DB_TEXT(search->after_source);
    params[13] = DB_TEXT(search->after_case);
    params[14] = DB_TEXT(most);
    params[15] = DB_TEXT(bytes);
    db_query(db,
             "SELECT * FROM case_search(" ACCESS_CALLER
             ", $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
             params, PARAMS_MAX, got_found, asking_new(callback, context));
}

/* ---- the cases of a court, for its staff ---- */

static void got_list(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;
    bool more;

    if (goes_on(asking, error, rows)) {
        Assize__Cases__V1__SearchResponse *told = read_all_found(asking, rows, &more);
        for (size_t i = 0; i < told->n_cases; i++) {
            told->cases[i]->number = asking_text(asking, rows, (int)i, 8);
            told->cases[i]->title = asking_text(asking, rows, (int)i, 9);
        }
        if (more)
            told->page_token = told->cases[told->n_cases - 1]->case_key;
    }
    asking_finish(asking);
}

void case_store_list(struct db *db, const struct access_caller *caller,
                     const struct case_search *search, asking_callback callback, void *context)
{
    char word[ACCESS_WORD_SIZE], status[ACCESS_WORD_SIZE], most[NUMBER_SIZE], bytes[NUMBER_SIZE];
    struct db_param params[ACCESS_PARAMS + 7];

    access_store_params(caller, word, params);
    db_enum_to_word(&assize__exchange__v1__case_status__descriptor, "CASE_STATUS_",
                    (int)search->status, status, sizeof(status));
    snprintf(most, sizeof(most), "%u", search->most);
    snprintf(bytes, sizeof(bytes), "%d", CASE_RECORDS_BYTES);
    params[6] = search->person ? DB_BYTES(search->person, PERSON_SEARCH_BYTES) : DB_TEXT(NULL);
    params[7] = DB_TEXT(search->party_name);
    params[8] = DB_TEXT(search->number_begins);
    params[9] = DB_TEXT(search->status ? status : NULL);
    params[10] = DB_TEXT(search->after_case);
    params[11] = DB_TEXT(most);
    params[12] = DB_TEXT(bytes);
    db_query(db, "SELECT * FROM case_list(" ACCESS_CALLER ", $7, $8, $9, $10, $11, $12, $13)",
             params, ACCESS_PARAMS + 7, got_list, asking_new(callback, context));
}

/* ---- somebody as a party ---- */

struct prefilling {
    case_said_callback callback;
    void *context;
};

static void got_said(void *context, int error, const struct db_result *rows)
{
    struct prefilling *prefilling = context;
    struct case_said said[CASE_PREFILL_RECORDS];
    enum refusal refusal = REFUSAL_NONE;
    int count = error ? 0 : db_rows(rows);

    if (count && !db_null(rows, 0, 0))
        refusal = refusal_from_code(db_text(rows, 0, 0));
    if (refusal)
        count = 0;
    for (int i = 0; i < count; i++) {
        said[i].source = db_text(rows, i, 1);
        said[i].recorded_ms = db_int(rows, i, 2);
        said[i].payload = db_bytes(rows, i, 3, &said[i].len);
    }
    prefilling->callback(prefilling->context, error, refusal, said, (size_t)count);
    free(prefilling);
}

void case_store_prefill(struct db *db, const struct access_caller *caller, const uint8_t *person,
                        const char *asker, case_said_callback callback, void *context)
{
    char word[ACCESS_WORD_SIZE], most[NUMBER_SIZE];
    struct prefilling *prefilling = malloc(sizeof(*prefilling));
    struct db_param params[ACCESS_PARAMS + 3];

    if (!prefilling)
        abort();
    *prefilling = (struct prefilling){callback, context};
    access_store_params(caller, word, params);
    snprintf(most, sizeof(most), "%d", CASE_PREFILL_RECORDS);
    params[6] = DB_BYTES(person, PERSON_SEARCH_BYTES);
    params[7] = DB_TEXT(asker);
    params[8] = DB_TEXT(most);
    db_query(db, "SELECT * FROM case_prefill(" ACCESS_CALLER ", $7, $8, $9)", params,
             ACCESS_PARAMS + 3, got_said, prefilling);
}

static void got_seq(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (goes_on(asking, error, rows)) {
        Assize__Cases__V1__AddPartyResponse *told =
            asking_message(asking, &assize__cases__v1__add_party_response__descriptor);
        told->has_seq = true;
        told->seq = (uint64_t)db_int(rows, 0, 1);
        asking->answer = &told->base;
    }
    asking_finish(asking);
}

void case_store_add_party(struct db *db, const struct access_caller *caller,
                          const struct case_party *party, asking_callback callback, void *context)
{
    char word[ACCESS_WORD_SIZE];
    struct db_param params[ACCESS_PARAMS + 6];

    access_store_params(caller, word, params);
    params[6] = DB_TEXT(party->case_key);
    params[7] = DB_TEXT(party->change_id);
    params[8] = DB_BYTES(party->payload, party->len);
    params[9] = DB_TEXT(party->name);
    params[10] = party->person ? DB_BYTES(party->person, PERSON_IDENT_BYTES) : DB_TEXT(NULL);
    params[11] = DB_TEXT(party->beside ? "t" : "f");
    db_query(db, "SELECT * FROM party_add(" ACCESS_CALLER ", $7, $8, $9, $10, $11, $12)", params,
             ACCESS_PARAMS + 6, got_seq, asking_new(callback, context));
}
