/*
 * Frames on a byte stream: a big-endian 32-bit length and that many bytes. Used on the control
 * sockets. The reader is fed whatever arrives and hands out whole frames; a length over the maximum
 * is an error and the stream is to be closed.
 */
#ifndef ASSIZE_BASE_FRAME_H
#define ASSIZE_BASE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"

/* clang-format off */
#define FRAME_LIMITS(L) \
    L(FRAME_BODY_MAX, 1 << 20, "bytes", "one frame on a control socket")
/* clang-format on */
LIMITS(FRAME_LIMITS);

enum { FRAME_HEADER_BYTES = 4 };

/* Called for each whole frame; a non-zero result stops the feed and is returned by it. */
typedef int (*frame_handler)(void *context, const uint8_t *body, size_t len);

struct frame_reader {
    struct buf pending; /* header and part of a body */
};

void frame_reader_init(struct frame_reader *reader);
void frame_reader_done(struct frame_reader *reader);

/* 0, -EMSGSIZE for a frame over FRAME_BODY_MAX, or the handler's result. */
int frame_reader_feed(struct frame_reader *reader, const uint8_t *data, size_t len,
                      frame_handler handler, void *context) __attribute__((warn_unused_result));

/* Writes the header of a frame of len bytes. */
void frame_write_header(uint8_t header[static FRAME_HEADER_BYTES], size_t len);

#endif
