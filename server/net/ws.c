#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "server/net/net_internal.h"

enum {
    REASON_SIZE = 124,
    CLOSE_ACK_MS = 2000,
    NS_PER_MESSAGE = 1000000000 / NET_WS_MESSAGES_PER_S
};

struct message {
    struct message *next;
    size_t len;
    uint8_t data[]; /* LWS_PRE bytes for libwebsockets, then the message */
};

struct net_ws {
    struct conn *conn;
    void *user;
    struct message *first, **last;
    size_t queued; /* bytes */
    struct buf incoming;
    int64_t quota_ns; /* when the next message is due, were they sent evenly */
    bool paused;
    bool closing; /* nothing is received or queued any more */
    bool told;    /* the close frame is under way */
    uint16_t code;
    char reason[REASON_SIZE];
};

int ws_on_open(struct conn *conn)
{
    struct net *net = conn->net;
    struct net_ws *ws = calloc(1, sizeof(*ws));
    struct net_peer peer;

    if (!ws)
        abort();
    ws->conn = conn;
    ws->last = &ws->first;
    buf_init(&ws->incoming, NET_WS_MESSAGE_MAX);
    conn->ws = ws;
    conn->state = CONN_WS;
    conn_set_deadline(conn, NET_WS_QUIET_MS);
    net->websockets++;
    net->ws_opened++;
    http_read_peer(conn, &peer); /* was good when the upgrade was checked */
    net->ops->ws_open(net->context, ws, &peer);
    return 0;
}

static void free_queue(struct net_ws *ws)
{
    while (ws->first) {
        struct message *message = ws->first;
        ws->first = message->next;
        free(message);
    }
    ws->last = &ws->first;
    ws->queued = 0;
}

void ws_on_gone(struct conn *conn)
{
    struct net_ws *ws = conn->ws;

    conn->ws = NULL;
    conn->net->websockets--;
    conn->net->ops->ws_closed(conn->net->context, ws);
    free_queue(ws);
    buf_done(&ws->incoming);
    free(ws);
}

/*
 * libwebsockets loses the close frame when a WRITEABLE callback asks for the end, so a timer's
 * does. The loop is woken because it does not look at its timers after a call from outside.
 */
static void start_close(struct net_ws *ws)
{
    ws->told = true;
    conn_set_deadline(ws->conn, CLOSE_ACK_MS);
    lws_set_timer_usecs(ws->conn->wsi, 1);
    lws_cancel_service(ws->conn->net->lws);
}

void net_ws_close(struct net_ws *ws, uint16_t code, const char *reason)
{
    if (ws->closing)
        return;
    ws->closing = true;
    ws->code = code;
    str_copy(ws->reason, sizeof(ws->reason), reason);
    buf_done(&ws->incoming);
    net_ws_pause(ws, false); /* the client's close frame must be read */
    conn_set_deadline(ws->conn, NET_DRAIN_MS);
    if (!ws->first)
        start_close(ws);
}

static void drop(struct net_ws *ws, enum net_drop why, uint16_t code, const char *reason)
{
    if (ws->closing)
        return;
    ws->conn->net->dropped[why]++;
    net_ws_close(ws, code, reason);
}

int ws_on_timer(struct conn *conn)
{
    struct net_ws *ws = conn->ws;

    if (!ws || !ws->told)
        return 0;
    lws_close_reason(conn->wsi, (enum lws_close_status)ws->code, (unsigned char *)ws->reason,
                     strlen(ws->reason));
    return -1;
}

void ws_on_deadline(struct conn *conn)
{
    struct net_ws *ws = conn->ws;

    if (!ws || ws->told) {
        conn_cut(conn);
        return;
    }
    if (ws->closing) { /* it does not take what is queued for it */
        conn->net->dropped[NET_DROP_WS_STUCK]++;
        free_queue(ws);
        start_close(ws);
        return;
    }
    if (ws->paused) { /* we do not listen, so its silence says nothing */
        conn_set_deadline(conn, NET_WS_QUIET_MS);
        return;
    }
    drop(ws, NET_DROP_WS_QUIET, LWS_CLOSE_STATUS_POLICY_VIOLATION, "quiet");
}

