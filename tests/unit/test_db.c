/* The connection on the loop, and migrations, against a real PostgreSQL. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cluster.h"
#include "db/admin.h"
#include "db/db_column.h"
#include "db/durable.h"
#include "db/migrate.h"
#include "db/monitor_store.h"

static struct cluster cluster;

struct answer {
    bool told;
    int error;
    int64_t number;
    int order; /* the how manieth answer it was */
    struct db *free_this;
};

static int answers;

static void take_answer(void *context, int error, const struct db_result *result)
{
    struct answer *answer = context;

    assert_false(answer->told);
    answer->told = true;
    answer->error = error;
    answer->order = ++answers;
    if (result && db_rows(result))
        answer->number = db_int(result, 0, 0);
    assert_true(error ? result == NULL : result != NULL);
    if (answer->free_this)
        db_free(answer->free_this);
}

static void ask(struct client *client, const char *sql, struct answer *answer)
{
    *answer = (struct answer){0};
    db_query(client->db, sql, NULL, 0, take_answer, answer);
    assert_false(answer->told); /* never from within db_query */
}

static int ask_and_wait(struct client *client, const char *sql)
{
    struct answer answer;

    ask(client, sql, &answer);
    client_wait(client, &answer.told);
    return answer.error;
}

static void answers_queries_in_the_order_they_were_asked(void **state)
{
    struct client client;
    struct answer first;
    struct answer second;
    struct answer third;

    (void)state;
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    answers = 0;
    ask(&client, "SELECT 11 FROM pg_sleep(0.02)", &first);
    ask(&client, "SELECT 12", &second);
    ask(&client, "SELECT 13", &third);
    client_wait(&client, &third.told);
    assert_int_equal(first.number, 11);
    assert_int_equal(first.order, 1);
    assert_int_equal(second.number, 12);
    assert_int_equal(second.order, 2);
    assert_int_equal(third.order, 3);
    assert_int_equal(client.ups, 1);
    assert_int_equal(client.downs, 0);
    client_close(&client);
}

static void take_bytes(void *context, int error, const struct db_result *result)
{
    bool *told = context;
    size_t len;

    assert_int_equal(error, 0);
    const uint8_t *bytes = db_bytes(result, 0, 0, &len);
    assert_int_equal(len, 4);
    assert_memory_equal(bytes, "\0\xff'\\", 4);
    assert_string_equal(db_text(result, 0, 1), "Nguyễn");
    assert_true(db_null(result, 0, 2));
    assert_string_equal(db_text(result, 0, 2), "");
    *told = true;
}

static void carries_bytes_texts_and_nulls_both_ways(void **state)
{
    struct client client;
    bool told = false;

    (void)state;
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    const struct db_param params[] = {DB_BYTES("\0\xff'\\", 4), DB_TEXT("Nguyễn"), DB_TEXT(NULL)};
    db_query(client.db, "SELECT $1::bytea, $2::text, $3::text", params, 3, take_bytes, &told);
    client_wait(&client, &told);
    client_close(&client);
}

static void take_columns(void *context, int error, const struct db_result *result)
{
    bool *told = context;

    assert_int_equal(error, 0);
    assert_string_equal(db_text(result, 0, 0), "{\"\\\\x00ff\",\"\\\\x\",NULL}");
    assert_string_equal(db_text(result, 0, 1), "{-9000000000,NULL}");
    assert_string_equal(db_text(result, 0, 2), "{-7}");
    assert_string_equal(db_text(result, 0, 3), "{\"Nguyễn \\\"A\\\"\",NULL,\"\"}");
    assert_string_equal(db_text(result, 0, 4), "{0190a1b2-c3d4-7e5f-8a6b-0123456789ab,NULL}");
    assert_string_equal(db_text(result, 0, 5), "{}");
    *told = true;
}

