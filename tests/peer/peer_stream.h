/*
 * A TLS client connection as a stream of bytes. Used by peer_http and peer_ws, which embed it.
 * `closed` is called once, whoever ended it, unless the owner itself called peer_stream_close.
 */
#ifndef ASSIZE_TESTS_PEER_STREAM_H
#define ASSIZE_TESTS_PEER_STREAM_H

#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "tests/peer/peer_loop.h"

enum { PEER_HOST_SIZE = 254, PEER_PORT_SIZE = 6 };

/* Where the product is and how its certificate is judged; shared by every connection of a program.
 */
struct peer_server {
    char host[PEER_HOST_SIZE];
    char port[PEER_PORT_SIZE];
    SSL_CTX *tls;
    X509 *pinned; /* the one certificate that is good, or NULL */
};

/*
 * url: https://HOST[:PORT]. certificate: a PEM file that holds the one good certificate; NULL: any
 * certificate when insecure, else one the machine trusts. 0, -EINVAL (url) or -ENOENT
 * (certificate).
 */
int peer_server_init(struct peer_server *server, const char *url, const char *certificate,
                     bool insecure) __attribute__((warn_unused_result));
void peer_server_done(struct peer_server *server);

struct peer_stream_ops {
    void (*opened)(void *context);
    void (*data)(void *context, const uint8_t *data, size_t len);
    void (*closed)(void *context, const char *reason);
};

struct peer_stream {
    struct peer_loop *loop;
    const struct peer_server *server;
    const struct peer_stream_ops *ops;
    void *context;
    struct peer_watch watch;
    struct peer_timer deadline; /* for connecting and the handshake */
    struct addrinfo *addresses;
    struct addrinfo *address; /* the one being tried */
    SSL *ssl;                 /* NULL while closed */
    struct buf out;
    bool connected; /* TCP is up */
    bool open;      /* TLS is up */
};

/* Starts to connect; opened or closed follows. 0 or -errno, and then nothing follows. */
int peer_stream_open(struct peer_stream *stream, struct peer_loop *loop,
                     const struct peer_server *server, const struct peer_stream_ops *ops,
                     void *context) __attribute__((warn_unused_result));
/* Sends or queues. 0, -ENOTCONN or -ENOBUFS. */
int peer_stream_send(struct peer_stream *stream, const void *data, size_t len)
    __attribute__((warn_unused_result));
/* At once and without a callback; harmless when it is closed, or zeroed and never opened. */
void peer_stream_close(struct peer_stream *stream);

#endif
