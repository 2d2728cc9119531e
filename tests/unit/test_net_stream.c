/*
 * Answers that go on, as a Connect client reads them: envelopes in chunks, and an end that says how
 * it was.
 */
#include <errno.h>
#include <poll.h>

#include "net_fixture.h"

#define HEAD(path, type)                                                                           \
    "POST /t.v1.S/" path " HTTP/1.1\r\nHost: h\r\nContent-Type: " type                             \
    "\r\nConnect-Protocol-Version: 1\r\nContent-Length: %zu\r\n\r\n"
#define STREAM "application/connect+proto"

enum { STAY_MS = 20, BIG = 60000, FLAG_END = 2, ENVELOPE = 5, TEXT_SIZE = 2048 };

/* ---- the service ---- */

static void say(struct net_stream *stream, const char *text)
{
    if (net_stream_send(stream, (const uint8_t *)text, strlen(text)))
        abort(); /* it is less than the queue */
}

static struct net_stream *staying;
static uv_timer_t beat;
static int gone, refused_as_full; /* under server.lock */
static bool was_late;             /* the one that went last, written before it was counted */

static void on_gone(void *context)
{
    was_late = staying && net_stream_is_late(staying);
    staying = NULL;
    uv_close((uv_handle_t *)&beat, NULL);
    fixture_count(context, 1);
}

static void on_beat(uv_timer_t *timer)
{
    (void)timer;
    if (staying && net_stream_is_clear(staying))
        say(staying, "beat");
}

static void stay(struct net_call *call)
{
    staying = net_call_stream(call, on_gone, &gone);
    if (!staying)
        return;
    uv_timer_init(&server.loop, &beat);
    uv_timer_start(&beat, on_beat, 0, STAY_MS);
}

/* As much as goes, then the end. */
static void flood(struct net_call *call)
{
    static const uint8_t big[BIG];
    struct net_stream *stream = net_call_stream(call, on_gone, &gone);

    while (!net_stream_send(stream, big, sizeof(big)))
        ;
    fixture_count(&refused_as_full, 1);
    net_stream_end(stream, REFUSAL_BUSY);
}

static void count(struct net_call *call)
{
    size_t len;
    const uint8_t *body = net_call_body(call, &len);
    int most = len ? body[0] - '0' : 0;
    struct net_stream *stream = net_call_stream(call, on_gone, &gone);

    for (int i = 0; stream && i < most; i++)
        say(stream, ((const char *const[]){"one", "two", "six"})[i]);
    if (stream)
        net_stream_end(stream, REFUSAL_NONE);
}

static void answer(struct net_call *call)
{
    const char *method = net_call_method(call);

    if (strcmp(method, "t.v1.S/Count") == 0)
        count(call);
    else if (strcmp(method, "t.v1.S/Flood") == 0)
        flood(call);
    else if (strcmp(method, "t.v1.S/Stay") == 0)
        stay(call);
    else
        net_call_refuse(call, REFUSAL_LINK_USED);
}

static int start(void **state)
{
    fixture_more = answer;
    return fixture_start(state);
}

/* ---- the client ---- */

static struct client *call_with(int window, const char *head, const void *body, size_t len)
{
    struct client *client = client_open_with(window);
    char text[TEXT_SIZE];
    int head_len;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    head_len = snprintf(text, sizeof(text), head, len);
#pragma GCC diagnostic pop
    memcpy(text + head_len, body, len);
    assert_true(client_write(client, text, (size_t)head_len + len));
    return client;
}

static struct client *call_stream(const char *head, const char *message)
{
    uint8_t body[64] = {0};
    size_t len = strlen(message);

    body[4] = (uint8_t)len;
    memcpy(body + ENVELOPE, message, len);
    return call_with(0, head, body, ENVELOPE + len);
}

/* Until the connection ends. */
static int read_all(struct client *client)
{
    while (client_read_more(client))
        ;
    return client->len > 12 ? (int)strtol(client->text + 9, NULL, 10) : 0;
}

