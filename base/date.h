/* Days of the calendar, as pages and services write them. */
#ifndef ASSIZE_BASE_DATE_H
#define ASSIZE_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

enum { DATE_SIZE = 11 };

/* YYYY-MM-DD, a day of this century that there is. */
bool date_is_day(const char *text);
/* The same of the century before as well: when somebody was born. */
bool date_is_past_day(const char *text);

/* Whether such a day has begun in Vietnam, by a Unix time in milliseconds. */
bool date_has_begun(const char *day, int64_t now_ms);

#endif
