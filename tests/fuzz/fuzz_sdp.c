/* Answers, and whether they are to our offer. */
#include <stdlib.h>
#include <string.h>

#include "media/rtp/sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sdp_slot slots[] = {
    {SDP_AUDIO, "a0", "s0", 1}, {SDP_AUDIO, "a1", "s1", 2}, {SDP_VIDEO, "v0", "s0", 3},
    {SDP_VIDEO, "v1", "s1", 4}, {SDP_VIDEO, "v2", "s2", 5},
};
static const struct sdp_offer offers[] = {
    {.may_send = true, .slots = slots, .slot_count = 5},
    {.may_send = true, .may_share = true, .slots = slots, .slot_count = 5},
    {.may_share = true, .slots = slots, .slot_count = 5},
};

static void require(bool truth)
{
    if (!truth)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sdp_answer answer;

    if (sdp_parse_answer((const char *)data, size, &answer))
        return 0;
    require(answer.setup != SDP_SETUP_NONE);
    require(strlen(answer.ufrag) >= 4 && strlen(answer.password) >= 22);
    require(answer.media_count >= 1 && answer.media_count <= SDP_MEDIA_MAX);
    for (size_t i = 0; i < answer.media_count; i++) {
        const struct sdp_media *media = &answer.media[i];
        require(media->ssrc_count <= SDP_SSRCS_MAX);
        require(media->rejected || sdp_find_media(&answer, media->mid) == media);
    }
    for (size_t i = 0; i < sizeof(offers) / sizeof(*offers); i++)
        (void)sdp_check_answer(&offers[i], &answer);
    return 0;
}
