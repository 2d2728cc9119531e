#include "server/exchange/batch.h"

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "proto/codec.h"
#include "server/exchange/facts.h"
#include "server/exchange/merkle.h"

bool batch_source_is_good(const char *source)
{
    size_t len = source ? strlen(source) : 0;

    return len && len < EXCHANGE_SOURCE_SIZE && source[0] != '.' && source[len - 1] != '.' &&
           !strstr(source, "..") && strspn(source, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.") == len;
}

/* ---- the hash of a record ---- */

void batch_record_hash(const Assize__Exchange__V1__Record *record, uint8_t out[static SHA256_BYTES])
{
    const uint64_t seq = htobe64(record->seq), recorded = htobe64((uint64_t)record->recorded_ms);
    const uint32_t op = htobe32((uint32_t)record->op), schema = htobe32(record->schema_version);
    uint8_t change[STR_UUID_BYTES], key[SHA256_BYTES], type[SHA256_BYTES], context[SHA256_BYTES];

    if (str_to_uuid(record->change_id, change))
        abort(); /* it was checked to be one */
    sha256(record->case_key, strlen(record->case_key), key);
    sha256(record->record_type, strlen(record->record_type), type);
    sha256(record->context.data, record->context.len, context);
    const struct sha256_part parts[] = {
        {record->prev_hash.data, record->prev_hash.len},
        {&seq, sizeof(seq)},
        {change, sizeof(change)},
        {&op, sizeof(op)},
        {&schema, sizeof(schema)},
        {&recorded, sizeof(recorded)},
        {key, sizeof(key)},
        {type, sizeof(type)},
        {record->payload_hash.data, record->payload_hash.len},
        {context, record->context.len ? sizeof(context) : 0},
    };
    sha256_parts(parts, sizeof(parts) / sizeof(*parts), out);
}

/* ---- sending ---- */

static int pack_records(const struct exchange_batch *batch, struct buf *packed,
                        Assize__Exchange__V1__Batch *out)
{
    size_t at = 0;

    for (size_t i = 0; i < batch->count; i++) {
        out->records[i].len = packed->len;
        int result = codec_pack(&batch->records[i]->base, packed);
        if (result)
            return result;
        out->records[i].len = packed->len - out->records[i].len;
    }
    for (size_t i = 0; i < batch->count; i++) {
        out->records[i].data = packed->data + at; /* the buffer stays where it is from now on */
        at += out->records[i].len;
    }
    out->n_records = batch->count;
    return 0;
}

static ProtobufCBinaryData bytes_of(const uint8_t *data, size_t len)
{
    return (ProtobufCBinaryData){.data = (uint8_t *)(uintptr_t)data, .len = len};
}

static int pack_header(const struct exchange_batch *batch, const char *source,
                       const struct signer *signer, struct buf *packed)
{
    Assize__Exchange__V1__BatchHeader header = ASSIZE__EXCHANGE__V1__BATCH_HEADER__INIT;

    header.source = codec_text(source);
    header.target = batch->target ? codec_text(batch->target) : NULL;
    header.has_batch_no = header.has_count = header.has_prev_root = header.has_merkle_root =
        header.has_key_id = true;
    header.batch_no = batch->batch_no;
    header.count = (uint32_t)batch->count;
    header.prev_root = bytes_of(batch->prev_root, SHA256_BYTES);
    header.merkle_root = bytes_of(batch->root, SHA256_BYTES);
    header.key_id = bytes_of(signer_key_id(signer), SHA256_BYTES);
    return codec_pack(&header.base, packed);
}

/* A record that was redacted stands in the tree as it was. */
static void add_leaf(struct merkle *merkle, const Assize__Exchange__V1__Record *record,
                     const ProtobufCBinaryData *packed)
{
    if (record->has_leaf)
        merkle_add_hash(merkle, record->leaf.data);
    else
        merkle_add(merkle, packed->data, packed->len);
}

int batch_write(struct exchange_batch *batch, const char *source, const struct signer *signer,
                struct buf *out)
{
    Assize__Exchange__V1__Batch message = ASSIZE__EXCHANGE__V1__BATCH__INIT;
    ProtobufCBinaryData leaves[EXCHANGE_RECORDS_MAX];
    uint8_t signature[P256_SIGNATURE_MAX];
    struct merkle merkle = {0};
    struct buf records, header;

    message.records = leaves;
    buf_init(&records, out->max);
    buf_init(&header, out->max);
    int result = pack_records(batch, &records, &message);
    for (size_t i = 0; !result && i < batch->count; i++)
        add_leaf(&merkle, batch->records[i], &leaves[i]);
    merkle_root(&merkle, batch->root);
    if (!result)
        result = pack_header(batch, source, signer, &header);
    if (!result) {
        sha256(header.data, header.len, batch->hash);
        message.has_header = message.has_signature = true;
        message.header = bytes_of(header.data, header.len);
        message.signature =
            bytes_of(signature, signer_sign(signer, header.data, header.len, signature));
        result = codec_pack(&message.base, out);
    }
    buf_done(&records);
    buf_done(&header);
    return result;
}

/* ---- receiving ---- */

static bool is_digest(bool there, const ProtobufCBinaryData *data)
{
    return there && data->len == SHA256_BYTES;
}

static bool record_is_good(const Assize__Exchange__V1__Record *record)
{
    return record && record->change_id && str_is_uuid(record->change_id) &&
           facts_is_word(record->case_key) && facts_is_word(record->record_type) &&
           record->has_seq && record->seq > 0 && record->seq < INT64_MAX && record->has_op &&
           record->op > 0 && record->has_schema_version && record->schema_version <= INT_MAX &&
           record->has_recorded_ms && record->has_payload &&
           record->payload.len <= EXCHANGE_PAYLOAD_MAX &&
           record->context.len <= EXCHANGE_CONTEXT_MAX &&
           is_digest(record->has_prev_hash, &record->prev_hash) &&
           is_digest(record->has_payload_hash, &record->payload_hash) &&
           is_digest(record->has_hash, &record->hash) &&
           (!record->has_leaf || record->leaf.len == SHA256_BYTES);
}

static bool hashes_are_good(const Assize__Exchange__V1__Record *record)
{
    uint8_t payload[SHA256_BYTES], hash[SHA256_BYTES];

    sha256(record->payload.data, record->payload.len, payload);
    batch_record_hash(record, hash);
    return (record->has_leaf || memcmp(payload, record->payload_hash.data, SHA256_BYTES) == 0) &&
           memcmp(hash, record->hash.data, SHA256_BYTES) == 0;
}

/* The first field of a header that is wrong, or NULL. */
static const char *check_header(const Assize__Exchange__V1__BatchHeader *header, size_t records)
{
    if (!header)
        return "header";
    if (!batch_source_is_good(header->source))
        return "header.source";
    if (header->target && !batch_source_is_good(header->target))
        return "header.target";
    if (!header->has_batch_no || !header->batch_no || header->batch_no >= INT64_MAX)
        return "header.batch_no";
    if (!records || records > EXCHANGE_RECORDS_MAX)
        return "records";
    if (header->count != records)
        return "header.count";
    if (!is_digest(header->has_prev_root, &header->prev_root))
        return "header.prev_root";
    if (!is_digest(header->has_merkle_root, &header->merkle_root))
        return "header.merkle_root";
    return is_digest(header->has_key_id, &header->key_id) ? NULL : "header.key_id";
}

static bool read_facts(struct arena *arena, int64_t now_ms, const struct exchange_batch *batch,
                       struct exchange_facts *facts)
{
    if (arena->max - arena->used < batch->count * FACTS_WORDS_MAX)
        return false;
    for (size_t i = 0; i < batch->count; i++) {
        if (hashes_are_good(batch->records[i]))
            facts_read(arena, batch->records[i], batch->target, now_ms, &facts[i]);
        else
            facts[i].fault = "damaged";
    }
    return true;
}

/* Each packed record into the arena, with its facts; false: one is none, or the root is of others.
 */
static bool read_records(struct arena *arena, const Assize__Exchange__V1__Batch *message,
                         int64_t now_ms, struct batch_received *received)
{
    struct exchange_batch *batch = &received->batch;
    struct exchange_facts *facts = arena_alloc(arena, message->n_records * sizeof(*facts));
    struct merkle merkle = {0};
    uint8_t root[SHA256_BYTES];

    batch->records = arena_alloc(arena, message->n_records * sizeof(*batch->records));
    batch->facts = facts;
    str_copy(received->wrong, BATCH_PATH_SIZE, "records");
    if (!facts || !batch->records)
        return false;
    for (size_t i = 0; i < message->n_records; i++) {
        const ProtobufCBinaryData *leaf = &message->records[i];
        batch->records[i] =
            codec_unpack(&assize__exchange__v1__record__descriptor, arena, leaf->data, leaf->len);
        if (!record_is_good(batch->records[i])) {
            snprintf(received->wrong, BATCH_PATH_SIZE, "records[%zu]", i);
            return false;
        }
        add_leaf(&merkle, batch->records[i], leaf);
    }
    merkle_root(&merkle, root);
    batch->count = message->n_records;
    if (memcmp(root, batch->root, SHA256_BYTES) == 0)
        return read_facts(arena, now_ms, batch, facts);
    str_copy(received->wrong, BATCH_PATH_SIZE, "header.merkle_root");
    return false;
}

size_t batch_arena_max(size_t len)
{
    return codec_arena_max(len) +
           EXCHANGE_RECORDS_MAX * (FACTS_WORDS_MAX + sizeof(struct exchange_facts));
}

bool batch_read(struct arena *arena, const uint8_t *data, size_t len, int64_t now_ms,
                struct batch_received *ret_received)
{
    const Assize__Exchange__V1__Batch *message =
        codec_unpack(&assize__exchange__v1__batch__descriptor, arena, data, len);
    const Assize__Exchange__V1__BatchHeader *header =
        message && message->has_header
            ? codec_unpack(&assize__exchange__v1__batch_header__descriptor, arena,
                           message->header.data, message->header.len)
            : NULL;

    const char *wrong = message ? check_header(header, message->n_records) : "batch";

    if (!wrong && !message->has_signature)
        wrong = "signature";
    if (wrong) {
        str_copy(ret_received->wrong, BATCH_PATH_SIZE, wrong);
        return false;
    }
    *ret_received = (struct batch_received){
        .source = header->source,
        .batch = {.header = message->header, .signature = message->signature}};
    memcpy(ret_received->batch.key_id, header->key_id.data, SHA256_BYTES);
    ret_received->batch.target = header->target;
    ret_received->batch.batch_no = header->batch_no;
    memcpy(ret_received->batch.prev_root, header->prev_root.data, SHA256_BYTES);
    memcpy(ret_received->batch.root, header->merkle_root.data, SHA256_BYTES);
    sha256(message->header.data, message->header.len, ret_received->batch.hash);
    bool good = read_records(arena, message, now_ms, ret_received);
    if (good)
        ret_received->wrong[0] = '\0';
    return good;
}

bool batch_is_signed(const struct batch_received *received, const uint8_t *key, size_t key_len)
{
    const struct sha256_part header = {received->batch.header.data, received->batch.header.len};

    return p256_verify(key, key_len, &header, 1, received->batch.signature.data,
                       received->batch.signature.len);
}

bool batch_is_signed_by(const struct batch_received *received,
                        const uint8_t spki[static SHA256_BYTES], const uint8_t *key, size_t key_len)
{
    return memcmp(received->batch.key_id, spki, SHA256_BYTES) == 0 &&
           batch_is_signed(received, key, key_len);
}
