#include "media/studio/delay.h"

#include <stdlib.h>
#include <string.h>

#include "media/studio/limits.h"

/* Stands before each packet's bytes. */
struct entry {
    int64_t at_ns;
    uint16_t len;
    uint8_t medium;
    uint8_t key_start;
};

void delay_init(struct delay *delay)
{
    *delay = (struct delay){0};
}

void delay_done(struct delay *delay)
{
    free(delay->bytes);
    delay->bytes = NULL;
}

/* ---- bytes around the end ---- */

static void copy_in(struct delay *delay, uint64_t at, const void *data, size_t len)
{
    size_t start = (size_t)(at % STUDIO_GALLERY_BYTES_MAX);
    size_t first = STUDIO_GALLERY_BYTES_MAX - start < len ? STUDIO_GALLERY_BYTES_MAX - start : len;

    memcpy(delay->bytes + start, data, first);
    memcpy(delay->bytes, (const uint8_t *)data + first, len - first);
}

static void copy_out(const struct delay *delay, uint64_t at, void *data, size_t len)
{
    size_t start = (size_t)(at % STUDIO_GALLERY_BYTES_MAX);
    size_t first = STUDIO_GALLERY_BYTES_MAX - start < len ? STUDIO_GALLERY_BYTES_MAX - start : len;

    memcpy(data, delay->bytes + start, first);
    memcpy((uint8_t *)data + first, delay->bytes, len - first);
}

static struct entry entry_at(const struct delay *delay, uint64_t at)
{
    struct entry entry;

    copy_out(delay, at, &entry, sizeof(entry));
    return entry;
}

static uint64_t behind(uint64_t at, const struct entry *entry)
{
    return at + sizeof(*entry) + entry->len;
}

static bool is_due(const struct delay *delay, const struct entry *entry, int64_t now_ns)
{
    return now_ns - entry->at_ns >= delay->delay_ns;
}

/* ---- the feed ---- */

static void drop_oldest(struct delay *delay)
{
    struct entry entry = entry_at(delay, delay->tail);

    delay->tail = behind(delay->tail, &entry);
    delay->flows = false;
}

/* What is due already lies before what was handed out last, as a viewer's clock counts: it is left
 * out, and the feed begins again with the next key frame. */
static void shorten(struct delay *delay, int64_t now_ns)
{
    delay->flows = false;
    while (delay->tail < delay->head) {
        struct entry entry = entry_at(delay, delay->tail);
        if (!is_due(delay, &entry, now_ns))
            return;
        drop_oldest(delay);
    }
}

void delay_set(struct delay *delay, bool open, int64_t delay_ns, int64_t now_ns)
{
    bool shorter = delay_ns < delay->delay_ns;

    if (!open) {
        delay_done(delay);
        delay_init(delay);
        return;
    }
    delay->delay_ns = delay_ns;
    if (!delay->open) {
        delay->open = true;
        delay->bytes = malloc(STUDIO_GALLERY_BYTES_MAX);
        if (!delay->bytes)
            abort();
    } else if (shorter) {
        shorten(delay, now_ns);
    }
}

void delay_put(struct delay *delay, const struct packet_out *packet, int64_t now_ns)
{
    const struct entry entry = {
        .at_ns = now_ns,
        .len = (uint16_t)packet->len,
        .medium = (uint8_t)packet->medium,
        .key_start = packet->key_start,
    };

    if (!delay->open)
        return;
    while (delay->head - delay->tail + sizeof(entry) + entry.len > STUDIO_GALLERY_BYTES_MAX)
        drop_oldest(delay);
    copy_in(delay, delay->head, &entry, sizeof(entry));
    copy_in(delay, delay->head + sizeof(entry), packet->data, packet->len);
    delay->head += sizeof(entry) + entry.len;
}

bool delay_take(struct delay *delay, int64_t now_ns, struct packet_out *ret_packet,
                uint8_t out[static LOCAL_PACKET_MAX])
{
    while (delay->open && delay->tail < delay->head) {
        struct entry entry = entry_at(delay, delay->tail);
        if (!is_due(delay, &entry, now_ns))
            return false;
        copy_out(delay, delay->tail + sizeof(entry), out, entry.len);
        delay->tail = behind(delay->tail, &entry);
        delay->flows |= entry.key_start;
        if (!delay->flows)
            continue;
        *ret_packet =
            (struct packet_out){(enum sdp_medium)entry.medium, entry.key_start, out, entry.len};
        return true;
    }
    return false;
}
