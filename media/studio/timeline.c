#include "media/studio/timeline.h"

#include <stddef.h>

#include "base/clock.h"

static const int64_t stretch_ns = 5 * CLOCK_NS_PER_S;
/* A stream whose times are off by more than this has begun anew; two streams that are this far
 * apart are not one person's. */
static const int64_t jump_ns = CLOCK_NS_PER_S;

void timeline_init(struct timeline *timeline, uint32_t rate)
{
    *timeline = (struct timeline){.rate = rate};
}

void timeline_reset(struct timeline *timeline)
{
    timeline_init(timeline, timeline->rate);
}

static int64_t media_ns(const struct timeline *timeline, int64_t ticks)
{
    int64_t rate = timeline->rate;

    return ticks / rate * CLOCK_NS_PER_S + ticks % rate * CLOCK_NS_PER_S / rate;
}

static int64_t least(const struct timeline *timeline)
{
    return timeline->least_ns < timeline->least_before_ns ? timeline->least_ns
                                                          : timeline->least_before_ns;
}

static void begin(struct timeline *timeline, int64_t transit_ns, int64_t now_ns)
{
    timeline->started = true;
    timeline->has_report = false;
    timeline->least_ns = transit_ns;
    timeline->least_before_ns = transit_ns;
    timeline->stretch_end_ns = now_ns + stretch_ns;
}

static void note_transit(struct timeline *timeline, int64_t transit_ns, int64_t now_ns)
{
    if (now_ns >= timeline->stretch_end_ns) {
        timeline->least_before_ns = timeline->least_ns;
        timeline->least_ns = transit_ns;
        timeline->stretch_end_ns = now_ns + stretch_ns;
    }
    if (transit_ns < timeline->least_ns)
        timeline->least_ns = transit_ns;
}

int64_t timeline_take(struct timeline *timeline, uint32_t timestamp, int64_t now_ns)
{
    if (timeline->started)
        timeline->ticks += (int32_t)(timestamp - timeline->timestamp);
    timeline->timestamp = timestamp;
    int64_t media = media_ns(timeline, timeline->ticks);
    int64_t off = now_ns - media - least(timeline);
    if (!timeline->started || off > jump_ns || off < -jump_ns)
        begin(timeline, now_ns - media, now_ns);
    else
        note_transit(timeline, now_ns - media, now_ns);
    return media;
}

void timeline_report(struct timeline *timeline, uint32_t timestamp, int64_t unix_ns)
{
    if (!timeline->started)
        return;
    int64_t ticks = timeline->ticks + (int32_t)(timestamp - timeline->timestamp);
    timeline->has_report = true;
    timeline->report_ns = unix_ns - media_ns(timeline, ticks);
}

int64_t timeline_shift(const struct timeline *timeline, const struct timeline *other)
{
    int64_t shift = least(timeline);

    if (!other || !timeline->has_report || !other->has_report)
        return shift;
    int64_t own = shift - timeline->report_ns;
    int64_t others = least(other) - other->report_ns;
    int64_t apart = others - own;
    return apart > 0 && apart < jump_ns ? shift + apart : shift;
}