/*
 * The next envelope of a body, in chunks or not: its flags, and what is in it as text. -1 when
 * there is none.
 */
static int next_envelope(const char **at, bool chunked, char out[static TEXT_SIZE])
{
    size_t said = chunked ? strtoul(*at, NULL, 16) : 1;
    const uint8_t *bytes = (const uint8_t *)(chunked ? strstr(*at, "\r\n") + 2 : *at);
    size_t len = (size_t)bytes[3] << 8 | bytes[4];

    if (!said)
        return -1;
    assert_true(!chunked || said == ENVELOPE + len);
    assert_true(len < TEXT_SIZE && !bytes[1] && !bytes[2]);
    memcpy(out, bytes + ENVELOPE, len);
    out[len] = '\0';
    *at = (const char *)bytes + ENVELOPE + len + (chunked ? 2 : 0);
    return bytes[0];
}

static void assert_ended_as(struct client *client, const char *code)
{
    char text[TEXT_SIZE];

    assert_int_equal(read_all(client), 200);
    assert_non_null(strstr(client->text, "Content-Type: " STREAM "\r\n"));
    const char *at = client_body(client);
    assert_int_equal(next_envelope(&at, false, text), FLAG_END);
    assert_non_null(strstr(text, "{\"error\":{\"code\":\""));
    assert_non_null(strstr(text, code));
    client_close(client);
}

/* ---- what holds ---- */

static void sends_each_message_and_then_the_end(void **state)
{
    struct client *client = call_stream(HEAD("Count", STREAM), "3");
    const char *const wanted[] = {"one", "two", "six"};
    char text[TEXT_SIZE];

    (void)state;
    assert_int_equal(read_all(client), 200);
    assert_non_null(strstr(client->text, "Content-Type: " STREAM "\r\n"));
    assert_non_null(strstr(client->text, "Transfer-Encoding: chunked\r\n"));
    assert_null(strstr(client->text, "Content-Length"));
    const char *at = client_body(client);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(next_envelope(&at, true, text), 0);
        assert_string_equal(text, wanted[i]);
    }
    assert_int_equal(next_envelope(&at, true, text), FLAG_END);
    assert_string_equal(text, "{}");
    assert_int_equal(next_envelope(&at, true, text), -1);
    client_close(client);
}

static void may_end_without_a_message(void **state)
{
    struct client *client = call_stream(HEAD("Count", STREAM), "");
    char text[TEXT_SIZE];

    (void)state;
    assert_int_equal(read_all(client), 200);
    const char *at = client_body(client);
    assert_int_equal(next_envelope(&at, true, text), FLAG_END);
    assert_string_equal(text, "{}");
    client_close(client);
}

static void says_a_refusal_at_the_end_of_nothing(void **state)
{
    (void)state;
    assert_ended_as(call_stream(HEAD("None", STREAM), ""), "link_used");
}

