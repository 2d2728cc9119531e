/* Calls to another server, with certificates on both sides: server and client on one loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/pki.h"
#include "server/net/net_client.h"
#include "server/net/net_internal.h"

enum {
    CALLS_IN_A_ROW = 50,
    LARGE = 3 << 20,
    LARGE_ANSWER = 900000,
    FILES_MAX = 96,
    WAIT_MS = 30000
};

static char folder[] = "/tmp/assize-net-client-XXXXXX";
static struct config ours, other; /* two authorities, each with a centre and a court */
static uv_loop_t loop;
static struct net *net;
static int calls;
static struct net_call *held;
static struct credentials *served, *credentials[FILES_MAX / 3];
static int credentials_count;

static const char *path_of(const char *name)
{
    static char paths[4][CONFIG_TEXT_SIZE];
    static int next;

    next = (next + 1) % 4;
    snprintf(paths[next], sizeof(paths[next]), "%s/%s", folder, name);
    return paths[next];
}

/* ---- the server ---- */

static void reply_text(struct net_call *call, const char *text)
{
    net_call_reply(call, (const uint8_t *)text, strlen(text));
}

static void reply_large(struct net_call *call)
{
    uint8_t *large = malloc(LARGE_ANSWER);

    if (!large)
        abort();
    memset(large, 'L', LARGE_ANSWER);
    net_call_reply(call, large, LARGE_ANSWER);
    free(large);
}

static void on_call(void *context, struct net_call *call)
{
    const char *method = strchr(net_call_method(call), '/') + 1;
    char text[32];
    size_t len;

    (void)context;
    calls++;
    net_call_body(call, &len);
    snprintf(text, sizeof(text), "%zu", len);
    if (strcmp(method, "Size") == 0)
        reply_text(call, text);
    else if (strcmp(method, "Who") == 0)
        reply_text(call, net_call_peer(call)->organisation);
    else if (strcmp(method, "Large") == 0)
        reply_large(call);
    else if (strcmp(method, "Refuse") == 0)
        net_call_refuse(call, REFUSAL_FOREIGN_SOURCE);
    else
        held = call;
}

static bool on_health(void *context, struct buf *json)
{
    (void)context;
    return buf_printf(json, "\"good\":true") == 0;
}

static void on_metrics(void *context, struct buf *text)
{
    (void)context;
    (void)text;
}

static const struct net_ops ops = {.call = on_call, .health = on_health, .metrics = on_metrics};

/* ---- the client ---- */

struct outcome {
    bool told;
    int error;
    enum refusal refusal;
    char text[64];
    size_t len;
    struct net_client *again; /* call once more, so many times */
    int left;
};

static void on_answer(void *context, int error, enum refusal refusal, const uint8_t *body,
                      size_t len)
{
    struct outcome *outcome = context;

    outcome->error = error;
    outcome->refusal = refusal;
    outcome->len = len;
    snprintf(outcome->text, sizeof(outcome->text), "%.*s", (int)(len < 60 ? len : 60),
             (const char *)body);
    if (!error && outcome->left-- > 0)
        net_client_call(outcome->again, "t.T/Size", (const uint8_t *)"x", 1, on_answer, outcome);
    else
        outcome->told = true;
}

static void too_late(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("nothing happened in time");
}

