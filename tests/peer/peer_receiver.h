/*
 * One incoming RTP stream: every packet counted, gaps found, resends asked for, key frames and the
 * first whole frame timed. No I/O. Owned by peer_media, one for each SSRC that ever arrives,
 * declared in the offer or not.
 */
#ifndef ASSIZE_TESTS_PEER_RECEIVER_H
#define ASSIZE_TESTS_PEER_RECEIVER_H

#include "tests/peer/peer_rtp.h"
#include "tests/peer/peer_sdp.h"

enum { PEER_MISSING_MAX = 256 };

struct peer_missing {
    uint16_t sequence;
    unsigned tries;
    int64_t next_ns; /* when to ask (again) */
};

struct peer_receiver {
    uint32_t ssrc;
    bool declared; /* in the offer; else mid is "" */
    char mid[PEER_SDP_MID_SIZE];
    enum peer_medium medium;
    bool nack;

    uint64_t datagrams; /* every one with this SSRC, good or not */
    uint64_t bytes;
    uint64_t refused;    /* forged or malformed */
    uint64_t replays;    /* came before, by SRTP */
    uint64_t packets;    /* good ones */
    uint64_t duplicates; /* among the packets: late ones that nobody waited for any more */
    uint64_t gaps;       /* times that sequence numbers were missing */
    uint64_t missed;     /* sequence numbers that were missing */
    uint64_t recovered;  /* of them, those that came after all */
    uint64_t frames;     /* packets with a marker */
    uint64_t key_frames;
    int64_t first_packet_ns;
    int64_t first_frame_ns; /* the end of the first key frame, or of the first audio packet */
    int64_t last_packet_ns;

    /* What follows is the receiver's own. */
    uint16_t first;
    uint16_t highest;
    uint32_t cycles;
    bool in_key_frame;
    bool wants_key_frame; /* gave up on a packet: the picture is broken until the next one */
    int64_t key_frame_asked_ns;
    struct peer_missing missing[PEER_MISSING_MAX];
    size_t missing_count;
    uint32_t transit;
    uint32_t jitter_16; /* RFC 3550 appendix A.8, times 16 */
    uint64_t reported_expected;
    uint64_t reported_packets;
    uint64_t sr_ntp;
    int64_t sr_ns;
};

/* A good packet. */
void peer_receiver_take(struct peer_receiver *receiver, const struct peer_rtp_in *rtp,
                        int64_t now_ns);
/* The sequence numbers to ask for now, in rising order; counts the tries. */
size_t peer_receiver_lost(struct peer_receiver *receiver, int64_t now_ns,
                          uint16_t out[static PEER_NACK_MAX]);
/* True when a key frame is to be asked for now; at most twice a second. */
bool peer_receiver_needs_key_frame(struct peer_receiver *receiver, int64_t now_ns);
/* What a receiver report says of it; starts the next interval. */
void peer_receiver_report(struct peer_receiver *receiver, int64_t now_ns,
                          struct peer_report_block *ret_block);

#endif
