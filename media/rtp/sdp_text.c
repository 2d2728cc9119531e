/* Pieces of text in place: what the SDP parser cuts lines into. */
#include <string.h>
#include <strings.h>

#include "media/rtp/sdp_internal.h"

bool text_equal(struct text text, const char *word)
{
    return text.len == strlen(word) && !memcmp(text.at, word, text.len);
}

bool text_equal_nocase(struct text text, const char *word)
{
    return text.len == strlen(word) && !strncasecmp(text.at, word, text.len);
}

struct text text_take(struct text *rest, char separator)
{
    const char *end = rest->len ? memchr(rest->at, separator, rest->len) : NULL;
    struct text taken = {rest->at, end ? (size_t)(end - rest->at) : rest->len};
    size_t dropped = taken.len + (end ? 1 : 0);

    rest->at += dropped;
    rest->len -= dropped;
    return taken;
}

bool text_number(struct text text, unsigned max, unsigned *ret_value)
{
    unsigned value = 0;

    if (!text.len || (text.len > 1 && text.at[0] == '0'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || __builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (unsigned)(text.at[i] - '0'), &value))
            return false;
    }
    *ret_value = value;
    return value <= max;
}

bool text_copy(struct text text, char *out, size_t size)
{
    if (!text.len || text.len >= size)
        return false;
    memcpy(out, text.at, text.len);
    out[text.len] = '\0';
    return true;
}
