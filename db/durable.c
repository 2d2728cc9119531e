#include "db/durable.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "db/direct.h"

int durable_check(const char *conninfo, char error[static DURABLE_ERROR_SIZE])
{
    struct direct *direct = direct_open(conninfo);
    PGresult *row = direct_is_open(direct) ? direct_query(direct, DURABLE_QUERY, NULL, 0) : NULL;
    int result = 0;

    if (!row) {
        snprintf(error, DURABLE_ERROR_SIZE, "The database does not answer: %s", direct_why(direct));
        result = -EAGAIN;
    } else if (*PQgetvalue(row, 0, 0) && strcmp(PQgetvalue(row, 0, 1), "t") != 0) {
        snprintf(
            error, DURABLE_ERROR_SIZE,
            "database_unsafe: the database may lose what it has acknowledged, so it is not "
            "used. Set %s there (ALTER SYSTEM SET, then SELECT pg_reload_conf(); look for ALTER "
            "DATABASE and ALTER ROLE that set it otherwise) and start again.",
            PQgetvalue(row, 0, 0));
        result = -EINVAL;
    }
    PQclear(row);
    direct_close(direct);
    return result;
}
