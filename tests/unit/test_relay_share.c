/* The second picture a client sends: a source of its own in a slot of pictures, under the same gate
 * as every other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media/rtp/bytes.h"
#include "tests/unit/router_bench.h"

static uint32_t ssrc_of_slot(const struct bench *bench, uint32_t number)
{
    return bench->witness.slots[SDP_VIDEO][number].ssrc;
}

static uint32_t ssrc_of(const struct sent *sent)
{
    return bytes_get32(sent->data + 8);
}

/* How many feedback packets of this kind the judge got about that SSRC. */
static size_t asked_about(const struct bench *bench, enum rtcp_kind kind, uint32_t ssrc)
{
    size_t count = 0;

    for (size_t i = 0; i < bench->sent_count; i++) {
        struct rtcp_reader reader;
        struct rtcp_packet packet;
        if (bench->sent[i].to != JUDGE || !bench->sent[i].rtcp)
            continue;
        rtcp_reader_init(&reader, bench->sent[i].data, bench->sent[i].len);
        while (rtcp_read(&reader, &packet) == 1)
            count += packet.kind == kind && packet.media == ssrc;
    }
    return count;
}

static void nobody_gets_a_share_that_is_not_granted(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_to_witness);
    bench_change(bench, NULL, &judge_audio);
    bench_send_share(bench, 1, true);
    assert_null(bench_last_rtp(bench));
}

static void a_grant_of_the_share_lets_the_picture_stay_out(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_share);
    bench_send_video(bench, &bench->judge, 1, true);
    bench_send_audio(bench, 1);
    assert_null(bench_last_rtp(bench));
    bench_send_share(bench, 1, true);
    assert_int_equal(bench_count_to(bench, WITNESS, false), 1);
    assert_int_equal(bench_count_to(bench, COUNSEL, false), 0);
    assert_int_equal(ssrc_of(bench_last_rtp(bench)), ssrc_of_slot(bench, 1));
}

static void picture_and_share_of_one_person_go_to_two_slots(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_to_witness);
    bench_change(bench, NULL, &judge_share);
    bench_send_video(bench, &bench->judge, 1, true);
    assert_int_equal(ssrc_of(bench_last_rtp(bench)), ssrc_of_slot(bench, 0));
    bench_send_share(bench, 1, true);
    assert_int_equal(ssrc_of(bench_last_rtp(bench)), ssrc_of_slot(bench, 1));
    bench_send_video(bench, &bench->judge, 2, false);
    assert_int_equal(ssrc_of(bench_last_rtp(bench)), ssrc_of_slot(bench, 0));
}

static void nothing_shared_passes_after_a_revoke(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_to_witness);
    bench_change(bench, NULL, &judge_share);
    bench_send_share(bench, 1, true);
    bench_send_video(bench, &bench->judge, 1, true);
    bench_change(bench, &judge_share, NULL);
    size_t before = bench_count_to(bench, WITNESS, false);
    bench_send_share(bench, 2, true);
    assert_int_equal(bench_count_to(bench, WITNESS, false), before);
    bench_send_video(bench, &bench->judge, 2, false);
    assert_int_equal(bench_count_to(bench, WITNESS, false), before + 1);
}

static void a_share_is_sent_again_while_it_is_granted_and_never_after(void **state)
{
    struct bench *bench = *state;
    const struct relay_pair shown = {JUDGE, WITNESS, SDP_SHARE, 0};

    bench_change(bench, NULL, &shown);
    bench_send_share(bench, 1, true);
    bench_send_share(bench, 2, false);
    const struct sent first = *bench_last_rtp(bench);
    const uint16_t seq = (uint16_t)first.index;
    bench_nack(bench, &seq, 1);
    const struct sent *again = bench_last_rtp(bench);
    assert_int_equal(bench->counters.resent, 1);
    assert_int_equal(again->len, first.len);
    assert_memory_equal(again->data, first.data, first.len);
    bench_change(bench, &shown, NULL);
    size_t before = bench_count_to(bench, WITNESS, false);
    bench_nack(bench, &seq, 1);
    assert_int_equal(bench_count_to(bench, WITNESS, false), before);
}

static void what_was_shared_before_the_grant_is_never_sent(void **state)
{
    struct bench *bench = *state;
    const struct relay_pair shown = {JUDGE, WITNESS, SDP_SHARE, 0};
    uint16_t seqs[32];

    bench_send_share(bench, 1, true);
    bench_change(bench, NULL, &shown);
    bench_send_share(bench, 2, false);
    assert_null(bench_last_rtp(bench));
    bench_send_share(bench, 3, true);
    const int64_t index = bench_last_rtp(bench)->index;
    for (uint16_t i = 0; i < 32; i++)
        seqs[i] = (uint16_t)(index - 31 + i);
    size_t before = bench_count_to(bench, WITNESS, false);
    bench_nack(bench, seqs, 31); /* all but the one that came */
    assert_int_equal(bench_count_to(bench, WITNESS, false), before);
}

