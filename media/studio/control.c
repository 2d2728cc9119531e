#include "media/studio/control.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/str.h"
#include "media/studio/limits.h"
#include "media/studio/socket.h"
#include "proto/codec.h"

enum { RETRY_MS = 50, READ_BYTES = 16384 };

static bool hang_up(struct control *control)
{
    if (control->fd >= 0)
        close(control->fd);
    control->fd = -1;
    return false;
}

static bool say_hello(struct control *control, const char *hearing,
                      Assize__Media__V1__StudioHello__Task task)
{
    Assize__Media__V1__StudioHello hello = ASSIZE__MEDIA__V1__STUDIO_HELLO__INIT;
    Assize__Media__V1__StudioReport report = ASSIZE__MEDIA__V1__STUDIO_REPORT__INIT;
    char name[ID_UUID_SIZE];

    str_copy(name, sizeof(name), hearing);
    hello.hearing = name;
    hello.has_task = true;
    hello.task = task;
    report.body_case = ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_HELLO;
    report.hello = &hello;
    return control_send(control, &report);
}

int control_connect(struct control *control, const char *path, const char *hearing,
                    Assize__Media__V1__StudioHello__Task task, int wait_ms)
{
    int64_t until_ms = clock_monotonic_ms() + wait_ms;

    control->fd = socket_connect(path, SOCK_STREAM);
    while ((control->fd == -ENOENT || control->fd == -ECONNREFUSED || control->fd == -EAGAIN) &&
           clock_monotonic_ms() < until_ms) {
        (void)poll(NULL, 0, RETRY_MS); /* nothing tells when it is there */
        control->fd = socket_connect(path, SOCK_STREAM);
    }
    if (control->fd < 0)
        return control->fd;
    frame_reader_init(&control->in);
    buf_init(&control->out, STUDIO_REPORTS_MAX);
    return say_hello(control, hearing, task) ? 0 : -EPIPE;
}

void control_done(struct control *control)
{
    hang_up(control);
    frame_reader_done(&control->in);
    buf_done(&control->out);
}

static int take_frame(void *context, const uint8_t *body, size_t len)
{
    struct control *control = context;
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    const Assize__Media__V1__StudioRequest *request =
        codec_unpack(&assize__media__v1__studio_request__descriptor, &arena, body, len);
    if (request)
        control->request(control->context, request);
    arena_done(&arena);
    return request ? 0 : -EBADMSG;
}

bool control_read(struct control *control)
{
    uint8_t bytes[READ_BYTES];

    if (control->fd < 0)
        return false;
    ssize_t count = recv(control->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (count <= 0 || frame_reader_feed(&control->in, bytes, (size_t)count, take_frame, control))
        return hang_up(control);
    return true;
}

bool control_flush(struct control *control)
{
    while (control->fd >= 0 && control->out.len) {
        ssize_t count =
            send(control->fd, control->out.data, control->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            return true;
        if (count < 0)
            return hang_up(control);
        buf_consume(&control->out, (size_t)count);
    }
    return control->fd >= 0;
}

bool control_send(struct control *control, const Assize__Media__V1__StudioReport *report)
{
    if (control->fd < 0)
        return false;
    if (codec_pack_frame(&report->base, &control->out)) {
        log_warn("studio.assized_does_not_read", "bytes=%zu", control->out.len);
        return hang_up(control);
    }
    return control_flush(control);
}

bool control_is_full(const struct control *control)
{
    return control->fd >= 0 && control->out.len > 0;
}

bool control_beat(struct control *control)
{
    Assize__Media__V1__StudioBeat beat = ASSIZE__MEDIA__V1__STUDIO_BEAT__INIT;
    Assize__Media__V1__StudioReport report = ASSIZE__MEDIA__V1__STUDIO_REPORT__INIT;

    report.body_case = ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_BEAT;
    report.beat = &beat;
    return control_send(control, &report);
}
