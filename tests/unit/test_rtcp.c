/* RTCP: reading, writing, times and reception statistics. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media/rtp/bytes.h"
#include "media/rtp/rtcp.h"

static const int64_t second = 1000000000;

static const struct rtcp_sender_info info = {
    .ntp = 0xe123456789abcdef, .timestamp = 90000, .packets = 10, .bytes = 12000};
static const struct rtcp_report reports[] = {
    {.ssrc = 5, .fraction_lost = 64, .lost = -3, .highest_seq = 0x10005, .jitter = 7, .lsr = 1},
    {.ssrc = 6, .lost = 0x7fffff, .dlsr = 0xffffffff},
};

/* The only packet written, read back. */
static struct rtcp_packet read_one(const struct rtcp_writer *writer)
{
    struct rtcp_reader reader;
    struct rtcp_packet packet;
    struct rtcp_packet none;

    rtcp_reader_init(&reader, writer->data, writer->len);
    assert_int_equal(rtcp_read(&reader, &packet), 1);
    assert_int_equal(rtcp_read(&reader, &none), 0);
    return packet;
}

static void assert_report_equal(struct rtcp_report report, struct rtcp_report wanted)
{
    assert_int_equal(report.ssrc, wanted.ssrc);
    assert_int_equal(report.fraction_lost, wanted.fraction_lost);
    assert_int_equal(report.lost, wanted.lost);
    assert_int_equal(report.highest_seq, wanted.highest_seq);
    assert_int_equal(report.jitter, wanted.jitter);
    assert_int_equal(report.lsr, wanted.lsr);
    assert_int_equal(report.dlsr, wanted.dlsr);
}

static void reads_back_a_compound_packet(void **state)
{
    (void)state;
    uint8_t data[256];
    struct rtcp_writer writer;
    struct rtcp_reader reader;
    struct rtcp_packet packet;

    rtcp_writer_init(&writer, data, sizeof(data));
    assert_int_equal(rtcp_write_sr(&writer, 1, &info, reports, 2), 0);
    assert_int_equal(rtcp_write_cname(&writer, 1, "hearing"), 0);
    assert_int_equal(rtcp_write_pli(&writer, 1, 9), 0);
    assert_int_equal(rtcp_write_bye(&writer, 1), 0);

    rtcp_reader_init(&reader, data, writer.len);
    assert_int_equal(rtcp_read(&reader, &packet), 1);
    assert_int_equal(packet.kind, RTCP_KIND_SR);
    assert_int_equal(packet.sender, 1);
    assert_int_equal(packet.count, 2);
    struct rtcp_sender_info got = rtcp_sr_info(&packet);
    assert_true(got.ntp == info.ntp);
    assert_int_equal(got.timestamp, info.timestamp);
    assert_int_equal(got.packets, info.packets);
    assert_int_equal(got.bytes, info.bytes);
    assert_report_equal(rtcp_report_at(&packet, 0), reports[0]);
    assert_report_equal(rtcp_report_at(&packet, 1), reports[1]);
    assert_int_equal(rtcp_read(&reader, &packet), 1);
    assert_int_equal(packet.kind, RTCP_KIND_SDES);
    assert_memory_equal(packet.body + 4, "\1\7hearing", 9);
    assert_int_equal(rtcp_read(&reader, &packet), 1);
    assert_int_equal(packet.kind, RTCP_KIND_PLI);
    assert_int_equal(packet.media, 9);
    assert_int_equal(rtcp_read(&reader, &packet), 1);
    assert_int_equal(packet.kind, RTCP_KIND_BYE);
    assert_int_equal(rtcp_bye_source(&packet, 0), 1);
    assert_int_equal(rtcp_read(&reader, &packet), 0);
}

