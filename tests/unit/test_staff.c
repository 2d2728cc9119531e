/* Staff who sign in, their sessions and their passwords, against a real PostgreSQL. */
#include "staff_fixture.h"

/* ---- signing in ---- */

static void signs_in_whom_the_password_fits(void **state)
{
    (void)state;
    add("bao", false);
    struct outcome in = sign_in("  Bao ", PASSWORD, new_address());
    assert_int_equal(in.refusal, REFUSAL_NONE);
    assert_string_equal(in.who.login, "bao");
    assert_string_equal(in.who.name, "Trần Quốc Bảo");
    assert_int_equal(in.who.role, ASSIZE__STAFF__V1__ROLE__ROLE_CLERK);
    assert_in_range(in.who.expires_ms - clock_wall_ms(), 11 * 3600 * 1000, 12 * 3600 * 1000);
    assert_int_equal(find(in.token), REFUSAL_NONE);
    assert_int_equal(cluster_number(&cluster, "SELECT count(*) FROM sign_in_failure"
                                              " WHERE bucket = sign_in_bucket('bao')"),
                     0);
}

static void hashes_a_password_again_under_the_parameters_of_today(void **state)
{
    (void)state;
    add_with_hash("older", false, OLD_HASH_OF(PASSWORD));
    assert_int_equal(sign_in("older", PASSWORD, new_address()).refusal, REFUSAL_NONE);
    assert_int_equal(cluster_number(&cluster, "SELECT count(*) FROM account WHERE login = 'older'"
                                              " AND password = '" HASH_OF(PASSWORD) "'"),
                     1);
    assert_int_equal(sign_in("older", PASSWORD, new_address()).refusal, REFUSAL_NONE);
}

static void answers_alike_whoever_is_not_let_in(void **state)
{
    (void)state;
    add("off", false);
    assert_int_equal(admin_account_disable(admin, "off"), 0);
    assert_int_equal(sign_in("off", PASSWORD, new_address()).refusal, REFUSAL_SIGN_IN_WRONG);
    assert_int_equal(sign_in("off", "x", new_address()).refusal, REFUSAL_SIGN_IN_WRONG);
    assert_int_equal(sign_in("nobody", PASSWORD, new_address()).refusal, REFUSAL_SIGN_IN_WRONG);
    assert_int_equal(sign_in("", "", new_address()).refusal, REFUSAL_SIGN_IN_WRONG);
    assert_int_equal(sign_in("Đ\xe1\xbb\x97", "a\tb", new_address()).refusal,
                     REFUSAL_SIGN_IN_WRONG);
    assert_int_equal(admin_account_enable(admin, "off"), 0);
    assert_int_equal(sign_in("off", PASSWORD, new_address()).refusal, REFUSAL_NONE);
}

static void gives_a_new_token_and_ends_the_browsers_old_session(void **state)
{
    (void)state;
    add("again", false);
    struct outcome first = sign_in("again", PASSWORD, new_address());
    struct outcome second = sign_in_with("again", PASSWORD, new_address(), first.token);
    assert_string_not_equal(first.token, second.token);
    assert_int_equal(find(second.token), REFUSAL_NONE);
    assert_int_equal(find(first.token), REFUSAL_STAFF_NOT_SIGNED_IN);
}

static void keeps_no_token(void **state)
{
    char sql[256];

    (void)state;
    add("kept", false);
    struct outcome in = sign_in("kept", PASSWORD, new_address());
    snprintf(sql, sizeof(sql),
             "SELECT count(*) FROM staff_session s WHERE row_to_json(s)::text LIKE '%%%s%%'",
             in.token);
    assert_int_equal(cluster_number(&cluster, sql), 0);
}

/* ---- sessions ---- */

static void refuses_a_session_from_the_moment_it_ends(void **state)
{
    (void)state;
    add("ended", false);
    struct outcome one = sign_in("ended", PASSWORD, new_address());
    struct outcome other = sign_in("ended", PASSWORD, new_address());
    assert_int_equal(admin_account_end(admin, one.who.id), 0);
    assert_int_equal(find(one.token), REFUSAL_STAFF_NOT_SIGNED_IN);
    assert_int_equal(find(other.token), REFUSAL_NONE);
    assert_int_equal(admin_account_end(admin, "ended"), 0);
    assert_int_equal(find(other.token), REFUSAL_STAFF_NOT_SIGNED_IN);
    assert_int_equal(admin_account_end(admin, "none"), -ENOENT);
}

static void refuses_the_sessions_of_an_account_from_the_moment_it_is_disabled(void **state)
{
    (void)state;
    add("gone", false);
    struct outcome in = sign_in("gone", PASSWORD, new_address());
    assert_int_equal(admin_account_disable(admin, "gone"), 0);
    assert_int_equal(find(in.token), REFUSAL_STAFF_NOT_SIGNED_IN);
    assert_int_equal(admin_account_enable(admin, "gone"), 0);
    assert_int_equal(find(in.token), REFUSAL_STAFF_NOT_SIGNED_IN);
}

