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

struct font {
    char *bytes;
    FT_Face face;
    cairo_font_face_t *cairo;
};

struct letters {
    FT_Library library;
    struct font fonts[LETTERS_WEIGHTS];
};

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

static bool open_font(struct letters *letters, struct font *font, const char *path)
{
    size_t len = 0;

    if (!read_file(path, &font->bytes, &len) ||
        FT_New_Memory_Face(letters->library, (const FT_Byte *)font->bytes, (FT_Long)len, 0,
                           &font->face))
        return false;
    font->cairo = cairo_ft_font_face_create_for_ft_face(font->face, FT_LOAD_NO_HINTING);
    return cairo_font_face_status(font->cairo) == CAIRO_STATUS_SUCCESS;
}

struct letters *letters_new(void)
{
    struct letters *letters = calloc(1, sizeof(*letters));

    if (!letters || FT_Init_FreeType(&letters->library))
        abort();
    for (int i = 0; i < LETTERS_WEIGHTS; i++) {
        if (!open_font(letters, &letters->fonts[i], files[i])) {
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
    cairo_debug_reset_static_data(); /* its caches hold on to the faces */
    for (int i = 0; i < LETTERS_WEIGHTS; i++) {
        if (letters->fonts[i].cairo)
            cairo_font_face_destroy(letters->fonts[i].cairo);
        if (letters->fonts[i].face)
            FT_Done_Face(letters->fonts[i].face);
        free(letters->fonts[i].bytes);
    }
    FT_Done_FreeType(letters->library);
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
    cairo_set_font_face(cairo, letters->fonts[line->weight].cairo);
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