static void a_cname_ends_with_a_zero_at_every_length(void **state)
{
    (void)state;
    static const char cname[] = "abcdefgh";

    for (size_t skip = 0; skip < sizeof(cname); skip++) {
        uint8_t data[64];
        struct rtcp_writer writer;
        rtcp_writer_init(&writer, data, sizeof(data));
        assert_int_equal(rtcp_write_cname(&writer, 3, cname + skip), 0);
        struct rtcp_packet packet = read_one(&writer);
        assert_int_equal(packet.len % 4, 0);
        assert_int_equal(packet.body[5], strlen(cname + skip));
        assert_int_equal(packet.body[6 + strlen(cname + skip)], 0);
    }
}

static void reads_a_receiver_report_alone(void **state)
{
    (void)state;
    uint8_t data[64];
    struct rtcp_writer writer;

    rtcp_writer_init(&writer, data, sizeof(data));
    assert_int_equal(rtcp_write_rr(&writer, 2, reports, 1), 0);
    struct rtcp_packet packet = read_one(&writer);
    assert_int_equal(packet.kind, RTCP_KIND_RR);
    assert_int_equal(packet.sender, 2);
    assert_report_equal(rtcp_report_at(&packet, 0), reports[0]);
}

static void refuses_every_cut_of_a_packet(void **state)
{
    (void)state;
    uint8_t data[128];
    struct rtcp_writer writer;
    struct rtcp_reader reader;
    struct rtcp_packet packet;

    rtcp_writer_init(&writer, data, sizeof(data));
    assert_int_equal(rtcp_write_sr(&writer, 1, &info, reports, 1), 0);
    for (size_t len = 1; len < writer.len; len++) {
        rtcp_reader_init(&reader, data, len);
        assert_int_equal(rtcp_read(&reader, &packet), -EBADMSG);
    }
    /* A length field that leaves no room for the report it counts. */
    bytes_put16(data + 2, 6);
    rtcp_reader_init(&reader, data, 28);
    assert_int_equal(rtcp_read(&reader, &packet), -EBADMSG);
}

static void refuses_padding_longer_than_the_packet(void **state)
{
    (void)state;
    uint8_t data[] = {0xa0, 201, 0, 2, 0, 0, 0, 9, 0, 0, 0, 4};
    struct rtcp_reader reader;
    struct rtcp_packet packet;

    rtcp_reader_init(&reader, data, sizeof(data));
    assert_int_equal(rtcp_read(&reader, &packet), 1);
    assert_int_equal(packet.len, 4);
    assert_int_equal(packet.sender, 9);
    for (unsigned padding = 5; padding < 10; padding++) {
        data[11] = (uint8_t)padding;
        rtcp_reader_init(&reader, data, sizeof(data));
        assert_int_equal(rtcp_read(&reader, &packet), -EBADMSG);
    }
    data[11] = 0;
    rtcp_reader_init(&reader, data, sizeof(data));
    assert_int_equal(rtcp_read(&reader, &packet), -EBADMSG);
}

static void passes_over_what_it_does_not_know(void **state)
{
    (void)state;
    const uint8_t data[] = {
        0x80, 207, 0, 1, 0, 0, 0, 1,             /* extended report */
        0x8f, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, /* transport-cc */
        0x82, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, /* another RTPFB */
        0x80, 204, 0, 0,                         /* an empty APP */
        0x80, 203, 0, 0,                         /* a BYE of nobody */
    };
    static const enum rtcp_kind kinds[] = {RTCP_KIND_OTHER, RTCP_KIND_TRANSPORT_CC, RTCP_KIND_OTHER,
                                           RTCP_KIND_OTHER, RTCP_KIND_BYE};
    struct rtcp_reader reader;
    struct rtcp_packet packet;

    rtcp_reader_init(&reader, data, sizeof(data));
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        assert_int_equal(rtcp_read(&reader, &packet), 1);
        assert_int_equal(packet.kind, kinds[i]);
    }
    assert_int_equal(packet.count, 0);
    assert_int_equal(rtcp_read(&reader, &packet), 0);
}