static void ends_a_session_that_is_not_used(void **state)
{
    (void)state;
    add("idle", false);
    struct outcome in = sign_in("idle", PASSWORD, new_address());
    run_sql("UPDATE staff_session SET seen_at = seen_at - interval '59 minutes',"
            " idle_at = idle_at - interval '59 minutes'");
    assert_int_equal(find(in.token), REFUSAL_NONE); /* which is a use */
    run_sql("UPDATE staff_session SET seen_at = seen_at - interval '59 minutes',"
            " idle_at = idle_at - interval '59 minutes'");
    assert_int_equal(find(in.token), REFUSAL_NONE);
    run_sql("UPDATE staff_session SET seen_at = seen_at - interval '61 minutes',"
            " idle_at = idle_at - interval '61 minutes'");
    assert_int_equal(find(in.token), REFUSAL_STAFF_NOT_SIGNED_IN);
}

static void ends_a_session_when_its_time_is_over_however_much_it_is_used(void **state)
{
    (void)state;
    add("over", false);
    struct outcome in = sign_in("over", PASSWORD, new_address());
    run_sql("UPDATE staff_session SET expires_at = now()");
    assert_int_equal(find(in.token), REFUSAL_STAFF_NOT_SIGNED_IN);
}

static void ends_the_session_used_longest_ago_when_there_are_too_many(void **state)
{
    char sql[256];

    (void)state;
    add("many", false);
    struct outcome in = sign_in("many", PASSWORD, new_address());
    snprintf(sql, sizeof(sql),
             "SELECT staff_session_make('%s', sha256(int4send(n)), '10.0.0.1', '', 12, 3600, %d)"
             " FROM generate_series(1, %d) n",
             in.who.account, ACCOUNT_SESSIONS_MAX, ACCOUNT_SESSIONS_MAX - 1);
    run_sql(sql);
    assert_int_equal(find(in.token), REFUSAL_NONE);
    run_sql("UPDATE staff_session SET seen_at = seen_at - interval '2 seconds'");
    snprintf(sql, sizeof(sql),
             "UPDATE staff_session SET seen_at = seen_at - interval '9 seconds' WHERE id = '%s'",
             in.who.id);
    run_sql(sql);
    sign_in("many", PASSWORD, new_address());
    assert_int_equal(find(in.token), REFUSAL_STAFF_NOT_SIGNED_IN);
    assert_int_equal(cluster_number(&cluster, "SELECT count(*) FROM live_staff"
                                              " WHERE login = 'many'"),
                     ACCOUNT_SESSIONS_MAX);
}

static void knows_nobody_by_a_token_it_never_gave(void **state)
{
    (void)state;
    assert_int_equal(find(""), REFUSAL_STAFF_NOT_SIGNED_IN);
    assert_int_equal(find("x"), REFUSAL_STAFF_NOT_SIGNED_IN);
    assert_int_equal(find("' OR true --"), REFUSAL_STAFF_NOT_SIGNED_IN);
}

static void take_nobody(void *context, enum refusal refusal, const struct staff_session *who)
{
    bool *told = context;

    *told = true;
    assert_int_equal(refusal, REFUSAL_NONE);
    assert_null(who);
}

static void signs_out(void **state)
{
    bool told = false;

    (void)state;
    add("leaving", false);
    struct outcome in = sign_in("leaving", PASSWORD, new_address());
    staff_sign_out(staff, in.token, take_nobody, &told);
    client_wait(&client, &told);
    assert_int_equal(find(in.token), REFUSAL_STAFF_NOT_SIGNED_IN);
}

/* ---- changing a password ---- */

static void lets_someone_with_a_given_password_do_nothing_but_change_it(void **state)
{
    struct outcome current = {0};

    (void)state;
    add("given", true);
    struct outcome in = sign_in("given", PASSWORD, new_address());
    assert_int_equal(in.refusal, REFUSAL_NONE);
    assert_true(in.who.must_change);
    assert_int_equal(find(in.token), REFUSAL_PASSWORD_MUST_CHANGE);
    staff_current(staff, in.token, take_who, &current);
    client_wait(&client, &current.told);
    assert_int_equal(current.refusal, REFUSAL_NONE);
    struct outcome changed = change(&in, PASSWORD, NEXT);
    assert_int_equal(changed.refusal, REFUSAL_NONE);
    assert_false(changed.who.must_change);
    assert_int_equal(find(changed.token), REFUSAL_NONE);
}

static void signs_out_everywhere_when_a_password_is_changed(void **state)
{
    (void)state;
    add("everywhere", false);
    struct outcome here = sign_in("everywhere", PASSWORD, new_address());
    struct outcome there = sign_in("everywhere", PASSWORD, new_address());
    struct outcome changed = change(&here, PASSWORD, NEXT);
    assert_int_equal(changed.refusal, REFUSAL_NONE);
    assert_int_equal(find(here.token), REFUSAL_STAFF_NOT_SIGNED_IN);
    assert_int_equal(find(there.token), REFUSAL_STAFF_NOT_SIGNED_IN);
    assert_int_equal(find(changed.token), REFUSAL_NONE);
    assert_int_equal(sign_in("everywhere", PASSWORD, new_address()).refusal, REFUSAL_SIGN_IN_WRONG);
    assert_int_equal(sign_in("everywhere", NEXT, new_address()).refusal, REFUSAL_NONE);
}

