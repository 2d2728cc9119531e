#include "tests/peer/program/control.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"
#include "proto/codec.h"

enum { READ_BYTES = 65536 };

static int on_frame(void *context, const uint8_t *body, size_t len)
{
    struct control *control = context;
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    const Assize__Media__V1__Report *report =
        codec_unpack(&assize__media__v1__report__descriptor, &arena, body, len);
    if (report)
        control->report(control->context, report);
    else
        control->broken = true;
    arena_done(&arena);
    return 0;
}

static void on_ready(void *context, uint32_t events)
{
    static uint8_t data[READ_BYTES];
    struct control *control = context;
    ssize_t got = recv(control->watch.fd, data, sizeof(data), MSG_DONTWAIT);

    (void)events;
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0 || frame_reader_feed(&control->reader, data, (size_t)got, on_frame, control)) {
        control->broken = true;
        peer_loop_unwatch(control->loop, &control->watch);
    }
}

int control_open(struct control *control, struct peer_loop *loop, const char *path,
                 void (*report)(void *context, const Assize__Media__V1__Report *report),
                 void *context)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    *control = (struct control){.loop = loop, .report = report, .context = context};
    if (!str_copy(address.sun_path, sizeof(address.sun_path), path))
        return -ENAMETOOLONG;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    frame_reader_init(&control->reader);
    control->watch = (struct peer_watch){.fd = fd, .ready = on_ready, .context = control};
    int result = connect(fd, (const struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
    if (!result)
        result = peer_loop_watch(loop, &control->watch, EPOLLIN);
    if (result)
        control_close(control);
    return result;
}

void control_close(struct control *control)
{
    peer_loop_unwatch(control->loop, &control->watch);
    close(control->watch.fd);
    frame_reader_done(&control->reader);
}

void control_send(struct control *control, Assize__Media__V1__Request *request)
{
    struct buf frame;

    request->has_request_id = true;
    request->request_id = ++control->last_request;
    buf_init(&frame, FRAME_HEADER_BYTES + FRAME_BODY_MAX);
    if (codec_pack_frame(&request->base, &frame) ||
        send(control->watch.fd, frame.data, frame.len, MSG_NOSIGNAL) != (ssize_t)frame.len)
        control->broken = true;
    buf_done(&frame);
}
