/* How what was held goes on: one step at a time, and what failed later. The database is the test's:
 * exchange_store_go_on stands here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "db/exchange_store.h"
#include "server/exchange/onward.h"

static uv_loop_t loop;
static struct onward onward;
static struct {
    exchange_go_on_callback callback;
    void *context;
    int asked;
} database;
static char told[64];

void exchange_store_go_on(struct db *db, exchange_go_on_callback callback, void *context)
{
    (void)db;
    assert_null(database.callback); /* one step at a time */
    database.callback = callback;
    database.context = context;
    database.asked++;
}

static void tell(void *context, const char *organisations)
{
    (void)context;
    snprintf(told, sizeof(told), "%s", organisations);
}

static void answer(int error, bool due, const char *failed)
{
    const struct exchange_after after = {.told = "DEMO", .due = due, .failed = failed};
    exchange_go_on_callback callback = database.callback;

    assert_non_null(callback);
    database.callback = NULL;
    callback(database.context, error, error ? NULL : &after);
}

static int open_onward(void **state)
{
    (void)state;
    memset(&database, 0, sizeof(database));
    told[0] = '\0';
    uv_loop_init(&loop);
    onward_init(&onward, &loop, NULL, tell, NULL);
    return 0;
}

static int close_onward(void **state)
{
    (void)state;
    onward_close(&onward, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop);
}

static void goes_on_one_step_at_a_time_until_nothing_is_due(void **state)
{
    (void)state;
    onward_go(&onward);
    onward_go(&onward);
    assert_int_equal(database.asked, 1);
    answer(0, true, "");
    assert_string_equal(told, "DEMO");
    assert_int_equal(database.asked, 2);
    answer(0, false, "");
    assert_int_equal(database.asked, 2);
    assert_false(uv_is_active((uv_handle_t *)&onward.again));
}

/* A minute is not waited for. */
static void let_it_be_later(void)
{
    uint64_t left = uv_timer_get_due_in(&onward.again);

    assert_true(uv_is_active((uv_handle_t *)&onward.again));
    assert_true(left > 60000 && left <= ONWARD_AGAIN_MS);
    uv_timer_start(&onward.again, onward.again.timer_cb, 0, 0);
    uv_run(&loop, UV_RUN_NOWAIT);
}

static void tries_again_later_what_failed_and_goes_on_with_others(void **state)
{
    (void)state;
    onward_go(&onward);
    answer(0, true, "VN.FAIL bad AS002");
    assert_int_equal(database.asked, 2);
    answer(0, false, "");
    let_it_be_later();
    assert_int_equal(database.asked, 3);
    answer(0, false, "");
    assert_false(uv_is_active((uv_handle_t *)&onward.again));
}

static void looks_again_for_what_failed_before_the_start(void **state)
{
    (void)state;
    onward_database_up(&onward);
    answer(0, false, "");
    let_it_be_later();
    assert_int_equal(database.asked, 2);
    answer(0, false, "");
}

static void begins_anew_when_the_database_is_back(void **state)
{
    (void)state;
    onward_go(&onward);
    answer(-EAGAIN, false, "");
    assert_int_equal(database.asked, 1);
    onward_database_up(&onward);
    assert_int_equal(database.asked, 2);
    answer(0, false, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(goes_on_one_step_at_a_time_until_nothing_is_due,
                                        open_onward, close_onward),
        cmocka_unit_test_setup_teardown(tries_again_later_what_failed_and_goes_on_with_others,
                                        open_onward, close_onward),
        cmocka_unit_test_setup_teardown(looks_again_for_what_failed_before_the_start, open_onward,
                                        close_onward),
        cmocka_unit_test_setup_teardown(begins_anew_when_the_database_is_back, open_onward,
                                        close_onward),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
