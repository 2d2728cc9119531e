/*
 * Answers that go on: the server's side of a Connect stream over HTTP/1.1. Each message is an
 * envelope (flags, length, bytes) in a chunk of its own; the last one is JSON and says how it
 * ended.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "server/net/net_internal.h"

enum { FLAG_END = 2, END_MAX = 8192 };

struct net_stream {
    struct conn *conn;
    net_stream_gone gone; /* NULL once it was ended */
    void *context;
    struct buf queue; /* chunks */
    size_t sent;      /* of the queue */
    bool ended;
    bool late; /* by the time that the caller gave */
};

/* ---- envelopes ---- */

static int queue_chunk(struct net_stream *stream, uint8_t flags, const uint8_t *data, size_t len)
{
    struct buf *queue = &stream->queue;
    uint8_t envelope[HTTP_ENVELOPE_SIZE];
    size_t before = queue->len;

    http_envelope_write(envelope, flags, len);
    if (buf_printf(queue, "%zx\r\n", HTTP_ENVELOPE_SIZE + len) ||
        buf_append(queue, envelope, HTTP_ENVELOPE_SIZE) || buf_append(queue, data, len) ||
        buf_printf(queue, "%s", flags & FLAG_END ? "\r\n0\r\n\r\n" : "\r\n")) {
        queue->len = before;
        return -ENOBUFS;
    }
    lws_callback_on_writable(stream->conn->wsi);
    return 0;
}

/* {"error": ...} as a refusal has it, or {}. */
static void end_json(enum refusal refusal, const char *field, struct buf *out)
{
    struct buf error;

    buf_init(&error, END_MAX);
    if (refusal)
        connect_error_json(refusal, field, &error);
    if (buf_printf(out, refusal ? "{\"error\":%.*s}" : "{%.*s}", (int)error.len,
                   error.len ? (const char *)error.data : ""))
        abort(); /* texts of one table */
    buf_done(&error);
}

void stream_refuse(struct conn *conn, enum refusal refusal, const char *field)
{
    struct buf *body = &conn->reply.owned;
    uint8_t envelope[HTTP_ENVELOPE_SIZE];
    struct buf json;

    conn->net->refused[refusal]++;
    buf_init(&json, END_MAX);
    end_json(refusal, field, &json);
    http_envelope_write(envelope, FLAG_END, json.len);
    buf_clear(body);
    if (buf_append(body, envelope, HTTP_ENVELOPE_SIZE) || buf_append(body, json.data, json.len))
        abort();
    buf_done(&json);
    http_answer(conn, &(struct answer){.status = 200,
                                       .type = CONNECT_STREAM_TYPE,
                                       .more = "Cache-Control: no-store\r\n",
                                       .body = body->data,
                                       .len = body->len});
}

/* ---- one stream ---- */

struct net_stream *stream_begin(struct conn *conn, net_stream_gone gone, void *context)
{
    struct net_stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        abort();
    *stream = (struct net_stream){.conn = conn, .gone = gone, .context = context};
    buf_init(&stream->queue, NET_STREAM_QUEUE_BYTES);
    http_write_head(conn, &(struct answer){.status = 200,
                                           .type = CONNECT_STREAM_TYPE,
                                           .more = "Cache-Control: no-store\r\n"
                                                   "Transfer-Encoding: chunked\r\n",
                                           .goes_on = true});
    if (buf_append(&stream->queue, conn->reply.head.data, conn->reply.head.len))
        abort(); /* it is empty, and larger than any head */
    conn->stream = stream;
    conn->state = CONN_STREAM;
    conn->net->streams++;
    conn_set_deadline(conn, NET_STREAM_QUIET_MS);
    lws_rx_flow_control(conn->wsi, 1); /* to hear of its end */
    lws_callback_on_writable(conn->wsi);
    return stream;
}

void net_stream_widen(struct net_stream *stream, size_t more)
{
    stream->queue.max += more;
}

int net_stream_send(struct net_stream *stream, const uint8_t *data, size_t len)
{
    return queue_chunk(stream, 0, data, len);
}

bool net_stream_is_clear(const struct net_stream *stream)
{
    return stream->sent == stream->queue.len;
}

void net_stream_end(struct net_stream *stream, enum refusal refusal)
{
    struct buf json;

    stream->gone = NULL;
    stream->ended = true;
    buf_init(&json, END_MAX);
    end_json(refusal, refusal_field(refusal), &json);
    stream->queue.max += END_MAX; /* whoever is slow hears of the end all the same */
    if (queue_chunk(stream, FLAG_END, json.data, json.len))
        abort();
    buf_done(&json);
    if (refusal)
        stream->conn->net->refused[refusal]++;
}

int stream_on_writable(struct conn *conn)
{
    struct net_stream *stream = conn->stream;
    uint8_t *out = conn->net->scratch + LWS_PRE;
    size_t take = stream->queue.len - stream->sent;

    if (!take)
        return stream->ended ? -1 : 0;
    if (take > NET_WRITE_BYTES)
        take = NET_WRITE_BYTES;
    memcpy(out, stream->queue.data + stream->sent, take);
    stream->sent += take;
    if (stream->sent == stream->queue.len) {
        buf_clear(&stream->queue);
        stream->sent = 0;
    }
    if (lws_write(conn->wsi, out, take, LWS_WRITE_HTTP) < 0)
        return -1;
    conn_set_deadline(conn, NET_STREAM_QUIET_MS);
    lws_callback_on_writable(conn->wsi);
    return 0;
}

/* Ended by us; the service is told. */
static void end_and_tell(struct net_stream *stream, enum refusal refusal)
{
    net_stream_gone gone = stream->gone;

    if (stream->ended)
        return;
    net_stream_end(stream, refusal);
    gone(stream->context);
}

void stream_end_all(struct net *net)
{
    struct conn *conn;

    DL_FOREACH(net->conns, conn)
    {
        if (conn->stream)
            end_and_tell(conn->stream, REFUSAL_DRAINING);
    }
}

void stream_expire(struct conn *conn)
{
    conn->stream->late = true;
    end_and_tell(conn->stream, REFUSAL_TIME_IS_OVER);
}

bool net_stream_is_late(const struct net_stream *stream)
{
    return stream->late;
}

void stream_on_gone(struct conn *conn)
{
    struct net_stream *stream = conn->stream;

    conn->stream = NULL;
    conn->net->streams--;
    if (stream->gone)
        stream->gone(stream->context);
    buf_done(&stream->queue);
    free(stream);
}
