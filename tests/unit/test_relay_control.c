/* The control socket: who may speak, what is answered, what happens when nobody controls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/unit/relay_fixture.h"

enum { CLOSED = ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CLOSED };

static void wait_for_the_end(struct fixture *fixture, struct controller_end *end)
{
    uint8_t byte;

    fixture_settle(fixture);
    assert_int_equal(recv(end->fd, &byte, 1, MSG_DONTWAIT), 0);
}

static void assert_failed(const Assize__Media__V1__Report *reply, const char *code)
{
    assert_non_null(reply);
    assert_int_equal(reply->body_case, ASSIZE__MEDIA__V1__REPORT__BODY_FAILED);
    assert_string_equal(reply->failed->code, code);
}

static Assize__Media__V1__Report *open_leg(struct fixture *fixture, uint64_t leg, uint32_t slots)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__OpenLeg open = ASSIZE__MEDIA__V1__OPEN_LEG__INIT;
    char hearing[] = "h";

    open.has_leg = open.has_audio_slots = 1;
    open.leg = leg;
    open.hearing = hearing;
    open.audio_slots = slots;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_OPEN_LEG;
    request.open_leg = &open;
    return controller_ask(fixture, &fixture->controller, &request);
}

static Assize__Media__V1__Report *close_leg(struct fixture *fixture, uint64_t leg)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__CloseLeg close = ASSIZE__MEDIA__V1__CLOSE_LEG__INIT;

    close.has_leg = 1;
    close.leg = leg;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_CLOSE_LEG;
    request.close_leg = &close;
    return controller_ask(fixture, &fixture->controller, &request);
}

static Assize__Media__V1__Report *answer_leg(struct fixture *fixture, uint64_t leg, const char *sdp)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__AnswerLeg answer = ASSIZE__MEDIA__V1__ANSWER_LEG__INIT;
    char text[64];

    snprintf(text, sizeof(text), "%s", sdp);
    answer.has_leg = 1;
    answer.leg = leg;
    answer.sdp = text;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_ANSWER_LEG;
    request.answer_leg = &answer;
    return controller_ask(fixture, &fixture->controller, &request);
}

/* One packet from speaker to listener; true when it arrived. */
static bool media_flows(struct client *speaker, struct client *listener)
{
    uint8_t data[1500];
    size_t before = listener->rtp_in;

    client_send(speaker, speaker->fd, data,
                client_make_audio(speaker, client_ssrc(speaker, PEER_AUDIO), data));
    fixture_settle(speaker->fixture);
    client_read(listener, listener->fd);
    return listener->rtp_in == before + 1;
}

static void connect_two(struct fixture *fixture, struct client *speaker, struct client *listener)
{
    client_open(fixture, speaker, PEER_SRTP_GCM);
    client_open(fixture, listener, PEER_SRTP_GCM);
    client_connect(speaker);
    client_connect(listener);
    const Assize__Media__V1__Cell cell = fixture_audio_cell(speaker, listener);
    assert_int_equal(fixture_matrix(fixture, 7, &cell, 1)->body_case,
                     ASSIZE__MEDIA__V1__REPORT__BODY_MATRIX_APPLIED);
}

/* ---- who may speak ---- */

