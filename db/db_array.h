/* PostgreSQL array literals, for queries that take many rows at once. Their sizes follow from
 * limits of the callers, so running over DB_ARRAY_BYTES_MAX is a bug and aborts. */
#ifndef ASSIZE_DB_DB_ARRAY_H
#define ASSIZE_DB_DB_ARRAY_H

#include <stdint.h>

#include "base/buf.h"

enum { DB_ARRAY_BYTES_MAX = 16 << 20 };

void db_array_open(struct buf *array);
/* After this array->data is the text of the literal; the caller frees it with buf_done. */
void db_array_close(struct buf *array);

void db_array_add_bytes(struct buf *array, const uint8_t *data, size_t len);
void db_array_add_int(struct buf *array, int64_t value);
/* A word without quotes or backslashes, or NULL. */
void db_array_add_word(struct buf *array, const char *word);
/* Any text. */
void db_array_add_text(struct buf *array, const char *text);

#endif