static void the_key_frame_is_asked_of_the_share_and_not_of_the_picture(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_share);
    assert_int_equal(asked_about(bench, RTCP_KIND_PLI, JUDGE_SHARE), 1);
    bench_send_share(bench, 1, true);
    bench_pass(bench, 1000);
    assert_int_equal(asked_about(bench, RTCP_KIND_PLI, JUDGE_SHARE), 1);
    bench_pli(bench, 1);
    bench_pass(bench, 20);
    assert_int_equal(asked_about(bench, RTCP_KIND_PLI, JUDGE_SHARE), 2);
    assert_int_equal(asked_about(bench, RTCP_KIND_PLI, JUDGE_VIDEO), 0);
}

static void a_lost_packet_of_the_share_is_asked_for_by_its_name(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_share);
    bench_send_share(bench, 1, true);
    bench_send_share(bench, 3, false);
    bench_pass(bench, 20);
    assert_int_equal(asked_about(bench, RTCP_KIND_NACK, JUDGE_SHARE), 1);
    assert_int_equal(asked_about(bench, RTCP_KIND_NACK, JUDGE_VIDEO), 0);
}

static void a_slot_that_held_a_picture_goes_on_with_the_share_of_the_same_person(void **state)
{
    struct bench *bench = *state;
    const struct relay_pair shown = {JUDGE, WITNESS, SDP_SHARE, 0};

    bench_change(bench, NULL, &judge_to_witness);
    bench_send_video(bench, &bench->judge, 1, true);
    const struct sent before = *bench_last_rtp(bench);
    bench_change(bench, NULL, &shown);
    bench_send_video(bench, &bench->judge, 2, true);
    assert_int_equal(bench_count_to(bench, WITNESS, false), 1);
    bench_send_share(bench, 900, false);
    assert_int_equal(bench_count_to(bench, WITNESS, false), 1);
    bench_send_share(bench, 901, true);
    const struct sent *after = bench_last_rtp(bench);
    assert_int_equal(bench_count_to(bench, WITNESS, false), 2);
    assert_int_equal(after->index, before.index + 1);
    assert_int_equal(ssrc_of(after), ssrc_of(&before));
}

static uint64_t told_bitrate(const struct bench *bench)
{
    uint64_t bitrate = 0;

    for (size_t i = 0; i < bench->sent_count; i++) {
        struct rtcp_reader reader;
        struct rtcp_packet packet;
        if (bench->sent[i].to != JUDGE || !bench->sent[i].rtcp)
            continue;
        rtcp_reader_init(&reader, bench->sent[i].data, bench->sent[i].len);
        while (rtcp_read(&reader, &packet) == 1) {
            if (packet.kind == RTCP_KIND_REMB)
                bitrate = rtcp_remb_bitrate(&packet);
        }
    }
    return bitrate;
}

static void who_shares_may_send_more_and_only_so_long(void **state)
{
    struct bench *bench = *state;

    bench_change(bench, NULL, &judge_to_witness);
    bench_change(bench, NULL, &judge_share);
    bench_send_video(bench, &bench->judge, 1, true);
    bench_send_share(bench, 1, true);
    bench->now_ns += NS_OF_MS(2000);
    assert_true(router_report(&bench->router, &bench->judge, bench->now_ns));
    uint64_t both = told_bitrate(bench);
    bench_change(bench, &judge_share, NULL);
    bench->now_ns += NS_OF_MS(2000);
    assert_true(router_report(&bench->router, &bench->judge, bench->now_ns));
    assert_int_equal(both, 2 * told_bitrate(bench));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nobody_gets_a_share_that_is_not_granted),
        CASE(a_grant_of_the_share_lets_the_picture_stay_out),
        CASE(picture_and_share_of_one_person_go_to_two_slots),
        CASE(nothing_shared_passes_after_a_revoke),
        CASE(a_share_is_sent_again_while_it_is_granted_and_never_after),
        CASE(what_was_shared_before_the_grant_is_never_sent),
        CASE(the_key_frame_is_asked_of_the_share_and_not_of_the_picture),
        CASE(a_lost_packet_of_the_share_is_asked_for_by_its_name),
        CASE(a_slot_that_held_a_picture_goes_on_with_the_share_of_the_same_person),
        CASE(who_shares_may_send_more_and_only_so_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
