/*
 * For test_net*.c: a real server on a loopback port, its loop in a thread, and a small blocking TLS
 * client. The server's services and WebSockets do what the client's first byte or the method's name
 * says.
 */
#ifndef ASSIZE_TESTS_UNIT_NET_FIXTURE_H
#define ASSIZE_TESTS_UNIT_NET_FIXTURE_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/net/credentials.h"
#include "server/net/net.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: localhost:%d\r\n"
#define END       "\r\n"

enum { FIXTURE_WS_MAX = 512, FIXTURE_TEXT = 65536, FIXTURE_BIG = 4 << 20, FIXTURE_LATER_MS = 100 };

struct fixture {
    char folder[64];
    char file[128];
    pthread_t thread;
    uv_loop_t loop;
    uv_async_t wake;
    struct credentials *credentials;
    struct net *net;
    struct net_ws *open[FIXTURE_WS_MAX];
    int open_count;
    char last_token[NET_TOKEN_SIZE];
    char last_staff_token[NET_TOKEN_SIZE];
    char last_agent[NET_AGENT_SIZE];
    char last_query[NET_QUERY_SIZE];
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    int port, opened, closed, messages, calls, fetches, answered_gone;
    atomic_bool stop, close_all;
};

static struct fixture server = {.lock = PTHREAD_MUTEX_INITIALIZER,
                                .changed = PTHREAD_COND_INITIALIZER};

static inline void fixture_count(int *value, int by)
{
    pthread_mutex_lock(&server.lock);
    *value += by;
    pthread_cond_broadcast(&server.changed);
    pthread_mutex_unlock(&server.lock);
}

/* Waits until value is at least wanted; false after so many milliseconds. */
static inline bool fixture_wait(const int *value, int wanted, int ms)
{
    int64_t until_ns = clock_wall_ns() + (int64_t)ms * CLOCK_NS_PER_MS;
    struct timespec until = {.tv_sec = until_ns / CLOCK_NS_PER_S,
                             .tv_nsec = until_ns % CLOCK_NS_PER_S};
    int error = 0;

    pthread_mutex_lock(&server.lock);
    while (*value < wanted && !error)
        error = pthread_cond_timedwait(&server.changed, &server.lock, &until);
    bool there = *value >= wanted;
    pthread_mutex_unlock(&server.lock);
    return there;
}

/* What a program of tests answers beyond the fixture's own methods; NULL: refused. */
static void (*fixture_more)(struct net_call *call);

struct later {
    uv_timer_t timer;
    struct net_call *call;
    struct net_ws *ws;
    struct net_fetch *fetch;
};

/* Sends the file of the fixture's folder that the path ends with. */
static inline void fixture_send(struct net_fetch *fetch)
{
    char path[160];
    struct stat about;

    snprintf(path, sizeof(path), "%s%s", server.folder, strrchr(net_fetch_path(fetch), '/'));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about)) {
        net_fetch_refuse(fetch, REFUSAL_LINK_USED);
        return;
    }
    bool attach = strcmp(net_fetch_peer(fetch)->query, "save") == 0;
    uint64_t more = strcmp(net_fetch_peer(fetch)->query, "short") == 0 ? 1000 : 0;
    net_fetch_send(fetch, &(struct net_file){.fd = fd,
                                             .size = (uint64_t)about.st_size + more,
                                             .type = "video/webm",
                                             .tag = "abc123",
                                             .attach = attach ? "saved.webm" : NULL});
}

static inline void later_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static inline void later_due(uv_timer_t *timer)
{
    struct later *later = timer->data;

    if (later->call) {
        fixture_count(&server.answered_gone, net_call_gone(later->call));
        net_call_reply(later->call, (const uint8_t *)"later", 5);
    } else if (later->fetch) {
        fixture_send(later->fetch);
    } else {
        net_ws_pause(later->ws, false);
    }
    uv_close((uv_handle_t *)timer, later_closed);
}

