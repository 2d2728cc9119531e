/* Records of a case as a court makes them, and courts that push them, against a real PostgreSQL.
 * The file that includes this calls take_begin and take_end. */
#ifndef ASSIZE_TESTS_TAKE_FIXTURE_H
#define ASSIZE_TESTS_TAKE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "assize/cases/v1/cases.pb-c.h"
#include "base/clock.h"
#include "server/exchange/batch.h"
#include "tests/unit/cluster.h"
#include "tests/unit/signer_fixture.h"

enum { RECORDS = 48, PACKED_SIZE = 256 };

static struct cluster cluster;
static struct client client;
static struct signer *signer;

/* ---- records ---- */

/* A record with its memory. */
struct made {
    Assize__Exchange__V1__Record record;
    char change[ID_UUID_SIZE], key[16];
    uint8_t payload[PACKED_SIZE], context[PACKED_SIZE];
    uint8_t prev[SHA256_BYTES], payload_hash[SHA256_BYTES], hash[SHA256_BYTES];
};

struct wish {
    const char *key;
    uint64_t seq;
    int entity; /* which thing of the case */
    int words;  /* what is said of it: 1 to 28 */
    bool poison;
    uint64_t corrects;
    Assize__Exchange__V1__Op op; /* 0: UPSERT */
    int64_t valid_from_ms;       /* 0: when it is recorded */
};

static inline size_t pack_event(const struct wish *wish, uint8_t out[static PACKED_SIZE])
{
    Assize__Cases__V1__CaseRecord record = ASSIZE__CASES__V1__CASE_RECORD__INIT;
    Assize__Cases__V1__CaseEvent event = ASSIZE__CASES__V1__CASE_EVENT__INIT;
    char entity[ID_UUID_SIZE], day[16], kind[] = "filed";

    snprintf(entity, sizeof(entity), "0192f0c1-2b3c-7d4e-8f50-%012x", (unsigned)wish->entity);
    snprintf(day, sizeof(day), "2026-02-%02u", wish->poison ? 31 : (unsigned)wish->words);
    record.entity = entity;
    record.body_case = ASSIZE__CASES__V1__CASE_RECORD__BODY_EVENT;
    record.event = &event;
    event.at = day;
    event.kind = kind;
    return protobuf_c_message_pack(&record.base, out);
}

static inline size_t pack_context(const struct wish *wish, uint8_t out[static PACKED_SIZE])
{
    Assize__Exchange__V1__RecordContext context = ASSIZE__EXCHANGE__V1__RECORD_CONTEXT__INIT;

    context.has_corrects = wish->corrects > 0;
    context.corrects = wish->corrects;
    context.has_valid_from_ms = wish->valid_from_ms != 0;
    context.valid_from_ms = wish->valid_from_ms;
    return protobuf_c_message_pack(&context.base, out);
}

/* before: the record of the case that it follows, or NULL. */
static inline void make(struct made *made, const struct wish *wish, const struct made *before)
{
    static char type[] = "event";
    Assize__Exchange__V1__Record *record = &made->record;

    *made = (struct made){0};
    assize__exchange__v1__record__init(record);
    id_uuid(made->change);
    snprintf(made->key, sizeof(made->key), "%s", wish->key);
    if (before)
        memcpy(made->prev, before->hash, SHA256_BYTES);
    record->change_id = made->change;
    record->case_key = made->key;
    record->record_type = type;
    record->has_seq = record->has_op = record->has_schema_version = record->has_recorded_ms =
        record->has_payload = record->has_prev_hash = record->has_payload_hash = record->has_hash =
            true;
    record->seq = wish->seq;
    record->op = wish->op ? wish->op : ASSIZE__EXCHANGE__V1__OP__OP_UPSERT;
    record->schema_version = 1;
    record->recorded_ms = 1760000000000 + (int64_t)wish->seq * 1000;
    record->payload = (ProtobufCBinaryData){pack_event(wish, made->payload), made->payload};
    record->context = (ProtobufCBinaryData){pack_context(wish, made->context), made->context};
    record->has_context = record->context.len > 0;
    record->prev_hash = (ProtobufCBinaryData){SHA256_BYTES, made->prev};
    record->payload_hash = (ProtobufCBinaryData){SHA256_BYTES, made->payload_hash};
    record->hash = (ProtobufCBinaryData){SHA256_BYTES, made->hash};
    sha256(record->payload.data, record->payload.len, made->payload_hash);
    batch_record_hash(record, made->hash);
}

