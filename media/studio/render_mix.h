/*
 * One group's packets in, the blocks of its file out, in order of their times: the first from time
 * 0 on, the last up to the file's duration. Private to render*.
 */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_MIX_H
#define ASSIZE_MEDIA_STUDIO_RENDER_MIX_H

#include "media/studio/render_picture.h"
#include "media/studio/render_sound.h"

/* 0, or an error that ends the making of the file. */
typedef int (*render_sink)(void *context, const struct render_block *block);

struct render_mix {
    const struct render_survey *survey;
    int64_t duration_ns;
    render_sink sink;
    void *context;
    int64_t drained_ns;
    struct render_gaps gaps;
    struct render_sound sound;
    struct render_picture picture;
    bool has_sound; /* next_sound waits for the pictures before it */
    struct render_block next_sound;
};

/* The survey has seen the packets that are to come. */
void render_mix_init(struct render_mix *mix, const struct render_survey *survey,
                     int64_t duration_ns, render_sink sink, void *context);
void render_mix_done(struct render_mix *mix);
/* 0 or the sink's error. */
int render_mix_take(struct render_mix *mix, const struct render_packet *packet)
    __attribute__((warn_unused_result));
/* After the last packet. 0 or the sink's error. */
int render_mix_end(struct render_mix *mix) __attribute__((warn_unused_result));

#endif