static inline struct later *do_later(struct net_call *call, struct net_ws *ws)
{
    struct later *later = calloc(1, sizeof(*later));

    later->call = call;
    later->ws = ws;
    uv_timer_init(&server.loop, &later->timer);
    later->timer.data = later;
    uv_timer_start(&later->timer, later_due, FIXTURE_LATER_MS, 0);
    return later;
}

static inline void fixture_ws_open(void *context, struct net_ws *ws, const struct net_peer *peer)
{
    (void)context;
    server.open[server.open_count++] = ws;
    memcpy(server.last_token, peer->token, sizeof(server.last_token));
    memcpy(server.last_query, peer->query, sizeof(server.last_query));
    fixture_count(&server.opened, 1);
}

static inline void fixture_ws_closed(void *context, struct net_ws *ws)
{
    (void)context;
    for (int i = 0; i < server.open_count; i++) {
        if (server.open[i] == ws)
            server.open[i--] = server.open[--server.open_count];
    }
    fixture_count(&server.closed, 1);
}

/*
 * 'e': echo; 'f': flood until the queue is full, then close; 'c': close; 'p': listen again only
 * later.
 */
static inline void fixture_ws_message(void *context, struct net_ws *ws, const uint8_t *data,
                                      size_t len)
{
    static uint8_t block[65536];

    (void)context;
    fixture_count(&server.messages, 1);
    switch (len ? data[0] : 'e') {
    case 'f':
        while (!net_ws_send(ws, block, sizeof(block)))
            ;
        net_ws_close(ws, 1008, "too_slow");
        return;
    case 'c':
        net_ws_close(ws, 4001, "as asked");
        return;
    case 'p':
        net_ws_pause(ws, true);
        do_later(NULL, ws);
        break;
    }
    if (net_ws_send(ws, data, len))
        net_ws_close(ws, 1008, "too_slow");
}

static inline void fixture_call(void *context, struct net_call *call)
{
    size_t len;
    const uint8_t *body = net_call_body(call, &len);
    const char *method = net_call_method(call);

    (void)context;
    fixture_count(&server.calls, 1);
    memcpy(server.last_token, net_call_peer(call)->token, sizeof(server.last_token));
    memcpy(server.last_staff_token, net_call_peer(call)->staff_token,
           sizeof(server.last_staff_token));
    memcpy(server.last_agent, net_call_peer(call)->agent, sizeof(server.last_agent));
    if (strcmp(method, "t.v1.S/Echo") == 0) {
        net_call_reply(call, body, len);
    } else if (strcmp(method, "t.v1.S/SignIn") == 0) {
        net_call_set_cookie(call, NET_COOKIE_SESSION, "TOKEN", 3600);
        net_call_reply(call, body, len);
    } else if (strcmp(method, "t.v1.S/SignOut") == 0) {
        net_call_set_cookie(call, NET_COOKIE_SESSION, "", 0);
        net_call_reply(call, body, len);
    } else if (strcmp(method, "t.v1.S/StaffIn") == 0) {
        net_call_set_cookie(call, NET_COOKIE_STAFF, "TOKEN", 60);
        net_call_reply(call, body, len);
    } else if (strcmp(method, "t.v1.S/Field") == 0) {
        net_call_refuse_field(call, REFUSAL_FIELD_WRONG, "reason.purpose");
    } else if (strcmp(method, "t.v1.S/Wait") == 0) {
        net_call_set_cookie(call, NET_COOKIE_STAFF, "TOKEN", 60);
        net_call_refuse_for(call, REFUSAL_SIGN_IN_WAIT, 8);
    } else if (strcmp(method, "t.v1.S/Later") == 0) {
        do_later(call, NULL);
    } else if (strcmp(method, "t.v1.S/Big") == 0) {
        uint8_t *big = calloc(1, FIXTURE_BIG);
        net_call_reply(call, big, FIXTURE_BIG);
        free(big);
    } else if (fixture_more) {
        fixture_more(call);
    } else {
        net_call_refuse(call, REFUSAL_LINK_USED);
    }
}

