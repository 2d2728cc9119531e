#include "server/center.h"

#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/ready.h"
#include "db/private.h"
#include "server/access/access_service.h"
#include "server/exchange/pulls.h"
#include "server/exchange/receiver.h"
#include "server/identity/staff_service.h"
#include "server/monitor/monitor.h"
#include "server/net/credentials.h"

enum { DRAIN_CHECK_MS = 50 };

struct center {
    struct db *db;
    struct net *net;              /* for organisations, by client certificate */
    struct net *people;           /* for those who sign in; NULL when there is no such port */
    struct credentials *exchange; /* that organisations are served with */
    struct credentials *web;      /* that people are */
    struct staff *staff;
    struct staff_service staff_service;
    struct monitor *monitor;
    struct pulls *pulls;
    struct receiver receiver;
    struct access_service access;
    struct access_service access_of_staff; /* an administrator grants as the operator does */
    struct person_key person_key;
    uv_signal_t sigterm;
    uv_signal_t sigint;
    uv_timer_t drain;
    int drain_seconds;
    int64_t drain_until_ms; /* monotonic; 0: not draining */
};

static void database_up(void *context)
{
    struct center *center = context;

    log_info("database.up", "role=center");
    tally_look(&center->receiver.tally, center->db);
    onward_database_up(&center->receiver.onward);
    ready_tell();
}

static void database_down(void *context, const char *why)
{
    (void)context;
    log_warn("database.down", "why=%s", log_quote(why).text);
}

static const struct db_ops db_ops = {.up = database_up, .down = database_down};

static void ws_open(void *context, struct net_ws *ws, const struct net_peer *peer)
{
    (void)context;
    (void)peer;
    net_ws_close(ws, 1008, refusal_info(REFUSAL_NOT_FOUND)->code);
}

static void ws_message(void *context, struct net_ws *ws, const uint8_t *data, size_t len)
{
    (void)context;
    (void)ws;
    (void)data;
    (void)len;
}

static void ws_closed(void *context, struct net_ws *ws)
{
    (void)context;
    (void)ws;
}

static void call(void *context, struct net_call *call)
{
    struct center *center = context;

    if (!receiver_call(&center->receiver, call) && !access_service_call(&center->access, call) &&
        !monitor_call_of_program(center->monitor, call))
        net_call_refuse(call, REFUSAL_NOT_FOUND);
}

static void heard(void *context, const char *organisation)
{
    const struct center *center = context;

    monitor_heard(center->monitor, organisation);
}

static void contact(void *context, const char *organisation, enum contact contact)
{
    const struct center *center = context;

    switch (contact) {
    case CONTACT_HEARD:
        monitor_heard(center->monitor, organisation);
        break;
    case CONTACT_LOST:
        monitor_lost(center->monitor, organisation);
        break;
    case CONTACT_TAKEN:
        monitor_taken(center->monitor, organisation);
        break;
    case CONTACT_EARLY:
        monitor_early(center->monitor, organisation);
        break;
    case CONTACT_REFUSED:
        monitor_refused(center->monitor, organisation);
        break;
    }
}

static void call_of_people(void *context, struct net_call *call)
{
    struct center *center = context;

    if (!staff_service_call(&center->staff_service, call) && !monitor_call(center->monitor, call) &&
        !access_service_call(&center->access_of_staff, call))
        net_call_refuse(call, REFUSAL_NOT_FOUND);
}

static bool health(void *context, struct buf *json)
{
    struct center *center = context;
    bool database = db_is_up(center->db), receiving = receiver_is_up(&center->receiver);

    return buf_printf(json, "\"database\":%s,\"receiving\":%s", database ? "true" : "false",
                      receiving ? "true" : "false") == 0 &&
           database && receiving;
}

static void metrics(void *context, struct buf *text)
{
    struct center *center = context;

    if (buf_printf(text, "# TYPE assize_database_up gauge\nassize_database_up %d\n",
                   db_is_up(center->db)) ||
        pulls_metrics(center->pulls, text) ||
        tally_metrics(&center->receiver.tally, center->db, text) ||
        credentials_metrics((struct credentials *[]){center->web, center->exchange}, 2, text))
        log_warn("metrics.too_long", "role=center");
}

static const struct net_ops net_ops = {
    .ws_open = ws_open,
    .ws_message = ws_message,
    .ws_closed = ws_closed,
    .call = call,
    .health = health,
    .metrics = metrics,
};
static const struct net_ops people_ops = {
    .ws_open = ws_open,
    .ws_message = ws_message,
    .ws_closed = ws_closed,
    .call = call_of_people,
    .health = health,
    .metrics = metrics,
};

static int connections(const struct center *center)
{
    return net_connections(center->net) + (center->people ? net_connections(center->people) : 0);
}

/* The last step: the loop ends by itself when every handle is closed. */
static void finish(struct center *center)
{
    log_info("server.stopped", "connections=%d", connections(center));
    uv_close((uv_handle_t *)&center->drain, NULL);
    uv_close((uv_handle_t *)&center->sigterm, NULL);
    uv_close((uv_handle_t *)&center->sigint, NULL);
    access_service_close_readers(&center->access);
    receiver_close(&center->receiver);
    db_free(center->db);
    tally_free_reasons(&center->receiver.tally);
    pulls_free(center->pulls);
    monitor_free(center->monitor);
    staff_free(center->staff);
    net_free(center->people);
    net_free(center->net);
    credentials_free(center->web);
    credentials_free(center->exchange);
}

