#include "media/relay/unix_socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"

enum { BACKLOG = 8 };

int unix_socket_listen(const char *path, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (!str_copy(address.sun_path, sizeof(address.sun_path), path))
        return -ENAMETOOLONG;
    int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    unlink(path);
    mode_t mask = umask(0177);
    int failed =
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) || listen(fd, BACKLOG);
    int error = errno;
    umask(mask);
    if (failed) {
        close(fd);
        return -error;
    }
    return fd;
}

bool unix_socket_is_ours(int fd, uid_t owner)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == 0 || peer.uid == owner);
}
