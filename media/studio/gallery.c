#include "media/studio/gallery.h"

#include "base/clock.h"
#include "media/rtp/rtp.h"

void gallery_init(struct gallery *gallery)
{
    delay_init(&gallery->delay);
    packetizer_init(&gallery->streams[SDP_AUDIO]);
    packetizer_init(&gallery->streams[SDP_VIDEO]);
}

void gallery_done(struct gallery *gallery)
{
    delay_done(&gallery->delay);
}

size_t gallery_report(const struct gallery *gallery, enum sdp_medium medium,
                      const struct packetizer *programme, uint32_t time, int64_t unix_ns,
                      uint8_t out[static PACKETIZER_REPORT_MAX])
{
    struct packetizer stream = gallery->streams[medium];

    stream.first_timestamp = programme->first_timestamp;
    return packetizer_report(&stream, time, unix_ns, out);
}

/* Its time says when it is sent, so that a delay that changes moves nothing at the viewer's. */
static void rewrite(struct gallery *gallery, const struct packet_out *due, uint8_t *bytes)
{
    struct packetizer *stream = &gallery->streams[due->medium];
    int64_t rate = due->medium == SDP_AUDIO ? SDP_OPUS_CLOCK : SDP_VP8_CLOCK;
    int64_t later = gallery->delay.delay_ns / CLOCK_NS_PER_MS * rate / CLOCK_MS_PER_S;
    struct rtp_header header;

    if (rtp_parse_header(bytes, due->len, &header))
        return; /* it was ours */
    rtp_set_ssrc(bytes, stream->ssrc);
    rtp_set_seq(bytes, stream->seq++);
    rtp_set_timestamp(bytes, header.timestamp + (uint32_t)later);
    stream->packets++;
    stream->bytes += (uint32_t)(due->len - header.len);
}

void gallery_turn(struct gallery *gallery, int64_t now_ns, packet_handler handler, void *context)
{
    uint8_t bytes[LOCAL_PACKET_MAX];
    struct packet_out due;

    while (delay_take(&gallery->delay, now_ns, &due, bytes)) {
        rewrite(gallery, &due, bytes);
        handler(context, &due);
    }
}
