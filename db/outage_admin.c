#include "db/outage_admin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/admin_internal.h"

enum { NUMBER_SIZE = 24 };

int outage_admin_mark(struct admin *court, int64_t *ret_number)
{
    PGresult *rows = admin_ask(court, "SELECT coalesce(max(number), 0) FROM outbox", NULL, 0);

    if (rows)
        *ret_number = admin_int(rows, 0, 0);
    PQclear(rows);
    return rows ? 0 : -EINVAL;
}

int outage_admin_written(struct admin *court, int64_t since, int64_t *ret_count, char **ret_changes)
{
    char number[NUMBER_SIZE];

    snprintf(number, sizeof(number), "%" PRId64, since);
    PGresult *rows = admin_ask(court,
                               "SELECT count(*), coalesce(array_agg(change_id), '{}') FROM outbox"
                               " WHERE target = '' AND number > $1",
                               (const char *[]){number}, 1);
    if (rows) {
        *ret_count = admin_int(rows, 0, 0);
        *ret_changes = strdup(PQgetvalue(rows, 0, 1));
        if (!*ret_changes)
            abort();
    }
    PQclear(rows);
    return rows ? 0 : -EINVAL;
}

int outage_admin_source(struct admin *center, const char *organisation,
                        struct outage_admin_source *out)
{
    PGresult *rows =
        admin_ask(center,
                  "SELECT coalesce(records, 0), coalesce(received_ms, 0), coalesce(lag_ms, 0)"
                  " FROM organisation LEFT JOIN source_progress ON source = code WHERE code = $1",
                  (const char *[]){organisation}, 1);
    bool known = rows && PQntuples(rows);

    if (known)
        *out = (struct outage_admin_source){admin_int(rows, 0, 0), admin_int(rows, 0, 1),
                                            admin_int(rows, 0, 2)};
    PQclear(rows);
    if (rows && !known)
        return admin_fail(center, -ENOENT, "The centre does not know %s.", organisation);
    return rows ? 0 : -EINVAL;
}

int outage_admin_received(struct admin *center, const char *organisation, const char *changes,
                          int64_t *ret_rows, int64_t *ret_changes)
{
    PGresult *rows = admin_ask(center,
                               "SELECT count(*), count(DISTINCT change_id) FROM inbox"
                               " WHERE source = $1 AND change_id = ANY($2::uuid[])",
                               (const char *[]){organisation, changes}, 2);

    if (rows) {
        *ret_rows = admin_int(rows, 0, 0);
        *ret_changes = admin_int(rows, 0, 1);
    }
    PQclear(rows);
    return rows ? 0 : -EINVAL;
}
