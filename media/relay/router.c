#include "media/relay/router_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/str.h"
#include "media/rtp/bytes.h"

void router_init(struct router *router, const struct router_ops *ops, void *context,
                 struct relay_counters *counters)
{
    *router = (struct router){
        .ops = ops,
        .context = context,
        .counters = counters,
        .unix_offset_ns = clock_wall_ns() - clock_monotonic_ns(),
    };
}

/* ---- rooms ---- */

static void free_room(struct router *router, struct room *room)
{
    HASH_DEL(router->rooms, room);
    relay_matrix_done(&room->matrix);
    free(room);
}

void router_done(struct router *router)
{
    struct room *room;
    struct room *next;

    assert(!router->parties);
    HASH_ITER(hh, router->rooms, room, next)
    free_room(router, room);
}

/* A room without legs has nobody to show anything to; the controller's next matrix of it is whole.
 */
static bool free_an_empty_room(struct router *router)
{
    struct room *room;
    struct room *next;

    HASH_ITER(hh, router->rooms, room, next)
    {
        if (!room->parties) {
            free_room(router, room);
            return true;
        }
    }
    return false;
}

struct room *router_room(struct router *router, const char *hearing)
{
    struct room *room;

    HASH_FIND_STR(router->rooms, hearing, room);
    if (room)
        return room;
    if (HASH_COUNT(router->rooms) >= RELAY_HEARINGS_MAX && !free_an_empty_room(router))
        return NULL;
    room = calloc(1, sizeof(*room));
    if (!room)
        abort();
    str_copy(room->hearing, sizeof(room->hearing), hearing);
    relay_matrix_init(&room->matrix);
    HASH_ADD_STR(router->rooms, hearing, room);
    return room;
}

/* ---- parties ---- */

static uint32_t random_ssrc(void)
{
    uint32_t ssrc;

    id_random(&ssrc, sizeof(ssrc));
    return ssrc | 1;
}

/* The first sequence number lies in the lower half, so that nobody guesses a rollover wrong (RFC
 * 3711, 3.3.1). */
static void init_slots(struct party *party, enum sdp_medium medium, uint32_t count)
{
    party->slot_count[medium] = count;
    party->slots[medium] = calloc(count ? count : 1, sizeof(struct slot));
    if (!party->slots[medium])
        abort();
    for (uint32_t i = 0; i < count; i++) {
        struct slot *slot = &party->slots[medium][i];
        uint16_t start;
        id_random(&start, sizeof(start));
        slot->ssrc = random_ssrc();
        slot->medium = medium;
        slot->number = i;
        slot->last_index = start >> 1;
    }
}

void router_add(struct router *router, struct party *party, struct room *room,
                const struct party_wish *wish)
{
    uint8_t name[8];

    *party = (struct party){.id = wish->id, .room = room, .ssrc = random_ssrc()};
    id_random(name, sizeof(name));
    str_hex(name, sizeof(name), party->cname);
    source_init(&party->sources[SDP_AUDIO], SDP_AUDIO, wish->may_send);
    source_init(&party->sources[SDP_VIDEO], SDP_VIDEO, wish->may_send);
    source_init(&party->sources[SDP_SHARE], SDP_SHARE, wish->may_share);
    init_slots(party, SDP_AUDIO, wish->audio_slots);
    init_slots(party, SDP_VIDEO, wish->video_slots);
    room->parties++;
    HASH_ADD(by_id, router->parties, id, sizeof(party->id), party);
}

void router_remove(struct router *router, struct party *party)
{
    HASH_DELETE(by_id, router->parties, party);
    party->room->parties--;
    for (int medium = 0; medium < ROUTER_SOURCES; medium++)
        source_done(&party->sources[medium]);
    for (int medium = 0; medium < ROUTER_MEDIA; medium++) {
        free(party->slots[medium]);
        party->slots[medium] = NULL;
    }
}

struct party *router_find(const struct router *router, uint64_t id)
{
    struct party *party;

    HASH_FIND(by_id, router->parties, &id, sizeof(id), party);
    return party;
}

