#include "media/relay/udp.h"

#include <errno.h>
#include <linux/udp.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SOCKET_BUFFER = 4 << 20,
    SEGMENTS_MAX = 32, /* of one GSO write; the kernel's bound is 64, and 64 kB */
};

struct datagram_out {
    uint16_t len;
    uint16_t next; /* index + 1 */
    uint8_t data[UDP_ROOM];
};

struct udp {
    int fd;        /* -1: detached */
    bool segments; /* the kernel does GSO */
    struct relay_counters *counters;
    struct udp_route *waiting; /* routes that have datagrams */
    uint16_t used;
    struct datagram_out out[RELAY_SEND_BATCH];
    struct mmsghdr headers[RELAY_RECEIVE_BATCH];
    struct iovec vectors[RELAY_RECEIVE_BATCH];
    struct sockaddr_in6 froms[RELAY_RECEIVE_BATCH];
    uint8_t in[RELAY_RECEIVE_BATCH][UDP_ROOM];
};

bool udp_address(const struct sockaddr *address, struct sockaddr_in6 *ret_address)
{
    struct sockaddr_in6 result = {.sin6_family = AF_INET6};

    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof(v6));
        result.sin6_addr = v6.sin6_addr;
        result.sin6_port = v6.sin6_port;
        result.sin6_scope_id = v6.sin6_scope_id;
    } else if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof(v4));
        memset(result.sin6_addr.s6_addr + 10, 0xff, 2);
        memcpy(result.sin6_addr.s6_addr + 12, &v4.sin_addr, 4);
        result.sin6_port = v4.sin_port;
    } else {
        return false;
    }
    *ret_address = result;
    return true;
}

static int parse_address(const char *text, struct sockaddr_in6 *ret_address)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *found;

    if (getaddrinfo(text, NULL, &hints, &found))
        return -EINVAL;
    bool good = udp_address(found->ai_addr, ret_address);
    freeaddrinfo(found);
    return good ? 0 : -EINVAL;
}

static void set_buffers(int fd)
{
    const int size = SOCKET_BUFFER;

    /* Beyond the system's bound only with privilege; without it we take what we get. */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static int open_socket(const char *address, uint16_t port)
{
    const int off = 0;
    struct sockaddr_in6 bound;
    int result = parse_address(address, &bound);

    if (result)
        return result;
    bound.sin6_port = htons(port);
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) ||
        bind(fd, (const struct sockaddr *)&bound, sizeof(bound))) {
        result = -errno;
        close(fd);
        return result;
    }
    set_buffers(fd);
    return fd;
}

struct udp *udp_new_detached(struct relay_counters *counters)
{
    struct udp *udp = calloc(1, sizeof(*udp));

    if (!udp)
        abort();
    udp->fd = -1;
    udp->segments = true;
    udp->counters = counters;
    for (int i = 0; i < RELAY_RECEIVE_BATCH; i++) {
        udp->vectors[i] = (struct iovec){udp->in[i], RELAY_DATAGRAM_MAX};
        udp->headers[i].msg_hdr.msg_name = &udp->froms[i];
        udp->headers[i].msg_hdr.msg_iov = &udp->vectors[i];
        udp->headers[i].msg_hdr.msg_iovlen = 1;
    }
    return udp;
}

int udp_new(const char *address, uint16_t port, struct relay_counters *counters,
            struct udp **ret_udp)
{
    int fd = open_socket(address, port);

    if (fd < 0)
        return fd;
    *ret_udp = udp_new_detached(counters);
    (*ret_udp)->fd = fd;
    return 0;
}

void udp_free(struct udp *udp)
{
    if (!udp)
        return;
    if (udp->fd >= 0)
        close(udp->fd);
    free(udp);
}

int udp_fd(const struct udp *udp)
{
    return udp->fd;
}

uint16_t udp_port(const struct udp *udp)
{
    struct sockaddr_in6 bound;
    socklen_t size = sizeof(bound);

    return getsockname(udp->fd, (struct sockaddr *)&bound, &size) ? 0 : ntohs(bound.sin6_port);
}

int udp_receive(struct udp *udp, udp_handler handler, void *context)
{
    for (int i = 0; i < RELAY_RECEIVE_BATCH; i++)
        udp->headers[i].msg_hdr.msg_namelen = sizeof(udp->froms[i]);
    int count = recvmmsg(udp->fd, udp->headers, RELAY_RECEIVE_BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
        const struct msghdr *header = &udp->headers[i].msg_hdr;
        struct sockaddr_in6 from;
        udp->counters->datagrams_in++;
        if (header->msg_flags & MSG_TRUNC ||
            !udp_address((const struct sockaddr *)&udp->froms[i], &from))
            udp->counters->junk++;
        else
            handler(context, &from, udp->in[i], udp->headers[i].msg_len);
    }
    return count > 0 ? count : 0;
}

