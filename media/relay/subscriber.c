#include "media/relay/router_internal.h"

#include <assert.h>
#include <string.h>

static struct slot *slot_of(const struct party *party, const struct relay_cell *cell)
{
    enum sdp_medium kind = sdp_line_medium(cell->pair.medium);

    return cell->pair.slot < party->slot_count[kind] ? &party->slots[kind][cell->pair.slot] : NULL;
}

/* True when the slot carries this very grant. */
static bool carries(const struct slot *slot, const struct relay_cell *cell)
{
    return slot->source == cell->pair.source && slot->generation == cell->generation;
}

static void take_up(struct slot *slot, const struct relay_cell *cell)
{
    slot->source = cell->pair.source;
    slot->generation = cell->generation;
    slot->fresh = true;
    slot->flowing = false;
}

void subscriber_let_go(struct slot *slot)
{
    slot->source = 0;
    slot->flowing = false;
}

void subscriber_renew(const struct router *router, const struct relay_cell *cell)
{
    const struct party *to = router_find(router, cell->pair.subscriber);
    struct slot *slot = to ? slot_of(to, cell) : NULL;

    if (slot && carries(slot, cell))
        subscriber_let_go(slot);
}

/* Sequence numbers, time and picture numbers go on where the slot's last source left them. */
static void begin(struct slot *slot, const struct source *source, const struct packet *packet)
{
    int64_t gap_ns = packet->arrival_ns - slot->last_sent_ns;
    uint32_t ticks = (uint32_t)(gap_ns / 1000 * source_clock_rate(source) / 1000000);
    uint32_t timestamp =
        slot->used ? slot->last_timestamp + (ticks ? ticks : 1) : packet->header.timestamp;

    slot->flowing = true;
    slot->first_index = packet->index;
    slot->index_shift = slot->last_index + 1 - packet->index;
    slot->timestamp_shift = timestamp - packet->header.timestamp;
    slot->picture_shift = (uint16_t)(slot->last_picture + 1 - packet->vp8.picture_id);
    slot->tl0_shift = (uint8_t)(slot->last_tl0 + 1 - packet->vp8.tl0picidx);
}

static bool may_begin(const struct source *source, const struct packet *packet)
{
    return source->medium == SDP_AUDIO || packet->vp8.key_frame;
}

static void remember(struct slot *slot, const struct packet *packet, int64_t index,
                     size_t payload_len)
{
    slot->used = true;
    slot->last_sent_ns = packet->arrival_ns;
    slot->packets++;
    slot->bytes += (uint32_t)payload_len;
    if (index <= slot->last_index)
        return;
    slot->last_index = index;
    slot->last_timestamp = packet->header.timestamp + slot->timestamp_shift;
    if (packet->vp8.picture_id_bits)
        slot->last_picture = (uint16_t)(packet->vp8.picture_id + slot->picture_shift);
    if (packet->vp8.tl0picidx_offset)
        slot->last_tl0 = (uint8_t)(packet->vp8.tl0picidx + slot->tl0_shift);
}

/*
 * The packet as this slot carries it. Everything depends on the packet and its grant alone, so that
 * a resend has the same bytes as the first send: a nonce is never used for two texts. False when it
 * did not leave.
 */
static bool send_rewritten(struct router *router, struct party *to, const struct slot *slot,
                           struct packet *packet)
{
    struct rtp_header header = packet->header;
    uint8_t *payload = packet->data + packet->header.len;
    size_t payload_len = packet->len - packet->header.len;
    uint8_t out[RELAY_DATAGRAM_MAX];

    memcpy(out, packet->data, header.len);
    rtp_set_seq(out, (uint16_t)(packet->index + slot->index_shift));
    rtp_set_timestamp(out, header.timestamp + slot->timestamp_shift);
    rtp_set_ssrc(out, slot->ssrc);
    vp8_set_picture_id(payload, &packet->vp8,
                       (uint16_t)(packet->vp8.picture_id + slot->picture_shift));
    vp8_set_tl0picidx(payload, &packet->vp8, (uint8_t)(packet->vp8.tl0picidx + slot->tl0_shift));
    if (!router->ops->send_rtp(router->context, to, slot, packet->index + slot->index_shift, out,
                               header.len, payload, payload_len))
        return false;
    router->counters->rtp_out++;
    to->packets_out++;
    return true;
}

