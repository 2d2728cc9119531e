/*
 * One incoming picture: the VP8 of one source at a time, put into order and decoded by a small
 * GStreamer pipeline of its own to the size it is shown at. A pipeline that fails is made anew,
 * alone; junk, loss and sizes beyond the limits cost the picture until the next key frame, which is
 * asked for. Used by programme, on one thread.
 */
#ifndef ASSIZE_MEDIA_STUDIO_PICTURE_H
#define ASSIZE_MEDIA_STUDIO_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/studio/timeline.h"
#include "media/studio/yuv.h"

struct picture;

struct picture *picture_new(void);
void picture_free(struct picture *picture);
/* Another source begins: nothing of the one before is shown any more. */
void picture_reset(struct picture *picture);
/* The size, even, that its pictures are wanted in; they fit into it with black beside them. */
void picture_resize(struct picture *picture, int width, int height);

/* An RTP packet that arrived now, and a sender report on it. */
void picture_put(struct picture *picture, const uint8_t *packet, size_t len, int64_t now_ns);
void picture_report(struct picture *picture, uint32_t timestamp, int64_t unix_ns);

/* Hands whole pictures to the decoder, takes out the next, and mends it. They are to be seen in
 * step with partner's sound (or NULL), delay_ns after an undelayed picture arrived. */
void picture_turn(struct picture *picture, const struct timeline *partner, int64_t delay_ns,
                  int64_t now_ns);
/* True, at most every STUDIO_KEY_FRAME_MS, while it waits for a key frame. */
bool picture_wants_key_frame(struct picture *picture, int64_t now_ns);

/* Draws what is to be seen at at_ns. False: there is nothing to be seen now. */
bool picture_show(struct picture *picture, int64_t at_ns, struct yuv *canvas, struct yuv_area area);
const struct timeline *picture_timeline(const struct picture *picture);
/* How late its pictures keep coming out of the decoder, on top of the delay: what sound has to wait
 * for. */
int64_t picture_late_ns(const struct picture *picture);

#endif
