#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "server/net/coding.h"
#include "server/net/net_client.h"
#include "server/net/net_internal.h"

enum {
    CLIENT_METHOD_SIZE = 160,
    CLIENT_PATH_SIZE = 512,
    CLIENT_PREFIX_SIZE = 256,
    CLIENT_ROAD_SIZE = 160
};

enum client_state {
    CLIENT_IDLE,      /* no call */
    CLIENT_RESOLVING, /* the name is being looked up; the timer is the call's deadline */
    CLIENT_CALLING,   /* libwebsockets has wsi; the timer is the call's deadline */
    CLIENT_ENDED,     /* the outcome is there, and is told in the next turn of the loop */
    CLIENT_CLOSED     /* net_client_free was called */
};

struct net_client {
    struct net *net;
    struct lws_vhost *vhost; /* NULL until the certificates were there */
    struct http_authority server;
    char prefix[CLIENT_PREFIX_SIZE]; /* of all paths: "" or "/..." */
    char road_client[CLIENT_ROAD_SIZE], road_user[CLIENT_ROAD_SIZE], issue[CLIENT_ROAD_SIZE];
    char ca[CLIENT_PATH_SIZE], certificate[CLIENT_PATH_SIZE], key[CLIENT_PATH_SIZE];
    int64_t deadline_ms;
    enum client_state state;
    struct lws *wsi;
    uv_timer_t timer;
    uv_getaddrinfo_t lookup;
    bool looking_up; /* the request is in use, maybe for a call that is over */
    bool timer_closed;
    char method[CLIENT_METHOD_SIZE];
    struct buf body;
    size_t sent;
    bool packed;        /* the body is in zstd */
    bool answer_packed; /* the answer is */
    bool opens; /* the other server takes such a body, as it has said (RFC 9110 section 12.5.3) */
    int status;
    struct net_peer peer;
    struct buf answer;
    int error;
    net_client_callback callback;
    void *context;
};

/* ---- the end of a call ---- */

static void tell(uv_timer_t *timer)
{
    struct net_client *client = timer->data;
    enum refusal refusal = REFUSAL_NONE;
    struct buf answer = client->answer; /* the callback may call again */

    buf_init(&client->answer, NET_ANSWER_MAX);
    client->state = CLIENT_IDLE;
    if (!client->error && client->status != 200)
        refusal = connect_error_read(answer.data, answer.len);
    client->callback(client->context, client->error, refusal, answer.data, answer.len);
    buf_done(&answer);
}

/* The answer as it was before it was packed. 0 or -EPROTO. */
static int open_answer(struct net_client *client)
{
    struct buf plain;

    buf_init(&plain, client->answer.max);
    int result = coding_open(client->answer.data, client->answer.len, &plain);
    buf_done(&client->answer);
    client->answer = plain;
    return result ? -EPROTO : 0;
}

/* The connection is of no more use to us; what becomes of it is not told any more. */
static void let_go(struct net_client *client)
{
    if (client->wsi)
        lws_set_opaque_user_data(client->wsi, NULL);
    client->wsi = NULL;
}

static void end_call(struct net_client *client, int error)
{
    let_go(client);
    if (client->state != CLIENT_RESOLVING && client->state != CLIENT_CALLING)
        return;
    client->state = CLIENT_ENDED;
    client->error =
        !error && client->answer_packed && client->answer.len ? open_answer(client) : error;
    uv_timer_start(&client->timer, tell, 0, 0);
}

