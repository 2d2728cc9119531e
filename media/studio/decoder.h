/*
 * VP8 in, pictures of one size out: appsrc ! vp8dec ! videoscale ! appsink, in threads of
 * GStreamer's; this side never waits for them. What goes in is named by a number of the caller's,
 * which comes out with the picture. Used by picture, on one thread; GstBuffer and GError stay in
 * here.
 */
#ifndef ASSIZE_MEDIA_STUDIO_DECODER_H
#define ASSIZE_MEDIA_STUDIO_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/studio/yuv.h"

struct decoder;
struct decoded; /* a picture, held until it is freed */

struct decoder *decoder_new(int width, int height);
void decoder_free(struct decoder *decoder);
void decoder_resize(struct decoder *decoder, int width, int height);

/* Numbers go up by one. False: too much waits already, and this picture is not taken. */
bool decoder_put(struct decoder *decoder, const uint8_t *vp8, size_t len, uint64_t number);
/* The next picture, or NULL: not yet. The caller frees it. */
struct decoded *decoder_take(struct decoder *decoder, uint64_t *ret_number);
/* True once it has failed and is to be made anew. */
bool decoder_failed(struct decoder *decoder);

void decoded_free(struct decoded *decoded);
/* To look at, valid as long as decoded is. */
const struct yuv *decoded_yuv(const struct decoded *decoded);

#endif
