/* Arena and buffer: what is capped stays capped. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"

static void hands_out_zeroed_and_aligned_memory(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 100000);
    for (size_t size = 1; size < 200; size += 7) {
        unsigned char *memory = arena_alloc(&arena, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xff, size);
    }
    arena_done(&arena);
}

static void refuses_the_byte_over_its_cap_and_no_earlier(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 100);
    assert_non_null(arena_alloc(&arena, 60));
    assert_null(arena_alloc(&arena, 41));
    assert_non_null(arena_alloc(&arena, 40));
    assert_null(arena_alloc(&arena, 1));
    assert_non_null(arena_alloc(&arena, 0));
    arena_done(&arena);
}

static void is_not_fooled_by_a_size_that_wraps(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 100);
    assert_non_null(arena_alloc(&arena, 50));
    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_null(arena_alloc(&arena, SIZE_MAX - 49));
    arena_done(&arena);
}

static void holds_what_is_larger_than_a_block(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 1 << 20);
    char *first = arena_copy(&arena, "first", 5);
    unsigned char *large = arena_alloc(&arena, 100000);
    char *last = arena_copy(&arena, "last one", 4);
    memset(large, 0xaa, 100000);
    assert_string_equal(first, "first");
    assert_string_equal(last, "last");
    arena_done(&arena);
}

static void may_be_used_again_after_it_was_emptied(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 10);
    assert_non_null(arena_alloc(&arena, 10));
    arena_done(&arena);
    assert_non_null(arena_alloc(&arena, 10));
    arena_done(&arena);
}

static void appends_up_to_its_maximum(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 10);
    assert_int_equal(buf_append(&buf, "12345", 5), 0);
    assert_int_equal(buf_append(&buf, "123456", 6), -ENOBUFS);
    assert_int_equal(buf.len, 5);
    assert_int_equal(buf_append(&buf, "67890", 5), 0);
    assert_memory_equal(buf.data, "1234567890", 10);
    assert_int_equal(buf_append(&buf, "1", 1), -ENOBUFS);
    assert_int_equal(buf_append(&buf, NULL, 0), 0);
    buf_done(&buf);
}

static void grows_without_losing_what_it_holds(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 100000);
    for (uint32_t i = 0; i < 20000; i++)
        assert_int_equal(buf_append(&buf, &i, sizeof(i)), 0);
    for (uint32_t i = 0; i < 20000; i++)
        assert_memory_equal(buf.data + i * sizeof(i), &i, sizeof(i));
    buf_done(&buf);
}

static void reserves_no_more_than_the_maximum(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 1000);
    assert_non_null(buf_reserve(&buf, 1000));
    assert_null(buf_reserve(&buf, 1001));
    assert_null(buf_reserve(&buf, SIZE_MAX));
    assert_int_equal(buf.len, 0);
    buf_done(&buf);
}

static void prints_with_a_terminator_that_is_not_counted(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 8);
    assert_int_equal(buf_printf(&buf, "%d-%s", 12, "ab"), 0);
    assert_int_equal(buf.len, 5);
    assert_string_equal((char *)buf.data, "12-ab");
    assert_int_equal(buf_printf(&buf, "cd"), 0);
    assert_string_equal((char *)buf.data, "12-abcd");
    assert_int_equal(buf_printf(&buf, "e"), -ENOBUFS); /* no room for the terminator */
    assert_int_equal(buf.len, 7);
    buf_done(&buf);
}

static void drops_from_the_front(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 16);
    assert_int_equal(buf_append(&buf, "abcdef", 6), 0);
    buf_consume(&buf, 2);
    assert_int_equal(buf.len, 4);
    assert_memory_equal(buf.data, "cdef", 4);
    buf_consume(&buf, 4);
    assert_int_equal(buf.len, 0);
    buf_consume(&buf, 0);
    buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_out_zeroed_and_aligned_memory),
        cmocka_unit_test(refuses_the_byte_over_its_cap_and_no_earlier),
        cmocka_unit_test(is_not_fooled_by_a_size_that_wraps),
        cmocka_unit_test(holds_what_is_larger_than_a_block),
        cmocka_unit_test(may_be_used_again_after_it_was_emptied),
        cmocka_unit_test(appends_up_to_its_maximum),
        cmocka_unit_test(grows_without_losing_what_it_holds),
        cmocka_unit_test(reserves_no_more_than_the_maximum),
        cmocka_unit_test(prints_with_a_terminator_that_is_not_counted),
        cmocka_unit_test(drops_from_the_front),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
