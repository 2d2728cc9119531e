/* The one loop of the process: epoll over a handful of descriptors. Owned by the relay. */
#ifndef ASSIZE_MEDIA_RELAY_LOOP_H
#define ASSIZE_MEDIA_RELAY_LOOP_H

#include <stdint.h>

/* A descriptor that is watched; embedded in its owner, who fills fd, ready and context and keeps it
 * in place. */
struct loop_watch {
    int fd;
    void (*ready)(void *context, uint32_t events); /* of epoll */
    void *context;
};

struct loop {
    int fd;
};

/* 0 or -errno. */
int loop_init(struct loop *loop) __attribute__((warn_unused_result));
void loop_done(struct loop *loop);
int loop_add(struct loop *loop, struct loop_watch *watch, uint32_t events)
    __attribute__((warn_unused_result));
void loop_change(struct loop *loop, struct loop_watch *watch, uint32_t events);
void loop_remove(struct loop *loop, struct loop_watch *watch);
/* Waits at most timeout_ms and calls who is ready, one event a descriptor. A watch must not be
 * removed by another's call. */
void loop_turn(struct loop *loop, int timeout_ms);

#endif
