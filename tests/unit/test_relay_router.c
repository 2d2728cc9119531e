/* The router: who gets what, when a picture begins, how one slot carries many sources. */
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

/* ---- who gets what ---- */

static void nobody_gets_what_is_not_granted(void **state)
{
    struct bench *bench = *state;

    bench_send_video(bench, &bench->judge, 1, true);
    bench_send_audio(bench, 1);
    assert_null(bench_last_rtp(bench));
}

static void a_grant_is_of_one_medium_only(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_audio);
    bench_send_video(bench, &bench->judge, 1, true);
    assert_int_equal(bench_count_to(bench, WITNESS, false), 0);
    bench_send_audio(bench, 1);
    assert_int_equal(bench_count_to(bench, WITNESS, false), 1);
    assert_int_equal(bench_count_to(bench, COUNSEL, false), 0);
}

static void nothing_passes_after_a_revoke(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_to_witness);
    bench_send_video(bench, &bench->judge, 1, true);
    assert_int_equal(bench_count_to(bench, WITNESS, false), 1);
    bench_change(bench, &judge_to_witness, NULL);
    bench_send_video(bench, &bench->judge, 2, true);
    assert_int_equal(bench_count_to(bench, WITNESS, false), 1);
}

static void a_leg_that_is_not_connected_gets_nothing(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_to_witness);
    bench->witness.ready = false;
    bench_send_video(bench, &bench->judge, 1, true);
    assert_null(bench_last_rtp(bench));
}

static void a_leg_of_another_hearing_gets_nothing(void **state)
{
    struct bench *bench = *state;
    const struct relay_pair pair = {JUDGE, 9, SDP_VIDEO, 0};
    struct party stranger;

    router_add(&bench->router, &stranger, router_room(&bench->router, "another"),
               &(const struct party_wish){.id = 9, .audio_slots = 1, .video_slots = 1});
    router_start(&bench->router, &stranger, bench->now_ns);
    bench_change(bench, NULL, &pair);
    bench_send_video(bench, &bench->judge, 1, true);
    assert_null(bench_last_rtp(bench));
    assert_int_equal(bench->counters.denied, 1);
    router_remove(&bench->router, &stranger);
}

static void an_undeclared_ssrc_belongs_to_no_source(void **state)
{
    struct bench *bench = *state;
    uint8_t data[PACKET_ROOM];
    struct rtp_header header;

    size_t len = bench_write_packet(data, SDP_VP8, JUDGE_VIDEO + 1, 1, 0);
    assert_int_equal(rtp_parse_header(data, len, &header), 0);
    assert_null(router_source(&bench->judge, data, &header));
    /* The declared SSRC with another payload type neither. */
    len = bench_write_packet(data, SDP_OPUS, JUDGE_VIDEO, 1, 0);
    assert_int_equal(rtp_parse_header(data, len, &header), 0);
    assert_null(router_source(&bench->judge, data, &header));
}

static void a_source_without_declared_ssrc_is_known_by_its_mid(void **state)
{
    struct bench *bench = *state;
    uint8_t data[PACKET_ROOM];
    struct rtp_header header;

    size_t len = bench_write_packet(data, SDP_VP8, 0x9999, 1, 0);
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

    bench_send_video(bench, &bench->judge, 1, true);
    bench_pass(bench, 600);
    bench_change(bench, NULL, &judge_to_witness);
    assert_int_equal(bench_count_feedback(bench, JUDGE, RTCP_KIND_PLI), 1);
    bench_send_video(bench, &bench->judge, 2, false);
    assert_int_equal(bench_count_to(bench, WITNESS, false), 0);
    bench_send_video(bench, &bench->judge, 3, true);
    bench_send_video(bench, &bench->judge, 4, false);
    assert_int_equal(bench_count_to(bench, WITNESS, false), 2);
}

static void sound_begins_at_once(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_audio);
    bench_send_audio(bench, 10);
    assert_int_equal(bench_count_to(bench, WITNESS, false), 1);
}

static void key_frames_are_asked_for_twice_a_second_at_most(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_to_witness);
    bench_send_video(bench, &bench->judge, 1, true);
    size_t before = bench_count_feedback(bench, JUDGE, RTCP_KIND_PLI);
    for (int i = 0; i < 300; i++) {
        bench_pli(bench, 0);
        bench_pass(bench, 10);
    }
    size_t asked = bench_count_feedback(bench, JUDGE, RTCP_KIND_PLI) - before;
    assert_in_range(asked, 5, 7);
}

static void a_key_frame_that_came_is_not_asked_for_again(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_to_witness);
    bench_send_video(bench, &bench->judge, 1, true);
    size_t before = bench_count_feedback(bench, JUDGE, RTCP_KIND_PLI);
    for (int i = 0; i < 200; i++)
        bench_pass(bench, 20);
    assert_int_equal(bench_count_feedback(bench, JUDGE, RTCP_KIND_PLI), before);
}

static void who_is_granted_nothing_can_ask_for_nothing(void **state)
{
    struct bench *bench = *state;

    bench_send_video(bench, &bench->judge, 1, true);
    bench_pli(bench, 0);
    bench_pass(bench, 1000);
    assert_int_equal(bench_count_feedback(bench, JUDGE, RTCP_KIND_PLI), 0);
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

    bench_change(bench, NULL, &judge_to_witness);
    bench_send_video(bench, &bench->judge, 65534, true);
    bench_send_video(bench, &bench->judge, 65535, false);
    bench_send_video(bench, &bench->judge, 65536, false);
    const struct sent *before = bench_last_rtp(bench);
    bench->now_ns += NS_OF_MS(100);
    bench_change(bench, NULL, &counsel_to_witness);
    bench_send_video(bench, &bench->counsel, 7, true);
    const struct sent *after = bench_last_rtp(bench);

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

    bench_change(bench, NULL, &judge_to_witness);
    bench_send_video(bench, &bench->judge, 10, true);
    bench_send_video(bench, &bench->judge, 8, false);
    assert_int_equal(bench_count_to(bench, WITNESS, false), 1);
}

static void a_gap_stays_a_gap_and_a_late_packet_fills_it(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_to_witness);
    bench_send_video(bench, &bench->judge, 10, true);
    int64_t first = bench_last_rtp(bench)->index;
    bench_send_video(bench, &bench->judge, 12, false);
    assert_int_equal(bench_last_rtp(bench)->index, first + 2);
    bench_send_video(bench, &bench->judge, 11, false);
    assert_int_equal(bench_last_rtp(bench)->index, first + 1);
    bench_send_video(bench, &bench->judge, 13, false);
    assert_int_equal(bench_last_rtp(bench)->index, first + 3);
}

static void the_senders_mid_stays_here_and_the_send_time_is_ours(void **state)
{
    struct bench *bench = *state;
    struct rtp_header header;
    struct rtp_element element;

    bench_change(bench, NULL, &judge_to_witness);
    bench_send_video(bench, &bench->judge, 1, true);
    const struct sent *sent = bench_last_rtp(bench);
    assert_int_equal(rtp_parse_header(sent->data, sent->len, &header), 0);
    assert_false(rtp_find_extension(sent->data, &header, SDP_EXTENSION_MID, &element));
    assert_true(rtp_find_extension(sent->data, &header, SDP_EXTENSION_ABS_SEND_TIME, &element));
    assert_int_equal(bytes_get24(element.data), rtp_abs_send_time(bench->now_ns));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
