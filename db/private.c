#include "db/private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "db/private_internal.h"

enum {
    PID_FILE_BYTES = 2048,
    STATE_LINE = 8,
    BUFFERS_PART = 16, /* of the machine's memory, between the two bounds */
    BUFFERS_MIN_MB = 128,
    BUFFERS_MAX_MB = 1024,
};

bool private_is_wanted(const struct config *config)
{
    return strcmp(config->database, "private") == 0;
}

/* A value between quotes, as libpq wants it (PostgreSQL manual, 34.1.1.1). */
static int append_quoted(struct buf *buf, const char *text)
{
    int result = buf_append(buf, "'", 1);

    for (const char *p = text; !result && *p; p++) {
        if (*p == '\'' || *p == '\\')
            result = buf_append(buf, "\\", 1);
        if (!result)
            result = buf_append(buf, p, 1);
    }
    return result ? result : buf_append(buf, "'", 1);
}

static int conninfo_of(const struct config *config, const char *user, char *out, size_t size)
{
    char directory[CONFIG_TEXT_SIZE];
    struct buf buf;

    if (config_state_path(config, "run/pg", directory, sizeof(directory)))
        return -ENAMETOOLONG;
    buf_init(&buf, size);
    int result = buf_printf(&buf, "host=");
    if (!result)
        result = append_quoted(&buf, directory);
    if (!result)
        result = buf_printf(&buf, " port=5432 user=%s dbname=assize connect_timeout=5", user);
    if (!result)
        memcpy(out, buf.data, buf.len + 1);
    buf_done(&buf);
    return result ? -ENAMETOOLONG : 0;
}

int db_conninfo(const struct config *config, char *out, size_t size)
{
    if (private_is_wanted(config))
        return conninfo_of(config, "assize", out, size);
    int n = snprintf(out, size, "%s", config->database);
    return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

/* The lines of postmaster.pid: the pid is the first, "ready" or another state the eighth. */
bool private_is_ready(const struct config *config, pid_t pid)
{
    char path[CONFIG_TEXT_SIZE];
    char text[PID_FILE_BYTES];
    char digits[16];

    if (config_state_path(config, "pg/data/postmaster.pid", path, sizeof(path)))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t len = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[len > 0 ? len : 0] = '\0';
    int n = snprintf(digits, sizeof(digits), "%d\n", (int)pid);
    const char *line = strncmp(text, digits, (size_t)n) == 0 ? text : NULL;
    for (int i = 1; line && i < STATE_LINE; i++) {
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    return line && strncmp(line, "ready", strlen("ready")) == 0;
}

/* Pages are taken when they are first used, so a small database stays small. */
static void size_buffers(char *out, size_t size)
{
    int64_t mb = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) / BUFFERS_PART >> 20;

    if (mb < BUFFERS_MIN_MB)
        mb = BUFFERS_MIN_MB;
    if (mb > BUFFERS_MAX_MB)
        mb = BUFFERS_MAX_MB;
    snprintf(out, size, "shared_buffers=%dMB", (int)mb);
}

void private_exec(const struct config *config, pid_t parent)
{
    char data[CONFIG_TEXT_SIZE];
    char socket_dir[CONFIG_TEXT_SIZE];
    char buffers[32];

    size_buffers(buffers, sizeof(buffers));
    int result = config_state_path(config, "pg/data", data, sizeof(data));
    if (!result)
        result = config_state_path(config, "run/pg", socket_dir, sizeof(socket_dir));
    if (!result)
        result = private_become_owner();
    if (result) {
        log_error("postgres.start", "error=%s", log_errno(result).text);
        return;
    }
    /* After the change of user, which clears it; then see whether the parent went in between. */
    prctl(PR_SET_PDEATHSIG, SIGINT, 0, 0, 0);
    if (getppid() != parent)
        return;
    execl(POSTGRES_BIN "/postgres", "postgres", "-D", data, "-k", socket_dir, "-p", "5432", "-c",
          "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "max_connections=40",
          "-c", "fsync=on", "-c", "full_page_writes=on", "-c", "synchronous_commit=on", "-c",
          "jit=off", "-c", buffers, "-c", "wal_compression=lz4", "-c", "timezone=UTC", "-c",
          "log_timezone=UTC", "-c", "logging_collector=off", "-c",
          "recovery_init_sync_method=syncfs", (char *)NULL);
    log_error("postgres.start", "program=%s error=%s", POSTGRES_BIN "/postgres",
              log_errno(errno).text);
}
