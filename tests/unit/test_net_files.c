/* Files of a service, read from the disk as they are sent. */
#include "net_fixture.h"

#include <dirent.h>
#include <poll.h>

#include "base/sha256.h"

enum {
    LONG_BYTES = 24 << 20,
    CLIENTS = 24,
    SMALL_WINDOW = 4096,
    PATIENCE_MS = 20000,
    LOOK_MS = 10,
    WHILE_MS = 1000
};

/* What stands at a place of the long file. */
static uint8_t byte_at(size_t offset)
{
    return (uint8_t)(offset * 31 + offset / 4099);
}

static int make_long_file(void **state)
{
    int result = fixture_start(state);
    uint8_t *bytes = malloc(LONG_BYTES);
    FILE *file = fopen(fixture_path("long.webm"), "we");

    for (size_t i = 0; i < LONG_BYTES; i++)
        bytes[i] = byte_at(i);
    if (!file || fwrite(bytes, 1, LONG_BYTES, file) != LONG_BYTES || fclose(file))
        abort();
    free(bytes);
    return result;
}

static int open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

/* Waits until no more descriptors are open than before; false when that does not come. */
static bool descriptors_back_to(int before)
{
    int64_t until_ms = clock_monotonic_ms() + PATIENCE_MS;

    while (open_descriptors() > before) {
        if (clock_monotonic_ms() > until_ms)
            return false;
        poll(NULL, 0, LOOK_MS);
    }
    return true;
}

/* Reads len bytes of the long file from offset on, behind those of the head that are here already.
 */
static void expect_bytes(struct client *client, size_t offset, size_t len)
{
    static uint8_t block[65536];
    const char *body = client_body(client);
    size_t have = client->len - (size_t)(body - client->text);

    for (size_t i = 0; i < have; i++)
        assert_int_equal((uint8_t)body[i], byte_at(offset + i));
    for (size_t done = have; done < len;) {
        int n = SSL_read(client->ssl, block, (int)sizeof(block));
        assert_true(n > 0);
        for (size_t i = 0; i < (size_t)n; i++)
            assert_int_equal(block[i], byte_at(offset + done + i));
        done += (size_t)n;
    }
}

/* Asks, and reads up to the end of the head at least. */
static void ask_head(struct client *client, const char *request)
{
    client->len = 0;
    client->text[0] = '\0';
    client_say(client, request);
    while (!strstr(client->text, "\r\n\r\n"))
        assert_true(client_read_more(client));
}