/* A bucket of twice NET_WS_MESSAGES_PER_S, refilled evenly. */
static bool over_rate(struct net_ws *ws)
{
    int64_t now_ns = clock_monotonic_ns();

    if (ws->quota_ns < now_ns)
        ws->quota_ns = now_ns;
    ws->quota_ns += NS_PER_MESSAGE;
    return ws->quota_ns - now_ns > 2LL * NET_WS_MESSAGES_PER_S * NS_PER_MESSAGE;
}

static void deliver(struct net_ws *ws)
{
    struct net *net = ws->conn->net;

    if (over_rate(ws)) {
        drop(ws, NET_DROP_WS_RATE, LWS_CLOSE_STATUS_POLICY_VIOLATION,
             refusal_info(REFUSAL_RATE_LIMITED)->code);
        return;
    }
    net->ws_received++;
    net->ops->ws_message(net->context, ws, ws->incoming.data, ws->incoming.len);
    if (!ws->closing)
        buf_done(&ws->incoming);
}

int ws_on_receive(struct conn *conn, const uint8_t *data, size_t len)
{
    struct net_ws *ws = conn->ws;

    if (!ws || ws->closing)
        return 0;
    conn_set_deadline(conn, NET_WS_QUIET_MS);
    if (!lws_frame_is_binary(conn->wsi))
        drop(ws, NET_DROP_WS_NOT_BINARY, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE,
             refusal_info(REFUSAL_UNSUPPORTED_TYPE)->code);
    else if (buf_append(&ws->incoming, data, len))
        drop(ws, NET_DROP_WS_TOO_LARGE, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE,
             refusal_info(REFUSAL_TOO_LARGE)->code);
    else if (lws_is_final_fragment(conn->wsi) && !lws_remaining_packet_payload(conn->wsi))
        deliver(ws);
    return 0;
}

int ws_on_writable(struct conn *conn)
{
    struct net_ws *ws = conn->ws;
    struct message *message = ws ? ws->first : NULL;

    if (!message || ws->told)
        return 0;
    ws->first = message->next;
    if (!ws->first)
        ws->last = &ws->first;
    ws->queued -= message->len;
    int written = lws_write(conn->wsi, message->data + LWS_PRE, message->len, LWS_WRITE_BINARY);
    free(message);
    if (written < 0)
        return -1;
    conn->net->ws_sent++;
    if (ws->first)
        lws_callback_on_writable(conn->wsi);
    else if (ws->closing)
        start_close(ws);
    return 0;
}

void net_ws_set_user(struct net_ws *ws, void *user)
{
    ws->user = user;
}

void *net_ws_user(const struct net_ws *ws)
{
    return ws->user;
}

int net_ws_send(struct net_ws *ws, const uint8_t *data, size_t len)
{
    if (ws->closing)
        return -EPIPE;
    if (len > NET_WS_QUEUE_BYTES - ws->queued)
        return -ENOBUFS;
    struct message *message = malloc(sizeof(*message) + LWS_PRE + len);
    if (!message)
        abort();
    message->next = NULL;
    message->len = len;
    memcpy(message->data + LWS_PRE, data, len);
    *ws->last = message;
    ws->last = &message->next;
    ws->queued += len;
    lws_callback_on_writable(ws->conn->wsi);
    return 0;
}

void net_ws_pause(struct net_ws *ws, bool pause)
{
    if (ws->paused == pause)
        return;
    ws->paused = pause;
    lws_rx_flow_control(ws->conn->wsi, !pause);
    if (!pause) {
        conn_set_deadline(ws->conn, NET_WS_QUIET_MS);
        lws_cancel_service(ws->conn->net->lws); /* what was read already waits inside */
    }
}
