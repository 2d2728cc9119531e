#include "media/relay/local_packets.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include "media/relay/leg_internal.h"
#include "media/rtp/bytes.h"

/* ---- in ---- */

/* The process names its streams; what others see is the relay's own name. */
static struct local_stream *find_stream(struct leg *leg, enum sdp_medium medium, uint32_t ssrc)
{
    struct local_stream *stream = &leg->streams[medium];

    if (stream->sequence.started && stream->ssrc == ssrc)
        return stream;
    *stream = (struct local_stream){.ssrc = ssrc};
    router_renew(&leg->legs->router, &leg->party, medium);
    return stream;
}

/* True when it was taken. Nothing on this link comes twice or late. */
static bool take_rtp(struct leg *leg, enum sdp_medium medium, uint8_t *data, size_t len)
{
    static const uint8_t payload_types[ROUTER_MEDIA] = {
        [SDP_AUDIO] = SDP_OPUS, [SDP_VIDEO] = SDP_VP8};
    struct source *source = &leg->party.sources[medium];
    struct rtp_header header;

    if (!source->negotiated || rtp_parse_header(data, len, &header) ||
        header.payload_type != payload_types[medium])
        return false;
    struct local_stream *stream = find_stream(leg, medium, header.ssrc);
    int64_t index = rtp_sequence_guess(&stream->sequence, header.seq);
    if (index < 0 || (stream->sequence.started && index <= stream->sequence.highest))
        return false;
    rtp_sequence_advance(&stream->sequence, index);
    rtp_set_ssrc(data, source->ssrc);
    header.ssrc = source->ssrc;
    packets_take_rtp(leg, source, data, len, &header, index);
    return true;
}

/* Of a compound only the sender report at its head matters. */
static bool take_report(struct leg *leg, enum sdp_medium medium, uint8_t *data, size_t len)
{
    const struct local_stream *stream = &leg->streams[medium];
    struct rtcp_reader reader;
    struct rtcp_packet packet;

    rtcp_reader_init(&reader, data, len);
    if (rtcp_read(&reader, &packet) <= 0 || packet.kind != RTCP_KIND_SR ||
        !stream->sequence.started || packet.sender != stream->ssrc)
        return false;
    bytes_put32(data + 4, leg->party.sources[medium].ssrc);
    packets_take_rtcp(leg, data, len - reader.left);
    return true;
}

static bool take_key_frame_request(const struct leg *leg, enum sdp_medium medium, uint32_t slot)
{
    if (medium != SDP_VIDEO || slot >= leg->party.slot_count[SDP_VIDEO])
        return false;
    router_take_key_frame_request(&leg->legs->router, &leg->party, medium, slot);
    return true;
}

static bool take(struct leg *leg, uint8_t *data, size_t len)
{
    if (len < LOCAL_HEAD_BYTES || len > LOCAL_HEAD_BYTES + LOCAL_PACKET_MAX ||
        data[1] > LOCAL_VIDEO)
        return false;
    enum sdp_medium medium = data[1] == LOCAL_VIDEO ? SDP_VIDEO : SDP_AUDIO;
    uint8_t *body = data + LOCAL_HEAD_BYTES;
    len -= LOCAL_HEAD_BYTES;
    switch (data[0]) {
    case LOCAL_RTP:
        return take_rtp(leg, medium, body, len);
    case LOCAL_RTCP:
        return take_report(leg, medium, body, len);
    case LOCAL_KEY_FRAME:
        return take_key_frame_request(leg, medium, data[2]);
    default:
        return false; /* a kind of a later version */
    }
}

void local_take(struct leg *leg, uint8_t *data, size_t len)
{
    if (!take(leg, data, len))
        leg->legs->counters->local_malformed++;
}

/* ---- out ---- */

static bool send_parts(struct leg *leg, uint8_t *head, const struct iovec *parts, size_t count)
{
    struct iovec all[3] = {{head, LOCAL_HEAD_BYTES}};
    struct msghdr message = {.msg_iov = all, .msg_iovlen = 1 + count};

    for (size_t i = 0; i < count; i++)
        all[1 + i] = parts[i];
    if (sendmsg(leg->link, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return true;
    leg->legs->counters->local_unsent++;
    return false;
}

/* For sending only, though iovec does not say so. */
static struct iovec part(const void *data, size_t len)
{
    union {
        const void *in;
        void *out;
    } borrowed = {.in = data};

    return (struct iovec){borrowed.out, len};
}

static uint8_t medium_of(const struct slot *slot)
{
    return slot->medium == SDP_VIDEO ? LOCAL_VIDEO : LOCAL_AUDIO;
}

bool local_send_rtp(struct leg *leg, const struct slot *slot, const uint8_t *header,
                    size_t header_len, const uint8_t *payload, size_t payload_len)
{
    uint8_t head[LOCAL_HEAD_BYTES] = {LOCAL_RTP, medium_of(slot), (uint8_t)slot->number,
                                      slot->fresh ? LOCAL_FLAG_NEW : 0};
    const struct iovec parts[] = {part(header, header_len), part(payload, payload_len)};

    return send_parts(leg, head, parts, 2);
}

void local_send_report(struct leg *leg, const struct slot *slot, const uint8_t *data, size_t len)
{
    uint8_t head[LOCAL_HEAD_BYTES] = {LOCAL_RTCP, medium_of(slot), (uint8_t)slot->number, 0};
    const struct iovec parts[] = {part(data, len)};

    (void)send_parts(leg, head, parts, 1);
}

void local_ask_key_frame(struct leg *leg)
{
    uint8_t head[LOCAL_HEAD_BYTES] = {LOCAL_KEY_FRAME, LOCAL_VIDEO};

    (void)send_parts(leg, head, NULL, 0);
}
