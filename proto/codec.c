#include "proto/codec.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/frame.h"
#include "base/str.h"

size_t codec_arena_max(size_t len)
{
    return len * CODEC_GROWTH + CODEC_EXTRA;
}

static void *draw(void *arena, size_t size)
{
    return arena_alloc(arena, size);
}

static void keep(void *arena, void *pointer)
{
    (void)arena;
    (void)pointer;
}

static bool message_is_clean(const ProtobufCMessage *message);

static bool value_is_clean(const ProtobufCFieldDescriptor *field, const void *value)
{
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        const char *text = *(const char *const *)value;
        return !text || str_utf8_valid(text, strlen(text));
    }
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        const ProtobufCMessage *sub = *(const ProtobufCMessage *const *)value;
        return !sub || message_is_clean(sub);
    }
    return true;
}

static bool repeated_is_clean(const ProtobufCFieldDescriptor *field, const void *value,
                              size_t count)
{
    if (count > CODEC_REPEATED_MAX)
        return false;
    if (field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_MESSAGE)
        return true;
    const void *const *members = *(const void *const *const *)value;
    for (size_t i = 0; i < count; i++) {
        if (!value_is_clean(field, &members[i]))
            return false;
    }
    return true;
}

/* An arm of a oneof shares its place with the others and counts only when the case names it. */
static bool is_other_arm(const ProtobufCFieldDescriptor *field, const char *base)
{
    uint32_t chosen;

    if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
        return false;
    memcpy(&chosen, base + field->quantifier_offset, sizeof(chosen));
    return chosen != field->id;
}

static bool message_is_clean(const ProtobufCMessage *message)
{
    const char *base = (const char *)message;

    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        const void *value = base + field->offset;
        size_t count;

        if (is_other_arm(field, base))
            continue;
        if (field->label != PROTOBUF_C_LABEL_REPEATED) {
            if (!value_is_clean(field, value))
                return false;
            continue;
        }
        memcpy(&count, base + field->quantifier_offset, sizeof(count));
        if (!repeated_is_clean(field, value, count))
            return false;
    }
    return true;
}

void *codec_unpack(const ProtobufCMessageDescriptor *type, struct arena *arena, const uint8_t *data,
                   size_t len)
{
    ProtobufCAllocator allocator = {.alloc = draw, .free = keep, .allocator_data = arena};
    ProtobufCMessage *message = protobuf_c_message_unpack(type, &allocator, len, data);

    return message && message_is_clean(message) ? message : NULL;
}

int codec_pack(const ProtobufCMessage *message, struct buf *out)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *room = buf_reserve(out, len);

    if (!room)
        return -ENOBUFS;
    out->len += protobuf_c_message_pack(message, room);
    return 0;
}

int codec_pack_frame(const ProtobufCMessage *message, struct buf *out)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *room = len > FRAME_BODY_MAX ? NULL : buf_reserve(out, FRAME_HEADER_BYTES + len);

    if (!room)
        return -ENOBUFS;
    frame_write_header(room, len);
    protobuf_c_message_pack(message, room + FRAME_HEADER_BYTES);
    out->len += FRAME_HEADER_BYTES + len;
    return 0;
}
