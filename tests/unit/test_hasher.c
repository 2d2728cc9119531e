/*
 * The pool that looks at passwords, with hashes that take as long as the test wants: the real ones'
 * place is taken at link time. "right" fits the hash "of right".
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/password/password.h"
#include "base/str.h"
#include "server/identity/hasher.h"

static struct {
    uv_mutex_t lock;
    uv_sem_t go; /* lets one hash be computed */
    int now, most;
    char order[HASHER_AT_ONCE + HASHER_WAITING_MAX + 1];
} pool;

bool password_verify(const char *hash, const char *prepared)
{
    uv_mutex_lock(&pool.lock);
    pool.order[strlen(pool.order)] = prepared[0];
    if (++pool.now > pool.most)
        pool.most = pool.now;
    uv_mutex_unlock(&pool.lock);
    uv_sem_wait(&pool.go);
    uv_mutex_lock(&pool.lock);
    pool.now--;
    uv_mutex_unlock(&pool.lock);
    return strncmp(hash, "of ", 3) == 0 && strcmp(hash + 3, prepared) == 0;
}

int password_hash(const char *prepared, char out[static PASSWORD_HASH_SIZE])
{
    if (strcmp(prepared, "too much") == 0)
        return -ENOMEM;
    snprintf(out, PASSWORD_HASH_SIZE, "new of %.100s", prepared);
    return 0;
}

bool password_is_outdated(const char *hash)
{
    return strcmp(hash, "of old") == 0;
}

void password_wipe(void *data, size_t len)
{
    memset(data, 0, len);
}

static uv_loop_t loop;
static struct hasher *hasher;

static struct {
    int answers;
    int error;
    bool good;
    char fresh[PASSWORD_HASH_SIZE];
} told;

static void take(void *context, int error, bool good, const char *fresh)
{
    (void)context;
    told.answers++;
    told.error = error;
    told.good = good;
    str_copy(told.fresh, sizeof(told.fresh), fresh);
}

static void let(int count)
{
    for (int i = 0; i < count; i++)
        uv_sem_post(&pool.go);
}

static void turn_until(int answers)
{
    while (told.answers < answers)
        uv_run(&loop, UV_RUN_ONCE);
}

/* So many hashes have been begun, or are in ten seconds. */
static void expect_begun(size_t count)
{
    size_t begun = 0;

    for (int ms = 0; begun < count && ms < 10000; ms++) {
        uv_mutex_lock(&pool.lock);
        begun = strlen(pool.order);
        uv_mutex_unlock(&pool.lock);
        if (begun < count)
            uv_sleep(1);
    }
    assert_int_equal(begun, count);
}

static void ask(const char *hash, const char *password, const char *next)
{
    told.answers = 0;
    assert_int_equal(hasher_check(hasher, hash, password, next, take, NULL), 0);
    let(1);
    turn_until(1);
}

static void says_whether_the_password_fits(void **state)
{
    (void)state;
    ask("of right", "right", NULL);
    assert_int_equal(told.error, 0);
    assert_true(told.good);
    assert_string_equal(told.fresh, "");
    ask("of right", "wrong", NULL);
    assert_false(told.good);
    ask("", "right", NULL);
    assert_false(told.good);
}

static void hashes_the_next_password_only_when_the_old_one_fits(void **state)
{
    (void)state;
    ask("of right", "right", "next");
    assert_string_equal(told.fresh, "new of next");
    ask("of right", "wrong", "next");
    assert_string_equal(told.fresh, "");
}

static void hashes_again_what_was_hashed_with_older_parameters(void **state)
{
    (void)state;
    ask("of old", "old", NULL);
    assert_true(told.good);
    assert_string_equal(told.fresh, "new of old");
}

static void says_that_memory_is_gone(void **state)
{
    (void)state;
    ask("of right", "right", "too much");
    assert_int_equal(told.error, -ENOMEM);
}

static void computes_so_many_at_a_time_and_the_others_in_their_order(void **state)
{
    const int count = HASHER_AT_ONCE + 6;
    char password[2] = "a";

    (void)state;
    for (int i = 0; i < count; i++, password[0]++)
        assert_int_equal(hasher_check(hasher, "of x", password, NULL, take, NULL), 0);
    for (int i = 1; i <= count; i++) {
        /* Two threads that begin at the same time would tell in either order. */
        expect_begun((size_t)(HASHER_AT_ONCE + i <= count ? HASHER_AT_ONCE + i - 1 : count));
        let(1);
        turn_until(i);
    }
    assert_int_equal(pool.most, HASHER_AT_ONCE);
    for (int i = HASHER_AT_ONCE; i < count; i++)
        assert_int_equal(pool.order[i], 'a' + i);
}

static void refuses_one_more_than_may_wait(void **state)
{
    const int most = HASHER_AT_ONCE + HASHER_WAITING_MAX;

    (void)state;
    for (int i = 0; i < most; i++)
        assert_int_equal(hasher_check(hasher, "of x", "x", NULL, take, NULL), 0);
    assert_int_equal(hasher_check(hasher, "of x", "x", NULL, take, NULL), -EBUSY);
    let(1);
    turn_until(1);
    assert_int_equal(hasher_check(hasher, "of x", "x", NULL, take, NULL), 0);
    let(most);
    turn_until(most + 1);
}

static void tells_everyone_who_waits_that_it_ends(void **state)
{
    (void)state;
    for (int i = 0; i < HASHER_AT_ONCE + 3; i++)
        assert_int_equal(hasher_check(hasher, "of x", "x", NULL, take, NULL), 0);
    hasher_free(hasher);
    hasher = NULL;
    assert_int_equal(told.answers, HASHER_AT_ONCE + 3);
    assert_int_equal(told.error, -ECANCELED);
    let(HASHER_AT_ONCE);
    uv_run(&loop, UV_RUN_DEFAULT); /* what was being computed ends, and tells nobody */
    assert_int_equal(told.answers, HASHER_AT_ONCE + 3);
}

static int set_up(void **state)
{
    (void)state;
    memset(&told, 0, sizeof(told));
    memset(&pool, 0, sizeof(pool));
    uv_mutex_init(&pool.lock);
    uv_sem_init(&pool.go, 0);
    uv_loop_init(&loop);
    hasher = hasher_new(&loop);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hasher_free(hasher);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    uv_sem_destroy(&pool.go);
    uv_mutex_destroy(&pool.lock);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(says_whether_the_password_fits),
        TEST(hashes_the_next_password_only_when_the_old_one_fits),
        TEST(hashes_again_what_was_hashed_with_older_parameters),
        TEST(says_that_memory_is_gone),
        TEST(computes_so_many_at_a_time_and_the_others_in_their_order),
        TEST(refuses_one_more_than_may_wait),
        TEST(tells_everyone_who_waits_that_it_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
