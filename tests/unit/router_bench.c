#include "tests/unit/router_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/rtp/bytes.h"

static struct sent *note(struct bench *bench, const struct party *to, bool rtcp)
{
    assert_true(bench->sent_count < SENT_MAX);
    struct sent *sent = &bench->sent[bench->sent_count++];
    *sent = (struct sent){.to = to->id, .rtcp = rtcp};
    return sent;
}

static bool note_rtp(void *context, struct party *to, const struct slot *slot, int64_t index,
                     const uint8_t *header, size_t header_len, const uint8_t *payload,
                     size_t payload_len)
{
    struct sent *sent = note(context, to, false);

    (void)slot;
    assert_true(header_len + payload_len <= PACKET_ROOM);
    sent->index = index;
    sent->len = header_len + payload_len;
    memcpy(sent->data, header, header_len);
    memcpy(sent->data + header_len, payload, payload_len);
    return true;
}

static void note_rtcp(void *context, struct party *to, uint8_t *data, size_t len)
{
    struct sent *sent = note(context, to, true);

    assert_true(len <= PACKET_ROOM);
    sent->len = len;
    memcpy(sent->data, data, len);
}

static const struct router_ops ops = {.send_rtp = note_rtp, .send_rtcp = note_rtcp};

static void join(struct bench *bench, struct party *party, uint64_t id, uint32_t video,
                 uint32_t audio, uint32_t share)
{
    struct sdp_answer answer = {.media_count = 3};

    answer.media[0] = (struct sdp_media){.medium = SDP_AUDIO,
                                         .mid = "a",
                                         .payload_type = SDP_OPUS,
                                         .mid_extension = SDP_EXTENSION_MID,
                                         .ssrcs = {audio},
                                         .ssrc_count = audio ? 1 : 0};
    answer.media[1] = (struct sdp_media){.medium = SDP_VIDEO,
                                         .mid = "v",
                                         .payload_type = SDP_VP8,
                                         .mid_extension = SDP_EXTENSION_MID,
                                         .ssrcs = {video},
                                         .ssrc_count = video ? 1 : 0};
    answer.media[2] = (struct sdp_media){.medium = SDP_VIDEO,
                                         .mid = "s",
                                         .payload_type = SDP_VP8,
                                         .mid_extension = SDP_EXTENSION_MID,
                                         .ssrcs = {share},
                                         .ssrc_count = share ? 1 : 0};
    router_add(
        &bench->router, party, bench->room,
        &(const struct party_wish){
            .id = id, .may_send = true, .may_share = true, .audio_slots = 2, .video_slots = 2});
    router_take_answer(party, &answer);
    router_start(&bench->router, party, bench->now_ns);
}

int bench_set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    bench->sent = calloc(SENT_MAX, sizeof(*bench->sent));
    bench->now_ns = NS_OF_MS(100000);
    router_init(&bench->router, &ops, bench, &bench->counters);
    bench->room = router_room(&bench->router, "hearing");
    join(bench, &bench->judge, JUDGE, JUDGE_VIDEO, JUDGE_AUDIO, JUDGE_SHARE);
    join(bench, &bench->witness, WITNESS, 0, 0, 0);
    join(bench, &bench->counsel, COUNSEL, COUNSEL_VIDEO, 0, 0);
    *state = bench;
    return 0;
}

int bench_tear_down(void **state)
{
    struct bench *bench = *state;

    router_remove(&bench->router, &bench->judge);
    router_remove(&bench->router, &bench->witness);
    router_remove(&bench->router, &bench->counsel);
    router_done(&bench->router);
    free(bench->sent);
    free(bench);
    return 0;
}

void bench_change(struct bench *bench, const struct relay_pair *revoke,
                  const struct relay_pair *grant)
{
    const struct relay_change what = {
        .epoch = bench->epoch + 1,
        .base_epoch = bench->epoch,
        .revokes = revoke,
        .revoke_count = revoke ? 1 : 0,
        .grants = grant,
        .grant_count = grant ? 1 : 0,
    };

    assert_int_equal(router_apply(&bench->router, bench->room, &what, bench->now_ns), 0);
    bench->epoch++;
}

const struct relay_pair judge_to_witness = {JUDGE, WITNESS, SDP_VIDEO, 0};
const struct relay_pair judge_share = {JUDGE, WITNESS, SDP_SHARE, 1};
const struct relay_pair judge_audio = {JUDGE, WITNESS, SDP_AUDIO, 1};
const struct relay_pair counsel_to_witness = {COUNSEL, WITNESS, SDP_VIDEO, 0};

