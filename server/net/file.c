#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "server/net/net_internal.h"

/*
 * A file is read a chunk at a time, by libuv's threads, and the next chunk only when the client has
 * taken the one before: so the loop never waits for the disk, and a slow client costs one chunk. A
 * client that goes away while the disk is being asked leaves the stream to the end of that read.
 */
struct file_stream {
    struct conn *conn; /* NULL when it is no longer wanted */
    int fd;
    uint64_t next; /* offset of what is read next */
    uint64_t left; /* bytes from there on */
    bool waits;    /* read is under way */
    bool failed;
    uv_fs_t read;
    size_t len, taken; /* of the chunk */
    uint8_t chunk[NET_FILE_CHUNK];
};

struct file_stream *file_stream_new(struct conn *conn, int fd, uint64_t first, uint64_t len)
{
    struct file_stream *stream = malloc(sizeof(*stream));

    if (!stream)
        abort();
    stream->conn = conn;
    stream->fd = fd;
    stream->next = first;
    stream->left = len;
    stream->waits = stream->failed = false;
    stream->len = stream->taken = 0;
    conn->net->files++;
    return stream;
}

static void stream_free(struct file_stream *stream)
{
    close(stream->fd);
    free(stream);
}

static void on_read(uv_fs_t *read)
{
    struct file_stream *stream = read->data;
    struct conn *conn = stream->conn;
    ssize_t result = read->result;

    uv_fs_req_cleanup(read);
    stream->waits = false;
    if (!conn) {
        stream_free(stream);
        return;
    }
    if (result <= 0) {
        log_error("net.file_short", "left=%llu reason=%s", (unsigned long long)stream->left,
                  log_errno(result ? (int)result : -ENODATA).text);
        stream->failed = true; /* shown to the client as an answer that is cut off */
    } else {
        stream->len = (size_t)result;
        stream->taken = 0;
        stream->next += stream->len;
        stream->left -= stream->len;
    }
    conn_set_deadline(conn, NET_RESPONSE_MS);
    lws_callback_on_writable(conn->wsi);
}

static void ask_disk(struct file_stream *stream)
{
    size_t want = stream->left < NET_FILE_CHUNK ? (size_t)stream->left : NET_FILE_CHUNK;
    const uv_buf_t room = uv_buf_init((char *)stream->chunk, (unsigned)want);

    stream->read.data = stream;
    stream->waits = true;
    if (uv_fs_read(stream->conn->net->loop, &stream->read, stream->fd, &room, 1,
                   (int64_t)stream->next, on_read))
        abort(); /* it only refuses bad arguments */
}

ssize_t file_stream_take(struct file_stream *stream, uint8_t *out, size_t room)
{
    size_t take = stream->len - stream->taken;

    if (stream->failed)
        return -1;
    if (stream->waits)
        return 0;
    if (!take) {
        ask_disk(stream);
        return 0;
    }
    if (take > room)
        take = room;
    memcpy(out, stream->chunk + stream->taken, take);
    stream->taken += take;
    return (ssize_t)take;
}

bool file_stream_waits(const struct file_stream *stream)
{
    return stream->waits;
}

void file_stream_end(struct file_stream *stream)
{
    if (!stream)
        return;
    stream->conn->net->files--;
    stream->conn = NULL;
    if (stream->waits)
        uv_cancel((uv_req_t *)&stream->read); /* when it has not begun; on_read is called anyway */
    else
        stream_free(stream);
}
