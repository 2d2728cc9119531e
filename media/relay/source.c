#include "media/relay/source.h"

#include <stdlib.h>
#include <string.h>

void source_init(struct source *source, enum sdp_medium medium, bool sends)
{
    *source = (struct source){
        .medium = medium,
        .key_frame_asked_ns = -NS_OF_MS(RELAY_KEY_FRAME_MS),
    };
    source_restart(source);
    if (!sends || medium == SDP_AUDIO)
        return;
    source->cache = calloc(RELAY_CACHE_PACKETS, sizeof(*source->cache));
    if (!source->cache)
        abort();
}

void source_done(struct source *source)
{
    free(source->cache);
    source->cache = NULL;
}

void source_restart(struct source *source)
{
    source->highest = -1;
    source->has_report = false;
    source->missing_count = 0;
    source->reception = (struct rtcp_reception){0};
    rtcp_reception_init(&source->reception, source_clock_rate(source));
    for (size_t i = 0; source->cache && i < RELAY_CACHE_PACKETS; i++)
        source->cache[i].packet.len = 0;
}

uint32_t source_clock_rate(const struct source *source)
{
    return source->medium == SDP_AUDIO ? SDP_OPUS_CLOCK : SDP_VP8_CLOCK;
}

/* ---- what is missing ---- */

static void forget_missing(struct source *source, size_t place)
{
    source->missing_count--;
    memmove(&source->missing[place], &source->missing[place + 1],
            (source->missing_count - place) * sizeof(source->missing[0]));
}

static void found(struct source *source, int64_t index)
{
    for (size_t i = 0; i < source->missing_count; i++) {
        if (source->missing[i].index == index) {
            forget_missing(source, i);
            return;
        }
    }
}

/* A gap that is too wide to fill, or that nobody fills, is not asked for: a key frame mends it. */
static void note_gap(struct source *source, int64_t next, int64_t now_ns)
{
    int64_t gap = next - source->highest - 1;

    if (gap && (!source->resends || source->missing_count + (size_t)gap > RELAY_MISSING_MAX)) {
        source->missing_count = 0;
        source_want_key_frame(source);
        return;
    }
    for (int64_t index = source->highest + 1; index < next; index++) {
        source->missing[source->missing_count++] =
            (struct missing_packet){.index = index, .next_ask_ns = now_ns};
    }
}

size_t source_missing(struct source *source, int64_t now_ns, int64_t retry_ns,
                      uint16_t out[static RELAY_MISSING_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < source->missing_count;) {
        struct missing_packet *missing = &source->missing[i];
        if (missing->next_ask_ns > now_ns) {
            i++;
        } else if (missing->asks == RELAY_ASKS_MAX) {
            forget_missing(source, i);
            source_want_key_frame(source);
        } else {
            missing->asks++;
            missing->next_ask_ns = now_ns + retry_ns;
            out[count++] = (uint16_t)missing->index;
            i++;
        }
    }
    return count;
}

/* ---- the cache ---- */

static void keep(struct source *source, const struct packet *packet)
{
    struct cached_packet *place = &source->cache[packet->index % RELAY_CACHE_PACKETS];

    if (place->packet.len && place->packet.index > packet->index)
        return;
    memcpy(place->bytes, packet->data, packet->len);
    place->packet = *packet;
    place->packet.data = place->bytes;
}

struct packet *source_cached(const struct source *source, int64_t index)
{
    if (!source->cache || index < 0)
        return NULL;
    struct packet *packet = &source->cache[index % RELAY_CACHE_PACKETS].packet;
    return packet->len && packet->index == index ? packet : NULL;
}

/* ---- packets ---- */

void source_take(struct source *source, const struct packet *packet)
{
    rtcp_reception_add(&source->reception, packet->index, packet->header.timestamp,
                       packet->arrival_ns);
    if (source->cache) {
        if (source->highest >= 0 && packet->index > source->highest)
            note_gap(source, packet->index, packet->arrival_ns);
        else
            found(source, packet->index);
        keep(source, packet);
    }
    if (packet->index > source->highest)
        source->highest = packet->index;
    if (source->medium != SDP_AUDIO && packet->vp8.key_frame) {
        source->key_frame_wanted = false;
        source->key_frame_ns = packet->arrival_ns;
    }
}

void source_take_report(struct source *source, const struct rtcp_sender_info *info, int64_t now_ns)
{
    source->has_report = true;
    source->report_ntp = info->ntp;
    source->report_timestamp = info->timestamp;
    source->report_arrival_ns = now_ns;
}

void source_want_key_frame(struct source *source)
{
    source->key_frame_wanted = source->medium != SDP_AUDIO;
}

void source_keep_key_frames(struct source *source, int64_t now_ns)
{
    if (now_ns - source->key_frame_ns >= NS_OF_MS(RELAY_RECORD_KEY_FRAME_MS))
        source_want_key_frame(source);
}

bool source_ask_key_frame(struct source *source, int64_t now_ns)
{
    if (!source->key_frame_wanted || !source->ssrc ||
        now_ns - source->key_frame_asked_ns < NS_OF_MS(RELAY_KEY_FRAME_MS))
        return false;
    source->key_frame_asked_ns = now_ns;
    return true;
}
