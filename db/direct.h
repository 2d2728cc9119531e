/*
 * A blocking connection for what runs once and waits: migrations, the command line, tests. The
 * daemons use db.h. Rows are PGresult, so callers outside this folder go through admin.h.
 */
#ifndef ASSIZE_DB_DIRECT_H
#define ASSIZE_DB_DIRECT_H

#include <libpq-fe.h>
#include <stdbool.h>

enum { DIRECT_PARAMS_MAX = 16 };

struct direct;

/* Never NULL; to be asked by direct_is_open. */
struct direct *direct_open(const char *conninfo);
void direct_close(struct direct *direct);
bool direct_is_open(const struct direct *direct);
/* What the database said last, in one line. */
const char *direct_why(struct direct *direct);

/* One statement with text parameters. The rows, for PQclear, or NULL: direct_why and direct_state
 * tell. */
PGresult *direct_query(struct direct *direct, const char *sql, const char *const *values,
                       int count);
/* The SQLSTATE of the last refusal, or "". */
const char *direct_state(const struct direct *direct);
/* Several statements without parameters. 0 or -EINVAL. */
int direct_script(struct direct *direct, const char *sql) __attribute__((warn_unused_result));

#endif
