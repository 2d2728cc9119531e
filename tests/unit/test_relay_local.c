/* Local legs: who may be the other end of one, and what becomes of it when that goes, comes back or
 * is another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>

#include "tests/unit/local_fixture.h"

enum {
    CONNECTED = ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED,
    LOST = ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_LOST,
    CLOSED = ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CLOSED,
};

static uint64_t refused(const struct fixture *fixture)
{
    return relay_counters(fixture->relay)->local_refused;
}

/* ---- who may be the other end ---- */

static void the_socket_is_its_owners_only(void **state)
{
    const struct fixture *fixture = *state;
    struct stat about;

    assert_int_equal(stat(fixture->local, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
}

static void a_process_with_the_token_is_linked_to_its_leg(void **state)
{
    struct fixture *fixture = *state;
    struct process process;
    const Assize__Media__V1__Report *reply = local_open(fixture, LOCAL_TOKEN_BYTES);

    assert_int_equal(reply->body_case, ASSIZE__MEDIA__V1__REPORT__BODY_LEG_OFFER);
    assert_int_equal(reply->leg_offer->leg, LOCAL_LEG);
    assert_null(reply->leg_offer->sdp);
    process_come(fixture, &process);
    process_hello(&process, LOCAL_LEG, local_token);
    assert_int_equal(fixture_state(LOCAL_LEG), CONNECTED);
    assert_int_equal(refused(fixture), 0);
    process_go(&process);
}

static void a_local_leg_has_no_answer(void **state)
{
    struct fixture *fixture = *state;
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__AnswerLeg answer = ASSIZE__MEDIA__V1__ANSWER_LEG__INIT;
    char sdp[] = "v=0";

    local_open(fixture, LOCAL_TOKEN_BYTES);
    answer.has_leg = 1;
    answer.leg = LOCAL_LEG;
    answer.sdp = sdp;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_ANSWER_LEG;
    request.answer_leg = &answer;
    const Assize__Media__V1__Report *reply =
        controller_ask(fixture, &fixture->controller, &request);
    assert_int_equal(reply->body_case, ASSIZE__MEDIA__V1__REPORT__BODY_FAILED);
    assert_string_equal(reply->failed->code, "media_refused");
}

static void a_leg_with_another_length_of_token_is_refused(void **state)
{
    struct fixture *fixture = *state;

    for (size_t len = 0; len < LOCAL_TOKEN_BYTES; len += 5)
        assert_int_equal(local_open(fixture, len)->body_case,
                         ASSIZE__MEDIA__V1__REPORT__BODY_FAILED);
}

static void a_wrong_hello_is_cut_off_and_counted(void **state)
{
    static const uint8_t zeros[LOCAL_TOKEN_BYTES];
    struct fixture *fixture = *state;
    struct process process;
    struct client client;

    client_open(fixture, &client, PEER_SRTP_GCM);
    assert_int_equal(local_open(fixture, LOCAL_TOKEN_BYTES)->body_case,
                     ASSIZE__MEDIA__V1__REPORT__BODY_LEG_OFFER);
    const struct {
        uint64_t leg;
        const uint8_t *token;
    } wrong[] = {{LOCAL_LEG, zeros},
                 {LOCAL_LEG + 1, local_token},
                 {client.leg, local_token},
                 {client.leg, zeros}};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        process_come(fixture, &process);
        process_hello(&process, wrong[i].leg, wrong[i].token);
        assert_true(process_is_cut_off(&process));
        assert_int_equal(refused(fixture), i + 1);
        process_go(&process);
    }
    process_come(fixture, &process);
    process_put(&process, local_token, 3);
    assert_true(process_is_cut_off(&process));
    process_go(&process);
    assert_int_not_equal(fixture_state(LOCAL_LEG), CONNECTED);
    client_close(&client);
}

static void who_says_no_hello_in_time_is_cut_off(void **state)
{
    struct fixture *fixture = *state;
    struct process process;

    process_come(fixture, &process);
    fixture_pass(fixture, RELAY_LOCAL_HELLO_MS / 2);
    assert_false(process_is_cut_off(&process));
    fixture_pass(fixture, RELAY_LOCAL_HELLO_MS);
    assert_true(process_is_cut_off(&process));
    assert_int_equal(refused(fixture), 1);
    process_go(&process);
}

static void only_so_many_may_keep_their_hello_to_themselves(void **state)
{
    struct fixture *fixture = *state;
    struct process silent[RELAY_LOCAL_GREETING_MAX];
    struct process process;

    for (size_t i = 0; i < RELAY_LOCAL_GREETING_MAX; i++)
        process_come(fixture, &silent[i]);
    assert_int_equal(refused(fixture), 0);
    process_come(fixture, &process);
    assert_true(process_is_cut_off(&process));
    assert_int_equal(refused(fixture), 1);
    process_go(&process);
    process_go(&silent[0]);
    process_start(fixture, &process); /* its place is free again */
    process_go(&process);
    for (size_t i = 1; i < RELAY_LOCAL_GREETING_MAX; i++)
        process_go(&silent[i]);
}

static void a_newer_process_takes_the_place_of_the_older(void **state)
{
    struct fixture *fixture = *state;
    struct process older;
    struct process newer;
    struct client client;

    process_start(fixture, &older);
    local_join(fixture, &client);
    local_grant(fixture, 1, local_cell(client.leg, LOCAL_LEG, LOCAL_AUDIO, 0));
    process_come(fixture, &newer);
    process_hello(&newer, LOCAL_LEG, local_token);
    assert_true(process_is_cut_off(&older));
    assert_int_equal(fixture_state(LOCAL_LEG), CONNECTED);
    local_client_say(&client, LOCAL_AUDIO, false);
    assert_true(process_read_kind(&newer, LOCAL_RTP));
    process_go(&older);
    assert_int_equal(fixture_state(LOCAL_LEG), CONNECTED);
    process_go(&newer);
    assert_int_equal(fixture_state(LOCAL_LEG), LOST);
    client_close(&client);
}

static void closing_the_leg_ends_the_connection(void **state)
{
    struct fixture *fixture = *state;
    struct process process;

    process_start(fixture, &process);
    local_close(fixture);
    assert_true(process_is_cut_off(&process));
    assert_int_equal(fixture_state(LOCAL_LEG), CLOSED);
    process_go(&process);
}

/* It waits for its process as long as the controller wants it to. */
static void a_leg_without_its_process_stays(void **state)
{
    struct fixture *fixture = *state;
    struct process process;

    process_start(fixture, &process);
    process_go(&process);
    fixture_pass(fixture, RELAY_CONSENT_MS + RELAY_HANDSHAKE_MS);
    assert_int_equal(fixture_state(LOCAL_LEG), LOST);
    process_come(fixture, &process);
    process_hello(&process, LOCAL_LEG, local_token);
    assert_int_equal(fixture_state(LOCAL_LEG), CONNECTED);
    process_go(&process);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_socket_is_its_owners_only),
        TEST(a_process_with_the_token_is_linked_to_its_leg),
        TEST(a_local_leg_has_no_answer),
        TEST(a_leg_with_another_length_of_token_is_refused),
        TEST(a_wrong_hello_is_cut_off_and_counted),
        TEST(who_says_no_hello_in_time_is_cut_off),
        TEST(only_so_many_may_keep_their_hello_to_themselves),
        TEST(a_newer_process_takes_the_place_of_the_older),
        TEST(closing_the_leg_ends_the_connection),
        TEST(a_leg_without_its_process_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
