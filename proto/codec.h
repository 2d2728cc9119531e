/*
 * Unpacking protobuf from bytes a peer sent. protobuf-c has no limits of its own, so every message
 * comes through here: its memory is drawn from an arena capped at a multiple of its size, and texts
 * are checked to be UTF-8 (one that holds a NUL ends there). Message types do not nest in
 * themselves (the lint checks it), which bounds the depth.
 */
#ifndef ASSIZE_PROTO_CODEC_H
#define ASSIZE_PROTO_CODEC_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"

/* clang-format off */
#define CODEC_LIMITS(L) \
    L(CODEC_GROWTH, 7, "times", "memory a message may take beside its bytes, as a multiple of them") \
    L(CODEC_EXTRA, 1 << 20, "bytes", "memory a message may take beyond that") \
    L(CODEC_REPEATED_MAX, 4096, "members", "one repeated field")
/* clang-format on */
LIMITS(CODEC_LIMITS);

/* The cap for an arena that will hold a message of len bytes. */
size_t codec_arena_max(size_t len);

/*
 * The message in the arena (do not free it), or NULL: malformed, over the arena's cap, over
 * CODEC_REPEATED_MAX, or a text that is not UTF-8.
 */
void *codec_unpack(const ProtobufCMessageDescriptor *type, struct arena *arena, const uint8_t *data,
                   size_t len);

/* Appends the packed message; 0 or -ENOBUFS. */
int codec_pack(const ProtobufCMessage *message, struct buf *out)
    __attribute__((warn_unused_result));

/* Appends a frame of base/frame.h that holds the packed message; 0 or -ENOBUFS. */
int codec_pack_frame(const ProtobufCMessage *message, struct buf *out)
    __attribute__((warn_unused_result));

/* A text for a message that is packed at once: protobuf-c wants texts it may write to, and does
 * not.
 */
static inline char *codec_text(const char *text)
{
    return (char *)(uintptr_t)text;
}

#endif
