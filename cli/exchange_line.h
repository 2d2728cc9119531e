/*
 * A court off the line to its centre, and on it again; how it stands. Of cmd_exchange.c;
 * demo_outage.c uses the first two.
 */
#ifndef ASSIZE_CLI_EXCHANGE_LINE_H
#define ASSIZE_CLI_EXCHANGE_LINE_H

#include "cli/cli.h"
#include "db/exchange_store.h"

/* Who sits at the terminal: the login, also of who became root by sudo. */
void exchange_line_who(char out[static 4 * EXCHANGE_WHO_MAX + 1]);

/* minutes and seconds are texts of options; NULL: not given. */
enum cli_exit exchange_line_disconnect(const struct cli *cli, struct admin *admin,
                                       const char *minutes, const char *seconds, const char *why);
enum cli_exit exchange_line_connect(const struct cli *cli, struct admin *admin);
enum cli_exit exchange_line_status(const struct cli *cli, struct admin *admin);

#endif