static void carries_columns_of_every_type(void **state)
{
    static const enum db_column_type types[] = {DB_COLUMN_BYTES,   DB_COLUMN_BIGINT,
                                                DB_COLUMN_INTEGER, DB_COLUMN_TEXT,
                                                DB_COLUMN_UUID,    DB_COLUMN_TEXT};
    struct db_column columns[6];
    struct db_param params[6];
    struct client client;
    bool told = false;

    (void)state;
    for (int i = 0; i < 6; i++)
        db_column_open(&columns[i], types[i]);
    db_column_add_bytes(&columns[0], (const uint8_t *)"\0\xff", 2);
    db_column_add_bytes(&columns[0], NULL, 0);
    db_column_add_null(&columns[0]);
    db_column_add_int(&columns[1], -9000000000);
    db_column_add_null(&columns[1]);
    db_column_add_int(&columns[2], -7);
    db_column_add_text(&columns[3], "Nguyễn \"A\"");
    db_column_add_text(&columns[3], NULL);
    db_column_add_text(&columns[3], "");
    db_column_add_text(&columns[4], "0190a1b2-c3d4-7e5f-8a6b-0123456789ab");
    db_column_add_text(&columns[4], NULL);
    for (int i = 0; i < 6; i++)
        params[i] = db_column_close(&columns[i]);
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    db_query(client.db,
             "SELECT $1::bytea[], $2::bigint[], $3::integer[], $4::text[], $5::uuid[], $6::text[]",
             params, 6, take_columns, &told);
    client_wait(&client, &told);
    client_close(&client);
    for (int i = 0; i < 6; i++)
        db_column_done(&columns[i]);
}

static void says_what_the_database_notifies(void **state)
{
    struct client client;

    (void)state;
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    assert_int_equal(ask_and_wait(&client, "LISTEN heard"), 0);
    assert_int_equal(cluster_script(&cluster, "NOTIFY unheard; NOTIFY heard"), 0);
    client_wait(&client, &client.notified);
    assert_int_equal(client.downs, 0);
    client_close(&client);
}

static void each_query_is_a_transaction_of_its_own(void **state)
{
    struct client client;
    struct answer bad;
    struct answer good;

    (void)state;
    assert_int_equal(cluster_script(&cluster, "CREATE TABLE own (n integer PRIMARY KEY)"), 0);
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    assert_int_equal(ask_and_wait(&client, "INSERT INTO own VALUES (1)"), 0);
    ask(&client, "INSERT INTO own VALUES (2), (1)", &bad);
    ask(&client, "INSERT INTO own VALUES (3)", &good);
    client_wait(&client, &good.told);
    assert_int_equal(bad.error, -EEXIST);
    assert_int_equal(good.error, 0);
    assert_int_equal(cluster_number(&cluster, "SELECT sum(n) FROM own"), 4);
    client_close(&client);
    assert_int_equal(cluster_script(&cluster, "DROP TABLE own"), 0);
}

static void a_commit_that_fails_is_an_error_whatever_the_rows_said(void **state)
{
    struct client client;
    struct answer bad, good;

    (void)state;
    assert_int_equal(cluster_script(&cluster, "CREATE TABLE late (n integer PRIMARY KEY,"
                                              " of integer REFERENCES late DEFERRABLE INITIALLY"
                                              " DEFERRED)"),
                     0);
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    ask(&client, "INSERT INTO late VALUES (1, 2) RETURNING n", &bad);
    ask(&client, "INSERT INTO late VALUES (3, 3) RETURNING n", &good);
    client_wait(&client, &good.told);
    assert_int_equal(bad.error, -EINVAL);
    assert_int_equal(good.error, 0);
    assert_int_equal(good.number, 3);
    assert_int_equal(cluster_number(&cluster, "SELECT sum(n) FROM late"), 3);
    client_close(&client);
    assert_int_equal(cluster_script(&cluster, "DROP TABLE late"), 0);
}

static void tells_a_refusal_from_an_absence(void **state)
{
    struct client client;

    (void)state;
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    assert_int_equal(ask_and_wait(&client, "SELECT no_such_thing"), -EINVAL);
    assert_int_equal(ask_and_wait(&client, "DO $$ BEGIN RAISE disk_full; END $$"), -ENOSPC);
    assert_int_equal(ask_and_wait(&client, "DO $$ BEGIN RAISE deadlock_detected; END $$"), -EAGAIN);
    assert_true(db_is_up(client.db));
    client_close(&client);
}

static void fails_at_once_but_later_while_the_database_is_away(void **state)
{
    struct client client;

    (void)state;
    client_open(&client, "host=/nowhere dbname=none");
    assert_int_equal(ask_and_wait(&client, "SELECT 1"), -EAGAIN);
    assert_int_equal(client.ups, 0);
    client_close(&client);
}

