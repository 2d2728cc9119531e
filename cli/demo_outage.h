/*
 * A court off the line for a while, its clerks going on: what waits here, what the centre knows,
 * and that all of it arrives once. Used by cmd_demo.c.
 */
#ifndef ASSIZE_CLI_DEMO_OUTAGE_H
#define ASSIZE_CLI_DEMO_OUTAGE_H

#include "cli/cli.h"

/* Texts of options; NULL: the usual. center: its state directory, STATE/center. */
struct demo_outage_wish {
    const char *seconds;
    const char *changes;
    const char *center;
};

/* CLI_OK: the centre has all of it, once. Interrupted, the court is on the line again. */
enum cli_exit demo_outage(const struct cli *cli, struct admin *admin,
                          const struct demo_outage_wish *wish);

#endif
