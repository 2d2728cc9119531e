/* What another organisation may push: a batch that is taken has every field, within its limits, and
 * the root of its records. */
#include <stdlib.h>
#include <string.h>

#include "server/exchange/batch.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void require_word(const char *word)
{
    require(!word || (*word && !strpbrk(word, "\"\\{},")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const int64_t now_ms = 1800000000000;
    struct batch_received received;
    struct arena arena;

    arena_init(&arena, batch_arena_max(len));
    bool good = batch_read(&arena, data, len, now_ms, &received);
    require(arena.used <= arena.max);
    if (good) {
        const struct exchange_batch *batch = &received.batch;
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
