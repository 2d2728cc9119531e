/* assize migrate: brings the configured database to the schema of this build. */
#include <errno.h>
#include <stdio.h>

#include "cli/cli.h"
#include "db/migrate.h"
#include "db/private.h"

enum cli_exit cmd_migrate(int argc, char **argv)
{
    char conninfo[DB_CONNINFO_SIZE];
    char error[MIGRATE_ERROR_SIZE];
    struct migrate_report report;
    struct cli cli;

    enum cli_exit result = cli_parse(&cli, argc, argv, NULL, 0);
    if (result)
        return result;
    if (db_conninfo(&cli.config, conninfo, sizeof(conninfo)))
        return cli_fail(CLI_USAGE, "the path of the state directory is too long.");
    int failed = migrate_run(conninfo, &report, error);
    if (failed)
        return cli_fail(failed == -EAGAIN ? CLI_AWAY : CLI_FAILED, "%s", error);
    printf("schema %d, %d migrations applied now\n", report.at, report.applied);
    return CLI_OK;
}
