#include "server/paper/press.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"

enum { CHUNK = 64 << 10, HANDLES = 4 };

/* One document, from the asking to its end; freed with the last of its handles. */
struct job {
    struct press *press;
    struct job *next;
    struct buf document;
    press_callback callback; /* NULL once called */
    void *context;
    /* Of one that runs: */
    uv_process_t process;
    uv_pipe_t in, out;
    uv_timer_t timer;
    uv_write_t write;
    int open_handles;
    bool exited, ended; /* the process; what it writes */
    bool good;          /* it said so by its exit */
    const char *why;    /* it was killed */
    int fd;
    uint64_t size;
    char chunk[CHUNK];
};

struct press {
    uv_loop_t *loop;
    char *program;
    struct job *waiting; /* first come first */
    struct job *running;
    int waiting_count, running_count;
    bool closing;
};

struct press *press_new(uv_loop_t *loop, const char *program)
{
    struct press *press = calloc(1, sizeof(*press));

    if (!press || !(press->program = strdup(program)))
        abort();
    press->loop = loop;
    return press;
}

/* ---- the end of a job ---- */

static void answer(struct job *job, enum refusal refusal)
{
    press_callback callback = job->callback;
    int fd = job->fd;

    job->callback = NULL;
    if (!callback)
        return;
    if (refusal && fd >= 0)
        close(fd);
    job->fd = -1;
    callback(job->context, refusal, refusal ? -1 : fd, refusal ? 0 : job->size);
}

static void job_free(struct job *job)
{
    buf_done(&job->document);
    free(job);
}

static void press_drop(struct press *press)
{
    free(press->program);
    free(press);
}

static void run_next(struct press *press);

static void on_closed(uv_handle_t *handle)
{
    struct job *job = handle->data;
    struct press *press = job->press;
    struct job **at = &press->running;

    if (--job->open_handles)
        return;
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    press->running_count--;
    job_free(job);
    if (press->closing && !press->running_count)
        press_drop(press);
    else if (!press->closing)
        run_next(press);
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, on_closed);
}

static void finish(struct job *job, enum refusal refusal)
{
    answer(job, refusal);
    close_handle((uv_handle_t *)&job->process);
    close_handle((uv_handle_t *)&job->in);
    close_handle((uv_handle_t *)&job->out);
    close_handle((uv_handle_t *)&job->timer);
}

/* Both have to have come: all it wrote, and how it ended. */
static void finish_if_done(struct job *job)
{
    if (!job->exited || !job->ended)
        return;
    bool good = job->good && !job->why && job->size;
    if (!good)
        log_error("press.failed", "why=%s bytes=%llu", job->why ? job->why : "ended",
                  (unsigned long long)job->size);
    finish(job, good ? REFUSAL_NONE : REFUSAL_PRESS_FAILED);
}

/* Its exit follows. */
static void kill_job(struct job *job, const char *why)
{
    if (job->exited)
        return;
    job->why = why;
    uv_process_kill(&job->process, SIGKILL);
}

/* ---- from the process ---- */

static void on_exit_(uv_process_t *process, int64_t status, int term_signal)
{
    struct job *job = process->data;

    job->exited = true;
    job->good = !status && !term_signal;
    finish_if_done(job);
}

static void on_timer(uv_timer_t *timer)
{
    kill_job(timer->data, "too_slow");
}

static void give_chunk(uv_handle_t *handle, size_t wanted, uv_buf_t *room)
{
    struct job *job = handle->data;

    (void)wanted;
    *room = uv_buf_init(job->chunk, sizeof(job->chunk));
}

/* The file is memory, so a write to it does not wait. */
static void keep(struct job *job, size_t len)
{
    if (job->size + len > PRESS_PDF_MAX) {
        kill_job(job, "too_much");
        return;
    }
    for (size_t done = 0; done < len;) {
        ssize_t n = write(job->fd, job->chunk + done, len - done);
        if (n <= 0) {
            kill_job(job, "no_memory");
            return;
        }
        done += (size_t)n;
    }
    job->size += len;
}

