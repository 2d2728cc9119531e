#include "server/media/relay_client.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/frame.h"
#include "base/log.h"
#include "base/str.h"
#include "proto/codec.h"

enum {
    RETRY_MS = 50,
    STATS_MS = 1000,
    STATS_TEXT_MAX = 64 * 1024,
    READ_BYTES = 64 * 1024,
    PATH_SIZE = 108
};

enum link_state {
    LINK_STATE_DOWN,       /* no socket; the timer tries again */
    LINK_STATE_CONNECTING, /* connect is under way */
    LINK_STATE_ATTACHING,  /* connected, attach was sent */
    LINK_STATE_UP,         /* attached */
};

struct waiting {
    uint64_t request_id; /* 0: free */
    int64_t deadline_ms; /* monotonic */
    relay_callback callback;
    void *context;
    uint64_t id;
};

struct relay_client {
    uv_loop_t *loop;
    const struct relay_client_ops *ops;
    void *context;
    char path[PATH_SIZE];
    enum link_state state;
    uv_pipe_t *pipe; /* NULL when down */
    uv_timer_t timer;
    struct frame_reader reader;
    struct waiting waiting[RELAY_REQUESTS_MAX];
    uint64_t next_request_id;
    size_t output_bytes;
    int64_t kills;
    int64_t stats_at_ms; /* when the counters were last asked for, monotonic */
    struct buf stats;    /* the last counters, as metrics */
    int relay_pidfd;     /* of the last relay we were attached to, or -1 */
    char read_buffer[READ_BYTES];
};

struct write_job {
    uv_write_t request;
    struct relay_client *client;
    uv_pipe_t *pipe;
    struct buf bytes;
};

static void free_pipe(uv_handle_t *handle)
{
    free(handle);
}

static void fail_waiting(struct relay_client *client)
{
    for (size_t i = 0; i < RELAY_REQUESTS_MAX; i++) {
        struct waiting waiting = client->waiting[i];
        if (!waiting.request_id)
            continue;
        client->waiting[i].request_id = 0;
        waiting.callback(waiting.context, waiting.id, NULL);
    }
}

/* The one way down: forget the socket, fail what waits, tell once. */
static void go_down(struct relay_client *client)
{
    enum link_state was = client->state;

    if (was == LINK_STATE_DOWN)
        return;
    client->state = LINK_STATE_DOWN;
    client->pipe->data = NULL;
    uv_close((uv_handle_t *)client->pipe, free_pipe);
    client->pipe = NULL;
    client->output_bytes = 0;
    frame_reader_done(&client->reader);
    frame_reader_init(&client->reader);
    fail_waiting(client);
    if (was == LINK_STATE_UP) {
        log_warn("relay.away", "socket=%s", client->path);
        client->ops->down(client->context);
    }
}

static void written(uv_write_t *request, int status)
{
    struct write_job *job = request->data;

    if (job->pipe->data) {
        job->client->output_bytes -= job->bytes.len;
        if (status < 0)
            go_down(job->client);
    }
    buf_done(&job->bytes);
    free(job);
}

static void send_request(struct relay_client *client, const Assize__Media__V1__Request *request)
{
    struct write_job *job = calloc(1, sizeof(*job));

    if (!job)
        abort();
    buf_init(&job->bytes, FRAME_HEADER_BYTES + FRAME_BODY_MAX);
    job->client = client;
    job->pipe = client->pipe;
    job->request.data = job;
    if (codec_pack_frame(&request->base, &job->bytes) ||
        client->output_bytes + job->bytes.len > RELAY_OUTPUT_MAX) {
        log_error("relay.output_full", "bytes=%zu", client->output_bytes);
        buf_done(&job->bytes);
        free(job);
        return; /* its deadline fails it */
    }
    client->output_bytes += job->bytes.len;
    uv_buf_t vector = uv_buf_init((char *)job->bytes.data, (unsigned)job->bytes.len);
    if (uv_write(&job->request, (uv_stream_t *)client->pipe, &vector, 1, written)) {
        client->output_bytes -= job->bytes.len;
        buf_done(&job->bytes);
        free(job);
    }
}

static struct waiting *free_place(struct relay_client *client)
{
    for (size_t i = 0; i < RELAY_REQUESTS_MAX; i++) {
        if (!client->waiting[i].request_id)
            return &client->waiting[i];
    }
    return NULL;
}

static void request_now(struct relay_client *client, Assize__Media__V1__Request *request,
                        relay_callback callback, void *context, uint64_t id)
{
    struct waiting *place = free_place(client);

    if (!place) {
        log_error("relay.requests_full", "waiting=%d", RELAY_REQUESTS_MAX);
        callback(context, id, NULL);
        return;
    }
    *place = (struct waiting){
        .request_id = ++client->next_request_id,
        .deadline_ms = clock_monotonic_ms() + RELAY_REPLY_MS,
        .callback = callback,
        .context = context,
        .id = id,
    };
    request->has_request_id = 1;
    request->request_id = place->request_id;
    send_request(client, request);
}

