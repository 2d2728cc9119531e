/*
 * One thread, one epoll, timers: what a whole peer, or fifty of them in one process, runs on. Owned
 * by the program. Nothing here is freed under a caller's feet: a watch or timer may be stopped
 * inside any callback.
 */
#ifndef ASSIZE_TESTS_PEER_LOOP_H
#define ASSIZE_TESTS_PEER_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

enum { PEER_LOOP_BATCH = 64 };

/* A file descriptor being watched; embedded in its owner. */
struct peer_watch {
    int fd;
    void (*ready)(void *context, uint32_t events);
    void *context;
};

/* Fires once, unless started again; embedded in its owner. */
struct peer_timer {
    void (*fire)(void *context);
    void *context;
    int64_t due_ns; /* of clock_monotonic_ns */
    bool armed;
    struct peer_timer *next;
};

struct peer_loop {
    int epoll_fd;
    struct peer_timer *timers; /* the next one due first */
    struct epoll_event batch[PEER_LOOP_BATCH];
    int batch_count;
    bool stopped;
};

/* 0 or -errno. */
int peer_loop_init(struct peer_loop *loop) __attribute__((warn_unused_result));
void peer_loop_done(struct peer_loop *loop);

/* events are those of epoll. 0 or -errno. */
int peer_loop_watch(struct peer_loop *loop, struct peer_watch *watch, uint32_t events)
    __attribute__((warn_unused_result));
void peer_loop_rearm(struct peer_loop *loop, struct peer_watch *watch, uint32_t events);
void peer_loop_unwatch(struct peer_loop *loop, struct peer_watch *watch);

void peer_timer_at(struct peer_loop *loop, struct peer_timer *timer, int64_t due_ns);
void peer_timer_in(struct peer_loop *loop, struct peer_timer *timer, int64_t delay_ms);
void peer_timer_stop(struct peer_loop *loop, struct peer_timer *timer);

/* Ends the present and every later peer_loop_wait. */
void peer_loop_stop(struct peer_loop *loop);

/*
 * Runs until done(context) is true (then it returns true), the loop is stopped, or timeout_ms have
 * passed. A NULL done is never true.
 */
bool peer_loop_wait(struct peer_loop *loop, bool (*done)(const void *context), const void *context,
                    int64_t timeout_ms);

#endif
