#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "server/net/net_internal.h"

enum { TAG_SIZE = 72, HEADERS_SIZE = 512 };

/* Lives until the service has answered, which may be after the connection's death. */
struct net_fetch {
    struct conn *conn; /* NULL when the client has gone */
    char path[NET_PATH_SIZE];
    struct net_peer peer;
    struct http_wish wish;
};

void fetch_begin(struct conn *conn, const struct request *request)
{
    struct net_fetch *fetch = calloc(1, sizeof(*fetch));

    if (!fetch)
        abort();
    str_copy(fetch->path, sizeof(fetch->path), request->path);
    http_read_wish(conn, &fetch->wish);
    if (!http_read_peer(conn, &fetch->peer)) {
        free(fetch);
        http_refuse(conn, REFUSAL_MALFORMED);
        return;
    }
    fetch->conn = conn;
    conn->fetch = fetch;
    conn->state = CONN_CALL;
    conn_set_deadline(conn, NET_RESPONSE_MS);
    lws_rx_flow_control(conn->wsi, 0); /* as for a call */
    conn->net->ops->fetch(conn->net->context, fetch);
}

void fetch_forget(struct net_fetch *fetch)
{
    fetch->conn->fetch = NULL;
    fetch->conn = NULL;
}

const char *net_fetch_path(const struct net_fetch *fetch)
{
    return fetch->path;
}

const struct net_peer *net_fetch_peer(const struct net_fetch *fetch)
{
    return &fetch->peer;
}

/*
 * What a court recorded is for those who were let in, and for this once: neither a proxy nor the
 * browser may keep it.
 */
static void write_headers(char *out, size_t size, const struct net_file *file, const char *etag,
                          const struct http_part *part)
{
    snprintf(out, size,
             "Cache-Control: private, no-store\r\nETag: %s\r\nAccept-Ranges: bytes\r\n"
             "Content-Disposition: %s%s%s\r\n%s",
             etag, file->attach ? "attachment; filename=\"" : "inline",
             file->attach ? file->attach : "", file->attach ? "\"" : "", part->line);
}

void net_fetch_send(struct net_fetch *fetch, const struct net_file *file)
{
    struct conn *conn = fetch->conn;
    char etag[TAG_SIZE], more[HEADERS_SIZE];
    struct http_part part;

    if (!conn || conn->net->files >= NET_FILES_MAX) {
        close(file->fd);
        net_fetch_refuse(fetch, REFUSAL_BUSY);
        return;
    }
    snprintf(etag, sizeof(etag), "\"%s\"", file->tag);
    http_choose_part(&fetch->wish, etag, file->size, &part);
    write_headers(more, sizeof(more), file, etag, &part);
    fetch_forget(fetch);
    free(fetch);
    bool has_body = part.status == 200 || part.status == 206;
    struct answer answer = {
        .status = part.status, .type = has_body ? file->type : NULL, .more = more, .len = part.len};
    if (has_body && !conn->head_only)
        answer.stream = file_stream_new(conn, file->fd, part.first, part.len);
    else
        close(file->fd);
    http_answer(conn, &answer);
}

void net_fetch_refuse(struct net_fetch *fetch, enum refusal refusal)
{
    struct conn *conn = fetch->conn;

    if (conn)
        http_refuse(conn, refusal);
    free(fetch);
}
