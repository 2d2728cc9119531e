/* Text on the programme's picture: two fonts held in memory, so that nothing is opened later, in
 * the sandbox. Texts are UTF-8 in composed form (NFC), one glyph a character. Used by canvas. */
#ifndef ASSIZE_MEDIA_STUDIO_LETTERS_H
#define ASSIZE_MEDIA_STUDIO_LETTERS_H

#include <cairo.h>
#include <stdbool.h>

struct letters;

enum letters_weight { LETTERS_REGULAR, LETTERS_BOLD, LETTERS_WEIGHTS };
enum letters_align { LETTERS_LEFT, LETTERS_CENTRE, LETTERS_RIGHT };

/* One line of text: x is its left end, middle or right end, y its baseline; what is wider than
 * width ends in "…". */
struct letters_line {
    const char *text;
    enum letters_weight weight;
    enum letters_align align;
    double size;
    unsigned colour; /* 0xRRGGBB */
    double x;
    double y;
    double width;
};

/* NULL when the fonts are not there or not fonts. */
struct letters *letters_new(void);
void letters_free(struct letters *letters);
/* Draws it, and returns its width. */
double letters_draw(struct letters *letters, cairo_t *cairo, const struct letters_line *line);

#endif
