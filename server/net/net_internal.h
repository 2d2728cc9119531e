/*
 * What the files of this folder share. One struct conn lives as long as its socket; it is owned by
 * accept.c and is in exactly one state, which says whose turn it is. Nothing outside holds a conn:
 * a WebSocket (ws.c) and a call (connect.c) point to it and are told when it dies.
 *
 * Every wait has a deadline, looked at by one sweep (net.c), so that no wait depends on the peer or
 * on a timer of libwebsockets.
 */
#ifndef ASSIZE_SERVER_NET_NET_INTERNAL_H
#define ASSIZE_SERVER_NET_NET_INTERNAL_H

#include <libwebsockets.h>
#include <netinet/in.h>

#include "base/table.h"
#include "server/net/credentials.h"
#include "server/net/http_text.h"
#include "server/net/net.h"

enum { NET_PATH_SIZE = 1024, NET_WRITE_BYTES = 16384, NET_SWEEP_MS = 250, NET_DRAIN_MS = 2000 };

enum conn_state {
    CONN_HEADERS, /* no request is complete yet: TLS, headers, or idle after an answer */
    CONN_BODY,    /* a call's body is being read */
    CONN_CALL,    /* the service has the call, or the fetch */
    CONN_REPLY,   /* an answer is being written */
    CONN_STREAM,  /* an answer that goes on */
    CONN_LINGER,  /* refused; the rest is thrown away so that the client reads why */
    CONN_WS       /* a WebSocket */
};

/* Why a connection was dropped without an answer. Columns: enum suffix, metric label. */
#define NET_DROPS(X)                                                                               \
    X(ADDRESS_LIMIT, "address_limit")                                                              \
    X(CONNECTION_LIMIT, "connection_limit")                                                        \
    X(NO_REQUEST, "no_request")                                                                    \
    X(REQUEST_SLOW, "request_slow")                                                                \
    X(RESPONSE_STUCK, "response_stuck")                                                            \
    X(STREAM_QUIET, "stream_quiet")                                                                \
    X(PUSHY, "pushy")                                                                              \
    X(PIPELINED, "pipelined")                                                                      \
    X(BAD_UPGRADE, "bad_upgrade")                                                                  \
    X(WS_QUIET, "ws_quiet")                                                                        \
    X(WS_STUCK, "ws_stuck")                                                                        \
    X(WS_RATE, "ws_rate")                                                                          \
    X(WS_TOO_LARGE, "ws_too_large")                                                                \
    X(WS_NOT_BINARY, "ws_not_binary")
enum net_drop {
#define X(id, label) NET_DROP_##id,
    NET_DROPS(X)
#undef X
        NET_DROP_COUNT
};

struct file_stream; /* file.c */

/*
 * An answer. body points into owned, or into a web page, which lives as long as the net; with a
 * stream it is NULL.
 */
struct reply {
    struct buf head;
    struct buf owned;
    const uint8_t *body;
    struct file_stream *stream;
    size_t len;
    size_t sent;
    bool head_sent;
};

/* The connections of one address (IPv4), or of one /64 (IPv6). */
struct address_count {
    uint8_t key[8];
    int open;
    UT_hash_handle hh;
};

struct conn {
    struct net *net;
    struct lws *wsi;
    struct conn *prev, *next;
    struct address_count *count;
    enum conn_state state;
    int64_t deadline_ms; /* monotonic; 0: none */
    int64_t late_ms;     /* the same, of the time that the caller gave the call under way */
    char address[NET_ADDRESS_SIZE];
    char host[HTTP_HOST_SIZE]; /* of the request's Host header */
    uint64_t read_until;       /* bytes read from the socket when the last answer went, or 0 */
    unsigned version;          /* of the credentials it was made under */
    bool any_request;
    bool keep_alive; /* a further request may follow this one */
    bool head_only;  /* the request was HEAD */
    bool unread;     /* part of the request's body is still to be read */
    bool chunked;
    struct http_chunks chunks;
    struct buf body;
    size_t body_held; /* counted in net->bodies */
    struct reply reply;
    struct net_ws *ws;         /* CONN_WS */
    struct net_call *call;     /* CONN_BODY, CONN_CALL */
    struct net_fetch *fetch;   /* CONN_CALL */
    struct net_stream *stream; /* CONN_STREAM */
};

struct web_page; /* static.c */

