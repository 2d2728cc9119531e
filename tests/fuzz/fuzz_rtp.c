/* RTP headers, extensions, and VP8 in what follows them. */
#include <stdlib.h>
#include <string.h>

#include "media/rtp/datagram.h"
#include "media/rtp/rtp.h"
#include "media/rtp/vp8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PACKET_MAX = 1500 };

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void rewrite_vp8(uint8_t *payload, size_t len)
{
    struct vp8_payload before;
    struct vp8_payload after;

    if (vp8_parse(payload, len, &before))
        return;
    require(before.header_len < len);
    vp8_set_picture_id(payload, &before, (uint16_t)(before.picture_id + 1));
    vp8_set_tl0picidx(payload, &before, (uint8_t)(before.tl0picidx + 1));
    require(!vp8_parse(payload, len, &after));
    require(after.header_len == before.header_len && after.key_frame == before.key_frame);
}

static void rewrite_extensions(uint8_t *packet, const struct rtp_header *header)
{
    static const uint8_t value[3] = {1, 2, 3};
    struct rtp_element element;
    uint8_t level;
    bool voice;

    (void)rtp_read_audio_level(packet, header, 1, &level, &voice);
    if (rtp_patch_extension(packet, header, 2, value, sizeof(value))) {
        require(rtp_find_extension(packet, header, 2, &element));
        require(!memcmp(element.data, value, sizeof(value)));
    }
    for (uint8_t id = 1; id < 20; id++)
        if (rtp_find_extension(packet, header, id, &element))
            require(element.data + element.len <= packet + header->len);
    rtp_blank_extension(packet, header, 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t packet[PACKET_MAX];
    struct rtp_header header;
    struct rtp_header after;
    size_t payload;

    (void)datagram_classify(data, size);
    if (size > sizeof(packet) || rtp_parse_header(data, size, &header))
        return 0;
    require(header.len <= size);
    memcpy(packet, data, size);
    rewrite_extensions(packet, &header);
    rtp_set_payload_type(packet, 96);
    rtp_set_seq(packet, 1);
    rtp_set_ssrc(packet, 2);
    require(!rtp_parse_header(packet, size, &after));
    require(after.len == header.len && after.marker == header.marker);
    if (!rtp_payload_len(packet, size, &header, &payload)) {
        require(header.len + payload <= size);
        rewrite_vp8(packet + header.len, payload);
    }
    return 0;
}