static void check_drained(uv_timer_t *timer)
{
    struct center *center = timer->data;

    if (connections(center) > 0 && clock_monotonic_ms() < center->drain_until_ms)
        return;
    uv_timer_stop(timer);
    finish(center);
}

/* Whoever watches is told, and a batch that is here gets its receipt. */
static void asked_to_stop(uv_signal_t *handle, int number)
{
    struct center *center = handle->data;

    (void)number;
    if (center->drain_until_ms)
        return;
    center->drain_until_ms = clock_monotonic_ms() + (int64_t)center->drain_seconds * CLOCK_MS_PER_S;
    net_stop_listening(center->net);
    if (center->people)
        net_stop_listening(center->people);
    pulls_drain(center->pulls);
    uv_timer_start(&center->drain, check_drained, DRAIN_CHECK_MS, DRAIN_CHECK_MS);
}

static void watch_signals(struct center *center, uv_loop_t *loop)
{
    signal(SIGPIPE, SIG_IGN);
    uv_signal_init(loop, &center->sigterm);
    uv_signal_init(loop, &center->sigint);
    uv_timer_init(loop, &center->drain);
    center->sigterm.data = center->sigint.data = center->drain.data = center;
    uv_signal_start(&center->sigterm, asked_to_stop, SIGTERM);
    uv_signal_start(&center->sigint, asked_to_stop, SIGINT);
}

/* The port for people, when there is to be one. */
static bool start_people(struct center *center, uv_loop_t *loop, const struct config *config)
{
    char url[CONFIG_TEXT_SIZE];
    const struct credentials_paths paths = {
        .use = "web", .certificate = config->tls_certificate, .key = config->tls_key};
    struct net_options options = {
        .address = config->center_address,
        .port = config->center_port,
        .public_url = url,
        .web_root = config->web_root,
        .home = "/monitor",
        .metrics_allow = config->metrics_allow,
        .beside = center->net,
    };

    if (!config->center_port)
        return true;
    snprintf(url, sizeof(url), "https://localhost:%d", config->center_port);
    if (config->center_public_url[0])
        memcpy(url, config->center_public_url, sizeof(url));
    center->web = options.credentials = credentials_new(loop, &paths);
    center->people = net_new(loop, &options, &people_ops, center);
    return center->people;
}

static bool start(struct center *center, uv_loop_t *loop, const struct config *config)
{
    char conninfo[DB_CONNINFO_SIZE];
    char url[CONFIG_TEXT_SIZE];
    const struct credentials_paths paths = {.use = "exchange",
                                            .certificate = config->exchange_certificate,
                                            .key = config->exchange_key,
                                            .ca = config->exchange_ca};
    struct net_options options = {
        .address = config->listen_address,
        .port = config->listen_port,
        .public_url = url,
        .web_root = "",
        .metrics_allow = config->metrics_allow,
    };

    snprintf(url, sizeof(url), "https://localhost:%d", config->listen_port);
    if (config->public_url[0])
        memcpy(url, config->public_url, sizeof(url));
    if (db_conninfo(config, conninfo, sizeof(conninfo)) ||
        access_people_load(config->person_key, &center->person_key))
        return false;
    center->db = db_new(loop, conninfo, &db_ops, center);
    center->exchange = options.credentials = credentials_new(loop, &paths);
    center->pulls = pulls_new(&(struct pulls_options){.loop = loop,
                                                      .db = center->db,
                                                      .organisation = config->exchange_organisation,
                                                      .credentials = center->exchange,
                                                      .contact = contact,
                                                      .context = center});
    center->receiver = (struct receiver){.db = center->db,
                                         .pulls = center->pulls,
                                         .people = &center->person_key,
                                         .contact = contact,
                                         .contact_context = center};
    receiver_open(&center->receiver, loop, conninfo);
    center->access = (struct access_service){.db = center->db,
                                             .people = &center->person_key,
                                             .organisation = config->exchange_organisation,
                                             .heard = heard,
                                             .context = center};
    access_service_open_readers(&center->access, loop, conninfo, ACCESS_READERS);
    center->staff = staff_new(loop, center->db, config->session_hours);
    center->staff_service = (struct staff_service){center->db, center->staff};
    center->access_of_staff = center->access;
    center->access_of_staff.staff = center->staff;
    center->monitor = monitor_new(loop, center->db, center->staff, config->exchange_organisation);
    center->net = net_new(loop, &options, &net_ops, center);
    return center->net && start_people(center, loop, config);
}

int center_run(uv_loop_t *loop, const struct config *config)
{
    static struct center center;

    center.drain_seconds = config->drain_seconds;
    watch_signals(&center, loop);
    if (!start(&center, loop, config)) {
        log_error("server.not_started", "role=center");
        return 1;
    }
    log_info("server.started", "role=center port=%d version=%s", config->listen_port,
             ASSIZE_VERSION);
    uv_run(loop, UV_RUN_DEFAULT);
    return 0;
}
