/*
 * The table of limits. Every bound on what a peer or a person may send, hold or ask is a row of it.
 * A module declares its rows in a header of its own as an X-macro
 *
 *     #define FRAME_LIMITS(L) L(FRAME_BODY_MAX, 1 << 20, "bytes", "one control frame")
 *     LIMITS(FRAME_LIMITS);
 *
 * which makes enum constants, and `assize reference limits` prints all rows (cli/cmd_reference.c).
 */
#ifndef ASSIZE_BASE_LIMITS_H
#define ASSIZE_BASE_LIMITS_H

#define LIMIT_ENUM_(name, value, unit, what) name = (value),
#define LIMIT_ROW_(name, value, unit, what)  {#name, (value), unit, what},
#define LIMITS(rows)                         enum { rows(LIMIT_ENUM_) }
#define LIMITS_TABLE(rows)                   rows(LIMIT_ROW_)

struct limit_row {
    const char *name;
    long long value;
    const char *unit;
    const char *what;
};

#endif
