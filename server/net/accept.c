#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/net/net_internal.h"

enum { ACCEPTS_PER_TURN = 32, LISTEN_BACKLOG = 1024, AGAIN_MS = 1000 };

/* Who a socket belongs to, as text and as the key that its connections are counted by. */
static void name_peer(const struct sockaddr_storage *from, char text[static NET_ADDRESS_SIZE],
                      uint8_t key[static 8])
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    memset(key, 0, 8);
    if (from->ss_family == AF_INET6) {
        memcpy(&v6, from, sizeof(v6));
        if (!IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
            inet_ntop(AF_INET6, &v6.sin6_addr, text, NET_ADDRESS_SIZE);
            memcpy(key, &v6.sin6_addr, 8);
            return;
        }
        memcpy(&v4.sin_addr, v6.sin6_addr.s6_addr + 12, 4);
    } else {
        memcpy(&v4, from, sizeof(v4));
    }
    inet_ntop(AF_INET, &v4.sin_addr, text, NET_ADDRESS_SIZE);
    memset(key + 2, 0xff, 2);
    memcpy(key + 4, &v4.sin_addr, 4);
}

static struct address_count *count_address(struct net *net, const uint8_t key[static 8])
{
    struct address_count *count;

    HASH_FIND(hh, net->addresses, key, 8, count);
    if (!count) {
        count = calloc(1, sizeof(*count));
        if (!count)
            abort();
        memcpy(count->key, key, 8);
        HASH_ADD(hh, net->addresses, key, 8, count);
    }
    count->open++;
    return count;
}

static void uncount_address(struct net *net, struct address_count *count)
{
    if (--count->open)
        return;
    HASH_DEL(net->addresses, count);
    free(count);
}

static struct conn *conn_new(struct net *net, const struct sockaddr_storage *from)
{
    struct conn *conn = calloc(1, sizeof(*conn));
    uint8_t key[8];

    if (!conn)
        abort();
    conn->net = net;
    name_peer(from, conn->address, key);
    conn->count = count_address(net, key);
    buf_init(&conn->body, NET_BODY_MAX);
    buf_init(&conn->reply.head, NET_HEADERS_MAX);
    buf_init(&conn->reply.owned, NET_RESPONSE_MAX);
    conn_set_deadline(conn, NET_REQUEST_MS);
    DL_APPEND(net->conns, conn);
    net->open++;
    return conn;
}

void conn_free(struct conn *conn)
{
    struct net *net = conn->net;

    if (conn->ws)
        ws_on_gone(conn);
    if (conn->call)
        connect_forget(conn->call);
    if (conn->fetch)
        fetch_forget(conn->fetch);
    if (conn->stream)
        stream_on_gone(conn);
    file_stream_end(conn->reply.stream);
    if (!conn->any_request)
        net->dropped[NET_DROP_NO_REQUEST]++;
    http_release_body(conn);
    buf_done(&conn->reply.head);
    buf_done(&conn->reply.owned);
    DL_DELETE(net->conns, conn);
    uncount_address(net, conn->count);
    net->open--;
    free(conn);
}

void conn_set_deadline(struct conn *conn, int64_t ms)
{
    conn->deadline_ms = clock_monotonic_ms() + ms;
}

