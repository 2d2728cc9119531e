/*
 * The fewest rights: after everything is open, the relay becomes user nobody (when it was root) and
 * keeps only the system calls its loop needs. Called once by main.
 */
#ifndef ASSIZE_MEDIA_RELAY_SANDBOX_H
#define ASSIZE_MEDIA_RELAY_SANDBOX_H

/* 0 or -errno. */
int sandbox_enter(void) __attribute__((warn_unused_result));

#endif
