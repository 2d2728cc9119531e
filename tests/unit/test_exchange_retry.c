/* How long whoever cannot reach the centre waits. It is asked for, not waited for: the timer says
 * when it is due. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "server/exchange/retry.h"

enum { TRIES = 400 };

struct owner {
    struct retry retry;
    int again;
};

static uv_loop_t loop;
static struct owner owner;

static void count_again(void *data)
{
    ((struct owner *)data)->again++;
}

static int begin(void **state)
{
    (void)state;
    owner = (struct owner){0};
    assert_int_equal(uv_loop_init(&loop), 0);
    retry_init(&owner.retry, &loop, "test.away", count_again, &owner);
    return 0;
}

static int end(void **state)
{
    (void)state;
    retry_close(&owner.retry, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    return 0;
}

/* In ms. */
static uint64_t wait_after_failure(void)
{
    retry_failed(&owner.retry, "pushing", "away");
    assert_true(uv_is_active((uv_handle_t *)&owner.retry.timer));
    return uv_timer_get_due_in(&owner.retry.timer);
}

static void each_failure_waits_twice_as_long_up_to_the_most(void **state)
{
    uint64_t most = RETRY_LEAST_MS;

    (void)state;
    for (int i = 0; i < 12; i++) {
        assert_in_range(wait_after_failure(), most / 2, most);
        most = most * 2 < RETRY_MOST_MS ? most * 2 : RETRY_MOST_MS;
    }
    assert_int_equal(most, RETRY_MOST_MS);
    assert_int_equal(owner.retry.failures, 12);
    assert_int_equal(owner.again, 0);
}

/* By chance there are waits in each quarter of what a wait may be. */
static void courts_that_failed_together_do_not_come_back_together(void **state)
{
    const uint64_t half = RETRY_LEAST_MS / 2;
    int seen[4] = {0};

    (void)state;
    for (int i = 0; i < TRIES; i++) {
        const uint64_t more = wait_after_failure() - half;

        assert_in_range(more, 0, half);
        seen[more * 4 / (half + 1)]++;
        retry_recovered(&owner.retry);
    }
    for (int i = 0; i < 4; i++)
        assert_true(seen[i] > 0);
}

static void what_works_again_begins_with_the_least(void **state)
{
    (void)state;
    assert_false(retry_recovered(&owner.retry));
    for (int i = 0; i < 8; i++)
        wait_after_failure();
    assert_true(owner.retry.failing);
    assert_true(retry_recovered(&owner.retry));
    assert_false(owner.retry.failing);
    assert_false(retry_recovered(&owner.retry));
    assert_in_range(wait_after_failure(), RETRY_LEAST_MS / 2, RETRY_LEAST_MS);
}

static void it_is_tried_again_once_by_the_timer_only(void **state)
{
    (void)state;
    retry_after(&owner.retry, 0);
    assert_int_equal(owner.again, 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(owner.again, 1);
    retry_after(&owner.retry, 0);
    retry_stop(&owner.retry);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(owner.again, 1);
}

static void what_the_other_side_refused_is_counted_by_its_code(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 1024);
    retry_failed_call(&owner.retry, "pushing", -ECONNREFUSED, REFUSAL_NONE);
    retry_failed_call(&owner.retry, "pushing", 0, REFUSAL_NOT_SAVED);
    retry_failed_call(&owner.retry, "pushing", 0, REFUSAL_NOT_SAVED);
    assert_int_equal(retry_metrics(&owner.retry, "push", &text), 0);
    assert_int_equal(buf_append(&text, "", 1), 0);
    assert_string_equal((const char *)text.data, "# TYPE push_failures_total counter\n"
                                                 "push_failures_total 3\n"
                                                 "# TYPE push_refused_total counter\n"
                                                 "push_refused_total{code=\"not_saved\"} 2\n");
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_failure_waits_twice_as_long_up_to_the_most, begin,
                                        end),
        cmocka_unit_test_setup_teardown(courts_that_failed_together_do_not_come_back_together,
                                        begin, end),
        cmocka_unit_test_setup_teardown(what_works_again_begins_with_the_least, begin, end),
        cmocka_unit_test_setup_teardown(it_is_tried_again_once_by_the_timer_only, begin, end),
        cmocka_unit_test_setup_teardown(what_the_other_side_refused_is_counted_by_its_code, begin,
                                        end),
    };

    log_set_level(LOG_ERROR); /* hundreds of failures are meant */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
