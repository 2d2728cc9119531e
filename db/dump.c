#include "db/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/private.h"
#include "db/private_internal.h"

enum { START_MS = 60000, LOOK_MS = 10 };

/* In the child. */
static bool set_environment(const char *conninfo)
{
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    bool good = options;

    for (PQconninfoOption *one = options; good && one->keyword; one++) {
        if (one->val && one->envvar)
            good = setenv(one->envvar, one->val, 1) == 0;
    }
    PQconninfoFree(options);
    return good;
}

static int begin(const char *conninfo, char *const argv[], int own_end, struct dump *out)
{
    int ends[2];
    pid_t parent = getpid();

    if (pipe2(ends, O_CLOEXEC))
        return -errno;
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
        if (getppid() == parent && set_environment(conninfo) &&
            dup2(ends[!own_end], own_end ? STDIN_FILENO : STDOUT_FILENO) >= 0)
            execv(argv[0], argv);
        log_error("dump.start", "program=%s error=%s", argv[0], log_errno(errno).text);
        _exit(127);
    }
    close(ends[!own_end]);
    *out = (struct dump){pid, ends[own_end]};
    return pid < 0 ? -errno : 0;
}

int dump_begin(const char *conninfo, struct dump *out)
{
    static char program[] = POSTGRES_BIN "/pg_dump";
    static char format[] = "--format=custom", owner[] = "--no-owner", rights[] = "--no-privileges";

    return begin(conninfo, (char *[]){program, format, owner, rights, NULL}, 0, out);
}

int dump_restore_begin(const char *conninfo, struct dump *out)
{
    static char program[] = POSTGRES_BIN "/pg_restore";
    static char whole[] = "--single-transaction", owner[] = "--no-owner", to[] = "--dbname=";
    static char rights[] = "--no-privileges";

    return begin(conninfo, (char *[]){program, whole, owner, rights, to, NULL}, 1, out);
}

int dump_end(struct dump *dump)
{
    int status;

    close(dump->fd);
    while (waitpid(dump->pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

int dump_server_start(const struct config *config, int log_fd, pid_t *ret_pid)
{
    int64_t until_ms = clock_monotonic_ms() + START_MS;
    pid_t parent = getpid();
    pid_t pid = fork();

    if (pid == 0) {
        setsid();
        dup2(log_fd, STDOUT_FILENO);
        dup2(log_fd, STDERR_FILENO);
        private_exec(config, parent);
        _exit(127);
    }
    if (pid < 0)
        return -errno;
    *ret_pid = pid;
    while (clock_monotonic_ms() < until_ms) {
        if (private_is_ready(config, pid))
            return 0;
        if (waitpid(pid, NULL, WNOHANG) != 0)
            return -EIO;
        poll(NULL, 0, LOOK_MS); /* PostgreSQL does not tell when it serves, so we look */
    }
    dump_server_stop(pid);
    return -ETIMEDOUT;
}

void dump_server_stop(pid_t pid)
{
    kill(pid, SIGINT);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}
