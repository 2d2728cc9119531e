/*
 * What a client may send over its WebSocket: unpacked within its arena's cap, and the same after
 * packing again.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "assize/signal/v1/signal.pb-c.h"
#include "proto/codec.h"

enum { MESSAGE_MAX = 65536, PACKED_MAX = 1 << 20 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/*
 * protobuf-c takes an unknown field numbered 0 when its tag is written in two bytes, and packs it
 * in one, which it does not take. Nothing packs what a client sent, so messages with unknown fields
 * are left out below.
 */
static bool has_unknown(const ProtobufCMessage *message)
{
    if (message->n_unknown_fields)
        return true;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        const char *base = (const char *)message;
        uint32_t chosen = field->id;

        if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
            memcpy(&chosen, base + field->quantifier_offset, sizeof(chosen));
        if (field->type != PROTOBUF_C_TYPE_MESSAGE || chosen != field->id)
            continue;
        const ProtobufCMessage *inner;
        memcpy(&inner, base + field->offset, sizeof(inner));
        if (inner && has_unknown(inner))
            return true;
    }
    return false;
}

/* Packs what the bytes mean; false when they are refused. */
static bool repack(const uint8_t *data, size_t len, struct buf *out)
{
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    const ProtobufCMessage *message =
        codec_unpack(&assize__signal__v1__client_message__descriptor, &arena, data, len);
    require(arena.used <= arena.max);
    bool good = message && !has_unknown(message);
    if (good)
        require(codec_pack(message, out) == 0);
    arena_done(&arena);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct buf once, twice;

    if (len > MESSAGE_MAX)
        return 0;
    buf_init(&once, PACKED_MAX);
    buf_init(&twice, PACKED_MAX);
    if (repack(data, len, &once)) {
        require(repack(once.data, once.len, &twice));
        require(once.len == twice.len &&
                (!once.len || memcmp(once.data, twice.data, once.len) == 0));
    }
    buf_done(&once);
    buf_done(&twice);
    return 0;
}
