#include "base/buf.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 256 };

void buf_init(struct buf *buf, size_t max)
{
    *buf = (struct buf){.max = max};
}

void buf_done(struct buf *buf)
{
    free(buf->data);
    *buf = (struct buf){.max = buf->max};
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
}

uint8_t *buf_reserve(struct buf *buf, size_t len)
{
    if (len > buf->max || buf->len > buf->max - len)
        return NULL;
    if (!buf->data || buf->cap - buf->len < len) {
        size_t cap = buf->cap ? buf->cap : FIRST_BYTES;
        while (cap < buf->len + len)
            cap *= 2;
        buf->data = realloc(buf->data, cap);
        if (!buf->data)
            abort();
        buf->cap = cap;
    }
    return buf->data + buf->len;
}

int buf_append(struct buf *buf, const void *data, size_t len)
{
    uint8_t *room = buf_reserve(buf, len);

    if (!room)
        return -ENOBUFS;
    if (len)
        memcpy(room, data, len);
    buf->len += len;
    return 0;
}

int buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int need = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (need < 0)
        return -EINVAL;
    uint8_t *room = buf_reserve(buf, (size_t)need + 1);
    if (!room)
        return -ENOBUFS;
    va_start(args, format);
    vsnprintf((char *)room, (size_t)need + 1, format, args);
    va_end(args);
    buf->len += (size_t)need;
    return 0;
}

void buf_consume(struct buf *buf, size_t len)
{
    assert(len <= buf->len);
    buf->len -= len;
    if (buf->len)
        memmove(buf->data, buf->data + len, buf->len);
}
