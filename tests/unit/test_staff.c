/* Staff who sign in, and those who guess, against a real PostgreSQL. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/password/password.h"
#include "base/str.h"
#include "cluster.h"
#include "db/admin_account.h"
#include "server/identity/staff.h"

/* What stands for hashes here, made at once: test_password has the real ones. */
#define HASH_OF(password)     "$argon2id$now$" password
#define OLD_HASH_OF(password) "$argon2id$old$" password

#define PASSWORD "con mèo ngủ trên mái nhà"
#define NEXT     "sáng nay trời mưa to"

enum { PREFIX = sizeof(HASH_OF("")) - 1 };

bool password_verify(const char *hash, const char *prepared)
{
    return strlen(hash) > PREFIX && strcmp(hash + PREFIX, prepared) == 0;
}

int password_hash(const char *prepared, char out[static PASSWORD_HASH_SIZE])
{
    snprintf(out, PASSWORD_HASH_SIZE, HASH_OF("%.100s"), prepared);
    return 0;
}

bool password_is_outdated(const char *hash)
{
    return strncmp(hash, OLD_HASH_OF(""), PREFIX) == 0;
}

void password_wipe(void *data, size_t len)
{
    memset(data, 0, len);
}

static struct cluster cluster;
static struct client client;
static struct admin *admin;
static struct staff *staff;
static int places; /* addresses used so far */

struct outcome {
    bool told;
    enum refusal refusal;
    int wait_s;
    struct staff_session who;
    char token[ID_TOKEN_SIZE];
};

static void take(void *context, enum refusal refusal, int wait_s, const struct staff_session *who,
                 const char *token)
{
    struct outcome *outcome = context;

    outcome->told = true;
    outcome->refusal = refusal;
    outcome->wait_s = wait_s;
    assert_true(!refusal == (who != NULL) && !refusal == (token != NULL));
    if (who) {
        outcome->who = *who;
        str_copy(outcome->token, sizeof(outcome->token), token);
    }
}

static void take_who(void *context, enum refusal refusal, const struct staff_session *who)
{
    take(context, refusal, 0, who, who ? "" : NULL);
}

/* An address of this test only. */
static const char *new_address(void)
{
    static char address[ACCOUNT_ADDRESS_SIZE];

    places++;
    snprintf(address, sizeof(address), "10.1.%d.%d", places / 250, places % 250 + 1);
    return address;
}

static struct outcome sign_in_with(const char *login, const char *password, const char *address,
                                   const char *old_token)
{
    const struct staff_place place = {address, "agent", old_token};
    struct outcome outcome = {0};

    staff_sign_in(staff, &place, login, password, take, &outcome);
    client_wait(&client, &outcome.told);
    return outcome;
}

static struct outcome sign_in(const char *login, const char *password, const char *address)
{
    return sign_in_with(login, password, address, "");
}

static struct outcome change(const struct outcome *signed_in, const char *old, const char *next)
{
    const struct staff_place place = {new_address(), "agent", signed_in->token};
    struct outcome outcome = {0};

    staff_change_password(staff, &place, old, next, take, &outcome);
    client_wait(&client, &outcome.told);
    return outcome;
}

static enum refusal find(const char *token)
{
    struct outcome outcome = {0};

    staff_find(staff, token, take_who, &outcome);
    client_wait(&client, &outcome.told);
    return outcome.refusal;
}

static void add_with_hash(const char *login, bool must_change, const char *hash)
{
    struct admin_account account = {.role = ASSIZE__STAFF__V1__ROLE__ROLE_CLERK,
                                    .must_change = must_change};

    str_copy(account.login, sizeof(account.login), login);
    str_copy(account.name, sizeof(account.name), "Trần Quốc Bảo");
    assert_int_equal(admin_account_add(admin, &account, hash), 0);
}

static void add(const char *login, bool must_change)
{
    add_with_hash(login, must_change, HASH_OF(PASSWORD));
}

static void run_sql(const char *sql)
{
    assert_int_equal(cluster_script(&cluster, sql), 0);
}

/* Lets time go by for those who failed. */
static void age_failures(int seconds)
{
    char sql[128];

    snprintf(sql, sizeof(sql),
             "UPDATE sign_in_failure SET last_at = last_at - interval '%d seconds'", seconds);
    run_sql(sql);
}

/* As if they had failed in a minute, so that a slow machine does not wait it out. */
static void hold_failures(void)
{
    age_failures(-60);
}

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

/* ---- those who guess ---- */

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

static int set_up(void **state)
{
    (void)state;
    cluster_make(&cluster);
    assert_int_equal(admin_open(cluster.conninfo, &admin), 0);
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    staff = staff_new(&client.loop, client.db, 12);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    admin_close(admin);
    db_free(client.db);
    client.db = NULL;
    staff_free(staff);
    client_close(&client);
    cluster_remove(&cluster);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_in_whom_the_password_fits),
        cmocka_unit_test(hashes_a_password_again_under_the_parameters_of_today),
        cmocka_unit_test(answers_alike_whoever_is_not_let_in),
        cmocka_unit_test(gives_a_new_token_and_ends_the_browsers_old_session),
        cmocka_unit_test(keeps_no_token),
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
