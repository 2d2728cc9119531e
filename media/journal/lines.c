#include "media/journal/lines.h"

#include <string.h>

#include "base/str.h"
#include "media/journal/name.h"

enum { VALUE_SIZE = 129 };

/* The value of the next line when it has this key; how long the line is, or 0. */
static size_t read_line(const struct lines *lines, const char *key, char out[static VALUE_SIZE])
{
    const char *line = lines->text + lines->at;
    size_t key_len = strlen(key);
    const char *end = memchr(line, '\n', lines->len - lines->at);

    if (!end || (size_t)(end - line) <= key_len || memcmp(line, key, key_len) != 0 ||
        line[key_len] != ' ')
        return 0;
    const char *value = line + key_len + 1;
    size_t len = (size_t)(end - value);
    if (len >= VALUE_SIZE || memchr(value, '\0', len))
        return 0;
    memcpy(out, value, len);
    out[len] = '\0';
    return key_len + 1 + len + 1;
}

bool lines_expect(struct lines *lines, const char *key, const char *value)
{
    char text[VALUE_SIZE];
    size_t len = read_line(lines, key, text);

    if (!len || strcmp(text, value) != 0)
        return false;
    lines->at += len;
    return true;
}

bool lines_take(struct lines *lines, const char *key, char *out, size_t size)
{
    char text[VALUE_SIZE];
    size_t len = read_line(lines, key, text);

    if (!len || !str_copy(out, size, text))
        return false;
    lines->at += len;
    return true;
}

bool lines_take_number(struct lines *lines, const char *key, uint64_t max, uint64_t *ret_value)
{
    char text[VALUE_SIZE];
    size_t len = read_line(lines, key, text);

    if (!len || str_to_u64(text, max, ret_value))
        return false;
    lines->at += len;
    return true;
}

bool lines_take_name(struct lines *lines, const char *key, char *out)
{
    char text[VALUE_SIZE];
    size_t len = read_line(lines, key, text);

    if (!len || !name_is_valid(text) || !str_copy(out, NAME_SIZE, text))
        return false;
    lines->at += len;
    return true;
}

bool lines_take_hex(struct lines *lines, const char *key, uint8_t *out, size_t bytes)
{
    char text[VALUE_SIZE];
    size_t len = read_line(lines, key, text);

    if (!len || str_from_hex(text, out, bytes))
        return false;
    lines->at += len;
    return true;
}

size_t lines_difference(const void *a, size_t a_len, const void *b, size_t b_len)
{
    const uint8_t *left = a;
    const uint8_t *right = b;
    size_t at = 0;

    while (at < a_len && at < b_len && left[at] == right[at])
        at++;
    return at;
}
