/* Time. Durations are measured by the monotonic clock, events are stamped with the wall clock. */
#ifndef ASSIZE_BASE_CLOCK_H
#define ASSIZE_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_MS_PER_S  1000
#define CLOCK_NS_PER_MS 1000000
#define CLOCK_NS_PER_S  1000000000LL

enum { CLOCK_VIETNAM_S = 7 * 3600 }; /* ahead of UTC, always */

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t clock_monotonic_ns(void);
/* Milliseconds of CLOCK_MONOTONIC. */
int64_t clock_monotonic_ms(void);
/* Unix time in milliseconds (UTC). */
int64_t clock_wall_ms(void);
/* Unix time in nanoseconds (UTC). */
int64_t clock_wall_ns(void);

/* Whether a Unix time in milliseconds that somebody else says is of the years 1 to 9999 (UTC): what
 * every calendar has room for, PostgreSQL's as well. */
bool clock_ms_is_of_calendar(int64_t ms);

/* A Unix time in milliseconds as the command line prints it, whatever the zone of the machine:
 * 2026-02-03T07:30:00+07:00 (RFC 3339, Asia/Ho_Chi_Minh). It is of the calendar. */
enum { CLOCK_TEXT_SIZE = 32 };
void clock_text(int64_t ms, char out[static CLOCK_TEXT_SIZE]);
/* The other way, with any offset or Z; a date alone is its beginning in Asia/Ho_Chi_Minh. False: it
 * is neither, or there is no such day. */
bool clock_parse(const char *text, int64_t *ret_ms);

#endif
