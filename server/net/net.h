/*
 * The network face: libwebsockets on the process's libuv loop. WebSocket at /signal, Connect calls
 * at /package.Service/Method, answered by a message or by a stream of them, static files, files of
 * a service that are read from the disk as they are sent, /healthz and /metrics, all on one TLS
 * port. Knows nothing of hearings: what it receives goes up through ops.
 */
#ifndef ASSIZE_SERVER_NET_NET_H
#define ASSIZE_SERVER_NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/buf.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/sha256.h"

/* clang-format off */
#define NET_LIMITS(L) \
    L(NET_CONNECTIONS_MAX, 4096, "connections", "open at once") \
    L(NET_CONNECTIONS_PER_ADDRESS, 256, "connections", "open at once from one address") \
    L(NET_ORGANISATIONS_PER_ADDRESS, 2048, "connections", "the same on a port for organisations with certificates: many of them may be behind one security server") \
    L(NET_HEADERS_MAX, 8192, "bytes", "all headers of one request") \
    L(NET_BODY_MAX, 4 << 20, "bytes", "one request body") \
    L(NET_REQUEST_MS, 10000, "ms", "from the first byte of a request to its last") \
    L(NET_WS_MESSAGE_MAX, 65536, "bytes", "one WebSocket message from a client") \
    L(NET_WS_MESSAGES_PER_S, 50, "messages", "from one WebSocket in a second, after a burst of twice as many") \
    L(NET_WS_QUEUE_BYTES, 1 << 20, "bytes", "waiting to be sent to one WebSocket; over it the client is dropped") \
    L(NET_WS_QUIET_MS, 20000, "ms", "without a byte from a WebSocket before it is dropped (clients ping every 5 s)") \
    L(NET_TIMEOUT_DIGITS, 10, "digits", "of Connect-Timeout-Ms, the time that a caller gives a call") \
    L(NET_RESPONSE_MAX, 16 << 20, "bytes", "one response body made by a service") \
    L(NET_RESPONSE_MS, 30000, "ms", "without a client taking any of its response before it is dropped") \
    L(NET_KEEPALIVE_MS, 30000, "ms", "an HTTP connection may be idle between requests") \
    L(NET_BODIES_MAX, 64 << 20, "bytes", "all request bodies held at one time") \
    L(NET_ANSWER_MAX, 1 << 20, "bytes", "what another server answers to a call of ours") \
    L(NET_REFUSAL_MAX, 16 << 10, "bytes", "of it that say why not and are read, as JSON") \
    L(NET_ANSWER_MS, 8000, "ms", "for a call of ours to another server, beyond the time we let it wait") \
    L(NET_STATIC_MAX, 64 << 20, "bytes", "all files of the web pages, which are held in memory") \
    L(NET_STREAMS_MAX, 512, "streams", "answers that go on, open at one time") \
    L(NET_STREAM_QUEUE_BYTES, 256 << 10, "bytes", "waiting to be sent in one stream; over it the client is dropped") \
    L(NET_STREAM_QUIET_MS, 30000, "ms", "without a byte going out in a stream before it is dropped (services say something every 10 s)") \
    L(NET_ROAD_VALUE_MAX, 1024, "bytes", "of an X-Road header that is kept; of a longer one nothing is") \
    L(NET_FILES_MAX, 256, "files", "sent from the disk at one time") \
    L(NET_FILE_CHUNK, 128 << 10, "bytes", "of a file held while it is sent")
/* clang-format on */
LIMITS(NET_LIMITS);

enum {
    NET_TOKEN_SIZE = 64,
    NET_QUERY_SIZE = 256,
    NET_ADDRESS_SIZE = 46,
    NET_AGENT_SIZE = 256,
    NET_ORGANISATION_SIZE = 64,
    NET_KEY_MAX = 128 /* 91 bytes for P-256 */
};

struct net;
struct net_ws;
struct net_call;
struct net_fetch;
struct net_stream;
struct credentials;

