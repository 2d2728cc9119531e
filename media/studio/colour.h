/* The programme's colours, those of the courtroom's dark screen. Used by canvas and letters. */
#ifndef ASSIZE_MEDIA_STUDIO_COLOUR_H
#define ASSIZE_MEDIA_STUDIO_COLOUR_H

#include <cairo.h>

enum {
    COLOUR_NIGHT = 0x14181f,
    COLOUR_TILE = 0x1f2630, /* a tile without a picture */
    COLOUR_STRIP = 0x0c0f14,
    COLOUR_TEXT = 0xf2efe8,
    COLOUR_QUIET = 0xaeb6c0,
    COLOUR_ALERT = 0xff8a80,
    COLOUR_GOLD = 0xe8c468, /* who speaks */
};

static inline void colour_set(cairo_t *cairo, unsigned colour)
{
    cairo_set_source_rgb(cairo, (colour >> 16 & 0xff) / 255.0, (colour >> 8 & 0xff) / 255.0,
                         (colour & 0xff) / 255.0);
}

#endif
