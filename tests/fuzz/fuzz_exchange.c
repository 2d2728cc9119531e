/*
 * What another organisation may push: a batch that is taken has every field, within its limits, and
 * the root of its records. Chance finds no SHA-256, so what is mutated is mostly sealed anew, as a
 * sender would that may sign; at the end it is told how many runs got past the root, and few are a
 * failure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "proto/codec.h"
#include "server/exchange/batch.h"
#include "server/exchange/merkle.h"

enum {
    PART_MAX = 1 << 20, /* as large as one part of a batch grows here */
    GROWTH = 256,       /* by one mutation */
    ENOUGH_RUNS = 2000, /* from so many on the share below is asked for */
    PAST_ONE_IN = 10,
};

static struct {
    uint64_t runs, past;              /* past the root */
    uint64_t records, damaged, whole; /* of those past: hashes are of another, nothing is wrong */
} seen;

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void require_word(const char *word)
{
    require(!word || (*word && !strpbrk(word, "\"\\{},")));
}

static void tell(void)
{
    printf("fuzz_exchange: %llu runs, %llu past the root with %llu records: %llu damaged, %llu "
           "refused for what they say, %llu taken\n",
           (unsigned long long)seen.runs, (unsigned long long)seen.past,
           (unsigned long long)seen.records, (unsigned long long)seen.damaged,
           (unsigned long long)(seen.records - seen.damaged - seen.whole),
           (unsigned long long)seen.whole);
    fflush(stdout);
    require(seen.runs < ENOUGH_RUNS || seen.past * PAST_ONE_IN >= seen.runs);
}

static void count_batch(const struct exchange_batch *batch)
{
    seen.past++;
    seen.records += batch->count;
    for (size_t i = 0; i < batch->count; i++) {
        const char *fault = batch->facts[i].fault;
        seen.damaged += fault && strcmp(fault, "damaged") == 0;
        seen.whole += !fault;
    }
}

/* ---- a way past the hashes ---- */

size_t LLVMFuzzerMutate(uint8_t *data, size_t len, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned int seed);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The part becomes one of the arena's; it stays what it was when there is no room. */
static void mutate_part(struct arena *arena, ProtobufCBinaryData *part)
{
    static uint8_t scratch[PART_MAX];

    if (part->len + GROWTH > PART_MAX)
        return;
    scratch[0] = 0;
    if (part->len)
        memcpy(scratch, part->data, part->len);
    size_t len = LLVMFuzzerMutate(scratch, part->len ? part->len : 1, part->len + GROWTH);
    uint8_t *mutated = arena_alloc(arena, len + 1);
    if (!mutated)
        return;
    memcpy(mutated, scratch, len);
    *part = (ProtobufCBinaryData){.data = mutated, .len = len};
}

static void pack_into(struct arena *arena, const ProtobufCMessage *message,
                      ProtobufCBinaryData *part)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *packed = arena_alloc(arena, len + 1);

    if (packed)
        *part =
            (ProtobufCBinaryData){.data = packed, .len = protobuf_c_message_pack(message, packed)};
}

/* The hashes of a record that has what goes into them. */
static void seal_record(Assize__Exchange__V1__Record *record, uint8_t payload[SHA256_BYTES],
                        uint8_t hash[SHA256_BYTES])
{
    if (!record->change_id || !str_is_uuid(record->change_id) || !record->case_key ||
        !record->record_type)
        return;
    sha256(record->payload.data, record->payload.len, payload);
    record->has_payload_hash = record->has_hash = true;
    record->payload_hash = (ProtobufCBinaryData){.data = payload, .len = SHA256_BYTES};
    batch_record_hash(record, hash);
    record->hash = (ProtobufCBinaryData){.data = hash, .len = SHA256_BYTES};
}

/* One record: its bytes, its payload or its context. The last two are sealed but one time in 8. */
static void mutate_record(struct arena *arena, ProtobufCBinaryData *leaf, unsigned int choice)
{
    uint8_t payload[SHA256_BYTES], hash[SHA256_BYTES];
    Assize__Exchange__V1__Record *record;

    if (choice % 4 == 0)
        mutate_part(arena, leaf);
    record = codec_unpack(&assize__exchange__v1__record__descriptor, arena, leaf->data, leaf->len);
    if (!record)
        return;
    if (choice % 4 == 1) {
        record->has_context = true;
        mutate_part(arena, &record->context);
    } else if (choice % 4 > 1) {
        record->has_payload = true;
        mutate_part(arena, &record->payload);
    }
    if (choice / 4 % 8)
        seal_record(record, payload, hash);
    pack_into(arena, &record->base, leaf);
}

