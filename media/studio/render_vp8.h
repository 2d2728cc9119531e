/*
 * Whether a decoder will take a VP8 frame: players give up a whole file at the first frame whose
 * parts do not fit together, and anyone can send such a frame. Checks what RFC 6386 says of the
 * frame header and the partitions; what is in those can be decoded whatever it is. Private to
 * render*.
 */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_VP8_H
#define ASSIZE_MEDIA_STUDIO_RENDER_VP8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* key says what the frame must be. */
bool render_vp8_is_frame(const uint8_t *frame, size_t len, bool key);

#endif
