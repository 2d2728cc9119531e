/* What sources send, on either side. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "db/db_column.h"
#include "db/db_internal.h"
#include "db/exchange_store.h"
#include "db/exchange_turns.h"
#include "proto/codec.h"

enum { NUMBER_SIZE = 24, RECEIPT_MEMORY_MAX = 1 << 20 };

/* ---- the cursor ---- */

struct opening {
    exchange_open_callback callback;
    void *context;
};

static void opened(void *context, int error, const struct db_result *rows)
{
    struct opening *opening = context;
    enum refusal refusal =
        !error && !db_null(rows, 0, 0) ? refusal_from_code(db_text(rows, 0, 0)) : REFUSAL_NONE;

    opening->callback(opening->context, error, refusal, error ? 0 : (uint64_t)db_int(rows, 0, 1));
    free(opening);
}

static void ask_cursor(struct db *db, const char *sql, const struct exchange_source *source,
                       exchange_open_callback callback, void *context)
{
    const struct db_param params[] = {DB_TEXT(source->code), DB_BYTES(source->spki, SHA256_BYTES)};
    struct opening *opening = calloc(1, sizeof(*opening));

    if (!opening)
        abort();
    *opening = (struct opening){callback, context};
    db_query(db, sql, params, 2, opened, opening);
}

void exchange_store_open(struct db *db, const struct exchange_source *source,
                         exchange_open_callback callback, void *context)
{
    ask_cursor(db,
               "SELECT coalesce(organisation_refusal($1, $2), refusal), last_batch"
               " FROM exchange_open($1, organisation_spki($1, $2))",
               source, callback, context);
}

void exchange_store_meet(struct db *db, const struct exchange_source *center,
                         exchange_open_callback callback, void *context)
{
    ask_cursor(db, "SELECT refusal, last_batch FROM exchange_meet($1, $2)", center, callback,
               context);
}

/* ---- taking a batch in ---- */

struct applying {
    exchange_apply_callback callback;
    void *context;
    uint64_t batch_no;
    uint8_t hash[SHA256_BYTES];
};

/* The columns of a batch, in the order of the parameters of exchange_apply: of its cases, then of
 * its records. */
enum column {
    COLUMN_CASES,
    COLUMN_FIRSTS,
    COLUMN_BEGINS,
    COLUMN_LASTS,
    COLUMN_ENDS,
    COLUMN_STANDING,
    COLUMN_PLAIN,
    COLUMN_PLACES,
    COLUMN_KEYS,
    COLUMN_SEQS,
    COLUMN_PREV_HASHES,
    COLUMN_CHANGE_IDS,
    COLUMN_OPS,
    COLUMN_KINDS,
    COLUMN_VERSIONS,
    COLUMN_TIMES,
    COLUMN_PAYLOADS,
    COLUMN_CONTEXTS,
    COLUMN_HASHES,
    COLUMN_FAULTS,
    COLUMN_ENTITIES,
    COLUMN_AGAIN,
    COLUMN_FROMS,
    COLUMN_TOS,
    COLUMN_CORRECTIONS,
    COLUMN_IDS,
    COLUMN_STATUSES,
    COLUMN_ADDRESSEES,
    COLUMN_ABOUTS,
    COLUMN_REASONS,
    COLUMN_PEOPLE,
    COLUMN_REMAINS,
    COLUMN_COUNT
};
enum {
    PARAMS_BEFORE = 6,
    PARAM_MOST = PARAMS_BEFORE + COLUMN_COUNT,
    PARAM_HEADER,
    PARAM_SIGNATURE,
    PARAM_KEY_ID,
    PARAM_ROAD,
    PARAMS_COUNT
};