void conn_cut(struct conn *conn)
{
    conn_set_deadline(conn,
                      AGAIN_MS); /* a WebSocket was only sent a close frame by the first cut */
    if (lws_partial_buffered(conn->wsi))
        shutdown(lws_get_socket_fd(conn->wsi), SHUT_RDWR); /* else it would be flushed at leisure */
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

void conn_drop(struct conn *conn, enum net_drop why)
{
    conn->net->dropped[why]++;
    conn_cut(conn);
}

void conn_expire(struct conn *conn)
{
    switch (conn->state) {
    case CONN_BODY:
        http_refuse(conn, REFUSAL_TIMED_OUT);
        return;
    case CONN_CALL:
    case CONN_REPLY:
        conn_drop(conn, NET_DROP_RESPONSE_STUCK);
        return;
    case CONN_STREAM:
        conn_drop(conn, net_stream_is_clear(conn->stream) ? NET_DROP_STREAM_QUIET
                                                          : NET_DROP_RESPONSE_STUCK);
        return;
    case CONN_WS:
        ws_on_deadline(conn);
        return;
    case CONN_HEADERS:
    case CONN_LINGER:
        conn_cut(conn);
        return;
    }
    abort();
}

void conn_adopted(struct net *net, struct lws *wsi)
{
    if (!net->adopting)
        return; /* libwebsockets' own event pipe */
    net->adopting->wsi = wsi;
    net->adopting = NULL;
}

static bool too_many_of_address(const struct net *net, const struct address_count *count)
{
    int most = net->organisations ? NET_ORGANISATIONS_PER_ADDRESS : NET_CONNECTIONS_PER_ADDRESS;

    return count->open > most;
}

static void adopt(struct net *net, int fd, const struct sockaddr_storage *from)
{
    struct conn *conn = conn_new(net, from);
    const int on = 1;

    if (too_many_of_address(net, conn->count) || net->open > NET_CONNECTIONS_MAX) {
        net->dropped[net->open > NET_CONNECTIONS_MAX ? NET_DROP_CONNECTION_LIMIT
                                                     : NET_DROP_ADDRESS_LIMIT]++;
        conn->any_request = true; /* counted already */
        conn_free(conn);
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    net_follow_credentials(net);
    conn->version = net->version;
    net->accepted++;
    net->adopting = conn;
    lws_adopt_desc_t description = {
        .vh = net->vhost,
        .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL,
        .fd.sockfd = fd,
        .opaque = conn,
    };
    lws_adopt_descriptor_vhost_via_info(&description);
    if (net->adopting)
        conn_free(conn); /* no wsi was made, so nothing will tell us of its end */
    net->adopting = NULL;
}

static void on_connection(uv_poll_t *handle, int status, int events)
{
    struct net *net = handle->data;

    (void)status;
    (void)events;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        struct sockaddr_storage from;
        socklen_t len = sizeof(from);
        int fd =
            accept4(net->listen_fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            adopt(net, fd, &from);
            continue;
        }
        /* Without descriptors the socket stays readable: wait for the sweep instead of spinning. */
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            uv_poll_stop(handle);
        if (errno != ECONNABORTED && errno != EINTR)
            return;
    }
}

void accept_resume(struct net *net)
{
    if (net->listener && !uv_is_active((uv_handle_t *)net->listener))
        uv_poll_start(net->listener, UV_READABLE, on_connection);
}

/* A listening socket on the first address that the text means, or -errno. */
static int open_listener(const char *address, int port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    const int on = 1;
    char service[8];
    int result = 0;

    snprintf(service, sizeof(service), "%d", port);
    if (getaddrinfo(address, service, &hints, &found))
        return -EADDRNOTAVAIL;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
        bind(fd, found->ai_addr, found->ai_addrlen) || listen(fd, LISTEN_BACKLOG))
        result = -errno;
    freeaddrinfo(found);
    if (result && fd >= 0)
        close(fd);
    return result ? result : fd;
}

static int bound_port(int fd)
{
    struct sockaddr_storage name;
    socklen_t len = sizeof(name);
    struct sockaddr_in v4;

    if (getsockname(fd, (struct sockaddr *)&name, &len))
        abort();
    memcpy(&v4, &name, sizeof(v4)); /* the port lies at the same place for both families */
    return ntohs(v4.sin_port);
}

int accept_start(struct net *net, const char *address, int port)
{
    int fd = open_listener(address, port);

    if (fd < 0)
        return fd;
    net->listener = calloc(1, sizeof(*net->listener));
    if (!net->listener)
        abort();
    net->listen_fd = fd;
    net->site.port = bound_port(fd);
    net->listener->data = net;
    uv_poll_init(net->loop, net->listener, fd);
    accept_resume(net);
    return 0;
}

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

void accept_stop(struct net *net)
{
    if (!net->listener)
        return;
    uv_poll_stop(net->listener);
    uv_close((uv_handle_t *)net->listener, free_handle);
    net->listener = NULL;
    close(net->listen_fd);
}
