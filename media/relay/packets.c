/*
 * The way of a datagram. In: classify, find the leg, authenticate, decrypt, hand to the router.
 * Out: the router's packets are sealed straight into the send batch.
 */
#include <errno.h>
#include <string.h>

#include "media/relay/leg_internal.h"
#include "media/relay/local_packets.h"
#include "media/relay/record.h"
#include "media/rtp/bytes.h"
#include "media/rtp/datagram.h"

/* ---- STUN ---- */

static void found_again(struct leg *leg)
{
    if (leg->state != LEG_STATE_LOST)
        return;
    leg->state = LEG_STATE_CONNECTED;
    leg->legs->ops->state(leg->legs->context, leg, "");
}

static void take_stun(struct legs *legs, const struct sockaddr_in6 *from, const uint8_t *data,
                      size_t len)
{
    uint8_t reply[STUN_WRITE_MAX];
    size_t reply_len;
    struct ice *ice =
        ice_take(&legs->agents, legs->counters, from, data, len, legs->now_ns, reply, &reply_len);

    if (!ice)
        return;
    struct leg *leg = ice->owner;
    leg->route.to = ice->selected->address;
    udp_send(legs->udp, from, reply, reply_len);
    found_again(leg);
}

/* ---- DTLS ---- */

static void send_handshake(void *context, const uint8_t *data, size_t len)
{
    const struct leg *leg = context;

    udp_send(leg->legs->udp, &leg->dtls_peer, data, len);
}

/* Answered from the first checked address on: waiting for the nomination or the answer would cost
 * the client a retransmission. */
static void take_dtls(struct leg *leg, const struct sockaddr_in6 *from, const uint8_t *data,
                      size_t len)
{
    leg->dtls_peer = *from;
    if (!leg->dtls)
        leg->dtls = dtls_new(leg->legs->identity, send_handshake, leg);
    dtls_take(leg->dtls, data, len);
    leg_progress(leg);
}

/* ---- media in ---- */

static void count_failure(struct relay_counters *counters, int error)
{
    if (error == -EALREADY)
        counters->srtp_replayed++;
    else
        counters->srtp_bad++;
}

void packets_take_rtp(struct leg *leg, struct source *source, uint8_t *data, size_t len,
                      const struct rtp_header *header, int64_t index)
{
    struct legs *legs = leg->legs;

    if (leg->on_record[source->medium]) {
        record_take(legs->record, leg, source->medium, WRITER_RTP, data, len);
        source_keep_key_frames(source, legs->now_ns);
    }
    if (router_take_rtp(&legs->router, &leg->party, source, data, len, header, index, legs->now_ns))
        legs->counters->rtp_malformed++;
}

static void take_rtp(struct leg *leg, uint8_t *data, size_t len)
{
    struct legs *legs = leg->legs;
    struct rtp_header header;
    int64_t index;

    if (rtp_parse_header(data, len, &header)) {
        legs->counters->rtp_malformed++;
        return;
    }
    struct source *source = router_source(&leg->party, data, &header);
    if (!source) {
        legs->counters->rtp_undeclared++;
        return;
    }
    int opened = srtp_open_rtp(&leg->in, &leg->windows[source->medium], data, len, &header, &index);
    if (opened < 0) {
        count_failure(legs->counters, opened);
        return;
    }
    packets_take_rtp(leg, source, data, (size_t)opened, &header, index);
}

/* The sender of an SRTCP packet; a new one is written down only when its first packet is authentic.
 */
static struct rtcp_sender *find_rtcp_sender(struct leg *leg, uint32_t ssrc)
{
    for (size_t i = 0; i < leg->rtcp_sender_count; i++) {
        if (leg->rtcp_senders[i].ssrc == ssrc)
            return &leg->rtcp_senders[i];
    }
    if (leg->rtcp_sender_count == RELAY_RTCP_SENDERS_MAX)
        return NULL;
    struct rtcp_sender *fresh = &leg->rtcp_senders[leg->rtcp_sender_count];
    *fresh = (struct rtcp_sender){.ssrc = ssrc, .highest = -1};
    return fresh;
}