static void on_deadline(uv_timer_t *timer)
{
    struct net_client *client = timer->data;

    if (client->wsi)
        lws_set_timeout(client->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    end_call(client, -ETIMEDOUT);
}

/* ---- what libwebsockets tells ---- */

static int add_header(struct lws *wsi, const char *name, const char *value, uint8_t **at,
                      uint8_t *end)
{
    return lws_add_http_header_by_name(wsi, (const uint8_t *)name, (const uint8_t *)value,
                                       (int)strlen(value), at, end);
}

static int add_headers(struct net_client *client, struct lws *wsi, uint8_t **at, size_t room)
{
    const struct road road = {client->road_client, client->road_user, client->issue};
    char length[24];

    snprintf(length, sizeof(length), "%zu", client->body.len);
    if (add_header(wsi, "content-type:", "application/proto", at, *at + room) ||
        add_header(wsi, "connect-protocol-version:", "1", at, *at + room) ||
        add_header(wsi, "content-length:", length, at, *at + room) ||
        add_header(wsi, "accept-encoding:", CODING_NAME, at, *at + room) ||
        (client->packed && add_header(wsi, "content-encoding:", CODING_NAME, at, *at + room)) ||
        road_add(wsi, &road, client->method, at, *at + room))
        return -1;
    if (client->body.len) {
        lws_client_http_body_pending(wsi, 1);
        lws_callback_on_writable(wsi);
    }
    return 0;
}

static int write_body(struct net_client *client, struct lws *wsi)
{
    uint8_t *out = client->net->scratch + LWS_PRE;
    size_t take = client->body.len - client->sent;

    if (!take)
        return 0;
    if (take > NET_WRITE_BYTES)
        take = NET_WRITE_BYTES;
    memcpy(out, client->body.data + client->sent, take);
    client->sent += take;
    bool last = client->sent == client->body.len;
    if (lws_write(wsi, out, take, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
        return -1;
    if (last)
        lws_client_http_body_pending(wsi, 0);
    else
        lws_callback_on_writable(wsi);
    return 0;
}

/* Feeds what has come to LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ. */
static int read_answer(struct net_client *client, struct lws *wsi)
{
    char *out = (char *)client->net->scratch + LWS_PRE;
    int room = NET_WRITE_BYTES;

    return lws_http_client_read(wsi, &out, &room) < 0 ? -1 : 0;
}

static bool header_is_zstd(struct lws *wsi, enum lws_token_indexes token)
{
    char value[64] = "";

    return lws_hdr_copy(wsi, value, sizeof(value), token) > 0 && http_list_has(value, CODING_NAME);
}

static int take_status(struct net_client *client, struct lws *wsi)
{
    char type[64] = "";

    client->peer = (struct net_peer){0};
    certificate_read(wsi, &client->peer);
    client->status = (int)lws_http_client_http_response(wsi);
    lws_hdr_copy(wsi, type, sizeof(type), WSI_TOKEN_HTTP_CONTENT_TYPE);
    client->answer_packed = header_is_zstd(wsi, WSI_TOKEN_HTTP_CONTENT_ENCODING);
    if (client->status == 200 || client->status == 415)
        client->opens = header_is_zstd(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING);
    if (http_type_is(type, client->status == 200 ? "application/proto" : "application/json"))
        return 0;
    end_call(client, -EPROTO);
    return -1;
}

static int take_answer(struct net_client *client, const uint8_t *data, size_t len)
{
    if (!buf_append(&client->answer, data, len))
        return 0;
    end_call(client, -EPROTO);
    return -1;
}

static int on_client_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                           size_t len)
{
    struct net_client *client = wsi ? lws_get_opaque_user_data(wsi) : NULL;

    (void)user;
    if (!client)
        return 0;
    /* One of over a hundred reasons; the others have nothing for us. */
    switch ((int)reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return add_headers(client, wsi, in, len);
    case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
        return write_body(client, wsi);
    case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
        return take_status(client, wsi);
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
        return read_answer(client, wsi);
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
        return take_answer(client, in, len);
    case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
        end_call(client, 0);
        return -1;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        log_debug("net.call", "why=%s", log_quote(in ? in : "").text);
        end_call(client, -ECONNREFUSED);
        return 0;
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
    case LWS_CALLBACK_WSI_DESTROY:
        end_call(client, -ECONNREFUSED);
        return 0;
    }
    return 0;
}

/* ---- the beginning of a call ---- */

static const struct lws_protocols client_protocols[] = {
    {.name = "assize-client", .callback = on_client_event, .rx_buffer_size = NET_WRITE_BYTES}, {0}};

/* 0 when there is a vhost with our certificates. */
static int open_vhost(struct net_client *client)
{
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = client_protocols,
        .vhost_name = "assize-client",
        .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
        .client_ssl_ca_filepath = client->ca,
        .client_ssl_cert_filepath = client->certificate,
        .client_ssl_private_key_filepath = client->key,
        .ssl_client_options_set =
            SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_TLSv1_2 | SSL_OP_NO_COMPRESSION,
    };

    if (client->vhost)
        return 0;
    if (access(client->ca, R_OK) || access(client->certificate, R_OK) || access(client->key, R_OK))
        return -ENOENT;
    client->vhost = lws_create_vhost(client->net->lws, &info);
    return client->vhost ? 0 : -ENOENT;
}

static void connect_to(struct net_client *client, const char *address)
{
    char path[CLIENT_PREFIX_SIZE + CLIENT_METHOD_SIZE], host[HTTP_HOST_SIZE + 8];
    const struct lws_client_connect_info info = {
        .context = client->net->lws,
        .vhost = client->vhost,
        .address = address,
        .port = client->server.port,
        .ssl_connection = LCCSCF_USE_SSL,
        .path = path,
        .host = host,
        .method = "POST",
        .alpn = "http/1.1",
        .local_protocol_name = client_protocols[0].name,
        .opaque_user_data = client,
        .pwsi = &client->wsi,
    };

    snprintf(path, sizeof(path), "%s/%s", client->prefix, client->method);
    snprintf(host, sizeof(host), "%s:%d", client->server.host, client->server.port);
    client->state = CLIENT_CALLING;
    if (!lws_client_connect_via_info(&info)) {
        client->wsi = NULL; /* gone already */
        end_call(client, -ECONNREFUSED);
    }
}

static void free_when_closed(struct net_client *client)
{
    if (client->timer_closed && !client->looking_up)
        free(client);
}

static void looked_up(uv_getaddrinfo_t *lookup, int status, struct addrinfo *found)
{
    struct net_client *client = lookup->data;
    char address[NI_MAXHOST];

    client->looking_up = false;
    if (client->state == CLIENT_CLOSED) {
        free_when_closed(client);
    } else if (client->state == CLIENT_RESOLVING) {
        if (status || getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof(address), NULL,
                                  0, NI_NUMERICHOST))
            end_call(client, -ECONNREFUSED);
        else
            connect_to(client, address);
    }
    uv_freeaddrinfo(found);
}

