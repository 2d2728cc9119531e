/* Reading a batch that another organisation sent: unpacked within bounds, every field there and
 * plausible. What it means for the cases is for the database. Used by receiver.c and the fuzzer. */
#ifndef ASSIZE_SERVER_EXCHANGE_BATCH_H
#define ASSIZE_SERVER_EXCHANGE_BATCH_H

#include <stdbool.h>

#include "assize/exchange/v1/exchange.pb-c.h"
#include "base/arena.h"

/* An organisation code: dot-separated groups of digits and capitals, 35 characters at most. */
bool batch_source_is_good(const char *source);

/* The batch in the arena, which is made for a message of len bytes; or NULL. */
const Assize__Exchange__V1__Batch *batch_read(struct arena *arena, const uint8_t *data, size_t len);

#endif
