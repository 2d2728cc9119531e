#include "server/media/studio_client.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/frame.h"
#include "base/log.h"
#include "base/str.h"
#include "proto/codec.h"

enum { READ_BYTES = 64 * 1024, BACKLOG = 8, PRIVATE_MASK = 0177 };

/* A connection. It is a studio's once it said hello: then task is set. */
struct studio {
    struct studio_client *client;
    struct studio *next;
    uv_pipe_t pipe;
    struct frame_reader reader;
    enum ward_task task; /* 0 before the hello */
    char hearing[ID_UUID_SIZE];
    int pidfd;  /* its process, or -1 */
    bool works; /* it said more than its hello */
    int64_t heard_ms;
    size_t output_bytes;
    bool closing;
};

struct studio_client {
    const struct studio_client_ops *ops;
    void *context;
    uv_pipe_t listener;
    uv_timer_t timer;
    uv_poll_t ward;
    int ward_fd; /* -1: no supervisor */
    struct studio *studios;
    struct ward_message refused[STUDIO_CONNECTIONS_MAX]; /* to be told with the next tick */
    size_t refused_count;
    int64_t kills;
    int handles; /* not closed yet; the last one frees */
    char read_buffer[READ_BYTES];
};

struct studio_write {
    uv_write_t request;
    struct studio *studio;
    struct buf bytes;
};

/* ---- connections ---- */

static struct studio *find(const struct studio_client *client, enum ward_task task,
                           const char *hearing)
{
    for (struct studio *s = client->studios; s; s = s->next) {
        if (!s->closing && s->task == task && strcmp(s->hearing, hearing) == 0)
            return s;
    }
    return NULL;
}

static void release(struct studio_client *client)
{
    if (--client->handles == 0)
        free(client);
}

static void connection_closed(uv_handle_t *handle)
{
    struct studio *studio = handle->data;
    struct studio_client *client = studio->client;
    struct studio **link = &client->studios;

    while (*link != studio)
        link = &(*link)->next;
    *link = studio->next;
    frame_reader_done(&studio->reader);
    if (studio->pidfd >= 0)
        close(studio->pidfd);
    free(studio);
    release(client);
}

static void hang_up(struct studio *studio)
{
    if (studio->closing)
        return;
    studio->closing = true;
    uv_close((uv_handle_t *)&studio->pipe, connection_closed);
}

/* The one way a studio goes that nobody here wished away. */
static void lose(struct studio *studio)
{
    if (studio->closing)
        return;
    hang_up(studio);
    if (!studio->task)
        return;
    log_info("studio.gone", "hearing=%s task=%d", studio->hearing, (int)studio->task);
    studio->client->ops->gone(studio->client->context, studio->task, studio->hearing);
}

/* By its descriptor: a number might be another process's by now. */
static void kill_process(struct studio *studio, const char *why)
{
    log_error("studio.killed", "hearing=%s why=%s", studio->hearing, log_quote(why).text);
    if (studio->pidfd >= 0)
        syscall(SYS_pidfd_send_signal, studio->pidfd, SIGKILL, NULL, 0);
    studio->client->kills++;
}

static void written(uv_write_t *request, int status)
{
    struct studio_write *job = request->data;

    job->studio->output_bytes -= job->bytes.len;
    buf_done(&job->bytes);
    if (status < 0)
        lose(job->studio);
    free(job);
}

static void send_to(struct studio *studio, const Assize__Media__V1__StudioRequest *request)
{
    struct studio_write *job = calloc(1, sizeof(*job));

    if (!job)
        abort();
    buf_init(&job->bytes, FRAME_HEADER_BYTES + STUDIO_REQUEST_MAX);
    job->studio = studio;
    job->request.data = job;
    int result = codec_pack_frame(&request->base, &job->bytes);
    if (!result && studio->output_bytes + job->bytes.len > STUDIO_OUTPUT_MAX)
        result = -ENOBUFS;
    uv_buf_t vector = uv_buf_init((char *)job->bytes.data, (unsigned)job->bytes.len);
    if (!result)
        result = uv_write(&job->request, (uv_stream_t *)&studio->pipe, &vector, 1, written);
    if (!result) {
        studio->output_bytes += job->bytes.len;
        return;
    }
    log_error("studio.not_told", "hearing=%s error=%s", studio->hearing, log_errno(result).text);
    buf_done(&job->bytes);
    free(job);
}

