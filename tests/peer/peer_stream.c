#include "tests/peer/peer_stream.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"

enum { OUT_MAX = 4 << 20, CONNECT_MS = 10000, READ_BYTES = 16384 };

static int parse_url(struct peer_server *server, const char *url)
{
    static const char scheme[] = "https://";
    char rest[PEER_HOST_SIZE + PEER_PORT_SIZE + 2];

    if (strncmp(url, scheme, sizeof(scheme) - 1) != 0 ||
        !str_copy(rest, sizeof(rest), url + sizeof(scheme) - 1))
        return -EINVAL;
    rest[strcspn(rest, "/")] = '\0';
    char *colon = rest[0] == '[' ? strstr(rest, "]:") : strchr(rest, ':');
    const char *port = "443";
    if (colon) {
        port = strrchr(rest, ':') + 1;
        *colon = '\0';
    }
    const char *host = rest[0] == '[' ? rest + 1 : rest;
    if (!*host || !*port || !str_copy(server->host, sizeof(server->host), host) ||
        !str_copy(server->port, sizeof(server->port), port))
        return -EINVAL;
    return 0;
}

static int load_pinned(struct peer_server *server, const char *certificate)
{
    FILE *file = fopen(certificate, "r");

    if (!file)
        return -ENOENT;
    server->pinned = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    return server->pinned ? 0 : -ENOENT;
}

