#include "cli/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/say.h"
#include "cli/state_dir.h"

enum {
    BACK_OFF_LEAST_MS = 100,
    BACK_OFF_MOST_MS = 5000,
    STEADY_MS = 30000, /* up for so long: the next end is a new story */
    START_MS = 60000,  /* for the first start; recovery of a large database takes its time */
    STOP_MS = 10000,
    LOOK_DATABASE_MS = 10, /* PostgreSQL does not tell when it serves, so we look */
    IDLE_MS = 60000
};

int supervisor_init(struct supervisor *supervisor, const struct config *config, bool verbose)
{
    sigset_t signals;

    *supervisor = (struct supervisor){.config = config, .verbose = verbose, .signal_fd = -1};
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    signal(SIGPIPE, SIG_IGN); /* nobody may be reading what we say */
    if (sigprocmask(SIG_BLOCK, &signals, NULL))
        return -errno;
    supervisor->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return supervisor->signal_fd < 0 ? -errno : 0;
}

void supervisor_done(struct supervisor *supervisor)
{
    if (supervisor->signal_fd >= 0)
        close(supervisor->signal_fd);
}

struct child *supervisor_add(struct supervisor *supervisor, struct child child)
{
    struct child *added = &supervisor->children[supervisor->count++];

    *added = child;
    added->state = CHILD_STATE_STOPPED;
    added->ready_fd = -1;
    added->back_off_ms = BACK_OFF_LEAST_MS;
    return added;
}

/* ---- starting ---- */

static void start_later(struct child *child)
{
    child->state = CHILD_STATE_DOWN;
    child->due_ms = clock_monotonic_ms() + child->back_off_ms;
    child->back_off_ms =
        child->back_off_ms * 2 < BACK_OFF_MOST_MS ? child->back_off_ms * 2 : BACK_OFF_MOST_MS;
}

static void start_due(struct supervisor *supervisor, struct child *child)
{
    if (child->state != CHILD_STATE_DOWN || clock_monotonic_ms() < child->due_ms)
        return;
    int result = child_start(child, supervisor->config);
    if (result) {
        say("%s cannot be started: %s", child->label, log_errno(result).text);
        start_later(child);
    }
}

/*
 * Waits for a process that an earlier supervisor left when it was killed: it was told to stop by
 * the kernel, and holds the port or the data until it has.
 */
static void await_leftover(struct supervisor *supervisor, const struct child *child)
{
    pid_t pid = state_dir_pid(supervisor->config, child->name);
    int fd = pid ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;

    if (fd < 0)
        return;
    say("%s of before (pid %d) is still stopping; waiting for it", child->label, (int)pid);
    struct pollfd end = {.fd = fd, .events = POLLIN};
    if (poll(&end, 1, STOP_MS) == 0) {
        syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
        poll(&end, 1, STOP_MS);
    }
    close(fd);
}

/* ---- one turn of the loop ---- */

static void read_signals(struct supervisor *supervisor)
{
    struct signalfd_siginfo info;

    while (read(supervisor->signal_fd, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGCHLD)
            continue;
        supervisor->hurry = supervisor->stop_asked;
        supervisor->stop_asked = true;
    }
}

static void take_end(struct supervisor *supervisor, struct child *child, int status)
{
    char end[32];
    int64_t up_ms = clock_monotonic_ms() - child->started_ms;

    child_describe_end(status, end, sizeof(end));
    child_ended(child, supervisor->config);
    if (child->ward_fd)
        ward_server_gone(supervisor->ward);
    if (!child->kept) {
        child->state = CHILD_STATE_STOPPED;
        if (!supervisor->stop_asked)
            say("%s ended: %s", child->label, end);
        return;
    }
    if (up_ms >= STEADY_MS)
        child->back_off_ms = BACK_OFF_LEAST_MS;
    say("%s ended after %.1f s: %s; again in %.1f s", child->label, (double)up_ms / CLOCK_MS_PER_S,
        end, (double)child->back_off_ms / CLOCK_MS_PER_S);
    child_show_log(child, supervisor->config);
    start_later(child);
}

static void reap(struct supervisor *supervisor)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (supervisor->ward && ward_take_end(supervisor->ward, pid, status))
            continue;
        for (int i = 0; i < supervisor->count; i++) {
            if (supervisor->children[i].pid == pid)
                take_end(supervisor, &supervisor->children[i], status);
        }
    }
}

static void check_ready(struct supervisor *supervisor, struct child *child)
{
    if (!child_check_ready(child, supervisor->config))
        return;
    if (child->kept)
        say("%s is back", child->label);
    child->kept = true;
    if (supervisor->verbose)
        child_show_log(child, supervisor->config);
}

