/*
 * assized: signalling, HTTP, the hearing engine. Wires the parts and owns them; one libuv loop
 * holds all state.
 *
 *     net ──► session ──► court ──► hearing (pure)
 *               │           └─────► db
 *               └──► media ──► the relay's control socket, the studios, the supervisor's ward
 *     exchange ──► the outbox in db ──► the centre
 *     recording ──► what was made of the record
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
#include "base/config.h"
#include "base/log.h"
#include "base/ready.h"
#include "db/private.h"
#include "server/center.h"
#include "server/ceremony/ceremony.h"
#include "server/desk/desk_service.h"
#include "server/exchange/sender.h"
#include "server/exchange/sync_service.h"
#include "server/identity/session_service.h"
#include "server/identity/staff_service.h"
#include "server/recording/recording.h"
#include "server/session/session.h"

enum { DRAIN_CHECK_MS = 50 };

struct server {
    uv_loop_t *loop;
    struct config config;
    struct db *db;
    struct identity *identity;
    struct staff *staff;
    struct staff_service staff_service;
    struct court *court;
    struct relay_client *relay;
    struct studio_client *studio;
    struct sessions *sessions;
    struct net *net;
    struct net_client *client; /* to the centre; NULL without one, like the sender */
    struct sender *sender;
    struct sync_service sync;
    struct recordings *recordings;
    struct desk_service desk;
    struct ceremony *ceremony;
    char public_url[CONFIG_TEXT_SIZE];
    char database_folder[CONFIG_TEXT_SIZE]; /* of the private database, or "" */
    uv_signal_t sigterm;
    uv_signal_t sigint;
    uv_timer_t drain;
    int64_t drain_until_ms; /* monotonic; 0: not draining */
};

/* ---- from the database ---- */

static void wake_sender(struct server *server)
{
    if (server->sender)
        sender_wake(server->sender);
}

static void database_up(void *context)
{
    struct server *server = context;

    log_info("database.up", "hearings=%d", sessions_rooms(server->sessions));
    court_database_up(server->court);
    sessions_saving(server->sessions, true);
    wake_sender(server);
    ready_tell();
}

static void database_down(void *context, const char *why)
{
    struct server *server = context;

    log_warn("database.down", "why=%s", log_quote(why).text);
    court_database_down(server->court);
    sessions_saving(server->sessions, false);
}

static const struct db_ops db_ops = {.up = database_up, .down = database_down};

/* ---- from court ---- */

static void hearing_changed(void *context, struct court_hearing *hearing,
                            Assize__Hearing__V1__Event *const *events, size_t count)
{
    struct server *server = context;

    /* Sessions reads the events from the history, in the order they may be told. */
    if (count)
        sessions_changed(server->sessions, hearing);
    else
        sessions_reloaded(server->sessions, hearing); /* an unsaved narrowing was given up */
    for (size_t i = 0; i < count; i++) {
        if (events[i]->body_case == ASSIZE__HEARING__V1__EVENT__BODY_CLOSED)
            wake_sender(server);
    }
}

static void hearing_narrowed(void *context, struct court_hearing *hearing)
{
    struct server *server = context;

    sessions_narrowed(server->sessions, hearing);
}

static void hearing_reloaded(void *context, struct court_hearing *hearing)
{
    struct server *server = context;

    sessions_reloaded(server->sessions, hearing);
    wake_sender(server); /* a closing whose outcome was unknown may be in it */
}

static void hearing_lost(void *context, struct court_hearing *hearing, enum refusal why)
{
    struct server *server = context;

    sessions_lost(server->sessions, hearing, why);
}

static const struct court_ops court_ops = {
    .changed = hearing_changed,
    .narrowed = hearing_narrowed,
    .reloaded = hearing_reloaded,
    .lost = hearing_lost,
};

/* ---- from the relay ---- */

static void relay_up(void *context, const Assize__Media__V1__Attached *attached)
{
    struct server *server = context;

    sessions_relay_up(server->sessions, attached);
}

static void relay_down(void *context)
{
    struct server *server = context;

    sessions_relay_down(server->sessions);
}

static void leg_state(void *context, const Assize__Media__V1__LegState *state)
{
    struct server *server = context;

    sessions_leg_state(server->sessions, state);
}

static void leg_quality(void *context, const Assize__Media__V1__LegQuality *quality)
{
    struct server *server = context;

    sessions_leg_quality(server->sessions, quality);
}

static void record_state(void *context, const Assize__Media__V1__RecordState *state)
{
    struct server *server = context;

    sessions_record_state(server->sessions, state);
}

static void record_gap(void *context, const Assize__Media__V1__RecordGap *gap)
{
    struct server *server = context;

    sessions_record_gap(server->sessions, gap);
}

