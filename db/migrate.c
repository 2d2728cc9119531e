#include "db/migrate.h"

#include <errno.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "base/str.h"
#include "db/direct.h"
#include "db/migrate_internal.h"

/* Any number, the same in every build. */
#define TAKE_LOCK "SELECT pg_advisory_lock(4702111234474983745)"

#define MAKE_TABLE                                                                                 \
    "CREATE TABLE IF NOT EXISTS schema_migration ("                                                \
    "number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,"                      \
    "applied_at timestamptz NOT NULL DEFAULT now())"

/* The files are numbered from 0001 without gaps. */
int migrate_latest(void)
{
    return (int)migration_count;
}

static int run(struct direct *direct, const char *sql, char *error)
{
    PGresult *answer = direct_query(direct, sql, NULL, 0);
    bool good = answer != NULL;

    if (!good)
        snprintf(error, MIGRATE_ERROR_SIZE, "The database refused: %s", direct_why(direct));
    PQclear(answer);
    return good ? 0 : -EINVAL;
}

static void checksum(const struct migration *migration, char out[static SHA256_HEX_SIZE])
{
    uint8_t digest[SHA256_BYTES];

    sha256(migration->sql, strlen(migration->sql), digest);
    str_hex(digest, sizeof(digest), out);
}

/* A row of schema_migration against the embedded migration in its place. */
static int check_row(const PGresult *applied, int row, char *error)
{
    char sum[SHA256_HEX_SIZE];
    const char *name = PQgetvalue(applied, row, 1);

    if ((size_t)row >= migration_count) {
        snprintf(error, MIGRATE_ERROR_SIZE,
                 "The database has the migration %s, which this build does not know: it was "
                 "made by a newer build; start that one.",
                 name);
        return -EINVAL;
    }
    checksum(&migrations[row], sum);
    if (strcmp(name, migrations[row].name) != 0 || strcmp(PQgetvalue(applied, row, 2), sum) != 0) {
        snprintf(error, MIGRATE_ERROR_SIZE,
                 "The migration %s was changed after it was applied to this database; put it "
                 "back and write a new one.",
                 name);
        return -EINVAL;
    }
    return 0;
}

static int check_applied(struct direct *direct, size_t *ret_count, char *error)
{
    PGresult *applied = direct_query(
        direct, "SELECT number, name, checksum FROM schema_migration ORDER BY number", NULL, 0);

    if (!applied) {
        snprintf(error, MIGRATE_ERROR_SIZE, "The database refused: %s", direct_why(direct));
        return -EINVAL;
    }
    int result = 0;
    int rows = PQntuples(applied);
    for (int row = 0; !result && row < rows; row++)
        result = check_row(applied, row, error);
    PQclear(applied);
    if (!result)
        *ret_count = (size_t)rows;
    return result;
}

static int note(struct direct *direct, const struct migration *migration, char *error)
{
    char number[24];
    char sum[SHA256_HEX_SIZE];
    const char *values[] = {number, migration->name, sum};

    snprintf(number, sizeof(number), "%td", migration - migrations + 1);
    checksum(migration, sum);
    PGresult *answer = direct_query(
        direct, "INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)", values,
        3);
    bool good = answer != NULL;
    if (!good)
        snprintf(error, MIGRATE_ERROR_SIZE, "The database refused: %s", direct_why(direct));
    PQclear(answer);
    return good ? 0 : -EINVAL;
}

/* In one transaction; closing the connection rolls back what a failure leaves. */
static int apply(struct direct *direct, const struct migration *migration, char *error)
{
    int result = run(direct, "BEGIN", error);

    if (!result && direct_script(direct, migration->sql)) {
        snprintf(error, MIGRATE_ERROR_SIZE, "The migration %s failed: %s", migration->name,
                 direct_why(direct));
        result = -EINVAL;
    }
    if (!result)
        result = note(direct, migration, error);
    return result ? result : run(direct, "COMMIT", error);
}

static int migrate(struct direct *direct, struct migrate_report *ret_report, char *error)
{
    size_t done = 0;

    int result = run(direct, TAKE_LOCK, error);
    if (!result)
        result = run(direct, MAKE_TABLE, error);
    if (!result)
        result = check_applied(direct, &done, error);
    size_t first = done;
    while (!result && done < migration_count)
        result = apply(direct, &migrations[done++], error);
    if (!result)
        *ret_report = (struct migrate_report){(int)(migration_count - first), migrate_latest()};
    return result;
}

int migrate_run(const char *conninfo, struct migrate_report *ret_report,
                char error[static MIGRATE_ERROR_SIZE])
{
    struct direct *direct = direct_open(conninfo);
    int result = 0;

    if (!direct_is_open(direct)) {
        snprintf(error, MIGRATE_ERROR_SIZE, "The database cannot be reached: %s",
                 direct_why(direct));
        result = -EAGAIN;
    }
    if (!result)
        result = migrate(direct, ret_report, error);
    direct_close(direct);
    return result;
}
