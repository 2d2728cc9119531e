/* The pcapng file: written, read back, and every byte that does not fit named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/journal/reader.h"
#include "tests/unit/journal_fixture.h"

static const struct pcapng_head some_head = {
    .hearing = RECORD_HEARING,
    .group = "ep4",
    .boot = "boot-1",
    .wall_ns = RECORD_START,
    .monotonic_ns = 77,
    .track_count = 2,
    .tracks = {"audio", "video"},
};

static void writes_the_blocks_that_wireshark_reads(void **state)
{
    (void)state;
    static const uint8_t interface[] = {
        1,   0, 0, 0, 44,  0,   0,   0,   /* interface description, 44 bytes */
        252, 0, 0, 0, 0,   0,   0,   0,   /* link type Upper PDU, packets of any length */
        2,   0, 5, 0, 'v', 'i', 'd', 'e', /* if_name */
        'o', 0, 0, 0, 9,   0,   1,   0,   /* if_tsresol */
        9,   0, 0, 0, 0,   0,   0,   0,   /* nanoseconds; end of options */
        44,  0, 0, 0,
    };
    static const uint8_t block[] = {
        6,    0,    0,    0,    48,   0,    0,    0,    /* enhanced packet, 48 bytes */
        1,    0,    0,    0,    0x04, 0x03, 0x02, 0x01, /* interface 1, time, high half first */
        0x08, 0x07, 0x06, 0x05, 15,   0,    0,    0,    /* 15 bytes captured */
        15,   0,    0,    0,    0,    12,   0,    4,    /* of 15; tag 12 */
        'r',  't',  'p',  0,    0,    0,    0,    0,    /* the dissector; end of tags */
        0x80, 0x6f, 0x12, 0,    48,   0,    0,    0,    /* the packet, padding */
    };
    static const uint8_t data[] = {0x80, 0x6f, 0x12};
    const struct pcapng_packet packet = {1, PCAPNG_RTP, 0x0102030405060708, data, sizeof(data)};
    uint8_t out[PCAPNG_HEAD_MAX];

    size_t len = pcapng_write_head(&some_head, out);
    assert_int_equal(len % 4, 0);
    assert_memory_equal(out, "\x0a\x0d\x0d\x0a", 4);
    assert_memory_equal(out + len - sizeof(interface), interface, sizeof(interface));
    assert_int_equal(pcapng_write_packet(&packet, out), sizeof(block));
    assert_memory_equal(out, block, sizeof(block));
}

static void reads_back_the_head_it_wrote(void **state)
{
    (void)state;
    uint8_t out[PCAPNG_HEAD_MAX];
    size_t len = pcapng_write_head(&some_head, out);
    struct pcapng_head head;
    size_t taken = 0;

    assert_int_equal(pcapng_parse_head(out, len, &head, &taken).verdict, FIT_GOOD);
    assert_int_equal(taken, len);
    assert_memory_equal(&head, &some_head, sizeof(head));
}

static void holds_the_longest_names_and_packets(void **state)
{
    (void)state;
    static uint8_t data[JOURNAL_PACKET_MAX];
    const struct pcapng_packet packet = {15, PCAPNG_RTCP, INT64_MAX, data, sizeof(data)};
    struct pcapng_head head = {
        .wall_ns = INT64_MAX, .monotonic_ns = INT64_MAX, .track_count = JOURNAL_TRACKS_MAX};
    uint8_t out[PCAPNG_HEAD_MAX];
    struct pcapng_head again;
    struct pcapng_packet packet_again;
    size_t taken;

    memset(head.hearing, 'a', JOURNAL_NAME_MAX);
    memset(head.group, 'b', JOURNAL_NAME_MAX);
    memset(head.boot, 'c', JOURNAL_NAME_MAX);
    for (size_t i = 0; i < JOURNAL_TRACKS_MAX; i++)
        memset(head.tracks[i], 'd', JOURNAL_NAME_MAX);
    size_t len = pcapng_write_head(&head, out);
    assert_int_equal(pcapng_parse_head(out, len, &again, &taken).verdict, FIT_GOOD);
    assert_memory_equal(&again, &head, sizeof(head));
    len = pcapng_write_packet(&packet, out);
    assert_int_equal(pcapng_parse_packet(out, len, 16, &packet_again, &taken).verdict, FIT_GOOD);
    assert_int_equal(packet_again.len, JOURNAL_PACKET_MAX);
    assert_int_equal(packet_again.wall_ns, INT64_MAX);
}

