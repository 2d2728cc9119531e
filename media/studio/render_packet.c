#include "media/studio/render_packet.h"

#include <stdlib.h>

void render_gaps_add(struct render_gaps *gaps, enum render_medium medium, int64_t from_ns,
                     int64_t to_ns)
{
    if (to_ns - from_ns < RENDER_MS(RENDER_GAP_MS))
        return;
    gaps->list = realloc(gaps->list, (gaps->count + 1) * sizeof(*gaps->list));
    if (!gaps->list)
        abort();
    gaps->list[gaps->count++] = (struct render_gap){medium, from_ns, to_ns};
}

void render_gaps_done(struct render_gaps *gaps)
{
    free(gaps->list);
    *gaps = (struct render_gaps){0};
}