static void sends_a_long_file_byte_for_byte(void **state)
{
    struct client *client = client_open();

    (void)state;
    for (int i = 0; i < 2; i++) { /* and again on the same connection */
        ask_head(client, "GET /files/long.webm HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_non_null(strstr(client->text, "HTTP/1.1 200 OK\r\n"));
        assert_non_null(strstr(client->text, "Content-Length: 25165824\r\n"));
        assert_non_null(strstr(client->text, "Content-Type: video/webm\r\n"));
        assert_non_null(strstr(client->text, "Accept-Ranges: bytes\r\n"));
        expect_bytes(client, 0, LONG_BYTES);
    }
    client_close(client);
}

static void lets_no_cache_keep_a_file(void **state)
{
    (void)state;
    struct client *client = client_open();
    client_ask(client, GET("/files/secret.txt") END, server.port);
    assert_non_null(strstr(client->text, "Cache-Control: private, no-store\r\n"));
    assert_non_null(strstr(client->text, "Content-Disposition: inline\r\n"));
    assert_non_null(strstr(client->text, "X-Content-Type-Options: nosniff\r\n"));
    client_ask(client, GET("/files/secret.txt?save") END, server.port);
    assert_non_null(
        strstr(client->text, "Content-Disposition: attachment; filename=\"saved.webm\"\r\n"));
    client_close(client);
}

static void sends_the_part_that_was_asked_for(void **state)
{
    struct client *client = client_open();

    (void)state;
    ask_head(client, "GET /files/long.webm HTTP/1.1\r\nHost: h\r\n"
                     "Range: bytes=1000003-1400002\r\n\r\n");
    assert_non_null(strstr(client->text, "HTTP/1.1 206 Partial Content\r\n"));
    assert_non_null(strstr(client->text, "Content-Range: bytes 1000003-1400002/25165824\r\n"));
    expect_bytes(client, 1000003, 400000);
    ask_head(client, "GET /files/long.webm HTTP/1.1\r\nHost: h\r\nRange: bytes=-7\r\n\r\n");
    assert_non_null(strstr(client->text, "Content-Range: bytes 25165817-25165823/25165824\r\n"));
    expect_bytes(client, LONG_BYTES - 7, 7);
    assert_int_equal(
        client_ask(client, GET("/files/long.webm") "Range: bytes=25165824-\r\n\r\n", server.port),
        416);
    assert_non_null(strstr(client->text, "Content-Range: bytes */25165824\r\n"));
    client_close(client);
}

static void sends_a_part_only_of_the_file_the_client_knows(void **state)
{
    struct client *client = client_open();

    (void)state;
    assert_int_equal(client_ask(client,
                                GET("/files/secret.txt") "Range: bytes=1-2\r\n"
                                                         "If-Range: \"abc123\"\r\n\r\n",
                                server.port),
                     206);
    assert_string_equal(client_body(client), "ec");
    assert_int_equal(client_ask(client,
                                GET("/files/secret.txt") "Range: bytes=1-2\r\n"
                                                         "If-Range: \"other\"\r\n\r\n",
                                server.port),
                     200);
    assert_string_equal(client_body(client), "secret");
    assert_int_equal(client_ask(client,
                                GET("/files/secret.txt") "If-None-Match: \"abc123\"\r\n\r\n",
                                server.port),
                     304);
    assert_string_equal(client_body(client), "");
    client_close(client);
}

static void answers_head_with_the_length_alone(void **state)
{
    struct client *client = client_open();

    (void)state;
    client_say(client, "HEAD /files/long.webm HTTP/1.1\r\nHost: h\r\nRange: bytes=1-2\r\n"
                       "Connection: close\r\n\r\n");
    while (client_read_more(client))
        ;
    assert_non_null(strstr(client->text, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(client->text, "Content-Length: 25165824\r\n"));
    assert_string_equal(client_body(client), "");
    client_close(client);
}

static void asks_the_service_with_the_session_of_the_cookie(void **state)
{
    (void)state;
    ask_once("GET /files/secret.txt HTTP/1.1\r\nHost: h\r\nCookie: __Host-assize=WHO\r\n\r\n");
    assert_string_equal(server.last_token, "WHO");
}

static void says_why_a_file_is_refused(void **state)
{
    struct client *client = client_open();

    (void)state;
    assert_int_equal(client_ask(client, GET("/files/nothing.webm") END, server.port), 400);
    assert_non_null(strstr(client_body(client), "link_used"));
    assert_int_equal(client_ask(client, GET("/elsewhere/nothing.webm") END, server.port), 404);
    assert_int_equal(client_ask(client, GET("/files/secret.txt") END, server.port), 200);
    client_close(client);
}

static void sends_what_the_service_answers_later(void **state)
{
    struct client *client = client_open();

    (void)state;
    assert_int_equal(
        client_ask(client, GET("/later/secret.txt") "Range: bytes=2-\r\n\r\n", server.port), 206);
    assert_string_equal(client_body(client), "cret");
    client_close(client);
}

static void lets_go_of_everything_when_clients_leave_in_the_middle(void **state)
{
    int before = open_descriptors();
    int asked = server.fetches;

    (void)state;
    for (int i = 0; i < CLIENTS; i++) {
        struct client *client = client_open_with(SMALL_WINDOW);
        client_say(client, i % 2 ? "GET /files/long.webm HTTP/1.1\r\nHost: h\r\n\r\n"
                                 : "GET /later/long.webm HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_true(fixture_wait(&server.fetches, asked + i + 1, PATIENCE_MS));
        if (i % 4 == 1)
            client_read_more(client);
        client_close(client);
    }
    assert_true(descriptors_back_to(before));
}

static void waits_for_slow_readers_without_work(void **state)
{
    struct client *clients[CLIENTS];

    (void)state;
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = client_open_with(SMALL_WINDOW);
        ask_head(clients[i], "GET /files/long.webm HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    int64_t used_ms = fixture_cpu_ms();
    poll(NULL, 0, WHILE_MS); /* nobody reads */
    assert_in_range(fixture_cpu_ms() - used_ms, 0, 400);
    expect_bytes(clients[0], 0, 1 << 20); /* and goes on where they go on */
    for (int i = 0; i < CLIENTS; i++)
        client_close(clients[i]);
}

static void drops_who_sends_more_instead_of_reading(void **state)
{
    struct client *client = client_open_with(SMALL_WINDOW);

    (void)state;
    ask_head(client, "GET /files/long.webm HTTP/1.1\r\nHost: h\r\n\r\n");
    poll(NULL, 0, WHILE_MS); /* until it waits for the client */
    int64_t used_ms = fixture_cpu_ms();
    client_say(client, "GET /files/secret.txt HTTP/1.1\r\nHost: h\r\n\r\n");
    poll(NULL, 0, WHILE_MS);
    assert_in_range(fixture_cpu_ms() - used_ms, 0, 800);
    client_close(client);
}

static void ends_the_connection_when_the_file_is_shorter_than_said(void **state)
{
    struct client *client = client_open();
    int before = open_descriptors();

    (void)state;
    ask_head(client, "GET /files/secret.txt?short HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_non_null(strstr(client->text, "Content-Length: 1006\r\n"));
    while (client_read_more(client))
        ;
    assert_string_equal(client_body(client), "secret");
    assert_true(descriptors_back_to(before - 1)); /* the server's end of this connection too */
    client_close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_a_long_file_byte_for_byte),
        cmocka_unit_test(lets_no_cache_keep_a_file),
        cmocka_unit_test(sends_the_part_that_was_asked_for),
        cmocka_unit_test(sends_a_part_only_of_the_file_the_client_knows),
        cmocka_unit_test(answers_head_with_the_length_alone),
        cmocka_unit_test(asks_the_service_with_the_session_of_the_cookie),
        cmocka_unit_test(says_why_a_file_is_refused),
        cmocka_unit_test(sends_what_the_service_answers_later),
        cmocka_unit_test(lets_go_of_everything_when_clients_leave_in_the_middle),
        cmocka_unit_test(waits_for_slow_readers_without_work),
        cmocka_unit_test(drops_who_sends_more_instead_of_reading),
        cmocka_unit_test(ends_the_connection_when_the_file_is_shorter_than_said),
    };

    return cmocka_run_group_tests(tests, make_long_file, fixture_stop);
}
