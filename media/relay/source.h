/*
 * One stream a leg sends: what arrives, what is missing, what can be sent again, and when a key
 * frame is asked for. Knows nothing of subscribers and sends nothing itself. Part of struct party;
 * used by the router.
 */
#ifndef ASSIZE_MEDIA_RELAY_SOURCE_H
#define ASSIZE_MEDIA_RELAY_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "media/relay/limits.h"
#include "media/rtp/rtcp.h"
#include "media/rtp/rtp.h"
#include "media/rtp/sdp.h"
#include "media/rtp/vp8.h"

#define NS_OF_MS(ms) ((int64_t)(ms)*CLOCK_NS_PER_MS)

/* A decrypted RTP packet with all that forwarding it needs. */
struct packet {
    uint8_t *data; /* of the receive buffer or the cache; forwarding rewrites its VP8 descriptor */
    size_t len;
    struct rtp_header header;
    struct vp8_payload vp8; /* video only */
    int64_t index;          /* 48-bit sequence number */
    int64_t arrival_ns;
    uint64_t generation; /* of the matrix when it came */
};

struct cached_packet {
    struct packet packet; /* len 0: none */
    uint8_t bytes[RELAY_DATAGRAM_MAX];
};

struct missing_packet {
    int64_t index;
    int64_t next_ask_ns;
    int asks;
};

struct source {
    enum sdp_medium medium;
    bool negotiated;       /* the answer takes this m-line */
    bool resends;          /* its sender sends again what it is asked for */
    uint32_t ssrc;         /* 0 until known: declared by the answer, else learned by MID */
    uint8_t mid_extension; /* id, or 0 */
    struct rtcp_reception reception;
    int64_t highest; /* index; -1 before the first packet */

    bool has_report; /* the client's last sender report */
    uint64_t report_ntp;
    uint32_t report_timestamp;
    int64_t report_arrival_ns;

    struct cached_packet *cache; /* RELAY_CACHE_PACKETS, by index; NULL for audio */
    struct missing_packet missing[RELAY_MISSING_MAX];
    size_t missing_count;

    bool key_frame_wanted;
    int64_t key_frame_asked_ns; /* when it was last asked for */
    int64_t key_frame_ns;       /* when one last came */
};

/* With sends false the source never takes anything and has no cache. */
void source_init(struct source *source, enum sdp_medium medium, bool sends);
void source_done(struct source *source);
/* Forgets what came; the next packet is the first of another stream. */
void source_restart(struct source *source);
uint32_t source_clock_rate(const struct source *source);

/* Takes a new packet: statistics, what is missing, the cache. */
void source_take(struct source *source, const struct packet *packet);
/* The cached packet with this index, or NULL. */
struct packet *source_cached(const struct source *source, int64_t index);
void source_take_report(struct source *source, const struct rtcp_sender_info *info, int64_t now_ns);

/*
 * Sequence numbers to ask the client for now, ascending; how many. Each is asked for again after
 * retry_ns, RELAY_ASKS_MAX times in all; what never came makes a key frame wanted.
 */
size_t source_missing(struct source *source, int64_t now_ns, int64_t retry_ns,
                      uint16_t out[static RELAY_MISSING_MAX]);

void source_want_key_frame(struct source *source);
/* A video source on record: one key frame in RELAY_RECORD_KEY_FRAME_MS at least, so that a file
 * made of it can be entered anywhere. */
void source_keep_key_frames(struct source *source, int64_t now_ns);
/* True when one is to be asked for now: at most once in RELAY_KEY_FRAME_MS. Counts as asked. */
bool source_ask_key_frame(struct source *source, int64_t now_ns);

#endif
