/*
 * The control socket: accepts controllers of our own user or root, reads their requests, writes
 * replies and reports, bounded both ways. Knows no legs. One controller is attached at a time, the
 * newest; others may connect but get nothing before they attach. Owned by the relay.
 */
#ifndef ASSIZE_MEDIA_RELAY_CONTROL_H
#define ASSIZE_MEDIA_RELAY_CONTROL_H

#include <stdbool.h>

#include "assize/media/v1/control.pb-c.h"
#include "base/arena.h"
#include "media/relay/counters.h"
#include "media/relay/loop.h"

struct control;

struct control_ops {
    /*
     * The reply to a request of the attached controller, drawn from the arena, with everything but
     * in_reply_to; NULL for a request that makes no sense, which ends the connection. For a request
     * of the arm attach the asker is the attached one already.
     */
    Assize__Media__V1__Report *(*request)(void *context, const Assize__Media__V1__Request *request,
                                          struct arena *arena);
};

/* Listens at path (mode 0600; what lies there is removed). 0 or -errno. */
int control_new(struct loop *loop, const char *path, const struct control_ops *ops, void *context,
                struct relay_counters *counters, struct control **ret_control)
    __attribute__((warn_unused_result));
/* Without a socket: frames come by control_take, replies are thrown away. For fuzzing. */
struct control *control_new_detached(const struct control_ops *ops, void *context,
                                     struct relay_counters *counters);
void control_free(struct control *control);

bool control_is_attached(const struct control *control);

/* Queues a report for the attached controller, if there is one. A full queue ends the connection;
 * where may_drop, the report. */
void control_report(struct control *control, Assize__Media__V1__Report *report, bool may_drop);
/* Writes what is queued and ends what is to end; after each turn of the loop. */
void control_flush(struct control *control);

/* Bytes as from a controller of its own; 0, or what ended the connection. */
int control_take(struct control *control, const uint8_t *data, size_t len);

#endif