size_t bench_write_packet(uint8_t *data, uint8_t payload_type, uint32_t ssrc, int64_t index,
                          uint32_t timestamp)
{
    static const uint8_t mid[] = "v";
    static const uint8_t time[3] = {1, 2, 3};
    const struct rtp_header header = {
        .payload_type = payload_type, .seq = (uint16_t)index, .timestamp = timestamp, .ssrc = ssrc};
    const struct rtp_element elements[] = {{SDP_EXTENSION_MID, 1, mid},
                                           {SDP_EXTENSION_ABS_SEND_TIME, 3, time}};

    return rtp_write_header(data, PACKET_ROOM, &header, elements, 2);
}

static void take(struct bench *bench, struct party *from, uint8_t *data, size_t len, int64_t index)
{
    struct rtp_header header;

    assert_int_equal(rtp_parse_header(data, len, &header), 0);
    struct source *source = router_source(from, data, &header);
    assert_non_null(source);
    assert_int_equal(
        router_take_rtp(&bench->router, from, source, data, len, &header, index, bench->now_ns), 0);
}

static void send_picture(struct bench *bench, struct party *from, uint32_t ssrc, int64_t index,
                         bool key_frame)
{
    static const uint8_t key[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 1, 0xf0, 0};
    static const uint8_t delta[] = {0x11, 0, 0, 1, 2, 3, 4, 5, 6, 7};
    uint8_t data[PACKET_ROOM];
    size_t len = bench_write_packet(data, SDP_VP8, ssrc, index, (uint32_t)index * 3000);
    uint8_t *payload = data + len;

    payload[0] = 0x90; /* X and S */
    payload[1] = 0x80; /* I */
    bytes_put16(payload + 2, (uint16_t)(0x8000 | (index & 0x7fff)));
    memcpy(payload + VP8_HEAD, key_frame ? key : delta, sizeof(key));
    take(bench, from, data, len + VP8_HEAD + sizeof(key), index);
}

void bench_send_video(struct bench *bench, struct party *from, int64_t index, bool key_frame)
{
    send_picture(bench, from, from == &bench->judge ? JUDGE_VIDEO : COUNSEL_VIDEO, index,
                 key_frame);
}

void bench_send_share(struct bench *bench, int64_t index, bool key_frame)
{
    send_picture(bench, &bench->judge, JUDGE_SHARE, index, key_frame);
}

void bench_send_audio(struct bench *bench, int64_t index)
{
    uint8_t data[PACKET_ROOM];
    size_t len = bench_write_packet(data, SDP_OPUS, JUDGE_AUDIO, index, (uint32_t)index * 960);

    memset(data + len, 7, 20);
    take(bench, &bench->judge, data, len + 20, index);
}

size_t bench_count_to(const struct bench *bench, uint64_t to, bool rtcp)
{
    size_t count = 0;

    for (size_t i = 0; i < bench->sent_count; i++)
        count += bench->sent[i].to == to && bench->sent[i].rtcp == rtcp;
    return count;
}

const struct sent *bench_last_rtp(const struct bench *bench)
{
    for (size_t i = bench->sent_count; i > 0; i--) {
        if (!bench->sent[i - 1].rtcp)
            return &bench->sent[i - 1];
    }
    return NULL;
}

size_t bench_count_feedback(const struct bench *bench, uint64_t to, enum rtcp_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < bench->sent_count; i++) {
        struct rtcp_reader reader;
        struct rtcp_packet packet;
        if (bench->sent[i].to != to || !bench->sent[i].rtcp)
            continue;
        rtcp_reader_init(&reader, bench->sent[i].data, bench->sent[i].len);
        while (rtcp_read(&reader, &packet) == 1)
            count += packet.kind == kind;
    }
    return count;
}

void bench_pass(struct bench *bench, int ms)
{
    bench->now_ns += NS_OF_MS(ms);
    router_ask(&bench->router, bench->now_ns);
}

void bench_nack(struct bench *bench, const uint16_t *seqs, size_t count)
{
    uint8_t data[PACKET_ROOM];
    struct rtcp_writer writer;

    rtcp_writer_init(&writer, data, sizeof(data));
    assert_int_equal(
        rtcp_write_nack(&writer, 99, bench->witness.slots[SDP_VIDEO][0].ssrc, seqs, count), 0);
    router_take_rtcp(&bench->router, &bench->witness, data, writer.len, bench->now_ns);
}

void bench_pli(struct bench *bench, uint32_t number)
{
    uint8_t data[PACKET_ROOM];
    struct rtcp_writer writer;

    rtcp_writer_init(&writer, data, sizeof(data));
    assert_int_equal(rtcp_write_pli(&writer, 99, bench->witness.slots[SDP_VIDEO][number].ssrc), 0);
    router_take_rtcp(&bench->router, &bench->witness, data, writer.len, bench->now_ns);
}