static void take_media(struct source *source, const struct sdp_media *media)
{
    if (!media || media->rejected || !media->payload_type)
        return;
    source->negotiated = source->resends = true;
    source->mid_extension = media->mid_extension;
    if (media->ssrc_count)
        source->ssrc = media->ssrcs[0];
}

void router_take_answer(struct party *party, const struct sdp_answer *answer)
{
    take_media(&party->sources[SDP_AUDIO], sdp_find_media(answer, "a"));
    take_media(&party->sources[SDP_VIDEO], sdp_find_media(answer, "v"));
    take_media(&party->sources[SDP_SHARE], sdp_find_media(answer, "s"));
}

void router_take_local(struct party *party, bool may_send)
{
    party->local = true;
    party->sources[SDP_AUDIO].negotiated = party->sources[SDP_VIDEO].negotiated = may_send;
}

/* Asks each source this party is granted for a key frame, since it begins to watch now. */
void router_start(struct router *router, struct party *party, int64_t now_ns)
{
    party->ready = true;
    party->next_report_ns = now_ns + NS_OF_MS(RELAY_REPORT_MS);
    for (uint32_t i = 0; i < party->slot_count[SDP_VIDEO]; i++) {
        const struct relay_cell *cell =
            relay_matrix_into(&party->room->matrix, party->id, SDP_VIDEO, i);
        struct party *from = cell ? router_find(router, cell->pair.source) : NULL;
        if (from)
            source_want_key_frame(&from->sources[cell->pair.medium]);
    }
    router_ask(router, now_ns);
}

void router_stop(struct party *party)
{
    party->ready = false;
    for (int medium = 0; medium < ROUTER_MEDIA; medium++) {
        for (uint32_t i = 0; i < party->slot_count[medium]; i++)
            subscriber_let_go(&party->slots[medium][i]);
    }
}

void router_renew(struct router *router, struct party *party, enum sdp_medium medium)
{
    struct source *source = &party->sources[medium];
    const struct relay_cell *cell = relay_matrix_first(&party->room->matrix, party->id, medium);

    source_restart(source);
    source->ssrc = random_ssrc();
    party->has_clock = false;
    for (; cell; cell = cell->next)
        subscriber_renew(router, cell);
}

/* ---- packets ---- */

static bool has_mid(const uint8_t *data, const struct rtp_header *header, uint8_t id, char mid)
{
    struct rtp_element element;

    return id && rtp_find_extension(data, header, id, &element) && element.len == 1 &&
           element.data[0] == (uint8_t)mid;
}

struct source *router_source(struct party *party, const uint8_t *data,
                             const struct rtp_header *header)
{
    static const uint8_t payload_types[ROUTER_SOURCES] = {
        [SDP_AUDIO] = SDP_OPUS, [SDP_VIDEO] = SDP_VP8, [SDP_SHARE] = SDP_VP8};
    static const char mids[ROUTER_SOURCES] = {
        [SDP_AUDIO] = 'a', [SDP_VIDEO] = 'v', [SDP_SHARE] = 's'};

    for (int medium = 0; medium < ROUTER_SOURCES; medium++) {
        struct source *source = &party->sources[medium];
        if (!source->negotiated || header->payload_type != payload_types[medium])
            continue;
        if (source->ssrc ? source->ssrc == header->ssrc
                         : has_mid(data, header, source->mid_extension, mids[medium]))
            return source;
    }
    return NULL;
}

/*
 * What is the same for all subscribers is done once: the sender's MID is taken off, the send time
 * is set. That is when the packet arrived, which is when it leaves, but for resends, which must not
 * differ from the first send.
 */
static int read_packet(struct packet *packet, const struct source *source)
{
    size_t payload_len;
    uint8_t time[3];

    if (rtp_payload_len(packet->data, packet->len, &packet->header, &payload_len))
        return -EBADMSG;
    if (source->medium != SDP_AUDIO && payload_len &&
        vp8_parse(packet->data + packet->header.len, payload_len, &packet->vp8))
        return -EBADMSG;
    rtp_blank_extension(packet->data, &packet->header, SDP_EXTENSION_MID);
    bytes_put24(time, rtp_abs_send_time(packet->arrival_ns));
    rtp_patch_extension(packet->data, &packet->header, SDP_EXTENSION_ABS_SEND_TIME, time,
                        sizeof(time));
    return 0;
}