static void wait_for(const bool *flag)
{
    uv_timer_t guard;

    uv_timer_init(&loop, &guard);
    uv_timer_start(&guard, too_late, WAIT_MS, 0);
    while (!*flag)
        uv_run(&loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&guard, NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
}

/* A client that trusts one authority and has the certificate of a court of another, or the same. */
static struct net_client *client_new(const char *host, int port, const char *ca, const char *court)
{
    static char files[FILES_MAX][64];
    char url[64];
    char *ca_path = files[3 * credentials_count], *certificate = ca_path + 64, *key = ca_path + 128;

    assert_true(3 * (credentials_count + 1) <= FILES_MAX);
    snprintf(url, sizeof(url), "https://%s:%d", host, port);
    snprintf(ca_path, 64, "%s/%s/tls/ca.pem", folder, ca);
    snprintf(certificate, 64, "%s/%s/tls/exchange.pem", folder, court);
    snprintf(key, 64, "%s/%s/tls/exchange-key.pem", folder, court);
    const struct credentials_paths paths = {"test", certificate, key, ca_path};
    const struct net_client_options options = {.url = url,
                                               .credentials = credentials[credentials_count++] =
                                                   credentials_new(&loop, &paths)};
    struct net_client *client = net_client_new(net, &options);
    assert_non_null(client);
    return client;
}

static struct outcome call_with(struct net_client *client, const char *method, size_t len)
{
    struct outcome outcome = {0};
    uint8_t *body = calloc(1, len);

    assert_non_null(body);
    net_client_call(client, method, body, len, on_answer, &outcome);
    free(body);
    assert_false(outcome.told);
    wait_for(&outcome.told);
    return outcome;
}

/* One call by a client that is as it should be. */
static struct outcome call(const char *method, size_t len)
{
    struct net_client *client = client_new("localhost", net_port(net), "ours", "court");
    struct outcome outcome = call_with(client, method, len);

    net_client_free(client);
    return outcome;
}

/* Both ends say no, and the service hears nothing of it. */
static void assert_no_way(struct net_client *client)
{
    int before = calls;

    assert_int_equal(call_with(client, "t.T/Who", 1).error, -ECONNREFUSED);
    assert_int_equal(calls, before);
    net_client_free(client);
}

static void gets_an_answer(void **state)
{
    struct outcome outcome = call("t.T/Size", 5);

    (void)state;
    assert_int_equal(outcome.error, 0);
    assert_int_equal(outcome.refusal, REFUSAL_NONE);
    assert_string_equal(outcome.text, "5");
}

static void sends_a_body_in_as_many_pieces_as_it_takes(void **state)
{
    (void)state;
    assert_string_equal(call("t.T/Size", LARGE).text, "3145728");
}

static void sends_a_call_without_a_body(void **state)
{
    (void)state;
    assert_string_equal(call("t.T/Size", 0).text, "0");
}

static void is_known_by_its_certificate(void **state)
{
    (void)state;
    assert_string_equal(call("t.T/Who", 1).text, "VN.COURT");
}

static int plain_socket(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)net_port(net))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    uv_run(&loop, UV_RUN_NOWAIT);
    return fd;
}

/* All courts may come by one security server. */
static void is_one_of_many_behind_one_address(void **state)
{
    int fds[NET_CONNECTIONS_PER_ADDRESS];

    (void)state;
    for (int i = 0; i < NET_CONNECTIONS_PER_ADDRESS; i++)
        fds[i] = plain_socket();
    assert_string_equal(call("t.T/Who", 1).text, "VN.COURT");
    for (int i = 0; i < NET_CONNECTIONS_PER_ADDRESS; i++)
        close(fds[i]);
}

static void finds_a_centre_that_has_an_address_and_no_name(void **state)
{
    struct net_client *client = client_new("127.0.0.1", net_port(net), "ours", "court");

    (void)state;
    assert_string_equal(call_with(client, "t.T/Who", 1).text, "VN.COURT");
    net_client_free(client);
}

static void tells_what_the_other_server_refused(void **state)
{
    struct outcome outcome = call("t.T/Refuse", 1);

    (void)state;
    assert_int_equal(outcome.error, 0);
    assert_int_equal(outcome.refusal, REFUSAL_FOREIGN_SOURCE);
}

static void calls_again_and_again_from_its_callback(void **state)
{
    struct net_client *client = client_new("localhost", net_port(net), "ours", "court");
    struct outcome outcome = {.again = client, .left = CALLS_IN_A_ROW};
    int before = calls;

    (void)state;
    net_client_call(client, "t.T/Size", (const uint8_t *)"x", 1, on_answer, &outcome);
    wait_for(&outcome.told);
    assert_int_equal(outcome.error, 0);
    assert_int_equal(calls, before + CALLS_IN_A_ROW + 1);
    net_client_free(client);
}

static void calls_again_on_the_connection_it_has(void **state)
{
    struct net_client *client = client_new("localhost", net_port(net), "ours", "court");
    uint64_t before = net->accepted;

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_string_equal(call_with(client, "t.T/Who", 1).text, "VN.COURT");
    assert_int_equal(call_with(client, "t.T/Refuse", 1).refusal, REFUSAL_FOREIGN_SOURCE);
    assert_string_equal(call_with(client, "t.T/Who", 1).text, "VN.COURT");
    assert_int_equal(net->accepted, before + 1);
    net_client_free(client);
}

static void packs_what_is_large_once_it_knows_that_the_server_opens_it(void **state)
{
    struct net_client *client = client_new("localhost", net_port(net), "ours", "court");
    uint64_t before = net->packed;

    (void)state;
    assert_string_equal(call_with(client, "t.T/Size", LARGE).text, "3145728");
    assert_int_equal(net->packed, before);
    assert_string_equal(call_with(client, "t.T/Size", LARGE).text, "3145728");
    assert_int_equal(net->packed, before + 1);
    assert_string_equal(call_with(client, "t.T/Size", 5).text, "5");
    assert_int_equal(net->packed, before + 1);
    assert_int_equal(call_with(client, "t.T/Refuse", LARGE).refusal, REFUSAL_FOREIGN_SOURCE);
    assert_string_equal(call_with(client, "t.T/Size", LARGE).text, "3145728");
    assert_int_equal(net->packed, before + 3); /* a refusal says nothing of it */
    net_client_free(client);
}

