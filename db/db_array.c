#include "db/db_array.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/str.h"

void db_array_open(struct buf *array)
{
    buf_init(array, DB_ARRAY_BYTES_MAX);
    if (buf_append(array, "{", 1))
        abort();
}

void db_array_close(struct buf *array)
{
    if (buf_append(array, "}", 2))
        abort();
}

static const char *comma(const struct buf *array)
{
    return array->len > 1 ? "," : "";
}

void db_array_add_bytes(struct buf *array, const uint8_t *data, size_t len)
{
    if (buf_printf(array, "%s\"\\\\x", comma(array)))
        abort();
    uint8_t *room = buf_reserve(array, 2 * len + 2);
    if (!room)
        abort();
    str_hex(data, len, (char *)room);
    array->len += 2 * len;
    if (buf_append(array, "\"", 1))
        abort();
}

void db_array_add_int(struct buf *array, int64_t value)
{
    if (buf_printf(array, "%s%" PRId64, comma(array), value))
        abort();
}

void db_array_add_word(struct buf *array, const char *word)
{
    const char *quote = word ? "\"" : "";

    if (buf_printf(array, "%s%s%s%s", comma(array), quote, word ? word : "NULL", quote))
        abort();
}

void db_array_add_text(struct buf *array, const char *text)
{
    int result = buf_printf(array, "%s\"", comma(array));

    for (; !result && *text; text++) {
        if (*text == '"' || *text == '\\')
            result = buf_append(array, "\\", 1);
        if (!result)
            result = buf_append(array, text, 1);
    }
    if (result || buf_append(array, "\"", 1))
        abort();
}
