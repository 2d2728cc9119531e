#include "tests/peer/peer_loop.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "base/clock.h"

enum { WAIT_MAX_MS = 1000 };

int peer_loop_init(struct peer_loop *loop)
{
    *loop = (struct peer_loop){.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
    return loop->epoll_fd < 0 ? -errno : 0;
}

void peer_loop_done(struct peer_loop *loop)
{
    close(loop->epoll_fd);
}

int peer_loop_watch(struct peer_loop *loop, struct peer_watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) ? -errno : 0;
}

void peer_loop_rearm(struct peer_loop *loop, struct peer_watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event);
}

void peer_loop_unwatch(struct peer_loop *loop, struct peer_watch *watch)
{
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    for (int i = 0; i < loop->batch_count; i++) {
        if (loop->batch[i].data.ptr == watch)
            loop->batch[i].data.ptr = NULL;
    }
}

void peer_timer_at(struct peer_loop *loop, struct peer_timer *timer, int64_t due_ns)
{
    struct peer_timer **place = &loop->timers;

    peer_timer_stop(loop, timer);
    while (*place && (*place)->due_ns <= due_ns)
        place = &(*place)->next;
    timer->due_ns = due_ns;
    timer->next = *place;
    timer->armed = true;
    *place = timer;
}

void peer_timer_in(struct peer_loop *loop, struct peer_timer *timer, int64_t delay_ms)
{
    peer_timer_at(loop, timer, clock_monotonic_ns() + delay_ms * CLOCK_NS_PER_MS);
}

void peer_timer_stop(struct peer_loop *loop, struct peer_timer *timer)
{
    if (!timer->armed)
        return;
    struct peer_timer **place = &loop->timers;
    while (*place != timer)
        place = &(*place)->next;
    *place = timer->next;
    timer->armed = false;
}

void peer_loop_stop(struct peer_loop *loop)
{
    loop->stopped = true;
}

static void fire_due(struct peer_loop *loop)
{
    int64_t now = clock_monotonic_ns();

    while (loop->timers && loop->timers->due_ns <= now) {
        struct peer_timer *timer = loop->timers;
        loop->timers = timer->next;
        timer->armed = false;
        timer->fire(timer->context);
    }
}

/* Milliseconds until the next timer or the deadline, rounded up, so that the loop never spins on a
 * part of one. */
static int wait_ms(const struct peer_loop *loop, int64_t deadline_ns)
{
    int64_t due = deadline_ns;

    if (loop->timers && loop->timers->due_ns < due)
        due = loop->timers->due_ns;
    int64_t ms = (due - clock_monotonic_ns() + CLOCK_NS_PER_MS - 1) / CLOCK_NS_PER_MS;
    if (ms < 0)
        return 0;
    return ms > WAIT_MAX_MS ? WAIT_MAX_MS : (int)ms;
}

static void turn(struct peer_loop *loop, int64_t deadline_ns)
{
    int count =
        epoll_wait(loop->epoll_fd, loop->batch, PEER_LOOP_BATCH, wait_ms(loop, deadline_ns));

    loop->batch_count = count < 0 ? 0 : count;
    for (int i = 0; i < loop->batch_count; i++) {
        struct peer_watch *watch = loop->batch[i].data.ptr;
        if (watch)
            watch->ready(watch->context, loop->batch[i].events);
    }
    loop->batch_count = 0;
    fire_due(loop);
}

bool peer_loop_wait(struct peer_loop *loop, bool (*done)(const void *context), const void *context,
                    int64_t timeout_ms)
{
    int64_t deadline = clock_monotonic_ns() + timeout_ms * CLOCK_NS_PER_MS;

    for (;;) {
        if (done && done(context))
            return true;
        if (loop->stopped || clock_monotonic_ns() >= deadline)
            return false;
        turn(loop, deadline);
    }
}