/* Sender reports tie a source's timestamps to the clock: a medium on record takes them along. */
static void record_rtcp(const struct leg *leg, const uint8_t *data, size_t len)
{
    struct rtcp_reader reader;
    struct rtcp_packet packet;

    rtcp_reader_init(&reader, data, len);
    if (rtcp_read(&reader, &packet) <= 0 || packet.kind != RTCP_KIND_SR)
        return;
    for (int medium = 0; medium < ROUTER_SOURCES; medium++) {
        if (leg->on_record[medium] && leg->party.sources[medium].ssrc == packet.sender)
            record_take(leg->legs->record, leg, (enum sdp_medium)medium, WRITER_RTCP, data, len);
    }
}

void packets_take_rtcp(struct leg *leg, const uint8_t *data, size_t len)
{
    record_rtcp(leg, data, len);
    router_take_rtcp(&leg->legs->router, &leg->party, data, len, leg->legs->now_ns);
}

static void take_rtcp(struct leg *leg, uint8_t *data, size_t len)
{
    struct legs *legs = leg->legs;
    struct rtcp_sender *sender = len < 8 ? NULL : find_rtcp_sender(leg, bytes_get32(data + 4));

    if (!sender) {
        legs->counters->rtcp_malformed++;
        return;
    }
    int opened = srtp_open_rtcp(&leg->in, &sender->highest, data, len);
    if (opened < 0) {
        count_failure(legs->counters, opened);
        return;
    }
    if (sender == &leg->rtcp_senders[leg->rtcp_sender_count])
        leg->rtcp_sender_count++;
    packets_take_rtcp(leg, data, (size_t)opened);
}

static struct leg *leg_at(struct legs *legs, const struct sockaddr_in6 *from)
{
    const struct ice_path *path = ice_find(&legs->agents, from);

    if (path)
        return path->ice->owner;
    legs->counters->unknown_address++;
    return NULL;
}

/* The leg whose media this may be: nothing is taken before its fingerprint is verified. */
static struct leg *connected_leg_at(struct legs *legs, const struct sockaddr_in6 *from)
{
    struct leg *leg = leg_at(legs, from);

    if (!leg || leg->party.ready)
        return leg;
    legs->counters->early_media++;
    return NULL;
}

void legs_take(struct legs *legs, const struct sockaddr_in6 *from, uint8_t *data, size_t len)
{
    struct leg *leg;

    switch (datagram_classify(data, len)) {
    case DATAGRAM_STUN:
        take_stun(legs, from, data, len);
        return;
    case DATAGRAM_DTLS:
        leg = leg_at(legs, from);
        if (leg)
            take_dtls(leg, from, data, len);
        return;
    case DATAGRAM_RTP:
        leg = connected_leg_at(legs, from);
        if (leg)
            take_rtp(leg, data, len);
        return;
    case DATAGRAM_RTCP:
        leg = connected_leg_at(legs, from);
        if (leg)
            take_rtcp(leg, data, len);
        return;
    case DATAGRAM_JUNK:
        legs->counters->junk++;
        return;
    }
}

/* ---- media out ---- */

static bool send_rtp(void *context, struct party *to, const struct slot *slot, int64_t index,
                     const uint8_t *header, size_t header_len, const uint8_t *payload,
                     size_t payload_len)
{
    struct legs *legs = context;
    struct leg *leg = (struct leg *)to;

    if (to->local)
        return local_send_rtp(leg, slot, header, header_len, payload, payload_len);
    uint8_t *out = udp_reserve(legs->udp);
    memcpy(out, header, header_len);
    int len = srtp_seal_rtp(&leg->out, index, out, header_len, payload, payload_len);
    udp_commit(legs->udp, &leg->route, len > 0 ? (size_t)len : 0);
    return true;
}

static void send_rtcp(void *context, struct party *to, uint8_t *data, size_t len)
{
    struct legs *legs = context;
    struct leg *leg = (struct leg *)to;
    uint8_t *out = udp_reserve(legs->udp);

    memcpy(out, data, len);
    int sealed = srtp_seal_rtcp(&leg->out, leg->rtcp_index++, out, len);
    udp_commit(legs->udp, &leg->route, sealed > 0 ? (size_t)sealed : 0);
}

static void send_report(void *context, struct party *to, const struct slot *slot,
                        const uint8_t *data, size_t len)
{
    (void)context;
    local_send_report((struct leg *)to, slot, data, len);
}

static void ask_key_frame(void *context, struct party *to)
{
    (void)context;
    local_ask_key_frame((struct leg *)to);
}

const struct router_ops packets_router_ops = {
    .send_rtp = send_rtp,
    .send_rtcp = send_rtcp,
    .send_report = send_report,
    .ask_key_frame = ask_key_frame,
};