static void opens_a_packed_answer(void **state)
{
    struct outcome outcome = call("t.T/Large", 1);

    (void)state;
    assert_int_equal(outcome.error, 0);
    assert_int_equal(outcome.len, LARGE_ANSWER);
    assert_memory_equal(outcome.text, "LLLLLLLL", 8);
}

static void gives_up_an_answer_over_the_limit(void **state)
{
    struct net_client *client = client_new("localhost", net_port(net), "ours", "court");
    struct outcome outcome = {0};
    uint8_t *large = calloc(1, NET_ANSWER_MAX + 1);

    (void)state;
    assert_non_null(large);
    held = NULL;
    net_client_call(client, "t.T/Hold", (const uint8_t *)"x", 1, on_answer, &outcome);
    while (!held)
        uv_run(&loop, UV_RUN_ONCE);
    net_call_reply(held, large, NET_ANSWER_MAX + 1);
    free(large);
    wait_for(&outcome.told);
    assert_int_equal(outcome.error, -EPROTO);
    assert_int_equal(call_with(client, "t.T/Size", 1).error, 0);
    net_client_free(client);
}

static void gives_up_a_call_that_is_not_answered(void **state)
{
    (void)state;
    held = NULL;
    assert_int_equal(call("t.T/Hold", 1).error, -ETIMEDOUT);
    reply_text(held, "late");
}

static void tells_nothing_after_it_is_freed(void **state)
{
    struct net_client *client = client_new("localhost", net_port(net), "ours", "court");
    struct outcome outcome = {0};
    const bool *told = &outcome.told;

    (void)state;
    held = NULL;
    net_client_call(client, "t.T/Hold", (const uint8_t *)"x", 1, on_answer, &outcome);
    while (!held)
        uv_run(&loop, UV_RUN_ONCE);
    net_client_free(client);
    reply_text(held, "late");
    client = client_new("localhost", net_port(net), "ours", "court");
    net_client_call(client, "t.T/Size", (const uint8_t *)"x", 1, on_answer, &outcome);
    net_client_free(client); /* while the name is being looked up */
    call("t.T/Size", 1);
    assert_false(*told);
}

static void hangs_up_and_calls_again(void **state)
{
    struct net_client *client = client_new("localhost", net_port(net), "ours", "court");
    struct outcome outcome = {0};
    const bool *told = &outcome.told;

    (void)state;
    held = NULL;
    net_client_call(client, "t.T/Hold", (const uint8_t *)"x", 1, on_answer, &outcome);
    while (!held)
        uv_run(&loop, UV_RUN_ONCE);
    net_client_hang_up(client);
    int64_t began_ms = clock_monotonic_ms();
    while (!net_call_gone(held)) /* the other side sees it */
        uv_run(&loop, UV_RUN_NOWAIT);
    assert_true(clock_monotonic_ms() < began_ms + NET_RESPONSE_MS / 2);
    reply_text(held, "late");
    assert_int_equal(call_with(client, "t.T/Size", 1).error, 0);
    assert_false(*told);
    net_client_hang_up(client); /* with no call under way */
    assert_int_equal(call_with(client, "t.T/Size", 1).error, 0);
    net_client_free(client);
}

static void does_not_trust_a_server_of_another_authority(void **state)
{
    (void)state;
    assert_no_way(client_new("localhost", net_port(net), "other", "court"));
}

static void does_not_trust_a_server_of_another_name(void **state)
{
    (void)state;
    assert_no_way(client_new("[::ffff:127.0.0.1]", net_port(net), "ours", "court"));
}

static void is_not_trusted_with_a_certificate_of_another_authority(void **state)
{
    (void)state;
    assert_no_way(client_new("localhost", net_port(net), "ours", "stranger"));
}

static void is_not_trusted_with_a_certificate_of_a_server(void **state)
{
    (void)state;
    assert_no_way(client_new("localhost", net_port(net), "ours", "ours"));
}

static void says_that_nobody_is_there(void **state)
{
    struct net_client *client = client_new("localhost", 1, "ours", "court");

    (void)state;
    assert_int_equal(call_with(client, "t.T/Size", 1).error, -ECONNREFUSED);
    net_client_free(client);
    client = client_new("nowhere.invalid", net_port(net), "ours", "court");
    assert_int_equal(call_with(client, "t.T/Size", 1).error, -ECONNREFUSED);
    net_client_free(client);
}

