/*
 * Calls as the server takes them from pages and programs, and what it does with peers that mean no
 * good.
 */
#include "net_fixture.h"

#define CALL(path) "POST /t.v1.S/" path " HTTP/1.1\r\nHost: localhost:%d\r\n" PROTO
#define PROTO      "Content-Type: application/proto\r\nConnect-Protocol-Version: 1\r\n"
#define LATER_CALL "POST /t.v1.S/Later HTTP/1.1\r\nHost: h\r\n" PROTO "Content-Length: 0\r\n\r\n"

enum { MUCH_LATER_MS = 2000, PATIENCE_MS = 20000 };

static void answers_a_call_and_closes(void **state)
{
    struct client *client = client_open();

    (void)state;
    assert_int_equal(client_ask(client, CALL("Echo") "Content-Length: 5\r\n\r\nhello", server.port),
                     200);
    assert_string_equal(client_body(client), "hello");
    assert_non_null(strstr(client->text, "Content-Type: application/proto\r\n"));
    assert_non_null(strstr(client->text, "Connection: close\r\n"));
    assert_false(client_read_more(client));
    client_close(client);
}

static void answers_an_empty_and_a_late_call(void **state)
{
    (void)state;
    assert_int_equal(ask_once(CALL("Echo") "Content-Length: 0\r\n\r\n", server.port), 200);
    assert_int_equal(ask_once(CALL("Later") "Content-Length: 0\r\n\r\n", server.port), 200);
}

#define WITHIN(ms) "Connect-Timeout-Ms: " ms "\r\nContent-Length: 0\r\n\r\n"

static void answers_within_the_time_that_the_caller_gives(void **state)
{
    static const char *const wrong[] = {"", "x", "-1", "+1", "12345678901", "1.5", "1 s"};
    int calls = server.calls;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        assert_int_equal(ask_once(CALL("Echo") WITHIN("%s"), server.port, wrong[i]), 400);
    assert_int_equal(ask_once(CALL("Echo") WITHIN("0"), server.port), 504);
    assert_int_equal(ask_once(CALL("Echo") WITHIN("0000000000"), server.port), 504);
    assert_int_equal(server.calls, calls); /* none of them was made */
    assert_int_equal(ask_once(CALL("Echo") WITHIN("9999999999"), server.port), 200);
    assert_int_equal(ask_once(CALL("Later") WITHIN("0000060000"), server.port), 200);
}

static void much_later(struct net_call *call)
{
    uv_timer_start(&do_later(call, NULL)->timer, later_due, MUCH_LATER_MS, 0);
}

static void is_told_that_the_time_is_over(const char *request)
{
    struct client *client = client_open();

    assert_true(client_say(client, request));
    while (client_read_more(client))
        ;
    assert_non_null(strstr(client->text, "HTTP/1.1 504 "));
    assert_non_null(strstr(client->text, "\"code\":\"deadline_exceeded\""));
    assert_non_null(strstr(client->text, "\"code\":\"time_is_over\""));
    client_close(client);
}

static void tells_a_caller_whose_time_is_over(void **state)
{
    int gone = server.answered_gone;

    (void)state;
    fixture_more = much_later;
    is_told_that_the_time_is_over(
        "POST /t.v1.S/MuchLater HTTP/1.1\r\nHost: h\r\n" PROTO WITHIN("50"));
    assert_int_equal(server.answered_gone, gone); /* it did not wait for the service */
    assert_true(fixture_wait(&server.answered_gone, gone + 1, PATIENCE_MS));
    fixture_more = NULL;
    /* An answer that comes before it was looked at, and a body that takes longer, are the same. */
    is_told_that_the_time_is_over("POST /t.v1.S/Later HTTP/1.1\r\nHost: h\r\n" PROTO WITHIN("50"));
    is_told_that_the_time_is_over("POST /t.v1.S/Echo HTTP/1.1\r\nHost: h\r\n" PROTO
                                  "Connect-Timeout-Ms: 50\r\nContent-Length: 5\r\n\r\nhel");
}