void relay_client_request(struct relay_client *client, Assize__Media__V1__Request *request,
                          relay_callback callback, void *context, uint64_t id)
{
    if (client->state != LINK_STATE_UP) {
        callback(context, id, NULL);
        return;
    }
    request_now(client, request, callback, context, id);
}

static void attached(void *context, uint64_t id, const Assize__Media__V1__Report *reply)
{
    struct relay_client *client = context;

    (void)id;
    if (!reply || reply->body_case != ASSIZE__MEDIA__V1__REPORT__BODY_ATTACHED) {
        if (reply)
            go_down(client);
        return;
    }
    client->state = LINK_STATE_UP;
    log_info("relay.attached", "legs=%zu", reply->attached->n_legs);
    client->ops->up(client->context, reply->attached);
}

static int handle_reply(struct relay_client *client, const Assize__Media__V1__Report *report)
{
    for (size_t i = 0; i < RELAY_REQUESTS_MAX; i++) {
        struct waiting waiting = client->waiting[i];
        if (waiting.request_id != report->in_reply_to)
            continue;
        client->waiting[i].request_id = 0;
        waiting.callback(waiting.context, waiting.id, report);
        return client->pipe ? 0 : -ECANCELED;
    }
    return 0; /* its asker gave up */
}

/* What the relay says unasked; of a later version's reports nothing is understood. */
static void handle_tiding(struct relay_client *client, const Assize__Media__V1__Report *report)
{
    const struct relay_client_ops *ops = client->ops;

    if (report->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_LEG_STATE)
        ops->leg_state(client->context, report->leg_state);
    else if (report->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_LEG_QUALITY)
        ops->leg_quality(client->context, report->leg_quality);
    else if (report->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_RECORD_STATE)
        ops->record_state(client->context, report->record_state);
    else if (report->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_RECORD_GAP)
        ops->record_gap(client->context, report->record_gap);
    else if (report->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_RECORD_HEAD)
        ops->record_head(client->context, report->record_head);
    else if (report->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_RECORD_SPACE)
        ops->record_space(client->context, report->record_space);
}

static int handle_frame(void *context, const uint8_t *body, size_t len)
{
    struct relay_client *client = context;
    struct arena arena;
    int result = 0;

    arena_init(&arena, codec_arena_max(len));
    Assize__Media__V1__Report *report =
        codec_unpack(&assize__media__v1__report__descriptor, &arena, body, len);
    if (!report)
        result = -EBADMSG;
    else if (report->in_reply_to)
        result = handle_reply(client, report);
    else
        handle_tiding(client, report);
    arena_done(&arena);
    return result ? result : client->pipe ? 0 : -ECANCELED;
}

static void lend_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct relay_client *client = handle->data;

    (void)suggested;
    *buffer = client ? uv_buf_init(client->read_buffer, READ_BYTES) : uv_buf_init(NULL, 0);
}

static void received(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct relay_client *client = stream->data;

    if (!client || count == 0)
        return;
    if (count < 0) {
        go_down(client);
        return;
    }
    int result = frame_reader_feed(&client->reader, (const uint8_t *)buffer->base, (size_t)count,
                                   handle_frame, client);
    if (result && result != -ECANCELED) {
        log_error("relay.bad_frame", "error=%s", log_errno(result).text);
        go_down(client);
    }
}

static void forget_process(struct relay_client *client)
{
    if (client->relay_pidfd >= 0)
        close(client->relay_pidfd);
    client->relay_pidfd = -1;
}

/* A descriptor, not a number: a number might be another process's by the time it is used. */
static void remember_process(struct relay_client *client)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    uv_os_fd_t fd;

    if (uv_fileno((uv_handle_t *)client->pipe, &fd) == 0 &&
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) {
        forget_process(client);
        client->relay_pidfd = (int)syscall(SYS_pidfd_open, peer.pid, 0);
    }
}

static void connected(uv_connect_t *request, int status)
{
    uv_pipe_t *pipe = (uv_pipe_t *)request->handle;
    struct relay_client *client = pipe->data;

    free(request);
    if (!client)
        return;
    if (status < 0 || uv_read_start((uv_stream_t *)pipe, lend_buffer, received)) {
        go_down(client);
        return;
    }
    remember_process(client);
    client->state = LINK_STATE_ATTACHING;
    Assize__Media__V1__Attach attach = ASSIZE__MEDIA__V1__ATTACH__INIT;
    Assize__Media__V1__Request message = ASSIZE__MEDIA__V1__REQUEST__INIT;
    char name[] = "assized";
    attach.controller = name;
    message.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_ATTACH;
    message.attach = &attach;
    request_now(client, &message, attached, client, 0);
}

