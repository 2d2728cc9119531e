#include "media/studio/mixer.h"

#include <math.h>
#include <opus.h>
#include <stdlib.h>

enum { BITRATE = 48000, ATTACK = SOUND_RATE / 1000, ENCODED_MAX = 1275 };

static const float ceiling = 0.95F;
static const float release = 0.02F; /* of the way back to no reduction, each frame */

struct mixer {
    OpusEncoder *encoder;
    struct packetizer packetizer;
    float gain;
};

struct mixer *mixer_new(void)
{
    struct mixer *mixer = calloc(1, sizeof(*mixer));
    int error = OPUS_OK;

    if (!mixer)
        abort();
    mixer->encoder = opus_encoder_create(SOUND_RATE, 1, OPUS_APPLICATION_AUDIO, &error);
    if (!mixer->encoder)
        abort();
    opus_encoder_ctl(mixer->encoder, OPUS_SET_BITRATE(BITRATE));
    opus_encoder_ctl(mixer->encoder, OPUS_SET_INBAND_FEC(1));
    opus_encoder_ctl(mixer->encoder, OPUS_SET_COMPLEXITY(5));
    packetizer_init(&mixer->packetizer);
    mixer->gain = 1;
    return mixer;
}

void mixer_free(struct mixer *mixer)
{
    if (!mixer)
        return;
    opus_encoder_destroy(mixer->encoder);
    free(mixer);
}

static float peak_of(const float *mix)
{
    float peak = 0;

    for (size_t i = 0; i < SOUND_FRAME; i++)
        peak = fmaxf(peak, fabsf(mix[i]));
    return peak;
}

/* Turned down within a millisecond where people speak at once, up again slowly. */
static void limit(struct mixer *mixer, float *mix)
{
    float peak = peak_of(mix);
    float wanted = peak > ceiling ? ceiling / peak : 1;
    float from = mixer->gain;
    float to = wanted < from ? wanted : from + (wanted - from) * release;

    for (size_t i = 0; i < SOUND_FRAME; i++) {
        float part = i < ATTACK ? (float)i / ATTACK : 1;
        mix[i] = fmaxf(-1, fminf(1, mix[i] * (from + (to - from) * part)));
    }
    mixer->gain = to;
}

void mixer_send(struct mixer *mixer, float mix[static SOUND_FRAME], int64_t position,
                packet_handler handler, void *context)
{
    uint8_t encoded[ENCODED_MAX];

    limit(mixer, mix);
    uint8_t level = sound_level(mix, SOUND_FRAME);
    int len = opus_encode_float(mixer->encoder, mix, SOUND_FRAME, encoded, ENCODED_MAX);
    if (len > 0)
        packetizer_sound(&mixer->packetizer, encoded, (size_t)len, (uint32_t)position, level,
                         handler, context);
}

const struct packetizer *mixer_packetizer(const struct mixer *mixer)
{
    return &mixer->packetizer;
}
