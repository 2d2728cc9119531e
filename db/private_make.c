#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "db/private.h"
#include "db/private_internal.h"

#define SOCKET_NAME "/.s.PGSQL.5432"

struct places {
    char home[CONFIG_TEXT_SIZE]; /* STATE/pg, the owner's */
    char data[CONFIG_TEXT_SIZE];
    char draft[CONFIG_TEXT_SIZE]; /* renamed to data when it is whole */
    char hba[CONFIG_TEXT_SIZE];   /* in the draft */
    char ident[CONFIG_TEXT_SIZE]; /* in the draft */
    char sockets[CONFIG_TEXT_SIZE];
};

static int complain(char *error, int result, const char *sentence)
{
    snprintf(error, CONFIG_ERROR_SIZE, "%s", sentence);
    return result;
}

static int find_places(const struct config *config, struct places *places, char *error)
{
    if (config_state_path(config, "pg", places->home, CONFIG_TEXT_SIZE) ||
        config_state_path(config, "pg/data", places->data, CONFIG_TEXT_SIZE) ||
        config_state_path(config, "pg/data.tmp", places->draft, CONFIG_TEXT_SIZE) ||
        config_state_path(config, "pg/data.tmp/pg_hba.conf", places->hba, CONFIG_TEXT_SIZE) ||
        config_state_path(config, "pg/data.tmp/pg_ident.conf", places->ident, CONFIG_TEXT_SIZE) ||
        config_state_path(config, "run/pg", places->sockets, CONFIG_TEXT_SIZE) ||
        strlen(places->sockets) + strlen(SOCKET_NAME) >=
            sizeof(((struct sockaddr_un *)0)->sun_path))
        return complain(error, -ENAMETOOLONG,
                        "The path of the state directory is too long for a Unix socket in it; "
                        "choose a shorter one with --state (80 bytes at most).");
    return 0;
}

/* The directory, closed to others, belonging to the owner of the cluster. */
static int own_directory(const char *path, const struct passwd *owner)
{
    if (mkdir(path, 0700) && errno != EEXIST)
        return -errno;
    if (geteuid() == 0 && chown(path, owner->pw_uid, owner->pw_gid))
        return -errno;
    return 0;
}

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0)
        return -errno;
    ssize_t written = write(fd, text, strlen(text));
    int result = written == (ssize_t)strlen(text) ? 0 : -ENOSPC;
    close(fd);
    return result;
}

/* A file in memory, to be a program's standard input. */
static int text_input(const char *text)
{
    int fd = memfd_create("input", MFD_CLOEXEC);

    if (fd < 0)
        return -errno;
    if (write(fd, text, strlen(text)) != (ssize_t)strlen(text) || lseek(fd, 0, SEEK_SET) != 0) {
        close(fd);
        return -EIO;
    }
    return fd;
}

/*
 * In the forked child. Ctrl-C in our terminal does not reach it, for it is short; but it does not
 * outlive us.
 */
static void become(char *const argv[], int log_fd, pid_t parent)
{
    sigset_t none;

    setsid();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(log_fd, STDOUT_FILENO);
    dup2(log_fd, STDERR_FILENO);
    int result = private_become_owner();
    prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    if (getppid() != parent)
        return;
    if (!result)
        execv(argv[0], argv);
    log_error("postgres.make", "program=%s error=%s", argv[0],
              log_errno(result ? result : errno).text);
}

/* Runs one of PostgreSQL's programs as the owner. 0, or -EIO when it failed: its log says why. */
static int run(char *const argv[], const char *input, int log_fd)
{
    int status;
    int in = text_input(input);

    if (in < 0)
        return in;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in, STDIN_FILENO);
        become(argv, log_fd, parent);
        _exit(127);
    }
    close(in);
    if (pid < 0)
        return -errno;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

/* Whoever may sign in: root, the owner, and the user who made it. */
static int write_rules(const struct places *places, const struct passwd *owner)
{
    char ident[CONFIG_TEXT_SIZE];

    int n = snprintf(ident, sizeof(ident),
                     "# map  system user  role\nassize  root  assize\nassize  \"%s\"  assize\n",
                     owner->pw_name);
    if (n < 0 || (size_t)n >= sizeof(ident))
        return -ENAMETOOLONG;
    int result = write_file(places->hba, "local  all  all  peer  map=assize\n");
    return result ? result : write_file(places->ident, ident);
}

/* All of it is on disk before the rename makes it the cluster: there is never half of one. */
static int keep_draft(const struct places *places)
{
    int fd = open(places->draft, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    int result = syncfs(fd) || rename(places->draft, places->data) ? -errno : 0;
    close(fd);
    return result;
}

static int make_cluster(struct places *places, const struct passwd *owner, int log_fd)
{
    /* Compound literals, since execv wants what it does not change to be changeable. */
    char *const make[] = {(char[]){POSTGRES_BIN "/initdb"},
                          (char[]){"-D"},
                          places->draft,
                          (char[]){"-U"},
                          (char[]){"assize"},
                          (char[]){"-A"},
                          (char[]){"peer"},
                          (char[]){"--no-locale"},
                          (char[]){"-E"},
                          (char[]){"UTF8"},
                          (char[]){"--data-checksums"},
                          (char[]){"--no-sync"},
                          NULL};
    char *const name[] = {(char[]){POSTGRES_BIN "/postgres"},
                          (char[]){"--single"},
                          (char[]){"-F"},
                          (char[]){"-D"},
                          places->draft,
                          (char[]){"postgres"},
                          NULL};

    nftw(places->draft, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    int result = run(make, "", log_fd);
    if (!result)
        result = run(name, "CREATE DATABASE assize\n", log_fd);
    if (!result)
        result = write_rules(places, owner);
    return result ? result : keep_draft(places);
}

int private_make(const struct config *config, int log_fd, bool *ret_made,
                 char error[static CONFIG_ERROR_SIZE])
{
    struct places places;
    const struct passwd *owner = private_owner();

    int result = find_places(config, &places, error);
    if (result)
        return result;
    if (!owner || access(POSTGRES_BIN "/postgres", X_OK))
        return complain(error, -ENOENT,
                        "PostgreSQL 15 is not installed (" POSTGRES_BIN
                        "); install the Debian package postgresql-15, or set `database` to a "
                        "connection string.");
    result = own_directory(places.home, owner);
    if (!result)
        result = own_directory(places.sockets, owner);
    if (result)
        return complain(error, result,
                        "The directories pg and run/pg of the state directory cannot be made; "
                        "see that it is writable.");
    bool missing = access(places.data, F_OK) != 0;
    if (missing)
        result = make_cluster(&places, owner, log_fd);
    if (result)
        return complain(error, result,
                        "PostgreSQL could not make its database; STATE/log/postgres.log says why "
                        "(a full disk, or a state directory that user postgres cannot enter).");
    *ret_made = missing;
    return 0;
}
