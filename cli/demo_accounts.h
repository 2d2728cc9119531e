/*
 * Accounts to look around with, beside the demonstration hearing: their passwords are made once and
 * kept in STATE/demo-accounts, which only the owner reads. For demonstrations only: accounts of a
 * court are made with `assize account add`, whose passwords are kept nowhere. Used by cmd_demo.c.
 */
#ifndef ASSIZE_CLI_DEMO_ACCOUNTS_H
#define ASSIZE_CLI_DEMO_ACCOUNTS_H

#include "cli/cli.h"

/* Makes them when STATE/demo-accounts is not there, and prints it: ROLE LOGIN PASSWORD. */
enum cli_exit demo_accounts(const struct cli *cli, struct admin *admin);

#endif
