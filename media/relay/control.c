#include "media/relay/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/frame.h"
#include "base/log.h"
#include "media/relay/limits.h"
#include "media/relay/unix_socket.h"
#include "proto/codec.h"

enum {
    READ_BYTES = 64 * 1024,
    REPLY_ARENA_MAX = 4 << 20,
};

struct controller {
    struct loop_watch watch; /* fd -1: not in use */
    struct control *control;
    bool doomed;  /* to be closed at the end of the turn */
    bool writing; /* EPOLLOUT is watched */
    struct frame_reader in;
    struct buf out;
};

struct control {
    struct loop *loop; /* NULL: detached */
    struct loop_watch listener;
    const struct control_ops *ops;
    void *context;
    struct relay_counters *counters;
    uid_t owner; /* who made the socket; the process may have dropped to another user since */
    struct controller *attached;
    struct controller controllers[RELAY_CONTROLLERS_MAX];
};

/* ---- connections ---- */

static void close_controller(struct controller *controller)
{
    struct control *control = controller->control;

    if (control->attached == controller) {
        control->attached = NULL;
        log_warn("control.lost", "hold_ms=%d", RELAY_HOLD_MS);
    }
    if (control->loop)
        loop_remove(control->loop, &controller->watch);
    if (controller->watch.fd >= 0)
        close(controller->watch.fd);
    controller->watch.fd = -1;
    frame_reader_done(&controller->in);
    buf_done(&controller->out);
}

static struct controller *free_controller(struct control *control)
{
    for (int i = 0; i < RELAY_CONTROLLERS_MAX; i++) {
        if (control->controllers[i].watch.fd < 0)
            return &control->controllers[i];
    }
    return NULL;
}

static void controller_ready(void *context, uint32_t events);

static struct controller *add_controller(struct control *control, int fd)
{
    struct controller *controller = free_controller(control);

    if (!controller)
        return NULL;
    *controller = (struct controller){
        .watch = {.fd = fd, .ready = controller_ready, .context = controller},
        .control = control,
    };
    frame_reader_init(&controller->in);
    buf_init(&controller->out, RELAY_REPORTS_MAX);
    return controller;
}

static void accept_controller(void *context, uint32_t events)
{
    struct control *control = context;
    int fd = accept4(control->listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)events;
    if (fd < 0)
        return;
    struct controller *controller =
        unix_socket_is_ours(fd, control->owner) ? add_controller(control, fd) : NULL;
    if (!controller) {
        control->counters->control_refused++;
        log_warn("control.refused", "fd=%d", fd);
        close(fd);
        return;
    }
    if (loop_add(control->loop, &controller->watch, EPOLLIN))
        close_controller(controller);
}

/* ---- requests ---- */

static void queue_report(struct controller *controller, const Assize__Media__V1__Report *report)
{
    if (codec_pack_frame(&report->base, &controller->out))
        controller->doomed = true;
}

/* The newest controller takes the place of the one before. */
static void attach(struct controller *controller, const Assize__Media__V1__Attach *request)
{
    struct control *control = controller->control;

    if (control->attached && control->attached != controller)
        control->attached->doomed = true;
    control->attached = controller;
    log_info("control.attached", "controller=%s",
             log_quote(request->controller ? request->controller : "").text);
}

static int handle_request(struct controller *controller, const Assize__Media__V1__Request *request)
{
    struct control *control = controller->control;
    struct arena arena;

    if (request->body_case == ASSIZE__MEDIA__V1__REQUEST__BODY_ATTACH)
        attach(controller, request->attach);
    if (control->attached != controller)
        return -EPROTO;
    arena_init(&arena, REPLY_ARENA_MAX);
    Assize__Media__V1__Report *reply = control->ops->request(control->context, request, &arena);
    if (reply) {
        reply->has_in_reply_to = request->has_request_id;
        reply->in_reply_to = request->request_id;
        queue_report(controller, reply);
    }
    arena_done(&arena);
    return reply ? 0 : -EPROTO;
}

