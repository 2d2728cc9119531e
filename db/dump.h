/*
 * PostgreSQL's own pg_dump and pg_restore, which take a database out and put it back as one
 * consistent whole while it is in use. Used by cli/cmd_backup.c and cmd_restore.c.
 */
#ifndef ASSIZE_DB_DUMP_H
#define ASSIZE_DB_DUMP_H

#include <sys/types.h>

#include "base/config.h"

struct dump {
    pid_t pid;
    int fd; /* what comes out of pg_dump, or goes into pg_restore */
};

/* The connection string goes by the environment: others see a process's arguments. 0 or -errno. */
int dump_begin(const char *conninfo, struct dump *out) __attribute__((warn_unused_result));
/* All or nothing: one transaction. The database has to be empty, or it fails. */
int dump_restore_begin(const char *conninfo, struct dump *out) __attribute__((warn_unused_result));
/* Closes and waits. 0; or -EIO when the program failed, which has said why on standard error. */
int dump_end(struct dump *dump) __attribute__((warn_unused_result));

/*
 * The private cluster by itself, for a database that nothing runs. For dump_server_stop. 0 or
 * -errno.
 */
int dump_server_start(const struct config *config, int log_fd, pid_t *ret_pid)
    __attribute__((warn_unused_result));
void dump_server_stop(pid_t pid);

#endif
