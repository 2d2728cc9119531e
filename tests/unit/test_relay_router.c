/* The router with made-up packets in and a list of what it would send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/relay/router.h"
#include "media/rtp/bytes.h"

enum {
    JUDGE = 1,
    WITNESS = 2,
    COUNSEL = 3,
    JUDGE_VIDEO = 0x1111,
    JUDGE_AUDIO = 0x2222,
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

/* ---- the bench ---- */

static struct sent *note(struct bench *bench, const struct party *to, bool rtcp)
{
    assert_true(bench->sent_count < SENT_MAX);
    struct sent *sent = &bench->sent[bench->sent_count++];
    *sent = (struct sent){.to = to->id, .rtcp = rtcp};
    return sent;
}

static void note_rtp(void *context, struct party *to, int64_t index, const uint8_t *header,
                     size_t header_len, const uint8_t *payload, size_t payload_len)
{
    struct sent *sent = note(context, to, false);

    assert_true(header_len + payload_len <= PACKET_ROOM);
    sent->index = index;
    sent->len = header_len + payload_len;
    memcpy(sent->data, header, header_len);
    memcpy(sent->data + header_len, payload, payload_len);
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
                 uint32_t audio)
{
    struct sdp_answer answer = {.media_count = 2};

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
    router_add(&bench->router, party, id, bench->room, true, 2, 2);
    router_take_answer(party, &answer);
    router_start(&bench->router, party, bench->now_ns);
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    bench->sent = calloc(SENT_MAX, sizeof(*bench->sent));
    bench->now_ns = NS_OF_MS(100000);
    router_init(&bench->router, &ops, bench, &bench->counters);
    bench->room = router_room(&bench->router, "hearing");
    join(bench, &bench->judge, JUDGE, JUDGE_VIDEO, JUDGE_AUDIO);
    join(bench, &bench->witness, WITNESS, 0, 0);
    join(bench, &bench->counsel, COUNSEL, COUNSEL_VIDEO, 0);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
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

static void change(struct bench *bench, const struct relay_pair *revoke,
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

static const struct relay_pair judge_to_witness = {JUDGE, WITNESS, SDP_VIDEO, 0};
static const struct relay_pair judge_audio = {JUDGE, WITNESS, SDP_AUDIO, 1};
static const struct relay_pair counsel_to_witness = {COUNSEL, WITNESS, SDP_VIDEO, 0};

static size_t write_packet(uint8_t *data, uint8_t payload_type, uint32_t ssrc, int64_t index,
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

/* One packet, which is a whole frame with picture id = index. */
static void send_video(struct bench *bench, struct party *from, int64_t index, bool key_frame)
{
    static const uint8_t key[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 1, 0xf0, 0};
    static const uint8_t delta[] = {0x11, 0, 0, 1, 2, 3, 4, 5, 6, 7};
    uint32_t ssrc = from == &bench->judge ? JUDGE_VIDEO : COUNSEL_VIDEO;
    uint8_t data[PACKET_ROOM];
    size_t len = write_packet(data, SDP_VP8, ssrc, index, (uint32_t)index * 3000);
    uint8_t *payload = data + len;

    payload[0] = 0x90; /* X and S */
    payload[1] = 0x80; /* I */
    bytes_put16(payload + 2, (uint16_t)(0x8000 | (index & 0x7fff)));
    memcpy(payload + VP8_HEAD, key_frame ? key : delta, sizeof(key));
    take(bench, from, data, len + VP8_HEAD + sizeof(key), index);
}

static void send_audio(struct bench *bench, int64_t index)
{
    uint8_t data[PACKET_ROOM];
    size_t len = write_packet(data, SDP_OPUS, JUDGE_AUDIO, index, (uint32_t)index * 960);

    memset(data + len, 7, 20);
    take(bench, &bench->judge, data, len + 20, index);
}

static size_t count_to(const struct bench *bench, uint64_t to, bool rtcp)
{
    size_t count = 0;

    for (size_t i = 0; i < bench->sent_count; i++)
        count += bench->sent[i].to == to && bench->sent[i].rtcp == rtcp;
    return count;
}

static const struct sent *last_rtp(const struct bench *bench)
{
    for (size_t i = bench->sent_count; i > 0; i--) {
        if (!bench->sent[i - 1].rtcp)
            return &bench->sent[i - 1];
    }
    return NULL;
}

static size_t count_feedback(const struct bench *bench, uint64_t to, enum rtcp_kind kind)
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

static void pass(struct bench *bench, int ms)
{
    bench->now_ns += NS_OF_MS(ms);
    router_ask(&bench->router, bench->now_ns);
}

static void nack(struct bench *bench, const uint16_t *seqs, size_t count)
{
    uint8_t data[PACKET_ROOM];
    struct rtcp_writer writer;

    rtcp_writer_init(&writer, data, sizeof(data));
    assert_int_equal(
        rtcp_write_nack(&writer, 99, bench->witness.slots[SDP_VIDEO][0].ssrc, seqs, count), 0);
    router_take_rtcp(&bench->router, &bench->witness, data, writer.len, bench->now_ns);
}

static void pli(struct bench *bench, uint32_t number)
{
    uint8_t data[PACKET_ROOM];
    struct rtcp_writer writer;

    rtcp_writer_init(&writer, data, sizeof(data));
    assert_int_equal(rtcp_write_pli(&writer, 99, bench->witness.slots[SDP_VIDEO][number].ssrc), 0);
    router_take_rtcp(&bench->router, &bench->witness, data, writer.len, bench->now_ns);
}

/* ---- who gets what ---- */

static void nobody_gets_what_is_not_granted(void **state)
{
    struct bench *bench = *state;

    send_video(bench, &bench->judge, 1, true);
    send_audio(bench, 1);
    assert_null(last_rtp(bench));
}

static void a_grant_is_of_one_medium_only(void **state)
{
    struct bench *bench = *state;

    change(bench, NULL, &judge_audio);
    send_video(bench, &bench->judge, 1, true);
    assert_int_equal(count_to(bench, WITNESS, false), 0);
    send_audio(bench, 1);
    assert_int_equal(count_to(bench, WITNESS, false), 1);
    assert_int_equal(count_to(bench, COUNSEL, false), 0);
}

static void nothing_passes_after_a_revoke(void **state)
{
    struct bench *bench = *state;

    change(bench, NULL, &judge_to_witness);
    send_video(bench, &bench->judge, 1, true);
    assert_int_equal(count_to(bench, WITNESS, false), 1);
    change(bench, &judge_to_witness, NULL);
    send_video(bench, &bench->judge, 2, true);
    assert_int_equal(count_to(bench, WITNESS, false), 1);
}

static void a_leg_that_is_not_connected_gets_nothing(void **state)
{
    struct bench *bench = *state;

    change(bench, NULL, &judge_to_witness);
    bench->witness.ready = false;
    send_video(bench, &bench->judge, 1, true);
    assert_null(last_rtp(bench));
}

static void a_leg_of_another_hearing_gets_nothing(void **state)
{
    struct bench *bench = *state;
    const struct relay_pair pair = {JUDGE, 9, SDP_VIDEO, 0};
    struct party stranger;

    router_add(&bench->router, &stranger, 9, router_room(&bench->router, "another"), false, 1, 1);
    router_start(&bench->router, &stranger, bench->now_ns);
    change(bench, NULL, &pair);
    send_video(bench, &bench->judge, 1, true);
    assert_null(last_rtp(bench));
    assert_int_equal(bench->counters.denied, 1);
    router_remove(&bench->router, &stranger);
}

static void an_undeclared_ssrc_belongs_to_no_source(void **state)
{
    struct bench *bench = *state;
    uint8_t data[PACKET_ROOM];
    struct rtp_header header;

    size_t len = write_packet(data, SDP_VP8, JUDGE_VIDEO + 1, 1, 0);
    assert_int_equal(rtp_parse_header(data, len, &header), 0);
    assert_null(router_source(&bench->judge, data, &header));
    /* The declared SSRC with another payload type neither. */
    len = write_packet(data, SDP_OPUS, JUDGE_VIDEO, 1, 0);
    assert_int_equal(rtp_parse_header(data, len, &header), 0);
    assert_null(router_source(&bench->judge, data, &header));
}

static void a_source_without_declared_ssrc_is_known_by_its_mid(void **state)
{
    struct bench *bench = *state;
    uint8_t data[PACKET_ROOM];
    struct rtp_header header;

    size_t len = write_packet(data, SDP_VP8, 0x9999, 1, 0);
    assert_int_equal(rtp_parse_header(data, len, &header), 0);
    assert_ptr_equal(router_source(&bench->witness, data, &header),
                     &bench->witness.sources[SDP_VIDEO]);
    rtp_blank_extension(data, &header, SDP_EXTENSION_MID);
    assert_null(router_source(&bench->witness, data, &header));
}

/* ---- key frames ---- */

static void a_new_viewer_waits_for_a_key_frame_that_is_asked_for(void **state)
{
    struct bench *bench = *state;

    send_video(bench, &bench->judge, 1, true);
    pass(bench, 600);
    change(bench, NULL, &judge_to_witness);
    assert_int_equal(count_feedback(bench, JUDGE, RTCP_KIND_PLI), 1);
    send_video(bench, &bench->judge, 2, false);
    assert_int_equal(count_to(bench, WITNESS, false), 0);
    send_video(bench, &bench->judge, 3, true);
    send_video(bench, &bench->judge, 4, false);
    assert_int_equal(count_to(bench, WITNESS, false), 2);
}

static void sound_begins_at_once(void **state)
{
    struct bench *bench = *state;

    change(bench, NULL, &judge_audio);
    send_audio(bench, 10);
    assert_int_equal(count_to(bench, WITNESS, false), 1);
}

static void key_frames_are_asked_for_twice_a_second_at_most(void **state)
{
    struct bench *bench = *state;

    change(bench, NULL, &judge_to_witness);
    send_video(bench, &bench->judge, 1, true);
    size_t before = count_feedback(bench, JUDGE, RTCP_KIND_PLI);
    for (int i = 0; i < 300; i++) {
        pli(bench, 0);
        pass(bench, 10);
    }
    size_t asked = count_feedback(bench, JUDGE, RTCP_KIND_PLI) - before;
    assert_in_range(asked, 5, 7);
}

static void a_key_frame_that_came_is_not_asked_for_again(void **state)
{
    struct bench *bench = *state;

    change(bench, NULL, &judge_to_witness);
    send_video(bench, &bench->judge, 1, true);
    size_t before = count_feedback(bench, JUDGE, RTCP_KIND_PLI);
    for (int i = 0; i < 200; i++)
        pass(bench, 20);
    assert_int_equal(count_feedback(bench, JUDGE, RTCP_KIND_PLI), before);
}

static void who_is_granted_nothing_can_ask_for_nothing(void **state)
{
    struct bench *bench = *state;

    send_video(bench, &bench->judge, 1, true);
    pli(bench, 0);
    pass(bench, 1000);
    assert_int_equal(count_feedback(bench, JUDGE, RTCP_KIND_PLI), 0);
    assert_int_equal(bench->counters.denied, 1);
}

/* ---- one slot, many sources ---- */

static uint16_t picture_of(const struct sent *sent)
{
    struct rtp_header header;

    assert_int_equal(rtp_parse_header(sent->data, sent->len, &header), 0);
    return bytes_get16(sent->data + header.len + 2) & 0x7fff;
}

static void numbers_and_time_go_on_when_the_source_changes(void **state)
{
    struct bench *bench = *state;

    change(bench, NULL, &judge_to_witness);
    send_video(bench, &bench->judge, 65534, true);
    send_video(bench, &bench->judge, 65535, false);
    send_video(bench, &bench->judge, 65536, false);
    const struct sent *before = last_rtp(bench);
    bench->now_ns += NS_OF_MS(100);
    change(bench, NULL, &counsel_to_witness);
    send_video(bench, &bench->counsel, 7, true);
    const struct sent *after = last_rtp(bench);

    assert_ptr_not_equal(before, after);
    assert_int_equal(after->index, before->index + 1);
    assert_int_equal(bytes_get16(after->data + 2), (uint16_t)after->index);
    assert_int_equal(bytes_get32(after->data + 4) - bytes_get32(before->data + 4), 9000);
    assert_int_equal(bytes_get32(after->data + 8), bench->witness.slots[SDP_VIDEO][0].ssrc);
    assert_int_equal(picture_of(after), (picture_of(before) + 1) & 0x7fff);
}

static void packets_from_before_the_key_frame_stay_out(void **state)
{
    struct bench *bench = *state;

    change(bench, NULL, &judge_to_witness);
    send_video(bench, &bench->judge, 10, true);
    send_video(bench, &bench->judge, 8, false);
    assert_int_equal(count_to(bench, WITNESS, false), 1);
}

static void a_gap_stays_a_gap_and_a_late_packet_fills_it(void **state)
{
    struct bench *bench = *state;

    change(bench, NULL, &judge_to_witness);
    send_video(bench, &bench->judge, 10, true);
    int64_t first = last_rtp(bench)->index;
    send_video(bench, &bench->judge, 12, false);
    assert_int_equal(last_rtp(bench)->index, first + 2);
    send_video(bench, &bench->judge, 11, false);
    assert_int_equal(last_rtp(bench)->index, first + 1);
    send_video(bench, &bench->judge, 13, false);
    assert_int_equal(last_rtp(bench)->index, first + 3);
}

static void the_senders_mid_stays_here_and_the_send_time_is_ours(void **state)
{
    struct bench *bench = *state;
    struct rtp_header header;
    struct rtp_element element;

    change(bench, NULL, &judge_to_witness);
    send_video(bench, &bench->judge, 1, true);
    const struct sent *sent = last_rtp(bench);
    assert_int_equal(rtp_parse_header(sent->data, sent->len, &header), 0);
    assert_false(rtp_find_extension(sent->data, &header, SDP_EXTENSION_MID, &element));
    assert_true(rtp_find_extension(sent->data, &header, SDP_EXTENSION_ABS_SEND_TIME, &element));
    assert_int_equal(bytes_get24(element.data), rtp_abs_send_time(bench->now_ns));
}

/* ---- resends ---- */

static void a_lost_packet_is_sent_again_byte_for_byte(void **state)
{
    struct bench *bench = *state;

    change(bench, NULL, &judge_to_witness);
    send_video(bench, &bench->judge, 1, true);
    send_video(bench, &bench->judge, 2, false);
    const struct sent *first = last_rtp(bench);
    send_video(bench, &bench->judge, 3, false);
    bench->now_ns += NS_OF_MS(80);
    const uint16_t seq = (uint16_t)first->index;
    nack(bench, &seq, 1);
    const struct sent *again = last_rtp(bench);
    assert_ptr_not_equal(first, again);
    assert_int_equal(again->index, first->index);
    assert_int_equal(again->len, first->len);
    assert_memory_equal(again->data, first->data, first->len);
    assert_int_equal(bench->counters.resent, 1);
}

static void a_resend_never_crosses_a_grant(void **state)
{
    struct bench *bench = *state;

    change(bench, NULL, &judge_to_witness);
    send_video(bench, &bench->judge, 1, true);
    send_video(bench, &bench->judge, 2, false);
    const uint16_t old = (uint16_t)last_rtp(bench)->index;
    change(bench, &judge_to_witness, NULL);
    nack(bench, &old, 1);
    assert_int_equal(count_to(bench, WITNESS, false), 2);
    assert_int_equal(bench->counters.denied, 1);

    send_video(bench, &bench->judge, 3, false);
    change(bench, NULL, &judge_to_witness);
    send_video(bench, &bench->judge, 4, true);
    assert_int_equal(count_to(bench, WITNESS, false), 3);
    nack(bench, &old, 1); /* was sent to this very slot, under the older grant */
    const uint16_t between = (uint16_t)(last_rtp(bench)->index - 1);
    nack(bench, &between, 1); /* would be the packet that came while nothing was granted */
    assert_int_equal(count_to(bench, WITNESS, false), 3);
    assert_int_equal(bench->counters.resent, 0);
}

static void resends_are_bounded(void **state)
{
    struct bench *bench = *state;
    uint16_t seqs[16];

    change(bench, NULL, &judge_to_witness);
    for (int64_t i = 1; i <= 16; i++) {
        send_video(bench, &bench->judge, i, i == 1);
        seqs[i - 1] = (uint16_t)last_rtp(bench)->index;
    }
    for (int i = 0; i < 200; i++)
        nack(bench, seqs, 16);
    assert_int_equal(bench->counters.resent, RELAY_RESENDS_PER_S);
    assert_int_equal(bench->counters.resends_limited, 200 * 16 - RELAY_RESENDS_PER_S);
}

static void only_the_cache_is_resent(void **state)
{
    struct bench *bench = *state;

    change(bench, NULL, &judge_to_witness);
    send_video(bench, &bench->judge, 1, true);
    const uint16_t seq = (uint16_t)last_rtp(bench)->index;
    for (int64_t i = 2; i <= RELAY_CACHE_PACKETS + 1; i++)
        send_video(bench, &bench->judge, i, false);
    nack(bench, &seq, 1);
    assert_int_equal(bench->counters.resent, 0);
    assert_int_equal(bench->counters.resends_missed, 1);
}

/* ---- what we ask of who sends ---- */

static void a_gap_is_asked_for_until_it_is_filled(void **state)
{
    struct bench *bench = *state;

    send_video(bench, &bench->judge, 1, true);
    send_video(bench, &bench->judge, 4, false);
    pass(bench, 1);
    assert_int_equal(count_feedback(bench, JUDGE, RTCP_KIND_NACK), 1);
    assert_int_equal(bench->counters.nacks_out, 2);
    pass(bench, 50);
    assert_int_equal(bench->counters.nacks_out, 4);
    send_video(bench, &bench->judge, 2, false);
    send_video(bench, &bench->judge, 3, false);
    pass(bench, 50);
    assert_int_equal(bench->counters.nacks_out, 4);
}

static void what_never_comes_ends_in_a_key_frame_request(void **state)
{
    struct bench *bench = *state;

    send_video(bench, &bench->judge, 1, true);
    send_video(bench, &bench->judge, 3, false);
    for (int i = 0; i < 20; i++)
        pass(bench, 50);
    assert_int_equal(bench->counters.nacks_out, RELAY_ASKS_MAX);
    assert_true(count_feedback(bench, JUDGE, RTCP_KIND_PLI) > 0);
}

static void a_wide_gap_is_not_asked_for_packet_by_packet(void **state)
{
    struct bench *bench = *state;

    send_video(bench, &bench->judge, 1, true);
    send_video(bench, &bench->judge, 20000, false);
    pass(bench, 600);
    assert_int_equal(bench->counters.nacks_out, 0);
    assert_int_equal(count_feedback(bench, JUDGE, RTCP_KIND_PLI), 1);
}

/* ---- reports ---- */

static void give_report(struct bench *bench, uint32_t ssrc, uint64_t ntp, uint32_t timestamp)
{
    const struct rtcp_sender_info info = {.ntp = ntp, .timestamp = timestamp};
    uint8_t data[PACKET_ROOM];
    struct rtcp_writer writer;

    rtcp_writer_init(&writer, data, sizeof(data));
    assert_int_equal(rtcp_write_sr(&writer, ssrc, &info, NULL, 0), 0);
    router_take_rtcp(&bench->router, &bench->judge, data, writer.len, bench->now_ns);
}

/* The sender information of this SSRC in what was sent last to the witness. */
static struct rtcp_sender_info told_of(const struct bench *bench, uint32_t ssrc)
{
    const struct sent *sent = &bench->sent[bench->sent_count - 1];
    struct rtcp_reader reader;
    struct rtcp_packet packet;

    assert_int_equal(sent->to, WITNESS);
    rtcp_reader_init(&reader, sent->data, sent->len);
    while (rtcp_read(&reader, &packet) == 1) {
        if (packet.kind == RTCP_KIND_SR && packet.sender == ssrc)
            return rtcp_sr_info(&packet);
    }
    fail_msg("no sender report");
    return (struct rtcp_sender_info){0};
}

/* The network delays the two reports by 0 and 300 ms, which must not part sound and picture. */
static void sender_reports_keep_sound_and_picture_in_step(void **state)
{
    struct bench *bench = *state;
    const uint64_t second = UINT64_C(1) << 32;
    const uint64_t theirs = 5000 * second;

    change(bench, NULL, &judge_to_witness);
    change(bench, NULL, &judge_audio);
    send_video(bench, &bench->judge, 1, true); /* its time: 3000 */
    uint32_t video = bytes_get32(last_rtp(bench)->data + 4);
    send_audio(bench, 1); /* its time: 960 */
    uint32_t audio = bytes_get32(last_rtp(bench)->data + 4);
    give_report(bench, JUDGE_AUDIO, theirs, 960);
    bench->now_ns += NS_OF_MS(300);
    give_report(bench, JUDGE_VIDEO, theirs, 3000);
    bench->now_ns += NS_OF_MS(1700);
    assert_true(router_report(&bench->router, &bench->witness, bench->now_ns));

    struct rtcp_sender_info a = told_of(bench, bench->witness.slots[SDP_AUDIO][1].ssrc);
    struct rtcp_sender_info v = told_of(bench, bench->witness.slots[SDP_VIDEO][0].ssrc);
    assert_int_equal(a.ntp, v.ntp);
    assert_in_range(a.timestamp - audio, 2 * 48000 - 10, 2 * 48000 + 10);
    assert_in_range(v.timestamp - video, 2 * 90000 - 10, 2 * 90000 + 10);
    assert_int_equal(a.packets, 1);
    assert_int_equal(a.bytes, 20);
}

static void the_sender_is_told_the_smallest_estimate_within_bounds(void **state)
{
    static const struct {
        uint64_t estimate;
        uint64_t told;
    } cases[] = {{700000, 700000}, {20000, RELAY_BITRATE_MIN}, {9000000, RELAY_BITRATE_MAX}};
    struct bench *bench = *state;

    change(bench, NULL, &judge_to_witness);
    send_video(bench, &bench->judge, 1, true);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rtcp_reader reader;
        struct rtcp_packet packet;
        uint64_t told = 0;
        bench->witness.bitrate = cases[i].estimate;
        bench->witness.bitrate_ns = bench->now_ns;
        bench->now_ns += NS_OF_MS(RELAY_REPORT_MS);
        assert_true(router_report(&bench->router, &bench->judge, bench->now_ns));
        const struct sent *sent = &bench->sent[bench->sent_count - 1];
        rtcp_reader_init(&reader, sent->data, sent->len);
        while (rtcp_read(&reader, &packet) == 1) {
            if (packet.kind == RTCP_KIND_REMB)
                told = rtcp_remb_bitrate(&packet);
        }
        assert_in_range(told, cases[i].told - cases[i].told / 1000, cases[i].told);
    }
}

static void the_round_trip_is_measured_by_reports_on_our_slots(void **state)
{
    struct bench *bench = *state;
    uint8_t data[PACKET_ROOM];
    struct rtcp_writer writer;

    change(bench, NULL, &judge_audio);
    send_audio(bench, 1);
    give_report(bench, JUDGE_AUDIO, 77, 960);
    bench->now_ns += NS_OF_MS(RELAY_REPORT_MS);
    assert_true(router_report(&bench->router, &bench->witness, bench->now_ns));
    uint32_t ssrc = bench->witness.slots[SDP_AUDIO][1].ssrc;
    const struct rtcp_report report = {.ssrc = ssrc,
                                       .lsr = rtcp_ntp_middle(told_of(bench, ssrc).ntp),
                                       .dlsr = rtcp_ntp_interval(NS_OF_MS(200))};
    bench->now_ns += NS_OF_MS(260);
    rtcp_writer_init(&writer, data, sizeof(data));
    assert_int_equal(rtcp_write_rr(&writer, 5, &report, 1), 0);
    router_take_rtcp(&bench->router, &bench->witness, data, writer.len, bench->now_ns);
    assert_in_range(bench->witness.round_trip_us, 59000, 61000);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nobody_gets_what_is_not_granted),
        CASE(a_grant_is_of_one_medium_only),
        CASE(nothing_passes_after_a_revoke),
        CASE(a_leg_that_is_not_connected_gets_nothing),
        CASE(a_leg_of_another_hearing_gets_nothing),
        CASE(an_undeclared_ssrc_belongs_to_no_source),
        CASE(a_source_without_declared_ssrc_is_known_by_its_mid),
        CASE(a_new_viewer_waits_for_a_key_frame_that_is_asked_for),
        CASE(sound_begins_at_once),
        CASE(key_frames_are_asked_for_twice_a_second_at_most),
        CASE(a_key_frame_that_came_is_not_asked_for_again),
        CASE(who_is_granted_nothing_can_ask_for_nothing),
        CASE(numbers_and_time_go_on_when_the_source_changes),
        CASE(packets_from_before_the_key_frame_stay_out),
        CASE(a_gap_stays_a_gap_and_a_late_packet_fills_it),
        CASE(the_senders_mid_stays_here_and_the_send_time_is_ours),
        CASE(a_lost_packet_is_sent_again_byte_for_byte),
        CASE(a_resend_never_crosses_a_grant),
        CASE(resends_are_bounded),
        CASE(only_the_cache_is_resent),
        CASE(a_gap_is_asked_for_until_it_is_filled),
        CASE(what_never_comes_ends_in_a_key_frame_request),
        CASE(a_wide_gap_is_not_asked_for_packet_by_packet),
        CASE(sender_reports_keep_sound_and_picture_in_step),
        CASE(the_sender_is_told_the_smallest_estimate_within_bounds),
        CASE(the_round_trip_is_measured_by_reports_on_our_slots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
