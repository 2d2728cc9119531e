/* Frames on a byte stream, however it is torn. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/frame.h"

enum { BODIES_MAX = 8 };

struct seen {
    int count;
    size_t lens[BODIES_MAX];
    uint8_t first_bytes[BODIES_MAX];
    int stop_at; /* the frame whose handler fails; 0: none */
};

static int see(void *context, const uint8_t *body, size_t len)
{
    struct seen *seen = context;

    seen->lens[seen->count] = len;
    seen->first_bytes[seen->count] = len ? body[0] : 0;
    for (size_t i = 1; i < len; i++)
        assert_int_equal(body[i], body[0]);
    return ++seen->count == seen->stop_at ? -ECANCELED : 0;
}

/* Three frames: 5 bytes of 'a', nothing, 300 bytes of 'b'. */
static size_t three_frames(uint8_t out[400])
{
    static const size_t lens[] = {5, 0, 300};
    size_t used = 0;

    for (int i = 0; i < 3; i++) {
        frame_write_header(out + used, lens[i]);
        memset(out + used + FRAME_HEADER_BYTES, i ? 'b' : 'a', lens[i]);
        used += FRAME_HEADER_BYTES + lens[i];
    }
    return used;
}

static void assert_three_frames(const struct seen *seen)
{
    assert_int_equal(seen->count, 3);
    assert_int_equal(seen->lens[0], 5);
    assert_int_equal(seen->first_bytes[0], 'a');
    assert_int_equal(seen->lens[1], 0);
    assert_int_equal(seen->lens[2], 300);
    assert_int_equal(seen->first_bytes[2], 'b');
}

static void reads_frames_torn_at_every_byte(void **state)
{
    uint8_t stream[400];
    size_t len = three_frames(stream);

    (void)state;
    for (size_t cut = 0; cut <= len; cut++) {
        struct frame_reader reader;
        struct seen seen = {0};
        frame_reader_init(&reader);
        assert_int_equal(frame_reader_feed(&reader, stream, cut, see, &seen), 0);
        assert_int_equal(frame_reader_feed(&reader, stream + cut, len - cut, see, &seen), 0);
        assert_three_frames(&seen);
        frame_reader_done(&reader);
    }
}

static void reads_frames_that_come_byte_by_byte(void **state)
{
    uint8_t stream[400];
    size_t len = three_frames(stream);
    struct frame_reader reader;
    struct seen seen = {0};

    (void)state;
    frame_reader_init(&reader);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(frame_reader_feed(&reader, stream + i, 1, see, &seen), 0);
    assert_three_frames(&seen);
    frame_reader_done(&reader);
}

static void hands_out_nothing_before_a_frame_is_whole(void **state)
{
    uint8_t stream[400];
    struct frame_reader reader;
    struct seen seen = {0};

    (void)state;
    three_frames(stream);
    frame_reader_init(&reader);
    assert_int_equal(frame_reader_feed(&reader, stream, 8, see, &seen), 0);
    assert_int_equal(seen.count, 0);
    assert_int_equal(frame_reader_feed(&reader, stream + 8, 1, see, &seen), 0);
    assert_int_equal(seen.count, 1);
    frame_reader_done(&reader);
}

static void takes_the_largest_frame_and_refuses_a_larger_one(void **state)
{
    uint8_t *stream = calloc(1, FRAME_HEADER_BYTES + FRAME_BODY_MAX);
    struct frame_reader reader;
    struct seen seen = {0};

    (void)state;
    assert_non_null(stream);
    frame_reader_init(&reader);
    frame_write_header(stream, FRAME_BODY_MAX);
    assert_int_equal(
        frame_reader_feed(&reader, stream, FRAME_HEADER_BYTES + FRAME_BODY_MAX, see, &seen), 0);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.lens[0], FRAME_BODY_MAX);
    frame_write_header(stream, FRAME_BODY_MAX + 1);
    assert_int_equal(frame_reader_feed(&reader, stream, FRAME_HEADER_BYTES, see, &seen), -EMSGSIZE);
    frame_reader_done(&reader);
    free(stream);
}

static void refuses_a_length_with_its_highest_bit_set(void **state)
{
    struct frame_reader reader;
    struct seen seen = {0};

    (void)state;
    frame_reader_init(&reader);
    assert_int_equal(frame_reader_feed(&reader, (const uint8_t *)"\xff\xff\xff\xff", 4, see, &seen),
                     -EMSGSIZE);
    assert_int_equal(seen.count, 0);
    frame_reader_done(&reader);
}

static void stops_where_the_handler_says(void **state)
{
    uint8_t stream[400];
    size_t len = three_frames(stream);
    struct frame_reader reader;
    struct seen seen = {.stop_at = 2};

    (void)state;
    frame_reader_init(&reader);
    assert_int_equal(frame_reader_feed(&reader, stream, len, see, &seen), -ECANCELED);
    assert_int_equal(seen.count, 2);
    frame_reader_done(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_frames_torn_at_every_byte),
        cmocka_unit_test(reads_frames_that_come_byte_by_byte),
        cmocka_unit_test(hands_out_nothing_before_a_frame_is_whole),
        cmocka_unit_test(takes_the_largest_frame_and_refuses_a_larger_one),
        cmocka_unit_test(refuses_a_length_with_its_highest_bit_set),
        cmocka_unit_test(stops_where_the_handler_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