static void answers_a_call_that_is_too_large_for_one_write(void **state)
{
    struct client *client = client_open();
    size_t total = 0;

    (void)state;
    assert_true(client_say(client, "POST /t.v1.S/Big HTTP/1.1\r\nHost: h\r\n" PROTO
                                   "Content-Length: 0\r\n\r\n"));
    do {
        total += client->len;
        client->len = 0;
    } while (client_read_more(client));
    assert_true(total > FIXTURE_BIG && total < FIXTURE_BIG + 2000);
    client_close(client);
}

static void sets_and_clears_the_session_cookie(void **state)
{
    struct client *client = client_open();

    (void)state;
    client_ask(client, CALL("SignIn") "Content-Length: 0\r\n\r\n", server.port);
    assert_non_null(strstr(client->text,
                           "Set-Cookie: __Host-assize=TOKEN; Path=/; Secure; HttpOnly; "
                           "SameSite=Strict; Max-Age=3600\r\n"));
    client_close(client);
    client = client_open();
    client_ask(client,
               CALL("SignOut") "Cookie: a=b; __Host-assize=Mine; c=d\r\nContent-Length: 0\r\n\r\n",
               server.port);
    assert_non_null(strstr(client->text, "__Host-assize=; Path=/;"));
    assert_non_null(strstr(client->text, "Max-Age=0\r\n"));
    assert_string_equal(server.last_token, "Mine");
    client_close(client);
}

static void tells_the_cookie_of_staff_from_that_of_a_session(void **state)
{
    struct client *client = client_open();

    (void)state;
    client_ask(client,
               CALL("StaffIn") "User-Agent: Te\xc3\xa9st/1\r\nCookie: __Host-assize-staff=Theirs; "
                               "__Host-assize=Mine\r\nContent-Length: 0\r\n\r\n",
               server.port);
    assert_string_equal(server.last_token, "Mine");
    assert_string_equal(server.last_staff_token, "Theirs");
    assert_string_equal(server.last_agent, "Te??st/1");
    assert_non_null(strstr(client->text,
                           "Set-Cookie: __Host-assize-staff=TOKEN; Path=/; Secure; HttpOnly; "
                           "SameSite=Strict; Max-Age=60\r\n"));
    client_close(client);
}

static void says_when_to_come_again(void **state)
{
    struct client *client = client_open();

    (void)state;
    assert_int_equal(client_ask(client, CALL("Wait") "Content-Length: 0\r\n\r\n", server.port),
                     429);
    assert_non_null(strstr(client->text, "Retry-After: 8\r\n"));
    assert_non_null(strstr(client->text, "Cache-Control: no-store\r\n"));
    assert_null(strstr(client->text, "Set-Cookie"));
    client_close(client);
}

static void refuses_with_the_code_and_both_sentences(void **state)
{
    struct client *client = client_open();

    (void)state;
    assert_int_equal(client_ask(client, CALL("Else") "Content-Length: 0\r\n\r\n", server.port),
                     400);
    assert_non_null(strstr(client->text, "Content-Type: application/json\r\n"));
    assert_non_null(
        strstr(client_body(client), "{\"code\":\"failed_precondition\",\"message\":\"This join "));
    assert_non_null(strstr(client_body(client), "\"type\":\"assize.signal.v1.Refusal\""));
    assert_non_null(strstr(client_body(client), "\"code\":\"link_used\",\"vi\":\"Đường dẫn"));
    client_close(client);
}

static void names_the_field_that_is_wrong(void **state)
{
    struct client *client = client_open();

    (void)state;
    assert_int_equal(client_ask(client, CALL("Field") "Content-Length: 0\r\n\r\n", server.port),
                     400);
    assert_non_null(strstr(client_body(client), "{\"code\":\"invalid_argument\","));
    assert_non_null(strstr(client_body(client), "\"field\":\"reason.purpose\"}"));
    client_close(client);
    client = client_open();
    client_ask(client, CALL("Else") "Content-Length: 0\r\n\r\n", server.port);
    assert_null(strstr(client_body(client), "\"field\""));
    client_close(client);
}

static void decodes_a_chunked_call(void **state)
{
    struct client *client = client_open();

    (void)state;
    assert_int_equal(
        client_ask(client,
                   CALL("Echo") "Transfer-Encoding: chunked\r\n\r\n"
                                "5;name=value\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\n"
                                "Trailer: x\r\n\r\n",
                   server.port),
        200);
    assert_string_equal(client_body(client), "hello world");
    client_close(client);
}

