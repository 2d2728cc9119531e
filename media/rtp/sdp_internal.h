/* Words both the offer and the answer are made of, and pieces of text in place. For this folder. */
#ifndef ASSIZE_MEDIA_RTP_SDP_INTERNAL_H
#define ASSIZE_MEDIA_RTP_SDP_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#define SDP_PROTOCOL          "UDP/TLS/RTP/SAVPF"
#define SDP_AUDIO_LEVEL_URI   "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
#define SDP_ABS_SEND_TIME_URI "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
#define SDP_MID_URI           "urn:ietf:params:rtp-hdrext:sdes:mid"
/* The m-lines of what the client sends. */
#define SDP_SENT_AUDIO_MID "a"
#define SDP_SENT_VIDEO_MID "v"

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
