/*
 * The schema, brought to what this build needs. Blocking libpq: used by `assize up`, `assize
 * migrate` and tests, never on a loop. The files of db/migrations are part of the program; their
 * checksums are kept in schema_migration, so that a migration changed after the fact, or a database
 * of a newer build, is refused and not guessed at.
 */
#ifndef ASSIZE_DB_MIGRATE_H
#define ASSIZE_DB_MIGRATE_H

enum { MIGRATE_ERROR_SIZE = 512 };

struct migrate_report {
    int applied; /* now */
    int at;      /* number of the last one */
};

/* The number of this build's last migration. */
int migrate_latest(void);

/*
 * Each migration is a transaction, all under an advisory lock. 0, -EAGAIN (no connection), or
 * -EINVAL; then error holds a sentence. ret_report is untouched on failure.
 */
int migrate_run(const char *conninfo, struct migrate_report *ret_report,
                char error[static MIGRATE_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
