#include "media/studio/link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/rtp/bytes.h"
#include "media/studio/socket.h"

enum { BATCH = 256, BUFFER_BYTES = 1 << 20 };

int link_open(struct link *link, const char *path, uint64_t leg,
              const uint8_t token[static LOCAL_TOKEN_BYTES])
{
    const int room = BUFFER_BYTES;
    uint8_t hello[LOCAL_HELLO_BYTES] = "ASZL";

    bytes_put64(hello + 4, leg);
    memcpy(hello + 12, token, LOCAL_TOKEN_BYTES);
    link->fd = socket_connect(path, SOCK_SEQPACKET);
    if (link->fd < 0)
        return link->fd;
    (void)setsockopt(link->fd, SOL_SOCKET, SO_SNDBUF, &room,
                     sizeof(room)); /* as much as it gives */
    return send(link->fd, hello, sizeof(hello), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

void link_close(struct link *link)
{
    if (link->fd >= 0)
        close(link->fd);
    link->fd = -1;
}

bool link_read(struct link *link, link_handler handler, void *context)
{
    uint8_t bytes[LOCAL_HEAD_BYTES + LOCAL_PACKET_MAX];

    for (int i = 0; i < BATCH; i++) {
        ssize_t count = recv(link->fd, bytes, sizeof(bytes), 0);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            return true;
        if (count <= 0)
            return false;
        if (count >= LOCAL_HEAD_BYTES)
            handler(context, bytes, bytes + LOCAL_HEAD_BYTES, (size_t)count - LOCAL_HEAD_BYTES);
    }
    return true;
}

void link_send(const struct link *link, enum local_kind kind, uint8_t medium, uint8_t slot,
               const uint8_t *packet, size_t len)
{
    const uint8_t head[LOCAL_HEAD_BYTES] = {(uint8_t)kind, medium, slot, 0};
    uint8_t bytes[LOCAL_HEAD_BYTES + LOCAL_PACKET_MAX];

    if (link->fd < 0 || len > LOCAL_PACKET_MAX)
        return;
    memcpy(bytes, head, sizeof(head));
    if (len)
        memcpy(bytes + LOCAL_HEAD_BYTES, packet, len);
    (void)send(link->fd, bytes, LOCAL_HEAD_BYTES + len, MSG_NOSIGNAL);
}
