#include "db/db_answer.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

int db_rows(const struct db_result *result)
{
    return PQntuples(result->answer);
}

const char *db_text(const struct db_result *result, int row, int column)
{
    return PQgetvalue(result->answer, row, column);
}

char *db_text_copy(struct arena *arena, const struct db_result *result, int row, int column)
{
    const char *text = db_text(result, row, column);
    char *copy = arena_copy(arena, text, strlen(text));

    if (!copy)
        abort();
    return copy;
}

bool db_null(const struct db_result *result, int row, int column)
{
    return PQgetisnull(result->answer, row, column);
}

static int64_t packed_int(const char *value, int len)
{
    uint64_t wide;
    uint32_t narrow;

    if (len == sizeof(wide)) {
        memcpy(&wide, value, sizeof(wide));
        return (int64_t)be64toh(wide);
    }
    assert(len == sizeof(narrow));
    memcpy(&narrow, value, sizeof(narrow));
    return (int32_t)be32toh(narrow);
}

int64_t db_int(const struct db_result *result, int row, int column)
{
    const char *value = db_text(result, row, column);

    if (PQfformat(result->answer, column) == DB_FORMAT_BINARY && !db_null(result, row, column))
        return packed_int(value, PQgetlength(result->answer, row, column));
    return strtoll(value, NULL, 10);
}

const uint8_t *db_bytes(const struct db_result *result, int row, int column, size_t *ret_len)
{
    const char *text = db_text(result, row, column);

    if (PQfformat(result->answer, column) == DB_FORMAT_BINARY) {
        *ret_len = (size_t)PQgetlength(result->answer, row, column);
        return (const uint8_t *)text;
    }
    size_t len = strncmp(text, "\\x", 2) == 0 ? strlen(text + 2) / 2 : 0;
    uint8_t *bytes = arena_alloc(result->decoded, len + 1);

    *ret_len = !len || str_from_hex(text + 2, bytes, len) ? 0 : len;
    return bytes;
}