static const enum db_column_type column_types[COLUMN_COUNT] = {
    [COLUMN_CASES] = DB_COLUMN_TEXT,         [COLUMN_FIRSTS] = DB_COLUMN_BIGINT,
    [COLUMN_BEGINS] = DB_COLUMN_BYTES,       [COLUMN_LASTS] = DB_COLUMN_BIGINT,
    [COLUMN_ENDS] = DB_COLUMN_BYTES,         [COLUMN_STANDING] = DB_COLUMN_TEXT,
    [COLUMN_PLAIN] = DB_COLUMN_INTEGER,      [COLUMN_PLACES] = DB_COLUMN_INTEGER,
    [COLUMN_AGAIN] = DB_COLUMN_INTEGER,      [COLUMN_KEYS] = DB_COLUMN_TEXT,
    [COLUMN_SEQS] = DB_COLUMN_BIGINT,        [COLUMN_PREV_HASHES] = DB_COLUMN_BYTES,
    [COLUMN_CHANGE_IDS] = DB_COLUMN_UUID,    [COLUMN_OPS] = DB_COLUMN_INTEGER,
    [COLUMN_KINDS] = DB_COLUMN_TEXT,         [COLUMN_VERSIONS] = DB_COLUMN_INTEGER,
    [COLUMN_TIMES] = DB_COLUMN_BIGINT,       [COLUMN_PAYLOADS] = DB_COLUMN_BYTES,
    [COLUMN_CONTEXTS] = DB_COLUMN_BYTES,     [COLUMN_HASHES] = DB_COLUMN_BYTES,
    [COLUMN_FAULTS] = DB_COLUMN_TEXT,        [COLUMN_ENTITIES] = DB_COLUMN_UUID,
    [COLUMN_FROMS] = DB_COLUMN_BIGINT,       [COLUMN_TOS] = DB_COLUMN_BIGINT,
    [COLUMN_CORRECTIONS] = DB_COLUMN_BIGINT, [COLUMN_IDS] = DB_COLUMN_TEXT,
    [COLUMN_STATUSES] = DB_COLUMN_TEXT,      [COLUMN_ADDRESSEES] = DB_COLUMN_TEXT,
    [COLUMN_ABOUTS] = DB_COLUMN_BIGINT,      [COLUMN_REASONS] = DB_COLUMN_TEXT,
    [COLUMN_PEOPLE] = DB_COLUMN_BYTES,       [COLUMN_REMAINS] = DB_COLUMN_BYTES,
};

static void add_int_or_null(struct db_column *column, bool there, int64_t value)
{
    if (there)
        db_column_add_int(column, value);
    else
        db_column_add_null(column);
}

static void add_data(struct db_column *column, const ProtobufCBinaryData *data)
{
    db_column_add_bytes(column, data->data, data->len);
}

static void add_case(struct db_column columns[static COLUMN_COUNT],
                     const struct exchange_turns *turns, const struct exchange_case *one)
{
    const Assize__Exchange__V1__Record *first = turns->turns[one->first].record;
    const Assize__Exchange__V1__Record *last = turns->turns[one->end - 1].record;

    db_column_add_text(&columns[COLUMN_CASES], first->case_key);
    db_column_add_int(&columns[COLUMN_FIRSTS], (int64_t)first->seq);
    add_data(&columns[COLUMN_BEGINS], &first->prev_hash);
    db_column_add_int(&columns[COLUMN_LASTS], (int64_t)last->seq);
    add_data(&columns[COLUMN_ENDS], &last->hash);
    db_column_add_text(&columns[COLUMN_STANDING], one->status);
    db_column_add_int(&columns[COLUMN_PLAIN], one->plain);
}

/* Of a record that was redacted, the two hashes that are kept beside what is left. */
static void add_remains(struct db_column *column, const Assize__Exchange__V1__Record *record)
{
    uint8_t kept[2 * SHA256_BYTES];

    if (!record->has_leaf) {
        db_column_add_null(column);
        return;
    }
    memcpy(kept, record->payload_hash.data, SHA256_BYTES);
    memcpy(kept + SHA256_BYTES, record->leaf.data, SHA256_BYTES);
    db_column_add_bytes(column, kept, sizeof(kept));
}

static void add_record(struct db_column columns[static COLUMN_COUNT],
                       const struct exchange_turn *turn)
{
    const Assize__Exchange__V1__Record *record = turn->record;
    const struct exchange_facts *facts = turn->facts;

    db_column_add_int(&columns[COLUMN_PLACES], (int64_t)turn->case_no + 1);
    db_column_add_int(&columns[COLUMN_AGAIN], turn->again);
    db_column_add_text(&columns[COLUMN_KEYS], record->case_key);
    db_column_add_int(&columns[COLUMN_SEQS], (int64_t)record->seq);
    add_data(&columns[COLUMN_PREV_HASHES], &record->prev_hash);
    db_column_add_text(&columns[COLUMN_CHANGE_IDS], record->change_id);
    db_column_add_int(&columns[COLUMN_OPS], record->op);
    db_column_add_text(&columns[COLUMN_KINDS], record->record_type);
    db_column_add_int(&columns[COLUMN_VERSIONS], record->schema_version);
    db_column_add_int(&columns[COLUMN_TIMES], record->recorded_ms);
    add_data(&columns[COLUMN_PAYLOADS], &record->payload);
    add_data(&columns[COLUMN_CONTEXTS], &record->context);
    add_data(&columns[COLUMN_HASHES], &record->hash);
    db_column_add_text(&columns[COLUMN_FAULTS], facts->fault);
    db_column_add_text(&columns[COLUMN_ENTITIES], facts->entity);
    add_int_or_null(&columns[COLUMN_FROMS], facts->has_valid_from, facts->valid_from_ms);
    add_int_or_null(&columns[COLUMN_TOS], facts->has_valid_to, facts->valid_to_ms);
    add_int_or_null(&columns[COLUMN_CORRECTIONS], facts->corrects, (int64_t)facts->corrects);
    db_column_add_text(&columns[COLUMN_IDS], facts->public_id);
    db_column_add_text(&columns[COLUMN_STATUSES], facts->status);
    db_column_add_text(&columns[COLUMN_ADDRESSEES], facts->addressee);
    add_int_or_null(&columns[COLUMN_ABOUTS], facts->about, (int64_t)facts->about);
    db_column_add_text(&columns[COLUMN_REASONS], facts->reason);
    if (facts->named)
        db_column_add_bytes(&columns[COLUMN_PEOPLE], facts->person, PERSON_IDENT_BYTES);
    else
        db_column_add_null(&columns[COLUMN_PEOPLE]);
    add_remains(&columns[COLUMN_REMAINS], record);
}

