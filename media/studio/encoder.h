/*
 * The programme's pictures in, VP8 out: appsrc ! vp8enc ! appsink in threads of GStreamer's; this
 * side never waits for them. An encoder that fails is made anew and begins with a key frame. Used
 * by programme, on one thread.
 */
#ifndef ASSIZE_MEDIA_STUDIO_ENCODER_H
#define ASSIZE_MEDIA_STUDIO_ENCODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/studio/yuv.h"

struct encoder;

struct encoder_options {
    int width;
    int height;
    int frames_per_s;
    int bits_per_s;
    int key_frame_max; /* frames from one key frame to the next */
};

struct encoded {
    const uint8_t *data;
    size_t len;
    bool key;
    int64_t at_ns; /* as it was put in */
};

struct encoder *encoder_new(const struct encoder_options *options);
void encoder_free(struct encoder *encoder);

/* at_ns goes up from 0. When the encoder is behind, the picture is left out. */
void encoder_put(struct encoder *encoder, const struct yuv *yuv, int64_t at_ns);
/* The next picture will be a key frame. */
void encoder_key_frame(struct encoder *encoder);
/* The next encoded picture, good until the next call; false: not yet. */
bool encoder_take(struct encoder *encoder, struct encoded *ret_encoded);

#endif