static void record_head(void *context, const Assize__Media__V1__RecordHead *head)
{
    struct server *server = context;

    sessions_record_head(server->sessions, head);
}

static void record_space(void *context, const Assize__Media__V1__RecordSpace *space)
{
    struct server *server = context;

    sessions_record_space(server->sessions, space);
}

static const struct relay_client_ops relay_ops = {
    .up = relay_up,
    .down = relay_down,
    .leg_state = leg_state,
    .leg_quality = leg_quality,
    .record_state = record_state,
    .record_gap = record_gap,
    .record_head = record_head,
    .record_space = record_space,
};

/* ---- from the studios ---- */

static void studio_there(void *context, enum ward_task task, const char *hearing)
{
    struct server *server = context;

    if (task == WARD_LIVE)
        sessions_studio_there(server->sessions, hearing);
    else
        recordings_render_there(server->recordings, hearing);
}

static void studio_report(void *context, enum ward_task task, const char *hearing,
                          const Assize__Media__V1__StudioReport *report)
{
    struct server *server = context;

    if (task == WARD_LIVE)
        sessions_studio_report(server->sessions, hearing, report);
    else
        recordings_render_report(server->recordings, hearing, report);
}

static void studio_gone(void *context, enum ward_task task, const char *hearing)
{
    struct server *server = context;

    if (task == WARD_LIVE)
        sessions_studio_gone(server->sessions, hearing);
}

static void studio_told(void *context, enum ward_task task, const char *hearing,
                        enum ward_word word)
{
    struct server *server = context;

    if (task == WARD_LIVE)
        sessions_studio_told(server->sessions, hearing, word);
    else
        recordings_render_gone(server->recordings, hearing);
}

static const struct studio_client_ops studio_ops = {
    .there = studio_there,
    .report = studio_report,
    .gone = studio_gone,
    .told = studio_told,
};

/* ---- from the network ---- */

static void ws_open(void *context, struct net_ws *ws, const struct net_peer *peer)
{
    struct server *server = context;

    sessions_ws_open(server->sessions, ws, peer);
}

static void ws_message(void *context, struct net_ws *ws, const uint8_t *data, size_t len)
{
    struct server *server = context;

    sessions_ws_message(server->sessions, ws, data, len);
}

static void ws_closed(void *context, struct net_ws *ws)
{
    struct server *server = context;

    sessions_ws_closed(server->sessions, ws);
}

static void call(void *context, struct net_call *call)
{
    struct server *server = context;

    if (!session_service_call(server->identity, call) &&
        !staff_service_call(&server->staff_service, call) &&
        !sync_service_call(&server->sync, call) && !recordings_call(server->recordings, call) &&
        !desk_service_call(&server->desk, call) && !ceremony_call(server->ceremony, call))
        net_call_refuse(call, REFUSAL_NOT_FOUND);
}

static void fetch(void *context, struct net_fetch *fetch)
{
    struct server *server = context;

    recordings_fetch(server->recordings, fetch);
}

static bool health(void *context, struct buf *json)
{
    struct server *server = context;
    bool database = db_is_up(server->db);
    bool relay = relay_client_is_up(server->relay);

    return buf_printf(json,
                      "\"database\":%s,\"relay\":%s,\"clients\":%d,\"hearings\":%d,\"studios\":%d",
                      database ? "true" : "false", relay ? "true" : "false",
                      sessions_clients(server->sessions), sessions_rooms(server->sessions),
                      studio_client_count(server->studio, WARD_LIVE)) == 0 &&
           database && relay && !server->drain_until_ms;
}

static void metrics(void *context, struct buf *text)
{
    struct server *server = context;

    int result = buf_printf(text,
                            "# TYPE assize_clients gauge\nassize_clients %d\n"
                            "# TYPE assize_hearings gauge\nassize_hearings %d\n"
                            "# TYPE assize_database_up gauge\nassize_database_up %d\n",
                            sessions_clients(server->sessions), sessions_rooms(server->sessions),
                            db_is_up(server->db));
    if (!result)
        result = relay_client_metrics(server->relay, text);
    if (!result)
        result = studio_client_metrics(server->studio, text);
    if (!result && server->sender)
        result = sender_metrics(server->sender, text);
    if (result)
        log_warn("metrics.too_long", "error=%s", log_errno(result).text);
}

static const struct net_ops net_ops = {
    .ws_open = ws_open,
    .ws_message = ws_message,
    .ws_closed = ws_closed,
    .call = call,
    .fetch = fetch,
    .health = health,
    .metrics = metrics,
};

/* ---- from the recordings ---- */