struct net {
    uv_loop_t *loop;
    const struct net_ops *ops;
    void *context;
    struct lws_context *lws;
    bool shares;        /* the context is another's, only the vhost is ours */
    bool organisations; /* who calls has a certificate of our authority */
    struct lws_vhost *vhost;
    struct credentials *credentials;
    SSL_CTX *tls;     /* of the vhost */
    unsigned version; /* of the credentials that it serves with */
    struct http_site site;
    char metrics_allow[512];
    struct web_page *pages;
    const char *home; /* as in net_options */
    int listen_fd;
    uv_poll_t *listener; /* NULL when not listening */
    uv_timer_t sweep;
    int turns_left; /* of the loop until libwebsockets has let go of its handles (net_free) */
    struct conn *conns;
    struct conn *adopting; /* a conn that libwebsockets has made no wsi for yet */
    struct address_count *addresses;
    int open;
    int websockets;
    int files; /* being sent */
    int streams;
    size_t bodies; /* bytes of request bodies held */
    uint64_t accepted;
    uint64_t requests;
    uint64_t calls;
    uint64_t packed; /* of them with a body in zstd */
    uint64_t ws_opened;
    uint64_t ws_received;
    uint64_t ws_sent;
    uint64_t refused[REFUSAL_COUNT];
    uint64_t dropped[NET_DROP_COUNT];
    uint8_t scratch[LWS_PRE + NET_WRITE_BYTES];
};

/* One request's headers, as far as answers need them; lives on the stack. */
struct request {
    bool post; /* else GET or HEAD */
    bool has_length, chunked;
    bool whole; /* a body of a length that was said */
    char path[NET_PATH_SIZE];
};

/* accept.c: listening, and the life of a conn */
int accept_start(struct net *net, const char *address, int port);
/* Goes on accepting after descriptors had run out. */
void accept_resume(struct net *net);
void accept_stop(struct net *net);
/* libwebsockets has made a wsi for the conn being adopted, and will tell of its end. */
void conn_adopted(struct net *net, struct lws *wsi);
/* The socket is gone: tells its WebSocket or call, and frees. */
void conn_free(struct conn *conn);
/* Ends the connection, and may free conn. What the client does not take is thrown away. */
void conn_cut(struct conn *conn);
/* Counts the reason, and cuts. */
void conn_drop(struct conn *conn, enum net_drop why);
void conn_expire(struct conn *conn);
void conn_set_deadline(struct conn *conn, int64_t ms);

/* http.c: requests and answers */
int http_on_request(struct conn *conn);
int http_on_body(struct conn *conn, const uint8_t *data, size_t len);
int http_on_body_end(struct conn *conn);
int http_on_writable(struct conn *conn);
/*
 * The client does not take its answer and yet sends more. libwebsockets neither reads nor forgets
 * that, so the loop would spin: such a connection is cut.
 */
bool http_is_pushy(struct conn *conn);
/* The other side has closed the connection. */
bool http_has_hung_up(const struct conn *conn);
/*
 * 0 to let libwebsockets upgrade to a WebSocket; -1 after an answer: the connection is to be
 * closed.
 */
int http_on_upgrade(struct conn *conn, const char *protocol);
struct answer {
    int status;
    const char *type;    /* NULL: no body */
    const char *more;    /* further whole header lines, or NULL */
    const uint8_t *body; /* lives until it is written: conn->reply.owned, or a web page */
    size_t len;
    struct file_stream *stream; /* instead of a body; the reply's from now on */
    bool goes_on;               /* its length is not known */
};
/* Writes the answer as the socket takes it. */
void http_answer(struct conn *conn, const struct answer *answer);
void http_refuse(struct conn *conn, enum refusal refusal);
/* more: further whole header lines, or NULL; field: the path of what is wrong, or NULL. */
void http_refuse_with(struct conn *conn, enum refusal refusal, const char *more, const char *field);
void http_release_body(struct conn *conn);

/* http_head.c: the lines before a body */
/* A header's value, "" when there is none. False when it does not fit or holds a NUL. */
bool http_header(struct conn *conn, enum lws_token_indexes token, char *out, size_t size);
bool http_has_custom_header(struct conn *conn, const char *name_and_colon);
/*
 * Requests that act for a person must come from a page of ours. Browsers send Origin with every
 * such request. A request without one is taken only when it bears no Sec-Fetch-* header either, so
 * comes from no browser, which nobody can be tricked into using.
 */
