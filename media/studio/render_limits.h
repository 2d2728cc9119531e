/* The renderer's rows of the table of limits: what a journal may make it do. */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_LIMITS_H
#define ASSIZE_MEDIA_STUDIO_RENDER_LIMITS_H

#include "base/limits.h"

/* clang-format off */
#define RENDER_LIMITS(L) \
    L(RENDER_GROUPS_MAX, 512, "groups", "of one hearing made into files; more are reported") \
    L(RENDER_HOURS_MAX, 48, "hours", "from a hearing's first packet on record to its last; later ones are left out") \
    L(RENDER_RUNS_MAX, 16384, "runs", "of one track without a break in its numbers and times; later packets are left out") \
    L(RENDER_HOLD_MS, 3000, "ms", "a packet may come late, or out of order, and still be shown") \
    L(RENDER_HELD_MAX, 8192, "packets", "of one track held for those that come late") \
    L(RENDER_FRAME_BYTES_MAX, 4 << 20, "bytes", "one picture; a larger one is left out") \
    L(RENDER_BLACK_MS, 2500, "ms", "a picture stands still until it is black") \
    L(RENDER_GAP_MS, 1000, "ms", "without sound or picture that a file's index calls a gap")
/* clang-format on */
LIMITS(RENDER_LIMITS);

#endif
