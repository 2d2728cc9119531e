/*
 * The fewest rights: after everything is open, the relay becomes user nobody (when it was root) and
 * keeps only the system calls its loop and the record's writer need. Threads that run already are
 * bound by it as well. Called once by main.
 */
#ifndef ASSIZE_MEDIA_RELAY_SANDBOX_H
#define ASSIZE_MEDIA_RELAY_SANDBOX_H

/* Makes the user that the relay becomes the owner of an open folder. 0 or -errno. */
int sandbox_give(int folder) __attribute__((warn_unused_result));
/* 0 or -errno. */
int sandbox_enter(void) __attribute__((warn_unused_result));

#endif