bool http_origin_is_good(struct conn *conn);
/* The names of the cookies, by enum net_cookie. */
extern const char *const http_cookie_names[];
/* False when the query is longer than NET_QUERY_SIZE. */
bool http_read_peer(struct conn *conn, struct net_peer *out);
/* Fills conn->reply.head. */
void http_write_head(struct conn *conn, const struct answer *answer);

/* What a client wants of a body (RFC 9110 sections 13 and 14); "" for a header that is not there.
 */
struct http_wish {
    char range[128];
    char if_range[80];
    char if_none_match[512];
};
void http_read_wish(struct conn *conn, struct http_wish *out);
/* What it gets. */
struct http_part {
    int status; /* 200, 206, 304 or 416 */
    size_t first, len;
    char line[80]; /* Content-Range, or "" */
};
/* etag: with its quotes. */
void http_choose_part(const struct http_wish *wish, const char *etag, size_t size,
                      struct http_part *out);

/* certificate.c: who the client certificate says is there, when there is one */
void certificate_read(const SSL *tls, struct net_peer *out);

/* connect.c: calls of services */
/* Headers are read; the body follows. REFUSAL_NONE or why not. */
enum refusal connect_begin(struct conn *conn, const struct request *request);
/* The body is in conn->body. */
void connect_deliver(struct conn *conn);
void connect_forget(struct net_call *call);
/* The time that the caller gave is over: it is told so, the service when it looks. */
void connect_expire(struct conn *conn);
/* field: as with http_refuse_with. */
void connect_error_json(enum refusal refusal, const char *field, struct buf *out);
/* The refusal of another server's error JSON, or one that says as much as its Connect code;
 * REFUSAL_INTERNAL when neither is known, or it is over NET_REFUSAL_MAX: an array costs a hundred
 * times the bytes it is written in. */
enum refusal connect_error_read(const uint8_t *json, size_t len);

/* net.c: what new connections are served with is what the files have now. */
void net_follow_credentials(struct net *net);

/* road.c: the headers of an X-Road security server, which stands between organisations */
struct road {
    const char *client; /* who calls, as the exchange names its members; "": no such server */
    const char *user;
    const char *issue; /* what the call is about, or "" */
};
/* Those of a call by an organisation, logged, as net_call_road tells them, for free(). */
char *road_read(struct conn *conn, const char *organisation, const char *method);
/* Adds those of a call of ours, with an id of its own, which is logged. */
void road_add(const struct road *road, const char *method,
              void (*add)(void *context, const char *name, const char *value), void *context);

/* stream.c: answers that go on */
#define CONNECT_STREAM_TYPE "application/connect+proto"
/* An answer that is a stream of nothing, ended by the refusal. */
void stream_refuse(struct conn *conn, enum refusal refusal, const char *field);
struct net_stream *stream_begin(struct conn *conn, net_stream_gone gone, void *context);
/* As connect_expire, of a stream. */
void stream_expire(struct conn *conn);
int stream_on_writable(struct conn *conn);
void stream_on_gone(struct conn *conn);
/* The server stops. */
void stream_end_all(struct net *net);

/* fetch.c: files of services */
void fetch_begin(struct conn *conn, const struct request *request);
void fetch_forget(struct net_fetch *fetch);

/* file.c: a file on its way from the disk to a client */
/* Takes the descriptor. */
struct file_stream *file_stream_new(struct conn *conn, int fd, uint64_t first, uint64_t len);
/*
 * The next bytes, at most room. 0: the disk is being asked, and the conn will be called when they
 * are there. -1: the file cannot be read.
 */
ssize_t file_stream_take(struct file_stream *stream, uint8_t *out, size_t room);
/* True while the disk is being asked. */
bool file_stream_waits(const struct file_stream *stream);
/* The client has it all, or is gone. NULL is fine. */
void file_stream_end(struct file_stream *stream);

/* static.c: the web pages */
struct web_page *static_load(const char *root);
void static_free(struct web_page *pages);
void static_answer(struct conn *conn, const struct request *request);

/* metrics.c: /healthz and /metrics */
bool metrics_answer(struct conn *conn, const char *path);

/* ws.c */
int ws_on_open(struct conn *conn);
int ws_on_receive(struct conn *conn, const uint8_t *data, size_t len);
int ws_on_writable(struct conn *conn);
int ws_on_timer(struct conn *conn);
void ws_on_gone(struct conn *conn);
void ws_on_deadline(struct conn *conn);

#endif