struct net_options {
    const char *address;
    int port;
    struct credentials *credentials; /* to serve with; with a ca: TLS 1.3 only, and only for those
                                        with a certificate of that authority */
    const char *public_url; /* https://host[:port]: where pages come from, as from our addresses */
    const char *web_root;   /* "" for none */
    const char *home; /* static: the page to which "/" and the desk lead; NULL: each is its own */
    const char *metrics_allow; /* addresses separated by commas */
    struct net *beside; /* another on the same loop, which is freed after this one; NULL: none. They
                           share a context of libwebsockets: with two in a process it mixes up what
                           it keeps in OpenSSL's objects */
};

/* What is known when a WebSocket or a call arrives. */
struct net_peer {
    char address[NET_ADDRESS_SIZE];
    char token[NET_TOKEN_SIZE];               /* of the session cookie, or "" */
    char staff_token[NET_TOKEN_SIZE];         /* of the staff cookie, or "" */
    char agent[NET_AGENT_SIZE];               /* User-Agent, shortened, printable ASCII */
    char query[NET_QUERY_SIZE];               /* without the question mark */
    char organisation[NET_ORGANISATION_SIZE]; /* common name of the client certificate, or "" */
    uint8_t key[NET_KEY_MAX];                 /* its SubjectPublicKeyInfo, DER */
    size_t key_len;                           /* 0: larger than that, or no certificate */
    uint8_t spki[SHA256_BYTES];               /* SHA-256 of it */
};

struct net_ops {
    /* Origin checked, handshake done. May send and close at once. */
    void (*ws_open)(void *context, struct net_ws *ws, const struct net_peer *peer);
    /* A whole binary message within the limits. */
    void (*ws_message)(void *context, struct net_ws *ws, const uint8_t *data, size_t len);
    /*
     * It is gone, whoever closed it; after this the pointer is dead. Called once for every ws_open.
     */
    void (*ws_closed)(void *context, struct net_ws *ws);
    /*
     * A Connect call, Origin and type checked; answered by net_call_reply, net_call_stream or
     * net_call_refuse, now or later.
     */
    void (*call)(void *context, struct net_call *call);
    /*
     * A GET or HEAD of a file that is no web page; answered by net_fetch_send or net_fetch_refuse,
     * now or later. NULL: there are no such files.
     */
    void (*fetch)(void *context, struct net_fetch *fetch);
    /* JSON members of /healthz; false: 503. */
    bool (*health)(void *context, struct buf *json);
    /* Lines in Prometheus text format, added to net's own. */
    void (*metrics)(void *context, struct buf *text);
};

/* NULL with a sentence logged when the port or the certificate cannot be had. */
struct net *net_new(uv_loop_t *loop, const struct net_options *options, const struct net_ops *ops,
                    void *context);
/* No new connections from now on; those there are stay, but for streams, which are ended. */
void net_stop_listening(struct net *net);
/* Closes what is left without ceremony and frees, once the loop has turned. Not from within ops. */
void net_free(struct net *net);
/* The port it listens on: of use when options said 0. */
int net_port(const struct net *net);
/* WebSockets and requests open now. */
int net_connections(const struct net *net);

void net_ws_set_user(struct net_ws *ws, void *user);
void *net_ws_user(const struct net_ws *ws);
/*
 * Queues a copy of a binary message. -ENOBUFS over NET_WS_QUEUE_BYTES, -EPIPE when closing; the
 * caller then closes.
 */
int net_ws_send(struct net_ws *ws, const uint8_t *data, size_t len)
    __attribute__((warn_unused_result));
/* Stops and goes on reading from this client (flow control). */
void net_ws_pause(struct net_ws *ws, bool pause);
/* Sends what is queued (2 s at most), then a close frame. No more ws_message after it. */
void net_ws_close(struct net_ws *ws, uint16_t code, const char *reason);

