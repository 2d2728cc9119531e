/* Between the files of admin.h. */
#ifndef ASSIZE_DB_ADMIN_INTERNAL_H
#define ASSIZE_DB_ADMIN_INTERNAL_H

#include "db/admin.h"
#include "db/direct.h"

struct admin {
    struct direct *direct;
    char why[512];
};

/* Leaves the sentence and gives back error. */
int admin_fail(struct admin *admin, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The rows, for PQclear, or NULL with a sentence left. */
PGresult *admin_ask(struct admin *admin, const char *sql, const char *const *values, int count);

int64_t admin_int(const PGresult *rows, int row, int column);
bool admin_bool(const PGresult *rows, int row, int column);

#endif
