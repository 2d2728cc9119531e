/*
 * The user a process without need of rights becomes. Called by the sandboxes of media/relay and
 * media/studio; a process that is not root stays who it is.
 */
#ifndef ASSIZE_BASE_NOBODY_H
#define ASSIZE_BASE_NOBODY_H

/* Keeps the death signal that the supervisor asked for. 0; -ENOENT when there is no such user; or
 * -errno. */
int nobody_become(void) __attribute__((warn_unused_result));

/* Makes nobody the owner of an open folder or file. 0 or -errno. */
int nobody_give(int fd) __attribute__((warn_unused_result));

#endif