static int handle_frame(void *context, const uint8_t *body, size_t len)
{
    struct controller *controller = context;
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    const Assize__Media__V1__Request *request =
        codec_unpack(&assize__media__v1__request__descriptor, &arena, body, len);
    int result = request ? handle_request(controller, request) : -EBADMSG;
    arena_done(&arena);
    if (!result && controller->doomed)
        result = -ENOBUFS;
    return result;
}

static int take(struct controller *controller, const uint8_t *data, size_t len)
{
    int result = frame_reader_feed(&controller->in, data, len, handle_frame, controller);

    if (!result)
        return 0;
    controller->doomed = true;
    controller->control->counters->control_malformed++;
    log_warn("control.malformed", "error=%s", log_errno(result).text);
    return result;
}

static void controller_ready(void *context, uint32_t events)
{
    static uint8_t bytes[READ_BYTES];
    struct controller *controller = context;

    if (controller->doomed || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        return;
    ssize_t count = recv(controller->watch.fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (count > 0)
        (void)take(controller, bytes, (size_t)count);
    else if (count == 0 || (errno != EAGAIN && errno != EINTR))
        controller->doomed = true;
}

/* ---- reports ---- */

bool control_is_attached(const struct control *control)
{
    return control->attached && !control->attached->doomed;
}

void control_report(struct control *control, Assize__Media__V1__Report *report, bool may_drop)
{
    if (!control_is_attached(control) ||
        (may_drop && control->attached->out.len > RELAY_REPORTS_MAX / 2))
        return;
    queue_report(control->attached, report);
}

static void write_out(struct controller *controller)
{
    struct buf *out = &controller->out;

    if (out->len) {
        ssize_t count =
            send(controller->watch.fd, out->data, out->len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count > 0)
            buf_consume(out, (size_t)count);
        else if (errno != EAGAIN && errno != EINTR)
            controller->doomed = true;
    }
    if (controller->writing != (out->len > 0)) {
        controller->writing = out->len > 0;
        loop_change(controller->control->loop, &controller->watch,
                    controller->writing ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
}

void control_flush(struct control *control)
{
    for (int i = 0; i < RELAY_CONTROLLERS_MAX; i++) {
        struct controller *controller = &control->controllers[i];
        if (controller->watch.fd < 0)
            continue;
        if (!controller->doomed)
            write_out(controller);
        if (controller->doomed)
            close_controller(controller);
    }
}

/* ---- life ---- */

struct control *control_new_detached(const struct control_ops *ops, void *context,
                                     struct relay_counters *counters)
{
    struct control *control = calloc(1, sizeof(*control));

    if (!control)
        abort();
    control->ops = ops;
    control->context = context;
    control->counters = counters;
    control->owner = geteuid();
    control->listener.fd = -1;
    for (int i = 0; i < RELAY_CONTROLLERS_MAX; i++)
        control->controllers[i].watch.fd = -1;
    return control;
}

int control_new(struct loop *loop, const char *path, const struct control_ops *ops, void *context,
                struct relay_counters *counters, struct control **ret_control)
{
    int fd = unix_socket_listen(path, SOCK_STREAM);

    if (fd < 0)
        return fd;
    struct control *control = control_new_detached(ops, context, counters);
    control->loop = loop;
    control->listener =
        (struct loop_watch){.fd = fd, .ready = accept_controller, .context = control};
    int result = loop_add(loop, &control->listener, EPOLLIN);
    if (result)
        control_free(control);
    else
        *ret_control = control;
    return result;
}

void control_free(struct control *control)
{
    if (!control)
        return;
    for (int i = 0; i < RELAY_CONTROLLERS_MAX; i++) {
        if (control->controllers[i].watch.fd >= 0)
            close_controller(&control->controllers[i]);
    }
    if (control->listener.fd >= 0)
        close(control->listener.fd);
    free(control);
}

int control_take(struct control *control, const uint8_t *data, size_t len)
{
    struct controller *controller = add_controller(control, -1);
    int result = take(controller, data, len);

    close_controller(controller);
    return result;
}
