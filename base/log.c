#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum { LINE_MAX_BYTES = 2000 };

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static const char *worker_name = "assize";
static enum log_level least_level = LOG_INFO;

void log_set_worker(const char *worker)
{
    worker_name = worker;
}

void log_set_level(enum log_level level)
{
    least_level = level;
}

int log_level_from_name(const char *name, enum log_level *ret_level)
{
    for (int i = 0; i < 4; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *ret_level = (enum log_level)i;
            return 0;
        }
    }
    return -EINVAL;
}

static size_t print_head(char *line, size_t size, enum log_level level, const char *event)
{
    int64_t now_ms = clock_wall_ms();
    time_t seconds = now_ms / CLOCK_MS_PER_S;
    struct tm tm;
    char when[24];

    gmtime_r(&seconds, &tm);
    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
    int n = snprintf(line, size, "%s.%03dZ %-5s %s %s ", when, (int)(now_ms % CLOCK_MS_PER_S),
                     level_names[level], worker_name, event);
    return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
    char line[LINE_MAX_BYTES + 1];
    va_list args;

    if (level < least_level)
        return;
    size_t used = print_head(line, LINE_MAX_BYTES, level, event);
    va_start(args, format);
    int n = vsnprintf(line + used, LINE_MAX_BYTES - used, format, args);
    va_end(args);
    if (n > 0)
        used += (size_t)n < LINE_MAX_BYTES - used ? (size_t)n : LINE_MAX_BYTES - used - 1;
    line[used++] = '\n';
    /* One write a line, so that lines of several threads and processes do not mix. */
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written;
}

struct log_quoted log_quote(const char *text)
{
    struct log_quoted quoted;
    size_t used = 0;

    quoted.text[used++] = '"';
    for (const char *p = text ? text : ""; *p && used < sizeof(quoted.text) - 2; p++) {
        unsigned char c = (unsigned char)*p;
        quoted.text[used++] = c < 0x20 || c == 0x7f || c == '"' || c == '\\' ? '?' : *p;
    }
    quoted.text[used++] = '"';
    quoted.text[used] = '\0';
    return quoted;
}

struct log_quoted log_errno(int error)
{
    char text[80];

    return log_quote(strerror_r(abs(error), text, sizeof(text)));
}
