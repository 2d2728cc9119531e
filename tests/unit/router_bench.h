/*
 * The router alone, with a judge, a witness and a counsel in one hearing, made-up packets in and a
 * list of what would be sent. Used by test_relay_router, test_relay_feedback and
 * test_relay_share.
 */
#ifndef ASSIZE_TESTS_UNIT_ROUTER_BENCH_H
#define ASSIZE_TESTS_UNIT_ROUTER_BENCH_H

#include "media/relay/router.h"

enum {
    JUDGE = 1,
    WITNESS = 2,
    COUNSEL = 3,
    JUDGE_VIDEO = 0x1111,
    JUDGE_AUDIO = 0x2222,
    JUDGE_SHARE = 0x4444,
    COUNSEL_VIDEO = 0x3333,
    SENT_MAX = 8192,
    PACKET_ROOM = 256,
    VP8_HEAD = 4, /* descriptor with a 15 bit picture id */
};

struct sent {
    uint64_t to;
    bool rtcp;
    int64_t index;
    size_t len;
    uint8_t data[PACKET_ROOM];
};

struct bench {
    struct relay_counters counters;
    struct router router;
    struct room *room;
    struct party judge;
    struct party witness;
    struct party counsel;
    int64_t now_ns;
    uint64_t epoch;
    struct sent *sent;
    size_t sent_count;
};

extern const struct relay_pair judge_to_witness;
extern const struct relay_pair judge_share; /* into the second slot */
extern const struct relay_pair judge_audio;
extern const struct relay_pair counsel_to_witness;

/* cmocka set-up and tear-down; *state is the bench. */
int bench_set_up(void **state);
int bench_tear_down(void **state);

/* Applies one revoke and one grant, either NULL. */
void bench_change(struct bench *bench, const struct relay_pair *revoke,
                  const struct relay_pair *grant);
/* A header with MID and send time in a packet of PACKET_ROOM; its length. */
size_t bench_write_packet(uint8_t *data, uint8_t payload_type, uint32_t ssrc, int64_t index,
                          uint32_t timestamp);
/* One packet, which is a whole frame with picture id = index. */
void bench_send_video(struct bench *bench, struct party *from, int64_t index, bool key_frame);
/* The same of what the judge shows. */
void bench_send_share(struct bench *bench, int64_t index, bool key_frame);
void bench_send_audio(struct bench *bench, int64_t index);
/* Moves the clock on and lets the router ask. */
void bench_pass(struct bench *bench, int ms);
/* Feedback of the witness on its first, or that, video slot. */
void bench_nack(struct bench *bench, const uint16_t *seqs, size_t count);
void bench_pli(struct bench *bench, uint32_t number);

/* Of what was sent: */
size_t bench_count_to(const struct bench *bench, uint64_t to, bool rtcp);
const struct sent *bench_last_rtp(const struct bench *bench);
size_t bench_count_feedback(const struct bench *bench, uint64_t to, enum rtcp_kind kind);

#endif
