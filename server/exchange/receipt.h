/* A receipt that arrived, before it is kept: is it for the batch that was sent, and can it be kept?
 * Pure. Used by sender.c and pulls.c. */
#ifndef ASSIZE_SERVER_EXCHANGE_RECEIPT_H
#define ASSIZE_SERVER_EXCHANGE_RECEIPT_H

#include <stdbool.h>

#include "assize/exchange/v1/exchange.pb-c.h"
#include "base/sha256.h"

/* NULL: there is none. */
bool receipt_is_good(const Assize__Exchange__V1__Receipt *receipt, uint64_t batch_no,
                     const uint8_t batch_hash[static SHA256_BYTES]);

#endif
