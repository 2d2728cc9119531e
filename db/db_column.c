#include "db/db_column.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { HEADER_BYTES = 20 };

static void add(struct db_column *column, const void *data, size_t len)
{
    if (buf_append(&column->packed, data, len))
        abort();
}

static void add_int32(struct db_column *column, uint32_t value)
{
    const uint32_t packed = htobe32(value);

    add(column, &packed, sizeof(packed));
}

void db_column_open(struct db_column *column, enum db_column_type type)
{
    *column = (struct db_column){.type = type};
    buf_init(&column->packed, DB_COLUMN_BYTES_MAX);
    add_int32(column, 1); /* dimension */
    add_int32(column, 1); /* there may be nulls */
    add_int32(column, type);
    add_int32(column, 0); /* items, when they are all there */
    add_int32(column, 1); /* number of the first */
}

struct db_param db_column_close(struct db_column *column)
{
    const uint32_t count = htobe32(column->count);

    memcpy(column->packed.data + HEADER_BYTES - 2 * sizeof(count), &count, sizeof(count));
    return DB_BYTES(column->packed.data, column->packed.len);
}

void db_column_done(struct db_column *column)
{
    buf_done(&column->packed);
}

void db_column_add_null(struct db_column *column)
{
    column->count++;
    add_int32(column, UINT32_MAX);
}

void db_column_add_bytes(struct db_column *column, const uint8_t *data, size_t len)
{
    column->count++;
    add_int32(column, (uint32_t)len);
    add(column, data, len);
}

void db_column_add_int(struct db_column *column, int64_t value)
{
    const uint64_t wide = htobe64((uint64_t)value);
    const uint32_t narrow = htobe32((uint32_t)(int32_t)value);

    if (column->type == DB_COLUMN_INTEGER)
        db_column_add_bytes(column, (const uint8_t *)&narrow, sizeof(narrow));
    else
        db_column_add_bytes(column, (const uint8_t *)&wide, sizeof(wide));
}

void db_column_add_text(struct db_column *column, const char *text)
{
    uint8_t uuid[STR_UUID_BYTES];

    if (!text) {
        db_column_add_null(column);
    } else if (column->type == DB_COLUMN_UUID) {
        if (str_to_uuid(text, uuid))
            abort(); /* it was checked to be one */
        db_column_add_bytes(column, uuid, sizeof(uuid));
    } else {
        db_column_add_bytes(column, (const uint8_t *)text, strlen(text));
    }
}
