#include "media/studio/render_opus.h"

#include <opus.h>

#include "media/studio/render_packet.h"

/* RFC 6716, 3.1: configuration, channels and number of frames in the first byte of a packet. */
enum {
    CONFIG_SHIFT = 3,
    CELT_FULLBAND_2_5_MS = 28, /* then 5, 10 and 20 ms */
    CODE_MASK = 0x03,
    CODE_MANY = 3,
    FRAME_20_MS = 960,
    FRAME_BYTES = 2,
};

/* A CELT frame whose first symbol says that it is silent. */
static const uint8_t silent_frame[FRAME_BYTES] = {0xff, 0xfe};

size_t render_opus_samples(const uint8_t *packet, size_t len)
{
    const unsigned char *frames[48];
    opus_int16 sizes[48];

    if (!len || len > JOURNAL_PACKET_MAX ||
        opus_packet_parse(packet, (opus_int32)len, NULL, frames, sizes, NULL) < 0)
        return 0;
    int samples = opus_packet_get_nb_samples(packet, (opus_int32)len, RENDER_AUDIO_RATE);
    return samples >= RENDER_OPUS_LEAST && samples <= RENDER_OPUS_MOST ? (size_t)samples : 0;
}

size_t render_opus_silence(size_t samples, uint8_t out[static RENDER_OPUS_EMPTY_MAX],
                           size_t *ret_len)
{
    size_t frames = samples / FRAME_20_MS;
    size_t frame = FRAME_20_MS;
    int config = CELT_FULLBAND_2_5_MS + 3;
    size_t len = 0;

    if (frames > RENDER_OPUS_MOST / FRAME_20_MS)
        frames = RENDER_OPUS_MOST / FRAME_20_MS;
    for (; !frames; frames = frame <= samples) {
        frame /= 2;
        config--;
    }
    out[len++] = (uint8_t)(config << CONFIG_SHIFT | (frames > 1 ? CODE_MANY : 0));
    if (frames > 1)
        out[len++] = (uint8_t)frames;
    for (size_t i = 0; i < frames; i++) {
        out[len++] = silent_frame[0];
        out[len++] = silent_frame[1];
    }
    *ret_len = len;
    return frames * frame;
}

size_t render_opus_missing(uint8_t first, uint8_t out[static RENDER_OPUS_EMPTY_MAX])
{
    out[0] = first & (uint8_t)~CODE_MASK;
    return (size_t)opus_packet_get_samples_per_frame(out, RENDER_AUDIO_RATE);
}
