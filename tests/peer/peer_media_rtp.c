#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "tests/peer/peer_media_internal.h"

enum { NACK_MS = 20, VIDEO_HZ = 90000, AUDIO_HZ = 48000, SSRC_AT = 8, LEVEL_SILENCE = 127 };

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void send_rtcp(struct peer_media *media, uint8_t *packet, size_t len)
{
    size_t protected = peer_srtp_protect_rtcp(&media->srtp, packet, len);

    if (protected)
        peer_media_send_raw(media, packet, protected);
}

/* Who we are in RTCP, even when we send nothing. */
static uint32_t our_ssrc(const struct peer_media *media)
{
    return media->senders[PEER_AUDIO].ssrc;
}

static void add_receiver(struct peer_media *media, uint32_t ssrc)
{
    struct peer_receiver *receiver = &media->receivers[media->receiver_count++];

    *receiver = (struct peer_receiver){.ssrc = ssrc};
    for (size_t i = 0; i < media->offer.mline_count; i++) {
        const struct peer_mline *mline = &media->offer.mlines[i];
        if (mline->ssrc != ssrc)
            continue;
        receiver->declared = true;
        receiver->medium = mline->medium;
        receiver->nack = mline->nack;
        memcpy(receiver->mid, mline->mid, sizeof(receiver->mid));
    }
}

static struct peer_receiver *find_receiver(struct peer_media *media, uint32_t ssrc)
{
    for (size_t i = 0; i < media->receiver_count; i++) {
        if (media->receivers[i].ssrc == ssrc)
            return &media->receivers[i];
    }
    if (media->receiver_count == PEER_RECEIVERS_MAX)
        return NULL;
    add_receiver(media, ssrc);
    return &media->receivers[media->receiver_count - 1];
}

/* A small generator of our own (xorshift), so that a run with drops can be repeated. */
static bool drops(struct peer_media *media)
{
    uint32_t x = media->drop_seed;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    media->drop_seed = x;
    return x % 1000 < media->options.drop_permille;
}

static void ask(struct peer_media *media, struct peer_receiver *receiver, int64_t now_ns)
{
    uint8_t packet[PEER_RTP_MAX];
    uint16_t lost[PEER_NACK_MAX];
    size_t count = receiver->nack ? peer_receiver_lost(receiver, now_ns, lost) : 0;

    if (count)
        send_rtcp(media, packet,
                  peer_rtcp_write_nack(packet, our_ssrc(media), receiver->ssrc, lost, count));
    if (peer_receiver_needs_key_frame(receiver, now_ns))
        send_rtcp(media, packet, peer_rtcp_write_pli(packet, our_ssrc(media), receiver->ssrc));
}

void peer_media_ask_lost(struct peer_media *media)
{
    int64_t now = clock_monotonic_ns();

    for (size_t i = 0; i < media->receiver_count; i++)
        ask(media, &media->receivers[i], now);
    peer_timer_in(media->loop, &media->lost_timer, NACK_MS);
}

void peer_media_take_rtp(struct peer_media *media, uint8_t *data, size_t len, int64_t now_ns)
{
    struct peer_rtp_in rtp;

    if (len < SSRC_AT + 4)
        return;
    struct peer_receiver *receiver = find_receiver(media, get32(data + SSRC_AT));
    if (!receiver)
        return;
    receiver->datagrams++;
    receiver->bytes += len;
    unsigned every = media->options.decrypt_every;
    if (!every || receiver->datagrams % every || (media->options.drop_permille && drops(media)))
        return;
    ssize_t clear = peer_srtp_unprotect(&media->srtp, data, len);
    if (clear == -EALREADY) {
        receiver->replays++;
        return;
    }
    if (clear <= 0 || !peer_rtp_parse(data, (size_t)clear, &rtp)) {
        receiver->refused++;
        return;
    }
    media->packets_in++;
    if (every == 1)
        peer_receiver_take(receiver, &rtp, now_ns);
    else
        receiver->packets++;
}

static struct peer_sender *find_sender(struct peer_media *media, uint32_t ssrc)
{
    for (int medium = 0; medium < PEER_MEDIA; medium++) {
        if (media->senders[medium].enabled && media->senders[medium].ssrc == ssrc)
            return &media->senders[medium];
    }
    return NULL;
}

static void on_nack(void *context, uint32_t media_ssrc, uint16_t sequence)
{
    struct peer_media *media = context;
    struct peer_sender *sender = find_sender(media, media_ssrc);
    const struct peer_packet *packet = sender ? peer_sender_find(sender, sequence) : NULL;

    media->nacks_in++;
    if (packet) {
        sender->resent++;
        peer_media_send_raw(media, packet->data, packet->len);
    }
}

static void on_key_frame(void *context, uint32_t media_ssrc)
{
    struct peer_media *media = context;
    const struct peer_sender *sender = find_sender(media, media_ssrc);

    if (!sender || sender == &media->senders[PEER_AUDIO])
        return;
    media->key_frames_wanted++;
    media->ops->key_frame(media->context);
}

static void on_sender(void *context, uint32_t ssrc, uint64_t ntp)
{
    struct peer_media *media = context;

    for (size_t i = 0; i < media->receiver_count; i++) {
        if (media->receivers[i].ssrc == ssrc) {
            media->receivers[i].sr_ntp = ntp;
            media->receivers[i].sr_ns = clock_monotonic_ns();
        }
    }
}

