/*
 * A bounded queue of bytes between two threads: one puts, the other takes, neither waits and
 * neither locks. Used between the loop and the record's writer, one in each direction.
 */
#ifndef ASSIZE_MEDIA_RELAY_RING_H
#define ASSIZE_MEDIA_RELAY_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
    uint8_t *bytes;
    size_t size; /* a power of two */
    atomic_size_t put;
    atomic_size_t taken;
};

void ring_init(struct ring *ring, size_t size);
void ring_done(struct ring *ring);

/* One item of two parts. false when it does not fit beside `reserve` bytes that stay free. */
bool ring_put(struct ring *ring, const void *head, size_t head_len, const void *body,
              size_t body_len, size_t reserve);
/* The oldest item into out, which must hold it; its length, or 0 when there is none. */
size_t ring_take(struct ring *ring, void *out, size_t out_size);

#endif
