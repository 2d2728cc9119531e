#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/ready.h"
#include "base/ward.h"
#include "cli/say.h"
#include "cli/state_dir.h"
#include "db/private.h"

enum { TAIL_BYTES = 4096, TAIL_LINES = 20 };

static void clear_signals(void)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
}

/* In the child. ready_fd -1 for PostgreSQL. Comes back only when the program could not be run. */
static void become(const struct child *child, const struct config *config, pid_t parent, int log_fd,
                   int ready_fd)
{
    char number[16];
    int nothing = open("/dev/null", O_RDWR);

    setsid();
    clear_signals();
    dup2(nothing, STDIN_FILENO);
    dup2(log_fd, STDOUT_FILENO);
    dup2(log_fd, STDERR_FILENO);
    if (!child->path) {
        private_exec(config, parent);
        return;
    }
    snprintf(number, sizeof(number), "%d", ready_fd);
    setenv(READY_FD_VARIABLE, number, 1);
    fcntl(ready_fd, F_SETFD, 0);
    if (child->ward_fd) {
        snprintf(number, sizeof(number), "%d", child->ward_fd);
        setenv(WARD_FD_VARIABLE, number, 1);
        fcntl(child->ward_fd, F_SETFD, 0);
    }
    prctl(PR_SET_PDEATHSIG, child->stop_signal, 0, 0, 0);
    if (getppid() != parent)
        return; /* the supervisor died in between */
    execv(child->path, child->arguments);
    log_error("start", "program=%s error=%s", child->path, log_errno(errno).text);
}

static int spawn(struct child *child, const struct config *config, int log_fd, const int *ready)
{
    pid_t parent = getpid();
    pid_t pid = fork();

    if (pid == 0) {
        become(child, config, parent, log_fd, ready[1]);
        _exit(127);
    }
    if (pid < 0)
        return -errno;
    child->pid = pid;
    child->state = CHILD_STATE_STARTING;
    child->started_ms = clock_monotonic_ms();
    state_dir_note_pid(config, child->name, pid);
    return 0;
}

int child_start(struct child *child, const struct config *config)
{
    int ready[2] = {-1, -1};
    int log_fd = state_dir_open_log(config, child->name);

    if (log_fd < 0)
        return log_fd;
    child->log_start = lseek(log_fd, 0, SEEK_END);
    int result = child->path && pipe2(ready, O_CLOEXEC | O_NONBLOCK) ? -errno : 0;
    if (!result)
        result = spawn(child, config, log_fd, ready);
    close(log_fd);
    if (ready[1] >= 0)
        close(ready[1]);
    if (result && ready[0] >= 0)
        close(ready[0]);
    else
        child->ready_fd = ready[0];
    return result;
}

static void close_ready(struct child *child)
{
    if (child->ready_fd >= 0)
        close(child->ready_fd);
    child->ready_fd = -1;
}

bool child_check_ready(struct child *child, const struct config *config)
{
    char byte;

    if (child->state != CHILD_STATE_STARTING)
        return false;
    if (!child->path) {
        if (!private_is_ready(config, child->pid))
            return false;
    } else {
        ssize_t got = child->ready_fd >= 0 ? read(child->ready_fd, &byte, 1) : -1;
        if (got < 0)
            return false;
        close_ready(child);
        if (got == 0)
            return false; /* its end without the byte: it is dying, which SIGCHLD will tell */
    }
    child->state = CHILD_STATE_READY;
    return true;
}

void child_ended(struct child *child, const struct config *config)
{
    close_ready(child);
    child->pid = 0;
    state_dir_forget_pid(config, child->name);
}

void child_describe_end(int status, char *out, size_t size)
{
    if (WIFSIGNALED(status))
        snprintf(out, size, "SIG%s", sigabbrev_np(WTERMSIG(status)));
    else
        snprintf(out, size, "exit status %d", WEXITSTATUS(status));
}

/* The start of the last lines. */
static char *last_lines(char *text, size_t len)
{
    int lines = 0;

    for (size_t i = len; i > 1; i--) {
        if (text[i - 2] == '\n' && ++lines == TAIL_LINES)
            return text + i - 1;
    }
    return text;
}

void child_show_log(const struct child *child, const struct config *config)
{
    char text[TAIL_BYTES + 1];
    int fd = state_dir_open_log(config, child->name);

    if (fd < 0)
        return;
    int64_t end = lseek(fd, 0, SEEK_END);
    int64_t from = end - TAIL_BYTES > child->log_start ? end - TAIL_BYTES : child->log_start;
    ssize_t len = pread(fd, text, TAIL_BYTES, from);
    close(fd);
    if (len <= 0)
        return;
    text[len] = '\0';
    char *line = NULL;
    char *rest = last_lines(text, (size_t)len);
    while ((line = strsep(&rest, "\n"))) {
        if (*line)
            say("    %s | %s", child->name, line);
    }
}
