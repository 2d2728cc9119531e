#include <assert.h>

#include "media/relay/router_internal.h"
#include "media/relay/srtp.h"

enum {
    COMPOUND_MAX = 1200,
    BITRATE_FRESH_MS = 10000, /* an older estimate says nothing any more */
};

/* A compound packet under construction, sent when it is full and at the end. */
struct compound {
    struct rtcp_writer writer;
    uint8_t bytes[COMPOUND_MAX + SRTP_RTCP_GROWTH_MAX];
};

static void begin(struct compound *compound)
{
    rtcp_writer_init(&compound->writer, compound->bytes, COMPOUND_MAX);
}

static void send_compound(struct router *router, struct party *to, struct compound *compound)
{
    router->counters->rtcp_out++;
    router->ops->send_rtcp(router->context, to, compound->bytes, compound->writer.len);
}

uint64_t rtcp_out_ntp(const struct router *router, int64_t now_ns)
{
    return rtcp_ntp_from_unix(now_ns + router->unix_offset_ns);
}

/* ---- feedback to who sends ---- */

void rtcp_out_nack(struct router *router, struct party *to, const struct source *source,
                   const uint16_t *seqs, size_t count)
{
    struct compound compound;

    begin(&compound);
    int full = rtcp_write_rr(&compound.writer, to->ssrc, NULL, 0);
    full |= rtcp_write_nack(&compound.writer, to->ssrc, source->ssrc, seqs, count);
    assert(!full);
    router->counters->nacks_out += count;
    send_compound(router, to, &compound);
}

void rtcp_out_key_frame(struct router *router, struct party *to, const struct source *source)
{
    struct compound compound;

    router->counters->key_frames_asked++;
    if (to->local) {
        router->ops->ask_key_frame(router->context, to);
        return;
    }
    begin(&compound);
    int full = rtcp_write_rr(&compound.writer, to->ssrc, NULL, 0);
    full |= rtcp_write_pli(&compound.writer, to->ssrc, source->ssrc);
    assert(!full);
    send_compound(router, to, &compound);
}

static uint32_t flowing_videos(const struct party *party)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < party->slot_count[SDP_VIDEO]; i++)
        count += party->slots[SDP_VIDEO][i].flowing &&
                 relay_matrix_into(&party->room->matrix, party->id, SDP_VIDEO, i);
    return count;
}

/* What a source may send: the smallest share of their downlinks that its subscribers have for it.
 */
static uint64_t bitrate_for(const struct router *router, const struct party *from,
                            enum sdp_medium medium, int64_t now_ns)
{
    const struct relay_cell *cell = relay_matrix_first(&from->room->matrix, from->id, medium);
    uint64_t least = 0;

    for (; cell; cell = cell->next) {
        const struct party *to = router_find(router, cell->pair.subscriber);
        if (!to || !to->bitrate || now_ns - to->bitrate_ns > NS_OF_MS(BITRATE_FRESH_MS))
            continue;
        uint32_t videos = flowing_videos(to);
        uint64_t share = to->bitrate / (videos ? videos : 1);
        if (!least || share < least)
            least = share;
    }
    if (!least)
        return RELAY_BITRATE_START;
    if (least < RELAY_BITRATE_MIN)
        return RELAY_BITRATE_MIN;
    return least > RELAY_BITRATE_MAX ? RELAY_BITRATE_MAX : least;
}

static struct rtcp_report report_on(struct party *party, struct source *source, int64_t now_ns)
{
    struct rtcp_report report = {0};

    rtcp_reception_report(&source->reception, &report);
    report.ssrc = source->ssrc;
    if (source->has_report) {
        report.lsr = rtcp_ntp_middle(source->report_ntp);
        report.dlsr = rtcp_ntp_interval(now_ns - source->report_arrival_ns);
    }
    uint16_t permille = (uint16_t)(report.fraction_lost * 1000 / 256);
    if (permille > party->loss_permille)
        party->loss_permille = permille;
    return report;
}

/* Senders take the bitrate for all their pictures together; the share counts while it is shown. */
static int write_bitrate(const struct router *router, struct compound *compound,
                         const struct party *to, int64_t now_ns)
{
    uint64_t bitrate = 0;
    uint32_t ssrcs[2];
    size_t count = 0;

    if (to->sources[SDP_VIDEO].highest >= 0) {
        bitrate += bitrate_for(router, to, SDP_VIDEO, now_ns);
        ssrcs[count++] = to->sources[SDP_VIDEO].ssrc;
    }
    if (to->sources[SDP_SHARE].highest >= 0 &&
        relay_matrix_first(&to->room->matrix, to->id, SDP_SHARE)) {
        bitrate += bitrate_for(router, to, SDP_SHARE, now_ns);
        ssrcs[count++] = to->sources[SDP_SHARE].ssrc;
    }
    return count ? rtcp_write_remb(&compound->writer, to->ssrc, bitrate, ssrcs, count) : 0;
}

