/* What a studio takes from the relay's local link, up to the decoders: order, time, VP8 pictures,
 * Opus. The input is packets, each behind its length of two bytes. */
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "media/rtp/bytes.h"
#include "media/rtp/sdp.h"
#include "media/studio/frames.h"
#include "media/studio/limits.h"
#include "media/studio/voice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PICTURE_PACKETS = 64, STEP_MS = 7 };

struct studio_ends {
    struct reorder reorder;
    struct timeline timeline;
    struct frames frames;
    struct voice *voice;
    int64_t now_ns;
    int64_t heard;
};

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void see(struct studio_ends *ends)
{
    const struct reorder_packet *packet;
    enum reorder_answer answer;

    while ((answer = reorder_take(&ends->reorder, ends->now_ns, &packet)) != REORDER_NOTHING) {
        if (answer == REORDER_LOST) {
            frames_lose(&ends->frames);
            continue;
        }
        (void)timeline_take(&ends->timeline, packet->header.timestamp, packet->arrival_ns);
        if (frames_take(&ends->frames, packet))
            require(ends->frames.len <= STUDIO_FRAME_BYTES_MAX &&
                    ends->frames.width <= STUDIO_WIDTH_MAX &&
                    ends->frames.height <= STUDIO_HEIGHT_MAX);
    }
}

static void hear(struct studio_ends *ends)
{
    float sound[SOUND_FRAME] = {0};

    voice_turn(ends->voice, &(const struct voice_pace){.partner = &ends->timeline,
                                                       .heard = ends->heard,
                                                       .now_ns = ends->now_ns});
    while (ends->heard + SOUND_FRAME <= sound_samples(ends->now_ns)) {
        voice_mix(ends->voice, ends->heard, sound);
        ends->heard += SOUND_FRAME;
    }
    for (int i = 0; i < SOUND_FRAME; i++)
        require(!isnan(sound[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct studio_ends ends = {.voice = voice_new(20 * CLOCK_NS_PER_MS)};

    reorder_init(&ends.reorder, PICTURE_PACKETS, 50 * CLOCK_NS_PER_MS);
    timeline_init(&ends.timeline, SDP_VP8_CLOCK);
    frames_init(&ends.frames);
    while (size >= 2 && size - 2 >= bytes_get16(data)) {
        size_t len = bytes_get16(data);
        reorder_put(&ends.reorder, data + 2, len, ends.now_ns);
        voice_put(ends.voice, data + 2, len, ends.now_ns);
        see(&ends);
        hear(&ends);
        ends.now_ns += STEP_MS * CLOCK_NS_PER_MS;
        data += 2 + len;
        size -= 2 + len;
    }
    reorder_done(&ends.reorder);
    frames_done(&ends.frames);
    voice_free(ends.voice);
    return 0;
}
