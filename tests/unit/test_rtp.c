/* RTP headers, their extensions, sequence numbers, and telling datagrams apart. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media/rtp/bytes.h"
#include "media/rtp/datagram.h"
#include "media/rtp/rtp.h"

enum { LEVEL_ID = 1, TIME_ID = 2, MID_ID = 3 };

/* One CSRC, one-byte extensions (level, a padding byte, mid "a"), payload 01 02, three bytes of
 * padding. */
static const uint8_t full_packet[] = {
    0xb1, 0xef, 0x12, 0x34, 0x00, 0x01, 0x02, 0x03, 0xca, 0xfe, 0xba, 0xbe, /* fixed header */
    0x11, 0x22, 0x33, 0x44,                                                 /* CSRC */
    0xbe, 0xde, 0x00, 0x02, 0x10, 0x8a, 0x00, 0x30, 'a',  0x00, 0x00, 0x00, /* extension */
    0x01, 0x02, 0x00, 0x00, 0x03,
};

static struct rtp_header parsed(const uint8_t *packet, size_t len)
{
    struct rtp_header header;

    assert_int_equal(rtp_parse_header(packet, len, &header), 0);
    return header;
}

static void reads_every_field_of_a_header(void **state)
{
    (void)state;
    struct rtp_header header = parsed(full_packet, sizeof(full_packet));
    size_t payload = 0;

    assert_int_equal(header.payload_type, 111);
    assert_true(header.marker);
    assert_true(header.padding);
    assert_int_equal(header.seq, 0x1234);
    assert_int_equal(header.timestamp, 0x00010203);
    assert_int_equal(header.ssrc, 0xcafebabe);
    assert_int_equal(header.len, 28);
    assert_int_equal(header.extension_offset, 20);
    assert_int_equal(header.extension_len, 8);
    assert_int_equal(rtp_payload_len(full_packet, sizeof(full_packet), &header, &payload), 0);
    assert_int_equal(payload, 2);
}

static void refuses_every_cut_of_a_header(void **state)
{
    (void)state;
    struct rtp_header header;

    for (size_t len = 0; len < 28; len++)
        assert_int_equal(rtp_parse_header(full_packet, len, &header), -EBADMSG);
    assert_int_equal(rtp_parse_header(full_packet, 28, &header), 0);
}

static void refuses_another_version(void **state)
{
    (void)state;
    struct rtp_header header;
    uint8_t packet[sizeof(full_packet)];

    memcpy(packet, full_packet, sizeof(packet));
    packet[0] = (uint8_t)((packet[0] & 0x3f) | 0x40);
    assert_int_equal(rtp_parse_header(packet, sizeof(packet), &header), -EBADMSG);
}

static void refuses_padding_beyond_the_payload(void **state)
{
    (void)state;
    uint8_t packet[sizeof(full_packet)];
    struct rtp_header header = parsed(full_packet, sizeof(full_packet));
    size_t payload = 77;

    memcpy(packet, full_packet, sizeof(packet));
    packet[sizeof(packet) - 1] = 6;
    assert_int_equal(rtp_payload_len(packet, sizeof(packet), &header, &payload), -EBADMSG);
    packet[sizeof(packet) - 1] = 0;
    assert_int_equal(rtp_payload_len(packet, sizeof(packet), &header, &payload), -EBADMSG);
    assert_int_equal(rtp_payload_len(packet, header.len, &header, &payload), -EBADMSG);
    assert_int_equal(payload, 77);
    packet[sizeof(packet) - 1] = 5;
    assert_int_equal(rtp_payload_len(packet, sizeof(packet), &header, &payload), 0);
    assert_int_equal(payload, 0);
}

static void finds_one_byte_extensions_across_padding(void **state)
{
    (void)state;
    struct rtp_header header = parsed(full_packet, sizeof(full_packet));
    struct rtp_element element;
    uint8_t level = 0;
    bool voice = false;

    assert_true(rtp_read_audio_level(full_packet, &header, LEVEL_ID, &level, &voice));
    assert_int_equal(level, 10);
    assert_true(voice);
    assert_true(rtp_find_extension(full_packet, &header, MID_ID, &element));
    assert_int_equal(element.len, 1);
    assert_memory_equal(element.data, "a", 1);
    assert_false(rtp_find_extension(full_packet, &header, TIME_ID, &element));
}

static void finds_two_byte_extensions(void **state)
{
    (void)state;
    static const uint8_t packet[] = {
        0x90, 0x60, 0,    1,    0,    0,    0,    2,    0,   0,   0, 3,
        0x10, 0x05, 0,    3, /* header */
        0x01, 0x01, 0x7f, 0x00, 0x14, 0x00, 0x03, 0x02, 'v', '1', 0, 0,
    };
    struct rtp_header header = parsed(packet, sizeof(packet));
    struct rtp_element element;

    assert_true(rtp_find_extension(packet, &header, 1, &element));
    assert_int_equal(element.data[0], 0x7f);
    assert_true(rtp_find_extension(packet, &header, 0x14, &element));
    assert_int_equal(element.len, 0);
    assert_true(rtp_find_extension(packet, &header, MID_ID, &element));
    assert_int_equal(element.len, 2);
    assert_memory_equal(element.data, "v1", 2);
}