static void start_call(struct net_client *client)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};

    int result = open_vhost(client);
    if (!result && client->looking_up)
        result = -ETIMEDOUT; /* the name of the call before is still being looked up */
    if (!result && uv_getaddrinfo(client->net->loop, &client->lookup, looked_up,
                                  client->server.host, NULL, &hints))
        result = -ECONNREFUSED;
    if (result)
        end_call(client, result);
    else
        client->looking_up = true;
}

void net_client_call(struct net_client *client, const char *method, const uint8_t *body, size_t len,
                     net_client_callback callback, void *context)
{
    assert(client->state == CLIENT_IDLE);
    client->callback = callback;
    client->context = context;
    client->sent = 0;
    client->status = 0;
    client->answer_packed = false;
    buf_clear(&client->answer);
    buf_clear(&client->body);
    client->packed = client->opens && len >= CODING_LEAST && !coding_pack(body, len, &client->body);
    if (!str_copy(client->method, sizeof(client->method), method) ||
        (!client->packed && buf_append(&client->body, body, len)))
        abort(); /* both are ours */
    client->state = CLIENT_RESOLVING;
    uv_timer_start(&client->timer, on_deadline, (uint64_t)client->deadline_ms, 0);
    start_call(client);
}

void net_client_set_issue(struct net_client *client, const char *issue)
{
    str_copy(client->issue, sizeof(client->issue), issue);
}

const struct net_peer *net_client_peer(const struct net_client *client)
{
    return &client->peer;
}

/* ---- making and freeing ---- */

/* The path of a URL, without a slash at its end. */
static bool read_prefix(const char *url, char prefix[static CLIENT_PREFIX_SIZE])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "-._~%/";
    const char *authority = strstr(url, "://");
    const char *path = authority ? authority + 3 + strcspn(authority + 3, "/?#") : "";
    size_t len = strlen(path);

    if (strspn(path, letters) != len || strstr(path, "//") || strstr(path, "/.") ||
        !str_copy(prefix, CLIENT_PREFIX_SIZE, path))
        return false;
    if (len && prefix[len - 1] == '/')
        prefix[len - 1] = '\0';
    return true;
}

static bool copy_or_none(char out[static CLIENT_ROAD_SIZE], const char *text)
{
    return str_copy(out, CLIENT_ROAD_SIZE, text ? text : "");
}

struct net_client *net_client_new(struct net *net, const struct net_client_options *options)
{
    struct net_client *client = calloc(1, sizeof(*client));
    struct http_site site;

    if (!client)
        abort();
    if (!http_site_parse(options->url, 0, &site) || !read_prefix(options->url, client->prefix) ||
        !copy_or_none(client->road_client, options->road_client) ||
        !copy_or_none(client->road_user, options->road_user) ||
        !str_copy(client->ca, sizeof(client->ca), options->ca) ||
        !str_copy(client->certificate, sizeof(client->certificate), options->certificate) ||
        !str_copy(client->key, sizeof(client->key), options->key)) {
        free(client);
        return NULL;
    }
    client->net = net;
    client->server = site.public_url;
    client->deadline_ms = NET_ANSWER_MS + options->wait_ms;
    buf_init(&client->body, NET_BODY_MAX);
    buf_init(&client->answer, NET_ANSWER_MAX);
    client->lookup.data = client;
    client->timer.data = client;
    uv_timer_init(net->loop, &client->timer);
    return client;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct net_client *client = handle->data;

    client->timer_closed = true;
    free_when_closed(client);
}

void net_client_free(struct net_client *client)
{
    if (!client)
        return;
    if (client->wsi)
        lws_set_timeout(client->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    let_go(client);
    client->state = CLIENT_CLOSED;
    if (client->looking_up)
        uv_cancel((uv_req_t *)&client->lookup);
    buf_done(&client->body);
    buf_done(&client->answer);
    uv_close((uv_handle_t *)&client->timer, on_timer_closed);
}
