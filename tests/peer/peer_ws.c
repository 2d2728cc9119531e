#include "tests/peer/peer_ws.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

#include "base/id.h"
#include "tests/peer/peer_http.h"

enum {
    BIT_FIN = 0x80,
    BITS_RESERVED = 0x70,
    BITS_OPCODE = 0x0f,
    BIT_MASK = 0x80,
    BITS_LENGTH = 0x7f,
    LENGTH_16 = 126,
    LENGTH_64 = 127,
    CONTROL_MAX = 125,
    CODE_BYTES = 2,
    HTTP_SWITCHING = 101,
    CLOSE_NORMAL = 1000,
};

static uint64_t read_be(const uint8_t *data, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | data[i];
    return value;
}

ssize_t peer_ws_parse(const uint8_t *data, size_t len, struct peer_ws_frame *ret_frame)
{
    if (len < 2)
        return 0;
    unsigned opcode = data[0] & BITS_OPCODE;
    uint64_t body = data[1] & BITS_LENGTH;
    bool control = opcode >= PEER_WS_CLOSE;
    if ((data[0] & BITS_RESERVED) || (data[1] & BIT_MASK) ||
        (control && (body > CONTROL_MAX || !(data[0] & BIT_FIN))))
        return -EPROTO;
    size_t extra = body == LENGTH_16 ? 2 : body == LENGTH_64 ? 8 : 0;
    if (len < 2 + extra)
        return 0;
    if (extra)
        body = read_be(data + 2, extra);
    if (body > PEER_WS_MESSAGE_MAX)
        return -EMSGSIZE;
    if (len < 2 + extra + body)
        return 0;
    *ret_frame = (struct peer_ws_frame){
        .fin = data[0] & BIT_FIN, .opcode = opcode, .payload = data + 2 + extra, .len = body};
    return (ssize_t)(2 + extra + body);
}

size_t peer_ws_write_header(uint8_t out[static PEER_WS_HEADER_MAX], unsigned opcode, size_t len,
                            const uint8_t mask[static 4])
{
    size_t at = 2;
    size_t extra = len > UINT16_MAX ? 8 : len > CONTROL_MAX ? 2 : 0;

    out[0] = (uint8_t)(BIT_FIN | opcode);
    out[1] = (uint8_t)(BIT_MASK | (extra == 8 ? LENGTH_64 : extra == 2 ? LENGTH_16 : len));
    for (size_t i = 0; i < extra; i++)
        out[at++] = (uint8_t)((uint64_t)len >> 8 * (extra - 1 - i));
    memcpy(out + at, mask, 4);
    return at + 4;
}

void peer_ws_accept(const char *key, char out[static PEER_WS_ACCEPT_SIZE])
{
    static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    uint8_t digest[SHA_DIGEST_LENGTH];
    uint8_t text[PEER_WS_KEY_SIZE + sizeof(magic)];
    size_t key_len = strnlen(key, PEER_WS_KEY_SIZE);

    memcpy(text, key, key_len);
    memcpy(text + key_len, magic, sizeof(magic) - 1);
    SHA1(text, key_len + sizeof(magic) - 1, digest);
    EVP_EncodeBlock((uint8_t *)out, digest, sizeof(digest));
}

static void release(struct peer_ws *ws)
{
    peer_stream_close(&ws->stream);
    buf_done(&ws->request);
    buf_done(&ws->in);
    buf_done(&ws->message);
    ws->open = false;
}

static void end(struct peer_ws *ws, unsigned code, int http_status)
{
    release(ws);
    ws->ops->closed(ws->context, code, http_status);
}

static void on_opened(void *context)
{
    struct peer_ws *ws = context;

    if (peer_stream_send(&ws->stream, ws->request.data, ws->request.len))
        end(ws, PEER_WS_ABNORMAL, 0);
}

/* True when the server has switched protocols and the rest of ws->in is frames; false: not yet, or
 * ended. */
static bool take_handshake(struct peer_ws *ws)
{
    size_t head_len = peer_http_head_len(&ws->in);
    if (!head_len)
        return false;
    const char *head = (const char *)ws->in.data;
    char accept[PEER_WS_ACCEPT_SIZE];
    size_t len = 0;
    const char *answer = peer_http_header(head, head_len, "sec-websocket-accept", &len);
    int status = peer_http_status(head, head_len);

    peer_ws_accept(ws->key, accept);
    if (status != HTTP_SWITCHING || !answer || len != strlen(accept) ||
        memcmp(answer, accept, len) != 0) {
        end(ws, PEER_WS_ABNORMAL, status);
        return false;
    }
    buf_consume(&ws->in, head_len);
    ws->open = true;
    ws->ops->opened(ws->context);
    return ws->open;
}