static void the_socket_is_its_owners_only(void **state)
{
    const struct fixture *fixture = *state;
    struct stat about;

    assert_int_equal(stat(fixture->socket, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
}

static void nothing_is_answered_before_attach(void **state)
{
    struct fixture *fixture = *state;
    struct controller_end other;
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__Beat beat = ASSIZE__MEDIA__V1__BEAT__INIT;

    controller_connect(fixture, &other);
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_BEAT;
    request.beat = &beat;
    assert_null(controller_ask(fixture, &other, &request));
    assert_true(other.ended);
    assert_int_equal(relay_counters(fixture->relay)->control_malformed, 1);
    controller_close(&other);
}

static void a_second_controller_takes_the_place_of_the_first(void **state)
{
    struct fixture *fixture = *state;
    struct controller_end second;
    struct client speaker;
    struct client listener;

    connect_two(fixture, &speaker, &listener);
    controller_connect(fixture, &second);
    const Assize__Media__V1__Report *reply = controller_attach(fixture, &second);
    assert_non_null(reply);
    assert_int_equal(reply->attached->n_legs, 2);
    assert_string_equal(reply->attached->legs[0]->hearing, "h");
    assert_string_equal(reply->attached->legs[0]->session, "s");
    assert_int_equal(reply->attached->legs[0]->audio_slots, 1);
    assert_int_equal(reply->attached->n_matrices, 1);
    assert_int_equal(reply->attached->matrices[0]->epoch, 7);
    wait_for_the_end(fixture, &fixture->controller);
    assert_true(media_flows(&speaker, &listener));
    controller_close(&second);
    client_close(&speaker);
    client_close(&listener);
}

static void a_malformed_frame_ends_the_connection_and_nothing_else(void **state)
{
    static const uint8_t frames[][8] = {
        {0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff}, /* no protobuf */
        {0xff, 0xff, 0xff, 0xff},             /* too long */
        {0, 0, 0, 0},                         /* no arm */
    };
    struct fixture *fixture = *state;
    struct client speaker;
    struct client listener;

    connect_two(fixture, &speaker, &listener);
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        struct controller_end other;
        controller_connect(fixture, &other);
        assert_non_null(controller_attach(fixture, &other));
        assert_int_equal(send(other.fd, frames[i], i ? 4 : 8, 0), i ? 4 : 8);
        wait_for_the_end(fixture, &other);
        assert_int_equal(relay_counters(fixture->relay)->control_malformed, i + 1);
        controller_close(&other);
        assert_true(media_flows(&speaker, &listener));
    }
    client_close(&speaker);
    client_close(&listener);
}

static void a_fifth_connection_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct controller_end others[RELAY_CONTROLLERS_MAX];

    for (size_t i = 0; i < RELAY_CONTROLLERS_MAX; i++) {
        controller_connect(fixture, &others[i]);
        fixture_settle(fixture);
    }
    assert_int_equal(relay_counters(fixture->relay)->control_refused, 1);
    wait_for_the_end(fixture, &others[RELAY_CONTROLLERS_MAX - 1]);
    for (size_t i = 0; i < RELAY_CONTROLLERS_MAX; i++)
        controller_close(&others[i]);
}

/* ---- without control ---- */

static void legs_and_matrix_are_held_for_a_while_and_then_cut(void **state)
{
    struct fixture *fixture = *state;
    struct client speaker;
    struct client listener;

    connect_two(fixture, &speaker, &listener);
    fixture_pass(fixture, 200);
    controller_close(&fixture->controller);
    fixture->controller.fd = -1;
    fixture_pass(fixture, RELAY_HOLD_MS - 1000);
    assert_true(media_flows(&speaker, &listener));
    fixture_pass(fixture, 1500);
    assert_false(media_flows(&speaker, &listener));
    assert_int_equal(relay_legs(fixture->relay)->count, 0);
    client_close(&speaker);
    client_close(&listener);
}

static void a_controller_that_comes_back_in_time_finds_everything(void **state)
{
    struct fixture *fixture = *state;
    struct client speaker;
    struct client listener;

    connect_two(fixture, &speaker, &listener);
    controller_close(&fixture->controller);
    fixture_pass(fixture, RELAY_HOLD_MS - 1000);
    controller_connect(fixture, &fixture->controller);
    assert_int_equal(controller_attach(fixture, &fixture->controller)->attached->n_legs, 2);
    fixture_pass(fixture, 5000);
    assert_true(media_flows(&speaker, &listener));
    client_close(&speaker);
    client_close(&listener);
}

/* ---- requests ---- */

