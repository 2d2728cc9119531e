/* WebSockets: who may open one, what it may send, and how it ends. */
#include "net_fixture.h"

enum {
    CROWD = 240,
    FRAME_CONTINUED = 0,
    FRAME_TEXT = 1,
    FRAME_BINARY = 2,
    FRAME_CLOSE = 8,
    FRAME_PING = 9
};

#define UPGRADE(path, headers)                                                                     \
    "GET " path " HTTP/1.1\r\nHost: localhost:%d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" headers "\r\n"

static struct client *ws_open_with(int window)
{
    struct client *client = client_open_with(window);

    assert_int_equal(client_ask(client,
                                UPGRADE("/signal?since=7&media=1", "Cookie: __Host-assize=Who\r\n"),
                                server.port),
                     101);
    return client;
}

static struct client *ws_open(void)
{
    return ws_open_with(0);
}

/* A masked frame; first is the opcode, with 0x80 when it is the last of its message. */
static bool ws_write(struct client *client, uint8_t first, const void *data, size_t len)
{
    uint8_t *frame = malloc(len + 14);
    size_t n = 0;

    frame[n++] = first;
    if (len < 126) {
        frame[n++] = (uint8_t)(0x80 | len);
    } else {
        frame[n++] = 0x80 | 127;
        for (int shift = 56; shift >= 0; shift -= 8)
            frame[n++] = (uint8_t)(len >> shift);
    }
    memset(frame + n, 0, 4); /* a mask of zeros */
    if (len)
        memcpy(frame + n + 4, data, len);
    bool good = client_write(client, frame, n + 4 + len);
    free(frame);
    return good;
}

