#include "media/studio/render_sound.h"

#include <stdlib.h>
#include <string.h>

#include "media/rtp/sdp.h"

enum {
    SAMPLES_PER_MS = RENDER_AUDIO_RATE / 1000,
    DRIFT_MAX = 30 * SAMPLES_PER_MS, /* between line and time, until it is set right */
    CONCEAL_MAX = 60 * SAMPLES_PER_MS,
};

static int64_t samples_at(int64_t ns)
{
    return ns / CLOCK_NS_PER_S * RENDER_AUDIO_RATE +
           ns % CLOCK_NS_PER_S * RENDER_AUDIO_RATE / CLOCK_NS_PER_S;
}

static int64_t time_of(int64_t samples)
{
    return samples / RENDER_AUDIO_RATE * CLOCK_NS_PER_S +
           samples % RENDER_AUDIO_RATE * CLOCK_NS_PER_S / RENDER_AUDIO_RATE;
}

void render_sound_init(struct render_sound *sound, int64_t duration_ns, struct render_gaps *gaps)
{
    *sound = (struct render_sound){
        .gaps = gaps,
        .level_count = (size_t)(duration_ns / RENDER_MS(RENDER_LEVEL_MS)) + 1,
    };
    render_hold_init(&sound->hold);
    render_tracker_init(&sound->tracker, RENDER_AUDIO);
    sound->levels = malloc(sound->level_count);
    if (!sound->levels)
        abort();
    memset(sound->levels, RENDER_NO_LEVEL, sound->level_count);
}

void render_sound_done(struct render_sound *sound)
{
    render_hold_done(&sound->hold);
    free(sound->levels);
}

void render_sound_put(struct render_sound *sound, const struct render_survey *survey,
                      const struct render_packet *packet)
{
    struct render_held held = {.level = RENDER_NO_LEVEL};
    struct rtp_header header;
    const uint8_t *payload;
    bool voice;

    if (!render_read_header(packet, &header, &payload, &held.len) ||
        !render_tracker_place(&sound->tracker, &header, packet->at_ns, &held.place) ||
        !render_opus_samples(payload, held.len)) {
        sound->counts.refused++;
        return;
    }
    held.time_ns = render_survey_time(survey, RENDER_AUDIO, &held.place, packet->at_ns);
    rtp_read_audio_level(packet->data, &header, SDP_EXTENSION_AUDIO_LEVEL, &held.level, &voice);
    render_hold_put(&sound->hold, &held, payload, &sound->counts);
}

static void note_level(struct render_sound *sound, uint8_t level)
{
    size_t bin = (size_t)(time_of(sound->end) / RENDER_MS(RENDER_LEVEL_MS));

    if (bin < sound->level_count && level < sound->levels[bin])
        sound->levels[bin] = level;
}

static void show(struct render_sound *sound, const struct render_held *held,
                 struct render_block *block)
{
    if (sound->started && held->place.run == sound->run)
        sound->counts.lost += (uint64_t)(held->place.seq - sound->seq - 1);
    render_gaps_add(sound->gaps, RENDER_AUDIO, time_of(sound->heard_end), time_of(sound->end));
    note_level(sound, held->level);
    *block = (struct render_block){RENDER_AUDIO, time_of(sound->end), true, held->data, held->len};
    sound->end += (int64_t)render_opus_samples(held->data, held->len);
    sound->heard_end = sound->end;
    sound->run = held->place.run;
    sound->seq = held->place.seq;
    sound->first = held->data[0];
    sound->started = sound->shown = true;
    sound->conceals = false;
}

static void fill(struct render_sound *sound, int64_t missing, struct render_block *block)
{
    size_t len = 1;
    size_t samples = 0;

    if (sound->conceals)
        samples = render_opus_missing(sound->first, sound->filling);
    if (!samples || (int64_t)samples > missing)
        samples = render_opus_silence((size_t)missing, sound->filling, &len);
    *block = (struct render_block){RENDER_AUDIO, time_of(sound->end), true, sound->filling, len};
    sound->end += (int64_t)samples;
}

/* A packet whose time is over, or that was shown before. */
static bool is_late(const struct render_sound *sound, const struct render_held *held)
{
    return samples_at(held->time_ns) < sound->end - DRIFT_MAX ||
           (sound->started && held->place.run == sound->run && held->place.seq <= sound->seq);
}

static const struct render_held *next_packet(struct render_sound *sound)
{
    for (;;) {
        if (!render_hold_count(&sound->hold))
            return NULL;
        const struct render_held *held = render_hold_at(&sound->hold, 0);
        if (!is_late(sound, held))
            return held;
        sound->counts.late++;
        render_hold_drop(&sound->hold, 1);
    }
}

/* Whether a packet goes on where the line ends. */
static bool fits(const struct render_sound *sound, const struct render_held *held, int64_t until)
{
    int64_t missing = samples_at(held->time_ns) - sound->end;

    if (sound->started && held->place.run == sound->run && held->place.seq == sound->seq + 1)
        return missing <= DRIFT_MAX;
    /* Until then one that is missing may still come. */
    return missing < RENDER_OPUS_LEAST && samples_at(held->time_ns) < until;
}

bool render_sound_take(struct render_sound *sound, int64_t until_ns, struct render_block *ret_block)
{
    int64_t until = samples_at(until_ns);

    render_hold_drop(&sound->hold, sound->shown);
    sound->shown = false;
    if (sound->end >= until)
        return false;
    const struct render_held *held = next_packet(sound);
    if (held && fits(sound, held, until)) {
        show(sound, held, ret_block);
        return true;
    }
    bool known = held && samples_at(held->time_ns) < until;
    int64_t missing = (known ? samples_at(held->time_ns) : until) - sound->end;
    if (missing < (known || sound->ending ? RENDER_OPUS_LEAST : RENDER_OPUS_MOST))
        return false;
    if (sound->end == sound->heard_end)
        sound->conceals = sound->started && known && missing <= CONCEAL_MAX;
    fill(sound, missing, ret_block);
    return true;
}

int64_t render_sound_line_ns(const struct render_sound *sound)
{
    return time_of(sound->end);
}

void render_sound_finish(struct render_sound *sound)
{
    sound->ending = true;
}

void render_sound_close(struct render_sound *sound)
{
    render_gaps_add(sound->gaps, RENDER_AUDIO, time_of(sound->heard_end), time_of(sound->end));
}