static void what_cannot_be_done_is_refused_with_its_code(void **state)
{
    struct fixture *fixture = *state;

    assert_failed(close_leg(fixture, 99), "leg_unknown");
    assert_failed(answer_leg(fixture, 99, "v=0"), "leg_unknown");
    assert_failed(open_leg(fixture, 0, 1), "malformed");
    assert_failed(open_leg(fixture, 5, RELAY_SLOTS_MAX + 1), "malformed");
    assert_int_equal(open_leg(fixture, 5, 1)->body_case, ASSIZE__MEDIA__V1__REPORT__BODY_LEG_OFFER);
    assert_failed(open_leg(fixture, 5, 1), "already_so");
    assert_failed(answer_leg(fixture, 5, "v=0\r\nnonsense"), "media_refused");
    assert_int_equal(close_leg(fixture, 5)->body_case, ASSIZE__MEDIA__V1__REPORT__BODY_ACCEPTED);
    assert_int_equal(fixture_state(5), CLOSED);
    assert_string_equal(fixture_reason(5), "asked");
}

static void a_second_answer_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    client_open(fixture, &client, PEER_SRTP_GCM);
    client_connect(&client);
    assert_failed(client_answer(&client, NULL), "already_so");
    client_close(&client);
}

static void a_matrix_on_a_wrong_base_is_refused(void **state)
{
    struct fixture *fixture = *state;
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__Matrix matrix = ASSIZE__MEDIA__V1__MATRIX__INIT;
    Assize__Media__V1__Cell cell = ASSIZE__MEDIA__V1__CELL__INIT;
    Assize__Media__V1__Cell *cells[] = {&cell};
    char hearing[] = "h";

    matrix.hearing = hearing;
    matrix.has_base_epoch = 1;
    matrix.base_epoch = 12;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_MATRIX;
    request.matrix = &matrix;
    assert_failed(controller_ask(fixture, &fixture->controller, &request), "stale_epoch");
    matrix.base_epoch = 0;
    matrix.n_grant = 1;
    matrix.grant = cells;
    assert_failed(controller_ask(fixture, &fixture->controller, &request), "malformed");
}

static void more_legs_than_the_limit_are_refused(void **state)
{
    struct fixture *fixture = *state;

    for (uint64_t leg = 1; leg <= RELAY_LEGS_MAX; leg++)
        assert_int_equal(open_leg(fixture, leg, 0)->body_case,
                         ASSIZE__MEDIA__V1__REPORT__BODY_LEG_OFFER);
    assert_failed(open_leg(fixture, RELAY_LEGS_MAX + 1, 0), "too_many_legs");
}

static void counters_are_told_by_name(void **state)
{
    struct fixture *fixture = *state;
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__GetStats get = ASSIZE__MEDIA__V1__GET_STATS__INIT;

    assert_int_equal(open_leg(fixture, 5, 1)->body_case, ASSIZE__MEDIA__V1__REPORT__BODY_LEG_OFFER);
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_GET_STATS;
    request.get_stats = &get;
    const Assize__Media__V1__Report *reply =
        controller_ask(fixture, &fixture->controller, &request);
    assert_string_equal(reply->stats->counters[0]->name, "legs");
    assert_int_equal(reply->stats->counters[0]->value, 1);
    bool found = false;
    for (size_t i = 0; i < reply->stats->n_counters; i++)
        found |= strcmp(reply->stats->counters[i]->name, "legs_opened") == 0 &&
                 reply->stats->counters[i]->value == 1;
    assert_true(found);
}

static void quality_is_reported_once_a_second(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    client_open(fixture, &client, PEER_SRTP_GCM);
    client_connect(&client);
    fixture->controller.quality_count = 0;
    fixture_pass(fixture, 4000);
    assert_in_range(fixture->controller.quality_count, 3, 4);
    client_close(&client);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_socket_is_its_owners_only),
        CASE(nothing_is_answered_before_attach),
        CASE(a_second_controller_takes_the_place_of_the_first),
        CASE(a_malformed_frame_ends_the_connection_and_nothing_else),
        CASE(a_fifth_connection_is_refused),
        CASE(legs_and_matrix_are_held_for_a_while_and_then_cut),
        CASE(a_controller_that_comes_back_in_time_finds_everything),
        CASE(what_cannot_be_done_is_refused_with_its_code),
        CASE(a_second_answer_is_refused),
        CASE(a_matrix_on_a_wrong_base_is_refused),
        CASE(more_legs_than_the_limit_are_refused),
        CASE(counters_are_told_by_name),
        CASE(quality_is_reported_once_a_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
