/* The queue between the loop and the record's writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "media/relay/ring.h"

enum { SIZE = 256, ITEMS = 20000 };

static void gives_items_in_order_across_its_end(void **state)
{
    struct ring ring;
    char out[64];

    (void)state;
    ring_init(&ring, SIZE);
    for (int i = 0; i < 100; i++) {
        char head[3] = {(char)i, 'h', '0'};
        assert_true(ring_put(&ring, head, sizeof(head), "a body of text", 14, 0));
        assert_int_equal(ring_take(&ring, out, sizeof(out)), 17);
        assert_int_equal(out[0], (char)i);
        assert_memory_equal(out + 3, "a body of text", 14);
    }
    assert_int_equal(ring_take(&ring, out, sizeof(out)), 0);
    ring_done(&ring);
}

static void takes_no_more_than_fits_and_keeps_what_is_reserved(void **state)
{
    struct ring ring;
    char out[64];
    int count = 0;

    (void)state;
    ring_init(&ring, SIZE);
    while (ring_put(&ring, "0123456789ab", 12, NULL, 0, 64))
        count++;
    assert_int_equal(count, (SIZE - 64) / 16);
    assert_true(ring_put(&ring, "order", 5, NULL, 0, 0));
    for (int i = 0; i < count; i++)
        assert_int_equal(ring_take(&ring, out, sizeof(out)), 12);
    assert_int_equal(ring_take(&ring, out, sizeof(out)), 5);
    assert_memory_equal(out, "order", 5);
    ring_done(&ring);
}

static void *put_all(void *context)
{
    for (uint32_t i = 0; i < ITEMS; i++) {
        while (!ring_put(context, &i, sizeof(i), "padding of some length", i % 23, 0))
            sched_yield();
    }
    return NULL;
}

static void passes_everything_from_one_thread_to_another(void **state)
{
    struct ring ring;
    pthread_t thread;
    char out[64];

    (void)state;
    ring_init(&ring, SIZE);
    assert_int_equal(pthread_create(&thread, NULL, put_all, &ring), 0);
    for (uint32_t i = 0; i < ITEMS; i++) {
        uint32_t number;
        size_t len;
        while (!(len = ring_take(&ring, out, sizeof(out))))
            sched_yield();
        memcpy(&number, out, sizeof(number));
        assert_int_equal(number, i);
        assert_int_equal(len, sizeof(number) + i % 23);
    }
    pthread_join(thread, NULL);
    ring_done(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_items_in_order_across_its_end),
        cmocka_unit_test(takes_no_more_than_fits_and_keeps_what_is_reserved),
        cmocka_unit_test(passes_everything_from_one_thread_to_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
