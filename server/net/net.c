#include "server/net/net.h"

#include <errno.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "server/net/net_internal.h"

/* Forward-secret and authenticated encryption only; TLS 1.3 suites are OpenSSL's own three. */
static const char TLS12_CIPHERS[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

enum { CLOSE_TURNS = 4 };

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len);

static const struct lws_protocols protocols[] = {
    {.name = "assize", .callback = on_event, .per_session_data_size = 1, .rx_buffer_size = 16384},
    {0}};

/* Everything libwebsockets tells us of a connection. 0 goes on, -1 closes. */
static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct conn *conn = wsi ? lws_get_opaque_user_data(wsi) : NULL;

    /* Our word overrules OpenSSL's, which is in len. */
    if (reason == LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION)
        return len ? 0 : -1;
    /* It tells of the context that it made for a vhost by this name. */
    if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS)
        ((struct net *)lws_vhost_user(in))->tls = user;
    if (reason == LWS_CALLBACK_WSI_CREATE)
        conn_adopted(lws_vhost_user(lws_get_vhost(wsi)), wsi);
    if (!conn)
        return 0;
    /* One of over a hundred reasons; the others have nothing for us. */
    switch ((int)reason) {
    case LWS_CALLBACK_WSI_DESTROY:
        lws_set_opaque_user_data(wsi, NULL);
        conn_free(conn);
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return http_on_upgrade(conn, in);
    case LWS_CALLBACK_HTTP:
        return http_on_request(conn);
    case LWS_CALLBACK_HTTP_BODY:
        return http_on_body(conn, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return http_on_body_end(conn);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return http_on_writable(conn);
    case LWS_CALLBACK_ESTABLISHED:
        return ws_on_open(conn);
    case LWS_CALLBACK_RECEIVE:
        return ws_on_receive(conn, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return ws_on_writable(conn);
    case LWS_CALLBACK_TIMER:
        return ws_on_timer(conn);
    case LWS_CALLBACK_CLOSED:
        if (conn->ws)
            ws_on_gone(conn);
        return 0;
    case LWS_CALLBACK_CLOSED_HTTP:
        if (conn->call)
            connect_forget(conn->call);
        if (conn->fetch)
            fetch_forget(conn->fetch);
        if (conn->stream)
            stream_on_gone(conn);
        return 0;
    case LWS_CALLBACK_RAW_ADOPT: /* CONNECT makes a raw connection of this one */
    case LWS_CALLBACK_RAW_RX:
        conn->net->dropped[NET_DROP_BAD_UPGRADE]++;
        return -1;
    }
    return 0;
}

static void on_lws_log(int level, const char *line)
{
    if (level & LLL_ERR)
        log_warn("net.lws", "text=%s", log_quote(line).text);
    else
        log_debug("net.lws", "text=%s", log_quote(line).text);
}

static void on_sweep(uv_timer_t *timer)
{
    struct net *net = timer->data;
    int64_t now_ms = clock_monotonic_ms();
    struct conn *conn, *next;

    accept_resume(net);
    DL_FOREACH_SAFE(net->conns, conn, next)
    {
        if (conn->late_ms && conn->late_ms <= now_ms)
            connect_expire(conn);
        if (conn->deadline_ms <= now_ms)
            conn_expire(conn);
        else if (http_is_pushy(conn))
            conn_drop(conn, NET_DROP_PUSHY);
    }
}

static bool open_lws(struct net *net, const struct net_options *options)
{
    const struct credentials_paths *paths = credentials_paths(options->credentials);
    void *loops[] = {net->loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER, /* accept.c listens */
        .protocols = protocols,
        .user = net,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                   LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
        .foreign_loops = loops,
        .ssl_cert_filepath = paths->certificate,
        .ssl_private_key_filepath = paths->key,
        .ssl_cipher_list = TLS12_CIPHERS,
        .ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_RENEGOTIATION |
                           SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE,
        .alpn = "http/1.1", /* HTTP/2 hangs on POST in this version */
        .gid = -1,
        .uid = -1,
        .max_http_header_data2 = 2 * NET_HEADERS_MAX,
        .pt_serv_buf_size = NET_WRITE_BYTES,
        .timeout_secs = NET_REQUEST_MS / CLOCK_MS_PER_S,
        .keepalive_timeout = NET_KEEPALIVE_MS / CLOCK_MS_PER_S,
        .vhost_name = options->beside ? "assize-beside" : "assize",
        .server_string = "assize",
    };

    if (paths->ca) {
        info.options |= LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT;
        info.ssl_ca_filepath = paths->ca;
        /*
         * Whoever comes back finds their session here instead of bringing it along: read from a
         * ticket, the certificate in it is decoded anew, which took OpenSSL 3.0 a third of the time
         * of a short call.
         */
        info.ssl_options_set |= SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TICKET;
    }
    lws_set_log_level(LLL_ERR | LLL_WARN, on_lws_log);
    net->organisations = paths->ca;
    net->shares = options->beside;
    net->lws = net->shares ? options->beside->lws : lws_create_context(&info);
    if (net->shares)
        net->vhost = lws_create_vhost(net->lws, &info);
    else if (net->lws)
        net->vhost = lws_get_vhost_by_name(net->lws, info.vhost_name);
    return net->vhost;
}

/*
 * Sessions under the old ones, and tickets of them, are of no use any more: who resumes one is not
 * asked for a certificate, which the new authorities may not have signed.
 */
void net_follow_credentials(struct net *net)
{
    uint8_t tickets[80];
    unsigned version = credentials_version(net->credentials);

    if (version == net->version || !net->tls || RAND_bytes(tickets, sizeof(tickets)) != 1)
        return;
    if (!credentials_apply(net->credentials, net->tls) ||
        SSL_CTX_set_tlsext_ticket_keys(net->tls, tickets, sizeof(tickets)) != 1)
        log_error("net.no_tls", "use=%s", credentials_paths(net->credentials)->use);
    SSL_CTX_flush_sessions(net->tls, 0);
    net->version = version;
}

struct net *net_new(uv_loop_t *loop, const struct net_options *options, const struct net_ops *ops,
                    void *context)
{
    struct net *net = calloc(1, sizeof(*net));

    if (!net)
        abort();
    net->loop = loop;
    net->ops = ops;
    net->context = context;
    net->credentials = options->credentials;
    uv_timer_init(loop, &net->sweep);
    net->sweep.data = net;
    str_copy(net->metrics_allow, sizeof(net->metrics_allow), options->metrics_allow);
    int error = accept_start(net, options->address, options->port);
    if (error) {
        log_error("net.cannot_listen", "address=%s port=%d reason=%s", options->address,
                  options->port, log_errno(error).text);
    } else if (!http_site_parse(options->public_url, net->site.port, &net->site)) {
        log_error("net.bad_public_url", "url=%s", log_quote(options->public_url).text);
    } else if (!open_lws(net, options)) {
        const struct credentials_paths *paths = credentials_paths(options->credentials);
        log_error("net.no_tls", "certificate=%s key=%s", log_quote(paths->certificate).text,
                  log_quote(paths->key).text);
    } else {
        net->pages = static_load(options->web_root);
        net->home = options->home;
        uv_timer_start(&net->sweep, on_sweep, NET_SWEEP_MS, NET_SWEEP_MS);
        return net;
    }
    net_free(net);
    return NULL;
}

void net_stop_listening(struct net *net)
{
    accept_stop(net);
    stream_end_all(net);
}

static void on_sweep_closed(uv_handle_t *handle)
{
    struct net *net = handle->data;

    static_free(net->pages);
    free(net);
}

/*
 * libwebsockets closes its handles in several turns of the loop, without a word; then it may be
 * freed.
 */
static void on_close_turn(uv_timer_t *timer)
{
    struct net *net = timer->data;

    if (--net->turns_left)
        return;
    if (!net->shares)
        lws_context_destroy(net->lws);
    uv_close((uv_handle_t *)timer, on_sweep_closed);
}

void net_free(struct net *net)
{
    if (!net)
        return;
    accept_stop(net);
    if (!net->lws) {
        uv_close((uv_handle_t *)&net->sweep, on_sweep_closed);
        return;
    }
    if (!net->shares)
        lws_context_destroy(net->lws);
    else if (net->vhost)
        lws_vhost_destroy(net->vhost);
    net->turns_left = CLOSE_TURNS;
    uv_timer_start(&net->sweep, on_close_turn, 0, 1);
}

int net_port(const struct net *net)
{
    return net->site.port;
}

int net_connections(const struct net *net)
{
    const struct conn *conn;
    int count = 0;

    DL_FOREACH(net->conns, conn)
    count += conn->state != CONN_HEADERS;
    return count;
}