/* "assize.session.v1.SessionService/OpenByLink". Valid until answered. */
const char *net_call_method(const struct net_call *call);
const struct net_peer *net_call_peer(const struct net_call *call);
/* What an X-Road security server said of an organisation's call: client, id, user and issue, a line
 * of text each, "" for what it did not say. NULL: it did not come by one. Lives with the call. */
const char *net_call_road(const struct net_call *call);
const uint8_t *net_call_body(const struct net_call *call, size_t *ret_len);
/* True when nobody waits for the answer any more: it is still needed, and harmless. */
bool net_call_gone(const struct net_call *call);
/* Of one that is gone: the caller is there, but the time that it gave the call (Connect-Timeout-Ms)
 * is over, and it has been told so. */
bool net_call_is_late(const struct net_call *call);

/* NET_COOKIE_SESSION: a join link was opened; NET_COOKIE_STAFF: a member of staff signed in. */
enum net_cookie { NET_COOKIE_SESSION, NET_COOKIE_STAFF };

/* A reply to come sets this cookie, for so many seconds; with the token "" it clears it. */
void net_call_set_cookie(struct net_call *call, enum net_cookie cookie, const char *token,
                         int64_t seconds);
/* Answers with a packed message. The call is dead after it. */
void net_call_reply(struct net_call *call, const uint8_t *body, size_t len);
/*
 * Answers with the refusal's status and the Connect error JSON: code, message (English), and
 * details with code, vi, en. No cookie is set.
 */
void net_call_refuse(struct net_call *call, enum refusal refusal);
/* The same, saying after how many seconds to come again (RFC 9110 section 10.2.3). */
void net_call_refuse_for(struct net_call *call, enum refusal refusal, int64_t seconds);
/* The same, naming what in the request is wrong: a path of field names of ours, of 100 characters
 * at most; NULL: nothing. */
void net_call_refuse_field(struct net_call *call, enum refusal refusal, const char *field);

/*
 * Answers with a stream: 0 or more messages, then its end. NULL when nobody is there for one any
 * more, or the client wants one message; the call is dead after it in any case. gone is called at
 * most once, when the stream ends by itself (the client went, or was dropped, or its time is over,
 * or the server stops), never after net_stream_end; the stream is dead then.
 */
typedef void (*net_stream_gone)(void *context);
struct net_stream *net_call_stream(struct net_call *call, net_stream_gone gone, void *context);
/* Within gone: as net_call_is_late. */
bool net_stream_is_late(const struct net_stream *stream);
/* So much more may wait in it: for messages that may be that long each, sent one at a time. */
void net_stream_widen(struct net_stream *stream, size_t more);
/* One packed message. -ENOBUFS (and nothing sent) over NET_STREAM_QUEUE_BYTES. */
int net_stream_send(struct net_stream *stream, const uint8_t *data, size_t len)
    __attribute__((warn_unused_result));
/* True when all of it is with the socket: who sends the newest state only sends then. */
bool net_stream_is_clear(const struct net_stream *stream);
/* Sends what is queued and how it ended, REFUSAL_NONE for well. The stream is dead after it. */
void net_stream_end(struct net_stream *stream, enum refusal refusal);

/* A file to be sent. It must not change while it is open: what is short of size ends the
 * connection. */
struct net_file {
    int fd; /* of a plain file */
    uint64_t size;
    const char *type;   /* media type */
    const char *tag;    /* hex or base64url: another for other bytes */
    const char *attach; /* ASCII: the name to save it under; NULL: it is to be shown */
};

/* "/recordings/ID/FILE". Valid until answered. */
const char *net_fetch_path(const struct net_fetch *fetch);
const struct net_peer *net_fetch_peer(const struct net_fetch *fetch);
/*
 * Sends what the request wants of the file: all, a part, or nothing when it is known already. The
 * descriptor is net's from here on, whatever happens. No cache may keep the answer. The fetch is
 * dead after it.
 */
void net_fetch_send(struct net_fetch *fetch, const struct net_file *file);
void net_fetch_refuse(struct net_fetch *fetch, enum refusal refusal);

#endif