static void on_output(uv_stream_t *stream, ssize_t n, const uv_buf_t *room)
{
    struct job *job = stream->data;

    (void)room;
    if (n > 0) {
        keep(job, (size_t)n);
    } else if (n < 0) {
        job->ended = true;
        uv_read_stop(stream);
        finish_if_done(job);
    }
}

static void on_written(uv_write_t *write, int status)
{
    struct job *job = write->data;

    (void)status; /* a press that does not read says why by its exit */
    close_handle((uv_handle_t *)&job->in);
}

/* ---- to the process ---- */

static int spawn(struct job *job)
{
    char *arguments[] = {job->press->program, NULL};
    char *environment[] = {NULL};
    uv_stdio_container_t stdio[] = {
        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&job->in},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&job->out},
        {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
    };
    const uv_process_options_t options = {
        .file = job->press->program,
        .args = arguments,
        .env = environment,
        .stdio = stdio,
        .stdio_count = sizeof(stdio) / sizeof(stdio[0]),
        .exit_cb = on_exit_,
    };

    return uv_spawn(job->press->loop, &job->process, &options);
}

static void feed(struct job *job)
{
    const uv_buf_t document = uv_buf_init((char *)job->document.data, (unsigned)job->document.len);

    job->write.data = job;
    if (uv_write(&job->write, (uv_stream_t *)&job->in, &document, 1, on_written) ||
        uv_read_start((uv_stream_t *)&job->out, give_chunk, on_output))
        abort(); /* they only refuse bad arguments */
    uv_timer_start(&job->timer, on_timer, PRESS_MS, 0);
}

static void run(struct job *job)
{
    struct press *press = job->press;

    job->next = press->running;
    press->running = job;
    press->running_count++;
    job->process.data = job->in.data = job->out.data = job->timer.data = job;
    uv_pipe_init(press->loop, &job->in, 0);
    uv_pipe_init(press->loop, &job->out, 0);
    uv_timer_init(press->loop, &job->timer);
    job->open_handles = HANDLES;
    int error = (job->fd = memfd_create("minutes", MFD_CLOEXEC)) < 0 ? -errno : 0;
    /* Also when it fails, the handle is one that is to be closed. */
    int spawned = spawn(job);
    if (error || spawned) {
        log_error("press.not_started", "error=%s", log_errno(error ? error : spawned).text);
        if (!spawned)
            uv_process_kill(&job->process, SIGKILL);
        finish(job, REFUSAL_PRESS_FAILED);
        return;
    }
    feed(job);
}

static void run_next(struct press *press)
{
    while (press->waiting && press->running_count < PRESS_RUNNING_MAX) {
        struct job *job = press->waiting;
        press->waiting = job->next;
        press->waiting_count--;
        run(job);
    }
}

void press_print(struct press *press, struct buf *document, press_callback callback, void *context)
{
    struct job **last = &press->waiting;

    if (press->closing || press->waiting_count >= PRESS_WAITING_MAX) {
        callback(context, press->closing ? REFUSAL_DRAINING : REFUSAL_BUSY, -1, 0);
        return;
    }
    struct job *job = calloc(1, sizeof(*job));
    if (!job)
        abort();
    job->press = press;
    job->callback = callback;
    job->context = context;
    job->fd = -1;
    job->document = *document;
    buf_init(document, document->max);
    while (*last)
        last = &(*last)->next;
    *last = job;
    press->waiting_count++;
    run_next(press);
}

void press_free(struct press *press)
{
    if (!press)
        return;
    press->closing = true;
    while (press->waiting) {
        struct job *job = press->waiting;
        press->waiting = job->next;
        answer(job, REFUSAL_DRAINING);
        job_free(job);
    }
    for (struct job *job = press->running; job; job = job->next) {
        kill_job(job, "draining");
        finish(job, REFUSAL_DRAINING);
    }
    if (!press->running)
        press_drop(press);
}