static void takes_no_new_password_that_the_rules_refuse(void **state)
{
    char longest[PASSWORD_BYTES_MAX + 2];

    (void)state;
    add("ruled", false);
    struct outcome in = sign_in("ruled", PASSWORD, new_address());
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(change(&in, PASSWORD, "short").refusal, REFUSAL_PASSWORD_SHORT);
    assert_int_equal(change(&in, PASSWORD, "matkhau123456").refusal, REFUSAL_PASSWORD_COMMON);
    assert_int_equal(change(&in, PASSWORD, PASSWORD).refusal, REFUSAL_PASSWORD_SAME);
    assert_int_equal(change(&in, PASSWORD, longest).refusal, REFUSAL_PASSWORD_LONG);
    assert_int_equal(change(&in, PASSWORD, "").refusal, REFUSAL_PASSWORD_UNREADABLE);
    assert_int_equal(change(&in, "wrong", NEXT).refusal, REFUSAL_PASSWORD_WRONG);
    assert_int_equal(find(in.token), REFUSAL_NONE);
    assert_int_equal(change(&in, PASSWORD, NEXT).refusal, REFUSAL_NONE);
}

static void changes_no_password_of_someone_who_is_not_signed_in(void **state)
{
    const struct outcome nobody = {.token = "x"};

    (void)state;
    assert_int_equal(change(&nobody, PASSWORD, NEXT).refusal, REFUSAL_STAFF_NOT_SIGNED_IN);
}

/* ---- the end ---- */

static void answers_everyone_who_waits_when_it_ends(void **state)
{
    struct outcome outcomes[6] = {0};
    struct client other;

    (void)state;
    client_open(&other, cluster.conninfo);
    client_wait_up(&other);
    struct staff *ending = staff_new(&other.loop, other.db, 12);
    for (int i = 0; i < 6; i++) {
        const struct staff_place place = {new_address(), "agent", ""};
        staff_sign_in(ending, &place, "nobody", "x", take, &outcomes[i]);
    }
    db_free(other.db);
    other.db = NULL;
    staff_free(ending);
    for (int i = 0; i < 6; i++) {
        assert_true(outcomes[i].told);
        assert_int_equal(outcomes[i].refusal, REFUSAL_DATABASE_AWAY);
    }
    client_close(&other);
}

static void says_that_the_database_is_away(void **state)
{
    const struct staff_place place = {"10.0.0.1", "agent", ""};
    struct outcome outcome = {0}, found = {0};
    struct client away;

    (void)state;
    client_open(&away, "host=/nowhere dbname=none");
    struct staff *lost = staff_new(&away.loop, away.db, 12);
    staff_sign_in(lost, &place, "bao", PASSWORD, take, &outcome);
    client_wait(&away, &outcome.told);
    assert_int_equal(outcome.refusal, REFUSAL_DATABASE_AWAY);
    staff_find(lost, "x", take_who, &found);
    client_wait(&away, &found.told);
    assert_int_equal(found.refusal, REFUSAL_DATABASE_AWAY);
    db_free(away.db);
    away.db = NULL;
    staff_free(lost);
    client_close(&away);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_in_whom_the_password_fits),
        cmocka_unit_test(hashes_a_password_again_under_the_parameters_of_today),
        cmocka_unit_test(answers_alike_whoever_is_not_let_in),
        cmocka_unit_test(gives_a_new_token_and_ends_the_browsers_old_session),
        cmocka_unit_test(keeps_no_token),
        cmocka_unit_test(refuses_a_session_from_the_moment_it_ends),
        cmocka_unit_test(refuses_the_sessions_of_an_account_from_the_moment_it_is_disabled),
        cmocka_unit_test(ends_a_session_that_is_not_used),
        cmocka_unit_test(ends_a_session_when_its_time_is_over_however_much_it_is_used),
        cmocka_unit_test(ends_the_session_used_longest_ago_when_there_are_too_many),
        cmocka_unit_test(knows_nobody_by_a_token_it_never_gave),
        cmocka_unit_test(signs_out),
        cmocka_unit_test(lets_someone_with_a_given_password_do_nothing_but_change_it),
        cmocka_unit_test(signs_out_everywhere_when_a_password_is_changed),
        cmocka_unit_test(takes_no_new_password_that_the_rules_refuse),
        cmocka_unit_test(changes_no_password_of_someone_who_is_not_signed_in),
        cmocka_unit_test(answers_everyone_who_waits_when_it_ends),
        cmocka_unit_test(says_that_the_database_is_away),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
