#include "tests/peer/peer_http.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

enum { REQUEST_MAX = 1 << 20, STATUS_AT = 9, STATUS_DIGITS = 3 };

size_t peer_http_head_len(const struct buf *response)
{
    const uint8_t *end = memmem(response->data, response->len, "\r\n\r\n", 4);

    return end ? (size_t)(end - response->data) + 4 : 0;
}

int peer_http_status(const char *head, size_t head_len)
{
    int status = 0;

    if (head_len < STATUS_AT + STATUS_DIGITS || memcmp(head, "HTTP/1.", 7) != 0)
        return 0;
    for (int i = 0; i < STATUS_DIGITS; i++) {
        char digit = head[STATUS_AT + i];
        if (digit < '0' || digit > '9')
            return 0;
        status = status * 10 + (digit - '0');
    }
    return status;
}

const char *peer_http_header(const char *head, size_t head_len, const char *name, size_t *ret_len)
{
    size_t name_len = strlen(name);
    const char *end = head + head_len;

    for (const char *line = memchr(head, '\n', head_len); line && ++line < end;
         line = memchr(line, '\n', (size_t)(end - line))) {
        if ((size_t)(end - line) <= name_len || line[name_len] != ':' ||
            strncasecmp(line, name, name_len) != 0)
            continue;
        const char *value = line + name_len + 1;
        while (value < end && *value == ' ')
            value++;
        *ret_len = strcspn(value, "\r\n");
        return value;
    }
    return NULL;
}

void peer_http_close(struct peer_http *http)
{
    peer_stream_close(&http->stream);
    buf_done(&http->request);
    buf_done(&http->response);
}

/* Gives the outcome up; the owner may start the next call from inside. */
static void finish(struct peer_http *http, struct peer_http_response *response)
{
    struct buf kept = http->response;

    buf_init(&http->response, PEER_HTTP_MAX);
    peer_http_close(http);
    http->callback(http->context, response);
    buf_done(&kept);
}

static void fail(struct peer_http *http, const char *reason)
{
    struct peer_http_response response = {
        .body = (const uint8_t *)reason, .len = strlen(reason), .cookie = ""};

    finish(http, &response);
}

static void finish_whole(struct peer_http *http, size_t head_len, size_t body_len)
{
    char cookie[PEER_COOKIE_SIZE] = "";
    const char *head = (const char *)http->response.data;
    size_t len;
    const char *set_cookie = peer_http_header(head, head_len, "set-cookie", &len);

    if (set_cookie) {
        const char *end = memchr(set_cookie, ';', len);
        if (end)
            len = (size_t)(end - set_cookie);
        if (len < sizeof(cookie))
            memcpy(cookie, set_cookie, len);
    }
    struct peer_http_response response = {.status = peer_http_status(head, head_len),
                                          .body = http->response.data + head_len,
                                          .len = body_len,
                                          .cookie = cookie};
    finish(http, &response);
}

/* The body's length as the head says it; -1 when the end of the connection is the end of the body.
 */
static int64_t content_length(const char *head, size_t head_len)
{
    char digits[16] = "";
    uint64_t value;
    size_t len;
    const char *text = peer_http_header(head, head_len, "content-length", &len);

    if (!text || len >= sizeof(digits))
        return -1;
    memcpy(digits, text, len);
    return str_to_u64(digits, PEER_HTTP_MAX, &value) ? -1 : (int64_t)value;
}

static void on_opened(void *context)
{
    struct peer_http *http = context;

    if (peer_stream_send(&http->stream, http->request.data, http->request.len))
        fail(http, "the request could not be sent");
}

static void on_data(void *context, const uint8_t *data, size_t len)
{
    struct peer_http *http = context;

    if (buf_append(&http->response, data, len)) {
        fail(http, "the response is too large");
        return;
    }
    size_t head_len = peer_http_head_len(&http->response);
    if (!head_len)
        return;
    int64_t body_len = content_length((const char *)http->response.data, head_len);
    if (body_len >= 0 && http->response.len >= head_len + (size_t)body_len)
        finish_whole(http, head_len, (size_t)body_len);
}

static void on_closed(void *context, const char *reason)
{
    struct peer_http *http = context;
    size_t head_len = http->response.len ? peer_http_head_len(&http->response) : 0;

    if (head_len && content_length((const char *)http->response.data, head_len) < 0)
        finish_whole(http, head_len, http->response.len - head_len);
    else
        fail(http, reason);
}

static const struct peer_stream_ops stream_ops = {
    .opened = on_opened, .data = on_data, .closed = on_closed};

int peer_http_call(struct peer_http *http, struct peer_loop *loop, const struct peer_server *server,
                   const char *method, const char *cookie, const struct buf *message,
                   peer_http_callback callback, void *context)
{
    buf_init(&http->request, REQUEST_MAX);
    buf_init(&http->response, PEER_HTTP_MAX);
    http->callback = callback;
    http->context = context;
    int result = buf_printf(&http->request,
                            "POST /%s HTTP/1.1\r\nHost: %s:%s\r\nOrigin: https://%s:%s\r\n"
                            "Content-Type: application/proto\r\nConnect-Protocol-Version: 1\r\n"
                            "Content-Length: %zu\r\n%s%s%sConnection: close\r\n\r\n",
                            method, server->host, server->port, server->host, server->port,
                            message->len, *cookie ? "Cookie: " : "", cookie, *cookie ? "\r\n" : "");
    if (!result)
        result = buf_append(&http->request, message->data, message->len);
    if (!result)
        result = peer_stream_open(&http->stream, loop, server, &stream_ops, http);
    if (result)
        buf_done(&http->request);
    return result;
}