/* The count and the root of the header, of the records as they are now. */
static void seal_batch(struct arena *arena, Assize__Exchange__V1__Batch *batch)
{
    Assize__Exchange__V1__BatchHeader *header =
        codec_unpack(&assize__exchange__v1__batch_header__descriptor, arena, batch->header.data,
                     batch->header.len);
    uint8_t root[SHA256_BYTES];
    struct merkle merkle = {0};

    if (!header)
        return;
    for (size_t i = 0; i < batch->n_records; i++) {
        const ProtobufCBinaryData *leaf = &batch->records[i];
        const Assize__Exchange__V1__Record *record =
            codec_unpack(&assize__exchange__v1__record__descriptor, arena, leaf->data, leaf->len);
        if (record && record->has_leaf && record->leaf.len == SHA256_BYTES)
            merkle_add_hash(&merkle, record->leaf.data);
        else
            merkle_add(&merkle, leaf->data, leaf->len);
    }
    merkle_root(&merkle, root);
    header->has_count = header->has_merkle_root = true;
    header->count = (uint32_t)batch->n_records;
    header->merkle_root = (ProtobufCBinaryData){.data = root, .len = SHA256_BYTES};
    pack_into(arena, &header->base, &batch->header);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned int seed)
{
    size_t mutated = len;
    struct arena arena;

    if (seed % 8 < 2) /* any of its bytes; half of them are sealed if it is still a batch */
        mutated = LLVMFuzzerMutate(data, len, max);
    if (seed % 8 == 0)
        return mutated;
    arena_init(&arena, 16 * batch_arena_max(max));
    Assize__Exchange__V1__Batch *batch =
        codec_unpack(&assize__exchange__v1__batch__descriptor, &arena, data, mutated);
    if (batch && batch->has_header && batch->n_records) {
        if (seed % 8 > 1)
            mutate_record(&arena, &batch->records[seed / 8 % batch->n_records], seed / 64);
        seal_batch(&arena, batch);
        if (protobuf_c_message_get_packed_size(&batch->base) <= max)
            mutated = protobuf_c_message_pack(&batch->base, data);
    } else if (seed % 8 > 1) {
        mutated = LLVMFuzzerMutate(data, len, max);
    }
    arena_done(&arena);
    return mutated;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return atexit(tell);
}

/* ---- what holds of every input ---- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const int64_t now_ms = 1800000000000;
    struct batch_received received;
    struct arena arena;

    seen.runs++;
    arena_init(&arena, batch_arena_max(len));
    bool good = batch_read(&arena, data, len, now_ms, &received);
    require(arena.used <= arena.max);
    if (good) {
        const struct exchange_batch *batch = &received.batch;
        count_batch(batch);
        require(!batch->target || strlen(batch->target) < EXCHANGE_SOURCE_SIZE);
        require(strlen(received.source) < EXCHANGE_SOURCE_SIZE && batch->batch_no > 0);
        require(batch->count > 0 && batch->count <= EXCHANGE_RECORDS_MAX);
        for (size_t i = 0; i < batch->count; i++) {
            const Assize__Exchange__V1__Record *record = batch->records[i];
            require(strlen(record->case_key) <= EXCHANGE_KEY_MAX);
            require_word(record->case_key);
            require_word(record->record_type);
            require(record->payload.len <= len && record->hash.len == SHA256_BYTES);
            require_word(batch->facts[i].fault);
            require_word(batch->facts[i].entity);
            require_word(batch->facts[i].public_id);
            require_word(batch->facts[i].addressee);
            require_word(batch->facts[i].reason);
            require(!batch->facts[i].addressee || !batch->target);
            require(!batch->facts[i].reason || batch->target);
            require(batch->facts[i].corrects < record->seq);
        }
    }
    arena_done(&arena);
    return 0;
}
