/* What sound is inside the studio: 48 kHz, one channel, floats from -1 to 1, in frames of 20 ms. A
 * position is a number of samples since the studio's beginning. */
#ifndef ASSIZE_MEDIA_STUDIO_SOUND_H
#define ASSIZE_MEDIA_STUDIO_SOUND_H

#include <stddef.h>
#include <stdint.h>

enum {
    SOUND_RATE = 48000,
    SOUND_FRAME = 960,       /* samples: 20 ms */
    SOUND_PACKET_MAX = 5760, /* samples an Opus packet may hold: 120 ms */
    SOUND_SILENCE = 127,     /* as a level of RFC 6464 */
};

static inline int64_t sound_samples(int64_t ns)
{
    return ns / 1000 * (SOUND_RATE / 1000) / 1000;
}

/* The level of RFC 6464: minus dBov, 0 the loudest, 127 silence. */
uint8_t sound_level(const float *samples, size_t count);

#endif
