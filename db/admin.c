#include "db/admin.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/admin_internal.h"
#include "db/migrate.h"

int admin_fail(struct admin *admin, int error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(admin->why, sizeof(admin->why), format, args);
    va_end(args);
    return error;
}

const char *admin_why(const struct admin *admin)
{
    return admin->why;
}

PGresult *admin_ask(struct admin *admin, const char *sql, const char *const *values, int count)
{
    PGresult *rows = direct_query(admin->direct, sql, values, count);

    if (!rows)
        admin_fail(admin, -EINVAL, "The database refused: %s", direct_why(admin->direct));
    return rows;
}

int64_t admin_int(const PGresult *rows, int row, int column)
{
    return strtoll(PQgetvalue(rows, row, column), NULL, 10);
}

bool admin_bool(const PGresult *rows, int row, int column)
{
    return strcmp(PQgetvalue(rows, row, column), "t") == 0;
}

int admin_open(const char *conninfo, struct admin **ret_admin)
{
    struct admin *admin = calloc(1, sizeof(*admin));

    if (!admin)
        abort();
    *ret_admin = admin;
    admin->direct = direct_open(conninfo);
    if (!direct_is_open(admin->direct))
        return admin_fail(admin, -EAGAIN,
                          "The database does not answer; is `assize up` running with this state "
                          "directory? (%s)",
                          direct_why(admin->direct));
    PGresult *rows =
        direct_query(admin->direct, "SELECT max(number) FROM schema_migration", NULL, 0);
    bool good = rows && admin_int(rows, 0, 0) == migrate_latest();
    PQclear(rows);
    if (!good)
        return admin_fail(admin, -EAGAIN,
                          "The database does not have the schema of this build; `assize migrate` "
                          "brings it there.");
    return 0;
}

void admin_close(struct admin *admin)
{
    if (!admin)
        return;
    direct_close(admin->direct);
    free(admin);
}
