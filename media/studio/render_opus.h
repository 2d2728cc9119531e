/*
 * Opus packets (RFC 6716) as far as a file needs to know them: how long one is, and such that hold
 * nothing. Private to render*.
 */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_OPUS_H
#define ASSIZE_MEDIA_STUDIO_RENDER_OPUS_H

#include <stddef.h>
#include <stdint.h>

enum {
    RENDER_OPUS_LEAST = 120,    /* samples at 48 kHz: nothing is shorter, */
    RENDER_OPUS_MOST = 5760,    /* nor longer */
    RENDER_OPUS_EMPTY_MAX = 16, /* bytes */
};

/* Samples at 48 kHz; 0 for what is no Opus packet. */
size_t render_opus_samples(const uint8_t *packet, size_t len);

/* Silence of at most so many samples (RENDER_OPUS_LEAST or more), as long as one packet can be: the
 * samples, and the packet's bytes in ret_len. */
size_t render_opus_silence(size_t samples, uint8_t out[static RENDER_OPUS_EMPTY_MAX],
                           size_t *ret_len);
/* A packet that holds nothing, so that the decoder conceals what is missing behind one that began
 * with this byte: the samples; its one byte goes to out. */
size_t render_opus_missing(uint8_t first, uint8_t out[static RENDER_OPUS_EMPTY_MAX]);

#endif