static void takes_so_many_queries_and_no_more(void **state)
{
    static struct answer all[DB_QUERIES_MAX + 1];
    struct client client;

    (void)state;
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    answers = 0;
    for (int i = 0; i <= DB_QUERIES_MAX; i++)
        ask(&client, "SELECT 1", &all[i]);
    client_wait(&client, &all[DB_QUERIES_MAX].told);
    for (int i = 0; i <= DB_QUERIES_MAX; i++) {
        assert_int_equal(all[i].error, i < DB_QUERIES_MAX ? 0 : -EAGAIN);
        assert_int_equal(all[i].order, i + 1);
    }
    client_close(&client);
}

static void take_progress(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct answer *told = context;

    assert_false(refusal);
    assert_null(answer);
    told->told = true;
    told->error = error;
}

/* The last query of a question is refused, and its first one is sent. */
static void fails_a_question_whose_last_query_is_one_too_many(void **state)
{
    static struct answer all[DB_QUERIES_MAX - 1];
    struct answer progress = {0};
    struct client client;

    (void)state;
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    for (int i = 0; i < DB_QUERIES_MAX - 1; i++)
        ask(&client, "SELECT 1", &all[i]);
    monitor_store_progress(client.db, take_progress, &progress);
    client_wait(&client, &progress.told);
    assert_int_equal(progress.error, -EAGAIN);
    assert_int_equal(ask_and_wait(&client, "SELECT 1"), 0);
    client_close(&client);
}

static void gives_up_a_connection_that_does_not_answer(void **state)
{
    struct client client;
    struct answer slow;
    struct answer behind;

    (void)state;
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    ask(&client, "SELECT pg_sleep(60)", &slow);
    ask(&client, "SELECT 1", &behind);
    client_wait(&client, &behind.told);
    assert_int_equal(slow.error, -EAGAIN);
    assert_int_equal(behind.error, -EAGAIN);
    assert_int_equal(client.downs, 1);
    client_wait_up(&client);
    assert_int_equal(client.ups, 2);
    client_close(&client);
}

static void comes_back_by_itself_after_a_restart(void **state)
{
    struct client client;
    struct answer pending;

    (void)state;
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    ask(&client, "SELECT pg_sleep(60)", &pending);
    uv_run(&client.loop, UV_RUN_NOWAIT);
    cluster_stop(&cluster, SIGINT);
    client_wait(&client, &pending.told);
    assert_int_equal(pending.error, -EAGAIN);
    assert_false(db_is_up(client.db));
    for (int i = 0; i < 3; i++)
        assert_int_equal(ask_and_wait(&client, "SELECT 1"), -EAGAIN);
    assert_int_equal(client.downs, 1); /* said once an outage, however many tries fail */
    cluster_start(&cluster);
    client_wait_up(&client);
    assert_int_equal(client.ups, 2);
    assert_int_equal(ask_and_wait(&client, "SELECT 1"), 0);
    client_close(&client);
}

static void comes_back_after_its_backend_was_ended(void **state)
{
    struct client client;

    (void)state;
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    assert_int_equal(ask_and_wait(&client, "SELECT pg_terminate_backend(pg_backend_pid())"),
                     -EAGAIN);
    client_wait_up(&client);
    assert_int_equal(client.ups, 2);
    client_close(&client);
}

static void fails_what_is_under_way_when_it_is_freed(void **state)
{
    struct client client;
    struct answer pending;

    (void)state;
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    ask(&client, "SELECT pg_sleep(60)", &pending);
    db_free(client.db);
    client.db = NULL;
    assert_true(pending.told);
    assert_int_equal(pending.error, -EAGAIN);
    client_close(&client);
}

static void may_be_freed_by_a_callback(void **state)
{
    struct client client;
    struct answer first;
    struct answer second;

    (void)state;
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    ask(&client, "SELECT 1", &first);
    ask(&client, "SELECT 2", &second);
    first.free_this = client.db;
    client_wait(&client, &second.told);
    client.db = NULL;
    assert_int_equal(first.error, 0);
    assert_int_equal(second.error, -EAGAIN);
    client_close(&client);
}

