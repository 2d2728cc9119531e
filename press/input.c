#include "press/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "press/limits.h"
#include "proto/codec.h"

enum {
    NFC_GROWTH = 3
}; /* Unicode Standard Annex 15: NFC is at most so many times the UTF-8 bytes */

static char *empty(void)
{
    static char text[1];

    return text;
}

/* Control characters show as nothing, or move what is beside them. */
static void drop_controls(char *text)
{
    char *out = text;

    for (const char *in = text; *in; in++) {
        unsigned char c = (unsigned char)*in;
        if ((c >= ' ' && c != 0x7F) || c == '\n')
            *out++ = *in;
        else if (c == '\t')
            *out++ = ' ';
    }
    *out = '\0';
}

/* The text as it is printed. */
static int fit_text(struct arena *arena, char **text)
{
    char *nfc;

    if (!*text) {
        *text = empty();
        return 0;
    }
    if (strlen(*text) > PRESS_TEXT_MAX)
        return -EMSGSIZE;
    int error = str_nfc(*text, (size_t)PRESS_TEXT_MAX * NFC_GROWTH, &nfc);
    if (error)
        return error == -EILSEQ ? -EBADMSG : -EMSGSIZE;
    *text = arena_copy(arena, nfc, strlen(nfc));
    free(nfc);
    if (!*text)
        return -EMSGSIZE;
    drop_controls(*text);
    return 0;
}

static int fit_message(struct arena *arena, ProtobufCMessage *message);

static int fit_messages(struct arena *arena, ProtobufCMessage *const *messages, size_t count)
{
    int error = 0;

    for (size_t i = 0; !error && i < count; i++)
        error = fit_message(arena, messages[i]);
    return error;
}

static int fit_field(struct arena *arena, ProtobufCMessage *message,
                     const ProtobufCFieldDescriptor *field)
{
    char *at = (char *)message + field->offset;
    size_t count;

    if (field->type == PROTOBUF_C_TYPE_STRING && field->label != PROTOBUF_C_LABEL_REPEATED)
        return fit_text(arena, (char **)(void *)at);
    if (field->type != PROTOBUF_C_TYPE_MESSAGE || field->label != PROTOBUF_C_LABEL_REPEATED)
        return 0;
    memcpy(&count, (char *)message + field->quantifier_offset, sizeof(count));
    return fit_messages(arena, *(ProtobufCMessage ***)(void *)at, count);
}

/* Message types do not nest in themselves, so this ends. */
static int fit_message(struct arena *arena, ProtobufCMessage *message)
{
    int error = 0;

    for (unsigned i = 0; !error && i < message->descriptor->n_fields; i++)
        error = fit_field(arena, message, &message->descriptor->fields[i]);
    return error;
}

int input_read(const uint8_t *data, size_t len, struct arena *arena,
               Assize__Minutes__V1__MinutesDocument **ret_document)
{
    arena_init(arena, codec_arena_max(len) + NFC_GROWTH * len);
    if (len > PRESS_DOCUMENT_MAX)
        return -EMSGSIZE;
    Assize__Minutes__V1__MinutesDocument *document =
        codec_unpack(&assize__minutes__v1__minutes_document__descriptor, arena, data, len);
    if (!document)
        return -EBADMSG;
    int error = fit_message(arena, &document->base);
    if (!error)
        *ret_document = document;
    return error;
}
