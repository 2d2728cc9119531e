/* A relay on a loopback port, and what reaches whom: checks, handshakes, fingerprints, consent,
 * junk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/id.h"
#include "media/rtp/stun.h"
#include "tests/unit/relay_fixture.h"

enum {
    CONNECTED = ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED,
    LOST = ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_LOST,
    CLOSED = ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CLOSED,
    UNREPORTED = ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_UNSPECIFIED,
};

static void say_audio(struct client *client, int fd)
{
    uint8_t data[1500];
    size_t len = client_make_audio(client, client_ssrc(client, PEER_AUDIO), data);

    client_send(client, fd, data, len);
    fixture_settle(client->fixture);
}

static void hear(struct client *client)
{
    fixture_settle(client->fixture);
    client_read(client, client->fd);
}

/* ---- checks ---- */

static void a_check_with_the_wrong_password_is_ignored(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    client_open(fixture, &client, PEER_SRTP_GCM);
    client_check(&client, client.fd, true, "not-the-password-of-this-leg");
    assert_int_equal(client.datagrams_in, 0);
    assert_int_equal(relay_counters(fixture->relay)->stun_unauthenticated, 1);
    client_check(&client, client.fd, true, NULL);
    assert_int_equal(client.checks_answered, 1);
    client_close(&client);
}

static void every_authenticated_check_is_answered(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    client_open(fixture, &client, PEER_SRTP_GCM);
    for (size_t i = 1; i <= 5; i++) {
        client_check(&client, client.fd, i % 2, NULL);
        assert_int_equal(client.checks_answered, i);
    }
    client_close(&client);
}

static void no_handshake_is_answered_before_a_check(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    client_open(fixture, &client, PEER_SRTP_GCM);
    client.dtls_started = true;
    peer_dtls_start(&client.dtls);
    hear(&client);
    assert_int_equal(client.datagrams_in, 0);
    assert_int_equal(relay_counters(fixture->relay)->unknown_address, 1);
    client_close(&client);
}

/* Neither nomination nor answer is waited for. */
static void the_handshake_is_answered_after_the_first_check(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    client_open(fixture, &client, PEER_SRTP_GCM);
    client_check(&client, client.fd, false, NULL);
    client_start_dtls(&client);
    assert_int_equal(client.dtls.state, PEER_DTLS_UP);
    assert_int_equal(fixture_state(client.leg), UNREPORTED);
    assert_int_equal(client_answer(&client, NULL)->body_case,
                     ASSIZE__MEDIA__V1__REPORT__BODY_ACCEPTED);
    fixture_settle(fixture);
    assert_int_equal(fixture_state(client.leg), CONNECTED);
    client_close(&client);
}

static void the_answer_may_come_first(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    client_open(fixture, &client, PEER_SRTP_GCM);
    assert_int_equal(client_answer(&client, NULL)->body_case,
                     ASSIZE__MEDIA__V1__REPORT__BODY_ACCEPTED);
    client_check(&client, client.fd, true, NULL);
    client_start_dtls(&client);
    assert_int_equal(fixture_state(client.leg), CONNECTED);
    client_close(&client);
}

static void a_wrong_fingerprint_closes_the_leg(void **state)
{
    struct fixture *fixture = *state;
    uint8_t other[SHA256_BYTES] = {1, 2, 3};

    for (int answer_first = 0; answer_first < 2; answer_first++) {
        struct client client;
        client_open(fixture, &client, PEER_SRTP_GCM);
        if (answer_first)
            client_answer(&client, other);
        client_check(&client, client.fd, true, NULL);
        client_start_dtls(&client);
        if (!answer_first)
            assert_int_equal(client_answer(&client, other)->body_case,
                             ASSIZE__MEDIA__V1__REPORT__BODY_FAILED);
        fixture_settle(fixture);
        assert_int_equal(fixture_state(client.leg), CLOSED);
        assert_string_equal(fixture_reason(client.leg), "fingerprint");
        assert_null(leg_find(relay_legs(fixture->relay), client.leg));
        client_close(&client);
    }
    assert_int_equal(relay_counters(fixture->relay)->fingerprints_wrong, 2);
}

/* ---- media ---- */

