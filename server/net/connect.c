#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "server/net/coding.h"
#include "server/net/net_internal.h"

enum { METHOD_SIZE = 160, REFUSAL_DETAIL_MAX = 2048, COOKIE_LINE_SIZE = 256 };

/*
 * Lives from the headers until the service has answered, which may be after the connection's death.
 */
struct net_call {
    struct conn *conn; /* NULL when the caller has gone */
    bool delivered;    /* the service has it and will answer */
    bool late;         /* the time that the caller gave was over */
    bool streamed;     /* a stream of messages is wanted for an answer */
    bool packed;       /* the body is in zstd */
    bool packs;        /* the answer may be */
    char method[METHOD_SIZE];
    struct net_peer peer;
    char *road; /* or NULL */
    struct buf body;
    char cookie[COOKIE_LINE_SIZE]; /* the header line of the reply, or "" */
};

static enum refusal check_type(struct conn *conn, bool *ret_streamed, bool *ret_packed)
{
    char type[128], coding[32], version[8];

    if (!http_header(conn, WSI_TOKEN_HTTP_CONTENT_TYPE, type, sizeof(type)))
        return REFUSAL_UNSUPPORTED_TYPE;
    *ret_streamed = http_type_is(type, CONNECT_STREAM_TYPE);
    if (!*ret_streamed && !http_type_is(type, "application/proto"))
        return REFUSAL_UNSUPPORTED_TYPE;
    if (!http_header(conn, WSI_TOKEN_HTTP_CONTENT_ENCODING, coding, sizeof(coding)) ||
        (*coding && !http_type_is(coding, "identity") && !http_type_is(coding, CODING_NAME)))
        return REFUSAL_UNSUPPORTED_TYPE;
    *ret_packed = http_type_is(coding, CODING_NAME);
    if (lws_hdr_custom_copy(conn->wsi, version, sizeof(version), "connect-protocol-version:",
                            (int)strlen("connect-protocol-version:")) <= 0 ||
        strcmp(version, "1") != 0)
        return REFUSAL_MALFORMED;
    return REFUSAL_NONE;
}

/* Since now, of Connect-Timeout-Ms; without one there is no end. */
static enum refusal read_timeout(struct conn *conn)
{
    static const char name[] = "connect-timeout-ms:";
    char text[NET_TIMEOUT_DIGITS + 1];
    uint64_t ms = 0;

    conn->late_ms = 0;
    if (!http_has_custom_header(conn, name))
        return REFUSAL_NONE;
    int len = lws_hdr_custom_copy(conn->wsi, text, sizeof(text), name, (int)strlen(name));
    size_t zeros = len > 0 ? strspn(text, "0") : 0;
    if (len <= 0 || (text[zeros] && str_to_u64(text + zeros, INT64_MAX / 2, &ms)))
        return REFUSAL_MALFORMED;
    conn->late_ms = clock_monotonic_ms() + (int64_t)ms;
    return REFUSAL_NONE;
}

/*
 * Organisations only: an answer to a person may hold a secret beside what a stranger can choose,
 * and its packed length would tell of both.
 */
static bool may_pack(struct conn *conn, const struct net_peer *peer)
{
    char accepted[256];

    return *peer->organisation &&
           http_header(conn, WSI_TOKEN_HTTP_ACCEPT_ENCODING, accepted, sizeof(accepted)) &&
           http_list_has(accepted, CODING_NAME);
}

enum refusal connect_begin(struct conn *conn, const struct request *request)
{
    const char *method = http_path_method(request->path);

    if (!method || strlen(method) >= METHOD_SIZE)
        return REFUSAL_NOT_FOUND;
    if (!http_origin_is_good(conn))
        return REFUSAL_ORIGIN_REFUSED;
    bool streamed, packed;
    enum refusal refusal = check_type(conn, &streamed, &packed);
    if (!refusal)
        refusal = read_timeout(conn);
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
    call->road = road_read(conn, call->peer.organisation, method);
    call->conn = conn;
    call->streamed = streamed;
    call->packed = packed;
    call->packs = may_pack(conn, &call->peer);
    conn->call = call;
    conn->chunked = request->chunked;
    conn->chunks = (struct http_chunks){0};
    conn->state = CONN_BODY;
    return REFUSAL_NONE;
}

/* The body as it was before it was packed; it counts in what is held. */
static enum refusal open_body(struct conn *conn)
{
    struct buf plain;

    buf_init(&plain, NET_BODY_MAX);
    int result = coding_open(conn->body.data, conn->body.len, &plain);
    conn->net->packed++;
    buf_done(&conn->body);
    conn->body = plain;
    conn->net->bodies += plain.len - conn->body_held;
    conn->body_held = plain.len;
    if (result)
        return result == -ENOBUFS ? REFUSAL_TOO_LARGE : REFUSAL_MALFORMED;
    return conn->net->bodies > NET_BODIES_MAX ? REFUSAL_BUSY : REFUSAL_NONE;
}

static bool is_over(const struct conn *conn)
{
    return conn->late_ms && conn->late_ms <= clock_monotonic_ms();
}

/* REFUSAL_NONE when the body is a message. */
static enum refusal prepare_body(struct conn *conn)
{
    const struct net_call *call = conn->call;
    enum refusal refusal = REFUSAL_NONE;
    size_t len;

