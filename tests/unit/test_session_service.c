/*
 * SessionService as the web and the peers call it, against a store and a network that the test
 * plays.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assize/session/v1/session.pb-c.h"
#include "base/clock.h"
#include "base/log.h"
#include "proto/codec.h"
#include "server/identity/session_service.h"

static const char TOKEN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP-";

static struct {
    int error;
    enum refusal refusal;
    struct identity_session session;
} store;

static void store_answer(identity_open_callback callback, void *context)
{
    callback(context, store.error, store.refusal,
             store.error || store.refusal ? NULL : &store.session);
}

void identity_store_open(struct db *db, const uint8_t link_hash[static SHA256_BYTES],
                         const uint8_t new_hash[static SHA256_BYTES], const uint8_t *old_hash,
                         int hours, identity_open_callback callback, void *context)
{
    (void)db;
    (void)link_hash;
    (void)new_hash;
    (void)old_hash;
    (void)hours;
    store_answer(callback, context);
}

void identity_store_find(struct db *db, const uint8_t hash[static SHA256_BYTES],
                         identity_open_callback callback, void *context)
{
    (void)db;
    (void)hash;
    store_answer(callback, context);
}

void identity_store_end(struct db *db, const uint8_t hash[static SHA256_BYTES],
                        identity_open_callback callback, void *context)
{
    (void)db;
    (void)hash;
    callback(context, store.error, store.error ? REFUSAL_NONE : REFUSAL_NOT_SIGNED_IN, NULL);
}

/* The network's side of a call: one at a time. */
struct net_call {
    const char *method;
    struct net_peer peer;
    struct buf body;
    struct buf reply;
    char cookie[ID_TOKEN_SIZE];
    bool has_cookie;
    int64_t cookie_s;
    int replies;
    enum refusal refusal;
};

static struct net_call call;

const char *net_call_method(const struct net_call *it)
{
    return it->method;
}

const struct net_peer *net_call_peer(const struct net_call *it)
{
    return &it->peer;
}

const uint8_t *net_call_body(const struct net_call *it, size_t *ret_len)
{
    *ret_len = it->body.len;
    return it->body.data;
}

void net_call_set_cookie(struct net_call *it, enum net_cookie cookie, const char *token,
                         int64_t seconds)
{
    assert_int_equal(cookie, NET_COOKIE_SESSION);
    it->has_cookie = true;
    snprintf(it->cookie, sizeof(it->cookie), "%s", token);
    it->cookie_s = seconds;
}

void net_call_reply(struct net_call *it, const uint8_t *body, size_t len)
{
    assert_int_equal(buf_append(&it->reply, body, len), 0);
    it->replies++;
}

void net_call_refuse(struct net_call *it, enum refusal refusal)
{
    it->refusal = refusal;
    it->replies++;
}

static int set_up(void **state)
{
    memset(&store, 0, sizeof(store));
    store.session = (struct identity_session){
        .hearing = "0193b3f0-0000-7000-8000-000000000001",
        .participant = 6,
        .endpoint = 5,
        .role = ASSIZE__HEARING__V1__ROLE__ROLE_WITNESS,
        .endpoint_kind = ASSIZE__HEARING__V1__ENDPOINT_KIND__ENDPOINT_KIND_PERSONAL,
        .name = "Nguyễn Văn A",
        .site = "Điểm cầu thành phần",
        .case_number = "01/2026/TLST-HS",
        .title = "Vụ án",
        .court = "Tòa án",
        .scheduled_ms = 1790000000000,
        .expires_ms = clock_wall_ms() + 3600 * 1000 + 500,
    };
    memset(&call, 0, sizeof(call));
    buf_init(&call.body, NET_BODY_MAX);
    buf_init(&call.reply, NET_RESPONSE_MAX);
    *state = identity_new(NULL, 12);
    return 0;
}

static int tear_down(void **state)
{
    buf_done(&call.body);
    buf_done(&call.reply);
    identity_free(*state);
    return 0;
}

/* Calls a method and checks that it was answered exactly once. */
static enum refusal ask(struct identity *identity, const char *method)
{
    call.method = method;
    call.replies = 0;
    assert_true(session_service_call(identity, &call));
    assert_int_equal(call.replies, 1);
    return call.refusal;
}

static void write_open_request(char *token)
{
    Assize__Session__V1__OpenByLinkRequest request =
        ASSIZE__SESSION__V1__OPEN_BY_LINK_REQUEST__INIT;

    request.token = token;
    assert_int_equal(codec_pack(&request.base, &call.body), 0);
}

