#include "media/studio/render_mix.h"

#define SLICE_NS RENDER_MS(100) /* of the file, put together at once */

void render_mix_init(struct render_mix *mix, const struct render_survey *survey,
                     int64_t duration_ns, render_sink sink, void *context)
{
    *mix = (struct render_mix){
        .survey = survey,
        .duration_ns = duration_ns,
        .sink = sink,
        .context = context,
    };
    render_sound_init(&mix->sound, duration_ns, &mix->gaps);
    render_picture_init(&mix->picture, &mix->gaps);
}

void render_mix_done(struct render_mix *mix)
{
    render_sound_done(&mix->sound);
    render_picture_done(&mix->picture);
    render_gaps_done(&mix->gaps);
}

/* The next block before until_ns: pictures go before the sound of the same moment. */
static bool next_block(struct render_mix *mix, int64_t until_ns, struct render_block *block)
{
    if (!mix->has_sound)
        mix->has_sound = render_sound_take(&mix->sound, until_ns, &mix->next_sound);
    int64_t sound_ns =
        mix->has_sound ? mix->next_sound.time_ns + 1 : render_sound_line_ns(&mix->sound);
    if (render_picture_take(&mix->picture, sound_ns < until_ns ? sound_ns : until_ns, block))
        return true;
    if (!mix->has_sound)
        return false;
    *block = mix->next_sound;
    mix->has_sound = false;
    return true;
}

static int drain(struct render_mix *mix, int64_t until_ns)
{
    struct render_block block;
    int result = 0;

    while (!result && next_block(mix, until_ns, &block))
        result = mix->sink(mix->context, &block);
    mix->drained_ns = until_ns;
    return result;
}

int render_mix_take(struct render_mix *mix, const struct render_packet *packet)
{
    int64_t until_ns = packet->at_ns - RENDER_MS(RENDER_HOLD_MS);

    if (until_ns > mix->duration_ns)
        until_ns = mix->duration_ns;
    if (packet->kind == PCAPNG_RTP) {
        if (packet->medium == RENDER_AUDIO)
            render_sound_put(&mix->sound, mix->survey, packet);
        else
            render_picture_put(&mix->picture, mix->survey, packet);
    }
    return until_ns - mix->drained_ns < SLICE_NS ? 0 : drain(mix, until_ns);
}

int render_mix_end(struct render_mix *mix)
{
    render_sound_finish(&mix->sound);
    int result = drain(mix, mix->duration_ns);
    render_sound_close(&mix->sound);
    render_picture_close(&mix->picture, mix->duration_ns);
    return result;
}
