/*
 * Puts the RTP packets of one stream into order and waits a bounded time for those that are
 * missing. Pure: time comes in with every call. Its memory is taken with the first packet. Used by
 * voice and picture.
 */
#ifndef ASSIZE_MEDIA_STUDIO_REORDER_H
#define ASSIZE_MEDIA_STUDIO_REORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/rtp/local.h"
#include "media/rtp/rtp.h"

struct reorder_packet {
    int64_t arrival_ns;
    struct rtp_header header;
    uint16_t len;
    bool held;
    uint8_t bytes[LOCAL_PACKET_MAX];
};

struct reorder {
    size_t capacity; /* packets held at most */
    int64_t wait_ns; /* for one that is missing, from the arrival of the next */
    struct reorder_packet *packets;
    struct rtp_sequence sequence;
    int64_t next; /* the number that is handed out next; -1 before the first packet */
    size_t held;
};

enum reorder_answer {
    REORDER_NOTHING, /* for now */
    REORDER_PACKET,
    REORDER_LOST, /* one or more packets before the next one are given up */
};

void reorder_init(struct reorder *reorder, size_t capacity, int64_t wait_ns);
void reorder_done(struct reorder *reorder);
/* As after init: another source begins. */
void reorder_reset(struct reorder *reorder);

/* Takes a copy of what is an RTP packet; anything else, repetitions and what comes too late are
 * dropped. A jump beyond the capacity begins anew. */
void reorder_put(struct reorder *reorder, const uint8_t *packet, size_t len, int64_t now_ns);
/* What is next; the packet is good until the next call. */
enum reorder_answer reorder_take(struct reorder *reorder, int64_t now_ns,
                                 const struct reorder_packet **ret_packet);

#endif
