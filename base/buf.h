/* A growable byte buffer that declares its maximum when it is made. Owned by whoever embeds it. */
#ifndef ASSIZE_BASE_BUF_H
#define ASSIZE_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *data;
    size_t len;
    size_t cap;
    size_t max;
};

void buf_init(struct buf *buf, size_t max);
void buf_done(struct buf *buf);
void buf_clear(struct buf *buf);

/* Room for len more bytes at data + len, which the caller then counts in. NULL (and no change) over
 * the maximum. */
uint8_t *buf_reserve(struct buf *buf, size_t len) __attribute__((warn_unused_result));
/* 0, or -ENOBUFS (and no change) over the maximum. */
int buf_append(struct buf *buf, const void *data, size_t len) __attribute__((warn_unused_result));
/* printf into the buffer; the terminating NUL is kept but not counted. 0 or -ENOBUFS. */
int buf_printf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3), warn_unused_result));
/* Drops len bytes from the front. */
void buf_consume(struct buf *buf, size_t len);

#endif
