#include "media/rtp/sdp.h"

#include <errno.h>

#include "media/rtp/sdp_internal.h"

size_t sdp_sent_lines(const struct sdp_offer *offer, struct sdp_sent ret_lines[static SDP_SENT_MAX])
{
    size_t count = 0;

    if (offer->may_send) {
        ret_lines[count++] = (struct sdp_sent){SDP_AUDIO, "a"};
        ret_lines[count++] = (struct sdp_sent){SDP_VIDEO, "v"};
    }
    if (offer->may_share)
        ret_lines[count++] = (struct sdp_sent){SDP_SHARE, "s"};
    return count;
}

/* RFC 8445, 5.1.2.1: a host candidate of component 1; the first address is preferred. */
static uint32_t host_priority(size_t index)
{
    return 126u << 24 | (uint32_t)(UINT16_MAX - index) << 8 | 255;
}

static int put_bundle(struct buf *out, const struct sdp_offer *offer)
{
    struct sdp_sent sent[SDP_SENT_MAX];
    size_t sent_count = sdp_sent_lines(offer, sent);
    int error = buf_printf(out, "a=group:BUNDLE");

    for (size_t i = 0; i < sent_count && !error; i++)
        error = buf_printf(out, " %s", sent[i].mid);
    for (size_t i = 0; i < offer->slot_count && !error; i++)
        error = buf_printf(out, " %s", offer->slots[i].mid);
    return error ? error : buf_printf(out, "\r\n");
}

static int put_session(struct buf *out, const struct sdp_offer *offer)
{
    int error = buf_printf(out,
                           "v=0\r\n"
                           "o=- %llu 1 IN IP4 0.0.0.0\r\n"
                           "s=-\r\n"
                           "t=0 0\r\n"
                           "a=ice-lite\r\n"
                           "a=ice-ufrag:%s\r\n"
                           "a=ice-pwd:%s\r\n"
                           "a=setup:actpass\r\n"
                           "a=fingerprint:sha-256 ",
                           (unsigned long long)offer->session_id, offer->ufrag, offer->password);

    for (size_t i = 0; i < SDP_FINGERPRINT_BYTES && !error; i++)
        error = buf_printf(out, i ? ":%02X" : "%02X", offer->fingerprint[i]);
    if (!error)
        error = buf_printf(out, "\r\n");
    return error ? error : put_bundle(out, offer);
}

static int put_audio(struct buf *out)
{
    return buf_printf(out,
                      "a=rtpmap:%d opus/48000/2\r\n"
                      "a=fmtp:%d minptime=10;useinbandfec=1\r\n"
                      "a=extmap:%d " SDP_AUDIO_LEVEL_URI "\r\n",
                      SDP_OPUS, SDP_OPUS, SDP_EXTENSION_AUDIO_LEVEL);
}

static int put_video(struct buf *out)
{
    return buf_printf(out,
                      "a=rtpmap:%d VP8/90000\r\n"
                      "a=rtcp-fb:%d nack\r\n"
                      "a=rtcp-fb:%d nack pli\r\n"
                      "a=rtcp-fb:%d ccm fir\r\n"
                      "a=rtcp-fb:%d goog-remb\r\n",
                      SDP_VP8, SDP_VP8, SDP_VP8, SDP_VP8, SDP_VP8);
}

/* Candidates stand in the first m-line, whose transport the others share. */
static int put_candidates(struct buf *out, const struct sdp_offer *offer)
{
    int error = 0;

    for (size_t i = 0; i < offer->candidate_count && !error; i++)
        error =
            buf_printf(out, "a=candidate:%zu 1 udp %u %s %u typ host\r\n", i + 1, host_priority(i),
                       offer->candidates[i].address, (unsigned)offer->candidates[i].port);
    return error ? error : buf_printf(out, "a=end-of-candidates\r\n");
}

static int put_media(struct buf *out, enum sdp_medium medium, const char *mid, bool client_sends)
{
    bool audio = medium == SDP_AUDIO;
    int error = buf_printf(out,
                           "m=%s 9 " SDP_PROTOCOL " %d\r\n"
                           "c=IN IP4 0.0.0.0\r\n"
                           "a=mid:%s\r\n"
                           "a=%s\r\n"
                           "a=rtcp-mux\r\n"
                           "a=rtcp-rsize\r\n"
                           "a=extmap:%d " SDP_ABS_SEND_TIME_URI "\r\n"
                           "a=extmap:%d " SDP_MID_URI "\r\n",
                           audio ? "audio" : "video", audio ? SDP_OPUS : SDP_VP8, mid,
                           client_sends ? "recvonly" : "sendonly", SDP_EXTENSION_ABS_SEND_TIME,
                           SDP_EXTENSION_MID);

    if (error)
        return error;
    return audio ? put_audio(out) : put_video(out);
}

static int put_slot(struct buf *out, const struct sdp_slot *slot, const char *cname)
{
    int error = put_media(out, slot->medium, slot->mid, false);

    if (error)
        return error;
    return buf_printf(out,
                      "a=msid:%s %s\r\n"
                      "a=ssrc:%u cname:%s\r\n",
                      slot->stream, slot->mid, slot->ssrc, cname);
}

int sdp_make_offer(struct buf *out, const struct sdp_offer *offer)
{
    struct sdp_sent sent[SDP_SENT_MAX];
    size_t sent_count = sdp_sent_lines(offer, sent);
    int error = put_session(out, offer);

    for (size_t i = 0; i < sent_count && !error; i++) {
        error = put_media(out, sent[i].medium, sent[i].mid, true);
        if (!error && i == 0)
            error = put_candidates(out, offer);
    }
    for (size_t i = 0; i < offer->slot_count && !error; i++) {
        error = put_slot(out, &offer->slots[i], offer->cname);
        if (!error && i == 0 && !sent_count)
            error = put_candidates(out, offer);
    }
    return error;
}
