/* Those who guess passwords, against a real PostgreSQL. */
#include "staff_fixture.h"

static void holds_up_who_failed_three_times(void **state)
{
    const char *address = new_address();

    (void)state;
    add("slow", false);
    for (int i = 0; i < 3; i++)
        assert_int_equal(sign_in("slow", "wrong", address).refusal, REFUSAL_SIGN_IN_WRONG);
    hold_failures();
    assert_int_equal(sign_in("slow", PASSWORD, address).refusal, REFUSAL_SIGN_IN_WAIT);
    age_failures(62);
    assert_int_equal(sign_in("slow", PASSWORD, address).refusal, REFUSAL_NONE);
    assert_int_equal(sign_in("slow", "wrong", address).refusal, REFUSAL_SIGN_IN_WRONG);
}

static void doubles_the_wait_with_each_failure_up_to_a_quarter_of_an_hour(void **state)
{
    static const struct {
        int failures, wait_s;
    } rows[] = {{9, 64}, {10, 128}, {11, 256}, {12, 512}, {13, 900}, {1000, 900}};
    const char *address = new_address();
    char sql[256];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(sql, sizeof(sql),
                 "INSERT INTO sign_in_failure VALUES (sign_in_bucket('doubled'), '%s', %d, now())"
                 " ON CONFLICT (bucket, address) DO UPDATE"
                 " SET failures = excluded.failures, last_at = now()",
                 address, rows[i].failures);
        run_sql(sql);
        struct outcome held = sign_in("doubled", "x", address);
        assert_int_equal(held.refusal, REFUSAL_SIGN_IN_WAIT);
        assert_in_range(held.wait_s, rows[i].wait_s / 2 + 1, rows[i].wait_s);
    }
}

static void counts_a_login_that_nobody_has_like_any_other(void **state)
{
    const char *address = new_address();

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(sign_in("nobody.here", "x", address).refusal, REFUSAL_SIGN_IN_WRONG);
    hold_failures();
    assert_int_equal(sign_in("nobody.here", "x", address).refusal, REFUSAL_SIGN_IN_WAIT);
    assert_int_equal(cluster_number(&cluster, "SELECT count(*) FROM sign_in_failure f WHERE"
                                              " row_to_json(f)::text LIKE '%nobody%'"),
                     0);
}

static void looks_at_no_more_of_many_tries_at_once_than_of_as_many_in_a_row(void **state)
{
    struct outcome outcomes[12] = {0};
    const struct staff_place place = {new_address(), "agent", ""};
    int looked_at = 0;
    char sql[256];

    (void)state;
    add("storm", false);
    snprintf(sql, sizeof(sql),
             "INSERT INTO sign_in_failure"
             " VALUES (sign_in_bucket('storm'), '%s', 10, now() - interval '200 seconds')",
             place.address);
    run_sql(sql); /* so one more, and then none for minutes */
    for (int i = 0; i < 12; i++)
        staff_sign_in(staff, &place, "storm", "wrong", take, &outcomes[i]);
    for (int i = 0; i < 12; i++) {
        client_wait(&client, &outcomes[i].told);
        looked_at += outcomes[i].refusal == REFUSAL_SIGN_IN_WRONG;
    }
    assert_int_equal(looked_at, 1);
}

static void holds_up_an_address_that_tries_many_logins(void **state)
{
    const char *address = new_address();
    char sql[256];

    (void)state;
    snprintf(sql, sizeof(sql),
             "INSERT INTO sign_in_failure VALUES (-1, '%s', 29, clock_timestamp())", address);
    run_sql(sql);
    add("bystander", false);
    assert_int_equal(sign_in("bystander", PASSWORD, address).refusal, REFUSAL_SIGN_IN_WAIT);
    assert_int_equal(sign_in("bystander", PASSWORD, new_address()).refusal, REFUSAL_NONE);
}

