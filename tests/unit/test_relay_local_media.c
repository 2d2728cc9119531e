/* What passes between the process of a local leg, clients and the record, and what one that comes
 * back or does not read does to the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "media/rtp/bytes.h"
#include "media/rtp/rtcp.h"
#include "tests/unit/local_fixture.h"

enum {
    SSRC = 4242, /* the process's own */
    BURST = 32,
    LARGE = 1100,
};

static uint16_t heard_seq(const struct client *client)
{
    return bytes_get16(client->last_rtp + 2);
}

/* ---- from the process ---- */

static void what_it_sends_reaches_who_may_get_it_and_nobody_else(void **state)
{
    struct fixture *fixture = *state;
    struct process process;
    struct client listener;
    struct client other;

    process_start(fixture, &process);
    local_join(fixture, &listener);
    local_join(fixture, &other);
    local_grant(fixture, 1, local_cell(LOCAL_LEG, listener.leg, LOCAL_AUDIO, 0));
    process_send_packet(&process, LOCAL_AUDIO, SSRC, 100, false);
    assert_int_equal(local_client_hear(&listener), 1);
    assert_int_equal(local_client_hear(&other), 0);
    assert_int_equal(fixture_matrix(fixture, 2, NULL, 0)->body_case,
                     ASSIZE__MEDIA__V1__REPORT__BODY_MATRIX_APPLIED);
    process_send_packet(&process, LOCAL_AUDIO, SSRC, 101, false);
    assert_int_equal(local_client_hear(&listener), 0);
    process_go(&process);
    client_close(&listener);
    client_close(&other);
}

/* A client's slot goes on as one stream, whichever stream of the process fills it. */
static void another_stream_goes_on_where_the_last_one_ended(void **state)
{
    struct fixture *fixture = *state;
    struct process process;
    struct client listener;

    process_start(fixture, &process);
    local_join(fixture, &listener);
    local_grant(fixture, 1, local_cell(LOCAL_LEG, listener.leg, LOCAL_AUDIO, 0));
    process_send_packet(&process, LOCAL_AUDIO, SSRC, 100, false);
    assert_int_equal(local_client_hear(&listener), 1);
    uint16_t first = heard_seq(&listener);
    process_send_packet(&process, LOCAL_AUDIO, SSRC + 1, 40000, false);
    assert_int_equal(local_client_hear(&listener), 1);
    assert_int_equal(heard_seq(&listener), (uint16_t)(first + 1));
    process_go(&process);
    process_come(fixture, &process);
    process_hello(&process, LOCAL_LEG, local_token);
    process_send_packet(&process, LOCAL_AUDIO, SSRC + 1, 7, false);
    assert_int_equal(local_client_hear(&listener), 1);
    assert_int_equal(heard_seq(&listener), (uint16_t)(first + 2));
    process_go(&process);
    client_close(&listener);
}

static void another_stream_of_video_begins_with_a_key_frame(void **state)
{
    struct fixture *fixture = *state;
    struct process process;
    struct client viewer;

    process_start(fixture, &process);
    local_join(fixture, &viewer);
    local_grant(fixture, 1, local_cell(LOCAL_LEG, viewer.leg, LOCAL_VIDEO, 0));
    process_send_packet(&process, LOCAL_VIDEO, SSRC, 1, true);
    process_send_packet(&process, LOCAL_VIDEO, SSRC, 2, false);
    assert_int_equal(local_client_hear(&viewer), 2);
    process_send_packet(&process, LOCAL_VIDEO, SSRC + 1, 1, false);
    assert_int_equal(local_client_hear(&viewer), 0);
    process_send_packet(&process, LOCAL_VIDEO, SSRC + 1, 2, true);
    assert_int_equal(local_client_hear(&viewer), 1);
    process_go(&process);
    client_close(&viewer);
}

