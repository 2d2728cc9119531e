/* The relay's sockets for processes of the same machine: for their owner only, by mode and by the
 * kernel's word on who connects. Used by control.c and local_links.c. */
#ifndef ASSIZE_MEDIA_RELAY_UNIX_SOCKET_H
#define ASSIZE_MEDIA_RELAY_UNIX_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

/* Listens at path (mode 0600; what lies there is removed). A descriptor or -errno. */
int unix_socket_listen(const char *path, int type) __attribute__((warn_unused_result));
/* True when the other end was connected by this user or by root. */
bool unix_socket_is_ours(int fd, uid_t owner);

#endif