/* ---- what it says ---- */

static enum ward_task task_of(const Assize__Media__V1__StudioHello *hello)
{
    if (hello->task == ASSIZE__MEDIA__V1__STUDIO_HELLO__TASK__TASK_LIVE)
        return WARD_LIVE;
    return hello->task == ASSIZE__MEDIA__V1__STUDIO_HELLO__TASK__TASK_RENDER ? WARD_RENDER : 0;
}

/* Of two for one task, the newer is the one the supervisor keeps. */
static int take_hello(struct studio *studio, const Assize__Media__V1__StudioHello *hello)
{
    struct studio_client *client = studio->client;
    enum ward_task task = task_of(hello);

    if (studio->task || !task || !hello->hearing || !str_is_uuid(hello->hearing))
        return -EBADMSG;
    struct studio *before = find(client, task, hello->hearing);
    if (before) {
        kill_process(before, "another one came for the same task");
        hang_up(before);
    }
    studio->task = task;
    str_copy(studio->hearing, sizeof(studio->hearing), hello->hearing);
    log_info("studio.there", "hearing=%s task=%d", studio->hearing, (int)task);
    client->ops->there(client->context, task, studio->hearing);
    return 0;
}

static int take_report(struct studio *studio, const Assize__Media__V1__StudioReport *report)
{
    struct studio_client *client = studio->client;

    studio->heard_ms = clock_monotonic_ms();
    if (report->body_case == ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_HELLO)
        return take_hello(studio, report->hello);
    if (!studio->task)
        return -EBADMSG;
    studio->works = true;
    if (report->body_case != ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_BEAT &&
        report->body_case != ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY__NOT_SET)
        client->ops->report(client->context, studio->task, studio->hearing, report);
    return 0;
}

static int take_frame(void *context, const uint8_t *body, size_t len)
{
    struct studio *studio = context;
    struct arena arena;
    int result = -EBADMSG;

    arena_init(&arena, codec_arena_max(len));
    Assize__Media__V1__StudioReport *report =
        codec_unpack(&assize__media__v1__studio_report__descriptor, &arena, body, len);
    if (report)
        result = take_report(studio, report);
    arena_done(&arena);
    return result ? result : studio->closing ? -ECANCELED : 0;
}

static void lend_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct studio *studio = handle->data;

    (void)suggested;
    *buffer = uv_buf_init(studio->client->read_buffer, READ_BYTES);
}

static void received(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct studio *studio = stream->data;

    if (count < 0)
        lose(studio);
    if (count <= 0 || studio->closing)
        return;
    int result = frame_reader_feed(&studio->reader, (const uint8_t *)buffer->base, (size_t)count,
                                   take_frame, studio);
    if (result && result != -ECANCELED) {
        log_error("studio.bad_frame", "hearing=%s error=%s", studio->hearing,
                  log_errno(result).text);
        lose(studio);
    }
}

/* ---- who may connect ---- */

static size_t connections(const struct studio_client *client)
{
    size_t count = 0;

    for (const struct studio *s = client->studios; s; s = s->next)
        count++;
    return count;
}

/* One of our own user, or what a supervisor that is root gave up being. */
static bool is_ours(struct studio *studio)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    uv_os_fd_t fd;

    if (uv_fileno((uv_handle_t *)&studio->pipe, &fd) ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) ||
        (peer.uid != geteuid() && geteuid() != 0))
        return false;
    studio->pidfd = (int)syscall(SYS_pidfd_open, peer.pid, 0);
    return true;
}