static void it_is_asked_for_the_key_frames_others_need(void **state)
{
    struct fixture *fixture = *state;
    struct process process;
    struct client viewer;

    process_start(fixture, &process);
    local_join(fixture, &viewer);
    process_send_packet(&process, LOCAL_VIDEO, SSRC, 1, true);
    assert_false(process_read_kind(&process, LOCAL_KEY_FRAME));
    local_grant(fixture, 1, local_cell(LOCAL_LEG, viewer.leg, LOCAL_VIDEO, 0));
    fixture_pass(fixture, RELAY_KEY_FRAME_MS / 2);
    assert_true(process_read_kind(&process, LOCAL_KEY_FRAME));
    assert_int_equal(process.len, LOCAL_HEAD_BYTES);
    assert_int_equal(process.last[1], LOCAL_VIDEO);
    assert_false(process_read_kind(&process, LOCAL_KEY_FRAME)); /* not again at once */
    fixture_pass(fixture, RELAY_KEY_FRAME_MS * 2);
    assert_true(process_read_kind(&process, LOCAL_KEY_FRAME)); /* but as long as one is needed */
    process_send_packet(&process, LOCAL_VIDEO, SSRC, 2, true);
    process_read_all(&process);
    fixture_pass(fixture, RELAY_KEY_FRAME_MS * 2);
    assert_false(process_read_kind(&process, LOCAL_KEY_FRAME));
    process_send_packet(&process, LOCAL_VIDEO, SSRC, 9,
                        false); /* what it left out is mended by one */
    fixture_pass(fixture, RELAY_KEY_FRAME_MS * 2);
    assert_true(process_read_kind(&process, LOCAL_KEY_FRAME));
    process_go(&process);
    client_close(&viewer);
}

static void its_sender_reports_reach_clients(void **state)
{
    struct fixture *fixture = *state;
    struct process process;
    struct client listener;

    process_start(fixture, &process);
    local_join(fixture, &listener);
    local_grant(fixture, 1, local_cell(LOCAL_LEG, listener.leg, LOCAL_AUDIO, 0));
    process_send_packet(&process, LOCAL_AUDIO, SSRC, 100, false);
    process_send_report(&process, LOCAL_AUDIO, SSRC + 1); /* of no stream */
    fixture_pass(fixture, RELAY_REPORT_MS * 2);
    local_client_hear(&listener);
    assert_int_equal(listener.rtcp_in, 0);
    assert_int_equal(relay_counters(fixture->relay)->local_malformed, 1);
    process_send_report(&process, LOCAL_AUDIO, SSRC);
    fixture_pass(fixture, RELAY_REPORT_MS * 2);
    local_client_hear(&listener);
    assert_true(listener.rtcp_in > 0);
    process_go(&process);
    client_close(&listener);
}

static void what_makes_no_sense_is_dropped_and_counted(void **state)
{
    struct fixture *fixture = *state;
    struct process process;
    struct client listener;
    uint8_t whole[PROCESS_ROOM + 1] = {LOCAL_RTP, LOCAL_AUDIO};

    process_start(fixture, &process);
    local_join(fixture, &listener);
    local_grant(fixture, 1, local_cell(LOCAL_LEG, listener.leg, LOCAL_AUDIO, 0));
    size_t len = LOCAL_HEAD_BYTES +
                 process_write_packet(whole + LOCAL_HEAD_BYTES, LOCAL_AUDIO, SSRC, 1, false);
    static const uint8_t heads[][LOCAL_HEAD_BYTES] = {
        {0, LOCAL_AUDIO},                            /* no kind */
        {9, LOCAL_AUDIO},                            /* nor this */
        {LOCAL_RTP, 2},                              /* no medium */
        {LOCAL_RTP, LOCAL_VIDEO},                    /* with the payload type of the other */
        {LOCAL_RTCP, LOCAL_AUDIO},                   /* which it is not */
        {LOCAL_KEY_FRAME, LOCAL_AUDIO},              /* sound has none */
        {LOCAL_KEY_FRAME, LOCAL_VIDEO, LOCAL_SLOTS}, /* no slot */
    };
    const size_t count = sizeof(heads) / sizeof(heads[0]);
    for (size_t i = 0; i < count; i++) {
        memcpy(whole, heads[i], LOCAL_HEAD_BYTES);
        process_put(&process, whole, len);
    }
    process_put(&process, whole, LOCAL_HEAD_BYTES - 1);
    memcpy(whole, (const uint8_t[]){LOCAL_RTP, LOCAL_AUDIO, 0, 0}, LOCAL_HEAD_BYTES);
    process_put(&process, whole, LOCAL_HEAD_BYTES + 11);
    process_put(&process, whole, sizeof(whole)); /* longer than a packet may be */
    assert_int_equal(relay_counters(fixture->relay)->local_malformed, count + 3);
    assert_int_equal(local_client_hear(&listener), 0);
    process_put(&process, whole, len);
    assert_int_equal(local_client_hear(&listener), 1);
    process_put(&process, whole, len); /* nothing comes twice here */
    assert_int_equal(local_client_hear(&listener), 0);
    assert_false(process_is_cut_off(&process));
    process_go(&process);
    client_close(&listener);
}

