#include "media/relay/local_links.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "media/relay/local_packets.h"
#include "media/relay/unix_socket.h"
#include "media/rtp/bytes.h"

enum { DATAGRAM_ROOM = LOCAL_HEAD_BYTES + LOCAL_PACKET_MAX + 1 }; /* one more tells a longer one */

static const uint8_t greeting[4] = "ASZL";

struct local_link {
    struct loop_watch watch; /* fd -1: not in use */
    struct local_links *links;
    uint64_t leg; /* 0 before the hello */
    int64_t since_ns;
    bool doomed; /* to be closed at the end of the turn */
};

struct local_links {
    struct loop *loop;
    struct loop_watch listener;
    struct legs *legs;
    int64_t (*clock_ns)(void);
    unsigned greeting; /* links that have not said hello */
    bool closing;      /* some are doomed */
    uid_t owner;       /* who made the socket; the process may have dropped to another user since */
    struct local_link links[RELAY_LOCAL_LINKS_MAX];
};

/* ---- the hello ---- */

static void doom(struct local_link *link)
{
    link->doomed = link->links->closing = true;
}

static void refuse(struct local_link *link, const char *why)
{
    link->links->legs->counters->local_refused++;
    doom(link);
    log_warn("local.refused", "why=%s", why);
}

static void take_hello(struct local_link *link, const uint8_t *data, size_t len)
{
    struct legs *legs = link->links->legs;

    if (len != LOCAL_HELLO_BYTES || memcmp(data, greeting, sizeof(greeting)) != 0) {
        refuse(link, "hello");
        return;
    }
    uint64_t id = bytes_get64(data + sizeof(greeting));
    struct leg *leg = leg_find(legs, id);
    if (!leg || !leg->party.local ||
        CRYPTO_memcmp(leg->token, data + sizeof(greeting) + 8, LOCAL_TOKEN_BYTES) != 0) {
        refuse(link, "token");
        return;
    }
    link->leg = id;
    link->links->greeting--;
    leg_link(leg, link->watch.fd);
}

/* The leg this is the link of: not when it is closed, or a newer link has taken the place. */
static struct leg *leg_of(const struct local_link *link)
{
    struct leg *leg = link->leg ? leg_find(link->links->legs, link->leg) : NULL;

    return leg && leg->link == link->watch.fd ? leg : NULL;
}

static void take_datagram(struct local_link *link, uint8_t *data, size_t len)
{
    struct leg *leg = leg_of(link);

    if (leg)
        local_take(leg, data, len);
    else if (!link->leg)
        take_hello(link, data, len);
    else
        doom(link);
}

static void link_ready(void *context, uint32_t events)
{
    struct local_link *link = context;
    uint8_t data[DATAGRAM_ROOM];

    (void)events;
    link->links->legs->now_ns = link->links->clock_ns();
    for (int i = 0; i < RELAY_LOCAL_BATCH && !link->doomed; i++) {
        ssize_t count = recv(link->watch.fd, data, sizeof(data), MSG_DONTWAIT);
        if (count > 0)
            take_datagram(link, data, (size_t)count);
        else if (count == 0 || (errno != EAGAIN && errno != EINTR))
            doom(link);
        else
            return;
    }
}

/* ---- connections ---- */

static void close_link(struct local_link *link)
{
    struct leg *leg = leg_of(link);

    if (leg)
        leg_unlink(leg);
    if (!link->leg)
        link->links->greeting--;
    loop_remove(link->links->loop, &link->watch);
    close(link->watch.fd);
    link->watch.fd = -1;
}

/* A free place; NULL when there are too many, or too many that have not said hello. */
static struct local_link *free_link(struct local_links *links)
{
    for (int i = 0; i < RELAY_LOCAL_LINKS_MAX && links->greeting < RELAY_LOCAL_GREETING_MAX; i++) {
        if (links->links[i].watch.fd < 0)
            return &links->links[i];
    }
    return NULL;
}

static void add_link(struct local_links *links, int fd)
{
    const int size = RELAY_LOCAL_BUFFER_BYTES;
    struct local_link *link = unix_socket_is_ours(fd, links->owner) ? free_link(links) : NULL;

    if (link) {
        *link = (struct local_link){
            .watch = {.fd = fd, .ready = link_ready, .context = link},
            .links = links,
            .since_ns = links->clock_ns(),
        };
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)); /* as much as it gives */
    }
    if (link && loop_add(links->loop, &link->watch, EPOLLIN) == 0) {
        links->greeting++;
        return;
    }
    if (link)
        link->watch.fd = -1;
    links->legs->counters->local_refused++;
    log_warn("local.refused", "why=connection");
    close(fd);
}

static void accept_link(void *context, uint32_t events)
{
    struct local_links *links = context;
    int fd = accept4(links->listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)events;
    if (fd >= 0)
        add_link(links, fd);
}

void local_links_flush(struct local_links *links)
{
    if (!links->greeting && !links->closing)
        return;
    int64_t oldest_ns = links->clock_ns() - NS_OF_MS(RELAY_LOCAL_HELLO_MS);
    links->closing = false;
    for (int i = 0; i < RELAY_LOCAL_LINKS_MAX; i++) {
        struct local_link *link = &links->links[i];
        if (link->watch.fd < 0)
            continue;
        if (!link->doomed && !link->leg && link->since_ns < oldest_ns)
            refuse(link, "late");
        if (link->doomed)
            close_link(link);
    }
}

/* ---- life ---- */

int local_links_new(struct loop *loop, const char *path, struct legs *legs,
                    int64_t (*clock_ns)(void), struct local_links **ret_links)
{
    int fd = unix_socket_listen(path, SOCK_SEQPACKET);

    if (fd < 0)
        return fd;
    struct local_links *links = calloc(1, sizeof(*links));
    if (!links)
        abort();
    links->loop = loop;
    links->legs = legs;
    links->clock_ns = clock_ns;
    links->owner = geteuid();
    links->listener = (struct loop_watch){.fd = fd, .ready = accept_link, .context = links};
    for (int i = 0; i < RELAY_LOCAL_LINKS_MAX; i++)
        links->links[i].watch.fd = -1;
    int result = loop_add(loop, &links->listener, EPOLLIN);
    if (result)
        local_links_free(links);
    else
        *ret_links = links;
    return result;
}

void local_links_free(struct local_links *links)
{
    if (!links)
        return;
    for (int i = 0; i < RELAY_LOCAL_LINKS_MAX; i++) {
        if (links->links[i].watch.fd >= 0)
            close(links->links[i].watch.fd);
    }
    close(links->listener.fd);
    free(links);
}
