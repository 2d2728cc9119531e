#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

static int64_t read_clock_ns(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * CLOCK_NS_PER_S + ts.tv_nsec;
}

int64_t clock_monotonic_ns(void)
{
    return read_clock_ns(CLOCK_MONOTONIC);
}

int64_t clock_monotonic_ms(void)
{
    return read_clock_ns(CLOCK_MONOTONIC) / CLOCK_NS_PER_MS;
}

int64_t clock_wall_ms(void)
{
    return read_clock_ns(CLOCK_REALTIME) / CLOCK_NS_PER_MS;
}

int64_t clock_wall_ns(void)
{
    return read_clock_ns(CLOCK_REALTIME);
}

bool clock_ms_is_of_calendar(int64_t ms)
{
    return ms >= -62135596800000 && ms < 253402300800000;
}

void clock_text(int64_t ms, char out[static CLOCK_TEXT_SIZE])
{
    time_t seconds = (time_t)(ms / CLOCK_MS_PER_S) + CLOCK_VIETNAM_S;
    struct tm tm;

    if (!gmtime_r(&seconds, &tm) || !strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S+07:00", &tm))
        abort(); /* it is of the calendar */
}

bool clock_parse(const char *text, int64_t *ret_ms)
{
    struct tm tm = {0};
    long east = CLOCK_VIETNAM_S;

    const char *rest = strptime(text, "%Y-%m-%d", &tm);
    if (rest && *rest == 'T') {
        rest = strptime(rest, "T%H:%M:%S%z", &tm);
        east = tm.tm_gmtoff;
    }
    if (!rest || *rest)
        return false;
    int day = tm.tm_mday;
    int64_t ms = ((int64_t)timegm(&tm) - east) * CLOCK_MS_PER_S;
    if (tm.tm_mday != day || !clock_ms_is_of_calendar(ms))
        return false;
    *ret_ms = ms;
    return true;
}
