#include <errno.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "base/str.h"
#include "server/net/net_internal.h"

enum { LINGER_MS = 1000 };

/*
 * Content-Length and Transfer-Encoding (RFC 9112 section 6.3); both at once is how requests are
 * smuggled. unread follows libwebsockets, which passes a body on only after a good length, or after
 * a POST without one.
 */
static enum refusal read_framing(struct conn *conn, struct request *request)
{
    char length[24], coding[24];
    uint64_t value = 0;

    if (!http_header(conn, WSI_TOKEN_HTTP_CONTENT_LENGTH, length, sizeof(length)) ||
        !http_header(conn, WSI_TOKEN_HTTP_TRANSFER_ENCODING, coding, sizeof(coding)))
        return REFUSAL_MALFORMED;
    request->has_length = *length;
    request->chunked = *coding;
    int result = *length ? str_to_u64(length, NET_BODY_MAX, &value) : 0;
    request->whole = value && !*coding;
    conn->unread = value || result == -ERANGE || (request->post && !*length);
    if (result == -ERANGE)
        return REFUSAL_TOO_LARGE;
    if (result || (*length && *coding) || (*coding && !http_type_is(coding, "chunked")))
        return REFUSAL_MALFORMED;
    return REFUSAL_NONE;
}

/* libwebsockets keeps reading up to twice the limit, so that a person learns what was wrong. */
static bool headers_fit(struct conn *conn)
{
    int total = 0;

    for (int token = 0; token < WSI_TOKEN_COUNT; token++)
        total += lws_hdr_total_length(conn->wsi, (enum lws_token_indexes)token);
    return total <= NET_HEADERS_MAX;
}

static enum refusal read_path(struct conn *conn, struct request *request)
{
    enum lws_token_indexes token = WSI_TOKEN_GET_URI;

    conn->head_only = lws_hdr_total_length(conn->wsi, WSI_TOKEN_HEAD_URI) > 0;
    request->post = lws_hdr_total_length(conn->wsi, WSI_TOKEN_POST_URI) > 0;
    if (conn->head_only)
        token = WSI_TOKEN_HEAD_URI;
    if (request->post)
        token = WSI_TOKEN_POST_URI;
    if (lws_hdr_total_length(conn->wsi, token) <= 0)
        return REFUSAL_METHOD_NOT_ALLOWED;
    if (!http_header(conn, token, request->path, sizeof(request->path)) ||
        !str_utf8_valid(request->path, strlen(request->path)))
        return REFUSAL_MALFORMED;
    return REFUSAL_NONE;
}

static bool read_host(struct conn *conn)
{
    struct http_authority authority;

    return http_header(conn, WSI_TOKEN_HOST, conn->host, sizeof(conn->host)) &&
           (!*conn->host || http_authority_parse(conn->host, &authority));
}

/*
 * A body, wanted or not, ends the connection, but for a call of an organisation whose length was
 * said: one that sends more than that is cut (http_on_body_end). Whom our present authorities do
 * not know must not go on for ever.
 */
static bool may_be_followed(const struct conn *conn, const struct request *request)
{
    if (request->post)
        return conn->net->organisations && request->whole &&
               conn->version == credentials_version(conn->net->credentials);
    return !request->has_length && !request->chunked;
}

static enum refusal read_request(struct conn *conn, struct request *request)
{
    char version[16], connection[64];
    enum refusal refusal;

    conn->keep_alive = false;
    conn->head_only = false;
    conn->unread = false;
    if (!headers_fit(conn))
        return REFUSAL_HEADERS_TOO_LARGE;
    if (!read_host(conn)) {
        conn->host[0] = '\0';
        return REFUSAL_MALFORMED;
    }
    refusal = read_path(conn, request);
    if (!refusal)
        refusal = read_framing(conn, request);
    if (refusal)
        return refusal;
    conn->keep_alive = may_be_followed(conn, request) &&
                       http_header(conn, WSI_TOKEN_HTTP, version, sizeof(version)) &&
                       strcmp(version, "HTTP/1.1") == 0 &&
                       http_header(conn, WSI_TOKEN_CONNECTION, connection, sizeof(connection)) &&
                       !http_list_has(connection, "close");
    return REFUSAL_NONE;
}

static uint64_t bytes_read(const struct conn *conn)
{
    return BIO_number_read(SSL_get_rbio(lws_get_ssl(conn->wsi)));
}

/*
 * True when the request was sent before its predecessor was answered. libwebsockets overlooks a
 * header that follows one named like the beginning of a name it knows ("X:"), a Content-Length too;
 * what a proxy before us took for a body would then be taken for a request of its own. Nobody else
 * sends a request so early, so it is not served.
 */
static bool is_pipelined(const struct conn *conn)
{
    return conn->read_until && bytes_read(conn) == conn->read_until;
}

