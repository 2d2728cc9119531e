/*
 * What a press reads: a document within its arena's cap whose texts are there, in NFC and without
 * control characters; or a refusal.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "press/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void require_printable(const char *text)
{
    require(text && str_utf8_valid(text, strlen(text)));
    for (; *text; text++)
        require((unsigned char)*text >= ' ' || *text == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    Assize__Minutes__V1__MinutesDocument *document;
    struct arena arena;

    if (!input_read(data, len, &arena, &document)) {
        require_printable(document->court);
        for (size_t i = 0; i < document->n_sections; i++) {
            const Assize__Minutes__V1__Section *section = document->sections[i];
            require_printable(section->title);
            for (size_t j = 0; j < section->n_lines; j++)
                require_printable(section->lines[j]->text);
        }
        for (size_t i = 0; i < document->n_signatures; i++)
            require_printable(document->signatures[i]->name);
    }
    require(arena.used <= arena.max);
    arena_done(&arena);
    return 0;
}
