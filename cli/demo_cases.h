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

/* A document that was filed in one of them, another for the next number, as the court writes it:
 * the record and its row of the outbox in one transaction. As case_admin_write. */
int demo_cases_event(struct admin *admin, const char *organisation, uint64_t number)
    __attribute__((warn_unused_result));

#endif
