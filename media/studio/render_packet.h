/*
 * What goes into the renderer and what comes out: packets of one group as they came in, and blocks
 * of its file. All times are nanoseconds since time 0 of the hearing's files. Private to render*.
 */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_PACKET_H
#define ASSIZE_MEDIA_STUDIO_RENDER_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "media/journal/pcapng.h"
#include "media/studio/render_limits.h"

enum render_medium { RENDER_AUDIO, RENDER_VIDEO, RENDER_MEDIA };

enum {
    RENDER_AUDIO_RATE = 48000,
    RENDER_VIDEO_RATE = 90000,
};

#define RENDER_MS(ms) ((int64_t)(ms)*CLOCK_NS_PER_MS)

struct render_packet {
    enum render_medium medium;
    enum pcapng_kind kind;
    int64_t at_ns; /* when it came in */
    const uint8_t *data;
    size_t len;
};

/* One frame of sound or picture; the bytes are good until the next one is asked for. */
struct render_block {
    enum render_medium medium;
    int64_t time_ns;
    bool key;
    const uint8_t *data;
    size_t len;
};

/* What became of the packets of one track. */
struct render_counts {
    uint64_t packets; /* taken */
    uint64_t lost;    /* missing in the numbers */
    uint64_t late;    /* came when their time was over, or twice over */
    uint64_t refused; /* malformed, of another format or over a limit */
};

/* From the end of what was shown to the beginning of what could be shown next. */
struct render_gap {
    enum render_medium medium;
    int64_t from_ns;
    int64_t to_ns;
};

struct render_gaps {
    struct render_gap *list;
    size_t count;
};

/* Nothing happens below RENDER_GAP_MS. */
void render_gaps_add(struct render_gaps *gaps, enum render_medium medium, int64_t from_ns,
                     int64_t to_ns);
void render_gaps_done(struct render_gaps *gaps);

#endif
