#include "cli/ward.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/say.h"

enum {
    BACK_OFF_LEAST_MS = 200,
    STEADY_MS = 30000 /* up for so long: the next end is a new story */
};

/* Of the pid file, which is the new one's by then. */
static const char LEAVING_NAME[] = "studio-leaving";
static char OPTION_HEARING[] = "--hearing";
static char OPTION_RENDER[] = "--render";

int ward_init(struct ward *ward, const struct config *config, const char *program,
              char *const *arguments)
{
    int pair[2];

    *ward = (struct ward){.config = config, .program = program, .arguments = arguments};
    ward->fd = ward->server_fd = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
        return -errno;
    ward->fd = pair[0];
    ward->server_fd = pair[1];
    return 0;
}

void ward_done(struct ward *ward)
{
    if (ward->fd >= 0)
        close(ward->fd);
    if (ward->server_fd >= 0)
        close(ward->server_fd);
    ward->fd = ward->server_fd = -1;
}

static void tell(const struct ward *ward, const struct ward_studio *studio, enum ward_word word)
{
    struct ward_message message = {.word = word, .task = studio->task};

    str_copy(message.hearing, sizeof(message.hearing), studio->hearing);
    if (send(ward->fd, &message, sizeof(message), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        log_warn("ward.not_told", "hearing=%s error=%s", studio->hearing, log_errno(errno).text);
}

/* ---- one studio ---- */

static void set_arguments(const struct ward *ward, struct ward_studio *studio)
{
    size_t count = 0;

    while (ward->arguments[count]) {
        studio->arguments[count] = ward->arguments[count];
        count++;
    }
    studio->arguments[count++] = OPTION_HEARING;
    studio->arguments[count++] = studio->hearing;
    if (studio->task == WARD_RENDER)
        studio->arguments[count++] = OPTION_RENDER;
    studio->arguments[count] = NULL;
}

static void forget(struct ward_studio *studio)
{
    *studio = (struct ward_studio){.state = WARD_STATE_FREE};
}

/* It ended, or could not begin, without being asked to end. */
static void start_later(struct ward *ward, struct ward_studio *studio)
{
    if (clock_monotonic_ms() - studio->child.started_ms >= STEADY_MS)
        studio->failures = 0;
    if (++studio->failures >= WARD_FAILURES_MAX) {
        say("%s is given up after it failed %d times in a row", studio->name, studio->failures);
        tell(ward, studio, WARD_GIVEN_UP);
        forget(studio);
        return;
    }
    studio->state = WARD_STATE_WAITING;
    studio->due_ms = clock_monotonic_ms() + ((int64_t)BACK_OFF_LEAST_MS << (studio->failures - 1));
}

static void start(struct ward *ward, struct ward_studio *studio)
{
    studio->state = WARD_STATE_RUNNING;
    int result = child_start(&studio->child, ward->config);
    if (!result)
        return;
    say("%s cannot be started: %s", studio->name, log_errno(result).text);
    studio->child.started_ms = clock_monotonic_ms();
    start_later(ward, studio);
}

static void stop(struct ward *ward, struct ward_studio *studio)
{
    if (studio->state == WARD_STATE_STOPPING)
        return;
    if (studio->state == WARD_STATE_WAITING) {
        tell(ward, studio, WARD_ENDED);
        forget(studio);
        return;
    }
    studio->state = WARD_STATE_STOPPING;
    studio->due_ms = clock_monotonic_ms() + WARD_STOP_MS;
    kill(studio->child.pid, SIGTERM);
}

/* ---- what assized asks ---- */

static struct ward_studio *find(struct ward *ward, enum ward_task task, const char *hearing)
{
    for (size_t i = 0; i < WARD_STUDIOS_MAX; i++) {
        struct ward_studio *studio = &ward->studios[i];
        if (studio->state != WARD_STATE_FREE && !studio->replaced && studio->task == task &&
            strcmp(studio->hearing, hearing) == 0)
            return studio;
    }
    return NULL;
}

static struct ward_studio *find_free(struct ward *ward, enum ward_task task)
{
    size_t most = task == WARD_LIVE ? WARD_LIVE_MAX : WARD_RENDER_MAX;
    struct ward_studio *found = NULL;

    for (size_t i = 0; i < WARD_STUDIOS_MAX; i++) {
        struct ward_studio *studio = &ward->studios[i];
        if (studio->state == WARD_STATE_FREE)
            found = found ? found : studio;
        else if (studio->task == task && !studio->replaced && --most == 0)
            return NULL;
    }
    return found;
}

static void start_new(struct ward *ward, const struct ward_message *asked)
{
    enum ward_task task = (enum ward_task)asked->task;
    struct ward_studio *studio = find_free(ward, task);

    if (!studio) {
        struct ward_studio refused = {.task = task};
        str_copy(refused.hearing, sizeof(refused.hearing), asked->hearing);
        say("no more %s at once; one for %s is refused",
            task == WARD_LIVE ? "studios" : "renderers", asked->hearing);
        tell(ward, &refused, WARD_REFUSED);
        return;
    }
    studio->task = task;
    str_copy(studio->hearing, sizeof(studio->hearing), asked->hearing);
    snprintf(studio->name, sizeof(studio->name), "%s-%s", task == WARD_LIVE ? "studio" : "render",
             studio->hearing);
    set_arguments(ward, studio);
    studio->child = (struct child){.name = studio->name,
                                   .label = studio->name,
                                   .path = ward->program,
                                   .arguments = studio->arguments,
                                   .stop_signal = SIGTERM,
                                   .ready_fd = -1};
    start(ward, studio);
}

/* It was told what to do by a server that is gone, and cannot be told anything by another. It goes
 * on until the new one has taken its place. */
static void replace(struct ward *ward, struct ward_studio *studio, const struct ward_message *asked)
{
    studio->ask_by_ms = 0;
    if (studio->state == WARD_STATE_WAITING)
        return; /* what is started next is new anyway */
    studio->replaced = true;
    studio->child.name = LEAVING_NAME;
    if (studio->state == WARD_STATE_RUNNING) {
        studio->state = WARD_STATE_LEAVING;
        studio->due_ms = clock_monotonic_ms() + WARD_TAKE_OVER_MS;
    }
    start_new(ward, asked);
}

static void take(struct ward *ward, const struct ward_message *asked)
{
    struct ward_studio *studio = find(ward, (enum ward_task)asked->task, asked->hearing);

    if (asked->word == WARD_START && studio && studio->ask_by_ms) {
        replace(ward, studio, asked);
    } else if (asked->word == WARD_START && studio) {
        studio->again = studio->state == WARD_STATE_STOPPING;
    } else if (asked->word == WARD_START) {
        start_new(ward, asked);
    } else if (studio) {
        studio->again = false;
        stop(ward, studio);
    }
}

static bool is_asked(const struct ward_message *message)
{
    return (message->word == WARD_START || message->word == WARD_STOP) &&
           (message->task == WARD_LIVE || message->task == WARD_RENDER) &&
           memchr(message->hearing, '\0', sizeof(message->hearing)) &&
           str_is_uuid(message->hearing);
}

void ward_read(struct ward *ward)
{
    struct ward_message message;
    ssize_t len;

    while ((len = recv(ward->fd, &message, sizeof(message), MSG_DONTWAIT)) > 0) {
        if (len == sizeof(message) && is_asked(&message))
            take(ward, &message);
    }
}

/* ---- time ---- */

void ward_tick(struct ward *ward)
{
    int64_t now_ms = clock_monotonic_ms();

    for (size_t i = 0; i < WARD_STUDIOS_MAX; i++) {
        struct ward_studio *studio = &ward->studios[i];
        if (studio->ask_by_ms && studio->ask_by_ms <= now_ms) {
            say("%s is stopped: nobody asks for it any more", studio->name);
            studio->ask_by_ms = 0;
            stop(ward, studio);
        }
        if (studio->state == WARD_STATE_LEAVING && studio->due_ms <= now_ms)
            stop(ward, studio);
        if (studio->state == WARD_STATE_WAITING && studio->due_ms <= now_ms)
            start(ward, studio);
        if (studio->state == WARD_STATE_STOPPING && studio->due_ms <= now_ms) {
            kill(studio->child.pid, SIGKILL);
            studio->due_ms = now_ms + WARD_STOP_MS;
        }
    }
}

int64_t ward_next_due(const struct ward *ward, int64_t until_ms)
{
    for (size_t i = 0; i < WARD_STUDIOS_MAX; i++) {
        const struct ward_studio *studio = &ward->studios[i];
        if (studio->state == WARD_STATE_FREE)
            continue;
        if (studio->state != WARD_STATE_RUNNING && studio->due_ms < until_ms)
            until_ms = studio->due_ms;
        if (studio->ask_by_ms && studio->ask_by_ms < until_ms)
            until_ms = studio->ask_by_ms;
    }
    return until_ms;
}

/* A live one should not have ended, but for one that nobody asked for again. */
static void ended_by_itself(struct ward *ward, struct ward_studio *studio, const char *end)
{
    int64_t up_ms = clock_monotonic_ms() - studio->child.started_ms;

    if (studio->task == WARD_RENDER || studio->ask_by_ms) {
        tell(ward, studio, WARD_ENDED);
        forget(studio);
        return;
    }
    say("%s ended after %.1f s: %s", studio->name, (double)up_ms / CLOCK_MS_PER_S, end);
    child_show_log(&studio->child, ward->config);
    start_later(ward, studio);
}

bool ward_take_end(struct ward *ward, pid_t pid, int status)
{
    struct ward_studio *studio = ward->studios;
    char end[32];

    while (studio < ward->studios + WARD_STUDIOS_MAX &&
           (studio->state == WARD_STATE_FREE || studio->child.pid != pid))
        studio++;
    if (studio == ward->studios + WARD_STUDIOS_MAX)
        return false;
    child_describe_end(status, end, sizeof(end));
    child_ended(&studio->child, ward->config);
    if (studio->replaced) {
        forget(studio);
    } else if (studio->state == WARD_STATE_STOPPING && studio->again) {
        studio->again = false;
        start(ward, studio);
    } else if (studio->state == WARD_STATE_STOPPING) {
        tell(ward, studio, WARD_ENDED);
        forget(studio);
    } else {
        ended_by_itself(ward, studio, end);
    }
    return true;
}

void ward_server_gone(struct ward *ward)
{
    struct ward_message forgotten;

    while (recv(ward->server_fd, &forgotten, sizeof(forgotten), MSG_DONTWAIT) > 0 ||
           recv(ward->fd, &forgotten, sizeof(forgotten), MSG_DONTWAIT) > 0)
        ;
    for (size_t i = 0; i < WARD_STUDIOS_MAX; i++) {
        struct ward_studio *studio = &ward->studios[i];
        if (studio->state != WARD_STATE_FREE && studio->task == WARD_LIVE && !studio->replaced)
            studio->ask_by_ms = clock_monotonic_ms() + WARD_HELD_MS;
    }
}

void ward_stop(struct ward *ward)
{
    for (size_t i = 0; i < WARD_STUDIOS_MAX; i++) {
        struct ward_studio *studio = &ward->studios[i];
        studio->again = false;
        if (studio->state != WARD_STATE_FREE)
            stop(ward, studio);
    }
}

bool ward_is_empty(const struct ward *ward)
{
    for (size_t i = 0; i < WARD_STUDIOS_MAX; i++) {
        if (ward->studios[i].state != WARD_STATE_FREE)
            return false;
    }
    return true;
}