/* The one check every packet passes, first send and resend: both legs, their hearing, the slot, the
 * cell's age. */
static struct slot *may_pass(struct router *router, const struct relay_cell *cell,
                             const struct party *from, const struct party *to,
                             const struct packet *packet)
{
    struct slot *slot = to ? slot_of(to, cell) : NULL;

    if (!slot || !to->ready)
        return NULL; /* not there yet, or not any more */
    if (from->room != to->room || !relay_cell_allows(cell, packet->generation)) {
        router->counters->denied++;
        return NULL;
    }
    return slot;
}

void subscriber_send(struct router *router, const struct relay_cell *cell, const struct party *from,
                     struct packet *packet)
{
    const struct source *source = &from->sources[cell->pair.medium];
    struct party *to = router_find(router, cell->pair.subscriber);
    struct slot *slot = may_pass(router, cell, from, to, packet);

    if (!slot)
        return;
    if (!carries(slot, cell))
        take_up(slot, cell);
    if (!slot->flowing && may_begin(source, packet))
        begin(slot, source, packet);
    if (!slot->flowing || packet->index < slot->first_index)
        return;
    bool left = send_rewritten(router, to, slot, packet);
    remember(slot, packet, packet->index + slot->index_shift, packet->len - packet->header.len);
    if (left)
        slot->fresh = false;
    else if (source->medium != SDP_AUDIO)
        slot->flowing = false; /* until the next key frame */
}

bool subscriber_waits(const struct router *router, const struct relay_cell *cell)
{
    const struct party *to = router_find(router, cell->pair.subscriber);
    const struct slot *slot = to && to->ready ? slot_of(to, cell) : NULL;

    return slot && !(carries(slot, cell) && slot->flowing);
}

/* ---- resends ---- */

static bool may_resend(struct slot *slot, int64_t now_ns)
{
    if (now_ns - slot->resends_filled_ns >= CLOCK_NS_PER_S) {
        slot->resends_filled_ns = now_ns;
        slot->resends_left = RELAY_RESENDS_PER_S;
    }
    if (!slot->resends_left)
        return false;
    slot->resends_left--;
    return true;
}

static void resend_one(struct router *router, struct party *party, const struct relay_cell *cell,
                       struct slot *slot, uint16_t seq, int64_t now_ns)
{
    const struct party *from = router_find(router, cell->pair.source);
    int64_t index = slot->last_index + (int16_t)(uint16_t)(seq - (uint16_t)slot->last_index);
    int64_t of_source = index - slot->index_shift;
    struct packet *packet = NULL;

    if (from && of_source >= slot->first_index && index <= slot->last_index)
        packet = source_cached(&from->sources[cell->pair.medium], of_source);
    if (!packet) {
        router->counters->resends_missed++;
        return;
    }
    if (!may_resend(slot, now_ns)) {
        router->counters->resends_limited++;
        return;
    }
    if (!may_pass(router, cell, from, party, packet))
        return;
    if (send_rewritten(router, party, slot, packet))
        router->counters->resent++;
}

void subscriber_resend(struct router *router, struct party *party, enum sdp_medium medium,
                       uint32_t number, const uint16_t *seqs, size_t count, int64_t now_ns)
{
    const struct relay_cell *cell =
        relay_matrix_into(&party->room->matrix, party->id, medium, number);
    struct slot *slot = &party->slots[medium][number];

    router->counters->nacks_in += count;
    if (!cell || !carries(slot, cell) || !slot->flowing) {
        router->counters->denied += count;
        return;
    }
    for (size_t i = 0; i < count; i++)
        resend_one(router, party, cell, slot, seqs[i], now_ns);
}