int http_on_request(struct conn *conn)
{
    struct request request = {0};
    int64_t latest_ms = clock_monotonic_ms() + NET_REQUEST_MS;

    if (is_pipelined(conn)) {
        conn->net->dropped[NET_DROP_PIPELINED]++;
        return -1;
    }
    lws_set_timeout(conn->wsi, NO_PENDING_TIMEOUT, 0);
    if (conn->deadline_ms > latest_ms)
        conn->deadline_ms = latest_ms;
    conn->any_request = true;
    conn->net->requests++;
    enum refusal refusal = read_request(conn, &request);
    if (!refusal && request.post)
        refusal = connect_begin(conn, &request);
    if (refusal)
        http_refuse(conn, refusal);
    else if (!request.post && !metrics_answer(conn, request.path))
        static_answer(conn, &request);
    return 0;
}

void http_release_body(struct conn *conn)
{
    conn->net->bodies -= conn->body_held;
    conn->body_held = 0;
    buf_done(&conn->body);
}

static enum refusal take_body(struct conn *conn, const uint8_t *data, size_t len, bool *ret_end)
{
    struct net *net = conn->net;
    int result = conn->chunked ? http_chunks_feed(&conn->chunks, data, len, &conn->body)
                               : buf_append(&conn->body, data, len);

    net->bodies += conn->body.len - conn->body_held;
    conn->body_held = conn->body.len;
    if (result == -EBADMSG)
        return REFUSAL_MALFORMED;
    if (result == -ENOBUFS)
        return REFUSAL_TOO_LARGE;
    *ret_end = conn->chunked && result;
    return net->bodies > NET_BODIES_MAX ? REFUSAL_BUSY : REFUSAL_NONE;
}

int http_on_body(struct conn *conn, const uint8_t *data, size_t len)
{
    bool end = false;

    if (conn->state != CONN_BODY || !len)
        return 0;
    enum refusal refusal = take_body(conn, data, len, &end);
    if (refusal)
        http_refuse(conn, refusal);
    else if (end)
        return http_on_body_end(conn);
    return 0;
}

int http_on_body_end(struct conn *conn)
{
    if (conn->state == CONN_LINGER)
        return -1;
    if (conn->state == CONN_STREAM) { /* so libwebsockets tells of bytes after a whole body */
        conn->net->dropped[NET_DROP_PUSHY]++;
        return -1;
    }
    /*
     * Told again of a body that was whole, so of bytes behind it, which libwebsockets would offer
     * for ever.
     */
    if (conn->state != CONN_BODY && conn->keep_alive) {
        conn->net->dropped[NET_DROP_PIPELINED]++;
        return -1;
    }
    conn->unread = false;
    if (conn->state != CONN_BODY)
        return 0;
    if (conn->chunked && conn->chunks.state != HTTP_CHUNK_DONE) {
        http_refuse(conn, REFUSAL_MALFORMED);
        return 0;
    }
    /*
     * What a client sends after its request is not looked at, and reading it would only spin the
     * loop.
     */
    lws_rx_flow_control(conn->wsi, 0);
    conn->state = CONN_CALL;
    conn_set_deadline(conn, NET_RESPONSE_MS);
    connect_deliver(conn);
    return 0;
}

void http_answer(struct conn *conn, const struct answer *answer)
{
    struct reply *reply = &conn->reply;

    if (conn->unread)
        conn->keep_alive = false; /* what is left of the body is no request */
    http_write_head(conn, answer);
    reply->body = answer->body;
    reply->stream = answer->stream;
    reply->len = conn->head_only ? 0 : answer->len;
    reply->sent = 0;
    reply->head_sent = false;
    conn->state = CONN_REPLY;
    conn->late_ms = 0;
    conn_set_deadline(conn, NET_RESPONSE_MS);
    lws_rx_flow_control(conn->wsi, 1); /* a paused connection is not written to either */
    lws_callback_on_writable(conn->wsi);
}

void http_refuse(struct conn *conn, enum refusal refusal)
{
    http_refuse_with(conn, refusal,
                     refusal == REFUSAL_METHOD_NOT_ALLOWED ? "Allow: GET, HEAD, POST\r\n" : NULL,
                     NULL);
}

void http_refuse_with(struct conn *conn, enum refusal refusal, const char *more, const char *field)
{
    char lines[128];
    struct buf *json = &conn->reply.owned;

    conn->net->refused[refusal]++;
    if (conn->call)
        connect_forget(conn->call);
    if (conn->fetch)
        fetch_forget(conn->fetch);
    http_release_body(conn);
    connect_error_json(refusal, field, json);
    snprintf(lines, sizeof(lines), "%sCache-Control: no-store\r\n", more ? more : "");
    http_answer(conn, &(struct answer){
                          .status = refusal_info(refusal)->http_status,
                          .type = "application/json",
                          .more = lines,
                          .body = json->data,
                          .len = json->len,
                      });
}

static bool has_input(const struct conn *conn)
{
    int waiting = 0;

    return SSL_pending(lws_get_ssl(conn->wsi)) > 0 ||
           (ioctl(lws_get_socket_fd(conn->wsi), FIONREAD, &waiting) == 0 && waiting > 0);
}

