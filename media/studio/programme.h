/*
 * The programme feed: everybody's RTP in by slot, one composed picture and one mixed sound out. It
 * never stops for what comes in: each slot is decoded apart and only its latest is looked at; what
 * is composed goes out at a fixed pace. Owned by live, turned by it every STUDIO_TURN_MS, on one
 * thread.
 */
#ifndef ASSIZE_MEDIA_STUDIO_PROGRAMME_H
#define ASSIZE_MEDIA_STUDIO_PROGRAMME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/rtp/local.h"
#include "media/studio/letters.h"
#include "media/studio/packetizer.h"
#include "media/studio/scene.h"

struct programme;

/* Called from programme_turn only. */
struct programme_ops {
    void (*send)(void *context, const struct packet_out *packet);
    void (*report)(void *context, enum sdp_medium medium, const struct packetizer *packetizer,
                   uint32_t time);
    void (*ask_key_frame)(void *context, uint8_t slot);
};

/* The letters stay the caller's. high: 720p instead of 360p. */
struct programme *programme_new(struct letters *letters, bool high, const struct programme_ops *ops,
                                void *context, int64_t now_ns);
void programme_free(struct programme *programme);

void programme_set_scene(struct programme *programme, const struct scene *scene);
/* One packet of the programme leg (media/rtp/local.h). */
void programme_take(struct programme *programme, const uint8_t head[static LOCAL_HEAD_BYTES],
                    const uint8_t *packet, size_t len, int64_t now_ns);
/* Somebody who receives the feed needs a key frame. */
void programme_key_frame(struct programme *programme);
void programme_turn(struct programme *programme, int64_t now_ns);

#endif
