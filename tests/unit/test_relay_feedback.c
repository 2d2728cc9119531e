/* The router: resends, requests and reports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/rtp/bytes.h"
#include "tests/unit/router_bench.h"

/* ---- resends ---- */

static void a_lost_packet_is_sent_again_byte_for_byte(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_to_witness);
    bench_send_video(bench, &bench->judge, 1, true);
    bench_send_video(bench, &bench->judge, 2, false);
    const struct sent *first = bench_last_rtp(bench);
    bench_send_video(bench, &bench->judge, 3, false);
    bench->now_ns += NS_OF_MS(80);
    const uint16_t seq = (uint16_t)first->index;
    bench_nack(bench, &seq, 1);
    const struct sent *again = bench_last_rtp(bench);
    assert_ptr_not_equal(first, again);
    assert_int_equal(again->index, first->index);
    assert_int_equal(again->len, first->len);
    assert_memory_equal(again->data, first->data, first->len);
    assert_int_equal(bench->counters.resent, 1);
}

static void a_resend_never_crosses_a_grant(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_to_witness);
    bench_send_video(bench, &bench->judge, 1, true);
    bench_send_video(bench, &bench->judge, 2, false);
    const uint16_t old = (uint16_t)bench_last_rtp(bench)->index;
    bench_change(bench, &judge_to_witness, NULL);
    bench_nack(bench, &old, 1);
    assert_int_equal(bench_count_to(bench, WITNESS, false), 2);
    assert_int_equal(bench->counters.denied, 1);

    bench_send_video(bench, &bench->judge, 3, false);
    bench_change(bench, NULL, &judge_to_witness);
    bench_send_video(bench, &bench->judge, 4, true);
    assert_int_equal(bench_count_to(bench, WITNESS, false), 3);
    bench_nack(bench, &old, 1); /* was sent to this very slot, under the older grant */
    const uint16_t between = (uint16_t)(bench_last_rtp(bench)->index - 1);
    bench_nack(bench, &between, 1); /* would be the packet that came while nothing was granted */
    assert_int_equal(bench_count_to(bench, WITNESS, false), 3);
    assert_int_equal(bench->counters.resent, 0);
}

static void resends_are_bounded(void **state)
{
    struct bench *bench = *state;
    uint16_t seqs[16];

    bench_change(bench, NULL, &judge_to_witness);
    for (int64_t i = 1; i <= 16; i++) {
        bench_send_video(bench, &bench->judge, i, i == 1);
        seqs[i - 1] = (uint16_t)bench_last_rtp(bench)->index;
    }
    for (int i = 0; i < 200; i++)
        bench_nack(bench, seqs, 16);
    assert_int_equal(bench->counters.resent, RELAY_RESENDS_PER_S);
    assert_int_equal(bench->counters.resends_limited, 200 * 16 - RELAY_RESENDS_PER_S);
}

static void only_the_cache_is_resent(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_to_witness);
    bench_send_video(bench, &bench->judge, 1, true);
    const uint16_t seq = (uint16_t)bench_last_rtp(bench)->index;
    for (int64_t i = 2; i <= RELAY_CACHE_PACKETS + 1; i++)
        bench_send_video(bench, &bench->judge, i, false);
    bench_nack(bench, &seq, 1);
    assert_int_equal(bench->counters.resent, 0);
    assert_int_equal(bench->counters.resends_missed, 1);
}

/* ---- what we ask of who sends ---- */

static void a_gap_is_asked_for_until_it_is_filled(void **state)
{
    struct bench *bench = *state;

    bench_send_video(bench, &bench->judge, 1, true);
    bench_send_video(bench, &bench->judge, 4, false);
    bench_pass(bench, 1);
    assert_int_equal(bench_count_feedback(bench, JUDGE, RTCP_KIND_NACK), 1);
    assert_int_equal(bench->counters.nacks_out, 2);
    bench_pass(bench, 50);
    assert_int_equal(bench->counters.nacks_out, 4);
    bench_send_video(bench, &bench->judge, 2, false);
    bench_send_video(bench, &bench->judge, 3, false);
    bench_pass(bench, 50);
    assert_int_equal(bench->counters.nacks_out, 4);
}

static void what_never_comes_ends_in_a_key_frame_request(void **state)
{
    struct bench *bench = *state;

    bench_send_video(bench, &bench->judge, 1, true);
    bench_send_video(bench, &bench->judge, 3, false);
    for (int i = 0; i < 20; i++)
        bench_pass(bench, 50);
    assert_int_equal(bench->counters.nacks_out, RELAY_ASKS_MAX);
    assert_true(bench_count_feedback(bench, JUDGE, RTCP_KIND_PLI) > 0);
}

static void a_wide_gap_is_not_asked_for_packet_by_packet(void **state)
{
    struct bench *bench = *state;

    bench_send_video(bench, &bench->judge, 1, true);
    bench_send_video(bench, &bench->judge, 20000, false);
    bench_pass(bench, 600);
    assert_int_equal(bench->counters.nacks_out, 0);
    assert_int_equal(bench_count_feedback(bench, JUDGE, RTCP_KIND_PLI), 1);
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

    bench_change(bench, NULL, &judge_to_witness);
    bench_change(bench, NULL, &judge_audio);
    bench_send_video(bench, &bench->judge, 1, true); /* its time: 3000 */
    uint32_t video = bytes_get32(bench_last_rtp(bench)->data + 4);
    bench_send_audio(bench, 1); /* its time: 960 */
    uint32_t audio = bytes_get32(bench_last_rtp(bench)->data + 4);
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

    bench_change(bench, NULL, &judge_to_witness);
    bench_send_video(bench, &bench->judge, 1, true);
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

    bench_change(bench, NULL, &judge_audio);
    bench_send_audio(bench, 1);
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

#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
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