int router_take_rtp(struct router *router, struct party *from, struct source *source, uint8_t *data,
                    size_t len, const struct rtp_header *header, int64_t index, int64_t now_ns)
{
    const struct relay_matrix *matrix = &from->room->matrix;
    struct packet packet = {
        .data = data,
        .len = len,
        .header = *header,
        .index = index,
        .arrival_ns = now_ns,
        .generation = matrix->generation,
    };

    if (read_packet(&packet, source))
        return -EBADMSG;
    source->ssrc = header->ssrc;
    from->packets_in++;
    router->counters->rtp_in++;
    source_take(source, &packet);
    const struct relay_cell *cell = relay_matrix_first(matrix, from->id, source->medium);
    for (; cell; cell = cell->next)
        subscriber_send(router, cell, from, &packet);
    return 0;
}

/* ---- the matrix and what is due ---- */

static void want_key_frames(struct router *router, const struct room *room,
                            const struct relay_change *change)
{
    for (size_t i = 0; i < change->grant_count; i++) {
        const struct relay_pair *pair = &change->grants[i];
        const struct relay_cell *cell = relay_matrix_into(
            &room->matrix, pair->subscriber, sdp_line_medium(pair->medium), pair->slot);
        struct party *from = router_find(router, pair->source);
        if (from && cell && cell->pair.source == pair->source &&
            cell->pair.medium == pair->medium && cell->generation == room->matrix.generation)
            source_want_key_frame(&from->sources[pair->medium]);
    }
}

int router_apply(struct router *router, struct room *room, const struct relay_change *change,
                 int64_t now_ns)
{
    int result = relay_matrix_apply(&room->matrix, change);

    if (result)
        return result;
    want_key_frames(router, room, change);
    router_ask(router, now_ns);
    return 0;
}

/* A source nobody watches is not asked for anything. */
static bool somebody_waits(const struct router *router, const struct party *from,
                           enum sdp_medium medium)
{
    const struct relay_cell *cell = relay_matrix_first(&from->room->matrix, from->id, medium);

    while (cell && !subscriber_waits(router, cell))
        cell = cell->next;
    return cell;
}

static void ask_picture(struct router *router, struct party *party, struct source *source,
                        int64_t now_ns)
{
    int64_t round_trip_ns = (int64_t)party->round_trip_us * 1000;
    int64_t least_ns = NS_OF_MS(40);
    uint16_t seqs[RELAY_MISSING_MAX];

    if (!source->ssrc)
        return;
    size_t count =
        source_missing(source, now_ns, round_trip_ns > least_ns ? round_trip_ns : least_ns, seqs);
    if (count)
        rtcp_out_nack(router, party, source, seqs, count);
    if (!source->key_frame_wanted && somebody_waits(router, party, source->medium))
        source_want_key_frame(source);
    if (source_ask_key_frame(source, now_ns))
        rtcp_out_key_frame(router, party, source);
}

void router_ask(struct router *router, int64_t now_ns)
{
    struct party *party;
    struct party *next;

    HASH_ITER(by_id, router->parties, party, next)
    {
        if (!party->ready)
            continue;
        ask_picture(router, party, &party->sources[SDP_VIDEO], now_ns);
        ask_picture(router, party, &party->sources[SDP_SHARE], now_ns);
    }
}

bool router_report(struct router *router, struct party *party, int64_t now_ns)
{
    if (!party->ready || now_ns < party->next_report_ns)
        return false;
    party->next_report_ns = now_ns + NS_OF_MS(RELAY_REPORT_MS);
    if (!party->local)
        rtcp_out_receiver_report(router, party, now_ns);
    rtcp_out_sender_reports(router, party, now_ns);
    return true;
}
