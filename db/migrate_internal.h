/* The embedded migrations, in order; the table is made from db/migrations by
 * cmake/embed.cmake. */
#ifndef ASSIZE_DB_MIGRATE_INTERNAL_H
#define ASSIZE_DB_MIGRATE_INTERNAL_H

#include <stddef.h>

struct migration {
    const char *name; /* NNNN_what */
    const char *sql;
};

extern const struct migration migrations[];
extern const size_t migration_count;

#endif
