/*
 * The gallery feed's delay: the programme's packets wait here until they are as old as asked.
 * Nothing is ever handed out younger than that; a feed begins with a key frame, and nothing from
 * before it was opened is in it. Pure: time comes in with every call. Used by gallery.
 */
#ifndef ASSIZE_MEDIA_STUDIO_DELAY_H
#define ASSIZE_MEDIA_STUDIO_DELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/studio/packetizer.h"

struct delay {
    bool open;
    int64_t delay_ns;
    bool flows;     /* a key frame has been handed out, and all since */
    uint8_t *bytes; /* STUDIO_GALLERY_BYTES_MAX while open: packets, oldest first, around the end */
    uint64_t head;  /* counts bytes taken in, */
    uint64_t tail;  /* and handed out or dropped */
};

void delay_init(struct delay *delay);
void delay_done(struct delay *delay);
/* Closing drops everything. A shorter delay leaves out what lies between, up to a key frame; a
 * longer one makes the feed stand still. */
void delay_set(struct delay *delay, bool open, int64_t delay_ns, int64_t now_ns);
/* Takes a copy; over the limit the oldest go, and the feed begins again. Nothing happens while
 * closed. */
void delay_put(struct delay *delay, const struct packet_out *packet, int64_t now_ns);
/* The next packet that is due, with its bytes in out; false: none. */
bool delay_take(struct delay *delay, int64_t now_ns, struct packet_out *ret_packet,
                uint8_t out[static LOCAL_PACKET_MAX]);

#endif
