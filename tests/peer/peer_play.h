/*
 * Plays a picture and a voice, made at build time, into a media connection in real time and for
 * ever. On a request for a key frame it jumps to the next one. Owned by struct peer; the media
 * connection may come and go.
 */
#ifndef ASSIZE_TESTS_PEER_PLAY_H
#define ASSIZE_TESTS_PEER_PLAY_H

#include "tests/peer/peer_ivf.h"
#include "tests/peer/peer_media.h"

struct peer_play {
    struct peer_loop *loop;
    struct peer_media *media; /* where it goes, or NULL */
    bool shares;              /* the picture also as the second one */
    struct peer_ivf video;
    struct peer_ivf audio;
    size_t video_at;
    size_t audio_at;
    uint64_t video_sent; /* frames */
    uint64_t audio_sent;
    int64_t video_started_ns;
    int64_t audio_started_ns;
    struct peer_timer video_timer;
    struct peer_timer audio_timer;
};

/* DIR/NAME-video.ivf and DIR/NAME-audio.ivf. 0 or -errno. */
int peer_play_init(struct peer_play *play, struct peer_loop *loop, const char *dir,
                   const char *name) __attribute__((warn_unused_result));
void peer_play_done(struct peer_play *play);
/* NULL stops it. */
void peer_play_into(struct peer_play *play, struct peer_media *media);
/* The next picture is a key frame. */
void peer_play_key_frame(struct peer_play *play);

#endif
