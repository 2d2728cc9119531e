/* What another organisation may push: a batch that is taken has every field, within its limits. */
#include <stdlib.h>
#include <string.h>

#include "db/exchange_store.h"
#include "proto/codec.h"
#include "server/exchange/batch.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    const Assize__Exchange__V1__Batch *batch = batch_read(&arena, data, len);
    require(arena.used <= arena.max);
    if (batch) {
        require(strlen(batch->source) < EXCHANGE_SOURCE_SIZE && batch->batch_no > 0);
        require(batch->n_records > 0 && batch->n_records <= EXCHANGE_RECORDS_MAX);
        for (size_t i = 0; i < batch->n_records; i++) {
            const Assize__Exchange__V1__Record *record = batch->records[i];
            require(strlen(record->case_key) <= EXCHANGE_KEY_MAX &&
                    !strpbrk(record->case_key, "\"\\{},") &&
                    !strpbrk(record->record_type, "\"\\{},"));
            require(record->payload.len <= len && record->hash.len == SHA256_BYTES);
        }
    }
    arena_done(&arena);
    return 0;
}