/* Until when nothing happens by itself. */
static int64_t next_due(const struct supervisor *supervisor, int64_t until_ms)
{
    for (int i = 0; i < supervisor->count; i++) {
        const struct child *child = &supervisor->children[i];
        int64_t due_ms = until_ms;

        if (child->state == CHILD_STATE_DOWN)
            due_ms = child->due_ms;
        else if (child->state == CHILD_STATE_STARTING && !child->path)
            due_ms = clock_monotonic_ms() + LOOK_DATABASE_MS;
        if (due_ms < until_ms)
            until_ms = due_ms;
    }
    return supervisor->ward ? ward_next_due(supervisor->ward, until_ms) : until_ms;
}

static void turn(struct supervisor *supervisor, int64_t until_ms)
{
    struct pollfd fds[SUPERVISOR_CHILDREN_MAX + 2];
    nfds_t count = (nfds_t)supervisor->count + 1;
    int64_t wait_ms = next_due(supervisor, until_ms) - clock_monotonic_ms();

    fds[0] = (struct pollfd){.fd = supervisor->signal_fd, .events = POLLIN};
    for (int i = 0; i < supervisor->count; i++)
        fds[i + 1] = (struct pollfd){.fd = supervisor->children[i].ready_fd, .events = POLLIN};
    if (supervisor->ward)
        fds[count++] = (struct pollfd){.fd = supervisor->ward->fd, .events = POLLIN};
    poll(fds, count, wait_ms > 0 ? (int)wait_ms : 0);
    read_signals(supervisor);
    for (int i = 0; i < supervisor->count; i++)
        check_ready(supervisor, &supervisor->children[i]);
    reap(supervisor);
    for (int i = 0; i < supervisor->count; i++)
        start_due(supervisor, &supervisor->children[i]);
    if (supervisor->ward) {
        ward_read(supervisor->ward);
        ward_tick(supervisor->ward);
    }
}

/* ---- the life of all ---- */

int supervisor_start(struct supervisor *supervisor, struct child *child)
{
    await_leftover(supervisor, child);
    read_signals(supervisor);
    if (supervisor->stop_asked)
        return -ECANCELED;
    int64_t began_ms = clock_monotonic_ms();
    int result = child_start(child, supervisor->config);
    if (result) {
        say("%s cannot be started: %s", child->label, log_errno(result).text);
        return -EIO;
    }
    while (child->state == CHILD_STATE_STARTING && !child->kept && !supervisor->stop_asked &&
           clock_monotonic_ms() < began_ms + START_MS)
        turn(supervisor, began_ms + START_MS);
    if (child->kept) {
        say_step(child->label, "ready", began_ms);
        return 0;
    }
    if (supervisor->stop_asked)
        return -ECANCELED;
    if (child->state == CHILD_STATE_STARTING)
        say("%s does not become ready", child->label);
    child_show_log(child, supervisor->config);
    return -EIO;
}

void supervisor_keep(struct supervisor *supervisor)
{
    while (!supervisor->stop_asked)
        turn(supervisor, clock_monotonic_ms() + IDLE_MS);
}

static void stop_child(struct supervisor *supervisor, struct child *child, int64_t wait_ms)
{
    int64_t began_ms = clock_monotonic_ms();

    child->kept = false;
    child->state = CHILD_STATE_STOPPED;
    if (!child->pid)
        return;
    kill(child->pid, child->stop_signal);
    while (child->pid && !supervisor->hurry && clock_monotonic_ms() < began_ms + wait_ms)
        turn(supervisor, began_ms + wait_ms);
    bool killed = child->pid != 0;
    if (killed)
        kill(child->pid, SIGKILL);
    while (child->pid)
        turn(supervisor, clock_monotonic_ms() + IDLE_MS);
    say_step(child->label, killed ? "did not stop in time and was killed" : "stopped", began_ms);
}

static void stop_ward(struct supervisor *supervisor)
{
    if (supervisor->ward)
        ward_stop(supervisor->ward);
    while (supervisor->ward && !ward_is_empty(supervisor->ward))
        turn(supervisor, clock_monotonic_ms() + IDLE_MS);
}

void supervisor_stop(struct supervisor *supervisor, int64_t drain_ms)
{
    supervisor->stop_asked = true;
    for (int i = supervisor->count - 1; i >= 0; i--) {
        bool last = i == supervisor->count - 1;
        stop_child(supervisor, &supervisor->children[i], last ? drain_ms : STOP_MS);
        if (last)
            stop_ward(supervisor);
    }
}
