/*
 * One incoming sound: Opus packets of one source at a time, put into order, decoded, and laid down
 * where they are to be heard. Whoever mixes reads frames at positions that only go up; what is late
 * moves the voice back, what is missing is concealed or silent. Junk is silence. Used by programme
 * and listen.
 */
#ifndef ASSIZE_MEDIA_STUDIO_VOICE_H
#define ASSIZE_MEDIA_STUDIO_VOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/studio/sound.h"
#include "media/studio/timeline.h"

struct voice;

/* delay_ns: from the arrival of an undelayed packet until it is heard. */
struct voice *voice_new(int64_t delay_ns);
void voice_free(struct voice *voice);
/* Another source begins: nothing of the one before is heard any more. */
void voice_reset(struct voice *voice);

/* An RTP packet that arrived now, and a sender report on it. */
void voice_put(struct voice *voice, const uint8_t *packet, size_t len, int64_t now_ns);
void voice_report(struct voice *voice, uint32_t timestamp, int64_t unix_ns);

/* What a voice is heard in step with. */
struct voice_pace {
    const struct timeline *partner; /* the picture of the same person, or NULL, */
    int64_t partner_late_ns;        /* and how late it is on top of the delay */
    int64_t epoch_ns;               /* monotonic time of position 0 */
    int64_t heard;                  /* the position that is read next */
    int64_t now_ns;
};

/* Decodes what is due. */
void voice_turn(struct voice *voice, const struct voice_pace *pace);
/* Adds the frame at this position to the mix, and forgets it. */
void voice_mix(struct voice *voice, int64_t position, float mix[static SOUND_FRAME]);

/* For the picture of the same person: its times, and how late it is on top of the delay. */
const struct timeline *voice_timeline(const struct voice *voice);
int64_t voice_late_ns(const struct voice *voice);
/* The loudest that was decoded since the last call, as RFC 6464 says it. */
uint8_t voice_take_level(struct voice *voice);

#endif
