/*
 * The studio's end of STATE/run/studio.sock (studio.proto): says hello, hands out what assized
 * asks, writes reports. Used by live and render, on one thread; the messages are good until the
 * handler returns.
 */
#ifndef ASSIZE_MEDIA_STUDIO_CONTROL_H
#define ASSIZE_MEDIA_STUDIO_CONTROL_H

#include <stdbool.h>

#include "assize/media/v1/studio.pb-c.h"
#include "base/buf.h"
#include "base/frame.h"

#define CONTROL_SOCKET_NAME "run/studio.sock"

struct control {
    int fd; /* -1: not connected, or not any more */
    struct frame_reader in;
    struct buf out;
    void (*request)(void *context, const Assize__Media__V1__StudioRequest *request);
    void *context;
};

/* Connects within wait_ms, trying again while nobody listens, and says hello. 0 or -errno. */
int control_connect(struct control *control, const char *path, const char *hearing,
                    Assize__Media__V1__StudioHello__Task task, int wait_ms)
    __attribute__((warn_unused_result));
void control_done(struct control *control);

/* Reads what is there. False: the connection is over, and fd is closed. */
bool control_read(struct control *control);
/* Writes it, or as much as goes now; the rest by control_flush. False as above. */
bool control_send(struct control *control, const Assize__Media__V1__StudioReport *report);
bool control_flush(struct control *control);
/* Something waits for the socket to take more. */
bool control_is_full(const struct control *control);
/* A report that says no more than that the studio is alive. */
bool control_beat(struct control *control);

#endif
