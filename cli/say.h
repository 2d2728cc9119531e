/*
 * What the supervisor tells: lines on standard output, and the same with the time in
 * STATE/log/assize.log. Used by cmd_up.c and what it calls.
 */
#ifndef ASSIZE_CLI_SAY_H
#define ASSIZE_CLI_SAY_H

#include <stdint.h>

/* The log file takes everything from now on; -1 for none. Standard output is written line by line.
 */
void say_open(int log_fd);

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A named step that is done, and how long it took since began_ms (clock_monotonic_ms). */
void say_step(const char *name, const char *what, int64_t began_ms);

#endif
