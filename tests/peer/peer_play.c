#include "tests/peer/peer_play.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"

enum {
    VIDEO_HZ = 90000,
    AUDIO_HZ = 48000,
    SPEECH_BYTES = 20, /* a 20 ms Opus packet below this size is silence */
    SPEECH_LEVEL = 30, /* -dBov */
    SILENCE_LEVEL = 127,
    VP8_INTER_FRAME = 1,
};

static bool is_key_frame(const struct peer_ivf_frame *frame)
{
    return !(frame->data[0] & VP8_INTER_FRAME);
}

static int64_t due_ns(int64_t started_ns, uint64_t number, uint32_t rate)
{
    return started_ns + (int64_t)(number * (uint64_t)CLOCK_NS_PER_S / rate);
}

static void on_video_timer(void *context)
{
    struct peer_play *play = context;
    const struct peer_ivf_frame *frame = &play->video.frames[play->video_at];
    uint32_t timestamp = (uint32_t)(play->video_sent * VIDEO_HZ / play->video.rate);

    for (int medium = PEER_VIDEO; medium <= (play->shares ? PEER_SHARE : PEER_VIDEO); medium++)
        peer_media_send_frame(play->media, (enum peer_medium)medium, frame->data, frame->len,
                              timestamp, (uint16_t)play->video_sent);
    play->video_at = (play->video_at + 1) % play->video.frame_count;
    play->video_sent++;
    peer_timer_at(play->loop, &play->video_timer,
                  due_ns(play->video_started_ns, play->video_sent, play->video.rate));
}

static void on_audio_timer(void *context)
{
    struct peer_play *play = context;
    const struct peer_ivf_frame *frame = &play->audio.frames[play->audio_at];
    struct peer_payload payload = {
        .data = frame->data,
        .len = frame->len,
        .timestamp = (uint32_t)(play->audio_sent * AUDIO_HZ / play->audio.rate),
        .level = frame->len < SPEECH_BYTES ? SILENCE_LEVEL : SPEECH_LEVEL,
    };

    peer_media_send(play->media, PEER_AUDIO, &payload);
    play->audio_at = (play->audio_at + 1) % play->audio.frame_count;
    play->audio_sent++;
    peer_timer_at(play->loop, &play->audio_timer,
                  due_ns(play->audio_started_ns, play->audio_sent, play->audio.rate));
}

static int load(const char *dir, const char *name, const char *what, struct peer_ivf *ret_ivf)
{
    char path[4096];

    int len = snprintf(path, sizeof(path), "%s/%s-%s.ivf", dir, name, what);
    if (len < 0 || (size_t)len >= sizeof(path))
        return -ENAMETOOLONG;
    return peer_ivf_load(path, ret_ivf);
}

int peer_play_init(struct peer_play *play, struct peer_loop *loop, const char *dir,
                   const char *name)
{
    *play = (struct peer_play){.loop = loop};
    play->video_timer = (struct peer_timer){.fire = on_video_timer, .context = play};
    play->audio_timer = (struct peer_timer){.fire = on_audio_timer, .context = play};
    int result = load(dir, name, "video", &play->video);
    if (!result)
        result = load(dir, name, "audio", &play->audio);
    if (result)
        peer_play_done(play);
    return result;
}

void peer_play_done(struct peer_play *play)
{
    if (play->loop)
        peer_play_into(play, NULL);
    peer_ivf_done(&play->video);
    peer_ivf_done(&play->audio);
}

void peer_play_into(struct peer_play *play, struct peer_media *media)
{
    peer_timer_stop(play->loop, &play->video_timer);
    peer_timer_stop(play->loop, &play->audio_timer);
    play->media = media;
    if (!media || !play->video.frame_count)
        return;
    play->video_at = play->audio_at = 0;
    play->video_sent = play->audio_sent = 0;
    play->video_started_ns = play->audio_started_ns = clock_monotonic_ns();
    peer_timer_in(play->loop, &play->video_timer, 0);
    peer_timer_in(play->loop, &play->audio_timer, 0);
}

void peer_play_key_frame(struct peer_play *play)
{
    if (!play->media)
        return;
    for (size_t i = 0; i < play->video.frame_count; i++) {
        if (is_key_frame(&play->video.frames[play->video_at]))
            return;
        play->video_at = (play->video_at + 1) % play->video.frame_count;
    }
}
