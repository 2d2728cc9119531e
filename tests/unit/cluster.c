#include "cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/admin.h"
#include "db/direct.h"
#include "db/migrate.h"

enum { WAIT_MS = 15000, LOOK_MS = 20 };

static void make_directory(const struct cluster *cluster, const char *name)
{
    char path[CONFIG_TEXT_SIZE];

    assert_int_equal(config_state_path(&cluster->config, name, path, sizeof(path)), 0);
    assert_int_equal(mkdir(path, 0700), 0);
}

static int open_log(const struct cluster *cluster)
{
    char path[CONFIG_TEXT_SIZE];

    assert_int_equal(config_state_path(&cluster->config, "postgres.log", path, sizeof(path)), 0);
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static pid_t start_server(const struct cluster *cluster)
{
    pid_t parent = getpid();
    int log_fd = open_log(cluster);
    pid_t pid = fork();

    if (pid == 0) {
        dup2(log_fd, STDOUT_FILENO);
        dup2(log_fd, STDERR_FILENO);
        private_exec(&cluster->config, parent);
        _exit(127);
    }
    close(log_fd);
    assert_true(pid > 0);
    return pid;
}

/* A server whose killed predecessor still has backends ends at once and is started again, as the
 * supervisor does. */
void cluster_start(struct cluster *cluster)
{
    cluster->pid = start_server(cluster);
    for (int waited = 0; !private_is_ready(&cluster->config, cluster->pid); waited += LOOK_MS) {
        assert_true(waited < WAIT_MS);
        poll(NULL, 0, LOOK_MS);
        if (waitpid(cluster->pid, NULL, WNOHANG) == cluster->pid)
            cluster->pid = start_server(cluster);
    }
}

void cluster_stop(struct cluster *cluster, int signal)
{
    if (!cluster->pid)
        return;
    kill(cluster->pid, signal);
    assert_int_equal(waitpid(cluster->pid, NULL, 0), cluster->pid);
    cluster->pid = 0;
}

void cluster_make(struct cluster *cluster)
{
    char error[CONFIG_ERROR_SIZE];
    char reason[MIGRATE_ERROR_SIZE];
    char state[] = "/tmp/assize-test-XXXXXX";
    struct migrate_report report;
    bool made = false;

    *cluster = (struct cluster){0};
    assert_non_null(mkdtemp(state));
    assert_int_equal(config_load(&cluster->config, state, NULL, error), 0);
    make_directory(cluster, "run");
    int log_fd = open_log(cluster);
    assert_int_equal(private_make(&cluster->config, log_fd, &made, error), 0);
    close(log_fd);
    assert_true(made);
    assert_int_equal(db_conninfo(&cluster->config, cluster->conninfo, sizeof(cluster->conninfo)),
                     0);
    cluster_start(cluster);
    assert_int_equal(migrate_run(cluster->conninfo, &report, reason), 0);
    assert_int_equal(report.at, migrate_latest());
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

void cluster_remove(struct cluster *cluster)
{
    cluster_stop(cluster, SIGINT);
    assert_int_equal(nftw(cluster->config.state_dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

int cluster_script(const struct cluster *cluster, const char *sql)
{
    struct direct *direct = direct_open(cluster->conninfo);

    assert_true(direct_is_open(direct));
    int result = direct_script(direct, sql);
    direct_close(direct);
    return result;
}

long cluster_number(const struct cluster *cluster, const char *sql)
{
    struct direct *direct = direct_open(cluster->conninfo);
    PGresult *rows = direct_query(direct, sql, NULL, 0);

    assert_non_null(rows);
    long number = strtol(PQgetvalue(rows, 0, 0), NULL, 10);
    PQclear(rows);
    direct_close(direct);
    return number;
}

void cluster_hearing(const struct cluster *cluster, char id[static ID_UUID_SIZE])
{
    static const struct hearing_store_site sites[] = {
        {1, ASSIZE__HEARING__V1__SITE_KIND__SITE_KIND_CENTRAL_POINT, "Phòng xử án số 1"},
        {2, ASSIZE__HEARING__V1__SITE_KIND__SITE_KIND_DETENTION_FACILITY, "Trại tạm giam"},
    };
    static const struct hearing_store_endpoint endpoints[] = {
        {1, 1, ASSIZE__HEARING__V1__ENDPOINT_KIND__ENDPOINT_KIND_PERSONAL},
        {2, 1, ASSIZE__HEARING__V1__ENDPOINT_KIND__ENDPOINT_KIND_PERSONAL},
        {3, 2, ASSIZE__HEARING__V1__ENDPOINT_KIND__ENDPOINT_KIND_ROOM},
        {4, 2, ASSIZE__HEARING__V1__ENDPOINT_KIND__ENDPOINT_KIND_COMPANION},
    };
    static const struct hearing_store_participant people[] = {
        {1, ASSIZE__HEARING__V1__ROLE__ROLE_PRESIDING_JUDGE, 1, 0, "Chủ tọa", false},
        {2, ASSIZE__HEARING__V1__ROLE__ROLE_CLERK, 2, 0, "Thư ký", false},
        /* With combining marks: must come back composed. */
        {3, ASSIZE__HEARING__V1__ROLE__ROLE_DEFENDANT, 3, 4, "Bi\xcc\xa3 ca\xcc\x81o", false},
        {4, ASSIZE__HEARING__V1__ROLE__ROLE_DETENTION_OFFICER, 3, 0, "Cán bộ", false},
    };
    const struct hearing_record plan = {.case_number = "1/2026/TLST-HS",
                                        .title = "Vụ án thử",
                                        .court = "Tòa án thử",
                                        .procedure = "criminal_first_instance",
                                        .scheduled_ms = 1800000000123,
                                        .sites = sites,
                                        .site_count = 2,
                                        .endpoints = endpoints,
                                        .endpoint_count = 4,
                                        .participants = people,
                                        .participant_count = 4};
    struct admin *admin;

    assert_int_equal(admin_open(cluster->conninfo, &admin), 0);
    assert_int_equal(admin_hearing_make(admin, &plan, false, id), 0);
    admin_close(admin);
}

/* ---- a db on a loop ---- */

static void client_up(void *context)
{
    struct client *client = context;

    client->ups++;
}

static void client_down(void *context, const char *why)
{
    struct client *client = context;

    assert_true(*why != '\0');
    client->downs++;
}

static void client_notified(void *context, const char *channel)
{
    struct client *client = context;

    assert_string_equal(channel, "heard");
    client->notified = true;
}

static const struct db_ops client_ops = {
    .up = client_up, .down = client_down, .notified = client_notified};

void client_open(struct client *client, const char *conninfo)
{
    *client = (struct client){0};
    assert_int_equal(uv_loop_init(&client->loop), 0);
    client->db = db_new(&client->loop, conninfo, &client_ops, client);
}

static void too_late(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("nothing happened in time");
}

/* Turns the loop until what is asked holds. */
static void turn_until(struct client *client, bool (*holds)(const struct client *, const bool *),
                       const bool *flag)
{
    uv_timer_t guard;

    uv_timer_init(&client->loop, &guard);
    uv_timer_start(&guard, too_late, WAIT_MS, 0);
    while (!holds(client, flag))
        uv_run(&client->loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&guard, NULL);
    uv_run(&client->loop, UV_RUN_NOWAIT);
}

static bool flag_is_set(const struct client *client, const bool *flag)
{
    (void)client;
    return *flag;
}

static bool is_up(const struct client *client, const bool *flag)
{
    (void)flag;
    return db_is_up(client->db);
}

static bool is_down(const struct client *client, const bool *flag)
{
    (void)flag;
    return !db_is_up(client->db);
}

void client_wait(struct client *client, const bool *flag)
{
    turn_until(client, flag_is_set, flag);
}

void client_wait_up(struct client *client)
{
    turn_until(client, is_up, NULL);
}

void client_wait_down(struct client *client)
{
    turn_until(client, is_down, NULL);
}

void client_awake(struct client *client)
{
    uv_update_time(&client->loop);
}

void client_close(struct client *client)
{
    if (client->db)
        db_free(client->db);
    client->db = NULL;
    uv_run(&client->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&client->loop), 0);
}
