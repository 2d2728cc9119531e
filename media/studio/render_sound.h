/*
 * The sound of a file: packets in, an unbroken line of Opus packets out, since players count
 * samples and do not look at times. What is missing is filled: a packet or two by ones that let the
 * decoder conceal it, more by silence. Where the sender's clock has drifted from ours, some
 * silence is put in or a packet left out. Private to render*.
 */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_SOUND_H
#define ASSIZE_MEDIA_STUDIO_RENDER_SOUND_H

#include "media/studio/render_hold.h"
#include "media/studio/render_opus.h"

enum { RENDER_LEVEL_MS = 250 };

struct render_sound {
    struct render_hold hold;
    struct render_tracker tracker;
    struct render_counts counts;
    struct render_gaps *gaps; /* the caller's */
    int64_t end;              /* samples of the line so far */
    int64_t heard_end;        /* and where the last that was no filling ended */
    bool started;
    size_t run;    /* of the last packet, */
    int64_t seq;   /* its number */
    uint8_t first; /* and first byte */
    bool conceals; /* what is being filled is a short loss */
    bool ending;   /* nothing more comes in */
    uint8_t *levels;
    size_t level_count;
    uint8_t filling[RENDER_OPUS_EMPTY_MAX];
    bool shown; /* the first packet held is the one given out last */
};

/* duration_ns is that of the file. */
void render_sound_init(struct render_sound *sound, int64_t duration_ns, struct render_gaps *gaps);
void render_sound_done(struct render_sound *sound);

void render_sound_put(struct render_sound *sound, const struct render_survey *survey,
                      const struct render_packet *packet);
/* The next packet of the line that begins before until_ns; false when there is none yet. What comes
 * in later for a time before until_ns is late. */
bool render_sound_take(struct render_sound *sound, int64_t until_ns,
                       struct render_block *ret_block);
/* Where the line ends so far. */
int64_t render_sound_line_ns(const struct render_sound *sound);
/* Nothing more comes in: from now on render_sound_take fills up to its until_ns. */
void render_sound_finish(struct render_sound *sound);
/* Once all is taken: notes the gap at the end. */
void render_sound_close(struct render_sound *sound);

#endif