static void render(void *context, const char *hearing)
{
    struct server *server = context;

    studio_client_start(server->studio, WARD_RENDER, hearing);
}

static const struct recordings_ops recordings_ops = {.render = render};

/* ---- start and end ---- */

static int start_net(struct server *server)
{
    const struct config *config = &server->config;
    struct net_options options = {
        .address = config->listen_address,
        .port = config->listen_port,
        .certificate = config->tls_certificate,
        .key = config->tls_key,
        .public_url = server->public_url,
        .web_root = config->web_root,
        .metrics_allow = config->metrics_allow,
    };
    server->net = net_new(server->loop, &options, &net_ops, server);
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
        .ops = &recordings_ops,
        .context = server,
    };
    server->recordings = recordings_new(&options);
    return 0;
}

/* The way to the centre, when there is one. */
static int start_exchange(struct server *server)
{
    const struct config *config = &server->config;
    const struct net_client_options options = {
        .url = config->exchange_center,
        .ca = config->exchange_ca,
        .certificate = config->exchange_certificate,
        .key = config->exchange_key,
    };

    server->sync = (struct sync_service){server->db, server->identity, *config->exchange_center};
    if (!server->sync.linked)
        return 0;
    server->client = net_client_new(server->net, &options);
    if (!server->client) {
        log_error("exchange.bad_center", "url=%s", log_quote(config->exchange_center).text);
        return -EINVAL;
    }
    server->sender =
        sender_new(server->loop, server->db, server->client, config->exchange_organisation);
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
                                       &studio_ops, server);
    return server->studio ? 0 : -EADDRINUSE;
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
    server->db = db_new(server->loop, conninfo, &db_ops, server);
    server->identity = identity_new(server->db, server->config.session_hours);
    server->staff = staff_new(server->loop, server->db, server->config.session_hours);
    server->staff_service = (struct staff_service){server->db, server->staff};
    server->court = court_new(server->db, &court_ops, server);
    server->ceremony = ceremony_new(server->db, server->identity, server->staff, server->court);
    server->relay = relay_client_new(server->loop, socket_path, &relay_ops, server);
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
    };
    server->sessions = sessions_new(&options);
    config_public_url(&server->config, server->public_url, sizeof(server->public_url));
    server->desk = (struct desk_service){.db = server->db,
                                         .staff = server->staff,
                                         .court = server->court,
                                         .public_url = server->public_url,
                                         .linked = *server->config.exchange_center};
    int failed = start_recordings(server);
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
    net_client_free(server->client);
    /* Whoever waits for an answer gets one while everything is still there to take it. */
    db_free(server->db);
    recordings_free(server->recordings);
    sender_free(server->sender);
    relay_client_free(server->relay);
    studio_client_free(server->studio);
    sessions_free(server->sessions);
    court_free(server->court);
    staff_free(server->staff);
    ceremony_free(server->ceremony);
    identity_free(server->identity);
    net_free(server->net);
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

static void asked_to_stop(uv_signal_t *handle, int number)
{
    struct server *server = handle->data;

    (void)number;
    if (server->drain_until_ms)
        return;
    log_info("server.draining", "clients=%d", sessions_clients(server->sessions));
    server->drain_until_ms =
        clock_monotonic_ms() + (int64_t)server->config.drain_seconds * CLOCK_MS_PER_S;
    net_stop_listening(server->net);
    sessions_drain(server->sessions);
    uv_timer_start(&server->drain, check_drained, DRAIN_CHECK_MS, DRAIN_CHECK_MS);
}

/* A descriptor for each connection, and some; libwebsockets makes two tables of that many entries.
 */
static void allow_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit))
        return;
    rlim_t wanted = 2 * NET_CONNECTIONS_MAX;
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

int main(int argc, char **argv)
{
    static struct server server;
    char error[CONFIG_ERROR_SIZE];
    enum log_level level;

    log_set_worker("assized");
    if (config_load_arguments(&server.config, argc, argv, error)) {
        fprintf(stderr, "assized: %s\n", error);
        return 2;
    }
    if (log_level_from_name(server.config.log_level, &level) == 0)
        log_set_level(level);
    server.loop = uv_default_loop();
    if (config_is_center(&server.config))
        return center_run(server.loop, &server.config);
    watch_signals(&server);
    allow_descriptors();
    int result = start(&server);
    if (result) {
        log_error("server.not_started", "error=%s", log_errno(result).text);
        return 1;
    }
    log_info("server.started", "port=%d version=%s", server.config.listen_port, ASSIZE_VERSION);
    uv_run(server.loop, UV_RUN_DEFAULT); /* until finish() has closed the last handle */
    return 0;
}
