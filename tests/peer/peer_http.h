/*
 * One HTTP/1.1 request after another, each on a connection of its own: enough for the product's
 * Connect unary calls and its status pages. Used by struct peer to sign in, and by programs.
 */
#ifndef ASSIZE_TESTS_PEER_HTTP_H
#define ASSIZE_TESTS_PEER_HTTP_H

#include "base/buf.h"
#include "tests/peer/peer_stream.h"

enum { PEER_COOKIE_SIZE = 512, PEER_HTTP_MAX = 4 << 20 };

struct peer_http_response {
    int status; /* 0: no answer, and body holds the reason */
    const uint8_t *body;
    size_t len;
    const char *cookie; /* NAME=VALUE of the first cookie that was set, or "" */
};

/* The response is valid during the call. */
typedef void (*peer_http_callback)(void *context, const struct peer_http_response *response);

struct peer_http {
    struct peer_stream stream;
    struct buf request;
    struct buf response;
    peer_http_callback callback;
    void *context;
};

/*
 * Calls METHOD ("package.Service/Method") with a packed message. cookie: NAME=VALUE, or "". 0, and
 * the callback follows once; or -errno.
 */
int peer_http_call(struct peer_http *http, struct peer_loop *loop, const struct peer_server *server,
                   const char *method, const char *cookie, const struct buf *message,
                   peer_http_callback callback, void *context) __attribute__((warn_unused_result));
/* Gives up without a callback. */
void peer_http_close(struct peer_http *http);

/* Where the header NAME's value starts in a response head, and its length; NULL when it is not
 * there. */
const char *peer_http_header(const char *head, size_t head_len, const char *name, size_t *ret_len);
/* The bytes of the head with its empty line, or 0 while it is not whole. */
size_t peer_http_head_len(const struct buf *response);
/* The status of a response head, or 0. */
int peer_http_status(const char *head, size_t head_len);

#endif
