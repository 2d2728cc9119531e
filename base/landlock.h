/*
 * Which files the calling thread, and those it starts, may still touch (Landlock, Linux 5.13 and
 * later). What no rule gives is denied, whoever the user is; what is open already stays open.
 * Called by the sandboxes of media/relay and media/studio.
 */
#ifndef ASSIZE_BASE_LANDLOCK_H
#define ASSIZE_BASE_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

/* An open folder, with all below it. */
struct landlock_folder {
    int fd;
    bool write; /* files and folders may be made, written, renamed and removed, too */
};

/* Needs no new privileges (PR_SET_NO_NEW_PRIVS). 0; -ENOSYS on a kernel without it; or -errno. */
int landlock_enter(const struct landlock_folder *folders, size_t count)
    __attribute__((warn_unused_result));

#endif
