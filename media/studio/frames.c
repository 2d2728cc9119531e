#include "media/studio/frames.h"

#include <stdlib.h>
#include <string.h>

#include "media/rtp/sdp.h"
#include "media/rtp/vp8.h"
#include "media/studio/limits.h"

void frames_init(struct frames *frames)
{
    *frames = (struct frames){.broken = true};
}

void frames_done(struct frames *frames)
{
    free(frames->data);
    frames->data = NULL;
}

void frames_reset(struct frames *frames)
{
    uint8_t *data = frames->data;

    frames_init(frames);
    frames->data = data;
}

void frames_lose(struct frames *frames)
{
    frames->open = false;
    frames->broken = true;
}

static void begin(struct frames *frames, const struct vp8_payload *vp8)
{
    if (frames->open)
        frames_lose(frames); /* the one before never ended */
    frames->len = 0;
    frames->key = vp8->key_frame;
    if (vp8->key_frame) {
        frames->broken = false;
        frames->width = vp8->width;
        frames->height = vp8->height;
        frames->too_large = vp8->width > STUDIO_WIDTH_MAX || vp8->height > STUDIO_HEIGHT_MAX ||
                            !vp8->width || !vp8->height;
    }
    frames->open = !frames->broken && !frames->too_large;
}

static bool append(struct frames *frames, const uint8_t *data, size_t len)
{
    if (!frames->data)
        frames->data = malloc(STUDIO_FRAME_BYTES_MAX);
    if (!frames->data)
        abort();
    if (len > STUDIO_FRAME_BYTES_MAX - frames->len)
        return false;
    memcpy(frames->data + frames->len, data, len);
    frames->len += len;
    return true;
}

bool frames_take(struct frames *frames, const struct reorder_packet *packet)
{
    const uint8_t *payload = packet->bytes + packet->header.len;
    struct vp8_payload vp8;
    size_t len;

    if (packet->header.payload_type != SDP_VP8 ||
        rtp_payload_len(packet->bytes, packet->len, &packet->header, &len))
        return false;
    if (!len)
        return false; /* padding that probes the way */
    if (vp8_parse(payload, len, &vp8)) {
        frames_lose(frames);
        return false;
    }
    if (vp8.start)
        begin(frames, &vp8);
    if (!frames->open)
        return false;
    if (!append(frames, payload + vp8.header_len, len - vp8.header_len)) {
        frames_lose(frames);
        return false;
    }
    if (!packet->header.marker)
        return false;
    frames->open = false;
    return true;
}