static void decodes_a_chunked_call_that_comes_byte_by_byte(void **state)
{
    static const char text[] = "POST /t.v1.S/Echo HTTP/1.1\r\nHost: h\r\n" PROTO
                               "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    struct client *client = client_open();

    (void)state;
    for (size_t i = 0; i < sizeof(text) - 1; i++)
        assert_true(client_write(client, text + i, 1));
    assert_int_equal(client_answer(client), 200);
    assert_string_equal(client_body(client), "abcde");
    client_close(client);
}

static void refuses_broken_framing(void **state)
{
    (void)state;
    assert_int_equal(
        ask_once(CALL("Echo") "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                 server.port),
        400);
    assert_int_equal(
        ask_once(CALL("Echo") "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", server.port), 400);
    assert_int_equal(ask_once(CALL("Echo") "Transfer-Encoding: gzip\r\n\r\n", server.port), 400);
    assert_int_equal(
        ask_once(CALL("Echo") "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", server.port),
        400);
    assert_int_equal(ask_once(CALL("Echo") "Content-Length: -5\r\n\r\nhello", server.port), 400);
    assert_int_equal(ask_once(CALL("Echo") "Content-Length: 5x\r\n\r\nhello", server.port), 400);
    assert_int_equal(ask_once(CALL("Echo") "\r\n", server.port), 400);
}

static void refuses_bodies_and_headers_over_the_limit(void **state)
{
    char large[NET_HEADERS_MAX + 1];

    (void)state;
    memset(large, 'a', sizeof(large));
    large[sizeof(large) - 1] = '\0';
    assert_int_equal(ask_once(CALL("Echo") "Content-Length: 4194305\r\n\r\n%s", server.port, large),
                     413);
    assert_int_equal(
        ask_once(CALL("Echo") "Content-Length: 99999999999999999999\r\n\r\n%s", server.port, large),
        413);
    assert_int_equal(ask_once(GET("/") "Cookie: %s\r\n\r\n", server.port, large), 431);
    assert_int_equal(ask_once(GET("/") "Cookie: %s\r\nUser-Agent: %s\r\nReferer: %s\r\n\r\n",
                              server.port, large, large, large),
                     0);
    assert_int_equal(ask_once("GET /%s HTTP/1.1\r\nHost: h\r\n\r\n", large + 4096), 400);
}

static void takes_calls_of_its_own_pages_only(void **state)
{
    static const struct {
        const char *headers;
        int status;
    } cases[] = {
        {"Host: localhost:%d\r\nOrigin: https://localhost:%d\r\n", 200},
        {"Host: LOCALHOST:%d\r\nOrigin: https://localhost:%d\r\n", 200},
        {"Host: 127.0.0.1:%d\r\nOrigin: https://127.0.0.1:%d\r\n", 200},
        {"Host: [::1]:%d\r\nOrigin: https://[::1]:%d\r\n", 200},
        {"Host: court.example.vn\r\nOrigin: https://court.example.vn\r\nX-Pad: %d%d\r\n", 200},
        {"Host: proxy.internal:%d\r\nOrigin: https://court.example.vn\r\nX-Pad: %d\r\n", 200},
        {"Host: localhost:%d\r\nOrigin: https://evil.example:%d\r\n", 403},
        {"Host: evil.example:%d\r\nOrigin: https://evil.example:%d\r\n", 403},
        {"Host: localhost:%d\r\nOrigin: http://localhost:%d\r\n", 403},
        {"Host: localhost:%d\r\nOrigin: https://localhost:1%d\r\n", 403},
        {"Host: localhost:%d\r\nOrigin: https://127.0.0.1:%d\r\n", 403},
        {"Host: localhost:%d\r\nOrigin: null\r\nX-Pad: %d\r\n", 403},
        {"Host: court.example.vn\r\nOrigin: https://court.example.vn.evil.example\r\nX-Pad: "
         "%d%d\r\n",
         403},
        {"Host: localhost:%d\r\nSec-Fetch-Site: cross-site\r\nX-Pad: %d\r\n", 403},
        {"Host: localhost:%d\r\nsec-fetch-mode: cors\r\nX-Pad: %d\r\n", 403},
        {"Host: local host:%d\r\nX-Pad: %d\r\n", 400},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char port[8], headers[256] = "";
        snprintf(port, sizeof(port), "%d", server.port);
        for (const char *p = cases[i].headers; *p; p++) {
            size_t used = strlen(headers);
            bool hole = p[0] == '%' && p[1] == 'd';
            snprintf(headers + used, sizeof(headers) - used, "%.*s", hole ? 8 : 1, hole ? port : p);
            p += hole;
        }
        int status = ask_once("POST /t.v1.S/Echo HTTP/1.1\r\n%s" PROTO "Content-Length: 1\r\n\r\nx",
                              headers);
        if (status != cases[i].status)
            print_error("case %zu\n", i);
        assert_int_equal(status, cases[i].status);
    }
}

static void takes_protobuf_calls_only(void **state)
{
    (void)state;
    assert_int_equal(
        ask_once("POST /t.v1.S/Echo HTTP/1.1\r\nHost: h\r\nConnect-Protocol-Version: 1\r\n"
                 "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"),
        415);
    assert_int_equal(
        ask_once("POST /t.v1.S/Echo HTTP/1.1\r\nHost: h\r\nConnect-Protocol-Version: 1\r\n"
                 "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}"),
        415);
    assert_int_equal(
        ask_once(CALL("Echo") "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", server.port),
        415);
    assert_int_equal(ask_once("POST /t.v1.S/Echo HTTP/1.1\r\nHost: h\r\n"
                              "Content-Type: application/proto\r\nContent-Length: 1\r\n\r\nx"),
                     400);
    assert_int_equal(
        ask_once("POST /elsewhere HTTP/1.1\r\nHost: h\r\n" PROTO "Content-Length: 1\r\n\r\nx"),
        404);
    assert_int_equal(ask_once(GET("/t.v1.S/Echo") END, server.port), 405);
    assert_int_equal(ask_once("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n"), 405);
    assert_int_equal(ask_once("OPTIONS / HTTP/1.1\r\nHost: h\r\n\r\n"), 405);
}

/* The server's processor time over the next second of doing nothing. */
static int64_t idle_cpu_ms(struct client *client)
{
    const struct timeval second = {.tv_sec = 1};
    int64_t before_ms = fixture_cpu_ms();

    setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
    SSL_read(client->ssl, client->text, 1);
    return fixture_cpu_ms() - before_ms;
}

static void survives_pipelined_calls_without_spinning(void **state)
{
    struct client *client = client_open();

    (void)state;
    client_say(client, LATER_CALL LATER_CALL LATER_CALL);
    assert_int_equal(client_answer(client), 200);
    assert_string_equal(client_body(client), "later");
    client_close(client);
    client = client_open();
    assert_true(idle_cpu_ms(client) < 100);
    client_close(client);
}

static int count_answers(struct client *client)
{
    int count = 0;

    while (client_read_more(client))
        ;
    for (const char *p = client->text; (p = strstr(p, "HTTP/1.1 200 OK")); p++)
        count++;
    return count;
}

static void serves_no_request_that_came_before_its_turn(void **state)
{
    struct client *client = client_open();

    (void)state;
    client_say(client, "GET /hello.txt HTTP/1.1\r\nHost: h\r\n\r\n"
                       "GET /hello.txt HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(count_answers(client), 1);
    client_close(client);
    client = client_open();
    client_say(client, "GET /hello.txt HTTP/1.1\r\nHost: h\r\n\r\n");
    client_say(client, "GET /hello.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert_in_range(count_answers(client), 1, 2); /* the second may come after the first answer */
    client_close(client);
}

static void takes_no_hidden_body_for_a_request(void **state)
{
    struct client *client = client_open();

    (void)state;
    client_say(client, "GET /hello.txt HTTP/1.1\r\nHost: h\r\nX: y\r\nContent-Length: 40\r\n\r\n"
                       "GET /hello.txt HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(count_answers(client), 1);
    client_close(client);
}

/* Leaves the process so few descriptors that the server cannot accept what it is offered. */
static void waits_without_spinning_while_descriptors_are_short(void **state)
{
    struct client *client = client_open();
    struct rlimit before, few;
    int fds[32], count = 0;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = (rlim_t)client->fd + 12;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    while (count < 32 && (fds[count] = socket(AF_INET, SOCK_STREAM, 0)) >= 0)
        count++;
    assert_true(count > 0);
    close(fds[--count]);
    fds[count] = client_socket(0);
    count++;
    assert_true(idle_cpu_ms(client) < 200);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    while (count)
        close(fds[--count]);
    assert_int_equal(ask_once(GET("/") END, server.port), 200);
    client_close(client);
}

static void does_not_spin_for_a_client_that_sends_and_does_not_read(void **state)
{
    struct client *client = client_open_with(4096);
    struct client *other = client_open();

    (void)state;
    client_say(client,
               "POST /t.v1.S/Big HTTP/1.1\r\nHost: h\r\n" PROTO "Content-Length: 0\r\n\r\nGET /");
    assert_int_equal(client_ask(other, GET("/hello.txt") END, server.port), 200);
    assert_true(idle_cpu_ms(other) < 100);
    client_say(client, " HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(idle_cpu_ms(other) < 400); /* until the sweep sees it */
    assert_true(idle_cpu_ms(other) < 100);
    client_close(client);
    client_close(other);
}

static void answers_a_caller_who_has_gone(void **state)
{
    struct client *client = client_open();
    int calls = server.calls;

    (void)state;
    client_say(client,
               "POST /t.v1.S/Later HTTP/1.1\r\nHost: h\r\n" PROTO "Content-Length: 0\r\n\r\n");
    assert_true(fixture_wait(&server.calls, calls + 1, 2000));
    client_close(client);
    assert_int_equal(ask_once(CALL("Later") "Content-Length: 0\r\n\r\n", server.port), 200);
}

static void survives_junk_and_half_closed_connections(void **state)
{
    static const char *const junk[] = {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                       "\x16\x03\x01\xff\xff", "\x16\x03\x01", ""};
    struct client *client;

    (void)state;
    for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
        int fd = client_socket(0);
        char answer[256];
        assert_int_equal(send(fd, junk[i], strlen(junk[i]), MSG_NOSIGNAL), strlen(junk[i]));
        shutdown(fd, SHUT_WR);
        while (recv(fd, answer, sizeof(answer), 0) > 0)
            ;
        close(fd);
    }
    assert_int_not_equal(ask_once("\x01\x02\x03\xff\xfe junk \r\n\r\n"), 200);
    assert_int_not_equal(ask_once("CONNECT x:1 HTTP/1.1\r\nHost: h\r\n\r\n"), 200);
    assert_int_not_equal(ask_once("CONNECT /x HTTP/1.1\r\nHost: h\r\n\r\n"), 200);
    assert_int_not_equal(
        ask_once(GET("/") "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", server.port), 101);
    assert_int_not_equal(ask_once("GET /\xff\xfe HTTP/1.1\r\nHost: h\r\n\r\n"), 200);
    client = client_open();
    client_say(client, "GET / HTTP/1.1\r\nHos");
    shutdown(client->fd, SHUT_WR);
    assert_false(client_read_more(client));
    assert_true(idle_cpu_ms(client) < 100);
    client_close(client);
    assert_int_equal(ask_once(GET("/") END, server.port), 200);
}

static void tells_health_and_metrics(void **state)
{
    struct client *client = client_open();

    (void)state;
    assert_int_equal(client_ask(client, GET("/healthz") END, server.port), 200);
    assert_string_equal(client_body(client), "{\"ok\":true,\"database\":true}\n");
    assert_int_equal(client_ask(client, GET("/metrics") END, server.port), 200);
    assert_non_null(strstr(client_body(client), "\nfixture_metric 1\n"));
    assert_non_null(
        strstr(client_body(client), "assize_net_refused_total{code=\"origin_refused\"} "));
    assert_non_null(
        strstr(client_body(client), "assize_net_dropped_total{reason=\"no_request\"} "));
    client_close(client);
}

static void limits_the_connections_of_one_address(void **state)
{
    struct client *watcher = client_open();
    int fds[NET_CONNECTIONS_PER_ADDRESS];
    char byte;

    (void)state;
    for (int i = 0; i < NET_CONNECTIONS_PER_ADDRESS; i++)
        fds[i] = client_socket(0);
    assert_int_equal(recv(fds[NET_CONNECTIONS_PER_ADDRESS - 1], &byte, 1, 0), 0);
    for (int i = 0; i < NET_CONNECTIONS_PER_ADDRESS; i++)
        close(fds[i]);
    do {
        assert_int_equal(client_ask(watcher, GET("/metrics") END, server.port), 200);
    } while (!strstr(watcher->text, "assize_net_connections 1\n"));
    assert_non_null(strstr(watcher->text, "assize_net_dropped_total{reason=\"address_limit\"} "));
    client_close(watcher);
    assert_int_equal(ask_once(GET("/") END, server.port), 200);
}

static void drops_those_who_send_too_slowly_and_serves_the_others(void **state)
{
    struct client *headers = client_open();
    struct client *body = client_open();
    int64_t start_ms = clock_monotonic_ms();

    (void)state;
    client_say(headers, "GET / HTTP/1.1\r\nHost: h\r\n");
    client_say(body,
               "POST /t.v1.S/Echo HTTP/1.1\r\nHost: h\r\n" PROTO "Content-Length: 999\r\n\r\n");
    while (clock_monotonic_ms() - start_ms < NET_REQUEST_MS - 2000) {
        struct client *other = client_open();
        client_say(headers, "X");
        client_say(body, "x");
        assert_int_equal(client_ask(other, GET("/") END, server.port), 200);
        idle_cpu_ms(other);
        client_close(other);
    }
    assert_int_equal(client_answer(body), 408);
    assert_int_equal(client_answer(headers), 0);
    assert_in_range(clock_monotonic_ms() - start_ms, NET_REQUEST_MS - 100, NET_REQUEST_MS + 3000);
    client_close(headers);
    client_close(body);
}

static void speaks_modern_tls_only(void **state)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    static const unsigned char protocols[] = "\x02h2\x08http/1.1";
    const unsigned char *chosen;
    unsigned len;
    int fd = client_socket(0);

    (void)state;
    SSL_CTX_set_alpn_protos(context, protocols, sizeof(protocols) - 1);
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    assert_int_equal(SSL_connect(ssl), 1);
    assert_string_equal(SSL_get_version(ssl), "TLSv1.3");
    SSL_get0_alpn_selected(ssl, &chosen, &len);
    assert_int_equal(len, 8);
    assert_memory_equal(chosen, "http/1.1", 8);
    SSL_free(ssl);
    close(fd);
    fd = client_socket(0);
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
    ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    assert_int_not_equal(SSL_connect(ssl), 1);
    SSL_free(ssl);
    close(fd);
    SSL_CTX_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_a_call_and_closes),
        cmocka_unit_test(answers_an_empty_and_a_late_call),
        cmocka_unit_test(answers_within_the_time_that_the_caller_gives),
        cmocka_unit_test(tells_a_caller_whose_time_is_over),
        cmocka_unit_test(answers_a_call_that_is_too_large_for_one_write),
        cmocka_unit_test(sets_and_clears_the_session_cookie),
        cmocka_unit_test(tells_the_cookie_of_staff_from_that_of_a_session),
        cmocka_unit_test(says_when_to_come_again),
        cmocka_unit_test(refuses_with_the_code_and_both_sentences),
        cmocka_unit_test(names_the_field_that_is_wrong),
        cmocka_unit_test(decodes_a_chunked_call),
        cmocka_unit_test(decodes_a_chunked_call_that_comes_byte_by_byte),
        cmocka_unit_test(refuses_broken_framing),
        cmocka_unit_test(refuses_bodies_and_headers_over_the_limit),
        cmocka_unit_test(takes_calls_of_its_own_pages_only),
        cmocka_unit_test(takes_protobuf_calls_only),
        cmocka_unit_test(survives_pipelined_calls_without_spinning),
        cmocka_unit_test(serves_no_request_that_came_before_its_turn),
        cmocka_unit_test(takes_no_hidden_body_for_a_request),
        cmocka_unit_test(waits_without_spinning_while_descriptors_are_short),
        cmocka_unit_test(does_not_spin_for_a_client_that_sends_and_does_not_read),
        cmocka_unit_test(answers_a_caller_who_has_gone),
        cmocka_unit_test(survives_junk_and_half_closed_connections),
        cmocka_unit_test(tells_health_and_metrics),
        cmocka_unit_test(limits_the_connections_of_one_address),
        cmocka_unit_test(drops_those_who_send_too_slowly_and_serves_the_others),
        cmocka_unit_test(speaks_modern_tls_only),
    };

    return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
