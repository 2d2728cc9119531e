/*
 * assized: signalling, HTTP, the hearing engine. Wires the parts and owns them; one libuv loop
 * holds all state.
 *
 *     net ──► session ──► court ──► hearing (pure)
 *               │           └─────► db
 *               └──► media ──► the relay's control socket, the studios, the supervisor's ward
 *     exchange ──► the outbox in db ──► the centre
 *     recording ──► what was made of the record
 *     paper ──► the minutes
 *
 * With role center it is what center.h says instead.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/private.h"
#include "server/center.h"
#include "server/net/credentials.h"
#include "server/server.h"

enum { DRAIN_CHECK_MS = 50 };

/* ---- start and end ---- */

static int start_net(struct server *server)
{
    const struct config *config = &server->config;
    const struct credentials_paths paths = {
        .use = "web", .certificate = config->tls_certificate, .key = config->tls_key};
    server->web = credentials_new(server->loop, &paths);
    struct net_options options = {
        .address = config->listen_address,
        .port = config->listen_port,
        .credentials = server->web,
        .public_url = server->public_url,
        .web_root = config->web_root,
        .metrics_allow = config->metrics_allow,
    };
    server->net = net_new(server->loop, &options, &server_net_ops, server);
    return server->net ? 0 : -EADDRINUSE;
}

static int start_recordings(struct server *server)
{
    char record[CONFIG_TEXT_SIZE], files[CONFIG_TEXT_SIZE];

    int result = config_state_path(&server->config, "record", record, sizeof(record));
    if (!result)
        result = config_state_path(&server->config, "files", files, sizeof(files));
    if (result)
        return result;
    const struct recordings_options options = {
        .loop = server->loop,
        .db = server->db,
        .identity = server->identity,
        .staff = server->staff,
        .record = record,
        .files = files,
        .ops = &server_recordings_ops,
        .context = server,
    };
    server->recordings = recordings_new(&options);
    return 0;
}

/* The way to the centre, when there is one. */
static int start_exchange(struct server *server)
{
    const struct config *config = &server->config;
    const struct credentials_paths paths = {.use = "exchange",
                                            .certificate = config->exchange_certificate,
                                            .key = config->exchange_key,
                                            .ca = config->exchange_ca};
    struct net_client_options options = {
        .url = config->exchange_center,
        .road_client = config->exchange_road_client,
        .road_user = config->exchange_organisation,
    };

    server->sync = (struct sync_service){server->db, server->identity, *config->exchange_center};
    if (!server->sync.linked)
        return 0;
    server->exchange = options.credentials = credentials_new(server->loop, &paths);
    for (int i = 0; i < SENDER_WAYS; i++)
        server->push_clients[i] = net_client_new(server->net, &options);
    options.wait_ms = PULLER_WAIT_MS;
    server->pull_client = net_client_new(server->net, &options);
    if (!server->pull_client) { /* nor any other: it is the URL */
        log_error("exchange.bad_center", "url=%s", log_quote(config->exchange_center).text);
        return -EINVAL;
    }
    /* Clearing the queue is not to hold up what a hearing writes. */
    server->sender =
        sender_new(server->loop, server->db, server->access.readers[0], server->push_clients,
                   config->exchange_organisation, server->exchange);
    server->puller =
        puller_new(server->loop, server->db, server->pull_client, config->exchange_organisation);
    server->line = line_new(server->loop, server->db, server->sender, server->puller);
    options.wait_ms = 0;
    server->inquiries = inquiries_new(&(struct inquiries_options){.loop = server->loop,
                                                                  .net = server->net,
                                                                  .center = &options,
                                                                  .held = server_line_is_held,
                                                                  .context = server});
    server->access.inquiries = server->inquiries;
    return 0;
}

static int start_studios(struct server *server)
{
    char socket_path[CONFIG_TEXT_SIZE];
    int result =
        config_state_path(&server->config, "run/studio.sock", socket_path, sizeof(socket_path));

    if (result)
        return result;
    server->studio = studio_client_new(server->loop, socket_path, studio_client_inherited_fd(),
                                       &server_studio_ops, server);
    return server->studio ? 0 : -EADDRINUSE;
}

