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

static struct expected sent_line(const struct sdp_sent *sent)
{
    return (struct expected){sdp_line_medium(sent->medium), sent->mid, SDP_SENDONLY};
}

static struct expected slot_line(const struct sdp_slot *slot)
{
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

static bool all_distinct(const struct sdp_media *sent, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count; k++)
            if (!ssrcs_distinct(&sent[i], &sent[k]))
                return false;
    return true;
}

int sdp_check_answer(const struct sdp_offer *offer, const struct sdp_answer *answer)
{
    struct sdp_sent sent[SDP_SENT_MAX];
    size_t sent_count = sdp_sent_lines(offer, sent);

    if (answer->media_count != sent_count + offer->slot_count)
        return -EINVAL;
    for (size_t i = 0; i < answer->media_count; i++) {
        struct expected expected =
            i < sent_count ? sent_line(&sent[i]) : slot_line(&offer->slots[i - sent_count]);
        if (!fits(&answer->media[i], expected))
            return -EINVAL;
    }
    return all_distinct(answer->media, sent_count) ? 0 : -EINVAL;
}
