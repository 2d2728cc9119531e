/* Who someone is, against a store that answers as the test says and a clock that the test turns. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/identity/identity.h"

static int64_t now_ms;

int64_t clock_monotonic_ns(void)
{
    return now_ms * CLOCK_NS_PER_MS;
}

int64_t clock_monotonic_ms(void)
{
    return now_ms;
}

int64_t clock_wall_ms(void)
{
    return now_ms;
}

int64_t clock_wall_ns(void)
{
    return now_ms * CLOCK_NS_PER_MS;
}

/*
 * The store: one answer for all, given at once or, for a find that is held, before that of a
 * sign-out.
 */
static struct {
    int error;
    enum refusal refusal;
    struct identity_session session;
    int opens, finds, ends;
    uint8_t new_hash[SHA256_BYTES];
    bool had_old, held, release_find_first;
    identity_open_callback callback;
    void *context;
} store;

static void store_answer(identity_open_callback callback, void *context)
{
    bool good = !store.error && !store.refusal;

    if (store.held) {
        store.callback = callback;
        store.context = context;
        return;
    }
    callback(context, store.error, store.refusal, good ? &store.session : NULL);
}

void identity_store_open(struct db *db, const uint8_t link_hash[static SHA256_BYTES],
                         const uint8_t new_hash[static SHA256_BYTES], const uint8_t *old_hash,
                         int hours, identity_open_callback callback, void *context)
{
    (void)db;
    (void)link_hash;
    (void)hours;
    store.opens++;
    store.had_old = old_hash;
    memcpy(store.new_hash, new_hash, SHA256_BYTES);
    memcpy(store.session.token_hash, new_hash, SHA256_BYTES);
    store_answer(callback, context);
}

void identity_store_find(struct db *db, const uint8_t hash[static SHA256_BYTES],
                         identity_open_callback callback, void *context)
{
    (void)db;
    store.finds++;
    memcpy(store.session.token_hash, hash, SHA256_BYTES);
    store_answer(callback, context);
}

void identity_store_end(struct db *db, const uint8_t hash[static SHA256_BYTES],
                        identity_open_callback callback, void *context)
{
    (void)db;
    (void)hash;
    store.ends++;
    if (store.release_find_first)
        store.callback(store.context, 0, REFUSAL_NONE, &store.session);
    callback(context, store.error, store.error ? REFUSAL_NONE : REFUSAL_NOT_SIGNED_IN, NULL);
}

static struct {
    enum refusal refusal;
    int count;
    bool has_session;
    char id[ID_UUID_SIZE];
    char token[ID_TOKEN_SIZE];
} told;

static void on_answer(void *context, enum refusal refusal, const struct identity_session *session,
                      const char *token)
{
    assert_ptr_equal(context, &told);
    told.refusal = refusal;
    told.count++;
    told.has_session = session;
    snprintf(told.id, sizeof(told.id), "%s", session ? session->id : "");
    snprintf(told.token, sizeof(told.token), "%s", token ? token : "");
}

static int set_up(void **state)
{
    memset(&store, 0, sizeof(store));
    memset(&told, 0, sizeof(told));
    now_ms = 1000000;
    store.session.expires_ms = now_ms + 12 * 3600000LL;
    snprintf(store.session.id, sizeof(store.session.id), "session-1");
    *state = identity_new(NULL, 12);
    return 0;
}

static int tear_down(void **state)
{
    identity_free(*state);
    return 0;
}

static const char LINK[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP-";

/* A token of the right shape for each number. */
static const char *token(int number)
{
    static char text[ID_TOKEN_SIZE];

    snprintf(text, sizeof(text), "%043d", number);
    return text;
}

static enum refusal open_link(struct identity *identity, const char *link, const char *address)
{
    int before = told.count;

    identity_open(identity, link, "", address, on_answer, &told);
    assert_int_equal(told.count, before + 1);
    return told.refusal;
}

static enum refusal find(struct identity *identity, const char *text)
{
    int before = told.count;

    identity_find(identity, text, on_answer, &told);
    assert_int_equal(told.count, before + 1);
    return told.refusal;
}

static void opens_a_session_and_hands_out_its_token(void **state)
{
    uint8_t hash[SHA256_BYTES];

    assert_int_equal(open_link(*state, LINK, "192.0.2.1"), REFUSAL_NONE);
    assert_string_equal(told.id, "session-1");
    assert_int_equal(strlen(told.token), ID_TOKEN_SIZE - 1);
    sha256(told.token, strlen(told.token), hash);
    assert_memory_equal(hash, store.new_hash, SHA256_BYTES);
}

static void never_asks_the_store_about_what_is_no_token(void **state)
{
    static const char *const texts[] = {"", "short", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP-x",
                                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP'",
                                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO\xc3\xa9"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(open_link(*state, texts[i], "192.0.2.1"), REFUSAL_LINK_UNKNOWN);
        assert_int_equal(find(*state, texts[i]), REFUSAL_NOT_SIGNED_IN);
        identity_sign_out(*state, texts[i], on_answer, &told);
        assert_int_equal(told.refusal, REFUSAL_NONE);
    }
    assert_int_equal(store.opens + store.finds + store.ends, 0);
}

static void passes_an_old_token_on_only_when_it_is_one(void **state)
{
    identity_open(*state, LINK, token(1), "192.0.2.1", on_answer, &told);
    assert_true(store.had_old);
    identity_open(*state, LINK, "nonsense", "192.0.2.1", on_answer, &told);
    assert_false(store.had_old);
}

static void refuses_as_the_store_does(void **state)
{
    static const enum refusal refusals[] = {REFUSAL_LINK_UNKNOWN, REFUSAL_LINK_EXPIRED,
                                            REFUSAL_LINK_USED, REFUSAL_LINK_REVOKED};

    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        store.refusal = refusals[i];
        assert_int_equal(open_link(*state, LINK, "192.0.2.1"), refusals[i]);
        assert_false(told.has_session);
    }
}