static void does_not_serve_a_schema_of_another_build(void **state)
{
    struct client client;
    struct answer answer;

    (void)state;
    assert_int_equal(
        cluster_script(&cluster, "INSERT INTO schema_migration VALUES (9999, 'later', '')"), 0);
    client_open(&client, cluster.conninfo);
    while (!client.downs)
        uv_run(&client.loop, UV_RUN_ONCE);
    assert_false(db_is_up(client.db));
    ask(&client, "SELECT 1", &answer);
    client_wait(&client, &answer.told);
    assert_int_equal(answer.error, -EAGAIN);
    assert_int_equal(cluster_script(&cluster, "DELETE FROM schema_migration WHERE number = 9999"),
                     0);
    client_wait_up(&client);
    client_close(&client);
}

static void name_standbys(const char *names)
{
    char sql[128];

    snprintf(sql, sizeof(sql), "ALTER SYSTEM SET synchronous_standby_names = %s", names);
    assert_int_equal(cluster_script(&cluster, sql), 0);
    snprintf(sql, sizeof(sql),
             "SELECT (pg_reload_conf() AND current_setting('synchronous_standby_names') = %s)::int",
             names);
    while (!cluster_number(&cluster, sql)) /* for whoever connects */
        ;
}

static void does_not_serve_a_database_that_may_lose_what_it_acknowledged(void **state)
{
    struct client client;
    struct answer answer;
    char error[DURABLE_ERROR_SIZE];

    (void)state;
    assert_int_equal(durable_check(cluster.conninfo, error), 0);
    assert_int_equal(cluster_script(&cluster, "ALTER DATABASE assize SET synchronous_commit = off"),
                     0);
    assert_int_equal(durable_check(cluster.conninfo, error), -EINVAL);
    assert_non_null(strstr(error, "Set synchronous_commit = on there"));
    client_open(&client, cluster.conninfo);
    while (!client.downs)
        uv_run(&client.loop, UV_RUN_ONCE);
    assert_false(db_is_up(client.db));
    ask(&client, "SELECT 1", &answer);
    client_wait(&client, &answer.told);
    assert_int_equal(answer.error, -EAGAIN);
    /* Not by chance: only where it is said that it may. */
    assert_int_equal(cluster_script(&cluster, "ALTER DATABASE assize SET assize.may_lose = on"), 0);
    client_wait_up(&client);
    client_close(&client);
    assert_int_equal(durable_check(cluster.conninfo, error), 0);
    assert_int_equal(cluster_script(&cluster, "ALTER DATABASE assize RESET ALL"), 0);
    assert_int_equal(
        cluster_script(&cluster, "ALTER DATABASE assize SET synchronous_commit = local"), 0);
    assert_int_equal(durable_check(cluster.conninfo, error), 0);
    name_standbys("'nobody'"); /* who would not be waited for */
    assert_int_equal(durable_check(cluster.conninfo, error), -EINVAL);
    name_standbys("''");
    assert_int_equal(cluster_script(&cluster, "ALTER DATABASE assize RESET ALL"), 0);
}

/* ---- migrations ---- */

static void migrates_once(void **state)
{
    struct migrate_report report;
    char error[MIGRATE_ERROR_SIZE];

    (void)state;
    assert_int_equal(migrate_run(cluster.conninfo, &report, error), 0);
    assert_int_equal(report.applied, 0);
    assert_int_equal(report.at, migrate_latest());
}

static void refuses_a_migration_that_was_changed_after_it_was_applied(void **state)
{
    struct migrate_report report;
    char error[MIGRATE_ERROR_SIZE];

    (void)state;
    assert_int_equal(cluster_script(&cluster,
                                    "UPDATE schema_migration SET checksum = 'x' || checksum"
                                    " WHERE number = 2"),
                     0);
    assert_int_equal(migrate_run(cluster.conninfo, &report, error), -EINVAL);
    assert_non_null(strstr(error, "0002_hearing was changed"));
    assert_int_equal(cluster_script(&cluster,
                                    "UPDATE schema_migration SET checksum = substr(checksum, 2)"
                                    " WHERE number = 2"),
                     0);
    assert_int_equal(migrate_run(cluster.conninfo, &report, error), 0);
}

