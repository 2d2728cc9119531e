/*
 * The fewest rights: after everything is open, the relay becomes user nobody (when it was root) and
 * keeps the files of the record and the system calls that its loop and the record's writer need,
 * nothing else. Called by main and tests.
 */
#ifndef ASSIZE_MEDIA_RELAY_SANDBOX_H
#define ASSIZE_MEDIA_RELAY_SANDBOX_H

/*
 * First, while there is one thread: the user, and no file but those below this folder. 0, also
 * (with a warning) on a kernel without Landlock; or -errno.
 */
int sandbox_close_files(const char *folder) __attribute__((warn_unused_result));
/* Then, for every thread. 0 or -errno. */
int sandbox_close_calls(void) __attribute__((warn_unused_result));

#endif
