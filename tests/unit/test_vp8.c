/* The VP8 payload descriptor. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "media/rtp/vp8.h"

/* X, S; I, L, T, K; picture id 0x1234 of 15 bits, tl0picidx 9, tid 2 with Y, then a key frame of
 * 640 x 360. */
static const uint8_t key_packet[] = {0x90, 0xf0, 0x92, 0x34, 0x09, 0xa5, 0x10, 0x02, 0x00,
                                     0x9d, 0x01, 0x2a, 0x80, 0x42, 0x68, 0x81, 0xff};

static void reads_a_key_frame_with_all_fields(void **state)
{
    (void)state;
    struct vp8_payload vp8;

    assert_int_equal(vp8_parse(key_packet, sizeof(key_packet), &vp8), 0);
    assert_int_equal(vp8.header_len, 6);
    assert_true(vp8.start);
    assert_false(vp8.discardable);
    assert_int_equal(vp8.picture_id_bits, 15);
    assert_int_equal(vp8.picture_id, 0x1234);
    assert_int_equal(vp8.tl0picidx, 9);
    assert_true(vp8.has_tid);
    assert_int_equal(vp8.tid, 2);
    assert_true(vp8.layer_sync);
    assert_true(vp8.key_frame);
    assert_int_equal(vp8.width, 640);
    assert_int_equal(vp8.height, 360);
}

static void refuses_every_cut_of_a_key_frame(void **state)
{
    (void)state;
    struct vp8_payload vp8;

    for (size_t len = 0; len < sizeof(key_packet) - 1; len++)
        assert_int_equal(vp8_parse(key_packet, len, &vp8), -EBADMSG);
}

static void refuses_a_key_frame_without_its_start_code(void **state)
{
    (void)state;
    const uint8_t packet[] = {0x10, 0x00, 0, 0, 0x9d, 0x01, 0x2b, 0, 0, 0, 0};
    struct vp8_payload vp8;

    assert_int_equal(vp8_parse(packet, sizeof(packet), &vp8), -EBADMSG);
}

static void a_continuation_is_no_key_frame(void **state)
{
    (void)state;
    /* Not the start: what follows the descriptor is any data. Then the start of a later partition.
     */
    const uint8_t later[] = {0x00, 0x00};
    const uint8_t partition[] = {0x11, 0x00};
    struct vp8_payload vp8;

    assert_int_equal(vp8_parse(later, sizeof(later), &vp8), 0);
    assert_false(vp8.start);
    assert_false(vp8.key_frame);
    assert_int_equal(vp8_parse(partition, sizeof(partition), &vp8), 0);
    assert_false(vp8.start);
}

static void reads_a_discardable_frame_with_a_short_picture_id(void **state)
{
    (void)state;
    const uint8_t packet[] = {0xb0, 0x80, 0x7f, 0x11, 0x00, 0x00};
    struct vp8_payload vp8;

    assert_int_equal(vp8_parse(packet, sizeof(packet), &vp8), 0);
    assert_true(vp8.start);
    assert_true(vp8.discardable);
    assert_false(vp8.key_frame);
    assert_int_equal(vp8.picture_id_bits, 7);
    assert_int_equal(vp8.picture_id, 127);
    assert_int_equal(vp8.tl0picidx_offset, 0);
    assert_false(vp8.has_tid);
}

static void a_rewritten_picture_id_wraps_in_its_width(void **state)
{
    (void)state;
    uint8_t wide[] = {0x90, 0xc0, 0xff, 0xff, 0xff, 0x11, 0x00, 0x00};
    uint8_t narrow[] = {0x90, 0x80, 0x7f, 0x11, 0x00, 0x00};
    struct vp8_payload vp8;

    assert_int_equal(vp8_parse(wide, sizeof(wide), &vp8), 0);
    vp8_set_picture_id(wide, &vp8, (uint16_t)(vp8.picture_id + 2));
    vp8_set_tl0picidx(wide, &vp8, (uint8_t)(vp8.tl0picidx + 2));
    assert_int_equal(vp8_parse(wide, sizeof(wide), &vp8), 0);
    assert_int_equal(vp8.picture_id_bits, 15);
    assert_int_equal(vp8.picture_id, 1);
    assert_int_equal(vp8.tl0picidx, 1);

    assert_int_equal(vp8_parse(narrow, sizeof(narrow), &vp8), 0);
    vp8_set_picture_id(narrow, &vp8, (uint16_t)(vp8.picture_id + 2));
    vp8_set_tl0picidx(narrow, &vp8, 5);
    assert_int_equal(vp8_parse(narrow, sizeof(narrow), &vp8), 0);
    assert_int_equal(vp8.picture_id_bits, 7);
    assert_int_equal(vp8.picture_id, 1);
    assert_int_equal(narrow[3], 0x11);
}

static void a_payload_without_fields_is_left_alone(void **state)
{
    (void)state;
    uint8_t packet[] = {0x10, 0x11, 0x00, 0x00};
    struct vp8_payload vp8;

    assert_int_equal(vp8_parse(packet, sizeof(packet), &vp8), 0);
    vp8_set_picture_id(packet, &vp8, 99);
    vp8_set_tl0picidx(packet, &vp8, 99);
    assert_int_equal(packet[0], 0x10);
    assert_int_equal(packet[1], 0x11);
}

static void compares_picture_ids_around_the_wrap(void **state)
{
    (void)state;
    assert_true(vp8_picture_id_newer(0, 32767, 15));
    assert_false(vp8_picture_id_newer(32767, 0, 15));
    assert_true(vp8_picture_id_newer(0, 127, 7));
    assert_false(vp8_picture_id_newer(127, 0, 7));
    assert_false(vp8_picture_id_newer(5, 5, 7));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_key_frame_with_all_fields),
        cmocka_unit_test(refuses_every_cut_of_a_key_frame),
        cmocka_unit_test(refuses_a_key_frame_without_its_start_code),
        cmocka_unit_test(a_continuation_is_no_key_frame),
        cmocka_unit_test(reads_a_discardable_frame_with_a_short_picture_id),
        cmocka_unit_test(a_rewritten_picture_id_wraps_in_its_width),
        cmocka_unit_test(a_payload_without_fields_is_left_alone),
        cmocka_unit_test(compares_picture_ids_around_the_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
