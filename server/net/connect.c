#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "server/net/net_internal.h"

enum { METHOD_SIZE = 160, REFUSAL_DETAIL_MAX = 2048, COOKIE_LINE_SIZE = 256 };

/*
 * Lives from the headers until the service has answered, which may be after the connection's death.
 */
struct net_call {
    struct conn *conn; /* NULL when the caller has gone */
    bool delivered;    /* the service has it and will answer */
    bool streamed;     /* a stream of messages is wanted for an answer */
    char method[METHOD_SIZE];
    struct net_peer peer;
    struct buf body;
    char cookie[COOKIE_LINE_SIZE]; /* the header line of the reply, or "" */
};

static enum refusal check_type(struct conn *conn, bool *ret_streamed)
{
    char type[128], coding[32], version[8];

    if (!http_header(conn, WSI_TOKEN_HTTP_CONTENT_TYPE, type, sizeof(type)))
        return REFUSAL_UNSUPPORTED_TYPE;
    *ret_streamed = http_type_is(type, CONNECT_STREAM_TYPE);
    if (!*ret_streamed && !http_type_is(type, "application/proto"))
        return REFUSAL_UNSUPPORTED_TYPE;
    if (!http_header(conn, WSI_TOKEN_HTTP_CONTENT_ENCODING, coding, sizeof(coding)) ||
        (*coding && !http_type_is(coding, "identity")))
        return REFUSAL_UNSUPPORTED_TYPE;
    if (lws_hdr_custom_copy(conn->wsi, version, sizeof(version), "connect-protocol-version:",
                            (int)strlen("connect-protocol-version:")) <= 0 ||
        strcmp(version, "1") != 0)
        return REFUSAL_MALFORMED;
    return REFUSAL_NONE;
}

enum refusal connect_begin(struct conn *conn, const struct request *request)
{
    const char *method = http_path_method(request->path);

    if (!method || strlen(method) >= METHOD_SIZE)
        return REFUSAL_NOT_FOUND;
    if (!http_origin_is_good(conn))
        return REFUSAL_ORIGIN_REFUSED;
    bool streamed;
    enum refusal refusal = check_type(conn, &streamed);
    if (refusal)
        return refusal;
    if (!request->has_length && !request->chunked)
        return REFUSAL_MALFORMED;
    struct net_call *call = calloc(1, sizeof(*call));
    if (!call)
        abort();
    if (!http_read_peer(conn, &call->peer)) {
        free(call);
        return REFUSAL_MALFORMED;
    }
    str_copy(call->method, sizeof(call->method), method);
    road_log(conn, call->peer.organisation, method);
    call->conn = conn;
    call->streamed = streamed;
    conn->call = call;
    conn->chunked = request->chunked;
    conn->chunks = (struct http_chunks){0};
    conn->state = CONN_BODY;
    return REFUSAL_NONE;
}

void connect_deliver(struct conn *conn)
{
    struct net_call *call = conn->call;
    size_t len;

    conn->net->calls++;
    if (call->streamed && !http_envelope_open(conn->body.data, conn->body.len, &len)) {
        net_call_refuse(call, REFUSAL_MALFORMED);
        return;
    }
    call->delivered = true;
    call->body = conn->body;
    buf_init(&conn->body, NET_BODY_MAX);
    conn->net->ops->call(conn->net->context, call);
}

static void call_free(struct net_call *call)
{
    buf_done(&call->body);
    free(call);
}

void connect_forget(struct net_call *call)
{
    call->conn->call = NULL;
    call->conn = NULL;
    if (!call->delivered)
        call_free(call);
}

const char *net_call_method(const struct net_call *call)
{
    return call->method;
}

const struct net_peer *net_call_peer(const struct net_call *call)
{
    return &call->peer;
}

const uint8_t *net_call_body(const struct net_call *call, size_t *ret_len)
{
    *ret_len = call->body.len;
    return call->streamed ? http_envelope_open(call->body.data, call->body.len, ret_len)
                          : call->body.data;
}

bool net_call_gone(const struct net_call *call)
{
    return !call->conn;
}

/* Parts a call from its connection, which is NULL when the caller has gone, and frees the call. */
static struct conn *end_call(struct net_call *call)
{
    struct conn *conn = call->conn;

    if (conn) {
        conn->call = NULL;
        http_release_body(conn);
    }
    call_free(call);
    return conn;
}

void net_call_set_cookie(struct net_call *call, enum net_cookie cookie, const char *token,
                         int64_t seconds)
{
    snprintf(call->cookie, sizeof(call->cookie),
             "Set-Cookie: %s=%s; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=%lld\r\n",
             http_cookie_names[cookie], token, *token ? (long long)seconds : 0LL);
}