int peer_server_init(struct peer_server *server, const char *url, const char *certificate,
                     bool insecure)
{
    *server = (struct peer_server){0};
    int result = parse_url(server, url);
    if (!result && certificate)
        result = load_pinned(server, certificate);
    if (result)
        return result;
    server->tls = SSL_CTX_new(TLS_client_method());
    if (!server->tls)
        return -ENOMEM;
    SSL_CTX_set_mode(server->tls,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_default_verify_paths(server->tls);
    bool trust_store = !certificate && !insecure;
    SSL_CTX_set_verify(server->tls, trust_store ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    return 0;
}

void peer_server_done(struct peer_server *server)
{
    SSL_CTX_free(server->tls);
    X509_free(server->pinned);
}

void peer_stream_close(struct peer_stream *stream)
{
    if (!stream->ssl)
        return;
    peer_timer_stop(stream->loop, &stream->deadline);
    if (stream->open)
        SSL_shutdown(stream->ssl);
    ERR_clear_error();
    SSL_free(stream->ssl);
    stream->ssl = NULL;
    if (stream->watch.fd >= 0) {
        peer_loop_unwatch(stream->loop, &stream->watch);
        close(stream->watch.fd);
    }
    freeaddrinfo(stream->addresses);
    buf_done(&stream->out);
    stream->connected = stream->open = false;
}

static void fail(struct peer_stream *stream, const char *reason)
{
    peer_stream_close(stream);
    stream->ops->closed(stream->context, reason);
}

static void on_deadline(void *context)
{
    fail(context, "connecting took too long");
}

/* Waits for what TLS wants next, and for room when there is something to send. */
static void rearm(struct peer_stream *stream, bool want_write)
{
    bool out = want_write || stream->out.len > 0;

    peer_loop_rearm(stream->loop, &stream->watch, EPOLLIN | (out ? EPOLLOUT : 0));
}

static bool certificate_good(struct peer_stream *stream)
{
    if (!stream->server->pinned)
        return true;
    X509 *shown = SSL_get1_peer_certificate(stream->ssl);
    bool same = shown && X509_cmp(shown, stream->server->pinned) == 0;
    X509_free(shown);
    return same;
}

static void shake_hands(struct peer_stream *stream)
{
    int result = SSL_connect(stream->ssl);

    if (result != 1) {
        int error = SSL_get_error(stream->ssl, result);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
            rearm(stream, error == SSL_ERROR_WANT_WRITE);
        else
            fail(stream, "TLS handshake failed");
        return;
    }
    if (!certificate_good(stream)) {
        fail(stream, "not the pinned certificate");
        return;
    }
    stream->open = true;
    peer_timer_stop(stream->loop, &stream->deadline);
    rearm(stream, false);
    stream->ops->opened(stream->context);
}

static void flush(struct peer_stream *stream)
{
    while (stream->open && stream->out.len) {
        int sent = SSL_write(stream->ssl, stream->out.data, (int)stream->out.len);
        if (sent <= 0)
            break;
        buf_consume(&stream->out, (size_t)sent);
    }
    ERR_clear_error();
    if (stream->ssl)
        rearm(stream, false);
}

static void read_all(struct peer_stream *stream)
{
    uint8_t data[READ_BYTES];

    /* The owner may close, or close and open anew, inside the callback. */
    while (stream->open) {
        ERR_clear_error();
        int got = SSL_read(stream->ssl, data, sizeof(data));
        if (got > 0) {
            stream->ops->data(stream->context, data, (size_t)got);
            continue;
        }
        int error = SSL_get_error(stream->ssl, got);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
            fail(stream,
                 error == SSL_ERROR_ZERO_RETURN ? "closed by the server" : "connection lost");
        return;
    }
}

static int try_addresses(struct peer_stream *stream);

/* The result of a connect that was under way. */
static void finish_connect(struct peer_stream *stream)
{
    int error = 0;
    socklen_t len = sizeof(error);

    getsockopt(stream->watch.fd, SOL_SOCKET, SO_ERROR, &error, &len);
    if (error) {
        peer_loop_unwatch(stream->loop, &stream->watch);
        close(stream->watch.fd);
        stream->watch.fd = -1;
        stream->address = stream->address->ai_next;
        if (try_addresses(stream))
            fail(stream, "connection refused");
        return;
    }
    stream->connected = true;
    SSL_set_fd(stream->ssl, stream->watch.fd);
    shake_hands(stream);
}

static void on_ready(void *context, uint32_t events)
{
    struct peer_stream *stream = context;

    if (!stream->connected)
        finish_connect(stream);
    else if (!stream->open)
        shake_hands(stream);
    else if (events & EPOLLOUT)
        flush(stream);
    if (stream->open)
        read_all(stream);
}

/* Starts on the next address that can be tried at all; -ECONNREFUSED when there is none left. */
static int try_addresses(struct peer_stream *stream)
{
    for (; stream->address; stream->address = stream->address->ai_next) {
        const struct addrinfo *to = stream->address;
        int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
            continue;
        stream->watch.fd = fd;
        if ((connect(fd, to->ai_addr, to->ai_addrlen) == 0 || errno == EINPROGRESS) &&
            peer_loop_watch(stream->loop, &stream->watch, EPOLLOUT) == 0)
            return 0;
        close(fd);
        stream->watch.fd = -1;
    }
    return -ECONNREFUSED;
}

int peer_stream_open(struct peer_stream *stream, struct peer_loop *loop,
                     const struct peer_server *server, const struct peer_stream_ops *ops,
                     void *context)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};

    *stream = (struct peer_stream){.loop = loop, .server = server, .ops = ops, .context = context};
    stream->watch = (struct peer_watch){.fd = -1, .ready = on_ready, .context = stream};
    stream->deadline = (struct peer_timer){.fire = on_deadline, .context = stream};
    if (getaddrinfo(server->host, server->port, &hints, &stream->addresses))
        return -EHOSTUNREACH;
    stream->address = stream->addresses;
    stream->ssl = SSL_new(server->tls);
    if (!stream->ssl) {
        freeaddrinfo(stream->addresses);
        return -ENOMEM;
    }
    char name[PEER_HOST_SIZE]; /* OpenSSL takes no const here */
    memcpy(name, server->host, sizeof(name));
    SSL_set_tlsext_host_name(stream->ssl, name);
    SSL_set1_host(stream->ssl, server->host);
    buf_init(&stream->out, OUT_MAX);
    peer_timer_in(loop, &stream->deadline, CONNECT_MS);
    int result = try_addresses(stream);
    if (result)
        peer_stream_close(stream);
    return result;
}

int peer_stream_send(struct peer_stream *stream, const void *data, size_t len)
{
    if (!stream->open)
        return -ENOTCONN;
    int result = buf_append(&stream->out, data, len);
    if (!result)
        flush(stream);
    return result;
}