static void finds_every_flipped_byte_of_a_head(void **state)
{
    (void)state;
    uint8_t out[PCAPNG_HEAD_MAX];
    size_t len = pcapng_write_head(&some_head, out);
    struct pcapng_head head;
    size_t taken;

    for (size_t i = 0; i < len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            out[i] ^= (uint8_t)(1 << bit);
            struct fit fit = pcapng_parse_head(out, len, &head, &taken);
            if (fit.verdict == FIT_GOOD) /* another name or time, which only the chain can know */
                assert_memory_not_equal(&head, &some_head, sizeof(head));
            else
                assert_true(fit.offset <= i || fit.offset < len);
            out[i] ^= (uint8_t)(1 << bit);
        }
    }
}

static void calls_every_cut_of_a_head_torn(void **state)
{
    (void)state;
    uint8_t out[PCAPNG_HEAD_MAX];
    size_t len = pcapng_write_head(&some_head, out);
    struct pcapng_head head;
    size_t taken;

    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(pcapng_parse_head(out, cut, &head, &taken).verdict, FIT_TORN);
}

static void calls_every_cut_of_a_packet_torn(void **state)
{
    (void)state;
    uint8_t bytes[64];
    uint8_t out[PCAPNG_BLOCK_MAX];
    struct pcapng_packet packet = record_packet(7, RECORD_START, bytes);
    size_t len = pcapng_write_packet(&packet, out);
    size_t taken;

    assert_int_equal(pcapng_parse_packet(out, 0, 2, &packet, &taken).verdict, FIT_END);
    for (size_t cut = 1; cut < len; cut++)
        assert_int_equal(pcapng_parse_packet(out, cut, 2, &packet, &taken).verdict, FIT_TORN);
}

/* Everything around the packet, its time and its track has one right value only. */
static void names_the_byte_of_a_packets_frame_that_is_wrong(void **state)
{
    (void)state;
    static const size_t framing[] = {0,  1,  2,  3,  4,  5,  6,  7,  9,  10, 11, 20,
                                     21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
                                     33, 34, 35, 36, 37, 38, 39, 59, 60, 61, 62, 63};
    uint8_t bytes[64];
    uint8_t out[PCAPNG_BLOCK_MAX];
    struct pcapng_packet packet = record_packet(7, RECORD_START, bytes);
    size_t len = pcapng_write_packet(&packet, out);
    size_t taken;

    assert_int_equal(len, 64);
    for (size_t i = 0; i < sizeof(framing) / sizeof(framing[0]); i++) {
        out[framing[i]] ^= 0x40;
        struct fit fit = pcapng_parse_packet(out, len, 2, &packet, &taken);
        assert_int_equal(fit.verdict, FIT_BAD);
        assert_non_null(fit.why);
        out[framing[i]] ^= 0x40;
    }
    out[15] ^= 0x80;
    assert_int_equal(pcapng_parse_packet(out, len, 2, &packet, &taken).offset, 12);
    out[15] ^= 0x80;
    assert_int_equal(pcapng_parse_packet(out, len, 0, &packet, &taken).offset, 8);
    assert_int_equal(pcapng_parse_packet(out, len, 1, &packet, &taken).verdict, FIT_GOOD);
}

static struct reader *file_of(const struct record *record, size_t packets, size_t *ret_len)
{
    static struct reader reader;
    uint8_t bytes[64];
    uint8_t out[PCAPNG_HEAD_MAX];
    size_t len = pcapng_write_head(&some_head, out);

    assert_int_equal(write(record->fd, out, len), len);
    *ret_len = len;
    for (size_t n = 0; n < packets; n++) {
        struct pcapng_packet packet = record_packet(n, RECORD_START + (int64_t)n, bytes);
        len = pcapng_write_packet(&packet, out);
        assert_int_equal(write(record->fd, out, len), len);
        *ret_len += len;
    }
    return &reader;
}

/* In place of the folder: a file without a name. */
static int set_up_file(void **state)
{
    static struct record record;
    char path[] = "/tmp/assize-pcapng-XXXXXX";

    record.fd = mkstemp(path);
    assert_true(record.fd >= 0);
    *state = &record;
    return unlink(path);
}

