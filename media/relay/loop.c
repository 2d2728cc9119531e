#include "media/relay/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS_MAX = 16 };

int loop_init(struct loop *loop)
{
    loop->fd = epoll_create1(EPOLL_CLOEXEC);
    return loop->fd < 0 ? -errno : 0;
}

void loop_done(struct loop *loop)
{
    close(loop->fd);
}

int loop_add(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    return epoll_ctl(loop->fd, EPOLL_CTL_ADD, watch->fd, &event) ? -errno : 0;
}

void loop_change(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    if (epoll_ctl(loop->fd, EPOLL_CTL_MOD, watch->fd, &event))
        abort(); /* it was added */
}

void loop_remove(struct loop *loop, struct loop_watch *watch)
{
    (void)epoll_ctl(loop->fd, EPOLL_CTL_DEL, watch->fd, NULL);
}

void loop_turn(struct loop *loop, int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(loop->fd, events, EVENTS_MAX, timeout_ms);

    for (int i = 0; i < count; i++) {
        struct loop_watch *watch = events[i].data.ptr;
        watch->ready(watch->context, events[i].events);
    }
}