void net_call_reply(struct net_call *call, const uint8_t *body, size_t len)
{
    struct conn *conn = call->conn;
    char more[COOKIE_LINE_SIZE + 32];
    int error = conn ? buf_append(&conn->reply.owned, body, len) : 0;
    bool streamed = call->streamed;

    snprintf(more, sizeof(more), "Cache-Control: no-store\r\n%s", call->cookie);
    end_call(call); /* body may have been the call's own */
    if (!conn)
        return;
    if (error || streamed) {
        http_refuse(conn, error ? REFUSAL_INTERNAL : REFUSAL_UNSUPPORTED_TYPE);
        return;
    }
    http_answer(conn, &(struct answer){.status = 200,
                                       .type = "application/proto",
                                       .more = more,
                                       .body = conn->reply.owned.data,
                                       .len = len});
}

void net_call_refuse(struct net_call *call, enum refusal refusal)
{
    bool streamed = call->streamed;
    struct conn *conn = end_call(call);

    if (conn && streamed)
        stream_refuse(conn, refusal, NULL);
    else if (conn)
        http_refuse(conn, refusal);
}

void net_call_refuse_for(struct net_call *call, enum refusal refusal, int64_t seconds)
{
    bool streamed = call->streamed;
    struct conn *conn = end_call(call);
    char more[64];

    snprintf(more, sizeof(more), "Retry-After: %lld\r\n", (long long)seconds);
    if (conn && streamed)
        stream_refuse(conn, refusal, NULL);
    else if (conn)
        http_refuse_with(conn, refusal, more, NULL);
}

void net_call_refuse_field(struct net_call *call, enum refusal refusal, const char *field)
{
    bool streamed = call->streamed;
    struct conn *conn = end_call(call);

    if (conn && streamed)
        stream_refuse(conn, refusal, field);
    else if (conn)
        http_refuse_with(conn, refusal, NULL, field);
}

struct net_stream *net_call_stream(struct net_call *call, net_stream_gone gone, void *context)
{
    bool streamed = call->streamed;
    struct conn *conn = end_call(call);

    if (!conn)
        return NULL;
    if (streamed && conn->net->streams < NET_STREAMS_MAX)
        return stream_begin(conn, gone, context);
    if (streamed)
        stream_refuse(conn, REFUSAL_BUSY, NULL);
    else
        http_refuse(conn, REFUSAL_UNSUPPORTED_TYPE);
    return NULL;
}

/* A string field of a protobuf message: tag, length as varint, bytes. */
static size_t put_field(uint8_t *out, unsigned number, const char *text)
{
    size_t len = strlen(text);
    size_t n = 0;

    out[n++] = (uint8_t)(number << 3 | 2);
    out[n++] = (uint8_t)(len & 0x7f) | (len > 0x7f ? 0x80 : 0);
    if (len > 0x7f)
        out[n++] = (uint8_t)(len >> 7);
    memcpy(out + n, text, len);
    return n + len;
}

/*
 * assize.signal.v1.Refusal in base64 as Connect wants details; short enough to be packed by hand,
 * without that package.
 */
static json_t *refusal_detail(const struct refusal_info *info, const char *field)
{
    uint8_t packed[REFUSAL_DETAIL_MAX];
    char text[REFUSAL_DETAIL_MAX * 4 / 3 + 4];
    size_t len = put_field(packed, 1, info->code);

    len += put_field(packed + len, 2, info->vi);
    len += put_field(packed + len, 3, info->en);
    if (field)
        len += put_field(packed + len, 10, field);
    int written = lws_b64_encode_string((const char *)packed, (int)len, text, (int)sizeof(text));
    if (written < 0)
        abort();
    while (written && text[written - 1] == '=')
        text[--written] = '\0';
    return json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:s*}}", "type", "assize.signal.v1.Refusal",
                     "value", text, "debug", "code", info->code, "vi", info->vi, "en", info->en,
                     "field", field);
}

void connect_error_json(enum refusal refusal, const char *field, struct buf *out)
{
    const struct refusal_info *info = refusal_info(refusal);
    json_t *error = json_pack("{s:s, s:s, s:[o]}", "code", info->connect_code, "message", info->en,
                              "details", refusal_detail(info, field));
    char *text = error ? json_dumps(error, JSON_COMPACT) : NULL;

    buf_clear(out);
    if (!text || buf_append(out, text, strlen(text)))
        abort();
    free(text);
    json_decref(error);
}

enum refusal connect_error_read(const uint8_t *json, size_t len)
{
    json_t *error = json_loadb((const char *)json, len, 0, NULL);
    const json_t *detail = json_array_get(json_object_get(error, "details"), 0);
    const char *code = json_string_value(json_object_get(json_object_get(detail, "debug"), "code"));
    enum refusal refusal = code ? refusal_from_code(code) : REFUSAL_INTERNAL;

    json_decref(error);
    return refusal;
}