/* False: there are more than a receipt has room for. */
static bool read_rejections(const struct db_result *rows, struct arena *arena,
                            Assize__Exchange__V1__Receipt *receipt)
{
    int count = db_null(rows, 0, 4) ? 0 : db_rows(rows);
    Assize__Exchange__V1__Rejection *items = arena_alloc(arena, (size_t)count * sizeof(*items) + 1);

    receipt->rejections = arena_alloc(arena, (size_t)count * sizeof(*receipt->rejections) + 1);
    if (!items || !receipt->rejections)
        return false;
    for (int i = 0; i < count; i++) {
        const char *key = db_text(rows, i, 4), *reason = db_text(rows, i, 6);

        assize__exchange__v1__rejection__init(&items[i]);
        items[i].case_key = arena_copy(arena, key, strlen(key));
        items[i].reason = arena_copy(arena, reason, strlen(reason));
        if (!items[i].case_key || !items[i].reason)
            return false;
        struct rejection_info info = rejection_info(items[i].reason);
        items[i].field = codec_text(info.field);
        items[i].connect_code = codec_text(info.connect_code);
        items[i].has_seq = true;
        items[i].seq = (uint64_t)db_int(rows, i, 5);
        receipt->rejections[i] = &items[i];
    }
    receipt->n_rejections = (size_t)count;
    return true;
}

static struct exchange_after read_after(const struct db_result *rows, int column)
{
    return (struct exchange_after){.told = db_text(rows, 0, column),
                                   .due = *db_text(rows, 0, column + 1) == 't',
                                   .failed = ""};
}

static void tell_receipt(struct applying *applying, const struct db_result *rows)
{
    Assize__Exchange__V1__Receipt receipt = ASSIZE__EXCHANGE__V1__RECEIPT__INIT;
    struct exchange_after after = read_after(rows, 7);
    after.again = *db_text(rows, 0, 9) == 't';
    struct arena arena;

    arena_init(&arena, RECEIPT_MEMORY_MAX);
    receipt.receipt_id = db_text_copy(&arena, rows, 0, 1);
    receipt.has_batch_no = receipt.has_batch_hash = receipt.has_received_ms = receipt.has_cursor =
        true;
    receipt.batch_no = applying->batch_no;
    receipt.batch_hash = (ProtobufCBinaryData){.data = applying->hash, .len = SHA256_BYTES};
    receipt.received_ms = db_int(rows, 0, 2);
    receipt.cursor = (uint64_t)db_int(rows, 0, 3);
    if (read_rejections(rows, &arena, &receipt))
        applying->callback(applying->context, 0, REFUSAL_NONE, &receipt, &after);
    else
        applying->callback(applying->context, -EMSGSIZE, REFUSAL_NONE, NULL, NULL);
    arena_done(&arena);
}

static void applied(void *context, int error, const struct db_result *rows)
{
    struct applying *applying = context;

    if (error)
        applying->callback(applying->context, error, REFUSAL_NONE, NULL, NULL);
    else if (!db_null(rows, 0, 0))
        applying->callback(applying->context, 0, refusal_from_code(db_text(rows, 0, 0)), NULL,
                           NULL);
    else
        tell_receipt(applying, rows);
    free(applying);
}

static void add_columns(struct db_column columns[static COLUMN_COUNT],
                        const struct exchange_batch *batch)
{
    struct exchange_turns turns;
    struct exchange_case one;

    for (int i = 0; i < COLUMN_COUNT; i++)
        db_column_open(&columns[i], column_types[i]);
    exchange_turns_make(batch, &turns);
    for (size_t i = 0; i < turns.count; i = one.end) {
        one = exchange_turns_case(&turns, i);
        add_case(columns, &turns, &one);
    }
    for (size_t i = 0; i < turns.count; i++)
        add_record(columns, &turns.turns[i]);
    exchange_turns_free(&turns);
}

