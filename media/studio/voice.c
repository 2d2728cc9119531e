#include "media/studio/voice.h"

#include <opus.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "media/rtp/sdp.h"
#include "media/studio/limits.h"
#include "media/studio/reorder.h"

enum {
    RING = 1 << 17,              /* samples laid down and not yet heard */
    STEP = SOUND_FRAME,          /* a difference that is not worth a jump */
    MARGIN = SOUND_FRAME / 2,    /* samples a late packet is put ahead of what is heard */
    FADE = SOUND_RATE / 400,     /* samples, at the beginning of a stretch */
    OPUS_UNIT = SOUND_RATE / 400 /* the decoder conceals multiples of this */
};

static const int64_t wait_ns = 60 * CLOCK_NS_PER_MS;
static const int64_t late_max_ns = 500 * CLOCK_NS_PER_MS;
static const int64_t calm_ns =
    10 * CLOCK_NS_PER_S; /* without a late packet until less delay is tried */

struct voice {
    OpusDecoder *decoder;
    struct reorder reorder;
    struct timeline timeline;
    int64_t delay_ns;
    int64_t late_ns;
    int64_t calm_since_ns;
    bool flows;      /* next_ and place are of the packet before */
    int64_t next_ns; /* media time of what follows without a gap */
    int64_t place;   /* position of the same */
    uint8_t level;
    float ring[RING]; /* by position */
};

struct voice *voice_new(int64_t delay_ns)
{
    struct voice *voice = calloc(1, sizeof(*voice));
    int error = OPUS_OK;

    if (!voice)
        abort();
    voice->decoder = opus_decoder_create(SOUND_RATE, 1, &error);
    if (!voice->decoder)
        abort();
    voice->delay_ns = delay_ns;
    voice->level = SOUND_SILENCE;
    reorder_init(&voice->reorder, STUDIO_SOUND_PACKETS, wait_ns);
    timeline_init(&voice->timeline, SOUND_RATE);
    return voice;
}

void voice_free(struct voice *voice)
{
    if (!voice)
        return;
    opus_decoder_destroy(voice->decoder);
    reorder_done(&voice->reorder);
    free(voice);
}

void voice_reset(struct voice *voice)
{
    opus_decoder_ctl(voice->decoder, OPUS_RESET_STATE);
    reorder_reset(&voice->reorder);
    timeline_reset(&voice->timeline);
    voice->flows = false;
    voice->late_ns = 0;
    voice->level = SOUND_SILENCE;
    memset(voice->ring, 0, sizeof(voice->ring));
}

void voice_put(struct voice *voice, const uint8_t *packet, size_t len, int64_t now_ns)
{
    reorder_put(&voice->reorder, packet, len, now_ns);
}

void voice_report(struct voice *voice, uint32_t timestamp, int64_t unix_ns)
{
    timeline_report(&voice->timeline, timestamp, unix_ns);
}

/* ---- laying down ---- */

static void lay_down(struct voice *voice, const float *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        voice->ring[(uint64_t)(voice->place + (int64_t)i) % RING] = samples[i];
    voice->place += (int64_t)count;
}

static int64_t ideal_place(const struct voice *voice, const struct voice_pace *pace,
                           int64_t media_ns)
{
    int64_t local = media_ns + timeline_shift(&voice->timeline, pace->partner);

    return sound_samples(local + voice->delay_ns + voice->late_ns + pace->partner_late_ns -
                         pace->epoch_ns);
}

/* A late packet moves the voice back by as much; after a calm while it is moved forward again, bit
 * by bit. */
static int64_t note_lateness(struct voice *voice, const struct voice_pace *pace, int64_t place)
{
    int64_t missing = pace->heard + MARGIN - place;
    int64_t late_ns = missing * 1000 / (SOUND_RATE / 1000) * 1000;

    if (missing > 0) {
        voice->late_ns += late_ns;
        voice->calm_since_ns = pace->now_ns;
        return place + missing;
    }
    if (voice->late_ns && pace->now_ns - voice->calm_since_ns > calm_ns) {
        voice->late_ns -= voice->late_ns < wait_ns / 3 ? voice->late_ns : wait_ns / 3;
        voice->calm_since_ns = pace->now_ns;
    }
    return place;
}