static void waits_for_its_certificates_and_then_uses_them(void **state)
{
    struct net_client *client = client_new("localhost", net_port(net), "ours", "late");
    char error[CONFIG_ERROR_SIZE];
    struct pki_issued issued;

    (void)state;
    assert_int_equal(call_with(client, "t.T/Who", 1).error, -ENOENT);
    assert_int_equal(pki_issue(&ours, "LATE", path_of("late"), &issued, error), 0);
    assert_string_equal(call_with(client, "t.T/Who", 1).text, "LATE");
    net_client_free(client);
}

static void takes_no_url_that_is_none(void **state)
{
    static const char *const urls[] = {"http://localhost",      "https://localhost/a?b",
                                       "https://localhost//a",  "https://localhost/a/../b",
                                       "https://localhost/a b", "https://localhost/#a"};

    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
        const struct net_client_options options = {.url = urls[i]};
        assert_null(net_client_new(net, &options));
    }
}

/* ---- before and after ---- */

static int make_authority(struct config *config, const char *name, const char *organisation,
                          const char *court)
{
    char error[CONFIG_ERROR_SIZE];
    struct pki_issued issued;
    char tls[CONFIG_TEXT_SIZE];
    bool made;

    snprintf(tls, sizeof(tls), "%s/tls", path_of(name));
    if (config_load(config, path_of(name), NULL, error) || mkdir(path_of(name), 0700) ||
        mkdir(tls, 0700) || pki_ensure_center(config, &made, error) || !made)
        return -1;
    return pki_issue(config, organisation, path_of(court), &issued, error);
}

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    if (!mkdtemp(folder) || make_authority(&ours, "ours", "VN.COURT", "court") ||
        make_authority(&other, "other", "VN.COURT", "stranger"))
        return -1;
    const struct credentials_paths paths = {"test", ours.exchange_certificate, ours.exchange_key,
                                            ours.exchange_ca};
    uv_loop_init(&loop);
    served = credentials_new(&loop, &paths);
    const struct net_options options = {.address = "localhost",
                                        .credentials = served,
                                        .public_url = "https://localhost",
                                        .web_root = "",
                                        .metrics_allow = ""};
    net = net_new(&loop, &options, &ops, NULL);
    return net ? 0 : -1;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"ours", "other", "court", "stranger", "late"};
    static const char *const files[] = {"ca.pem", "ca-key.pem", "exchange.pem", "exchange-key.pem"};
    char path[CONFIG_TEXT_SIZE];

    (void)state;
    net_free(net);
    credentials_free(served);
    for (int i = 0; i < credentials_count; i++)
        credentials_free(credentials[i]);
    uv_run(&loop, UV_RUN_DEFAULT);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (size_t j = 0; j < sizeof(files) / sizeof(files[0]); j++) {
            snprintf(path, sizeof(path), "%s/%s/tls/%s", folder, names[i], files[j]);
            unlink(path);
        }
        snprintf(path, sizeof(path), "%s/%s/tls", folder, names[i]);
        rmdir(path);
        rmdir(path_of(names[i]));
    }
    rmdir(folder);
    return uv_loop_close(&loop); /* a client left a handle behind */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gets_an_answer),
        cmocka_unit_test(sends_a_body_in_as_many_pieces_as_it_takes),
        cmocka_unit_test(sends_a_call_without_a_body),
        cmocka_unit_test(is_known_by_its_certificate),
        cmocka_unit_test(is_one_of_many_behind_one_address),
        cmocka_unit_test(finds_a_centre_that_has_an_address_and_no_name),
        cmocka_unit_test(tells_what_the_other_server_refused),
        cmocka_unit_test(calls_again_and_again_from_its_callback),
        cmocka_unit_test(calls_again_on_the_connection_it_has),
        cmocka_unit_test(packs_what_is_large_once_it_knows_that_the_server_opens_it),
        cmocka_unit_test(opens_a_packed_answer),
        cmocka_unit_test(gives_up_an_answer_over_the_limit),
        cmocka_unit_test(gives_up_a_call_that_is_not_answered),
        cmocka_unit_test(tells_nothing_after_it_is_freed),
        cmocka_unit_test(hangs_up_and_calls_again),
        cmocka_unit_test(does_not_trust_a_server_of_another_authority),
        cmocka_unit_test(does_not_trust_a_server_of_another_name),
        cmocka_unit_test(is_not_trusted_with_a_certificate_of_another_authority),
        cmocka_unit_test(is_not_trusted_with_a_certificate_of_a_server),
        cmocka_unit_test(says_that_nobody_is_there),
        cmocka_unit_test(waits_for_its_certificates_and_then_uses_them),
        cmocka_unit_test(takes_no_url_that_is_none),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
