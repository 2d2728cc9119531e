#include "media/relay/ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void ring_init(struct ring *ring, size_t size)
{
    assert(size && (size & (size - 1)) == 0);
    *ring = (struct ring){.bytes = malloc(size), .size = size};
    if (!ring->bytes)
        abort();
}

void ring_done(struct ring *ring)
{
    free(ring->bytes);
    ring->bytes = NULL;
}

static void copy_in(struct ring *ring, size_t at, const void *from, size_t len)
{
    size_t start = at & (ring->size - 1);
    size_t first = ring->size - start < len ? ring->size - start : len;

    if (!len)
        return;
    memcpy(ring->bytes + start, from, first);
    memcpy(ring->bytes, (const uint8_t *)from + first, len - first);
}

static void copy_out(const struct ring *ring, size_t at, void *to, size_t len)
{
    size_t start = at & (ring->size - 1);
    size_t first = ring->size - start < len ? ring->size - start : len;

    memcpy(to, ring->bytes + start, first);
    memcpy((uint8_t *)to + first, ring->bytes, len - first);
}

bool ring_put(struct ring *ring, const void *head, size_t head_len, const void *body,
              size_t body_len, size_t reserve)
{
    size_t put = atomic_load_explicit(&ring->put, memory_order_relaxed);
    size_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
    uint32_t len = (uint32_t)(head_len + body_len);

    if (sizeof(len) + len + reserve > ring->size - (put - taken))
        return false;
    copy_in(ring, put, &len, sizeof(len));
    copy_in(ring, put + sizeof(len), head, head_len);
    copy_in(ring, put + sizeof(len) + head_len, body, body_len);
    atomic_store_explicit(&ring->put, put + sizeof(len) + len, memory_order_release);
    return true;
}

size_t ring_take(struct ring *ring, void *out, size_t out_size)
{
    size_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
    size_t put = atomic_load_explicit(&ring->put, memory_order_acquire);
    uint32_t len;

    if (put == taken)
        return 0;
    copy_out(ring, taken, &len, sizeof(len));
    if (len > out_size)
        abort(); /* nobody puts such */
    copy_out(ring, taken + sizeof(len), out, len);
    atomic_store_explicit(&ring->taken, taken + sizeof(len) + len, memory_order_release);
    return len;
}
