/*
 * Case files beside the demonstration hearing, of fictional people, so that a clerk finds something
 * in every state: taken in by the centre, returned by it, held behind that, corrected. Used by
 * cmd_demo.c.
 */
#ifndef ASSIZE_CLI_DEMO_CASES_H
#define ASSIZE_CLI_DEMO_CASES_H

#include "cli/cli.h"

/* Writes those that have no file yet. */
enum cli_exit demo_cases(const struct cli *cli, struct admin *admin);

#endif