static void limits_the_tries_of_one_address(void **state)
{
    for (int i = 0; i < IDENTITY_TRIES_PER_ADDRESS; i++)
        assert_int_equal(open_link(*state, token(i), "192.0.2.1"), REFUSAL_NONE);
    assert_int_equal(open_link(*state, token(99), "192.0.2.1"), REFUSAL_RATE_LIMITED);
    assert_int_equal(store.opens, IDENTITY_TRIES_PER_ADDRESS);
    assert_int_equal(open_link(*state, token(99), "192.0.2.2"), REFUSAL_NONE);
    now_ms += 60000 / IDENTITY_TRIES_PER_ADDRESS;
    assert_int_equal(open_link(*state, token(99), "192.0.2.1"), REFUSAL_NONE);
    assert_int_equal(open_link(*state, token(99), "192.0.2.1"), REFUSAL_RATE_LIMITED);
}

static void limits_wrong_links_of_one_address_more(void **state)
{
    store.refusal = REFUSAL_LINK_UNKNOWN;
    for (int i = 0; i < IDENTITY_FAILURES_PER_ADDRESS; i++)
        assert_int_equal(open_link(*state, i % 2 ? token(i) : "junk", "192.0.2.1"),
                         REFUSAL_LINK_UNKNOWN);
    assert_int_equal(open_link(*state, LINK, "192.0.2.1"), REFUSAL_RATE_LIMITED);
    store.refusal = REFUSAL_NONE;
    assert_int_equal(open_link(*state, LINK, "192.0.2.1"), REFUSAL_RATE_LIMITED);
    assert_int_equal(open_link(*state, LINK, "192.0.2.2"), REFUSAL_NONE);
}

static void limits_the_tries_with_one_link_from_everywhere(void **state)
{
    char address[32];

    for (int i = 0; i < IDENTITY_TRIES_PER_LINK; i++) {
        snprintf(address, sizeof(address), "192.0.2.%d", i);
        assert_int_equal(open_link(*state, LINK, address), REFUSAL_NONE);
    }
    assert_int_equal(open_link(*state, LINK, "198.51.100.1"), REFUSAL_RATE_LIMITED);
    assert_int_equal(open_link(*state, token(1), "198.51.100.1"), REFUSAL_NONE);
}

static void lets_many_viewers_use_one_gallery_link_at_once(void **state)
{
    char address[32];

    store.session.gallery = true;
    for (int i = 0; i < 2 * IDENTITY_TRIES_PER_LINK; i++) {
        snprintf(address, sizeof(address), "192.0.2.%d", i);
        assert_int_equal(open_link(*state, LINK, address), REFUSAL_NONE);
    }
}

static void counts_an_ipv6_network_as_one_address(void **state)
{
    char address[64];

    for (int i = 0; i < IDENTITY_TRIES_PER_ADDRESS; i++) {
        snprintf(address, sizeof(address), "2001:db8:0:1::%d", i);
        assert_int_equal(open_link(*state, token(i), address), REFUSAL_NONE);
    }
    assert_int_equal(open_link(*state, LINK, "2001:db8:0:1::ffff"), REFUSAL_RATE_LIMITED);
    assert_int_equal(open_link(*state, LINK, "2001:db8:0:2::1"), REFUSAL_NONE);
}

static void bounds_what_it_remembers_of_strangers(void **state)
{
    char address[64];

    store.refusal = REFUSAL_LINK_UNKNOWN;
    for (int i = 0; i < 20000; i++) {
        snprintf(address, sizeof(address), "10.%d.%d.1", i / 250, i % 250);
        assert_int_equal(open_link(*state, token(i), address), REFUSAL_LINK_UNKNOWN);
    }
    assert_int_equal(store.opens, 20000);
}

