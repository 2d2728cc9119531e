/*
 * The record read back: what the relay has written to this hearing's files, read as they grow,
 * decoded and mixed, and how loud each group is in what was written. Nothing of the call itself
 * goes in. Owned by live, on one thread.
 */
#ifndef ASSIZE_MEDIA_STUDIO_LISTEN_H
#define ASSIZE_MEDIA_STUDIO_LISTEN_H

#include <stdint.h>

#include "media/studio/mixer.h"

struct listen;

struct listen_ops {
    void (*send)(void *context, const struct packet_out *packet);
    void (*report)(void *context, enum sdp_medium medium, const struct packetizer *packetizer,
                   uint32_t time);
    /* level is that of RFC 6464; wall_ms is when the last packet of the group was written down. */
    void (*level)(void *context, const char *group, uint8_t level, int64_t wall_ms);
    /* After the levels of one moment. */
    void (*levels_done)(void *context);
};

/* folder is that of the hearing, and stays the caller's. */
struct listen *listen_new(int folder, const struct listen_ops *ops, void *context, int64_t now_ns);
void listen_free(struct listen *listen);
void listen_turn(struct listen *listen, int64_t now_ns);

#endif
