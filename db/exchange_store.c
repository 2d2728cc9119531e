/* The outbox of either side. */
#include "db/exchange_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "db/db_array.h"
#include "proto/codec.h"

enum { NUMBER_SIZE = 24, BATCH_MEMORY_MAX = 1 << 20, ID_TEXT_SIZE = 37 };

struct request {
    union {
        exchange_take_callback take;
        exchange_done_callback done;
        exchange_status_callback status;
        exchange_sleep_callback sleep;
        exchange_line_callback line;
    } callback;
    void *context;
};

static struct request *request_new(struct request request)
{
    struct request *kept = malloc(sizeof(*kept));

    if (!kept)
        abort();
    *kept = request;
    return kept;
}

/* ---- taking a batch ---- */

/* A record lasts no longer than the rows. */
static ProtobufCBinaryData read_bytes(const struct db_result *rows, int row, int column)
{
    ProtobufCBinaryData bytes;

    bytes.data = (uint8_t *)(uintptr_t)db_bytes(rows, row, column, &bytes.len);
    return bytes;
}

static void read_record(const struct db_result *rows, int row, Assize__Exchange__V1__Record *record)
{
    assize__exchange__v1__record__init(record);
    record->change_id = codec_text(db_text(rows, row, 1));
    record->case_key = codec_text(db_text(rows, row, 2));
    record->has_seq = record->has_op = record->has_schema_version = record->has_recorded_ms = true;
    record->has_prev_hash = record->has_payload = record->has_payload_hash = record->has_hash =
        true;
    record->seq = (uint64_t)db_int(rows, row, 3);
    record->prev_hash = read_bytes(rows, row, 4);
    record->op = (Assize__Exchange__V1__Op)db_int(rows, row, 5);
    record->record_type = codec_text(db_text(rows, row, 6));
    record->schema_version = (uint32_t)db_int(rows, row, 7);
    record->recorded_ms = db_int(rows, row, 8);
    record->payload = read_bytes(rows, row, 9);
    record->payload_hash = read_bytes(rows, row, 10);
    record->hash = read_bytes(rows, row, 11);
    record->context = read_bytes(rows, row, 12);
    record->has_context = record->context.len > 0;
    record->has_leaf = !db_null(rows, row, 14);
    if (record->has_leaf) {
        record->leaf = read_bytes(rows, row, 14);
        record->leaf.data += SHA256_BYTES; /* behind the hash of the payload */
        record->leaf.len -= SHA256_BYTES;
    }
}

static void taken(void *context, int error, const struct db_result *rows)
{
    struct request *request = context;
    int count = error ? 0 : db_rows(rows);
    struct exchange_batch batch = {.count = (size_t)count};
    struct arena arena;

    arena_init(&arena, BATCH_MEMORY_MAX);
    Assize__Exchange__V1__Record *records =
        arena_alloc(&arena, (size_t)count * sizeof(*records) + 1);
    batch.records = arena_alloc(&arena, (size_t)count * sizeof(*batch.records) + 1);
    if (!records || !batch.records)
        abort();
    for (int i = 0; i < count; i++) {
        read_record(rows, i, &records[i]);
        batch.records[i] = &records[i];
    }
    batch.batch_no = count ? (uint64_t)db_int(rows, 0, 0) : 0;
    if (count && !db_null(rows, 0, 13))
        memcpy(batch.prev_root, read_bytes(rows, 0, 13).data, SHA256_BYTES);
    request->callback.take(request->context, error, count ? &batch : NULL);
    arena_done(&arena);
    free(request);
}

static void take(struct db *db, const char *target, uint64_t cursor, uint64_t sent,
                 exchange_take_callback callback, void *context)
{
    char after[NUMBER_SIZE], on_way[NUMBER_SIZE], records[NUMBER_SIZE], bytes[NUMBER_SIZE];

    snprintf(after, sizeof(after), "%" PRIu64, cursor);
    snprintf(on_way, sizeof(on_way), "%" PRIu64, sent);
    snprintf(records, sizeof(records), "%d", EXCHANGE_RECORDS_MAX);
    snprintf(bytes, sizeof(bytes), "%d", *target ? EXCHANGE_ANSWER_BYTES : EXCHANGE_BATCH_BYTES);
    const struct db_param params[] = {DB_TEXT(target), DB_TEXT(after), DB_TEXT(on_way),
                                      DB_TEXT(records), DB_TEXT(bytes)};
    db_query_binary(db,
                    "SELECT batch_no, change_id::text, case_key, seq, prev_hash, op, record_type,"
                    " schema_version, recorded_ms, payload, payload_hash, hash, context, prev_root,"
                    " kept"
                    " FROM outbox_take($1, $2, $3, $4, $5)",
                    params, 5, taken,
                    request_new((struct request){.callback.take = callback, .context = context}));
}

void exchange_store_take(struct db *db, const char *target, uint64_t cursor,
                         exchange_take_callback callback, void *context)
{
    take(db, target, cursor, 0, callback, context);
}

void exchange_store_take_after(struct db *db, const char *target, uint64_t sent,
                               exchange_take_callback callback, void *context)
{
    take(db, target, sent, sent, callback, context);
}

/* ---- nothing to take ---- */

static void slept(void *context, int error, const struct db_result *rows)
{
    struct request *request = context;

    request->callback.sleep(request->context, error, !error && *db_text(rows, 0, 0) == 't');
    free(request);
}

void exchange_store_sleep(struct db *db, exchange_sleep_callback callback, void *context)
{
    db_query(db, "SELECT outbox_sleep()", NULL, 0, slept,
             request_new((struct request){.callback.sleep = callback, .context = context}));
}

/* Waking: when it failed, the connection that was to be notified is gone as well. Tidying is done
 * again. */