/* Concealed sound between the packet before and this one; false when the gap is too long for that.
 */
static bool conceal(struct voice *voice, int64_t gap_ns)
{
    float samples[SOUND_PACKET_MAX];
    int64_t gap = sound_samples(gap_ns + CLOCK_NS_PER_MS / 2);

    gap -= gap % OPUS_UNIT;
    if (gap <= 0)
        return gap == 0 && gap_ns >= -CLOCK_NS_PER_MS;
    if (gap > SOUND_PACKET_MAX)
        return false;
    int count = opus_decode_float(voice->decoder, NULL, 0, samples, (int)gap, 0);
    if (count > 0)
        lay_down(voice, samples, (size_t)count);
    return count > 0;
}

/* Finds the place of a packet with this media time; false: it cannot be heard. */
static bool find_place(struct voice *voice, const struct voice_pace *pace, int64_t media_ns,
                       bool *ret_begins)
{
    int64_t ideal = ideal_place(voice, pace, media_ns);

    *ret_begins = false;
    if (voice->flows && conceal(voice, media_ns - voice->next_ns) && voice->place >= pace->heard &&
        voice->place - ideal <= STEP && ideal - voice->place <= STEP) {
        note_lateness(voice, pace, voice->place);
        return true;
    }
    *ret_begins = true;
    voice->place = note_lateness(voice, pace, ideal);
    if (voice->late_ns <= late_max_ns && voice->place + SOUND_PACKET_MAX < pace->heard + RING)
        return true;
    voice_reset(voice);
    return false;
}

static void fade_in(float *samples, size_t count)
{
    for (size_t i = 0; i < FADE && i < count; i++)
        samples[i] *= (float)i / FADE;
}

static void take_packet(struct voice *voice, const struct voice_pace *pace,
                        const struct reorder_packet *packet)
{
    float samples[SOUND_PACKET_MAX];
    size_t payload = 0;
    bool begins;

    if (packet->header.payload_type != SDP_OPUS ||
        rtp_payload_len(packet->bytes, packet->len, &packet->header, &payload) || !payload)
        return;
    int64_t media = timeline_take(&voice->timeline, packet->header.timestamp, packet->arrival_ns);
    if (!find_place(voice, pace, media, &begins))
        return;
    int count = opus_decode_float(voice->decoder, packet->bytes + packet->header.len,
                                  (opus_int32)payload, samples, SOUND_PACKET_MAX, 0);
    voice->flows = count > 0;
    if (count <= 0)
        return;
    uint8_t level = sound_level(samples, (size_t)count);
    if (level < voice->level)
        voice->level = level;
    if (begins)
        fade_in(samples, (size_t)count);
    lay_down(voice, samples, (size_t)count);
    voice->next_ns = media + (int64_t)count * 1000 / (SOUND_RATE / 1000) * 1000;
}

void voice_turn(struct voice *voice, const struct voice_pace *pace)
{
    const struct reorder_packet *packet;
    enum reorder_answer answer;

    while ((answer = reorder_take(&voice->reorder, pace->now_ns, &packet)) != REORDER_NOTHING) {
        if (answer == REORDER_PACKET)
            take_packet(voice, pace, packet);
    }
}

void voice_mix(struct voice *voice, int64_t position, float mix[static SOUND_FRAME])
{
    for (size_t i = 0; i < SOUND_FRAME; i++) {
        float *sample = &voice->ring[(uint64_t)(position + (int64_t)i) % RING];
        mix[i] += *sample;
        *sample = 0;
    }
}

const struct timeline *voice_timeline(const struct voice *voice)
{
    return &voice->timeline;
}

int64_t voice_late_ns(const struct voice *voice)
{
    return voice->late_ns;
}

uint8_t voice_take_level(struct voice *voice)
{
    uint8_t level = voice->level;

    voice->level = SOUND_SILENCE;
    return level;
}
