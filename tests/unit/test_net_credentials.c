/* Certificates that are replaced while they are in use; a client and a server that go on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/spki.h"
#include "cli/pki.h"
#include "server/net/net_client.h"
#include "server/net/net_internal.h"

enum { WAIT_MS = 20000 };

static char folder[] = "/tmp/assize-credentials-XXXXXX";
static struct config ours, other; /* two authorities */
static uv_loop_t loop;

static const char *path_of(const char *name)
{
    static char paths[8][CONFIG_TEXT_SIZE];
    static int next;

    next = (next + 1) % 8;
    snprintf(paths[next], sizeof(paths[next]), "%s/%s", folder, name);
    return paths[next];
}

/* A certificate and key of that authority, in FOLDER/NAME/tls. */
static void issue(const struct config *authority, const char *name)
{
    char error[CONFIG_ERROR_SIZE];
    struct pki_issued issued;

    assert_int_equal(pki_issue(authority, "VN.COURT", path_of(name), &issued, error), 0);
}

static void copy(const char *from, const char *to)
{
    char text[8192];
    char draft[CONFIG_TEXT_SIZE + 8];
    FILE *file = fopen(from, "re");

    assert_non_null(file);
    size_t len = fread(text, 1, sizeof(text), file);
    fclose(file);
    snprintf(draft, sizeof(draft), "%s.tmp", to);
    file = fopen(draft, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    fclose(file);
    assert_int_equal(rename(draft, to), 0);
}

static void on_late(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void run_for(int64_t ms)
{
    bool over = false;
    uv_timer_t timer;

    uv_timer_init(&loop, &timer);
    timer.data = &over;
    uv_timer_start(&timer, on_late, (uint64_t)ms, 0);
    while (!over)
        uv_run(&loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
}

static bool becomes(struct credentials *credentials, unsigned version)
{
    for (int waited = 0; waited < WAIT_MS; waited += 50) {
        if (credentials_version(credentials) == version)
            return true;
        run_for(50);
    }
    return false;
}

static void digest(struct credentials *credentials, uint8_t out[static SHA256_BYTES])
{
    assert_true(spki_digest(credentials_key(credentials), out));
}

static struct credentials *credentials_of(const char *name)
{
    static char files[8][3][CONFIG_TEXT_SIZE];
    static int next;
    char(*own)[CONFIG_TEXT_SIZE] = files[next++];

    assert_true(next <= 8);
    snprintf(own[0], sizeof(own[0]), "%s/%s/tls/exchange.pem", folder, name);
    snprintf(own[1], sizeof(own[1]), "%s/%s/tls/exchange-key.pem", folder, name);
    snprintf(own[2], sizeof(own[2]), "%s/%s/tls/ca.pem", folder, name);
    const struct credentials_paths paths = {"test", own[0], own[1], own[2]};
    return credentials_new(&loop, &paths);
}

/* ---- the files ---- */

static void takes_what_was_replaced_once_it_is_whole(void **state)
{
    uint8_t before[SHA256_BYTES], after[SHA256_BYTES];

    (void)state;
    issue(&ours, "a");
    issue(&ours, "b");
    struct credentials *credentials = credentials_of("a");
    assert_int_equal(credentials_version(credentials), 1);
    digest(credentials, before);
    copy(path_of("b/tls/exchange-key.pem"), path_of("a/tls/exchange-key.pem"));
    run_for(3500); /* a key without its certificate is not taken */
    assert_int_equal(credentials_version(credentials), 1);
    digest(credentials, after);
    assert_memory_equal(before, after, SHA256_BYTES);
    copy(path_of("b/tls/exchange.pem"), path_of("a/tls/exchange.pem"));
    assert_true(becomes(credentials, 2));
    digest(credentials, after);
    assert_memory_not_equal(before, after, SHA256_BYTES);
    assert_int_equal(unlink(path_of("a/tls/exchange.pem")), 0);
    run_for(3500);
    assert_int_equal(credentials_version(credentials), 2);
    assert_non_null(credentials_key(credentials));
    credentials_free(credentials);
}

static void tells_the_days_that_are_left(void **state)
{
    struct buf text;

    (void)state;
    issue(&ours, "c");
    struct credentials *credentials = credentials_of("c");
    buf_init(&text, 1024);
    assert_int_equal(credentials_metrics((struct credentials *[]){NULL, credentials}, 2, &text), 0);
    assert_non_null(
        strstr((const char *)text.data, "\nassize_certificate_days_left{use=\"test\"} 82"));
    buf_done(&text);
    credentials_free(credentials);
}

static void has_nothing_before_there_are_files(void **state)
{
    struct credentials *credentials = credentials_of("d");

    (void)state;
    assert_int_equal(credentials_version(credentials), 0);
    assert_null(credentials_key(credentials));
    issue(&ours, "d");
    assert_int_equal(credentials_version(credentials), 1);
    credentials_free(credentials);
}

/* ---- connections ---- */

static struct net_call *held;

static void on_call(void *context, struct net_call *call)
{
    (void)context;
    if (strstr(net_call_method(call), "Hold"))
        held = call;
    else
        net_call_reply(call, (const uint8_t *)"", 0);
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

struct outcome {
    bool told;
    int error;
};

static void on_answer(void *context, int error, enum refusal refusal, const uint8_t *body,
                      size_t len)
{
    (void)refusal;
    (void)body;
    (void)len;
    *(struct outcome *)context = (struct outcome){true, error};
}

static void await(const struct outcome *outcome)
{
    for (int waited = 0; !outcome->told && waited < WAIT_MS; waited += 20)
        run_for(20);
    assert_true(outcome->told);
}

static int call(struct net_client *client)
{
    struct outcome outcome = {0};

    net_client_call(client, "t.T/Now", (const uint8_t *)"", 0, on_answer, &outcome);
    await(&outcome);
    return outcome.error;
}

static void replace(const char *from, const char *name, struct credentials *credentials)
{
    static const char *const files[] = {"ca.pem", "exchange-key.pem", "exchange.pem"};
    unsigned version = credentials_version(credentials);
    char source[CONFIG_TEXT_SIZE], target[CONFIG_TEXT_SIZE];

    for (int i = 0; i < 3; i++) {
        snprintf(source, sizeof(source), "%s/%s/tls/%s", folder, from, files[i]);
        snprintf(target, sizeof(target), "%s/%s/tls/%s", folder, name, files[i]);
        copy(source, target);
    }
    assert_true(becomes(credentials, version + 1));
}

static void serves_and_calls_with_what_the_files_have_now(void **state)
{
    static const struct net_ops ops = {.call = on_call, .health = on_health, .metrics = on_metrics};
    uint8_t spki[SHA256_BYTES];
    char error[CONFIG_ERROR_SIZE], url[64];
    struct outcome waiting = {0};
    bool made;

    (void)state;
    issue(&ours, "court");
    issue(&other, "stranger");
    struct credentials *center = credentials_of("ours"), *court = credentials_of("court");
    const struct net_options options = {.address = "localhost",
                                        .credentials = center,
                                        .public_url = "https://localhost",
                                        .web_root = "",
                                        .metrics_allow = ""};
    struct net *net = net_new(&loop, &options, &ops, NULL);
    assert_non_null(net);
    snprintf(url, sizeof(url), "https://localhost:%d", net_port(net));
    struct net_client *client =
        net_client_new(net, &(struct net_client_options){.url = url, .credentials = court});
    struct net_client *early =
        net_client_new(net, &(struct net_client_options){.url = url, .credentials = court});
    assert_int_equal(call(client), 0);
    net_client_call(early, "t.T/Hold", (const uint8_t *)"", 0, on_answer, &waiting);
    while (!held)
        run_for(20);
    memcpy(spki, net_client_peer(client)->spki, SHA256_BYTES);
    /* The centre gets another key of the same authority: new calls see it, the one before goes on.
     */
    assert_int_equal(unlink(path_of("ours/tls/exchange.pem")), 0);
    assert_int_equal(pki_ensure_center(&ours, &made, error), 0);
    assert_true(becomes(center, 2));
    assert_int_equal(call(client), 0);
    assert_memory_not_equal(spki, net_client_peer(client)->spki, SHA256_BYTES);
    /* The court's files become those of another authority: it is not served any more. */
    replace("stranger", "court", court);
    assert_int_equal(call(client), -ECONNREFUSED);
    net_call_reply(held, (const uint8_t *)"", 0);
    await(&waiting);
    assert_int_equal(waiting.error, 0);
    /* Until the centre goes over to that authority as well. */
    replace("other", "ours", center);
    assert_int_equal(call(client), 0);
    net_client_free(client);
    net_client_free(early);
    net_free(net);
    credentials_free(center);
    credentials_free(court);
}

/* ---- what a certificate is known by ---- */

static void reads_a_fingerprint_as_people_write_it(void **state)
{
    uint8_t spki[SHA256_BYTES];
    char text[SPKI_TEXT_SIZE];

    (void)state;
    for (int i = 0; i < SHA256_BYTES; i++)
        spki[i] = (uint8_t)(0xa0 + i);
    spki_text(spki, text);
    assert_string_equal(text, "a0a1 a2a3 a4a5 a6a7 a8a9 aaab acad aeaf");
    assert_true(spki_is(spki, text));
    assert_true(spki_is(spki, "A0:A1:A2:A3:A4:A5:A6:A7:A8:A9:AA:AB:AC:AD:AE:AF:B0"));
    assert_false(spki_is(spki, "a0a1 a2a3 a4a5 a6a7 a8a9 aaab acad aea"));
    assert_false(spki_is(spki, "a0a1 a2a3 a4a5 a6a7 a8a9 aaab acad aeae"));
    assert_false(spki_is(spki, ""));
}

/* ---- before and after ---- */

static int make_authority(struct config *config, const char *name)
{
    char error[CONFIG_ERROR_SIZE];
    char tls[CONFIG_TEXT_SIZE];
    bool made;

    snprintf(tls, sizeof(tls), "%s/tls", path_of(name));
    return config_load(config, path_of(name), NULL, error) || mkdir(path_of(name), 0700) ||
                   mkdir(tls, 0700) || pki_ensure_center(config, &made, error)
               ? -1
               : 0;
}

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    uv_loop_init(&loop);
    return mkdtemp(folder) && !make_authority(&ours, "ours") && !make_authority(&other, "other")
               ? 0
               : -1;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    uv_run(&loop, UV_RUN_DEFAULT);
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) || uv_loop_close(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_was_replaced_once_it_is_whole),
        cmocka_unit_test(tells_the_days_that_are_left),
        cmocka_unit_test(has_nothing_before_there_are_files),
        cmocka_unit_test(serves_and_calls_with_what_the_files_have_now),
        cmocka_unit_test(reads_a_fingerprint_as_people_write_it),
    };

    return cmocka_run_group_tests_name("net/credentials", tests, set_up, tear_down);
}
