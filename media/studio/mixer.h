/*
 * The end of a sound: a mix of voices without clipping, Opus, RTP. One for the programme, one for
 * the record read back.
 */
#ifndef ASSIZE_MEDIA_STUDIO_MIXER_H
#define ASSIZE_MEDIA_STUDIO_MIXER_H

#include <stddef.h>
#include <stdint.h>

#include "media/studio/packetizer.h"
#include "media/studio/sound.h"

struct mixer;

struct mixer *mixer_new(void);
void mixer_free(struct mixer *mixer);

/* Encodes a mix, whose peaks may be over 1, as the frame at this position, and hands out its
 * packet. */
void mixer_send(struct mixer *mixer, float mix[static SOUND_FRAME], int64_t position,
                packet_handler handler, void *context);
const struct packetizer *mixer_packetizer(const struct mixer *mixer);

#endif