/* ---- sources that push ---- */

struct court {
    struct exchange_source source;
    uint64_t batch_no;
    uint8_t root[SHA256_BYTES];
    uint8_t prev_root[SHA256_BYTES]; /* of the last batch */
    /* The last answer: */
    bool told;
    enum refusal refusal;
    size_t rejections;
    uint64_t rejected_seq;
    char reason[64];
    char told_to[64]; /* whom the outbox has more for */
    bool due;
    char failed[64]; /* of the last that went on */
};

static inline void court_open(struct court *court, const char *code)
{
    char sql[160];

    *court = (struct court){0};
    snprintf(court->source.code, sizeof(court->source.code), "%s", code);
    sha256(code, strlen(code), court->source.spki);
    snprintf(sql, sizeof(sql), "INSERT INTO organisation (code, spki) VALUES ('%s', sha256('%s'))",
             code, code);
    assert_int_equal(cluster_script(&cluster, sql), 0);
}

static inline void take_receipt(void *context, int error, enum refusal refusal,
                                const Assize__Exchange__V1__Receipt *receipt,
                                const struct exchange_after *after)
{
    struct court *court = context;

    assert_int_equal(error, 0);
    court->told = true;
    court->refusal = refusal;
    court->rejections = receipt ? receipt->n_rejections : 0;
    court->due = after && after->due;
    snprintf(court->told_to, sizeof(court->told_to), "%s", after ? after->told : "");
    court->reason[0] = '\0';
    if (court->rejections) {
        court->rejected_seq = receipt->rejections[0]->seq;
        snprintf(court->reason, sizeof(court->reason), "%s", receipt->rejections[0]->reason);
    }
}

/* As bytes, signed, read again; under the number of the next batch, or of the last once more. */
static inline void push_batch(struct court *court, struct made *const *made, size_t count,
                              bool again)
{
    Assize__Exchange__V1__Record *records[RECORDS];
    struct exchange_batch batch = {.batch_no = court->batch_no + !again, .count = count};
    struct batch_received received;
    struct arena arena;
    struct buf packed;

    for (size_t i = 0; i < count; i++)
        records[i] = &made[i]->record;
    batch.records = records;
    memcpy(batch.prev_root, again ? court->prev_root : court->root, SHA256_BYTES);
    buf_init(&packed, 1 << 20);
    assert_int_equal(batch_write(&batch, court->source.code, signer, &packed), 0);
    arena_init(&arena, batch_arena_max(packed.len));
    assert_true(batch_read(&arena, packed.data, packed.len, clock_wall_ms(), &received));
    court->told = false;
    client_awake(&client);
    exchange_store_apply(client.db, &court->source, &received.batch, take_receipt, court);
    client_wait(&client, &court->told);
    assert_int_equal(court->refusal, REFUSAL_NONE);
    if (!again) {
        court->batch_no++;
        memcpy(court->prev_root, court->root, SHA256_BYTES);
        memcpy(court->root, batch.root, SHA256_BYTES);
    }
    arena_done(&arena);
    buf_done(&packed);
}

static inline void push_one(struct court *court, struct made *made)
{
    push_batch(court, &made, 1, false);
}

static inline long number(const char *format, ...) __attribute__((format(printf, 1, 2)));

static inline long number(const char *format, ...)
{
    char sql[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(sql, sizeof(sql), format, arguments);
    va_end(arguments);
    return cluster_number(&cluster, sql);
}

static inline int take_begin(void **state)
{
    (void)state;
    signer = signer_fixture();
    cluster_make(&cluster);
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    return 0;
}

static inline int take_end(void **state)
{
    (void)state;
    client_close(&client);
    cluster_remove(&cluster);
    signer_free(signer);
    return 0;
}

#endif