static void makes_good_ones_own_failures_and_not_those_of_others(void **state)
{
    const char *address = new_address();
    char sql[256];

    (void)state;
    add("own", false);
    sign_in("own", "wrong", address);
    sign_in("someone.else", "wrong", address);
    assert_int_equal(sign_in("own", PASSWORD, address).refusal, REFUSAL_NONE);
    snprintf(sql, sizeof(sql),
             "SELECT failures FROM sign_in_failure WHERE bucket = -1 AND address = '%s'", address);
    assert_int_equal(cluster_number(&cluster, sql), 1);
}

static void keeps_who_guesses_from_everywhere_out_and_lets_the_owner_in_at_home(void **state)
{
    char home[ACCOUNT_ADDRESS_SIZE];

    (void)state;
    add("hunted", false);
    str_copy(home, sizeof(home), new_address());
    assert_int_equal(sign_in("hunted", PASSWORD, home).refusal, REFUSAL_NONE);
    run_sql("INSERT INTO sign_in_failure"
            " VALUES (sign_in_bucket('hunted'), '', 30, clock_timestamp())");
    struct outcome stranger = sign_in("hunted", PASSWORD, new_address());
    assert_int_equal(stranger.refusal, REFUSAL_SIGN_IN_WAIT);
    assert_in_range(stranger.wait_s, 500, 900);
    assert_int_equal(sign_in("hunted", PASSWORD, home).refusal, REFUSAL_NONE);
}

static void takes_the_addresses_of_one_ipv6_network_for_one(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        sign_in("neighbour", "x", i ? "2001:db8:7:7::1" : "2001:db8:7:7:ffff::2");
    hold_failures();
    assert_int_equal(sign_in("neighbour", "x", "2001:db8:7:7:1:2:3:4").refusal,
                     REFUSAL_SIGN_IN_WAIT);
    assert_int_equal(sign_in("neighbour", "x", "2001:db8:7:8::1").refusal, REFUSAL_SIGN_IN_WRONG);
}

static void forgets_failures_of_long_ago(void **state)
{
    (void)state;
    sign_in("ago", "x", new_address());
    age_failures(7 * 3600);
    sign_in("ago.too", "x", new_address());
    assert_int_equal(cluster_number(&cluster, "SELECT count(*) FROM sign_in_failure"), 3);
}

static void limits_tries_from_one_address_before_the_database_is_asked(void **state)
{
    const char *address = new_address();
    struct outcome outcomes[STAFF_TRIES_PER_ADDRESS + 1] = {0};
    const struct staff_place place = {address, "agent", ""};

    (void)state;
    for (int i = 0; i <= STAFF_TRIES_PER_ADDRESS; i++)
        staff_sign_in(staff, &place, "flood", "x", take, &outcomes[i]);
    assert_true(outcomes[STAFF_TRIES_PER_ADDRESS].told);
    assert_int_equal(outcomes[STAFF_TRIES_PER_ADDRESS].refusal, REFUSAL_RATE_LIMITED);
    assert_int_equal(outcomes[STAFF_TRIES_PER_ADDRESS].wait_s, 60);
    assert_int_equal(outcomes[STAFF_SIGN_INS_MAX].refusal, REFUSAL_BUSY);
    for (int i = 0; i <= STAFF_TRIES_PER_ADDRESS; i++)
        client_wait(&client, &outcomes[i].told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_up_who_failed_three_times),
        cmocka_unit_test(doubles_the_wait_with_each_failure_up_to_a_quarter_of_an_hour),
        cmocka_unit_test(counts_a_login_that_nobody_has_like_any_other),
        cmocka_unit_test(looks_at_no_more_of_many_tries_at_once_than_of_as_many_in_a_row),
        cmocka_unit_test(holds_up_an_address_that_tries_many_logins),
        cmocka_unit_test(makes_good_ones_own_failures_and_not_those_of_others),
        cmocka_unit_test(keeps_who_guesses_from_everywhere_out_and_lets_the_owner_in_at_home),
        cmocka_unit_test(takes_the_addresses_of_one_ipv6_network_for_one),
        cmocka_unit_test(forgets_failures_of_long_ago),
        cmocka_unit_test(limits_tries_from_one_address_before_the_database_is_asked),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