static int tear_down_file(void **state)
{
    const struct record *record = *state;

    return close(record->fd);
}

static void reads_a_file_of_many_windows(void **state)
{
    enum { PACKETS = 3000 };
    const struct record *record = *state;
    size_t len;
    struct reader *reader = file_of(record, PACKETS, &len);
    struct pcapng_packet packet;
    uint8_t bytes[64];

    assert_true(len > 3 * (size_t)READER_WINDOW_BYTES);
    assert_int_equal(reader_open(reader, record->fd).verdict, FIT_GOOD);
    assert_string_equal(reader->head.group, "ep4");
    for (size_t n = 0; n < PACKETS; n++) {
        assert_int_equal(reader_next(reader, &packet).verdict, FIT_GOOD);
        struct pcapng_packet wrote = record_packet(n, RECORD_START + (int64_t)n, bytes);
        assert_int_equal(packet.track, wrote.track);
        assert_int_equal(packet.kind, wrote.kind);
        assert_int_equal(packet.wall_ns, wrote.wall_ns);
        assert_int_equal(packet.len, wrote.len);
        assert_memory_equal(packet.data, bytes, packet.len);
    }
    assert_int_equal(reader_next(reader, &packet).verdict, FIT_END);
    assert_int_equal(reader->offset, len);
}

static void reads_on_when_the_file_has_grown(void **state)
{
    const struct record *record = *state;
    size_t len;
    struct reader *reader = file_of(record, 1, &len);
    uint8_t bytes[64];
    uint8_t out[PCAPNG_BLOCK_MAX];
    struct pcapng_packet packet = record_packet(1, RECORD_START, bytes);
    size_t block = pcapng_write_packet(&packet, out);

    assert_int_equal(reader_open(reader, record->fd).verdict, FIT_GOOD);
    assert_int_equal(reader_next(reader, &packet).verdict, FIT_GOOD);
    assert_int_equal(reader_next(reader, &packet).verdict, FIT_END);
    assert_int_equal(write(record->fd, out, 30), 30);
    struct fit fit = reader_next(reader, &packet);
    assert_int_equal(fit.verdict, FIT_TORN);
    assert_int_equal(fit.offset, len);
    assert_int_equal(write(record->fd, out + 30, block - 30), block - 30);
    assert_int_equal(reader_next(reader, &packet).verdict, FIT_GOOD);
    assert_int_equal(packet.kind, PCAPNG_RTCP);
    assert_int_equal(reader_next(reader, &packet).verdict, FIT_END);
}

static void names_where_in_the_file_a_packet_is_bad(void **state)
{
    const struct record *record = *state;
    size_t len;
    struct reader *reader = file_of(record, 3, &len);
    struct pcapng_packet packet;

    assert_int_equal(pwrite(record->fd, "\xff", 1, (off_t)len - 1), 1);
    assert_int_equal(reader_open(reader, record->fd).verdict, FIT_GOOD);
    assert_int_equal(reader_next(reader, &packet).verdict, FIT_GOOD);
    assert_int_equal(reader_next(reader, &packet).verdict, FIT_GOOD);
    struct fit fit = reader_next(reader, &packet);
    assert_int_equal(fit.verdict, FIT_BAD);
    assert_int_equal(fit.offset, len - 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_blocks_that_wireshark_reads),
        cmocka_unit_test(reads_back_the_head_it_wrote),
        cmocka_unit_test(holds_the_longest_names_and_packets),
        cmocka_unit_test(finds_every_flipped_byte_of_a_head),
        cmocka_unit_test(calls_every_cut_of_a_head_torn),
        cmocka_unit_test(calls_every_cut_of_a_packet_torn),
        cmocka_unit_test(names_the_byte_of_a_packets_frame_that_is_wrong),
        cmocka_unit_test_setup_teardown(reads_a_file_of_many_windows, set_up_file, tear_down_file),
        cmocka_unit_test_setup_teardown(reads_on_when_the_file_has_grown, set_up_file,
                                        tear_down_file),
        cmocka_unit_test_setup_teardown(names_where_in_the_file_a_packet_is_bad, set_up_file,
                                        tear_down_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
