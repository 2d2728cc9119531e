/* The studio's rows of the table of limits. Everything a peer or assized sizes is bounded here. */
#ifndef ASSIZE_MEDIA_STUDIO_LIMITS_H
#define ASSIZE_MEDIA_STUDIO_LIMITS_H

#include "base/limits.h"

/* clang-format off */
#define STUDIO_LIMITS(L) \
    L(STUDIO_SLOTS_MAX, 32, "slots", "of one medium on the programme leg") \
    L(STUDIO_SOUND_PACKETS, 32, "packets", "of one sound held until they are in order") \
    L(STUDIO_PICTURE_PACKETS, 512, "packets", "of one picture held until they are in order") \
    L(STUDIO_KEY_FRAME_MS, 500, "ms", "between two times a source is asked for a key frame") \
    L(STUDIO_TILES_MAX, 33, "tiles", "in one scene; more are not drawn") \
    L(STUDIO_WIDTH_MAX, 1920, "pixels", "width of a picture that is decoded; a larger one shows as a name") \
    L(STUDIO_HEIGHT_MAX, 1088, "pixels", "height of a picture that is decoded") \
    L(STUDIO_FRAME_BYTES_MAX, 1 << 20, "bytes", "one encoded picture of a source; a larger one is dropped") \
    L(STUDIO_GALLERY_DELAY_MAX_MS, 60000, "ms", "the gallery feed may be late") \
    L(STUDIO_GALLERY_BYTES_MAX, 32 << 20, "bytes", "of the programme feed kept for the gallery; the oldest go first") \
    L(STUDIO_GROUPS_MAX, 32, "groups", "of a record that are listened to at once") \
    L(STUDIO_REPORTS_MAX, 256 << 10, "bytes", "waiting to be written to assized; then a studio ends") \
    L(STUDIO_SETUP_MS, 15000, "ms", "until assized is there and says what is to be done") \
    L(STUDIO_BEAT_OUT_MS, 1000, "ms", "between two beats to assized") \
    L(STUDIO_ALONE_MS, 15000, "ms", "without a word of assized until a studio ends")
/* clang-format on */
LIMITS(STUDIO_LIMITS);

#endif
