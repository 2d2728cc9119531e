#include "cli/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum { LINE_SIZE = 1024 };

static int log_file = -1;

void say_open(int log_fd)
{
    log_file = log_fd;
    setvbuf(stdout, NULL, _IOLBF, 0);
}

static void write_log(const char *line)
{
    char stamped[LINE_SIZE + 32];
    struct tm tm;
    time_t now = (time_t)(clock_wall_ms() / CLOCK_MS_PER_S);

    gmtime_r(&now, &tm);
    size_t used = strftime(stamped, sizeof(stamped), "%Y-%m-%dT%H:%M:%SZ ", &tm);
    int n = snprintf(stamped + used, sizeof(stamped) - used, "%s\n", line);
    ssize_t written = n > 0 ? write(log_file, stamped, used + (size_t)n) : 0;
    (void)written; /* a full disk must not stop the supervisor */
}

void say(const char *format, ...)
{
    char line[LINE_SIZE];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    puts(line);
    if (log_file >= 0)
        write_log(line);
}

void say_step(const char *name, const char *what, int64_t began_ms)
{
    say("%-14s %-44s %6.2f s", name, what,
        (double)(clock_monotonic_ms() - began_ms) / CLOCK_MS_PER_S);
}
