/* The embedded migrations, in order; the table is made from db/migrations by db/embed.cmake. */
#ifndef ASSIZE_DB_MIGRATE_INTERNAL_H
#define ASSIZE_DB_MIGRATE_INTERNAL_H

#include <stddef.h>

struct migration {
    int number;
    const char *name;
    const char *sql;
};

extern const struct migration migrations[];
extern const size_t migration_count;

#endif