/* "/files/NAME" at once, "/later/NAME" later. */
static inline void fixture_fetch(void *context, struct net_fetch *fetch)
{
    const char *path = net_fetch_path(fetch);

    (void)context;
    fixture_count(&server.fetches, 1);
    memcpy(server.last_token, net_fetch_peer(fetch)->token, sizeof(server.last_token));
    if (strncmp(path, "/later/", strlen("/later/")) == 0)
        do_later(NULL, NULL)->fetch = fetch;
    else if (strncmp(path, "/files/", strlen("/files/")) == 0)
        fixture_send(fetch);
    else
        net_fetch_refuse(fetch, REFUSAL_NOT_FOUND);
}

static inline bool fixture_health(void *context, struct buf *json)
{
    (void)context;
    return buf_printf(json, "\"database\":true") == 0;
}

static inline void fixture_metrics(void *context, struct buf *text)
{
    (void)context;
    if (buf_printf(text, "fixture_metric 1\n"))
        abort();
}

static const struct net_ops fixture_ops = {
    .ws_open = fixture_ws_open,
    .ws_message = fixture_ws_message,
    .ws_closed = fixture_ws_closed,
    .call = fixture_call,
    .fetch = fixture_fetch,
    .health = fixture_health,
    .metrics = fixture_metrics,
};

static inline void fixture_wake(uv_async_t *handle)
{
    if (atomic_exchange(&server.close_all, false)) {
        for (int i = 0; i < server.open_count; i++)
            net_ws_close(server.open[i], 1001, "going away");
    }
    if (server.stop) {
        net_free(server.net);
        credentials_free(server.credentials);
        uv_close((uv_handle_t *)handle, NULL);
    }
}

static inline const char *fixture_path(const char *name)
{
    snprintf(server.file, sizeof(server.file), "%s/%s", server.folder, name);
    return server.file;
}

static inline void *fixture_run(void *unused)
{
    char certificate[128], key[128], root[128];

    snprintf(certificate, sizeof(certificate), "%s", fixture_path("cert.pem"));
    snprintf(key, sizeof(key), "%s", fixture_path("key.pem"));
    snprintf(root, sizeof(root), "%s", fixture_path("web"));
    const struct credentials_paths paths = {"test", certificate, key, NULL};
    uv_loop_init(&server.loop);
    server.credentials = credentials_new(&server.loop, &paths);
    const struct net_options options = {.address = "127.0.0.1",
                                        .credentials = server.credentials,
                                        .public_url = "https://court.example.vn",
                                        .web_root = root,
                                        .metrics_allow = "10.0.0.1,127.0.0.1"};
    uv_async_init(&server.loop, &server.wake, fixture_wake);
    server.net = net_new(&server.loop, &options, &fixture_ops, NULL);
    fixture_count(&server.port, server.net ? net_port(server.net) : 1);
    if (!server.net)
        uv_close((uv_handle_t *)&server.wake, NULL);
    uv_run(&server.loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&server.loop))
        abort(); /* net_free left a handle behind */
    return unused;
}

static inline void fixture_write(const char *name, const char *text)
{
    FILE *file = fopen(fixture_path(name), "we");

    if (!file || fwrite(text, 1, strlen(text), file) != strlen(text) || fclose(file))
        abort();
}

