/*
 * The private PostgreSQL: a cluster of our own in STATE/pg/data, reached by a Unix socket in
 * STATE/run/pg only, with peer sign-in (root, the owner of the cluster and whoever made it are the
 * role "assize"). Its process is a child of the supervisor. As root it runs as user postgres, who
 * keeps CAP_DAC_READ_SEARCH: a state directory below a 0700 home would be closed to it otherwise.
 * Used by cli/ and tests.
 */
#ifndef ASSIZE_DB_PRIVATE_H
#define ASSIZE_DB_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/config.h"

enum { DB_CONNINFO_SIZE = 2 * CONFIG_TEXT_SIZE };

/* True unless the option `database` names a server elsewhere. */
bool private_is_wanted(const struct config *config);

/* The libpq connection string of whichever database is configured. 0 or -ENAMETOOLONG. */
int db_conninfo(const struct config *config, char *out, size_t size)
    __attribute__((warn_unused_result));

/*
 * Makes the cluster when there is none, or only half of one. The state directory exists; what
 * PostgreSQL's programs say goes to log_fd. Blocks for about half a second. 0 (ret_made tells
 * whether it was made now) or -errno with a sentence in error.
 */
int private_make(const struct config *config, int log_fd, bool *ret_made,
                 char error[static CONFIG_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * To be called in a forked child: becomes PostgreSQL, which stops by SIGINT when the parent dies.
 * Returns only when that failed, with a line on standard error.
 */
void private_exec(const struct config *config, pid_t parent);

/*
 * Does the PostgreSQL with this pid serve? By its own word in the cluster's pid file, as pg_ctl
 * does it: a connection tried too early would be a line in its log each time.
 */
bool private_is_ready(const struct config *config, pid_t pid);

#endif