static bool read_bytes(struct client *client, void *out, size_t len)
{
    for (size_t done = 0; done < len;) {
        int n = SSL_read(client->ssl, (uint8_t *)out + done, (int)(len - done));
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

/* The next frame into text; its opcode, or -1 at the end of the connection. */
static int ws_read(struct client *client)
{
    uint8_t head[10];

    if (!read_bytes(client, head, 2))
        return -1;
    size_t len = head[1] & 0x7f;
    size_t more = len == 127 ? 8 : len == 126 ? 2 : 0;
    if (more) {
        assert_true(read_bytes(client, head + 2, more));
        len = 0;
        for (size_t i = 0; i < more; i++)
            len = len << 8 | head[2 + i];
    }
    client->len = 0;
    for (size_t left = len; left;) {
        size_t part = left < sizeof(client->text) - 1 ? left : sizeof(client->text) - 1;
        if (!read_bytes(client, client->text, part))
            return -1;
        client->len = part;
        left -= part;
    }
    client->text[client->len] = '\0';
    return head[0] & 0x0f;
}

/* Reads on to the close frame; its code, or 1006 when there is none. The reason is in text. */
static int ws_read_close(struct client *client)
{
    int opcode;

    while ((opcode = ws_read(client)) >= 0 && opcode != FRAME_CLOSE)
        ;
    if (opcode < 0)
        return 1006;
    int code = client->len < 2 ? 1005 : (uint8_t)client->text[0] << 8 | (uint8_t)client->text[1];
    if (client->len >= 2)
        memmove(client->text, client->text + 2, client->len - 1);
    return code;
}

static void echoes_binary_messages(void **state)
{
    struct client *client = ws_open();

    (void)state;
    for (int i = 0; i < 50; i++) {
        assert_true(ws_write(client, 0x80 | FRAME_BINARY, "echo", 4));
        assert_int_equal(ws_read(client), FRAME_BINARY);
        assert_string_equal(client->text, "echo");
    }
    assert_string_equal(server.last_token, "Who");
    assert_string_equal(server.last_query, "since=7&media=1");
    client_close(client);
}

static void joins_fragments_and_answers_pings(void **state)
{
    struct client *client = ws_open();

    (void)state;
    ws_write(client, FRAME_BINARY, "ec", 2);
    ws_write(client, 0x80 | FRAME_PING, "?", 1);
    ws_write(client, FRAME_CONTINUED, "h", 1);
    ws_write(client, 0x80 | FRAME_CONTINUED, "o", 1);
    assert_int_equal(ws_read(client), 10);
    assert_int_equal(ws_read(client), FRAME_BINARY);
    assert_string_equal(client->text, "echo");
    client_close(client);
}

static void takes_the_largest_message_and_no_larger(void **state)
{
    static uint8_t large[NET_WS_MESSAGE_MAX + 1];
    struct client *client = ws_open();

    (void)state;
    assert_true(ws_write(client, 0x80 | FRAME_BINARY, large, NET_WS_MESSAGE_MAX));
    assert_int_equal(ws_read(client), FRAME_BINARY);
    assert_true(ws_write(client, 0x80 | FRAME_BINARY, large, NET_WS_MESSAGE_MAX + 1));
    assert_int_equal(ws_read_close(client), 1009);
    assert_string_equal(client->text, "too_large");
    client_close(client);
}

static void refuses_a_large_message_in_small_fragments(void **state)
{
    static uint8_t part[4096];
    struct client *client = ws_open();

    (void)state;
    for (int i = 0; i <= NET_WS_MESSAGE_MAX / (int)sizeof(part); i++)
        ws_write(client, i ? FRAME_CONTINUED : FRAME_BINARY, part, sizeof(part));
    assert_int_equal(ws_read_close(client), 1009);
    client_close(client);
}

static void refuses_text(void **state)
{
    struct client *client = ws_open();

    (void)state;
    ws_write(client, 0x80 | FRAME_TEXT, "\xff\xfe", 2);
    assert_int_equal(ws_read_close(client), 1003);
    client_close(client);
}

static void refuses_more_messages_than_a_person_sends(void **state)
{
    struct client *client = ws_open();

    (void)state;
    for (int i = 0; i < 4 * NET_WS_MESSAGES_PER_S; i++)
        ws_write(client, 0x80 | FRAME_BINARY, "echo", 4);
    assert_int_equal(ws_read_close(client), 1008);
    assert_string_equal(client->text, "rate_limited");
    client_close(client);
}

static void closes_with_the_code_after_what_was_queued(void **state)
{
    struct client *client = ws_open();

    (void)state;
    ws_write(client, 0x80 | FRAME_BINARY, "echo", 4);
    ws_write(client, 0x80 | FRAME_BINARY, "close", 5);
    assert_int_equal(ws_read(client), FRAME_BINARY);
    assert_int_equal(ws_read_close(client), 4001);
    assert_string_equal(client->text, "as asked");
    client_close(client);
}

static void pauses_and_goes_on_without_losing_a_message(void **state)
{
    struct client *client = ws_open();

    (void)state;
    ws_write(client, 0x80 | FRAME_BINARY, "pause", 5);
    for (int i = 0; i < 40; i++)
        ws_write(client, 0x80 | FRAME_BINARY, "echo", 4);
    assert_int_equal(ws_read(client), FRAME_BINARY);
    assert_string_equal(client->text, "pause");
    for (int i = 0; i < 40; i++) {
        assert_int_equal(ws_read(client), FRAME_BINARY);
        assert_string_equal(client->text, "echo");
    }
    client_close(client);
}

static void drops_a_client_that_reads_nothing_and_serves_the_others(void **state)
{
    struct client *stuck = ws_open_with(4096);
    struct client *other = ws_open();
    int closed = server.closed;
    int64_t cpu_ms = fixture_cpu_ms();

    (void)state;
    ws_write(stuck, 0x80 | FRAME_BINARY, "flood", 5);
    ws_write(other, 0x80 | FRAME_BINARY, "echo", 4);
    assert_int_equal(ws_read(other), FRAME_BINARY);
    assert_true(fixture_wait(&server.closed, closed + 1, 8000));
    assert_true(fixture_cpu_ms() - cpu_ms < 1000);
    client_close(stuck);
    client_close(other);
}

static void tells_a_crowd_that_it_goes_away(void **state)
{
    struct client *crowd[CROWD];
    int closed = server.closed;

    (void)state;
    for (int i = 0; i < CROWD; i++)
        crowd[i] = ws_open();
    server.close_all = true;
    uv_async_send(&server.wake);
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(ws_read_close(crowd[i]), 1001);
        client_close(crowd[i]);
    }
    assert_true(fixture_wait(&server.closed, closed + CROWD, 8000));
}

static void notices_clients_that_vanish(void **state)
{
    struct client *client = ws_open();
    int closed = server.closed;

    (void)state;
    shutdown(client->fd, SHUT_RDWR);
    assert_true(fixture_wait(&server.closed, closed + 1, 2000));
    client_close(client);
}

static void opens_for_its_own_pages_and_for_programs_only(void **state)
{
    static const char key[] = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    static const struct {
        const char *path, *headers;
        int status;
    } cases[] = {
        {"/signal", "Sec-WebSocket-Version: 13\r\nOrigin: https://court.example.vn\r\n", 101},
        {"/signal", "Sec-WebSocket-Version: 13\r\n", 101},
        {"/signal", "Sec-WebSocket-Version: 13\r\nOrigin: https://evil.example\r\n", 403},
        {"/signal", "Sec-WebSocket-Version: 13\r\nOrigin: null\r\n", 403},
        {"/signal", "Sec-WebSocket-Version: 13\r\nSec-Fetch-Site: same-origin\r\n", 403},
        {"/signal", "Sec-WebSocket-Version: 8\r\n", 400},
        {"/elsewhere", "Sec-WebSocket-Version: 13\r\n", 404},
        {"/", "Sec-WebSocket-Version: 13\r\n", 404},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct client *client = client_open();
        int status = client_ask(client,
                                "GET %s HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
                                "Upgrade: websocket\r\n%s%s",
                                cases[i].path, cases[i].headers, key);
        if (status != cases[i].status)
            print_error("case %zu\n", i);
        assert_int_equal(status, cases[i].status);
        client_close(client);
    }
}

static void never_compresses(void **state)
{
    struct client *client = client_open();

    (void)state;
    assert_int_equal(
        client_ask(client, UPGRADE("/signal", "Sec-WebSocket-Extensions: permessage-deflate\r\n"),
                   server.port),
        101);
    assert_null(strstr(client->text, "Extensions"));
    client_close(client);
}

static void drops_a_quiet_client(void **state)
{
    struct client *client = ws_open();
    const struct timeval patience = {.tv_sec = NET_WS_QUIET_MS / 1000 + 5};
    int64_t start_ms = clock_monotonic_ms();

    (void)state;
    setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    assert_int_equal(ws_read_close(client), 1008);
    assert_in_range(clock_monotonic_ms() - start_ms, NET_WS_QUIET_MS - 100, NET_WS_QUIET_MS + 2000);
    client_close(client);
}

static void counts_every_opening_and_every_end(void **state)
{
    (void)state;
    assert_true(fixture_wait(&server.closed, server.opened, 8000));
    assert_int_equal(server.opened, server.closed);
}

static struct client *left[3];

static void ends_with_connections_open_and_a_call_unanswered(void **state)
{
    int calls = server.calls;

    (void)state;
    left[0] = ws_open();
    left[1] = client_open();
    left[2] = client_open();
    assert_true(client_write(left[1], "GET / HTT", 9));
    assert_true(client_say(left[2], "POST /t.v1.S/Later HTTP/1.1\r\nHost: h\r\n"
                                    "Content-Type: application/proto\r\n"
                                    "Connect-Protocol-Version: 1\r\nContent-Length: 0\r\n\r\n"));
    assert_true(fixture_wait(&server.calls, calls + 1, 2000));
}

/* The loop of the server has ended by itself and could be closed: net_free left nothing behind. */
static int stop_and_look(void **state)
{
    int result = fixture_stop(state);

    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
        client_close(left[i]);
    return result || server.opened != server.closed || server.answered_gone != 1 ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echoes_binary_messages),
        cmocka_unit_test(joins_fragments_and_answers_pings),
        cmocka_unit_test(takes_the_largest_message_and_no_larger),
        cmocka_unit_test(refuses_a_large_message_in_small_fragments),
        cmocka_unit_test(refuses_text),
        cmocka_unit_test(refuses_more_messages_than_a_person_sends),
        cmocka_unit_test(closes_with_the_code_after_what_was_queued),
        cmocka_unit_test(pauses_and_goes_on_without_losing_a_message),
        cmocka_unit_test(drops_a_client_that_reads_nothing_and_serves_the_others),
        cmocka_unit_test(tells_a_crowd_that_it_goes_away),
        cmocka_unit_test(notices_clients_that_vanish),
        cmocka_unit_test(opens_for_its_own_pages_and_for_programs_only),
        cmocka_unit_test(never_compresses),
        cmocka_unit_test(drops_a_quiet_client),
        cmocka_unit_test(counts_every_opening_and_every_end),
        cmocka_unit_test(ends_with_connections_open_and_a_call_unanswered),
    };

    return cmocka_run_group_tests(tests, fixture_start, stop_and_look);
}
