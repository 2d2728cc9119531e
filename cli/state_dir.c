#include "cli/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

enum { TEXT_SIZE = 512, LOG_BYTES_MAX = 8 << 20, START_TIME_FIELD = 20 };

/* The directory with those above it, like mkdir -p; only the last one is closed to others by us. */
static int make_path(const char *path)
{
    char part[CONFIG_TEXT_SIZE];

    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
        if (mkdir(part, 0755) && errno != EEXIST)
            return -errno;
    }
    return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

int state_dir_make(const struct config *config, char error[static CONFIG_ERROR_SIZE])
{
    static const char *const folders[] = {"run", "log", "tls"};
    char path[CONFIG_TEXT_SIZE];

    int result = make_path(config->state_dir);
    for (size_t i = 0; !result && i < sizeof(folders) / sizeof(folders[0]); i++) {
        result = config_state_path(config, folders[i], path, sizeof(path));
        if (!result)
            result = make_path(path);
    }
    if (result)
        snprintf(
            error, CONFIG_ERROR_SIZE,
            "The state directory %s cannot be made or written (%s); name another with --state.",
            config->state_dir, log_errno(result).text);
    return result;
}

/* The file's text, cut to fit; "" when it cannot be read. */
static void read_text(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, out, size - 1);

    if (fd >= 0)
        close(fd);
    out[len > 0 ? len : 0] = '\0';
}

static pid_t to_pid(const char *text)
{
    char digits[16];
    uint64_t pid;

    snprintf(digits, sizeof(digits), "%.*s", (int)strcspn(text, "\n"), text);
    return str_to_u64(digits, 1 << 22, &pid) ? 0 : (pid_t)pid;
}

/* ---- the lock ---- */

static int open_lock(const struct config *config, char *path, size_t size)
{
    if (config_state_path(config, "lock", path, size))
        return -ENAMETOOLONG;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return fd < 0 ? -errno : fd;
}

int state_dir_lock(const struct config *config, pid_t *ret_holder)
{
    char path[CONFIG_TEXT_SIZE];
    char text[TEXT_SIZE];
    int fd = open_lock(config, path, sizeof(path));

    if (fd < 0)
        return fd;
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        int result = -errno;
        read_text(path, text, sizeof(text));
        *ret_holder = to_pid(text);
        close(fd);
        return result;
    }
    int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
    if (ftruncate(fd, 0) || write(fd, text, (size_t)n) != n)
        return -errno;
    return 0; /* the descriptor stays open: it is the lock */
}

pid_t state_dir_holder(const struct config *config)
{
    char path[CONFIG_TEXT_SIZE];
    char text[TEXT_SIZE];

    if (config_state_path(config, "lock", path, sizeof(path)))
        return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    bool held = flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
    close(fd);
    read_text(path, text, sizeof(text));
    return held ? to_pid(text) : 0;
}

/* ---- pid files ---- */

/* When the process began, in clock ticks since boot: field 22 of /proc/PID/stat, the 20th after the
 * name. */
static bool start_time(pid_t pid, char *out, size_t size)
{
    char path[32];
    char stat[TEXT_SIZE];

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    read_text(path, stat, sizeof(stat));
    const char *field = strrchr(stat, ')');
    for (int i = 0; field && i < START_TIME_FIELD; i++)
        field = strchr(field + 1, ' ');
    if (!field)
        return false;
    snprintf(out, size, "%.*s", (int)strcspn(field + 1, " "), field + 1);
    return true;
}

static int pid_path(const struct config *config, const char *name, char out[CONFIG_TEXT_SIZE])
{
    char file[64];

    snprintf(file, sizeof(file), "run/%s.pid", name);
    return config_state_path(config, file, out, CONFIG_TEXT_SIZE);
}

void state_dir_note_pid(const struct config *config, const char *name, pid_t pid)
{
    char path[CONFIG_TEXT_SIZE];
    char began[32];
    char text[64];

    if (pid_path(config, name, path) || !start_time(pid, began, sizeof(began)))
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    int n = snprintf(text, sizeof(text), "%d\n%s\n", (int)pid, began);
    ssize_t written = write(fd, text, (size_t)n);
    (void)
        written; /* it is for `assize status` and for what a crash leaves: not worth failing for */
    close(fd);
}

void state_dir_forget_pid(const struct config *config, const char *name)
{
    char path[CONFIG_TEXT_SIZE];

    if (!pid_path(config, name, path))
        unlink(path);
}

pid_t state_dir_pid(const struct config *config, const char *name)
{
    char path[CONFIG_TEXT_SIZE];
    char text[TEXT_SIZE];
    char began[32];

    if (pid_path(config, name, path))
        return 0;
    read_text(path, text, sizeof(text));
    pid_t pid = to_pid(text);
    const char *noted = strchr(text, '\n');
    if (!pid || !noted || !start_time(pid, began, sizeof(began)))
        return 0;
    size_t len = strlen(began);
    return strncmp(noted + 1, began, len) == 0 && noted[1 + len] == '\n' ? pid : 0;
}

/* ---- logs ---- */

int state_dir_open_log(const struct config *config, const char *name)
{
    char file[64];
    char path[CONFIG_TEXT_SIZE];
    char old[CONFIG_TEXT_SIZE + 4];
    struct stat st;

    snprintf(file, sizeof(file), "log/%s.log", name);
    if (config_state_path(config, file, path, sizeof(path)))
        return -ENAMETOOLONG;
    snprintf(old, sizeof(old), "%s.1", path);
    if (stat(path, &st) == 0 && st.st_size > LOG_BYTES_MAX)
        rename(path, old);
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return fd < 0 ? -errno : fd;
}
