#include "media/studio/letters.h"

#include <cairo-ft.h>
#include <ft2build.h>
#include <stdlib.h>
#include <string.h>
#include FT_FREETYPE_H

#include "media/studio/colour.h"

enum { TEXT_SIZE = 512 };

static const char ellipsis[] = "…";
static const char *const files[LETTERS_WEIGHTS] = {
    [LETTERS_REGULAR] = STUDIO_FONT_DIR "/NotoSans-Regular.ttf",
    [LETTERS_BOLD] = STUDIO_FONT_DIR "/NotoSans-Bold.ttf",
};

/* Lives as long as cairo's caches want it. */
struct font {
    char *bytes;
    FT_Library library;
    FT_Face face;
};

struct letters {
    cairo_font_face_t *fonts[LETTERS_WEIGHTS];
};

static const cairo_user_data_key_t font_key;

static bool read_file(const char *path, char **ret_bytes, size_t *ret_len)
{
    FILE *file = fopen(path, "re");
    long len = -1;

    if (!file)
        return false;
    if (fseek(file, 0, SEEK_END) == 0)
        len = ftell(file);
    rewind(file);
    char *bytes = len > 0 ? malloc((size_t)len) : NULL;
    bool whole = bytes && fread(bytes, 1, (size_t)len, file) == (size_t)len;
    fclose(file);
    if (!whole) {
        free(bytes);
        return false;
    }
    *ret_bytes = bytes;
    *ret_len = (size_t)len;
    return true;
}

static void free_font(void *data)
{
    struct font *font = data;

    if (font->face)
        FT_Done_Face(font->face);
    FT_Done_FreeType(font->library);
    free(font->bytes);
    free(font);
}

static cairo_font_face_t *open_font(const char *path)
{
    struct font *font = calloc(1, sizeof(*font));
    size_t len = 0;

    if (!font || FT_Init_FreeType(&font->library))
        abort();
    if (!read_file(path, &font->bytes, &len) ||
        FT_New_Memory_Face(font->library, (const FT_Byte *)font->bytes, (FT_Long)len, 0,
                           &font->face)) {
        free_font(font);
        return NULL;
    }
    cairo_font_face_t *face = cairo_ft_font_face_create_for_ft_face(font->face, FT_LOAD_NO_HINTING);
    if (cairo_font_face_set_user_data(face, &font_key, font, free_font))
        abort();
    return face;
}

struct letters *letters_new(void)
{
    struct letters *letters = calloc(1, sizeof(*letters));

    if (!letters)
        abort();
    for (int i = 0; i < LETTERS_WEIGHTS; i++) {
        letters->fonts[i] = open_font(files[i]);
        if (!letters->fonts[i]) {
            letters_free(letters);
            return NULL;
        }
    }
    return letters;
}

void letters_free(struct letters *letters)
{
    if (!letters)
        return;
    for (int i = 0; i < LETTERS_WEIGHTS; i++)
        cairo_font_face_destroy(letters->fonts[i]);
    free(letters);
}

static double width_of(cairo_t *cairo, const char *text)
{
    cairo_text_extents_t extents;

    cairo_text_extents(cairo, text, &extents);
    return extents.x_advance;
}

/* Drops characters from the end until the text with an ellipsis fits. */
static void cut(cairo_t *cairo, char text[static TEXT_SIZE], double width)
{
    size_t len = strlen(text);

    while (len) {
        do
            len--;
        while (len && (text[len] & 0xc0) == 0x80);
        memcpy(text + len, ellipsis, sizeof(ellipsis));
        if (width_of(cairo, text) <= width)
            return;
    }
    text[0] = '\0';
}

double letters_draw(struct letters *letters, cairo_t *cairo, const struct letters_line *line)
{
    char text[TEXT_SIZE];
    size_t len = strnlen(line->text, TEXT_SIZE - sizeof(ellipsis));

    memcpy(text, line->text, len);
    text[len] = '\0';
    cairo_set_font_face(cairo, letters->fonts[line->weight]);
    cairo_set_font_size(cairo, line->size);
    if (width_of(cairo, text) > line->width)
        cut(cairo, text, line->width);
    double width = width_of(cairo, text);
    double before = line->align == LETTERS_LEFT     ? 0
                    : line->align == LETTERS_CENTRE ? width / 2
                                                    : width;
    colour_set(cairo, line->colour);
    cairo_move_to(cairo, line->x - before, line->y);
    cairo_show_text(cairo, text);
    return width;
}