    if (is_over(conn))
        return REFUSAL_TIME_IS_OVER;
    if (call->packed && conn->body.len)
        refusal = open_body(conn);
    if (!refusal && call->streamed && !http_envelope_open(conn->body.data, conn->body.len, &len))
        refusal = REFUSAL_MALFORMED;
    return refusal;
}

void connect_deliver(struct conn *conn)
{
    struct net_call *call = conn->call;

    conn->net->calls++;
    enum refusal refusal = prepare_body(conn);
    if (refusal) {
        net_call_refuse(call, refusal);
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
    free(call->road);
    free(call);
}

void connect_forget(struct net_call *call)
{
    call->conn->call = NULL;
    call->conn = NULL;
    if (!call->delivered)
        call_free(call);
}

/* What the service may be doing for it goes on. */
void connect_expire(struct conn *conn)
{
    struct net_call *call = conn->call;

    conn->late_ms = 0;
    if (conn->stream)
        stream_expire(conn);
    if (!call)
        return;
    bool streamed = call->streamed;
    call->late = true;
    connect_forget(call);
    http_release_body(conn);
    if (streamed)
        stream_refuse(conn, REFUSAL_TIME_IS_OVER, NULL);
    else
        http_refuse(conn, REFUSAL_TIME_IS_OVER);
}

const char *net_call_method(const struct net_call *call)
{
    return call->method;
}

const char *net_call_road(const struct net_call *call)
{
    return call->road;
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
    return !call->conn || http_has_hung_up(call->conn);
}

bool net_call_is_late(const struct net_call *call)
{
    return call->late;
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

/* The body of an answer, packed when that is worth it. ret_more: the header lines that say so. */
static int own_body(const struct net_call *call, const uint8_t *body, size_t len,
                    const char **ret_more)
{
    struct buf *owned = &call->conn->reply.owned;

    *ret_more = call->packs ? "Accept-Encoding: " CODING_NAME "\r\n" : "";
    if (!call->packs || len < CODING_LEAST || coding_pack(body, len, owned))
        return buf_append(owned, body, len);
    *ret_more = "Accept-Encoding: " CODING_NAME "\r\nContent-Encoding: " CODING_NAME "\r\n";
    return 0;
}

void net_call_reply(struct net_call *call, const uint8_t *body, size_t len)
{
    struct conn *conn = call->conn;

    if (conn && is_over(conn)) {
        net_call_refuse(call, REFUSAL_TIME_IS_OVER);
        return;
    }
    char more[COOKIE_LINE_SIZE + 96];
    const char *coding = "";
    int error = conn ? own_body(call, body, len, &coding) : 0;
    bool streamed = call->streamed;

    snprintf(more, sizeof(more), "Cache-Control: no-store\r\n%s%s", coding, call->cookie);
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
                                       .len = conn->reply.owned.len});
}

/* more: further header lines, which a stream has no place for; field: what is wrong. Either may be
 * NULL. */
static void refuse(struct net_call *call, enum refusal refusal, const char *more, const char *field)
{
    bool streamed = call->streamed;
    struct conn *conn = end_call(call);

    if (!field)
        field = refusal_field(refusal);
    if (conn && streamed)
        stream_refuse(conn, refusal, field);
    else if (conn)
        http_refuse_with(conn, refusal, more, field);
}

void net_call_refuse(struct net_call *call, enum refusal refusal)
{
    refuse(call, refusal, NULL, NULL);
}

void net_call_refuse_for(struct net_call *call, enum refusal refusal, int64_t seconds)
{
    char more[64];

    snprintf(more, sizeof(more), "Retry-After: %lld\r\n", (long long)seconds);
    refuse(call, refusal, more, NULL);
}

void net_call_refuse_field(struct net_call *call, enum refusal refusal, const char *field)
{
    refuse(call, refusal, NULL, field);
}

struct net_stream *net_call_stream(struct net_call *call, net_stream_gone gone, void *context)
{
    bool streamed = call->streamed;

    if (call->conn && is_over(call->conn)) {
        net_call_refuse(call, REFUSAL_TIME_IS_OVER);
        return NULL;
    }
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

/* The refusal that says as much as such a code does, where what it is does matter. */
static enum refusal read_connect_code(const char *code)
{
    static const enum refusal refusals[] = {REFUSAL_NOT_FOUND, REFUSAL_TIME_IS_OVER, REFUSAL_BUSY,
                                            REFUSAL_OUTCOME_UNKNOWN};

    for (size_t i = 0; code && i < sizeof(refusals) / sizeof(*refusals); i++) {
        if (strcmp(refusal_info(refusals[i])->connect_code, code) == 0)
            return refusals[i];
    }
    return REFUSAL_INTERNAL;
}

enum refusal connect_error_read(const uint8_t *json, size_t len)
{
    json_t *error = len <= NET_REFUSAL_MAX ? json_loadb((const char *)json, len, 0, NULL) : NULL;
    const json_t *detail = json_array_get(json_object_get(error, "details"), 0);
    const char *code = json_string_value(json_object_get(json_object_get(detail, "debug"), "code"));
    enum refusal refusal = code ? refusal_from_code(code) : REFUSAL_INTERNAL;

    if (refusal == REFUSAL_INTERNAL) /* none of ours, or one that is newer than we are */
        refusal = read_connect_code(json_string_value(json_object_get(error, "code")));
    json_decref(error);
    return refusal;
}