void rtcp_out_receiver_report(struct router *router, struct party *to, int64_t now_ns)
{
    struct rtcp_report reports[ROUTER_SOURCES];
    struct compound compound;
    size_t count = 0;

    to->loss_permille = 0;
    for (int medium = 0; medium < ROUTER_SOURCES; medium++) {
        if (to->sources[medium].highest >= 0)
            reports[count++] = report_on(to, &to->sources[medium], now_ns);
    }
    if (!count)
        return;
    begin(&compound);
    int full = rtcp_write_rr(&compound.writer, to->ssrc, reports, count);
    full |= rtcp_write_cname(&compound.writer, to->ssrc, to->cname);
    full |= write_bitrate(router, &compound, to, now_ns);
    assert(!full);
    send_compound(router, to, &compound);
}

/* ---- reports to who receives ---- */

/* What flows into a slot. */
struct flow {
    const struct party *from;
    const struct source *source;
    const struct slot *slot;
};

/*
 * The media time of the source at this moment, by its own last report, put into the slot's time.
 * Sound and picture of one person go through the same clock shift, so they are played in step.
 */
static struct rtcp_sender_info sender_info(const struct router *router, const struct flow *flow,
                                           int64_t now_ns)
{
    const struct source *source = flow->source;
    const struct slot *slot = flow->slot;
    uint64_t ntp = rtcp_out_ntp(router, now_ns);
    int64_t since = (int64_t)(ntp - flow->from->clock_shift - source->report_ntp) >> 16;
    uint32_t ticks = (uint32_t)(since * source_clock_rate(source) >> 16);

    return (struct rtcp_sender_info){
        .ntp = ntp,
        .timestamp = source->report_timestamp + ticks + slot->timestamp_shift,
        .packets = slot->packets,
        .bytes = slot->bytes,
    };
}

/* Fills ret_flow when something we have a report on flows into the slot. */
static bool find_flow(const struct router *router, const struct party *to, enum sdp_medium medium,
                      uint32_t number, struct flow *ret_flow)
{
    const struct relay_cell *cell = relay_matrix_into(&to->room->matrix, to->id, medium, number);
    const struct slot *slot = &to->slots[medium][number];
    const struct party *from = cell ? router_find(router, cell->pair.source) : NULL;

    if (!from || !slot->flowing || slot->source != from->id ||
        !from->sources[cell->pair.medium].has_report)
        return false;
    *ret_flow = (struct flow){from, &from->sources[cell->pair.medium], slot};
    return true;
}

/* True when it fitted in. */
static bool write_sender_report(const struct router *router, struct compound *compound,
                                const struct party *to, const struct flow *flow, int64_t now_ns)
{
    struct rtcp_sender_info info = sender_info(router, flow, now_ns);
    size_t before = compound->writer.len;

    if (rtcp_write_sr(&compound->writer, flow->slot->ssrc, &info, NULL, 0) == 0 &&
        rtcp_write_cname(&compound->writer, flow->slot->ssrc, to->cname) == 0)
        return true;
    compound->writer.len = before;
    return false;
}

static void report_slot(struct router *router, struct compound *compound, struct party *to,
                        enum sdp_medium medium, uint32_t number, int64_t now_ns)
{
    struct flow flow;

    if (!find_flow(router, to, medium, number, &flow) ||
        write_sender_report(router, compound, to, &flow, now_ns))
        return;
    send_compound(router, to, compound);
    begin(compound);
    bool fits = write_sender_report(router, compound, to, &flow, now_ns);
    assert(fits);
}

/* A local party is told of each slot apart. */
static void send_slot_report(struct router *router, struct compound *compound, struct party *to,
                             const struct slot *slot)
{
    if (!compound->writer.len)
        return;
    router->counters->rtcp_out++;
    router->ops->send_report(router->context, to, slot, compound->bytes, compound->writer.len);
    begin(compound);
}

void rtcp_out_sender_reports(struct router *router, struct party *to, int64_t now_ns)
{
    struct compound compound;

    begin(&compound);
    for (int medium = 0; medium < ROUTER_MEDIA; medium++) {
        for (uint32_t i = 0; i < to->slot_count[medium]; i++) {
            report_slot(router, &compound, to, (enum sdp_medium)medium, i, now_ns);
            if (to->local)
                send_slot_report(router, &compound, to, &to->slots[medium][i]);
        }
    }
    if (compound.writer.len)
        send_compound(router, to, &compound);
}
