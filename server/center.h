/*
 * assized with role center: takes in what courts push. No hearings, no browsers, no relay: one
 * listener, which speaks only with those who have a certificate of the configured authority. Called
 * by main.c.
 */
#ifndef ASSIZE_SERVER_CENTER_H
#define ASSIZE_SERVER_CENTER_H

#include <uv.h>

#include "base/config.h"

/* Serves until SIGTERM or SIGINT; the exit status. */
int center_run(uv_loop_t *loop, const struct config *config);

#endif
