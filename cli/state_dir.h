/*
 * The state directory: its folders, the lock that says who runs with it, and the pid files that say
 * what. Used by `assize up`, and by `assize status` for reading.
 */
#ifndef ASSIZE_CLI_STATE_DIR_H
#define ASSIZE_CLI_STATE_DIR_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/config.h"

/* The folders, 0700. 0 or -errno with a sentence. */
int state_dir_make(const struct config *config, char error[static CONFIG_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * Takes the lock until the process ends and writes our pid into it. 0; -EWOULDBLOCK with
 * *ret_holder (0 when it cannot be read); or -errno.
 */
int state_dir_lock(const struct config *config, pid_t *ret_holder)
    __attribute__((warn_unused_result));

/* The pid of the supervisor that holds the lock, or 0. */
pid_t state_dir_holder(const struct config *config);

/* run/NAME.pid: the pid, and when the process began, so that another one with the same pid is not
 * taken for it. */
void state_dir_note_pid(const struct config *config, const char *name, pid_t pid);
void state_dir_forget_pid(const struct config *config, const char *name);
/* The process of run/NAME.pid while it is alive, or 0. */
pid_t state_dir_pid(const struct config *config, const char *name);

/* log/NAME.log for appending, 0600, begun anew over 8 MiB with the old one kept as NAME.log.1. The
 * descriptor or -errno. */
int state_dir_open_log(const struct config *config, const char *name);

#endif