static void a_nack_carries_its_sequence_numbers_across_the_wrap(void **state)
{
    (void)state;
    static const uint16_t seqs[] = {100, 65530, 65531, 65535, 0, 10, 11, 500};
    uint8_t data[64];
    uint16_t got[RTCP_NACK_MAX];
    struct rtcp_writer writer;

    rtcp_writer_init(&writer, data, sizeof(data));
    assert_int_equal(rtcp_write_nack(&writer, 1, 2, seqs, 8), 0);
    struct rtcp_packet packet = read_one(&writer);
    assert_int_equal(packet.kind, RTCP_KIND_NACK);
    assert_int_equal(packet.sender, 1);
    assert_int_equal(packet.media, 2);
    assert_int_equal(packet.len, 8 + 4 * 4);
    assert_int_equal(rtcp_nack_seqs(&packet, got), 8);
    assert_memory_equal(got, seqs, sizeof(seqs));
}

static void a_pair_of_a_nack_holds_seventeen_numbers(void **state)
{
    (void)state;
    uint16_t seqs[18];
    uint16_t got[RTCP_NACK_MAX];
    uint8_t data[64];
    struct rtcp_writer writer;

    for (size_t i = 0; i < 18; i++)
        seqs[i] = (uint16_t)(65530 + i);
    rtcp_writer_init(&writer, data, sizeof(data));
    assert_int_equal(rtcp_write_nack(&writer, 1, 2, seqs, 17), 0);
    assert_int_equal(read_one(&writer).len, 8 + 4);
    writer.len = 0;
    assert_int_equal(rtcp_write_nack(&writer, 1, 2, seqs, 18), 0);
    struct rtcp_packet packet = read_one(&writer);
    assert_int_equal(packet.len, 8 + 8);
    assert_int_equal(rtcp_nack_seqs(&packet, got), 18);
    assert_memory_equal(got, seqs, sizeof(seqs));
}

static void takes_no_more_of_a_nack_than_the_limit(void **state)
{
    (void)state;
    uint8_t data[4 + 8 + 4 * 100];
    uint16_t got[RTCP_NACK_MAX];
    struct rtcp_writer writer = {data, sizeof(data), sizeof(data)};

    memset(data, 0xff, sizeof(data));
    data[0] = 0x81;
    data[1] = 205;
    bytes_put16(data + 2, sizeof(data) / 4 - 1);
    struct rtcp_packet packet = read_one(&writer);
    assert_int_equal(rtcp_nack_seqs(&packet, got), RTCP_NACK_MAX);
}

static void a_remb_keeps_the_upper_18_bits_of_its_rate(void **state)
{
    (void)state;
    static const struct {
        uint64_t rate;
        uint64_t read;
    } rows[] = {{0, 0},
                {262143, 262143},
                {262144, 262144},
                {1500001, 1500000},
                {UINT64_MAX, UINT64_MAX - (UINT64_MAX >> 18)}};
    static const uint32_t sources[] = {7, 8};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint8_t data[64];
        struct rtcp_writer writer;
        rtcp_writer_init(&writer, data, sizeof(data));
        assert_int_equal(rtcp_write_remb(&writer, 1, rows[i].rate, sources, 2), 0);
        struct rtcp_packet packet = read_one(&writer);
        assert_int_equal(packet.kind, RTCP_KIND_REMB);
        assert_int_equal(packet.len, 24);
        assert_true(rtcp_remb_bitrate(&packet) == rows[i].read);
    }
}

static void a_remb_beyond_64_bits_is_cut(void **state)
{
    (void)state;
    const uint8_t data[] = {0x8f, 206, 0,   4,   0,   0,   0, 1,    0,    0,
                            0,    0,   'R', 'E', 'M', 'B', 0, 0xff, 0xff, 0xff};
    struct rtcp_reader reader;
    struct rtcp_packet packet;

    rtcp_reader_init(&reader, data, sizeof(data));
    assert_int_equal(rtcp_read(&reader, &packet), 1);
    assert_int_equal(packet.kind, RTCP_KIND_REMB);
    assert_true(rtcp_remb_bitrate(&packet) == UINT64_MAX);
}

