#include "media/studio/packetizer.h"

#include <assert.h>
#include <string.h>

#include "base/id.h"
#include "media/rtp/bytes.h"
#include "media/rtp/local.h"
#include "media/rtp/rtcp.h"
#include "media/rtp/rtp.h"

enum {
    PAYLOAD_MAX = 1150,
    DESCRIPTOR = 4,
    VOICE_FLAG = 0x80,
    VOICE_LEVEL = 60, /* louder than this somebody speaks */
};

void packetizer_init(struct packetizer *packetizer)
{
    *packetizer = (struct packetizer){0};
    id_random(&packetizer->ssrc, sizeof(packetizer->ssrc));
    id_random(&packetizer->first_timestamp, sizeof(packetizer->first_timestamp));
    id_random(&packetizer->seq, sizeof(packetizer->seq));
    id_random(&packetizer->picture, sizeof(packetizer->picture));
    packetizer->ssrc |= 1; /* not 0 */
}

static struct rtp_header next_header(struct packetizer *packetizer, uint8_t payload_type,
                                     uint32_t time, size_t payload)
{
    packetizer->packets++;
    packetizer->bytes += (uint32_t)payload;
    return (struct rtp_header){
        .payload_type = payload_type,
        .seq = packetizer->seq++,
        .timestamp = packetizer->first_timestamp + time,
        .ssrc = packetizer->ssrc,
    };
}

void packetizer_sound(struct packetizer *packetizer, const uint8_t *opus, size_t len, uint32_t time,
                      uint8_t level, packet_handler handler, void *context)
{
    uint8_t out[LOCAL_PACKET_MAX];
    uint8_t value = (uint8_t)(level | (level < VOICE_LEVEL ? VOICE_FLAG : 0));
    const struct rtp_element element = {SDP_EXTENSION_AUDIO_LEVEL, 1, &value};
    struct rtp_header header = next_header(packetizer, SDP_OPUS, time, len);
    size_t head = rtp_write_header(out, sizeof(out), &header, &element, 1);

    assert(head + len <= sizeof(out));
    memcpy(out + head, opus, len);
    handler(context,
            &(const struct packet_out){.medium = SDP_AUDIO, .data = out, .len = head + len});
}

void packetizer_picture(struct packetizer *packetizer, const uint8_t *vp8, size_t len,
                        uint32_t time, bool key, packet_handler handler, void *context)
{
    uint8_t out[LOCAL_PACKET_MAX];

    for (size_t done = 0; done < len;) {
        size_t part = len - done < PAYLOAD_MAX ? len - done : PAYLOAD_MAX;
        struct rtp_header header = next_header(packetizer, SDP_VP8, time, DESCRIPTOR + part);
        header.marker = done + part == len;
        size_t head = rtp_write_header(out, sizeof(out), &header, NULL, 0);
        out[head] = done ? 0x80 : 0x90; /* extended; the start of the partition */
        out[head + 1] = 0x80;           /* with a picture id, */
        bytes_put16(out + head + 2, (uint16_t)(packetizer->picture | 0x8000)); /* of 15 bits */
        memcpy(out + head + DESCRIPTOR, vp8 + done, part);
        handler(context, &(const struct packet_out){.medium = SDP_VIDEO,
                                                    .key_start = key && !done,
                                                    .data = out,
                                                    .len = head + DESCRIPTOR + part});
        done += part;
    }
    packetizer->picture++;
}

size_t packetizer_report(const struct packetizer *packetizer, uint32_t time, int64_t unix_ns,
                         uint8_t out[static PACKETIZER_REPORT_MAX])
{
    const struct rtcp_sender_info info = {
        .ntp = rtcp_ntp_from_unix(unix_ns),
        .timestamp = packetizer->first_timestamp + time,
        .packets = packetizer->packets,
        .bytes = packetizer->bytes,
    };
    struct rtcp_writer writer;

    rtcp_writer_init(&writer, out, PACKETIZER_REPORT_MAX);
    int full = rtcp_write_sr(&writer, packetizer->ssrc, &info, NULL, 0);
    full |= rtcp_write_cname(&writer, packetizer->ssrc, "programme");
    assert(!full);
    return writer.len;
}