static void refuses_what_is_not_one_whole_message(void **state)
{
    static const struct {
        size_t len;
        uint8_t bytes[8];
    } bad[] = {
        {0, {0}},                      /* nothing */
        {4, {0}},                      /* less than an envelope */
        {6, {0, 0, 0, 0, 2, 'x'}},     /* less than it says */
        {7, {0, 0, 0, 0, 1, 'x', 0}},  /* more */
        {6, {0, 255, 255, 255, 255}},  /* far less */
        {6, {1, 0, 0, 0, 1, 'x'}},     /* compressed */
        {5, {FLAG_END, 0, 0, 0, 0, 0}} /* an end */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_ended_as(call_with(0, HEAD("Count", STREAM), bad[i].bytes, bad[i].len), "malformed");
}

static void refuses_the_wrong_kind_of_call(void **state)
{
    struct client *client = call_stream(HEAD("Echo", STREAM), "x");

    (void)state;
    assert_int_equal(read_all(client), 415);
    client_close(client);
    client = call_with(0, HEAD("Count", "application/proto"), "1", 1);
    assert_int_equal(read_all(client), 415);
    client_close(client);
}

static void tells_the_service_when_the_client_goes(void **state)
{
    struct client *client = call_stream(HEAD("Stay", STREAM), "");

    (void)state;
    while (!strstr(client->text, "\r\n\r\n") || client->len < 2000)
        assert_true(client_read_more(client)); /* beat after beat */
    assert_int_equal(gone, 0);
    client_close(client);
    assert_true(fixture_wait(&gone, 1, 5000));
    assert_false(was_late);
    poll(NULL, 0, 3 * STAY_MS);
    assert_int_equal(gone, 1);
}

static void drops_a_client_that_talks_on(void **state)
{
    struct client *client = call_stream(HEAD("Stay", STREAM), "");
    int before = gone;

    (void)state;
    assert_true(client_read_more(client));
    assert_true(client_say(client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_true(fixture_wait(&gone, before + 1, 5000));
    while (client_read_more(client))
        client->len = 0;
    client_close(client);
}

static void ends_when_the_time_is_over_that_the_client_gave(void **state)
{
    int before = gone;
    char text[TEXT_SIZE];

    (void)state;
    struct client *client = call_stream(
        "POST /t.v1.S/Stay HTTP/1.1\r\nHost: h\r\nConnect-Timeout-Ms: 200\r\nContent-Type: " STREAM
        "\r\nConnect-Protocol-Version: 1\r\nContent-Length: %zu\r\n\r\n",
        "");
    assert_int_equal(read_all(client), 200);
    const char *at = client_body(client);
    int beats = 0, flags;
    while ((flags = next_envelope(&at, true, text)) == 0)
        beats++;
    assert_true(beats > 0);
    assert_int_equal(flags, FLAG_END);
    assert_non_null(strstr(text, "\"code\":\"deadline_exceeded\""));
    assert_true(fixture_wait(&gone, before + 1, 5000));
    assert_true(was_late);
    client_close(client);
}

static void tells_a_slow_client_the_end_all_the_same(void **state)
{
    static const uint8_t nothing[ENVELOPE];
    struct client *client = call_with(4096, HEAD("Flood", STREAM), nothing, sizeof(nothing));
    size_t total = 0;
    int before = gone;

    (void)state;
    assert_true(fixture_wait(&refused_as_full, 1, 5000));
    poll(NULL, 0, 200);
    do {
        total += client->len;
        if (client->len > TEXT_SIZE) {
            memmove(client->text, client->text + client->len - TEXT_SIZE, TEXT_SIZE + 1);
            client->len = TEXT_SIZE;
        }
        total -= client->len;
    } while (client_read_more(client));
    assert_in_range(total, NET_STREAM_QUEUE_BYTES - 2 * BIG, NET_STREAM_QUEUE_BYTES + 4096);
    assert_non_null(memmem(client->text, client->len, "{\"error\":{\"code\":\"", 18));
    assert_memory_equal(client->text + client->len - 7, "\r\n0\r\n\r\n", 7);
    assert_int_equal(gone, before); /* it was ended, so it did not end by itself */
    client_close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_each_message_and_then_the_end),
        cmocka_unit_test(may_end_without_a_message),
        cmocka_unit_test(says_a_refusal_at_the_end_of_nothing),
        cmocka_unit_test(refuses_what_is_not_one_whole_message),
        cmocka_unit_test(refuses_the_wrong_kind_of_call),
        cmocka_unit_test(tells_the_service_when_the_client_goes),
        cmocka_unit_test(drops_a_client_that_talks_on),
        cmocka_unit_test(ends_when_the_time_is_over_that_the_client_gave),
        cmocka_unit_test(tells_a_slow_client_the_end_all_the_same),
    };

    return cmocka_run_group_tests(tests, start, fixture_stop);
}
