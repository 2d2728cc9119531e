/* Connects to a Unix socket of this machine, before the sandbox. Used by control and link. */
#ifndef ASSIZE_MEDIA_STUDIO_SOCKET_H
#define ASSIZE_MEDIA_STUDIO_SOCKET_H

/* kind is SOCK_STREAM or SOCK_SEQPACKET. A non-blocking descriptor, or -errno; -ENAMETOOLONG for a
 * path the kernel does not take. */
int socket_connect(const char *path, int kind) __attribute__((warn_unused_result));

#endif