static void stops_at_a_malformed_extension(void **state)
{
    (void)state;
    /* The second element claims 16 bytes where 2 are left; then one with the reserved id 15. */
    uint8_t packet[] = {0x90, 0x60, 0,    1,    0, 0, 0,    2,    0,    0,
                        0,    3,    0xbe, 0xde, 0, 1, 0x10, 0x05, 0x3f, 'a'};
    struct rtp_header header = parsed(packet, sizeof(packet));
    struct rtp_element element;

    assert_true(rtp_find_extension(packet, &header, LEVEL_ID, &element));
    assert_false(rtp_find_extension(packet, &header, MID_ID, &element));
    packet[18] = 0xf0;
    assert_false(rtp_find_extension(packet, &header, 15, &element));
    bytes_put16(packet + 12, 0x1234); /* a profile of somebody else */
    header = parsed(packet, sizeof(packet));
    assert_false(rtp_find_extension(packet, &header, LEVEL_ID, &element));
}

static void blanks_an_extension_and_leaves_the_others(void **state)
{
    (void)state;
    uint8_t packet[sizeof(full_packet)];
    struct rtp_header header = parsed(full_packet, sizeof(full_packet));
    struct rtp_element element;

    memcpy(packet, full_packet, sizeof(packet));
    rtp_blank_extension(packet, &header, LEVEL_ID);
    rtp_blank_extension(packet, &header, TIME_ID);
    assert_false(rtp_find_extension(packet, &header, LEVEL_ID, &element));
    assert_true(rtp_find_extension(packet, &header, MID_ID, &element));
    assert_memory_equal(packet + 22, full_packet + 22, sizeof(packet) - 22);
}

static void patches_only_a_value_of_the_same_length(void **state)
{
    (void)state;
    uint8_t packet[sizeof(full_packet)];
    struct rtp_header header = parsed(full_packet, sizeof(full_packet));
    struct rtp_element element;

    memcpy(packet, full_packet, sizeof(packet));
    assert_false(rtp_patch_extension(packet, &header, MID_ID, (const uint8_t *)"a0", 2));
    assert_false(rtp_patch_extension(packet, &header, TIME_ID, (const uint8_t *)"abc", 3));
    assert_memory_equal(packet, full_packet, sizeof(packet));
    assert_true(rtp_patch_extension(packet, &header, MID_ID, (const uint8_t *)"v", 1));
    assert_true(rtp_find_extension(packet, &header, MID_ID, &element));
    assert_memory_equal(element.data, "v", 1);
}

static void writes_a_header_that_reads_the_same(void **state)
{
    (void)state;
    static const uint8_t time[] = {0x12, 0x34, 0x56};
    const struct rtp_element elements[] = {{TIME_ID, 3, time}, {MID_ID, 1, (const uint8_t *)"v"}};
    const struct rtp_header wanted = {
        .payload_type = 96, .marker = true, .seq = 65535, .timestamp = 7, .ssrc = 0x80000001};
    uint8_t packet[24];
    struct rtp_element element;

    assert_int_equal(rtp_write_header(packet, sizeof(packet) - 1, &wanted, elements, 2), 0);
    assert_int_equal(rtp_write_header(packet, sizeof(packet), &wanted, elements, 2), 24);
    struct rtp_header header = parsed(packet, sizeof(packet));
    assert_int_equal(header.payload_type, 96);
    assert_true(header.marker);
    assert_int_equal(header.seq, 65535);
    assert_int_equal(header.timestamp, 7);
    assert_int_equal(header.ssrc, 0x80000001);
    assert_int_equal(header.len, 24);
    assert_true(rtp_find_extension(packet, &header, TIME_ID, &element));
    assert_memory_equal(element.data, time, 3);
    assert_true(rtp_find_extension(packet, &header, MID_ID, &element));
    assert_int_equal(rtp_write_header(packet, sizeof(packet), &wanted, NULL, 0), 12);
    assert_int_equal(packet[0], 0x80);
}

static void rewrites_in_place(void **state)
{
    (void)state;
    uint8_t packet[sizeof(full_packet)];

    memcpy(packet, full_packet, sizeof(packet));
    rtp_set_payload_type(packet, 96);
    rtp_set_seq(packet, 1);
    rtp_set_timestamp(packet, 2);
    rtp_set_ssrc(packet, 3);
    struct rtp_header header = parsed(packet, sizeof(packet));
    assert_int_equal(header.payload_type, 96);
    assert_true(header.marker);
    assert_int_equal(header.seq, 1);
    assert_int_equal(header.timestamp, 2);
    assert_int_equal(header.ssrc, 3);
    assert_memory_equal(packet + 12, full_packet + 12, sizeof(packet) - 12);
}

