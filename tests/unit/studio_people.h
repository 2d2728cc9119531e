/*
 * Who takes part in a studio's hearing in tests: a speaker, whose picture is one shade and whose
 * sound is one tone, and a viewer, who sees the shade of a spot and hears how loud it is. Used with
 * studio_fixture.h.
 */
#ifndef ASSIZE_TESTS_UNIT_STUDIO_PEOPLE_H
#define ASSIZE_TESTS_UNIT_STUDIO_PEOPLE_H

#include "media/studio/decoder.h"
#include "media/studio/delay.h"
#include "media/studio/frames.h"
#include "media/studio/mixer.h"
#include "tests/unit/studio_fixture.h"

enum { SHADE_BLACK, SHADE_WHITE, SHADES };

struct speaker {
    struct studio *studio;
    uint8_t slot;
    uint8_t *stills[SHADES]; /* key frames of one shade, encoded once: nothing here takes long */
    size_t still_len[SHADES];
    struct packetizer pictures;
    struct mixer *mixer;
    struct delay sound; /* holds the sound back, as a slow way would */
    int64_t start_ns;
    int64_t next_frame;
    int64_t next_sound;
    int64_t next_report_ns;
    uint32_t time_shift; /* added to every timestamp */
    int shade;
    bool flashes; /* white and loud for the first fifth of each second, else black and silent */
    bool loud;
    bool junk;          /* sends random bytes as VP8 and Opus */
    unsigned loses;     /* one packet of so many; 0: none */
    bool new_source[2]; /* by medium: the next packet begins another source */
    unsigned sent;
};

void speaker_init(struct speaker *speaker, struct studio *studio, uint8_t slot, int width,
                  int height);
void speaker_done(struct speaker *speaker);
void speaker_turn(struct speaker *speaker, int64_t now_ns);
/* Goes on with pictures of another size. */
void speaker_resize(struct speaker *speaker, int width, int height);
/* Goes on as another source: SSRC, numbers and times are new. */
void speaker_restart(struct speaker *speaker);

enum { VIEWER_MOMENTS = 64, VIEWER_NUMBERS = 64 };

/* What a viewer notices of one leg. Times are Unix nanoseconds by the sender reports of the leg. */
struct viewer {
    struct decoder *decoder;
    struct frames frames;
    void *opus;
    uint64_t number;
    uint32_t times[VIEWER_NUMBERS];
    int width;
    int height;
    int x; /* the spot */
    int y;
    uint8_t shade; /* of the spot, last */
    size_t pictures;
    uint32_t last_time;     /* RTP time of the last picture */
    int64_t longest_gap_ns; /* between two pictures, as they were made */
    uint8_t level;          /* RFC 6464, of the last packet */
    float peak;             /* the greatest sample decoded */
    bool reported[2];
    uint32_t report_time[2];
    int64_t report_ns[2];
    size_t flash_count; /* from dark to light, from silence to sound */
    size_t beep_count;
    int64_t flashes[VIEWER_MOMENTS];
    int64_t beeps[VIEWER_MOMENTS];
    bool light;
    int64_t quiet_samples;
};

void viewer_init(struct viewer *viewer, int width, int height, int x, int y);
void viewer_done(struct viewer *viewer);
void viewer_take(struct viewer *viewer, const struct studio_packet *packet);
/* Looks at what has been decoded. */
void viewer_turn(struct viewer *viewer);

#endif