static const struct peer_rtcp_ops rtcp_ops = {
    .nack = on_nack, .key_frame = on_key_frame, .sender = on_sender};

void peer_media_take_rtcp(struct peer_media *media, uint8_t *data, size_t len)
{
    ssize_t clear = peer_srtp_unprotect_rtcp(&media->srtp, data, len);

    if (clear > 0)
        peer_rtcp_parse(data, (size_t)clear, &rtcp_ops, media);
}

static size_t collect_blocks(struct peer_media *media, struct peer_report_block *blocks, size_t max)
{
    int64_t now = clock_monotonic_ns();
    size_t count = 0;

    for (size_t i = 0; i < media->receiver_count && count < max; i++) {
        struct peer_receiver *receiver = &media->receivers[i];
        if (receiver->packets && receiver->declared)
            peer_receiver_report(receiver, now, &blocks[count++]);
    }
    return count;
}

/* What the RTP clock of a sender shows now, beside the wall clock. */
static struct peer_sender_info sender_info(const struct peer_sender *sender)
{
    uint32_t hz = sender->mline->medium == PEER_AUDIO ? AUDIO_HZ : VIDEO_HZ;
    int64_t since_us = (clock_monotonic_ns() - sender->timestamp_ns) / 1000;

    return (struct peer_sender_info){
        .ntp = peer_ntp(clock_wall_ns()),
        .timestamp = sender->timestamp + (uint32_t)((uint64_t)since_us * hz / 1000000),
        .packets = (uint32_t)sender->packets,
        .octets = (uint32_t)sender->octets,
    };
}

void peer_media_report(struct peer_media *media)
{
    uint8_t packet[PEER_RTP_MAX];
    struct peer_report_block blocks[31];
    size_t count = collect_blocks(media, blocks, sizeof(blocks) / sizeof(blocks[0]));
    bool reported = false;

    for (int medium = 0; medium < PEER_MEDIA; medium++) {
        const struct peer_sender *sender = &media->senders[medium];
        if (!sender->packets)
            continue;
        struct peer_sender_info info = sender_info(sender);
        size_t len = peer_rtcp_write_report(packet, sender->ssrc, &info, blocks, count);
        len += peer_rtcp_write_cname(packet + len, sender->ssrc);
        send_rtcp(media, packet, len);
        reported = true;
        count = 0;
    }
    if (reported)
        return;
    size_t len = peer_rtcp_write_report(packet, our_ssrc(media), NULL, blocks, count);
    len += peer_rtcp_write_cname(packet + len, our_ssrc(media));
    send_rtcp(media, packet, len);
}

bool peer_media_can_send(const struct peer_media *media, enum peer_medium medium)
{
    return media->state == PEER_MEDIA_CONNECTED && media->senders[medium].enabled;
}

void peer_media_send(struct peer_media *media, enum peer_medium medium,
                     const struct peer_payload *payload)
{
    if (!peer_media_can_send(media, medium))
        return;
    const struct peer_packet *packet =
        peer_sender_pack(&media->senders[medium], &media->srtp, payload, clock_monotonic_ns());
    if (packet) {
        media->packets_out++;
        peer_media_send_raw(media, packet->data, packet->len);
    }
}

void peer_media_send_frame(struct peer_media *media, enum peer_medium medium, const uint8_t *frame,
                           size_t len, uint32_t timestamp, uint16_t picture_id)
{
    uint8_t descriptor[PEER_VP8_DESCRIPTOR_BYTES];

    for (size_t at = 0; at < len;) {
        size_t part = len - at < PEER_RTP_PAYLOAD_MAX ? len - at : PEER_RTP_PAYLOAD_MAX;
        peer_vp8_write_descriptor(descriptor, at == 0, picture_id);
        struct peer_payload payload = {
            .prefix = descriptor,
            .prefix_len = sizeof(descriptor),
            .data = frame + at,
            .len = part,
            .marker = at + part == len,
            .timestamp = timestamp,
        };
        peer_media_send(media, medium, &payload);
        at += part;
    }
}

uint64_t peer_media_packets(const struct peer_media *media, const char *mid)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < media->receiver_count; i++) {
        if (!mid || strcmp(mid, media->receivers[i].mid) == 0)
            sum += media->receivers[i].packets;
    }
    return sum;
}

void peer_media_replay(struct peer_media *media, enum peer_medium medium)
{
    const struct peer_sender *sender = &media->senders[medium];
    const struct peer_packet *packet = peer_sender_find(sender, (uint16_t)(sender->sequence - 1));

    if (packet)
        peer_media_send_raw(media, packet->data, packet->len);
}

void peer_media_send_undeclared(struct peer_media *media, uint32_t ssrc, uint16_t sequence)
{
    uint8_t packet[PEER_RTP_MAX] = {0};
    struct peer_rtp_out rtp = {
        .payload_type = media->offer.mlines[0].payload_type,
        .sequence = sequence,
        .timestamp = sequence,
        .ssrc = ssrc,
        .level = LEVEL_SILENCE,
    };
    size_t len = peer_rtp_write_header(packet, &rtp) + PEER_NACK_MAX;
    size_t protected = peer_srtp_protect(&media->srtp, packet, len);

    if (protected)
        peer_media_send_raw(media, packet, protected);
}
