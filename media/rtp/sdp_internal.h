/* Words both the offer and the answer are made of, and pieces of text in place. For this folder. */
#ifndef ASSIZE_MEDIA_RTP_SDP_INTERNAL_H
#define ASSIZE_MEDIA_RTP_SDP_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "media/rtp/sdp.h"

#define SDP_PROTOCOL          "UDP/TLS/RTP/SAVPF"
#define SDP_AUDIO_LEVEL_URI   "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
#define SDP_ABS_SEND_TIME_URI "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
#define SDP_MID_URI           "urn:ietf:params:rtp-hdrext:sdes:mid"
/* An m-line of what the client sends. */
struct sdp_sent {
    enum sdp_medium medium;
    const char *mid;
};
enum { SDP_SENT_MAX = 3 };
/* Those of the offer, in its order. Returns how many. */
size_t sdp_sent_lines(const struct sdp_offer *offer,
                      struct sdp_sent ret_lines[static SDP_SENT_MAX]);

/* A piece of the description, not NUL-terminated. */
struct text {
    const char *at;
    size_t len;
};

bool text_equal(struct text text, const char *word);
/* ASCII letters of either case are the same. */
bool text_equal_nocase(struct text text, const char *word);
/* What stands before the separator, which is dropped with it from rest; all of it when there is
 * none. */
struct text text_take(struct text *rest, char separator);
/* A decimal number without leading zeros up to max; false for anything else. */
bool text_number(struct text text, unsigned max, unsigned *ret_value);
/* Copies with a NUL; false when it is empty or does not fit. */
bool text_copy(struct text text, char *out, size_t size);

#endif
