/* The web pages as browsers get them. */
#include "net_fixture.h"

static void serves_the_page_with_its_security_headers(void **state)
{
    struct client *client = client_open();

    (void)state;
    assert_int_equal(client_ask(client, GET("/") END, server.port), 200);
    assert_string_equal(client_body(client), "<!doctype html><title>Assize</title>");
    assert_non_null(strstr(client->text, "Content-Type: text/html; charset=utf-8\r\n"));
    assert_non_null(
        strstr(client->text, "Content-Security-Policy: default-src 'none'; script-src 'self';"));
    assert_non_null(strstr(client->text, "connect-src 'self' wss://localhost:"));
    assert_null(strstr(client->text, "unsafe"));
    assert_non_null(strstr(client->text, "Strict-Transport-Security: max-age="));
    assert_non_null(strstr(client->text, "X-Content-Type-Options: nosniff\r\n"));
    assert_non_null(strstr(client->text, "Referrer-Policy: no-referrer\r\n"));
    assert_non_null(strstr(client->text, "Cache-Control: no-cache\r\n"));
    client_close(client);
}

static void keeps_a_connection_for_further_pages(void **state)
{
    struct client *client = client_open();

    (void)state;
    for (int i = 0; i < 20; i++)
        assert_int_equal(client_ask(client, GET("/hello.txt") END, server.port), 200);
    client_close(client);
}

static void answers_head_without_a_body(void **state)
{
    struct client *client = client_open();

    (void)state;
    client_say(client, "HEAD /hello.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    while (client_read_more(client))
        ;
    assert_non_null(strstr(client->text, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(client->text, "Content-Length: 10\r\n"));
    assert_string_equal(client_body(client), "");
    client_close(client);
}

static void serves_assets_compressed_and_for_ever(void **state)
{
    struct client *client = client_open();

    (void)state;
    assert_int_equal(client_ask(client,
                                GET("/assets/app.js") "Accept-Encoding: gzip, deflate, br\r\n\r\n",
                                server.port),
                     200);
    assert_string_equal(client_body(client), "br script");
    assert_non_null(strstr(client->text, "Content-Encoding: br\r\n"));
    assert_non_null(strstr(client->text, "immutable"));
    assert_non_null(strstr(client->text, "Content-Type: text/javascript; charset=utf-8\r\n"));
    client_ask(client, GET("/assets/app.js") "Accept-Encoding: gzip, br;q=0\r\n\r\n", server.port);
    assert_string_equal(client_body(client), "gz script");
    client_ask(client, GET("/assets/app.js") END, server.port);
    assert_string_equal(client_body(client), "plain script");
    client_close(client);
}

static void says_that_a_known_page_has_not_changed(void **state)
{
    struct client *client = client_open();
    char etag[64];

    (void)state;
    client_ask(client, GET("/hello.txt") END, server.port);
    const char *start = strstr(client->text, "ETag: ") + strlen("ETag: ");
    snprintf(etag, sizeof(etag), "%.*s", (int)strcspn(start, "\r"), start);
    assert_int_equal(client_ask(client, GET("/hello.txt") "If-None-Match: \"other\", %s\r\n\r\n",
                                server.port, etag),
                     304);
    assert_string_equal(client_body(client), "");
    assert_int_equal(
        client_ask(client, GET("/hello.txt") "If-None-Match: \"other\"\r\n\r\n", server.port), 200);
    client_close(client);
}

static void serves_a_part_of_a_page(void **state)
{
    struct client *client = client_open();

    (void)state;
    assert_int_equal(client_ask(client, GET("/hello.txt") "Range: bytes=2-4\r\n\r\n", server.port),
                     206);
    assert_string_equal(client_body(client), "234");
    assert_non_null(strstr(client->text, "Content-Range: bytes 2-4/10\r\n"));
    assert_int_equal(client_ask(client, GET("/hello.txt") "Range: bytes=-3\r\n\r\n", server.port),
                     206);
    assert_string_equal(client_body(client), "789");
    assert_int_equal(client_ask(client, GET("/hello.txt") "Range: bytes=10-\r\n\r\n", server.port),
                     416);
    assert_int_equal(
        client_ask(client, GET("/hello.txt") "Range: bytes=1-2,4-5\r\n\r\n", server.port), 200);
    client_close(client);
}

static void serves_the_application_for_its_own_paths(void **state)
{
    struct client *client = client_open();

    (void)state;
    assert_int_equal(client_ask(client, GET("/join") END, server.port), 200);
    assert_non_null(strstr(client->text, "<title>Assize"));
    assert_int_equal(client_ask(client, GET("/missing.png") END, server.port), 404);
    assert_int_equal(client_ask(client, GET("/assets/missing") END, server.port), 404);
    client_close(client);
}

static void never_leaves_the_web_root(void **state)
{
    static const char *const paths[] = {
        "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt",
        "//secret.txt",   "/%00secret.txt",     "/..%5csecret.txt"};

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct client *client = client_open();
        assert_int_not_equal(client_ask(client, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", paths[i]),
                             200);
        client_close(client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_the_page_with_its_security_headers),
        cmocka_unit_test(keeps_a_connection_for_further_pages),
        cmocka_unit_test(answers_head_without_a_body),
        cmocka_unit_test(serves_assets_compressed_and_for_ever),
        cmocka_unit_test(says_that_a_known_page_has_not_changed),
        cmocka_unit_test(serves_a_part_of_a_page),
        cmocka_unit_test(serves_the_application_for_its_own_paths),
        cmocka_unit_test(never_leaves_the_web_root),
    };

    return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