static void opens_a_session_and_sets_its_cookie(void **state)
{
    char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP-";
    struct arena arena;

    write_open_request(token);
    assert_int_equal(ask(*state, "assize.session.v1.SessionService/OpenByLink"), REFUSAL_NONE);
    assert_int_equal(strlen(call.cookie), ID_TOKEN_SIZE - 1);
    assert_string_not_equal(call.cookie, token);
    assert_int_equal(call.cookie_s, 3600);
    arena_init(&arena, codec_arena_max(call.reply.len));
    const Assize__Session__V1__Session *session = codec_unpack(
        &assize__session__v1__session__descriptor, &arena, call.reply.data, call.reply.len);
    assert_non_null(session);
    assert_string_equal(session->hearing, store.session.hearing);
    assert_string_equal(session->name, "Nguyễn Văn A");
    assert_string_equal(session->site, "Điểm cầu thành phần");
    assert_int_equal(session->participant, 6);
    assert_int_equal(session->endpoint, 5);
    assert_int_equal(session->role, ASSIZE__HEARING__V1__ROLE__ROLE_WITNESS);
    assert_true(session->has_expires_ms && session->expires_ms == store.session.expires_ms);
    arena_done(&arena);
}

static void tells_a_viewer_of_the_gallery_of_the_hearing_and_of_nobody(void **state)
{
    struct arena arena;

    store.session.gallery = true;
    write_open_request((char[]){"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP-"});
    assert_int_equal(ask(*state, "assize.session.v1.SessionService/OpenByLink"), REFUSAL_NONE);
    arena_init(&arena, codec_arena_max(call.reply.len));
    const Assize__Session__V1__Session *session = codec_unpack(
        &assize__session__v1__session__descriptor, &arena, call.reply.data, call.reply.len);
    assert_non_null(session);
    assert_true(session->gallery);
    assert_string_equal(session->case_number, "01/2026/TLST-HS");
    assert_false(session->has_participant || session->has_role || session->has_endpoint ||
                 session->has_endpoint_kind);
    assert_null(session->name);
    assert_null(session->site);
    arena_done(&arena);
}

static void tells_the_current_session_and_leaves_its_cookie(void **state)
{
    memcpy(call.peer.token, TOKEN, sizeof(TOKEN));
    assert_int_equal(ask(*state, "assize.session.v1.SessionService/Current"), REFUSAL_NONE);
    assert_false(call.has_cookie);
    assert_true(call.reply.len > 0);
}

static void refuses_who_is_not_signed_in(void **state)
{
    assert_int_equal(ask(*state, "assize.session.v1.SessionService/Current"),
                     REFUSAL_NOT_SIGNED_IN);
    memcpy(call.peer.token, TOKEN, sizeof(TOKEN));
    store.refusal = REFUSAL_NOT_SIGNED_IN;
    assert_int_equal(ask(*state, "assize.session.v1.SessionService/Current"),
                     REFUSAL_NOT_SIGNED_IN);
}

static void signs_out_and_clears_the_cookie(void **state)
{
    memcpy(call.peer.token, TOKEN, sizeof(TOKEN));
    assert_int_equal(ask(*state, "assize.session.v1.SessionService/SignOut"), REFUSAL_NONE);
    assert_true(call.has_cookie);
    assert_string_equal(call.cookie, "");
    store.error = -EAGAIN;
    assert_int_equal(ask(*state, "assize.session.v1.SessionService/SignOut"),
                     REFUSAL_DATABASE_AWAY);
}

static void refuses_bodies_and_methods_that_are_none(void **state)
{
    assert_int_equal(buf_append(&call.body, "\xff\xff\xff", 3), 0);
    assert_int_equal(ask(*state, "assize.session.v1.SessionService/OpenByLink"), REFUSAL_MALFORMED);
    buf_clear(&call.body);
    assert_int_equal(ask(*state, "assize.session.v1.SessionService/OpenByLink"),
                     REFUSAL_LINK_UNKNOWN);
    assert_int_equal(ask(*state, "assize.session.v1.SessionService/Else"), REFUSAL_NOT_FOUND);
}

static void leaves_other_services_to_others(void **state)
{
    call.method = "assize.cases.v1.CaseService/Get";
    assert_false(session_service_call(*state, &call));
    assert_int_equal(call.replies, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(opens_a_session_and_sets_its_cookie),
        TEST(tells_a_viewer_of_the_gallery_of_the_hearing_and_of_nobody),
        TEST(tells_the_current_session_and_leaves_its_cookie),
        TEST(refuses_who_is_not_signed_in),
        TEST(signs_out_and_clears_the_cookie),
        TEST(refuses_bodies_and_methods_that_are_none),
        TEST(leaves_other_services_to_others),
    };

    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