static void start_connecting(struct relay_client *client)
{
    uv_connect_t *request = calloc(1, sizeof(*request));

    client->pipe = calloc(1, sizeof(*client->pipe));
    if (!request || !client->pipe)
        abort();
    uv_pipe_init(client->loop, client->pipe, 0);
    client->pipe->data = client;
    client->state = LINK_STATE_CONNECTING;
    uv_pipe_connect(request, client->pipe, client->path, connected);
}

static bool is_metric_name(const char *name)
{
    return name && *name && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static void keep_stats(void *context, uint64_t id, const Assize__Media__V1__Report *reply)
{
    struct relay_client *client = context;

    (void)id;
    if (!reply || reply->body_case != ASSIZE__MEDIA__V1__REPORT__BODY_STATS)
        return;
    buf_clear(&client->stats);
    for (size_t i = 0; i < reply->stats->n_counters; i++) {
        const Assize__Media__V1__Counter *counter = reply->stats->counters[i];
        if (!is_metric_name(counter->name))
            continue;
        if (buf_printf(&client->stats, "assize_relay_%s %llu\n", counter->name,
                       (unsigned long long)counter->value))
            break;
    }
}

static void ask_stats(struct relay_client *client, int64_t now_ms)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__GetStats get_stats = ASSIZE__MEDIA__V1__GET_STATS__INIT;

    client->stats_at_ms = now_ms;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_GET_STATS;
    request.get_stats = &get_stats;
    request_now(client, &request, keep_stats, client, 0);
}

/* Tries again while down, and fails requests that had no reply in time. */
static void tick(uv_timer_t *timer)
{
    struct relay_client *client = timer->data;
    int64_t now_ms = clock_monotonic_ms();

    if (client->state == LINK_STATE_DOWN) {
        start_connecting(client);
        return;
    }
    if (client->state == LINK_STATE_UP && now_ms - client->stats_at_ms >= STATS_MS)
        ask_stats(client, now_ms);
    for (size_t i = 0; i < RELAY_REQUESTS_MAX; i++) {
        struct waiting waiting = client->waiting[i];
        if (!waiting.request_id || waiting.deadline_ms > now_ms)
            continue;
        client->waiting[i].request_id = 0;
        log_warn("relay.no_reply", "request=%llu", (unsigned long long)waiting.request_id);
        waiting.callback(waiting.context, waiting.id, NULL);
        if (client->state == LINK_STATE_ATTACHING)
            go_down(client);
    }
}

struct relay_client *relay_client_new(uv_loop_t *loop, const char *socket_path,
                                      const struct relay_client_ops *ops, void *context)
{
    struct relay_client *client = calloc(1, sizeof(*client));

    if (!client)
        abort();
    client->loop = loop;
    client->ops = ops;
    client->context = context;
    if (!str_copy(client->path, sizeof(client->path), socket_path)) {
        log_error("relay.path_too_long", "path=%s", log_quote(socket_path).text);
        free(client);
        return NULL;
    }
    client->relay_pidfd = -1;
    buf_init(&client->stats, STATS_TEXT_MAX);
    frame_reader_init(&client->reader);
    uv_timer_init(loop, &client->timer);
    client->timer.data = client;
    uv_timer_start(&client->timer, tick, 0, RETRY_MS);
    return client;
}

static void free_client(uv_handle_t *handle)
{
    struct relay_client *client = handle->data;

    frame_reader_done(&client->reader);
    buf_done(&client->stats);
    free(client);
}

void relay_client_free(struct relay_client *client)
{
    if (!client)
        return;
    go_down(client);
    forget_process(client);
    uv_close((uv_handle_t *)&client->timer, free_client);
}

bool relay_client_is_up(const struct relay_client *client)
{
    return client->state == LINK_STATE_UP;
}

void relay_client_kill(struct relay_client *client, const char *why)
{
    if (client->relay_pidfd < 0)
        return;
    log_error("relay.killed", "why=%s", log_quote(why).text);
    syscall(SYS_pidfd_send_signal, client->relay_pidfd, SIGKILL, NULL, 0);
    forget_process(client);
    client->kills++;
    go_down(client);
}

int relay_client_metrics(const struct relay_client *client, struct buf *text)
{
    int result =
        buf_printf(text,
                   "# TYPE assize_relay_up gauge\nassize_relay_up %d\n"
                   "# TYPE assize_relay_kills_total counter\nassize_relay_kills_total %lld\n",
                   relay_client_is_up(client), (long long)client->kills);

    return result ? result : buf_append(text, client->stats.data, client->stats.len);
}