/* Nothing is read while a call is under way, so nobody else would see it. */
bool http_has_hung_up(const struct conn *conn)
{
    struct pollfd end = {.fd = lws_get_socket_fd(conn->wsi), .events = POLLRDHUP};

    return poll(&end, 1, 0) > 0;
}

bool http_is_pushy(struct conn *conn)
{
    bool stuck = lws_send_pipe_choked(conn->wsi) ||
                 (conn->reply.stream && file_stream_waits(conn->reply.stream));

    return conn->state == CONN_REPLY && stuck && has_input(conn);
}

/* The answer is out: on to the next request, or to the end. */
static int finish_reply(struct conn *conn)
{
    buf_done(&conn->reply.head);
    buf_done(&conn->reply.owned);
    file_stream_end(conn->reply.stream);
    conn->reply.stream = NULL;
    if (!conn->keep_alive && !conn->unread)
        return -1;
    if (!conn->keep_alive) {
        conn->state = CONN_LINGER;
        conn_set_deadline(conn, LINGER_MS);
        return 0;
    }
    conn->state = CONN_HEADERS;
    conn_set_deadline(conn, NET_KEEPALIVE_MS);
    return lws_http_transaction_completed(conn->wsi) ? -1 : 0;
}

/*
 * The last bytes of the answer are about to go: what is here of the next request has come too
 * early.
 */
static void expect_next(struct conn *conn)
{
    conn->read_until = bytes_read(conn);
    if (conn->keep_alive && has_input(conn)) {
        conn->net->dropped[NET_DROP_PIPELINED]++;
        conn->keep_alive = false;
    }
}

/* The next bytes of the body, at most room, or as file_stream_take. */
static ssize_t take_body_out(struct reply *reply, uint8_t *out, size_t room)
{
    size_t take = reply->len - reply->sent;

    if (take > room)
        take = room;
    if (!take)
        return 0;
    if (reply->stream)
        return file_stream_take(reply->stream, out, take);
    memcpy(out, reply->body + reply->sent, take);
    return (ssize_t)take;
}

int http_on_writable(struct conn *conn)
{
    struct reply *reply = &conn->reply;
    uint8_t *out = conn->net->scratch + LWS_PRE;
    size_t n = 0;

    lws_set_timeout(conn->wsi, NO_PENDING_TIMEOUT, 0);
    if (conn->state == CONN_STREAM)
        return stream_on_writable(conn);
    if (conn->state != CONN_REPLY)
        return 0;
    if (reply->head_sent && reply->sent == reply->len)
        return finish_reply(conn);
    if (!reply->head_sent) {
        n = reply->head.len;
        memcpy(out, reply->head.data, n);
        reply->head_sent = true;
    }
    ssize_t taken = take_body_out(reply, out + n, NET_WRITE_BYTES - n);
    if (taken < 0)
        return -1;
    if (!n && !taken)
        return 0; /* the disk is being asked */
    reply->sent += (size_t)taken;
    if (reply->sent == reply->len)
        expect_next(conn);
    if (lws_write(conn->wsi, out, n + (size_t)taken, LWS_WRITE_HTTP) < 0)
        return -1;
    /* Not in the next turn: by then the next request may be here, in its turn. */
    if (reply->sent == reply->len && conn->keep_alive && !lws_partial_buffered(conn->wsi))
        return finish_reply(conn);
    conn_set_deadline(conn, NET_RESPONSE_MS);
    lws_callback_on_writable(conn->wsi);
    return 0;
}

static enum refusal check_upgrade(struct conn *conn, const char *protocol)
{
    char path[NET_PATH_SIZE], version[8];
    struct net_peer peer;

    if (!read_host(conn) || strcasecmp(protocol, "websocket") != 0)
        return REFUSAL_MALFORMED;
    if (!http_header(conn, WSI_TOKEN_GET_URI, path, sizeof(path)) || strcmp(path, "/signal") != 0)
        return REFUSAL_NOT_FOUND;
    if (!http_header(conn, WSI_TOKEN_VERSION, version, sizeof(version)) ||
        strcmp(version, "13") != 0 || lws_hdr_total_length(conn->wsi, WSI_TOKEN_KEY) <= 0 ||
        !http_read_peer(conn, &peer))
        return REFUSAL_MALFORMED;
    if (!http_origin_is_good(conn))
        return REFUSAL_ORIGIN_REFUSED;
    return REFUSAL_NONE;
}

int http_on_upgrade(struct conn *conn, const char *protocol)
{
    conn->any_request = true;
    conn->keep_alive = false;
    conn->net->requests++;
    if (is_pipelined(conn)) {
        conn->net->dropped[NET_DROP_PIPELINED]++;
        return -1;
    }
    enum refusal refusal = check_upgrade(conn, protocol);
    if (!refusal)
        return 0;
    http_refuse(conn, refusal);
    http_on_writable(conn); /* small enough to go in one write; closing flushes it */
    return -1;
}