/* ---- to the process ---- */

static void it_gets_what_it_is_granted_by_slot(void **state)
{
    struct fixture *fixture = *state;
    struct process process;
    struct client first;
    struct client second;

    process_start(fixture, &process);
    local_join(fixture, &first);
    local_join(fixture, &second);
    local_grant(fixture, 1, local_cell(first.leg, LOCAL_LEG, LOCAL_AUDIO, 1));
    local_client_say(&second, LOCAL_AUDIO, false);
    assert_false(process_read_kind(&process, LOCAL_RTP));
    local_client_say(&first, LOCAL_AUDIO, false);
    assert_true(process_read_kind(&process, LOCAL_RTP));
    assert_int_equal(process.last[1], LOCAL_AUDIO);
    assert_int_equal(process.last[2], 1);
    assert_int_equal(process.last[3], LOCAL_FLAG_NEW);
    uint16_t seq = bytes_get16(process.last + LOCAL_HEAD_BYTES + 2);
    local_client_say(&first, LOCAL_AUDIO, false);
    assert_true(process_read_kind(&process, LOCAL_RTP));
    assert_int_equal(process.last[3], 0);
    assert_int_equal(bytes_get16(process.last + LOCAL_HEAD_BYTES + 2), (uint16_t)(seq + 1));
    local_grant(fixture, 2, local_cell(second.leg, LOCAL_LEG, LOCAL_AUDIO, 1));
    local_client_say(&first, LOCAL_AUDIO, false);
    assert_false(process_read_kind(&process, LOCAL_RTP));
    local_client_say(&second, LOCAL_AUDIO, false);
    assert_true(process_read_kind(&process, LOCAL_RTP));
    assert_int_equal(process.last[3], LOCAL_FLAG_NEW);
    process_go(&process);
    client_close(&first);
    client_close(&second);
}

static void its_slots_begin_anew_for_a_process_that_comes_back(void **state)
{
    struct fixture *fixture = *state;
    struct process process;
    struct client client;

    process_start(fixture, &process);
    local_join(fixture, &client);
    local_grant(fixture, 1, local_cell(client.leg, LOCAL_LEG, LOCAL_VIDEO, 0));
    local_client_say(&client, LOCAL_VIDEO, true);
    assert_true(process_read_kind(&process, LOCAL_RTP));
    process_go(&process);
    local_client_say(&client, LOCAL_VIDEO, false); /* to nobody */
    uint64_t asked = relay_counters(fixture->relay)->key_frames_asked;
    process_come(fixture, &process);
    process_hello(&process, LOCAL_LEG, local_token);
    fixture_pass(fixture, RELAY_KEY_FRAME_MS * 2);
    assert_true(relay_counters(fixture->relay)->key_frames_asked > asked);
    local_client_say(&client, LOCAL_VIDEO, false);
    assert_false(process_read_kind(&process, LOCAL_RTP));
    local_client_say(&client, LOCAL_VIDEO, true);
    assert_true(process_read_kind(&process, LOCAL_RTP));
    assert_int_equal(process.last[3], LOCAL_FLAG_NEW);
    process_go(&process);
    client_close(&client);
}