/* What is asked over HTTP by people, but for the recordings. */
static void start_services(struct server *server)
{
    server->ceremony = ceremony_new(server->db, server->identity, server->staff, server->court);
    server->console = (struct console_service){.db = server->db,
                                               .staff = server->staff,
                                               .court = server->court,
                                               .sessions = server->sessions};
    server->changes = changes_new(&(struct changes_options){
        .loop = server->loop,
        .db = server->db,
        .staff = server->staff,
        .organisation = server->config.exchange_organisation,
        .line = server_center_line,
        .context = server,
    });
    server->access = (struct access_service){
        .db = server->db,
        .staff = server->staff,
        .organisation = server->config.exchange_organisation,
        .people = &server->people,
        .changes = server->changes,
        .wrote = server_case_written,
        .context = server,
    };
    server->desk = (struct desk_service){.db = server->db,
                                         .staff = server->staff,
                                         .court = server->court,
                                         .public_url = server->public_url,
                                         .linked = *server->config.exchange_center};
    server->papers = papers_new(&(struct papers_options){.loop = server->loop,
                                                         .db = server->db,
                                                         .identity = server->identity,
                                                         .staff = server->staff});
}

static int start(struct server *server)
{
    char conninfo[CONFIG_TEXT_SIZE * 2];
    char socket_path[CONFIG_TEXT_SIZE];

    int result = db_conninfo(&server->config, conninfo, sizeof(conninfo));
    if (!result)
        result =
            config_state_path(&server->config, "run/relay.sock", socket_path, sizeof(socket_path));
    if (result)
        return result;
    server->db = db_new(server->loop, conninfo, &server_db_ops, server);
    server->identity = identity_new(server->db, server->config.session_hours);
    server->staff = staff_new(server->loop, server->db, server->config.session_hours);
    server->staff_service = (struct staff_service){server->db, server->staff};
    server->alerts = alerts_new(server->db);
    server->court = court_new(server->db, server->procedures, &server_court_ops, server);
    server->relay = relay_client_new(server->loop, socket_path, &server_relay_ops, server);
    if (!server->relay)
        return -ENAMETOOLONG;
    result = start_studios(server);
    if (result)
        return result;
    if (private_is_wanted(&server->config) &&
        config_state_path(&server->config, "pg", server->database_folder,
                          sizeof(server->database_folder)))
        return -ENAMETOOLONG;
    struct sessions_options options = {
        .loop = server->loop,
        .identity = server->identity,
        .court = server->court,
        .relay = server->relay,
        .studio = server->studio,
        .record_programme = server->config.record_programme,
        .studio_high = server->config.studio_high,
        .audio_slots = (uint32_t)server->config.audio_slots,
        .video_slots = (uint32_t)server->config.video_slots,
        .database_folder = server->database_folder,
        .database_reserve = (uint64_t)server->config.events_reserve_mb << 20,
        .record_reserve = (uint64_t)server->config.record_reserve_mb << 20,
        .alert = alerts_take,
        .alert_context = server->alerts,
    };
    server->sessions = sessions_new(&options);
    config_public_url(&server->config, server->public_url, sizeof(server->public_url));
    start_services(server);
    access_service_open_readers(&server->access, server->loop, conninfo, ACCESS_COURT_READERS);
    int failed = access_people_load(server->config.person_key, &server->people);
    if (!failed)
        failed = start_recordings(server);
    if (!failed)
        failed = start_net(server);
    return failed ? failed : start_exchange(server);
}

/* The last step: everything closes its handles, and the loop ends by itself when the last is
 * closed. */