void exchange_store_apply(struct db *db, const struct exchange_source *source,
                          const struct exchange_batch *batch, exchange_apply_callback callback,
                          void *context)
{
    struct applying *applying = calloc(1, sizeof(*applying));
    struct db_column columns[COLUMN_COUNT];
    char batch_no[NUMBER_SIZE], most[NUMBER_SIZE];

    if (!applying)
        abort();
    *applying =
        (struct applying){.callback = callback, .context = context, .batch_no = batch->batch_no};
    memcpy(applying->hash, batch->hash, SHA256_BYTES);
    snprintf(batch_no, sizeof(batch_no), "%" PRIu64, batch->batch_no);
    snprintf(most, sizeof(most), "%d", EXCHANGE_RECORDS_MAX);
    struct db_param params[PARAMS_COUNT] = {
        DB_TEXT(source->code),
        DB_BYTES(source->spki, SHA256_BYTES),
        DB_TEXT(batch_no),
        DB_BYTES(batch->hash, SHA256_BYTES),
        DB_BYTES(batch->root, SHA256_BYTES),
        DB_BYTES(batch->prev_root, SHA256_BYTES),
    };
    add_columns(columns, batch);
    for (int i = 0; i < COLUMN_COUNT; i++)
        params[PARAMS_BEFORE + i] = db_column_close(&columns[i]);
    params[PARAM_MOST] = DB_TEXT(most);
    params[PARAM_HEADER] = DB_BYTES(batch->header.data, batch->header.len);
    params[PARAM_SIGNATURE] = DB_BYTES(batch->signature.data, batch->signature.len);
    params[PARAM_KEY_ID] = DB_BYTES(batch->key_id, SHA256_BYTES);
    params[PARAM_ROAD] = DB_TEXT(batch->road);
    db_query(
        db,
        "WITH told AS MATERIALIZED (SELECT * FROM exchange_apply($1, "
        "organisation_spki($1, $2),"
        " $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,"
        " $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, "
        "$37, $38, $39)), kept AS (INSERT INTO batch_signature SELECT receipt_id, $40::bytea, "
        "$41::bytea, $42::bytea,"
        " road_of($43) FROM told WHERE receipt_id IS NOT NULL LIMIT 1 ON CONFLICT DO NOTHING"
        " RETURNING receipt)"
        " SELECT coalesce(organisation_refusal($1, $2), refusal), receipt_id, received_ms,"
        " last_batch, case_key, seq, reason, told, due, NOT EXISTS (SELECT FROM kept) FROM told",
        params, PARAMS_COUNT, applied, applying);
    for (int i = 0; i < COLUMN_COUNT; i++)
        db_column_done(&columns[i]);
}

/* ---- going on with what was held ---- */

struct going_on {
    exchange_go_on_callback callback;
    void *context;
};

static void went_on(void *context, int error, const struct db_result *rows)
{
    struct going_on *going_on = context;
    struct exchange_after after = {0};

    if (!error) {
        after = read_after(rows, 0);
        after.failed = db_text(rows, 0, 2);
    }
    going_on->callback(going_on->context, error, error ? NULL : &after);
    free(going_on);
}

void exchange_store_go_on(struct db *db, exchange_go_on_callback callback, void *context)
{
    struct going_on *going_on = calloc(1, sizeof(*going_on));
    char most[NUMBER_SIZE];

    if (!going_on)
        abort();
    *going_on = (struct going_on){callback, context};
    snprintf(most, sizeof(most), "%d", EXCHANGE_RECORDS_MAX);
    db_query(db, "SELECT told, due, failed FROM exchange_go_on_due($1)", &DB_TEXT(most), 1, went_on,
             going_on);
}

/* ---- how much there is ---- */

struct counting {
    exchange_totals_callback callback;
    void *context;
};

static void counted(void *context, int error, const struct db_result *rows)
{
    struct counting *counting = context;
    struct exchange_totals totals = {0};

    if (!error)
        totals = (struct exchange_totals){.in_effect = db_int(rows, 0, 0),
                                          .held = db_int(rows, 0, 1),
                                          .rejected = db_int(rows, 0, 2)};
    counting->callback(counting->context, error, error ? NULL : &totals);
    free(counting);
}

void exchange_store_totals(struct db *db, exchange_totals_callback callback, void *context)
{
    struct counting *counting = calloc(1, sizeof(*counting));
    char most[NUMBER_SIZE];

    if (!counting)
        abort();
    *counting = (struct counting){callback, context};
    snprintf(most, sizeof(most), "%d", EXCHANGE_HELD_TOLD_MAX);
    db_query(db,
             "SELECT coalesce(sum(records), 0),"
             " (SELECT count(*) FROM (SELECT FROM held LIMIT $1) AS waiting),"
             " coalesce(sum(rejected), 0) FROM source_progress",
             &DB_TEXT(most), 1, counted, counting);
}