static void counts_send_time_in_6_18_fixed_point(void **state)
{
    (void)state;
    assert_int_equal(rtp_abs_send_time(0), 0);
    assert_int_equal(rtp_abs_send_time(1000000000), 1 << 18);
    assert_int_equal(rtp_abs_send_time(500000000), 1 << 17);
    assert_int_equal(rtp_abs_send_time(63999999999), 0xffffff);
    assert_int_equal(rtp_abs_send_time(64000000000), 0);
    assert_int_equal(rtp_abs_send_time(INT64_C(4000000064500000000)), 1 << 17);
}

static void a_sequence_number_wraps_into_the_next_rollover(void **state)
{
    (void)state;
    struct rtp_sequence sequence = {0};

    assert_int_equal(rtp_sequence_guess(&sequence, 65534), 65534);
    rtp_sequence_advance(&sequence, 65534);
    assert_int_equal(rtp_sequence_guess(&sequence, 1), 65537);
    rtp_sequence_advance(&sequence, 65537);
    assert_int_equal(rtp_sequence_guess(&sequence, 65535), 65535);
    rtp_sequence_advance(&sequence, 65535);
    assert_int_equal(sequence.highest, 65537);
    for (int64_t extended = 65537; extended < 5 * 65536; extended += 30000) {
        assert_int_equal(rtp_sequence_guess(&sequence, (uint16_t)extended), extended);
        rtp_sequence_advance(&sequence, extended);
    }
}

static void a_packet_from_before_the_first_rollover_is_negative(void **state)
{
    (void)state;
    struct rtp_sequence sequence = {0};

    rtp_sequence_advance(&sequence, 3);
    assert_int_equal(rtp_sequence_guess(&sequence, 65535), -1);
}

static void compares_sequence_numbers_around_the_wrap(void **state)
{
    (void)state;
    assert_true(rtp_seq_newer(0, 65535));
    assert_false(rtp_seq_newer(65535, 0));
    assert_false(rtp_seq_newer(9, 9));
    assert_true(rtp_seq_newer(32767, 0));
    assert_false(rtp_seq_newer(32769, 0));
}

static void tells_datagrams_apart_by_their_first_bytes(void **state)
{
    (void)state;
    static const struct {
        uint8_t first;
        uint8_t second;
        enum datagram_kind kind;
    } rows[] = {
        {0, 1, DATAGRAM_STUN},     {3, 0, DATAGRAM_STUN},     {4, 0, DATAGRAM_JUNK},
        {19, 0, DATAGRAM_JUNK},    {20, 254, DATAGRAM_DTLS},  {63, 254, DATAGRAM_DTLS},
        {64, 0, DATAGRAM_JUNK},    {127, 0, DATAGRAM_JUNK},   {128, 111, DATAGRAM_RTP},
        {191, 0xe0, DATAGRAM_RTP}, {128, 200, DATAGRAM_RTCP}, {129, 206, DATAGRAM_RTCP},
        {128, 191, DATAGRAM_RTP},  {128, 192, DATAGRAM_RTCP}, {128, 223, DATAGRAM_RTCP},
        {192, 200, DATAGRAM_JUNK}, {255, 255, DATAGRAM_JUNK},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const uint8_t data[8] = {rows[i].first, rows[i].second};
        assert_int_equal(datagram_classify(data, sizeof(data)), rows[i].kind);
    }
    const uint8_t byte = 128;
    assert_int_equal(datagram_classify(&byte, 1), DATAGRAM_JUNK);
    assert_int_equal(datagram_classify(&byte, 0), DATAGRAM_JUNK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_field_of_a_header),
        cmocka_unit_test(refuses_every_cut_of_a_header),
        cmocka_unit_test(refuses_another_version),
        cmocka_unit_test(refuses_padding_beyond_the_payload),
        cmocka_unit_test(finds_one_byte_extensions_across_padding),
        cmocka_unit_test(finds_two_byte_extensions),
        cmocka_unit_test(stops_at_a_malformed_extension),
        cmocka_unit_test(blanks_an_extension_and_leaves_the_others),
        cmocka_unit_test(patches_only_a_value_of_the_same_length),
        cmocka_unit_test(writes_a_header_that_reads_the_same),
        cmocka_unit_test(rewrites_in_place),
        cmocka_unit_test(counts_send_time_in_6_18_fixed_point),
        cmocka_unit_test(a_sequence_number_wraps_into_the_next_rollover),
        cmocka_unit_test(a_packet_from_before_the_first_rollover_is_negative),
        cmocka_unit_test(compares_sequence_numbers_around_the_wrap),
        cmocka_unit_test(tells_datagrams_apart_by_their_first_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