static void it_may_ask_for_key_frames_of_what_it_is_granted(void **state)
{
    struct fixture *fixture = *state;
    uint8_t ask[LOCAL_HEAD_BYTES] = {LOCAL_KEY_FRAME, LOCAL_VIDEO, 0, 0};
    struct process process;
    struct client client;

    process_start(fixture, &process);
    local_join(fixture, &client);
    local_grant(fixture, 1, local_cell(client.leg, LOCAL_LEG, LOCAL_VIDEO, 0));
    local_client_say(&client, LOCAL_VIDEO, true);
    fixture_pass(fixture, RELAY_KEY_FRAME_MS * 2);
    const struct relay_counters *counters = relay_counters(fixture->relay);
    uint64_t asked = counters->key_frames_asked;
    process_put(&process, ask, sizeof(ask));
    process_put(&process, ask, sizeof(ask));
    fixture_pass(fixture, RELAY_KEY_FRAME_MS / 2);
    assert_int_equal(counters->key_frames_asked, asked + 1);
    uint64_t denied = counters->denied;
    ask[2] = 1; /* nothing is granted there */
    process_put(&process, ask, sizeof(ask));
    assert_int_equal(counters->denied, denied + 1);
    process_go(&process);
    client_close(&client);
}

static void it_gets_a_sender_report_for_each_slot(void **state)
{
    struct fixture *fixture = *state;
    struct process process;
    struct client client;
    const struct rtcp_sender_info info = {.ntp = UINT64_C(99) << 32, .timestamp = 960};
    uint8_t data[200];
    struct rtcp_writer writer;

    process_start(fixture, &process);
    local_join(fixture, &client);
    local_grant(fixture, 1, local_cell(client.leg, LOCAL_LEG, LOCAL_AUDIO, 1));
    local_client_say(&client, LOCAL_AUDIO, false);
    rtcp_writer_init(&writer, data, sizeof(data) - 64);
    assert_int_equal(rtcp_write_sr(&writer, client_ssrc(&client, PEER_AUDIO), &info, NULL, 0), 0);
    client_send(&client, client.fd, data, peer_srtp_protect_rtcp(&client.srtp, data, writer.len));
    fixture_settle(fixture);
    process_read_all(&process);
    fixture_pass(fixture, RELAY_REPORT_MS * 2);
    assert_true(process_read_kind(&process, LOCAL_RTCP));
    assert_int_equal(process.last[1], LOCAL_AUDIO);
    assert_int_equal(process.last[2], 1);
    struct rtcp_reader reader;
    struct rtcp_packet packet;
    rtcp_reader_init(&reader, process.last + LOCAL_HEAD_BYTES, process.len - LOCAL_HEAD_BYTES);
    assert_int_equal(rtcp_read(&reader, &packet), 1);
    assert_int_equal(packet.kind, RTCP_KIND_SR);
    process_go(&process);
    client_close(&client);
}

/* BURST large packets of a frame that goes on. */
static void say_much(struct client *client)
{
    for (int i = 0; i < BURST; i++) {
        uint8_t data[1500] = {0};
        uint32_t ssrc = client_ssrc(client, PEER_VIDEO);
        process_write_packet(data, LOCAL_VIDEO, ssrc, ++client->next_seq, false);
        client_send(client, client->fd, data, peer_srtp_protect(&client->srtp, data, LARGE));
    }
}