static void a_remb_that_counts_more_sources_than_it_has_is_another(void **state)
{
    (void)state;
    uint8_t data[64];
    struct rtcp_writer writer;
    const uint32_t source = 7;

    rtcp_writer_init(&writer, data, sizeof(data));
    assert_int_equal(rtcp_write_remb(&writer, 1, 1000, &source, 1), 0);
    data[4 + 12] = 2;
    assert_int_equal(read_one(&writer).kind, RTCP_KIND_OTHER);
}

static void reads_the_sources_of_a_fir(void **state)
{
    (void)state;
    const uint8_t data[] = {0x84, 206, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
                            0,    5,   9, 0, 0, 0, 0, 0, 0, 6, 1, 0, 0, 0};
    struct rtcp_reader reader;
    struct rtcp_packet packet;

    rtcp_reader_init(&reader, data, sizeof(data));
    assert_int_equal(rtcp_read(&reader, &packet), 1);
    assert_int_equal(packet.kind, RTCP_KIND_FIR);
    assert_int_equal(rtcp_fir_count(&packet), 2);
    assert_int_equal(rtcp_fir_source(&packet, 0), 5);
    assert_int_equal(rtcp_fir_source(&packet, 1), 6);
}

static void writes_nothing_that_does_not_fit(void **state)
{
    (void)state;
    uint8_t data[64];
    struct rtcp_writer writer;
    const uint16_t seq = 1;

    memset(data, 0x55, sizeof(data));
    rtcp_writer_init(&writer, data, 11);
    assert_int_equal(rtcp_write_sr(&writer, 1, &info, NULL, 0), -ENOBUFS);
    assert_int_equal(rtcp_write_cname(&writer, 1, "abc"), -ENOBUFS);
    assert_int_equal(rtcp_write_nack(&writer, 1, 2, &seq, 1), -ENOBUFS);
    assert_int_equal(rtcp_write_pli(&writer, 1, 2), -ENOBUFS);
    assert_int_equal(rtcp_write_remb(&writer, 1, 2, NULL, 0), -ENOBUFS);
    assert_int_equal(writer.len, 0);
    assert_int_equal(rtcp_write_rr(&writer, 1, NULL, 0), 0);
    assert_int_equal(rtcp_write_bye(&writer, 1), -ENOBUFS);
    assert_int_equal(writer.len, 8);
    for (size_t i = 8; i < sizeof(data); i++)
        assert_int_equal(data[i], 0x55);
}

static void counts_ntp_from_1900(void **state)
{
    (void)state;
    assert_true(rtcp_ntp_from_unix(0) == UINT64_C(2208988800) << 32);
    assert_true(rtcp_ntp_from_unix(second + second / 2) ==
                (UINT64_C(2208988801) << 32 | 0x80000000));
    assert_int_equal(rtcp_ntp_middle(0x1122334455667788), 0x33445566);
    assert_int_equal(rtcp_ntp_interval(second), 65536);
    assert_int_equal(rtcp_ntp_interval(3 * second / 2), 98304);
}

static void the_round_trip_is_what_remains_of_the_time_since_the_report(void **state)
{
    (void)state;
    /* The example of RFC 3550, figure 2: 6.125 s. */
    struct rtcp_report report = {.lsr = 0xb7052000, .dlsr = 0x00054000};
    uint32_t us = 0;

    assert_true(rtcp_round_trip(0xb7108000, &report, &us));
    assert_int_equal(us, 6125000);
    report = (struct rtcp_report){.lsr = 0xffff0000, .dlsr = 0x8000};
    assert_true(rtcp_round_trip(0x4000, &report, &us));
    assert_int_equal(us, 750000);
    report.dlsr = 0x20000;
    assert_false(rtcp_round_trip(0x4000, &report, &us));
    report.lsr = 0;
    assert_false(rtcp_round_trip(0x4000, &report, &us));
}