static void connected(uv_stream_t *listener, int status)
{
    struct studio_client *client = listener->data;
    struct studio *studio = status < 0 ? NULL : calloc(1, sizeof(*studio));

    if (!studio)
        return;
    bool full = connections(client) >= STUDIO_CONNECTIONS_MAX;
    studio->client = client;
    studio->pidfd = -1;
    studio->heard_ms = clock_monotonic_ms();
    studio->next = client->studios;
    client->studios = studio;
    client->handles++;
    frame_reader_init(&studio->reader);
    uv_pipe_init(listener->loop, &studio->pipe, 0);
    studio->pipe.data = studio;
    if (uv_accept(listener, (uv_stream_t *)&studio->pipe) || full || !is_ours(studio) ||
        uv_read_start((uv_stream_t *)&studio->pipe, lend_buffer, received)) {
        log_warn("studio.refused", "full=%d", full);
        hang_up(studio);
    }
}

/* ---- the supervisor ---- */

static void ask_supervisor(struct studio_client *client, enum ward_word word, enum ward_task task,
                           const char *hearing)
{
    struct ward_message message = {.word = word, .task = task};

    str_copy(message.hearing, sizeof(message.hearing), hearing);
    if (client->ward_fd >= 0 && send(client->ward_fd, &message, sizeof(message),
                                     MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof(message))
        return;
    if (word != WARD_START)
        return;
    log_error("ward.away", "hearing=%s task=%d", hearing, (int)task);
    message.word = WARD_REFUSED;
    if (client->refused_count < STUDIO_CONNECTIONS_MAX)
        client->refused[client->refused_count++] = message;
}

static bool is_told(const struct ward_message *message)
{
    return (message->word == WARD_ENDED || message->word == WARD_GIVEN_UP ||
            message->word == WARD_REFUSED) &&
           (message->task == WARD_LIVE || message->task == WARD_RENDER) &&
           memchr(message->hearing, '\0', sizeof(message->hearing)) &&
           str_is_uuid(message->hearing);
}

static void ward_spoke(uv_poll_t *handle, int status, int events)
{
    struct studio_client *client = handle->data;
    struct ward_message message;
    ssize_t len = 0;

    (void)events;
    while (!status && (len = recv(client->ward_fd, &message, sizeof(message), MSG_DONTWAIT)) > 0) {
        if (len == sizeof(message) && is_told(&message))
            client->ops->told(client->context, (enum ward_task)message.task, message.hearing,
                              (enum ward_word)message.word);
    }
    if (status < 0 || len == 0) {
        log_error("ward.gone", "status=%d", status);
        uv_poll_stop(handle);
    }
}

static void tell_refused(struct studio_client *client)
{
    struct ward_message refused[STUDIO_CONNECTIONS_MAX];
    size_t count = client->refused_count;

    memcpy(refused, client->refused, count * sizeof(refused[0]));
    client->refused_count = 0;
    for (size_t i = 0; i < count; i++)
        client->ops->told(client->context, (enum ward_task)refused[i].task, refused[i].hearing,
                          WARD_REFUSED);
}

/* ---- time ---- */

static void check_silence(struct studio *studio, int64_t now_ms)
{
    int64_t silent_ms = now_ms - studio->heard_ms;
    int64_t most_ms = studio->works ? STUDIO_SILENT_MS : STUDIO_BEGIN_MS;

    if (!studio->task && silent_ms > STUDIO_HELLO_MS) {
        lose(studio);
    } else if (studio->task == WARD_LIVE && silent_ms > most_ms) {
        kill_process(studio, "it says nothing");
        lose(studio);
    }
}

static void tick(uv_timer_t *timer)
{
    struct studio_client *client = timer->data;
    Assize__Media__V1__StudioRequest request = ASSIZE__MEDIA__V1__STUDIO_REQUEST__INIT;
    Assize__Media__V1__StudioBeat beat = ASSIZE__MEDIA__V1__STUDIO_BEAT__INIT;
    int64_t now_ms = clock_monotonic_ms();

    tell_refused(client);
    request.body_case = ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_BEAT;
    request.beat = &beat;
    for (struct studio *s = client->studios; s; s = s->next) {
        if (!s->closing)
            check_silence(s, now_ms);
        if (!s->closing && s->task)
            send_to(s, &request);
    }
}

/* ---- life ---- */

int studio_client_inherited_fd(void)
{
    const char *text = getenv(WARD_FD_VARIABLE);
    uint64_t fd;

    if (!text || str_to_u64(text, 1 << 16, &fd) || fcntl((int)fd, F_SETFD, FD_CLOEXEC))
        return -1;
    unsetenv(WARD_FD_VARIABLE);
    return (int)fd;
}

/* For our own user only; the folder it lies in is so too. */
static int listen_at(struct studio_client *client, const char *path)
{
    unlink(path);
    mode_t before = umask(PRIVATE_MASK);
    int result = uv_pipe_bind(&client->listener, path);
    umask(before);
    return result ? result : uv_listen((uv_stream_t *)&client->listener, BACKLOG, connected);
}

static void handle_closed(uv_handle_t *handle)
{
    release(handle->data);
}

struct studio_client *studio_client_new(uv_loop_t *loop, const char *socket_path, int ward_fd,
                                        const struct studio_client_ops *ops, void *context)
{
    struct studio_client *client = calloc(1, sizeof(*client));

    if (!client)
        abort();
    client->ops = ops;
    client->context = context;
    client->ward_fd = ward_fd;
    client->handles = ward_fd >= 0 ? 3 : 2;
    uv_pipe_init(loop, &client->listener, 0);
    uv_timer_init(loop, &client->timer);
    client->listener.data = client->timer.data = client->ward.data = client;
    if (ward_fd >= 0) {
        uv_poll_init(loop, &client->ward, ward_fd);
        uv_poll_start(&client->ward, UV_READABLE, ward_spoke);
    }
    uv_timer_start(&client->timer, tick, STUDIO_BEAT_MS, STUDIO_BEAT_MS);
    int result = listen_at(client, socket_path);
    if (!result)
        return client;
    log_error("studio.no_socket", "path=%s error=%s", log_quote(socket_path).text,
              uv_strerror(result));
    studio_client_free(client);
    return NULL;
}

void studio_client_free(struct studio_client *client)
{
    if (!client)
        return;
    for (struct studio *s = client->studios; s; s = s->next)
        hang_up(s);
    uv_close((uv_handle_t *)&client->listener, handle_closed);
    uv_close((uv_handle_t *)&client->timer, handle_closed);
    if (client->ward_fd >= 0) {
        uv_close((uv_handle_t *)&client->ward, handle_closed);
        close(client->ward_fd);
    }
}

void studio_client_start(struct studio_client *client, enum ward_task task, const char *hearing)
{
    ask_supervisor(client, WARD_START, task, hearing);
}

void studio_client_stop(struct studio_client *client, enum ward_task task, const char *hearing)
{
    ask_supervisor(client, WARD_STOP, task, hearing);
}

bool studio_client_is_there(const struct studio_client *client, enum ward_task task,
                            const char *hearing)
{
    return find(client, task, hearing) != NULL;
}

void studio_client_send(struct studio_client *client, enum ward_task task, const char *hearing,
                        const Assize__Media__V1__StudioRequest *request)
{
    struct studio *studio = find(client, task, hearing);

    if (studio)
        send_to(studio, request);
}

int studio_client_count(const struct studio_client *client, enum ward_task task)
{
    int count = 0;

    for (const struct studio *s = client->studios; s; s = s->next)
        count += !s->closing && s->task == task;
    return count;
}

int studio_client_metrics(const struct studio_client *client, struct buf *text)
{
    return buf_printf(text,
                      "# TYPE assize_studios gauge\nassize_studios %d\n"
                      "# TYPE assize_renderers gauge\nassize_renderers %d\n"
                      "# TYPE assize_studio_kills_total counter\nassize_studio_kills_total %lld\n",
                      studio_client_count(client, WARD_LIVE),
                      studio_client_count(client, WARD_RENDER), (long long)client->kills);
}
