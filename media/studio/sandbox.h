/*
 * The fewest rights, given up before a byte of anyone's media is read: user nobody (when it was
 * root), no new privileges, Landlock (files of the two folders given, nothing else) and seccomp
 * (nothing is connected, opened to the network, executed or traced). To be called while the process
 * has one thread; those started later are bound as well. Used by live, render and tests.
 */
#ifndef ASSIZE_MEDIA_STUDIO_SANDBOX_H
#define ASSIZE_MEDIA_STUDIO_SANDBOX_H

/*
 * read_folder and write_folder are open folders, below which files may be read, or read, written,
 * made, renamed and removed; below zero: none. Both are to be used by descriptor (openat): the way
 * to them may be closed to user nobody. 0; -EBUSY with more than one thread; -ENOSYS on a kernel
 * without Landlock; or -errno.
 */
int sandbox_enter(int read_folder, int write_folder) __attribute__((warn_unused_result));

#endif