static void media_flows_as_granted_with_either_cipher(void **state)
{
    static const enum peer_srtp_profile profiles[] = {PEER_SRTP_GCM, PEER_SRTP_CM};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < 2; i++) {
        struct client speaker;
        struct client listener;
        client_open(fixture, &speaker, profiles[i]);
        client_open(fixture, &listener, profiles[1 - i]);
        client_connect(&speaker);
        client_connect(&listener);
        say_audio(&speaker, speaker.fd);
        hear(&listener);
        assert_int_equal(listener.rtp_in, 0);

        const Assize__Media__V1__Cell cell = fixture_audio_cell(&speaker, &listener);
        assert_int_equal(fixture_matrix(fixture, i + 1, &cell, 1)->body_case,
                         ASSIZE__MEDIA__V1__REPORT__BODY_MATRIX_APPLIED);
        say_audio(&speaker, speaker.fd);
        hear(&listener);
        assert_int_equal(listener.rtp_in, 1);
        assert_int_equal(listener.last_rtp[listener.last_rtp_len - 1], speaker.next_seq);
        fixture_matrix(fixture, i + 10, NULL, 0);
        say_audio(&speaker, speaker.fd);
        hear(&listener);
        assert_int_equal(listener.rtp_in, 1);
        client_close(&speaker);
        client_close(&listener);
    }
}

static void media_before_the_fingerprint_is_verified_is_dropped(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    client_open(fixture, &client, PEER_SRTP_GCM);
    client_check(&client, client.fd, true, NULL);
    client_start_dtls(&client);
    say_audio(&client, client.fd);
    assert_int_equal(relay_counters(fixture->relay)->early_media, 1);
    assert_int_equal(relay_counters(fixture->relay)->rtp_in, 0);
    client_close(&client);
}

static void a_repeated_packet_is_dropped(void **state)
{
    struct fixture *fixture = *state;
    struct client client;
    uint8_t data[1500];

    client_open(fixture, &client, PEER_SRTP_GCM);
    client_connect(&client);
    size_t len = client_make_audio(&client, client_ssrc(&client, PEER_AUDIO), data);
    for (int i = 0; i < 3; i++)
        client_send(&client, client.fd, data, len);
    fixture_settle(fixture);
    assert_int_equal(relay_counters(fixture->relay)->rtp_in, 1);
    assert_int_equal(relay_counters(fixture->relay)->srtp_replayed, 2);
    client_close(&client);
}

static void an_undeclared_ssrc_is_dropped(void **state)
{
    struct fixture *fixture = *state;
    struct client client;
    uint8_t data[1500];

    client_open(fixture, &client, PEER_SRTP_GCM);
    client_connect(&client);
    client_send(&client, client.fd, data, client_make_audio(&client, 0xdead, data));
    fixture_settle(fixture);
    assert_int_equal(relay_counters(fixture->relay)->rtp_in, 0);
    assert_int_equal(relay_counters(fixture->relay)->rtp_undeclared, 1);
    client_close(&client);
}

static void a_forged_packet_is_dropped(void **state)
{
    struct fixture *fixture = *state;
    struct client client;
    uint8_t data[1500];

    client_open(fixture, &client, PEER_SRTP_GCM);
    client_connect(&client);
    size_t len = client_make_audio(&client, client_ssrc(&client, PEER_AUDIO), data);
    data[20] ^= 1;
    client_send(&client, client.fd, data, len);
    fixture_settle(fixture);
    assert_int_equal(relay_counters(fixture->relay)->srtp_bad, 1);
    client_close(&client);
}

/* ---- where to ---- */

static void only_an_authenticated_check_changes_the_address(void **state)
{
    struct fixture *fixture = *state;
    struct client speaker;
    struct client listener;

    client_open(fixture, &speaker, PEER_SRTP_GCM);
    client_open(fixture, &listener, PEER_SRTP_GCM);
    client_connect(&speaker);
    client_connect(&listener);
    const Assize__Media__V1__Cell cell = fixture_audio_cell(&speaker, &listener);
    fixture_matrix(fixture, 1, &cell, 1);

    int other = fixture_socket(fixture);
    uint8_t data[1500];
    client_send(&listener, other, data,
                client_make_audio(&listener, client_ssrc(&listener, PEER_AUDIO), data));
    client_check(&listener, other, true, "not-the-password-of-this-leg");
    size_t before = listener.rtp_in;
    say_audio(&speaker, speaker.fd);
    client_read(&listener, other);
    assert_int_equal(listener.rtp_in, before);
    hear(&listener);
    assert_int_equal(listener.rtp_in, before + 1);

    client_check(&listener, other, false, NULL); /* a path, but not nominated */
    say_audio(&speaker, speaker.fd);
    client_read(&listener, other);
    assert_int_equal(listener.rtp_in, before + 1);
    client_check(&listener, other, true, NULL);
    client_read(&listener, listener.fd);
    before = listener.rtp_in;
    say_audio(&speaker, speaker.fd);
    client_read(&listener, other);
    assert_int_equal(listener.rtp_in, before + 1);
    close(other);
    client_close(&speaker);
    client_close(&listener);
}