static void refuses_the_database_of_a_newer_build(void **state)
{
    struct migrate_report report;
    char error[MIGRATE_ERROR_SIZE];

    (void)state;
    assert_int_equal(
        cluster_script(&cluster, "INSERT INTO schema_migration VALUES (9999, '9999_later', '')"),
        0);
    assert_int_equal(migrate_run(cluster.conninfo, &report, error), -EINVAL);
    assert_non_null(strstr(error, "9999_later"));
    assert_int_equal(cluster_script(&cluster, "DELETE FROM schema_migration WHERE number = 9999"),
                     0);
}

static void says_so_when_there_is_no_database_to_migrate(void **state)
{
    struct migrate_report report;
    char error[MIGRATE_ERROR_SIZE];

    (void)state;
    assert_int_equal(migrate_run("host=/nowhere dbname=none", &report, error), -EAGAIN);
    assert_non_null(strstr(error, "cannot be reached"));
}

/* ---- the private cluster ---- */

static void keeps_a_cluster_that_is_there_and_makes_half_of_one_anew(void **state)
{
    char error[CONFIG_ERROR_SIZE];
    char draft[CONFIG_TEXT_SIZE];
    char data[CONFIG_TEXT_SIZE];
    bool made = true;

    (void)state;
    assert_int_equal(private_make(&cluster.config, STDERR_FILENO, &made, error), 0);
    assert_false(made);
    cluster_stop(&cluster, SIGINT);
    assert_int_equal(config_state_path(&cluster.config, "pg/data.tmp", draft, sizeof(draft)), 0);
    assert_int_equal(config_state_path(&cluster.config, "pg/data", data, sizeof(data)), 0);
    assert_int_equal(rename(data, draft), 0); /* as if it was interrupted before the rename */
    int log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_int_equal(private_make(&cluster.config, log_fd, &made, error), 0);
    close(log_fd);
    assert_true(made);
    assert_int_not_equal(access(draft, F_OK), 0);
    cluster_start(&cluster);
    assert_int_equal(
        cluster_number(&cluster, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), 0);
}

static void refuses_a_state_directory_too_deep_for_a_socket(void **state)
{
    struct config deep = cluster.config;
    char error[CONFIG_ERROR_SIZE];
    bool made;

    (void)state;
    memset(deep.state_dir, 'a', 100);
    deep.state_dir[0] = '/';
    deep.state_dir[100] = '\0';
    assert_int_equal(private_make(&deep, STDERR_FILENO, &made, error), -ENAMETOOLONG);
    assert_non_null(strstr(error, "--state"));
}

static int set_up(void **state)
{
    (void)state;
    cluster_make(&cluster);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cluster_remove(&cluster);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_queries_in_the_order_they_were_asked),
        cmocka_unit_test(carries_bytes_texts_and_nulls_both_ways),
        cmocka_unit_test(carries_columns_of_every_type),
        cmocka_unit_test(says_what_the_database_notifies),
        cmocka_unit_test(each_query_is_a_transaction_of_its_own),
        cmocka_unit_test(a_commit_that_fails_is_an_error_whatever_the_rows_said),
        cmocka_unit_test(tells_a_refusal_from_an_absence),
        cmocka_unit_test(fails_at_once_but_later_while_the_database_is_away),
        cmocka_unit_test(takes_so_many_queries_and_no_more),
        cmocka_unit_test(fails_a_question_whose_last_query_is_one_too_many),
        cmocka_unit_test(gives_up_a_connection_that_does_not_answer),
        cmocka_unit_test(comes_back_by_itself_after_a_restart),
        cmocka_unit_test(comes_back_after_its_backend_was_ended),
        cmocka_unit_test(fails_what_is_under_way_when_it_is_freed),
        cmocka_unit_test(may_be_freed_by_a_callback),
        cmocka_unit_test(does_not_serve_a_schema_of_another_build),
        cmocka_unit_test(does_not_serve_a_database_that_may_lose_what_it_acknowledged),
        cmocka_unit_test(migrates_once),
        cmocka_unit_test(refuses_a_migration_that_was_changed_after_it_was_applied),
        cmocka_unit_test(refuses_the_database_of_a_newer_build),
        cmocka_unit_test(says_so_when_there_is_no_database_to_migrate),
        cmocka_unit_test(refuses_a_state_directory_too_deep_for_a_socket),
        cmocka_unit_test(keeps_a_cluster_that_is_there_and_makes_half_of_one_anew),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
