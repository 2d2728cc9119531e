/*
 * A WebSocket client (RFC 6455) over TLS: whole binary messages in and out, pings answered, close
 * codes kept. Used by peer_signal, and by the hostile cases, which send what a good client never
 * would.
 */
#ifndef ASSIZE_TESTS_PEER_WS_H
#define ASSIZE_TESTS_PEER_WS_H

#include <stdbool.h>

#include "base/buf.h"
#include "tests/peer/peer_stream.h"

enum {
    PEER_WS_MESSAGE_MAX = 1 << 20,
    PEER_WS_KEY_SIZE = 25,    /* 16 bytes in base64 */
    PEER_WS_ACCEPT_SIZE = 29, /* 20 bytes in base64 */
    PEER_WS_HEADER_MAX = 14,
};

enum peer_ws_opcode {
    PEER_WS_CONTINUATION = 0,
    PEER_WS_TEXT = 1,
    PEER_WS_BINARY = 2,
    PEER_WS_CLOSE = 8,
    PEER_WS_PING = 9,
    PEER_WS_PONG = 10,
};

/* Close codes that never travel: RFC 6455 section 7.4.1. */
enum { PEER_WS_NO_CODE = 1005, PEER_WS_ABNORMAL = 1006 };

struct peer_ws_frame {
    bool fin;
    unsigned opcode;
    const uint8_t *payload;
    size_t len;
};

/*
 * The first frame in data, as a server sends it: its whole size, 0 while it is not all there,
 * -EPROTO for what a server must not send (a mask, reserved bits, a long control frame), -EMSGSIZE
 * over PEER_WS_MESSAGE_MAX.
 */
ssize_t peer_ws_parse(const uint8_t *data, size_t len, struct peer_ws_frame *ret_frame);
/* The header of a client's frame; returns its bytes. */
size_t peer_ws_write_header(uint8_t out[static PEER_WS_HEADER_MAX], unsigned opcode, size_t len,
                            const uint8_t mask[static 4]);
/* The Sec-WebSocket-Accept that answers a key. */
void peer_ws_accept(const char *key, char out[static PEER_WS_ACCEPT_SIZE]);

struct peer_ws_ops {
    void (*opened)(void *context);
    void (*message)(void *context, const uint8_t *data, size_t len);
    /* http_status: what the handshake was refused with, or 0. Called once, unless the owner closed.
     */
    void (*closed)(void *context, unsigned code, int http_status);
};

struct peer_ws {
    struct peer_stream stream;
    const struct peer_ws_ops *ops;
    void *context;
    char key[PEER_WS_KEY_SIZE];
    struct buf request;
    struct buf in;
    struct buf message; /* fragments of one message */
    bool open;
    unsigned close_code; /* from the server's close frame */
};

/* path_query: "/signal?media=1". 0 and opened or closed follows, or -errno. */
int peer_ws_open(struct peer_ws *ws, struct peer_loop *loop, const struct peer_server *server,
                 const char *path_query, const char *cookie, const struct peer_ws_ops *ops,
                 void *context) __attribute__((warn_unused_result));
/* 0, -ENOTCONN or -ENOBUFS. */
int peer_ws_send(struct peer_ws *ws, unsigned opcode, const void *data, size_t len)
    __attribute__((warn_unused_result));
/* Bytes as they are, without a frame around them. */
int peer_ws_send_raw(struct peer_ws *ws, const void *data, size_t len)
    __attribute__((warn_unused_result));
/* With a close frame, at once and without a callback. */
void peer_ws_close(struct peer_ws *ws);

#endif