static void an_address_in_use_is_not_taken_by_another_leg(void **state)
{
    struct fixture *fixture = *state;
    struct client owner;
    struct client taker;

    client_open(fixture, &owner, PEER_SRTP_GCM);
    client_open(fixture, &taker, PEER_SRTP_GCM);
    client_connect(&owner);
    client_check(&taker, owner.fd, true, NULL);
    assert_int_equal(taker.checks_answered, 0);
    say_audio(&owner, owner.fd);
    assert_int_equal(relay_counters(fixture->relay)->rtp_in, 1);
    client_close(&owner);
    client_close(&taker);
}

/* What a check from this address is told of itself: the family of the mapped address, or AF_UNSPEC
 * without an answer. */
static int family_seen_from(struct relay *relay, const struct leg *leg, const char *from)
{
    const struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                                    .sin6_addr = in6addr_loopback,
                                    .sin6_port = htons(relay_port(relay))};
    const struct sockaddr_in v4 = {.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                   .sin_port = htons(relay_port(relay))};
    bool is_v6 = strcmp(from, "::1") == 0;
    struct stun_request request = {.password = leg->ice.password, .role = STUN_ROLE_CONTROLLING};
    struct stun_message answer = {.mapped.any.sa_family = AF_UNSPEC};
    char username[32];
    uint8_t data[STUN_WRITE_MAX];

    snprintf(username, sizeof(username), "%s:x", leg->ice.ufrag);
    request.username = username;
    int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(is_v6 ? connect(fd, (const struct sockaddr *)&v6, sizeof(v6))
                           : connect(fd, (const struct sockaddr *)&v4, sizeof(v4)),
                     0);
    assert_true(send(fd, data, stun_write_request(data, &request), 0) > 0);
    relay_turn(relay, 10);
    ssize_t len = recv(fd, data, sizeof(data), MSG_DONTWAIT);
    if (len > 0)
        assert_int_equal(stun_parse(data, (size_t)len, &answer), 0);
    close(fd);
    return answer.mapped.any.sa_family;
}

static void one_port_serves_ipv4_and_ipv6(void **state)
{
    const struct relay_options options = {.listen = "::", .advertise = "127.0.0.1, ::1"};
    const struct leg_wish wish = {.id = 1, .hearing = "h", .session = ""};
    char error[RELAY_ERROR_SIZE];
    struct relay *relay;
    struct leg *leg;

    (void)state;
    assert_int_equal(relay_new(&options, error, &relay), 0);
    assert_int_equal(relay_legs(relay)->candidate_count, 2);
    assert_int_equal(leg_open(relay_legs(relay), &wish, &leg), 0);
    assert_int_equal(family_seen_from(relay, leg, "127.0.0.1"), AF_INET);
    assert_int_equal(family_seen_from(relay, leg, "::1"), AF_INET6);
    relay_free(relay);
}

static void an_address_that_is_none_is_refused_with_a_sentence(void **state)
{
    const struct relay_options bad[] = {{.listen = "nowhere", .advertise = ""},
                                        {.listen = "127.0.0.1", .advertise = "example.vn"}};
    char error[RELAY_ERROR_SIZE];
    struct relay *relay;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_true(relay_new(&bad[i], error, &relay) < 0);
        assert_non_null(strstr(error, i ? "example.vn" : "nowhere"));
    }
}

/* ---- consent ---- */

static void a_silent_leg_is_lost_comes_back_and_is_closed_in_the_end(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    client_open(fixture, &client, PEER_SRTP_GCM);
    client_connect(&client);
    fixture_pass(fixture, RELAY_LOST_MS - 500);
    assert_int_equal(fixture_state(client.leg), CONNECTED);
    fixture_pass(fixture, 1000);
    assert_int_equal(fixture_state(client.leg), LOST);
    client_check(&client, client.fd, false, NULL);
    assert_int_equal(fixture_state(client.leg), CONNECTED);
    fixture_pass(fixture, RELAY_CONSENT_MS - 500);
    assert_int_equal(fixture_state(client.leg), LOST);
    fixture_pass(fixture, 1000);
    assert_int_equal(fixture_state(client.leg), CLOSED);
    assert_string_equal(fixture_reason(client.leg), "consent");
    client_close(&client);
}