static void take_close(struct peer_ws *ws, const struct peer_ws_frame *frame)
{
    unsigned code = PEER_WS_NO_CODE;

    if (frame->len >= CODE_BYTES)
        code = (unsigned)read_be(frame->payload, CODE_BYTES);
    uint8_t echo[CODE_BYTES] = {(uint8_t)(code >> 8), (uint8_t)code};
    /* The server may be gone already; its code is what counts. */
    int sent = peer_ws_send(ws, PEER_WS_CLOSE, echo, frame->len >= CODE_BYTES ? CODE_BYTES : 0);
    (void)sent;
    end(ws, code, 0);
}

static int take_data(struct peer_ws *ws, const struct peer_ws_frame *frame)
{
    if (buf_append(&ws->message, frame->payload, frame->len))
        return -EMSGSIZE;
    if (frame->fin) {
        ws->ops->message(ws->context, ws->message.data, ws->message.len);
        if (ws->open)
            buf_clear(&ws->message);
    }
    return 0;
}

static int take_frame(struct peer_ws *ws, const struct peer_ws_frame *frame)
{
    switch (frame->opcode) {
    case PEER_WS_CONTINUATION:
    case PEER_WS_BINARY:
        return take_data(ws, frame);
    case PEER_WS_PING:
        return peer_ws_send(ws, PEER_WS_PONG, frame->payload, frame->len);
    case PEER_WS_PONG:
        return 0;
    case PEER_WS_CLOSE:
        take_close(ws, frame);
        return 0;
    default:
        return -EPROTO;
    }
}

static void on_data(void *context, const uint8_t *data, size_t len)
{
    struct peer_ws *ws = context;
    struct peer_ws_frame frame;

    if (buf_append(&ws->in, data, len)) {
        end(ws, PEER_WS_ABNORMAL, 0);
        return;
    }
    if (!ws->open && !take_handshake(ws))
        return;
    ssize_t used = 0;
    while (ws->open && (used = peer_ws_parse(ws->in.data, ws->in.len, &frame)) > 0) {
        int result = take_frame(ws, &frame);
        if (ws->open && result) {
            used = result;
            break;
        }
        if (ws->open)
            buf_consume(&ws->in, (size_t)used);
    }
    if (ws->open && used < 0)
        end(ws, PEER_WS_ABNORMAL, 0);
}

static void on_closed(void *context, const char *reason)
{
    struct peer_ws *ws = context;

    (void)reason;
    end(ws, PEER_WS_ABNORMAL, 0);
}

static const struct peer_stream_ops stream_ops = {
    .opened = on_opened, .data = on_data, .closed = on_closed};

int peer_ws_open(struct peer_ws *ws, struct peer_loop *loop, const struct peer_server *server,
                 const char *path_query, const char *cookie, const struct peer_ws_ops *ops,
                 void *context)
{
    uint8_t random[16];

    *ws = (struct peer_ws){.ops = ops, .context = context};
    id_random(random, sizeof(random));
    EVP_EncodeBlock((uint8_t *)ws->key, random, sizeof(random));
    buf_init(&ws->request, 1 << 14);
    buf_init(&ws->in, PEER_WS_MESSAGE_MAX + (1 << 16));
    buf_init(&ws->message, PEER_WS_MESSAGE_MAX);
    int result = buf_printf(&ws->request,
                            "GET %s HTTP/1.1\r\nHost: %s:%s\r\nOrigin: https://%s:%s\r\n"
                            "Cookie: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n",
                            path_query, server->host, server->port, server->host, server->port,
                            cookie, ws->key);
    if (!result)
        result = peer_stream_open(&ws->stream, loop, server, &stream_ops, ws);
    if (result)
        buf_done(&ws->request);
    return result;
}

int peer_ws_send_raw(struct peer_ws *ws, const void *data, size_t len)
{
    return peer_stream_send(&ws->stream, data, len);
}

int peer_ws_send(struct peer_ws *ws, unsigned opcode, const void *data, size_t len)
{
    uint8_t header[PEER_WS_HEADER_MAX];
    uint8_t mask[4];
    const uint8_t *from = data;
    struct buf masked;

    if (!ws->open)
        return -ENOTCONN;
    id_random(mask, sizeof(mask));
    buf_init(&masked, len);
    uint8_t *room = len ? buf_reserve(&masked, len) : NULL;
    for (size_t i = 0; room && i < len; i++)
        room[i] = from[i] ^ mask[i % 4];
    size_t header_len = peer_ws_write_header(header, opcode, len, mask);
    int result = peer_ws_send_raw(ws, header, header_len);
    if (!result && len)
        result = peer_ws_send_raw(ws, room, len);
    buf_done(&masked);
    return result;
}

void peer_ws_close(struct peer_ws *ws)
{
    static const uint8_t normal[CODE_BYTES] = {CLOSE_NORMAL >> 8, CLOSE_NORMAL & 0xff};

    if (ws->open) {
        int sent = peer_ws_send(ws, PEER_WS_CLOSE, normal, sizeof(normal));
        (void)sent;
    }
    release(ws);
}
