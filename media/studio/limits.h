/* The studio's rows of the table of limits. Everything a peer or assized sizes is bounded here. */
#ifndef ASSIZE_MEDIA_STUDIO_LIMITS_H
#define ASSIZE_MEDIA_STUDIO_LIMITS_H

#include "base/limits.h"

/* clang-format off */
#define STUDIO_LIMITS(L) \
    L(STUDIO_SLOTS_MAX, 32, "slots", "of one medium on the programme leg") \
    L(STUDIO_TILES_MAX, 32, "tiles", "in one scene; more are not drawn") \
    L(STUDIO_WIDTH_MAX, 1920, "pixels", "width of a picture that is decoded; a larger one shows as a name") \
    L(STUDIO_HEIGHT_MAX, 1088, "pixels", "height of a picture that is decoded") \
    L(STUDIO_FRAME_BYTES_MAX, 1 << 20, "bytes", "one encoded picture of a source; a larger one is dropped") \
    L(STUDIO_GALLERY_DELAY_MAX_MS, 60000, "ms", "the gallery feed may be late") \
    L(STUDIO_GALLERY_BYTES_MAX, 32 << 20, "bytes", "of the programme feed kept for the gallery; the oldest go first") \
    L(STUDIO_ALONE_MS, 15000, "ms", "without a word of assized until a studio ends")
/* clang-format on */
LIMITS(STUDIO_LIMITS);

#endif