/* ---- sending ---- */

uint8_t *udp_reserve(struct udp *udp)
{
    if (udp->used == RELAY_SEND_BATCH)
        udp_flush(udp);
    return udp->out[udp->used].data;
}

void udp_commit(struct udp *udp, struct udp_route *route, size_t len)
{
    if (!len)
        return;
    struct datagram_out *datagram = &udp->out[udp->used++];
    datagram->len = (uint16_t)len;
    datagram->next = 0;
    if (route->first) {
        udp->out[route->last - 1].next = udp->used;
    } else {
        route->first = udp->used;
        route->next = udp->waiting;
        udp->waiting = route;
    }
    route->last = udp->used;
}

static bool write_datagrams(struct udp *udp, const struct sockaddr_in6 *to, struct iovec *vectors,
                            size_t count)
{
    struct sockaddr_in6 name = *to;
    union {
        char bytes[CMSG_SPACE(sizeof(uint16_t))];
        struct cmsghdr align;
    } control = {0};
    struct msghdr message = {
        .msg_name = &name,
        .msg_namelen = sizeof(name),
        .msg_iov = vectors,
        .msg_iovlen = count,
    };

    if (count > 1) {
        uint16_t size = (uint16_t)vectors[0].iov_len;
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof(control.bytes);
        struct cmsghdr *segment = CMSG_FIRSTHDR(&message);
        segment->cmsg_level = IPPROTO_UDP;
        segment->cmsg_type = UDP_SEGMENT;
        segment->cmsg_len = CMSG_LEN(sizeof(size));
        memcpy(CMSG_DATA(segment), &size, sizeof(size));
    }
    return udp->fd < 0 || sendmsg(udp->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

/* One GSO write, or one by one where the kernel or the network device has none. */
static void write_run(struct udp *udp, const struct sockaddr_in6 *to, struct iovec *vectors,
                      size_t count)
{
    if (count > 1 && udp->segments) {
        if (write_datagrams(udp, to, vectors, count)) {
            udp->counters->datagrams_out += count;
            return;
        }
        if (errno == EIO || errno == EINVAL || errno == ENOPROTOOPT)
            udp->segments = false;
    }
    for (size_t i = 0; i < count; i++) {
        if (write_datagrams(udp, to, &vectors[i], 1))
            udp->counters->datagrams_out++;
        else
            udp->counters->datagrams_unsent++;
    }
}

void udp_send(struct udp *udp, const struct sockaddr_in6 *to, const uint8_t *data, size_t len)
{
    uint8_t copy[RELAY_DATAGRAM_MAX];
    struct iovec vector = {copy, len};

    if (len > sizeof(copy))
        return;
    memcpy(copy, data, len);
    write_run(udp, to, &vector, 1);
}

/* A run is datagrams of one length; the last may be shorter. */
static bool continues(const struct iovec *vectors, size_t count, size_t len)
{
    return count < SEGMENTS_MAX && vectors[count - 1].iov_len == vectors[0].iov_len &&
           len <= vectors[0].iov_len;
}

static void flush_route(struct udp *udp, struct udp_route *route)
{
    struct iovec vectors[SEGMENTS_MAX];
    size_t count = 0;

    for (uint16_t at = route->first; at; at = udp->out[at - 1].next) {
        struct datagram_out *datagram = &udp->out[at - 1];
        if (count && !continues(vectors, count, datagram->len)) {
            write_run(udp, &route->to, vectors, count);
            count = 0;
        }
        vectors[count++] = (struct iovec){datagram->data, datagram->len};
    }
    if (count)
        write_run(udp, &route->to, vectors, count);
    route->first = route->last = 0;
}

void udp_flush(struct udp *udp)
{
    while (udp->waiting) {
        struct udp_route *route = udp->waiting;
        udp->waiting = route->next;
        flush_route(udp, route);
    }
    udp->used = 0;
}

void udp_discard(struct udp *udp, struct udp_route *route)
{
    struct udp_route **link = &udp->waiting;

    while (*link && *link != route)
        link = &(*link)->next;
    if (*link)
        *link = route->next;
    route->first = route->last = 0;
}
