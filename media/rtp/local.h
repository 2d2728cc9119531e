/*
 * The local link between the relay and a process of the same machine (media/studio), in place of
 * ICE, DTLS and SRTP: a SOCK_SEQPACKET Unix socket, STATE/run/local.sock, one connection a leg.
 * Nothing is lost on it except what does not fit the socket's buffer, so nothing is resent.
 *
 * The process that connects sends a hello with the leg's number and token, and is cut off when they
 * are not those of a local leg. After that each datagram, in either direction, is a head of four
 * bytes and what it announces:
 *
 *     kind, medium, slot, flags
 *
 * From the relay, slot is the leg's receiving slot; to the relay it is 0, but for LOCAL_KEY_FRAME.
 *
 * To the relay, a packet has payload type SDP_OPUS or SDP_VP8 (sdp.h) and any SSRC,
 * in whose place the relay puts its own. Sequence numbers rise by one; a gap is a loss, after which
 * the relay asks for a key frame. A stream that starts anew, whatever its numbers, has another
 * SSRC. A sender report names the SSRC the process uses; it is what ties sound to picture.
 *
 * A connection that ends loses nothing but itself: the leg waits for another hello with its token,
 * which also takes the place of an older connection. Used by media/relay, media/studio and tests.
 */
#ifndef ASSIZE_MEDIA_RTP_LOCAL_H
#define ASSIZE_MEDIA_RTP_LOCAL_H

#include <stddef.h>
#include <stdint.h>

#define LOCAL_SOCKET_NAME "run/local.sock"

enum {
    LOCAL_TOKEN_BYTES = 16,
    LOCAL_HEAD_BYTES = 4,
    LOCAL_HELLO_BYTES = 4 + 8 + LOCAL_TOKEN_BYTES, /* "ASZL", leg (big-endian), token */
    LOCAL_PACKET_MAX = 1500,
};

enum local_kind {
    LOCAL_RTP = 1,       /* a whole RTP packet, decrypted */
    LOCAL_RTCP = 2,      /* a compound with the sender report of that slot's source */
    LOCAL_KEY_FRAME = 3, /* nothing: the receiver of that video needs a key frame */
};

enum local_medium { LOCAL_AUDIO = 0, LOCAL_VIDEO = 1 }; /* as enum sdp_medium */

enum local_flag { LOCAL_FLAG_NEW = 1 }; /* the first packet of another source in this slot */

#endif