static void finish(struct server *server)
{
    uv_close((uv_handle_t *)&server->drain, NULL);
    uv_close((uv_handle_t *)&server->sigterm, NULL);
    uv_close((uv_handle_t *)&server->sigint, NULL);
    for (int i = 0; i < SENDER_WAYS; i++)
        net_client_free(server->push_clients[i]);
    net_client_free(server->pull_client);
    server->access.inquiries = NULL;
    inquiries_free(server->inquiries);
    /* Whoever waits for an answer gets one while everything is still there to take it. */
    access_service_close_readers(&server->access);
    db_free(server->db);
    recordings_free(server->recordings);
    papers_free(server->papers);
    changes_free(server->changes);
    line_free(server->line);
    sender_free(server->sender);
    puller_free(server->puller);
    relay_client_free(server->relay);
    studio_client_free(server->studio);
    sessions_free(server->sessions);
    alerts_free(server->alerts);
    court_free(server->court);
    procedures_free(server->procedures);
    staff_free(server->staff);
    ceremony_free(server->ceremony);
    identity_free(server->identity);
    net_free(server->net);
    credentials_free(server->exchange);
    credentials_free(server->web);
}

static void check_drained(uv_timer_t *timer)
{
    struct server *server = timer->data;

    if (net_connections(server->net) > 0 && clock_monotonic_ms() < server->drain_until_ms)
        return;
    log_info("server.stopped", "connections=%d", net_connections(server->net));
    uv_timer_stop(timer);
    finish(server);
}

void server_stop(struct server *server)
{
    if (server->drain_until_ms)
        return;
    log_info("server.draining", "clients=%d", sessions_clients(server->sessions));
    server->drain_until_ms =
        clock_monotonic_ms() + (int64_t)server->config.drain_seconds * CLOCK_MS_PER_S;
    net_stop_listening(server->net);
    sessions_drain(server->sessions);
    uv_timer_start(&server->drain, check_drained, DRAIN_CHECK_MS, DRAIN_CHECK_MS);
}

static void asked_to_stop(uv_signal_t *handle, int number)
{
    (void)number;
    server_stop(handle->data);
}

/* A descriptor for each connection, and some, unless the operator allows more already. */
static void allow_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit))
        return;
    rlim_t wanted = 2 * NET_CONNECTIONS_MAX;
    if (limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit))
        log_warn("server.few_descriptors", "error=%s", log_errno(errno).text);
}

static void watch_signals(struct server *server)
{
    signal(SIGPIPE, SIG_IGN);
    uv_signal_init(server->loop, &server->sigterm);
    uv_signal_init(server->loop, &server->sigint);
    uv_timer_init(server->loop, &server->drain);
    server->sigterm.data = server->sigint.data = server->drain.data = server;
    uv_signal_start(&server->sigterm, asked_to_stop, SIGTERM);
    uv_signal_start(&server->sigint, asked_to_stop, SIGINT);
}

static bool read_procedures(struct server *server)
{
    char error[PROCEDURES_ERROR_SIZE];

    server->procedures = procedures_new();
    if (!procedures_read(server->procedures, server->config.procedures, error))
        return true;
    fprintf(stderr, "assized: %s\n", error);
    return false;
}

int main(int argc, char **argv)
{
    static struct server server;
    char error[CONFIG_ERROR_SIZE];
    enum log_level level;

    log_set_worker("assized");
    if (config_load_arguments(&server.config, argc, argv, error)) {
        fprintf(stderr, "assized: %s\n", error);
        return EXIT_CONFIGURATION;
    }
    if (log_level_from_name(server.config.log_level, &level) == 0)
        log_set_level(level);
    server.loop = uv_default_loop();
    allow_descriptors();
    if (config_is_center(&server.config))
        return center_run(server.loop, &server.config);
    if (!read_procedures(&server))
        return EXIT_CONFIGURATION;
    watch_signals(&server);
    int result = start(&server);
    if (result) {
        log_error("server.not_started", "error=%s", log_errno(result).text);
        return 1;
    }
    log_info("server.started", "port=%d version=%s", server.config.listen_port, ASSIZE_VERSION);
    uv_run(server.loop, UV_RUN_DEFAULT); /* until finish() has closed the last handle */
    return server.status;
}
