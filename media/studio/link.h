/*
 * The process's end of one local leg (media/rtp/local.h). What the socket has no room for is
 * dropped, as the network would. Owned by live.
 */
#ifndef ASSIZE_MEDIA_STUDIO_LINK_H
#define ASSIZE_MEDIA_STUDIO_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/rtp/local.h"

struct link {
    int fd; /* -1: none */
};

typedef void (*link_handler)(void *context, const uint8_t head[static LOCAL_HEAD_BYTES],
                             const uint8_t *packet, size_t len);

/* Connects and says hello. 0 or -errno. */
int link_open(struct link *link, const char *path, uint64_t leg,
              const uint8_t token[static LOCAL_TOKEN_BYTES]) __attribute__((warn_unused_result));
void link_close(struct link *link);

/* Hands out what is there, up to a bound. False: the relay has ended the leg. */
bool link_read(struct link *link, link_handler handler, void *context);
/* slot is 0 but for key frames asked of a source. */
void link_send(const struct link *link, enum local_kind kind, uint8_t medium, uint8_t slot,
               const uint8_t *packet, size_t len);

#endif
