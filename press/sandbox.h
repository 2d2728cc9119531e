/*
 * The fewest rights, given up before a byte of the document is read: user nobody (when it was
 * root), no new privileges, Landlock (the fonts may be read, nothing else) and seccomp (nothing is
 * connected, opened to the network, executed or traced). Used by main.c and tests.
 */
#ifndef ASSIZE_PRESS_SANDBOX_H
#define ASSIZE_PRESS_SANDBOX_H

/* To be called while the process has one thread. 0; -ENOSYS on a kernel without Landlock; or
 * -errno. */
int sandbox_enter(int font_folder) __attribute__((warn_unused_result));

#endif
