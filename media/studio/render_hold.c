#include "media/studio/render_hold.h"

#include <stdlib.h>
#include <string.h>

enum { SPACE = 2 * RENDER_HELD_MAX };

void render_hold_init(struct render_hold *hold)
{
    *hold = (struct render_hold){.list = calloc(SPACE, sizeof(*hold->list))};
    if (!hold->list)
        abort();
}

void render_hold_done(struct render_hold *hold)
{
    render_hold_drop(hold, render_hold_count(hold));
    free(hold->list);
    *hold = (struct render_hold){0};
}

/* Within a run the numbers say what comes first, between runs the time. */
static int64_t compare(const struct render_held *a, const struct render_held *b)
{
    return a->place.run == b->place.run ? a->place.seq - b->place.seq : a->time_ns - b->time_ns;
}

static void move_to_front(struct render_hold *hold)
{
    memmove(hold->list, hold->list + hold->first, render_hold_count(hold) * sizeof(*hold->list));
    hold->end -= hold->first;
    hold->first = 0;
}

static bool is_same(const struct render_held *a, const struct render_held *b)
{
    return a->place.run == b->place.run && a->place.seq == b->place.seq;
}

void render_hold_put(struct render_hold *hold, const struct render_held *packet,
                     const uint8_t *data, struct render_counts *counts)
{
    if (render_hold_count(hold) == RENDER_HELD_MAX) {
        counts->refused++;
        return;
    }
    if (hold->end == SPACE)
        move_to_front(hold);
    size_t at = hold->end;
    while (at > hold->first && compare(hold->list[at - 1], packet) > 0)
        at--;
    if (at > hold->first && is_same(hold->list[at - 1], packet)) {
        counts->late++;
        return;
    }
    struct render_held *held = malloc(sizeof(*held) + packet->len);
    if (!held)
        abort();
    *held = *packet;
    memcpy(held->data, data, packet->len);
    memmove(hold->list + at + 1, hold->list + at, (hold->end - at) * sizeof(*hold->list));
    hold->list[at] = held;
    hold->end++;
    counts->packets++;
}

void render_hold_drop(struct render_hold *hold, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(hold->list[hold->first++]);
    if (hold->first == hold->end)
        hold->first = hold->end = 0;
}
