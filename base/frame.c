#include "base/frame.h"

#include <errno.h>
#include <sys/types.h>

void frame_reader_init(struct frame_reader *reader)
{
    buf_init(&reader->pending, FRAME_HEADER_BYTES + FRAME_BODY_MAX);
}

void frame_reader_done(struct frame_reader *reader)
{
    buf_done(&reader->pending);
}

void frame_write_header(uint8_t header[static FRAME_HEADER_BYTES], size_t len)
{
    for (int i = 0; i < FRAME_HEADER_BYTES; i++)
        header[i] = (uint8_t)(len >> (24 - 8 * i));
}

static size_t read_header(const uint8_t *header)
{
    return (size_t)header[0] << 24 | (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
}

/* How many more bytes the pending frame needs; -EMSGSIZE when its header says too many. */
static ssize_t missing(const struct buf *pending)
{
    if (pending->len < FRAME_HEADER_BYTES)
        return (ssize_t)(FRAME_HEADER_BYTES - pending->len);
    size_t body = read_header(pending->data);
    if (body > FRAME_BODY_MAX)
        return -EMSGSIZE;
    return (ssize_t)(FRAME_HEADER_BYTES + body - pending->len);
}

int frame_reader_feed(struct frame_reader *reader, const uint8_t *data, size_t len,
                      frame_handler handler, void *context)
{
    struct buf *pending = &reader->pending;

    for (;;) {
        ssize_t need = missing(pending);
        if (need < 0)
            return (int)need;
        if (need == 0 && pending->len >= FRAME_HEADER_BYTES) {
            int result = handler(context, pending->data + FRAME_HEADER_BYTES,
                                 pending->len - FRAME_HEADER_BYTES);
            buf_clear(pending);
            if (result)
                return result;
            continue;
        }
        if (!len)
            return 0;
        size_t take = (size_t)need < len ? (size_t)need : len;
        int result = buf_append(pending, data, take);
        if (result)
            return result;
        data += take;
        len -= take;
    }
}
