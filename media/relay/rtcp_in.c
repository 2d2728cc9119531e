#include <errno.h>

#include "media/relay/router_internal.h"

struct found_slot {
    enum sdp_medium medium;
    uint32_t number;
};

static bool find_slot(const struct party *party, uint32_t ssrc, struct found_slot *ret_found)
{
    for (int medium = 0; medium < ROUTER_MEDIA; medium++) {
        for (uint32_t i = 0; i < party->slot_count[medium]; i++) {
            if (party->slots[medium][i].ssrc != ssrc)
                continue;
            *ret_found = (struct found_slot){(enum sdp_medium)medium, i};
            return true;
        }
    }
    return false;
}

static void take_reports(struct router *router, struct party *from,
                         const struct rtcp_packet *packet, int64_t now_ns)
{
    uint32_t now = rtcp_ntp_middle(rtcp_out_ntp(router, now_ns));

    for (size_t i = 0; i < packet->count; i++) {
        struct rtcp_report report = rtcp_report_at(packet, i);
        struct found_slot found;
        uint32_t round_trip_us;
        if (find_slot(from, report.ssrc, &found) && rtcp_round_trip(now, &report, &round_trip_us))
            from->round_trip_us = round_trip_us;
    }
}

/*
 * The client's clock against ours, kept from its first report on, for all its media: a new guess
 * at each report would move sound against picture by the network's jitter. A jump or drift of more
 * than a second is followed.
 */
static void set_clock(struct party *party, uint64_t ours, uint64_t theirs)
{
    const int64_t second = INT64_C(1) << 32;
    uint64_t shift = ours - theirs;
    int64_t drift = (int64_t)(shift - party->clock_shift);

    if (!party->has_clock || drift > second || drift < -second)
        party->clock_shift = shift;
    party->has_clock = true;
}

static void take_sender_report(struct router *router, struct party *from,
                               const struct rtcp_packet *packet, int64_t now_ns)
{
    struct rtcp_sender_info info = rtcp_sr_info(packet);

    for (int medium = 0; medium < ROUTER_SOURCES; medium++) {
        struct source *source = &from->sources[medium];
        if (!source->ssrc || source->ssrc != packet->sender)
            continue;
        source_take_report(source, &info, now_ns);
        set_clock(from, rtcp_out_ntp(router, now_ns), info.ntp);
    }
    take_reports(router, from, packet, now_ns);
}

void router_take_key_frame_request(struct router *router, const struct party *from,
                                   enum sdp_medium medium, uint32_t slot)
{
    const struct relay_cell *cell = relay_matrix_into(&from->room->matrix, from->id, medium, slot);
    struct party *sender = cell ? router_find(router, cell->pair.source) : NULL;

    if (sender)
        source_want_key_frame(&sender->sources[cell->pair.medium]);
    else
        router->counters->denied++;
}

static void take_key_frame_request(struct router *router, const struct party *from, uint32_t ssrc)
{
    struct found_slot found;

    if (find_slot(from, ssrc, &found))
        router_take_key_frame_request(router, from, found.medium, found.number);
}

static void take_nack(struct router *router, struct party *from, const struct rtcp_packet *packet,
                      int64_t now_ns)
{
    struct found_slot found;
    uint16_t seqs[RTCP_NACK_MAX];

    if (!find_slot(from, packet->media, &found))
        return;
    size_t count = rtcp_nack_seqs(packet, seqs);
    subscriber_resend(router, from, found.medium, found.number, seqs, count, now_ns);
}

static void take_packet(struct router *router, struct party *from, const struct rtcp_packet *packet,
                        int64_t now_ns)
{
    switch (packet->kind) {
    case RTCP_KIND_SR:
        take_sender_report(router, from, packet, now_ns);
        break;
    case RTCP_KIND_RR:
        take_reports(router, from, packet, now_ns);
        break;
    case RTCP_KIND_NACK:
        take_nack(router, from, packet, now_ns);
        break;
    case RTCP_KIND_PLI:
        take_key_frame_request(router, from, packet->media);
        break;
    case RTCP_KIND_FIR:
        for (size_t i = 0; i < rtcp_fir_count(packet); i++)
            take_key_frame_request(router, from, rtcp_fir_source(packet, i));
        break;
    case RTCP_KIND_REMB:
        from->bitrate = rtcp_remb_bitrate(packet);
        from->bitrate_ns = now_ns;
        break;
    case RTCP_KIND_SDES:
    case RTCP_KIND_BYE: /* a leg ends by DTLS, consent or the controller */
    case RTCP_KIND_TRANSPORT_CC:
    case RTCP_KIND_OTHER:
        break;
    }
}

void router_take_rtcp(struct router *router, struct party *from, const uint8_t *data, size_t len,
                      int64_t now_ns)
{
    struct rtcp_reader reader;
    struct rtcp_packet packet;
    int result;

    router->counters->rtcp_in++;
    rtcp_reader_init(&reader, data, len);
    while ((result = rtcp_read(&reader, &packet)) > 0)
        take_packet(router, from, &packet, now_ns);
    if (result < 0)
        router->counters->rtcp_malformed++;
}
