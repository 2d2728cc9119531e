/*
 * Real sound and pictures for tests of the renderer: once a second a flash and, at the same moment,
 * a beep, encoded as a browser would; and a look at a finished file: when does it flash and beep,
 * how long is it? By GStreamer on both ends.
 */
#ifndef ASSIZE_TESTS_UNIT_RENDER_MEDIA_H
#define ASSIZE_TESTS_UNIT_RENDER_MEDIA_H

#include "tests/unit/render_fixture.h"

enum { MEDIA_MARKS_MAX = 64, MEDIA_FRAMES_PER_S = 25 };

/* The flash-and-beep source as it came in: for seconds from an (arrival) time on, the picture
 * picture_late_ns later than the sound of the same moment, with a sender report a second. What is
 * more, arrival varies by up to 30 ms. */
void media_add(struct scene *scene, struct scene_rtp sound, struct scene_rtp picture,
               unsigned seconds, int64_t picture_late_ns);

struct media_seen {
    bool whole; /* the decoders took it to its end without an error */
    size_t flash_count;
    size_t beep_count;
    int64_t flashes_ns[MEDIA_MARKS_MAX]; /* in the file's time */
    int64_t beeps_ns[MEDIA_MARKS_MAX];
    int64_t picture_end_ns; /* of the last frame that was decoded, */
    int64_t sound_end_ns;   /* of the last sample */
    int64_t said_ns;        /* as the file says it itself */
};
struct media_seen media_watch(const char *path);

#endif
