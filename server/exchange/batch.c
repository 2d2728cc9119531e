#include "server/exchange/batch.h"

#include <limits.h>
#include <string.h>

#include "base/str.h"
#include "db/exchange_store.h"
#include "proto/codec.h"

bool batch_source_is_good(const char *source)
{
    size_t len = source ? strlen(source) : 0;

    return len && len < EXCHANGE_SOURCE_SIZE && source[0] != '.' && source[len - 1] != '.' &&
           !strstr(source, "..") && strspn(source, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.") == len;
}

/* Keys and types go through the database's array literals, so they hold nothing to be quoted. */
static bool is_word(const char *text)
{
    size_t len = text ? strlen(text) : 0;

    return len && len <= EXCHANGE_KEY_MAX &&
           strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._:-") ==
               len;
}

static bool is_digest(bool there, const ProtobufCBinaryData *data)
{
    return there && data->len == SHA256_BYTES;
}

static bool record_is_good(const Assize__Exchange__V1__Record *record)
{
    return record->change_id && str_is_uuid(record->change_id) && is_word(record->case_key) &&
           is_word(record->record_type) && record->has_seq && record->seq > 0 &&
           record->seq <= INT64_MAX && record->has_op && record->op > 0 &&
           record->has_schema_version && record->schema_version <= INT_MAX &&
           record->has_recorded_ms && record->has_payload &&
           record->payload.len <= EXCHANGE_PAYLOAD_MAX &&
           is_digest(record->has_prev_hash, &record->prev_hash) &&
           is_digest(record->has_payload_hash, &record->payload_hash) &&
           is_digest(record->has_hash, &record->hash);
}

const Assize__Exchange__V1__Batch *batch_read(struct arena *arena, const uint8_t *data, size_t len)
{
    const Assize__Exchange__V1__Batch *batch =
        codec_unpack(&assize__exchange__v1__batch__descriptor, arena, data, len);

    if (!batch || !batch_source_is_good(batch->source) || !batch->has_batch_no ||
        !batch->batch_no || batch->batch_no > INT64_MAX || !batch->n_records ||
        batch->n_records > EXCHANGE_RECORDS_MAX || batch->count != batch->n_records)
        return NULL;
    for (size_t i = 0; i < batch->n_records; i++) {
        if (!record_is_good(batch->records[i]))
            return NULL;
    }
    return batch;
}
