#include "server/center.h"

#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "base/ready.h"
#include "db/private.h"
#include "server/access/access_service.h"
#include "server/exchange/pulls.h"
#include "server/exchange/receiver.h"

struct center {
    struct db *db;
    struct net *net;
    struct pulls *pulls;
    struct access_service access;
    uv_signal_t sigterm;
    uv_signal_t sigint;
};

static void database_up(void *context)
{
    (void)context;
    log_info("database.up", "role=center");
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

    if (!receiver_call(center->db, center->pulls, call) &&
        !access_service_call(&center->access, call))
        net_call_refuse(call, REFUSAL_NOT_FOUND);
}

static bool health(void *context, struct buf *json)
{
    struct center *center = context;
    bool database = db_is_up(center->db);

    return buf_printf(json, "\"database\":%s", database ? "true" : "false") == 0 && database;
}

static void metrics(void *context, struct buf *text)
{
    struct center *center = context;

    if (buf_printf(text, "# TYPE assize_database_up gauge\nassize_database_up %d\n",
                   db_is_up(center->db)) ||
        pulls_metrics(center->pulls, text))
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

/* At once: what is under way is committed or not, and the court asks again. */
static void asked_to_stop(uv_signal_t *handle, int number)
{
    struct center *center = handle->data;

    (void)number;
    log_info("server.stopped", "connections=%d", net_connections(center->net));
    uv_close((uv_handle_t *)&center->sigterm, NULL);
    uv_close((uv_handle_t *)&center->sigint, NULL);
    db_free(center->db);
    pulls_free(center->pulls);
    net_free(center->net);
}

static void watch_signals(struct center *center, uv_loop_t *loop)
{
    signal(SIGPIPE, SIG_IGN);
    uv_signal_init(loop, &center->sigterm);
    uv_signal_init(loop, &center->sigint);
    center->sigterm.data = center->sigint.data = center;
    uv_signal_start(&center->sigterm, asked_to_stop, SIGTERM);
    uv_signal_start(&center->sigint, asked_to_stop, SIGINT);
}

static bool start(struct center *center, uv_loop_t *loop, const struct config *config)
{
    char conninfo[DB_CONNINFO_SIZE];
    char url[CONFIG_TEXT_SIZE];
    const struct net_options options = {
        .address = config->listen_address,
        .port = config->listen_port,
        .certificate = config->exchange_certificate,
        .key = config->exchange_key,
        .client_ca = config->exchange_ca,
        .public_url = url,
        .web_root = "",
        .metrics_allow = config->metrics_allow,
    };

    snprintf(url, sizeof(url), "https://localhost:%d", config->listen_port);
    if (config->public_url[0])
        memcpy(url, config->public_url, sizeof(url));
    if (db_conninfo(config, conninfo, sizeof(conninfo)))
        return false;
    center->db = db_new(loop, conninfo, &db_ops, center);
    center->pulls =
        pulls_new(loop, center->db, config->exchange_organisation, config->exchange_key);
    center->access =
        (struct access_service){.db = center->db, .organisation = config->exchange_organisation};
    center->net = net_new(loop, &options, &net_ops, center);
    return center->net;
}

int center_run(uv_loop_t *loop, const struct config *config)
{
    static struct center center;

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