static void believes_what_it_saw_for_a_moment_only(void **state)
{
    assert_int_equal(find(*state, token(1)), REFUSAL_NONE);
    now_ms += IDENTITY_TRUST_MS - 1;
    assert_int_equal(find(*state, token(1)), REFUSAL_NONE);
    assert_int_equal(store.finds, 1);
    store.refusal = REFUSAL_NOT_SIGNED_IN; /* its link was revoked */
    now_ms += 1;
    assert_int_equal(find(*state, token(1)), REFUSAL_NOT_SIGNED_IN);
    store.error = -EAGAIN;
    assert_int_equal(find(*state, token(1)), REFUSAL_DATABASE_AWAY);
}

static void remembers_sessions_while_the_database_is_away(void **state)
{
    open_link(*state, LINK, "192.0.2.1");
    char mine[ID_TOKEN_SIZE];
    memcpy(mine, told.token, sizeof(mine));
    store.error = -EAGAIN;
    now_ms += IDENTITY_CACHE_MS - 1;
    assert_int_equal(find(*state, mine), REFUSAL_NONE);
    assert_string_equal(told.id, "session-1");
    assert_int_equal(find(*state, token(1)), REFUSAL_DATABASE_AWAY);
    assert_int_equal(open_link(*state, LINK, "192.0.2.1"), REFUSAL_DATABASE_AWAY);
    now_ms += 1;
    assert_int_equal(find(*state, mine), REFUSAL_DATABASE_AWAY);
}

static void forgets_sessions_that_have_expired(void **state)
{
    store.session.expires_ms = now_ms + 1000;
    assert_int_equal(find(*state, token(1)), REFUSAL_NONE);
    store.error = -EAGAIN;
    now_ms += 1000;
    assert_int_equal(find(*state, token(1)), REFUSAL_DATABASE_AWAY);
}

static void signs_out_even_while_the_database_is_away(void **state)
{
    find(*state, token(1));
    store.error = -EAGAIN;
    identity_sign_out(*state, token(1), on_answer, &told);
    assert_int_equal(told.refusal, REFUSAL_DATABASE_AWAY);
    assert_int_equal(find(*state, token(1)), REFUSAL_DATABASE_AWAY);
    store.error = 0;
    identity_sign_out(*state, token(1), on_answer, &told);
    assert_int_equal(told.refusal, REFUSAL_NONE);
    assert_false(told.has_session);
}

static void signing_out_outruns_a_question_under_way(void **state)
{
    store.held = true;
    identity_find(*state, token(1), on_answer, &told);
    store.held = false;
    store.release_find_first = true; /* the database answers in the order it was asked */
    identity_sign_out(*state, token(1), on_answer, &told);
    store.error = -EAGAIN;
    assert_int_equal(find(*state, token(1)), REFUSAL_DATABASE_AWAY);
}

static void forgets_the_token_that_a_renewal_replaced(void **state)
{
    find(*state, token(1));
    identity_open(*state, LINK, token(1), "192.0.2.1", on_answer, &told);
    char mine[ID_TOKEN_SIZE];
    memcpy(mine, told.token, sizeof(mine));
    store.error = -EAGAIN;
    assert_int_equal(find(*state, token(1)), REFUSAL_DATABASE_AWAY);
    assert_int_equal(find(*state, mine), REFUSAL_NONE);
}

static void bounds_the_sessions_it_remembers(void **state)
{
    for (int i = 0; i <= IDENTITY_CACHE_MAX; i++)
        find(*state, token(i));
    store.error = -EAGAIN;
    assert_int_equal(find(*state, token(0)), REFUSAL_DATABASE_AWAY);
    assert_int_equal(find(*state, token(1)), REFUSAL_NONE);
    assert_int_equal(find(*state, token(IDENTITY_CACHE_MAX)), REFUSAL_NONE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(opens_a_session_and_hands_out_its_token),
        TEST(never_asks_the_store_about_what_is_no_token),
        TEST(passes_an_old_token_on_only_when_it_is_one),
        TEST(refuses_as_the_store_does),
        TEST(limits_the_tries_of_one_address),
        TEST(limits_wrong_links_of_one_address_more),
        TEST(limits_the_tries_with_one_link_from_everywhere),
        TEST(lets_many_viewers_use_one_gallery_link_at_once),
        TEST(counts_an_ipv6_network_as_one_address),
        TEST(bounds_what_it_remembers_of_strangers),
        TEST(believes_what_it_saw_for_a_moment_only),
        TEST(remembers_sessions_while_the_database_is_away),
        TEST(forgets_sessions_that_have_expired),
        TEST(signs_out_even_while_the_database_is_away),
        TEST(signing_out_outruns_a_question_under_way),
        TEST(forgets_the_token_that_a_renewal_replaced),
        TEST(bounds_the_sessions_it_remembers),
    };

    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