static inline void fixture_certificate(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    FILE *file;

    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    file = fopen(fixture_path("cert.pem"), "we");
    PEM_write_X509(file, certificate);
    fclose(file);
    file = fopen(fixture_path("key.pem"), "we");
    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static inline int fixture_start(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    snprintf(server.folder, sizeof(server.folder), "/tmp/assize-net-XXXXXX");
    if (!mkdtemp(server.folder) || mkdir(fixture_path("web"), 0700) ||
        mkdir(fixture_path("web/assets"), 0700))
        return -1;
    fixture_certificate();
    fixture_write("secret.txt", "secret");
    fixture_write("web/index.html", "<!doctype html><title>Assize</title>");
    fixture_write("web/hello.txt", "0123456789");
    fixture_write("web/assets/app.js", "plain script");
    fixture_write("web/assets/app.js.br", "br script");
    fixture_write("web/assets/app.js.gz", "gz script");
    if (pthread_create(&server.thread, NULL, fixture_run, NULL))
        return -1;
    fixture_wait(&server.port, 1, 10000);
    return server.port > 1 ? 0 : -1; /* 1: it did not start */
}

static inline int fixture_stop(void **state)
{
    static const char *const files[] = {"secret.txt",
                                        "web/index.html",
                                        "web/hello.txt",
                                        "web/assets/app.js",
                                        "web/assets/app.js.br",
                                        "web/assets/app.js.gz",
                                        "cert.pem",
                                        "key.pem",
                                        "long.webm"};

    (void)state;
    server.stop = true;
    uv_async_send(&server.wake);
    pthread_join(server.thread, NULL);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        unlink(fixture_path(files[i]));
    rmdir(fixture_path("web/assets"));
    rmdir(fixture_path("web"));
    rmdir(server.folder);
    return 0;
}

/* Milliseconds of processor the server's thread has used. */
static inline int64_t fixture_cpu_ms(void)
{
    struct timespec used;
    clockid_t clock;

    if (pthread_getcpuclockid(server.thread, &clock) || clock_gettime(clock, &used))
        abort();
    return (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

struct client {
    int fd;
    SSL *ssl;
    char text[FIXTURE_TEXT]; /* what client_read got, with a NUL */
    size_t len;
};

/* window: bytes the kernel takes for a client that does not read; 0 for the usual megabytes. */
static inline int client_socket(int window)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)server.port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 15};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (window)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static inline struct client *client_open_with(int window)
{
    static SSL_CTX *context;
    struct client *client = calloc(1, sizeof(*client));

    if (!context) {
        context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY);
    }
    client->fd = client_socket(window);
    client->ssl = SSL_new(context);
    SSL_set_fd(client->ssl, client->fd);
    assert_int_equal(SSL_connect(client->ssl), 1);
    return client;
}

static inline struct client *client_open(void)
{
    return client_open_with(0);
}

static inline void client_close(struct client *client)
{
    SSL_free(client->ssl);
    close(client->fd);
    free(client);
}

static inline bool client_write(struct client *client, const void *data, size_t len)
{
    return SSL_write(client->ssl, data, (int)len) == (int)len;
}

/* One more read into text; false at the end of the connection. */
static inline bool client_read_more(struct client *client)
{
    int n = SSL_read(client->ssl, client->text + client->len,
                     (int)(sizeof(client->text) - 1 - client->len));

    if (n <= 0)
        return false;
    client->len += (size_t)n;
    client->text[client->len] = '\0';
    return true;
}

/* Reads one whole answer with a Content-Length (or without a body) into text; its status, or 0. */
static inline int client_answer(struct client *client)
{
    client->len = 0;
    client->text[0] = '\0';
    while (!strstr(client->text, "\r\n\r\n")) {
        if (!client_read_more(client))
            return 0;
    }
    const char *length = strstr(client->text, "Content-Length: ");
    size_t head = (size_t)(strstr(client->text, "\r\n\r\n") + 4 - client->text);
    size_t body = length ? strtoul(length + 16, NULL, 10) : 0;
    while (client->len < head + body && client_read_more(client))
        ;
    return (int)strtol(client->text + 9, NULL, 10);
}

static inline const char *client_body(const struct client *client)
{
    return strstr(client->text, "\r\n\r\n") + 4;
}

/* Writes a request, "@" standing for the server's port, and reads the answer. */
__attribute__((format(printf, 2, 3))) static inline int client_ask(struct client *client,
                                                                   const char *format, ...)
{
    char text[16384];
    va_list args;

    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    client_write(client, text, (size_t)len);
    return client_answer(client);
}

/* One request on a connection of its own; the status, or 0 when there was no answer. */
__attribute__((format(printf, 1, 2))) static inline int ask_once(const char *format, ...)
{
    char text[32768];
    struct client *client = client_open();
    va_list args;

    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    client_write(client, text, (size_t)len);
    int status = client_answer(client);
    client_close(client);
    return status;
}

static inline bool client_say(struct client *client, const char *text)
{
    return client_write(client, text, strlen(text));
}

#endif