static void ignored(void *context, int error, const struct db_result *rows)
{
    (void)context;
    (void)error;
    (void)rows;
}

void exchange_store_wake(struct db *db)
{
    db_query(db, "SELECT outbox_wake()", NULL, 0, ignored, NULL);
}

void exchange_store_tidy(struct db *db)
{
    db_query(db, "VACUUM (SKIP_LOCKED, TRUNCATE OFF) outbox_waiting", NULL, 0, ignored, NULL);
}

/* ---- the receiver's answer ---- */

static void done(void *context, int error, const struct db_result *rows)
{
    struct request *request = context;

    (void)rows;
    request->callback.done(request->context, error);
    free(request);
}

void exchange_store_answered(struct db *db, const char *target,
                             const Assize__Exchange__V1__Receipt *receipt,
                             const uint8_t root[static SHA256_BYTES],
                             exchange_done_callback callback, void *context)
{
    char batch[NUMBER_SIZE], time[NUMBER_SIZE];
    struct buf keys, seqs, reasons;

    db_array_open(&keys);
    db_array_open(&seqs);
    db_array_open(&reasons);
    for (size_t i = 0; i < receipt->n_rejections; i++) {
        db_array_add_word(&keys, receipt->rejections[i]->case_key);
        db_array_add_int(&seqs, (int64_t)receipt->rejections[i]->seq);
        db_array_add_word(&reasons, receipt->rejections[i]->reason);
    }
    db_array_close(&keys);
    db_array_close(&seqs);
    db_array_close(&reasons);
    snprintf(batch, sizeof(batch), "%" PRIu64, receipt->batch_no);
    snprintf(time, sizeof(time), "%" PRId64, receipt->received_ms);
    const struct db_param params[] = {
        DB_TEXT(target),
        DB_TEXT(batch),
        DB_TEXT(receipt->receipt_id),
        DB_BYTES(receipt->batch_hash.data, receipt->batch_hash.len),
        DB_BYTES(root, SHA256_BYTES),
        DB_TEXT(time),
        DB_TEXT(keys.data),
        DB_TEXT(seqs.data),
        DB_TEXT(reasons.data),
    };
    db_query(db, "SELECT outbox_answered($1, $2, $3, $4, $5, $6, $7, $8, $9)", params, 9, done,
             request_new((struct request){.callback.done = callback, .context = context}));
    buf_done(&keys);
    buf_done(&seqs);
    buf_done(&reasons);
}

/* ---- how far it is ---- */

static void told(void *context, int error, const struct db_result *rows)
{
    Assize__Exchange__V1__SyncStatus status = ASSIZE__EXCHANGE__V1__SYNC_STATUS__INIT;
    struct request *request = context;
    char receipt[ID_TEXT_SIZE];

    status.has_state = true;
    if (!error && db_rows(rows)) {
        status.has_recorded_ms = true;
        status.recorded_ms = db_int(rows, 0, 0);
        status.has_received_ms = !db_null(rows, 0, 1);
        status.received_ms = db_int(rows, 0, 1);
        snprintf(receipt, sizeof(receipt), "%s", db_text(rows, 0, 2));
        status.receipt_id = status.has_received_ms ? receipt : NULL;
        status.state = !db_null(rows, 0, 3) ? ASSIZE__EXCHANGE__V1__SYNC_STATE__SYNC_STATE_REFUSED
                       : status.has_received_ms
                           ? ASSIZE__EXCHANGE__V1__SYNC_STATE__SYNC_STATE_RECEIVED
                           : ASSIZE__EXCHANGE__V1__SYNC_STATE__SYNC_STATE_WAITING;
    }
    request->callback.status(request->context, error, error ? NULL : &status);
    free(request);
}

void exchange_store_status(struct db *db, const char *hearing, exchange_status_callback callback,
                           void *context)
{
    const struct db_param params[] = {DB_TEXT(hearing)};

    db_query(db,
             "SELECT recorded_ms, received_ms, receipt_id, refused FROM outbox_state"
             " WHERE hearing = $1 ORDER BY number DESC LIMIT 1",
             params, 1, told,
             request_new((struct request){.callback.status = callback, .context = context}));
}

/* ---- whether the centre may be called ---- */

static void line_found(void *context, int error, const struct db_result *rows)
{
    struct request *request = context;
    bool held = !error && db_rows(rows);
    struct exchange_disconnection found = {0};

    if (held)
        found = (struct exchange_disconnection){.began_ms = db_int(rows, 0, 0),
                                                .until_ms = db_int(rows, 0, 1),
                                                .left_ms = db_int(rows, 0, 2),
                                                .who = db_text(rows, 0, 3),
                                                .why = db_text(rows, 0, 4)};
    request->callback.line(request->context, error, held ? &found : NULL);
    free(request);
}

/* When it failed, so does the question behind it. */
static void listening(void *context, int error, const struct db_result *rows)
{
    (void)context;
    (void)error;
    (void)rows;
}

void exchange_store_line(struct db *db, exchange_line_callback callback, void *context)
{
    db_query(db,
             "SELECT (extract(epoch FROM began_at) * 1000)::bigint,"
             " (extract(epoch FROM until) * 1000)::bigint,"
             " ceil(extract(epoch FROM until - clock_timestamp()) * 1000)::bigint, who, why"
             " FROM disconnection_now()",
             NULL, 0, line_found,
             request_new((struct request){.callback.line = callback, .context = context}));
}

void exchange_store_follow_line(struct db *db, exchange_line_callback callback, void *context)
{
    db_query(db, "LISTEN " EXCHANGE_LINE_CHANNEL, NULL, 0, listening, NULL);
    exchange_store_line(db, callback, context);
}
