#include "media/studio/reorder.h"

#include <stdlib.h>
#include <string.h>

void reorder_init(struct reorder *reorder, size_t capacity, int64_t wait_ns)
{
    *reorder = (struct reorder){.capacity = capacity, .wait_ns = wait_ns, .next = -1};
}

void reorder_done(struct reorder *reorder)
{
    free(reorder->packets);
    reorder->packets = NULL;
}

void reorder_reset(struct reorder *reorder)
{
    for (size_t i = 0; reorder->packets && i < reorder->capacity; i++)
        reorder->packets[i].held = false;
    reorder->sequence = (struct rtp_sequence){0};
    reorder->next = -1;
    reorder->held = 0;
}

static struct reorder_packet *packet_at(struct reorder *reorder, int64_t index)
{
    return &reorder->packets[(uint64_t)index % reorder->capacity];
}

/* The packet's number, or below zero: it is of no use. */
static int64_t find_place(struct reorder *reorder, uint16_t seq)
{
    int64_t capacity = (int64_t)reorder->capacity;
    int64_t index = rtp_sequence_guess(&reorder->sequence, seq);

    if (reorder->next >= 0 &&
        (index >= reorder->next + capacity || index < reorder->next - capacity))
        reorder_reset(reorder);
    if (reorder->next < 0) {
        index = rtp_sequence_guess(&reorder->sequence, seq);
        reorder->next = index;
    }
    return index < reorder->next ? -1 : index;
}

void reorder_put(struct reorder *reorder, const uint8_t *packet, size_t len, int64_t now_ns)
{
    struct rtp_header header;

    if (len > LOCAL_PACKET_MAX || rtp_parse_header(packet, len, &header))
        return;
    if (!reorder->packets) {
        reorder->packets = calloc(reorder->capacity, sizeof(*reorder->packets));
        if (!reorder->packets)
            abort();
    }
    int64_t index = find_place(reorder, header.seq);
    if (index < 0 || packet_at(reorder, index)->held)
        return;
    struct reorder_packet *place = packet_at(reorder, index);
    place->arrival_ns = now_ns;
    place->header = header;
    place->len = (uint16_t)len;
    place->held = true;
    memcpy(place->bytes, packet, len);
    reorder->held++;
    rtp_sequence_advance(&reorder->sequence, index);
}

/* The first packet behind a hole. */
static int64_t first_held(struct reorder *reorder)
{
    int64_t index = reorder->next;

    while (!packet_at(reorder, index)->held)
        index++;
    return index;
}

enum reorder_answer reorder_take(struct reorder *reorder, int64_t now_ns,
                                 const struct reorder_packet **ret_packet)
{
    if (!reorder->held)
        return REORDER_NOTHING;
    struct reorder_packet *packet = packet_at(reorder, reorder->next);
    if (packet->held) {
        *ret_packet = packet;
        packet->held = false;
        reorder->next++;
        reorder->held--;
        return REORDER_PACKET;
    }
    int64_t first = first_held(reorder);
    if (now_ns - packet_at(reorder, first)->arrival_ns < reorder->wait_ns)
        return REORDER_NOTHING;
    reorder->next = first;
    return REORDER_LOST;
}
