#include "base/date.h"

#include <string.h>

#include "base/clock.h"

enum { DAYS_OF_FEBRUARY = 28, CENTURY_BEFORE = 1900, THIS_CENTURY = 2000, LAST_YEAR = 2100 };

static bool read_number(const char *text, size_t len, int *ret_number)
{
    *ret_number = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *ret_number = *ret_number * 10 + text[i] - '0';
    }
    return true;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, DAYS_OF_FEBRUARY, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap);
}

static bool is_day(const char *text, int since)
{
    int year, month, day;

    return strlen(text) == DATE_SIZE - 1 && text[4] == '-' && text[7] == '-' &&
           read_number(text, 4, &year) && read_number(text + 5, 2, &month) &&
           read_number(text + 8, 2, &day) && year >= since && year < LAST_YEAR && month >= 1 &&
           month <= 12 && day >= 1 && day <= days_of_month(year, month);
}

bool date_is_day(const char *text)
{
    return is_day(text, THIS_CENTURY);
}

bool date_is_past_day(const char *text)
{
    return is_day(text, CENTURY_BEFORE);
}

/* Days from 1970-01-01 on, by the calendar that counts years from March. */
static int64_t number_of_day(int year, int month, int day)
{
    enum { DAYS_OF_YEAR = 365, DAYS_BEFORE_1970 = 719468 };
    int since_march = (month + 9) % 12;

    year -= month < 3;
    int64_t before_year = (int64_t)year * DAYS_OF_YEAR + year / 4 - year / 100 + year / 400;
    return before_year + (153 * since_march + 2) / 5 + day - 1 - DAYS_BEFORE_1970;
}

bool date_has_begun(const char *day, int64_t now_ms)
{
    int year, month, of_month;

    return read_number(day, 4, &year) && read_number(day + 5, 2, &month) &&
           read_number(day + 8, 2, &of_month) &&
           (number_of_day(year, month, of_month) * 24 * 3600 - CLOCK_VIETNAM_S) * CLOCK_MS_PER_S <=
               now_ms;
}
