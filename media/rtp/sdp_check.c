/* Whether an answer is one to our offer. */
#include <errno.h>
#include <string.h>

#include "media/rtp/sdp.h"
#include "media/rtp/sdp_internal.h"

/* The m-line the offer has at this place. */
struct expected {
    enum sdp_medium medium;
    const char *mid;
    enum sdp_direction direction; /* unless inactive */
};

static struct expected expected_at(const struct sdp_offer *offer, size_t index)
{
    if (offer->may_send && index == 0)
        return (struct expected){SDP_AUDIO, SDP_SENT_AUDIO_MID, SDP_SENDONLY};
    if (offer->may_send && index == 1)
        return (struct expected){SDP_VIDEO, SDP_SENT_VIDEO_MID, SDP_SENDONLY};
    const struct sdp_slot *slot = &offer->slots[index - (offer->may_send ? 2 : 0)];
    return (struct expected){slot->medium, slot->mid, SDP_RECVONLY};
}

static bool none_or(uint8_t number, uint8_t ours)
{
    return number == 0 || number == ours;
}

static bool fits(const struct sdp_media *media, struct expected expected)
{
    if (media->medium != expected.medium)
        return false;
    if (media->rejected)
        return true;
    return !strcmp(media->mid, expected.mid) &&
           (media->direction == expected.direction || media->direction == SDP_INACTIVE) &&
           media->payload_type == (media->medium == SDP_AUDIO ? SDP_OPUS : SDP_VP8) &&
           none_or(media->audio_level, SDP_EXTENSION_AUDIO_LEVEL) &&
           none_or(media->abs_send_time, SDP_EXTENSION_ABS_SEND_TIME) &&
           none_or(media->mid_extension, SDP_EXTENSION_MID);
}

static bool declares(const struct sdp_media *media, uint32_t ssrc)
{
    for (size_t i = 0; i < media->ssrc_count; i++)
        if (media->ssrcs[i] == ssrc)
            return true;
    return false;
}

/* An SSRC tells what a packet is, so no two sending m-lines may declare the same. */
static bool ssrcs_distinct(const struct sdp_media *one, const struct sdp_media *other)
{
    for (size_t i = 0; i < one->ssrc_count; i++)
        if (declares(other, one->ssrcs[i]))
            return false;
    return true;
}

int sdp_check_answer(const struct sdp_offer *offer, const struct sdp_answer *answer)
{
    size_t sent = offer->may_send ? 2 : 0;

    if (answer->media_count != sent + offer->slot_count)
        return -EINVAL;
    for (size_t i = 0; i < answer->media_count; i++)
        if (!fits(&answer->media[i], expected_at(offer, i)))
            return -EINVAL;
    return !sent || ssrcs_distinct(&answer->media[0], &answer->media[1]) ? 0 : -EINVAL;
}