static void media_is_no_consent(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    client_open(fixture, &client, PEER_SRTP_GCM);
    client_connect(&client);
    for (int i = 0; i < 12; i++) {
        say_audio(&client, client.fd);
        fixture_pass(fixture, 500);
    }
    assert_int_equal(fixture_state(client.leg), LOST);
    client_close(&client);
}

static void a_leg_nobody_comes_to_is_closed(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    client_open(fixture, &client, PEER_SRTP_GCM);
    fixture_pass(fixture, RELAY_CONSENT_MS + 200);
    assert_int_equal(fixture_state(client.leg), CLOSED);
    client_close(&client);
}

static void checks_without_a_handshake_do_not_keep_a_leg(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    client_open(fixture, &client, PEER_SRTP_GCM);
    for (int i = 0; i < 16; i++) {
        client_check(&client, client.fd, true, NULL);
        fixture_pass(fixture, 2000);
    }
    assert_int_equal(fixture_state(client.leg), CLOSED);
    assert_string_equal(fixture_reason(client.leg), "handshake");
    client_close(&client);
}

static void a_goodbye_closes_the_leg(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    client_open(fixture, &client, PEER_SRTP_GCM);
    client_connect(&client);
    peer_dtls_done(&client.dtls);
    fixture_settle(fixture);
    assert_int_equal(fixture_state(client.leg), CLOSED);
    assert_string_equal(fixture_reason(client.leg), "left");
    close(client.fd);
    peer_srtp_done(&client.srtp);
}

/* ---- junk ---- */

static void make_junk(uint8_t *data, size_t len, int kind)
{
    static const uint8_t firsts[] = {0, 1, 20, 22, 64, 100, 128, 129, 200, 255};

    id_random(data, len);
    data[0] = firsts[kind % (int)sizeof(firsts)];
    if (kind % 3 == 0)
        data[1] = 200; /* looks like RTCP */
}

static void ten_thousand_junk_datagrams_harm_nobody(void **state)
{
    struct fixture *fixture = *state;
    struct client client;
    uint8_t data[600];

    client_open(fixture, &client, PEER_SRTP_GCM);
    client_connect(&client);
    int stranger = fixture_socket(fixture);
    for (int i = 0; i < 10000; i++) {
        size_t len = 1 + (size_t)i % sizeof(data);
        make_junk(data, len < 2 ? 2 : len, i);
        client_send(&client, i % 2 ? stranger : client.fd, data, len);
        if (i % 50 == 0)
            relay_turn(fixture->relay, 0);
    }
    fixture_settle(fixture);
    uint8_t answer[16];
    assert_int_equal(recv(stranger, answer, sizeof(answer), MSG_DONTWAIT), -1);
    assert_true(relay_counters(fixture->relay)->datagrams_in > 9000);
    assert_int_equal(fixture_state(client.leg), CONNECTED);
    say_audio(&client, client.fd);
    assert_int_equal(relay_counters(fixture->relay)->rtp_in, 1);
    close(stranger);
    client_close(&client);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_check_with_the_wrong_password_is_ignored),
        CASE(every_authenticated_check_is_answered),
        CASE(no_handshake_is_answered_before_a_check),
        CASE(the_handshake_is_answered_after_the_first_check),
        CASE(the_answer_may_come_first),
        CASE(a_wrong_fingerprint_closes_the_leg),
        CASE(media_flows_as_granted_with_either_cipher),
        CASE(media_before_the_fingerprint_is_verified_is_dropped),
        CASE(a_repeated_packet_is_dropped),
        CASE(an_undeclared_ssrc_is_dropped),
        CASE(a_forged_packet_is_dropped),
        CASE(only_an_authenticated_check_changes_the_address),
        CASE(an_address_in_use_is_not_taken_by_another_leg),
        cmocka_unit_test(one_port_serves_ipv4_and_ipv6),
        cmocka_unit_test(an_address_that_is_none_is_refused_with_a_sentence),
        CASE(a_silent_leg_is_lost_comes_back_and_is_closed_in_the_end),
        CASE(media_is_no_consent),
        CASE(a_leg_nobody_comes_to_is_closed),
        CASE(checks_without_a_handshake_do_not_keep_a_leg),
        CASE(a_goodbye_closes_the_leg),
        CASE(ten_thousand_junk_datagrams_harm_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