static void reports_what_was_lost_since_the_last_report_and_in_all(void **state)
{
    (void)state;
    struct rtcp_reception reception;
    struct rtcp_report report;

    rtcp_reception_init(&reception, 90000);
    rtcp_reception_report(&reception, &report);
    assert_int_equal(report.lost, 0);
    assert_int_equal(report.fraction_lost, 0);
    for (int64_t i = 65530; i < 65540; i++) /* every other one lost */
        if (i % 2 == 0)
            rtcp_reception_add(&reception, i, 0, 0);
    rtcp_reception_add(&reception, 65539, 0, 0);
    rtcp_reception_report(&reception, &report);
    assert_int_equal(report.lost, 4);
    assert_int_equal(report.fraction_lost, 4 * 256 / 10);
    assert_int_equal(report.highest_seq, 65539);
    for (int64_t i = 65540; i < 65550; i++)
        rtcp_reception_add(&reception, i, 0, 0);
    rtcp_reception_report(&reception, &report);
    assert_int_equal(report.lost, 4);
    assert_int_equal(report.fraction_lost, 0);
    rtcp_reception_add(&reception, 65531, 0, 0); /* late, after all */
    rtcp_reception_report(&reception, &report);
    assert_int_equal(report.lost, 3);
    assert_int_equal(report.fraction_lost, 0);
}

static void jitter_follows_the_spread_of_the_transit_time(void **state)
{
    (void)state;
    struct rtcp_reception reception;
    struct rtcp_report report;

    rtcp_reception_init(&reception, 48000);
    for (int64_t i = 0; i < 100; i++)
        rtcp_reception_add(&reception, i, (uint32_t)(UINT32_MAX - 40000 + 960 * i),
                           5000 * second + i * second / 50);
    rtcp_reception_report(&reception, &report);
    assert_int_equal(report.jitter, 0);
    for (int64_t i = 100; i < 400; i++) /* every other one 10 ms late: 480 units between */
        rtcp_reception_add(&reception, i, (uint32_t)(UINT32_MAX - 40000 + 960 * i),
                           5000 * second + i * second / 50 + i % 2 * second / 100);
    rtcp_reception_report(&reception, &report);
    assert_in_range(report.jitter, 470, 481);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_back_a_compound_packet),
        cmocka_unit_test(a_cname_ends_with_a_zero_at_every_length),
        cmocka_unit_test(reads_a_receiver_report_alone),
        cmocka_unit_test(refuses_every_cut_of_a_packet),
        cmocka_unit_test(refuses_padding_longer_than_the_packet),
        cmocka_unit_test(passes_over_what_it_does_not_know),
        cmocka_unit_test(a_nack_carries_its_sequence_numbers_across_the_wrap),
        cmocka_unit_test(a_pair_of_a_nack_holds_seventeen_numbers),
        cmocka_unit_test(takes_no_more_of_a_nack_than_the_limit),
        cmocka_unit_test(a_remb_keeps_the_upper_18_bits_of_its_rate),
        cmocka_unit_test(a_remb_beyond_64_bits_is_cut),
        cmocka_unit_test(a_remb_that_counts_more_sources_than_it_has_is_another),
        cmocka_unit_test(reads_the_sources_of_a_fir),
        cmocka_unit_test(writes_nothing_that_does_not_fit),
        cmocka_unit_test(counts_ntp_from_1900),
        cmocka_unit_test(the_round_trip_is_what_remains_of_the_time_since_the_report),
        cmocka_unit_test(reports_what_was_lost_since_the_last_report_and_in_all),
        cmocka_unit_test(jitter_follows_the_spread_of_the_transit_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