/* It is the only one who misses anything. */
static void who_does_not_read_loses_packets_and_then_begins_with_a_key_frame(void **state)
{
    struct fixture *fixture = *state;
    struct process process;
    struct client client;
    struct client viewer;

    process_start(fixture, &process);
    local_join(fixture, &client);
    local_join(fixture, &viewer);
    const Assize__Media__V1__Cell cells[] = {local_cell(client.leg, LOCAL_LEG, LOCAL_VIDEO, 0),
                                             local_cell(client.leg, viewer.leg, LOCAL_VIDEO, 0)};
    assert_int_equal(fixture_matrix(fixture, 1, cells, 2)->body_case,
                     ASSIZE__MEDIA__V1__REPORT__BODY_MATRIX_APPLIED);
    const struct relay_counters *counters = relay_counters(fixture->relay);
    local_client_say(&client, LOCAL_VIDEO, true);
    assert_int_equal(local_client_hear(&viewer), 1);
    for (size_t said = 0; !counters->local_unsent; said++) {
        assert_true(said < 20000);
        say_much(&client);
        assert_int_equal(local_client_hear(&viewer), BURST);
    }
    process_read_all(&process);
    uint64_t asked = counters->key_frames_asked;
    local_client_say(&client, LOCAL_VIDEO, false);
    assert_false(process_read_kind(&process, LOCAL_RTP));
    fixture_pass(fixture, RELAY_KEY_FRAME_MS * 2);
    assert_true(counters->key_frames_asked > asked);
    local_client_say(&client, LOCAL_VIDEO, true);
    assert_true(process_read_kind(&process, LOCAL_RTP));
    assert_int_equal(process.last[3], 0); /* the same source as before */
    process_go(&process);
    client_close(&client);
    client_close(&viewer);
}

/* ---- on record ---- */

static void what_it_sends_can_be_on_record(void **state)
{
    struct fixture *fixture = *state;
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__Record record = ASSIZE__MEDIA__V1__RECORD__INIT;
    Assize__Media__V1__RecordTrack track = ASSIZE__MEDIA__V1__RECORD_TRACK__INIT;
    Assize__Media__V1__RecordTrack *tracks[] = {&track};
    struct process process;
    char hearing[] = "h";
    char group[] = "programme";

    process_start(fixture, &process);
    track.has_leg = track.has_audio = 1;
    track.leg = LOCAL_LEG;
    track.group = group;
    track.audio = 1;
    record.hearing = hearing;
    record.n_tracks = 1;
    record.tracks = tracks;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_RECORD;
    request.record = &record;
    assert_int_equal(controller_ask(fixture, &fixture->controller, &request)->body_case,
                     ASSIZE__MEDIA__V1__REPORT__BODY_ACCEPTED);
    process_send_packet(&process, LOCAL_AUDIO, SSRC, 1, false);
    process_send_report(&process, LOCAL_AUDIO, SSRC);
    record.n_tracks = 0;
    controller_ask(fixture, &fixture->controller, &request);
    for (int i = 0; i < 10000 && !fixture->controller.head_count; i++)
        fixture_pass(fixture, 10);
    assert_int_equal(fixture->controller.head_packets, 2);
    process_go(&process);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_it_sends_reaches_who_may_get_it_and_nobody_else),
        TEST(another_stream_goes_on_where_the_last_one_ended),
        TEST(another_stream_of_video_begins_with_a_key_frame),
        TEST(it_is_asked_for_the_key_frames_others_need),
        TEST(its_sender_reports_reach_clients),
        TEST(what_makes_no_sense_is_dropped_and_counted),
        TEST(it_gets_what_it_is_granted_by_slot),
        TEST(its_slots_begin_anew_for_a_process_that_comes_back),
        TEST(it_may_ask_for_key_frames_of_what_it_is_granted),
        TEST(it_gets_a_sender_report_for_each_slot),
        TEST(who_does_not_read_loses_packets_and_then_begins_with_a_key_frame),
        TEST(what_it_sends_can_be_on_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
