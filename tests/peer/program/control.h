/*
 * A relay's controller as far as the load client needs it: sends requests on the control socket and
 * hands on what comes back. Used by load.c, in the place of assized.
 */
#ifndef ASSIZE_TESTS_PEER_CONTROL_H
#define ASSIZE_TESTS_PEER_CONTROL_H

#include "assize/media/v1/control.pb-c.h"
#include "base/frame.h"
#include "tests/peer/peer_loop.h"

struct control {
    struct peer_loop *loop;
    struct peer_watch watch;
    struct frame_reader reader;
    uint64_t last_request;
    bool broken; /* the relay closed, or sent what is no Report */
    void (*report)(void *context, const Assize__Media__V1__Report *report);
    void *context;
};

/* 0 or -errno. */
int control_open(struct control *control, struct peer_loop *loop, const char *path,
                 void (*report)(void *context, const Assize__Media__V1__Report *report),
                 void *context) __attribute__((warn_unused_result));
void control_close(struct control *control);
/* Gives the request an id and sends it. */
void control_send(struct control *control, Assize__Media__V1__Request *request);

#endif
