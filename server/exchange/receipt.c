#include "server/exchange/receipt.h"

#include <string.h>

#include "base/str.h"
#include "db/exchange_store.h"

static bool rejection_is_good(const Assize__Exchange__V1__Rejection *rejection)
{
    return rejection->case_key && rejection->reason && !strpbrk(rejection->case_key, "\"\\") &&
           !strpbrk(rejection->reason, "\"\\") && strlen(rejection->reason) <= EXCHANGE_KEY_MAX;
}

bool receipt_is_good(const Assize__Exchange__V1__Receipt *receipt, uint64_t batch_no,
                     const uint8_t batch_hash[static SHA256_BYTES])
{
    bool good = receipt && receipt->receipt_id && str_is_uuid(receipt->receipt_id) &&
                receipt->batch_no == batch_no && receipt->batch_hash.len == SHA256_BYTES &&
                memcmp(receipt->batch_hash.data, batch_hash, SHA256_BYTES) == 0 &&
                receipt->has_received_ms && receipt->cursor >= receipt->batch_no &&
                receipt->n_rejections <= EXCHANGE_RECORDS_MAX;

    for (size_t i = 0; good && i < receipt->n_rejections; i++)
        good = rejection_is_good(receipt->rejections[i]);
    return good;
}
