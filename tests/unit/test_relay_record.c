/* What the relay keeps of what it forwards, and what it says of it, with good disks and bad ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/relay_fixture.h"

#define STATE(name) ASSIZE__MEDIA__V1__RECORD_STATE__STATE__STATE_##name
#define FAULT(name) ASSIZE__MEDIA__V1__RECORD_FAULT__RECORD_FAULT_##name

enum { WAIT_TURNS = 10000 };

/* ---- a disk that misbehaves when asked to ---- */

static atomic_bool disk_stands;
static atomic_bool disk_is_full;

static int bad_sync(struct journal *journal, int64_t wall_ns)
{
    while (atomic_load(&disk_stands))
        (void)poll(NULL, 0, 5);
    return atomic_load(&disk_is_full) ? -ENOSPC : journal_sync(journal, wall_ns);
}

static int bad_append(struct journal *journal, const struct pcapng_packet *packet,
                      int64_t monotonic_ns)
{
    return atomic_load(&disk_is_full) ? -ENOSPC : journal_append(journal, packet, monotonic_ns);
}

static int set_up_on_a_bad_disk(void **state)
{
    static struct writer_disk disk;

    disk = writer_journals;
    disk.sync = bad_sync;
    disk.append = bad_append;
    fixture_disk = &disk;
    return fixture_set_up(state);
}

static int tear_down(void **state)
{
    atomic_store(&disk_stands, false);
    atomic_store(&disk_is_full, false);
    fixture_disk = NULL;
    return fixture_tear_down(state);
}

/* ---- a disk of half a megabyte ---- */

static bool small_disk;

static void mount_small_disk(const char *record)
{
    small_disk = mkdir(record, 0750) == 0 &&
                 mount("tmpfs", record, "tmpfs", MS_NOSUID | MS_NODEV, "size=512k") == 0;
}

static int set_up_on_a_small_disk(void **state)
{
    fixture_prepare = mount_small_disk;
    return fixture_set_up(state);
}

static int tear_down_small_disk(void **state)
{
    struct fixture *fixture = *state;

    fixture_prepare = NULL;
    if (small_disk)
        umount2(fixture->record, MNT_DETACH);
    return fixture_tear_down(state);
}

/* Takes all the space there is; the file can be removed again. */
static void fill(const struct fixture *fixture, char path[static FIXTURE_PATH_SIZE + 8])
{
    static const uint8_t zeros[4096];

    snprintf(path, FIXTURE_PATH_SIZE + 8, "%s/fill", fixture->record);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    while (write(fd, zeros, sizeof(zeros)) > 0)
        continue;
    close(fd);
}

/* ---- asking and sending ---- */

static Assize__Media__V1__Report *ask_record(struct fixture *fixture, uint64_t leg, bool audio,
                                             bool video)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__Record record = ASSIZE__MEDIA__V1__RECORD__INIT;
    Assize__Media__V1__RecordTrack track = ASSIZE__MEDIA__V1__RECORD_TRACK__INIT;
    Assize__Media__V1__RecordTrack *tracks[] = {&track};
    char hearing[] = "h";
    char group[] = "e4";

    track.has_leg = track.has_audio = track.has_video = 1;
    track.leg = leg;
    track.group = group;
    track.audio = audio;
    track.video = video;
    record.hearing = hearing;
    record.n_tracks = leg ? 1 : 0;
    record.tracks = tracks;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_RECORD;
    request.record = &record;
    return controller_ask(fixture, &fixture->controller, &request);
}

static void set_record(struct fixture *fixture, uint64_t leg, bool audio, bool video)
{
    const Assize__Media__V1__Report *reply = ask_record(fixture, leg, audio, video);

    assert_non_null(reply);
    assert_int_equal(reply->body_case, ASSIZE__MEDIA__V1__REPORT__BODY_ACCEPTED);
}

static void speak(struct client *client)
{
    uint8_t data[1500];
    size_t len = client_make_audio(client, client_ssrc(client, PEER_AUDIO), data);

    client_send(client, client->fd, data, len);
    fixture_settle(client->fixture);
}

/* Speaks on until the relay says so; how many milliseconds that took. */
static int64_t speak_until(struct client *client, Assize__Media__V1__RecordState__State wanted)
{
    struct fixture *fixture = client->fixture;
    int64_t start_ms = clock_monotonic_ms();

    for (int i = 0; i < WAIT_TURNS && fixture->controller.record != wanted; i++) {
        if (i % 4 == 0)
            speak(client);
        fixture_settle(fixture);
        (void)poll(NULL, 0, 2);
    }
    assert_int_equal(fixture->controller.record, wanted);
    return clock_monotonic_ms() - start_ms;
}

static void wait_for(struct fixture *fixture, const size_t *count, size_t wanted)
{
    for (int i = 0; i < WAIT_TURNS && *count < wanted; i++) {
        fixture_settle(fixture);
        (void)poll(NULL, 0, 2);
    }
    assert_true(*count >= wanted);
}

static void connect_speaker(struct fixture *fixture, struct client *client)
{
    client_open(fixture, client, PEER_SRTP_GCM);
    client_connect(client);
}

/* ---- what is there ---- */

static void see_step(void *context, const char *group, const char *stem,
                     const struct chain_step *step)
{
    (void)context;
    (void)stem;
    (void)step;
    assert_string_equal(group, "e4");
}

static void see_finding(void *context, const char *path, const struct fit *fit)
{
    (void)context;
    (void)path;
    assert_int_equal(fit->verdict, FIT_TORN); /* the file being written */
}

static const struct verify_ops verify_ops = {.step = see_step, .finding = see_finding};

static int verify(const struct fixture *fixture, struct verify_totals *ret_totals)
{
    int record = open(fixture->record, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    assert_true(record >= 0);
    *ret_totals = (struct verify_totals){0};
    int result = verify_hearing(record, "h", &verify_ops, NULL, ret_totals);
    close(record);
    return result;
}

/* ---- tests ---- */

static void says_it_writes_only_when_something_is_durable(void **state)
{
    struct fixture *fixture = *state;
    struct verify_totals totals;
    struct client client;

    connect_speaker(fixture, &client);
    set_record(fixture, client.leg, true, true);
    assert_int_equal(fixture->controller.record, STATE(STARTING));
    fixture_settle(fixture);
    assert_int_equal(fixture->controller.record, STATE(STARTING));
    speak_until(&client, STATE(WRITING));
    assert_int_equal(verify(fixture, &totals), 0);
    assert_true(totals.packets > 0);
    assert_int_equal(totals.bad, 0);
    client_close(&client);
}

static void ends_in_order_with_a_head_when_turned_off(void **state)
{
    struct fixture *fixture = *state;
    struct verify_totals totals;
    struct client client;

    connect_speaker(fixture, &client);
    set_record(fixture, client.leg, true, true);
    speak_until(&client, STATE(WRITING));
    set_record(fixture, 0, false, false);
    assert_int_equal(fixture->controller.record, STATE(OFF));
    speak(&client); /* off the record */
    wait_for(fixture, &fixture->controller.head_count, 1);
    assert_int_equal(verify(fixture, &totals), 0);
    wait_for(fixture, &fixture->controller.head_count, totals.files); /* two around a full minute */
    assert_int_equal(totals.packets, fixture->controller.head_packets);
    assert_int_equal(totals.torn + totals.bad, 0);
    assert_int_equal(fixture->controller.gap_count, 0);
    client_close(&client);
}

static void keeps_nothing_of_a_muted_microphone(void **state)
{
    struct fixture *fixture = *state;
    struct verify_totals totals;
    struct client client;

    connect_speaker(fixture, &client);
    set_record(fixture, client.leg, false, true);
    for (int i = 0; i < 20; i++)
        speak(&client);
    set_record(fixture, 0, false, false);
    fixture_pass(fixture, 500);
    (void)poll(NULL, 0, 300);
    fixture_pass(fixture, 500);
    assert_true(verify(fixture, &totals) == -ENOENT || !totals.packets);
    assert_int_equal(fixture->controller.head_count, 0);
    client_close(&client);
}

static void goes_on_forwarding_while_the_disk_stands_and_says_so_within_3_s(void **state)
{
    struct fixture *fixture = *state;
    struct client speaker;
    struct client listener;

    connect_speaker(fixture, &speaker);
    connect_speaker(fixture, &listener);
    const Assize__Media__V1__Cell cells[] = {fixture_audio_cell(&speaker, &listener)};
    fixture_matrix(fixture, 1, cells, 1);
    set_record(fixture, speaker.leg, true, true);
    speak_until(&speaker, STATE(WRITING));
    atomic_store(&disk_stands, true);
    assert_true(speak_until(&speaker, STATE(FAILED)) < 4000); /* 3 s after the last durable */
    assert_int_equal(fixture->controller.record_why, FAULT(DISK_SLOW));
    size_t before = listener.rtp_in;
    speak(&speaker);
    client_read(&listener, listener.fd);
    assert_true(listener.rtp_in > before);
    atomic_store(&disk_stands, false);
    speak_until(&speaker, STATE(WRITING));
    assert_int_equal(fixture->controller.gap_count, 0); /* late, but all there */
    client_close(&speaker);
    client_close(&listener);
}

static void declares_what_a_full_disk_did_not_take(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    connect_speaker(fixture, &client);
    set_record(fixture, client.leg, true, true);
    speak_until(&client, STATE(WRITING));
    atomic_store(&disk_is_full, true);
    assert_true(speak_until(&client, STATE(FAILED)) < 3000);
    assert_int_equal(fixture->controller.record_why, FAULT(DISK_FULL));
    assert_int_equal(fixture->controller.gap_count, 0);
    atomic_store(&disk_is_full, false);
    speak_until(&client, STATE(WRITING));
    assert_int_equal(fixture->controller.gap_count, 1);
    assert_true(fixture->controller.gap_ms > 0);
    client_close(&client);
}

static int set_up_on_a_shared_disk(void **state)
{
    fixture_spare = UINT64_MAX;
    int result = fixture_set_up(state);
    fixture_spare = 0;
    return result;
}

static void leaves_to_others_what_is_theirs_of_the_disk(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    connect_speaker(fixture, &client);
    set_record(fixture, client.leg, true, true);
    speak_until(&client, STATE(FAILED));
    assert_int_equal(fixture->controller.record_why, FAULT(DISK_FULL));
    client_close(&client);
}

static void goes_on_when_a_disk_that_was_really_full_has_space_again(void **state)
{
    struct fixture *fixture = *state;
    char path[FIXTURE_PATH_SIZE + 8];
    struct verify_totals totals;
    struct client client;

    if (!small_disk)
        skip(); /* mounting takes root */
    connect_speaker(fixture, &client);
    set_record(fixture, client.leg, true, true);
    speak_until(&client, STATE(WRITING));
    fill(fixture, path);
    speak_until(&client, STATE(FAILED));
    assert_int_equal(fixture->controller.record_why, FAULT(DISK_FULL));
    unlink(path);
    speak_until(&client, STATE(WRITING));
    assert_int_equal(fixture->controller.gap_count, 1);
    assert_int_equal(verify(fixture, &totals), 0);
    assert_int_equal(totals.bad, 0);
    client_close(&client);
}

static void closes_the_record_when_nobody_controls_any_more(void **state)
{
    struct fixture *fixture = *state;
    struct verify_totals totals;
    struct client client;

    connect_speaker(fixture, &client);
    set_record(fixture, client.leg, true, true);
    speak_until(&client, STATE(WRITING));
    controller_close(&fixture->controller);
    fixture_pass(fixture, RELAY_HOLD_MS + 500);
    for (int i = 0; i < 100; i++) {
        (void)poll(NULL, 0, 5);
        fixture_pass(fixture, 100);
    }
    assert_int_equal(verify(fixture, &totals), 0);
    assert_int_equal(totals.torn + totals.bad, 0);
    controller_connect(fixture, &fixture->controller);
    controller_attach(fixture, &fixture->controller);
    fixture_pass(fixture, 200);
    wait_for(fixture, &fixture->controller.head_count, 1); /* it waited for a controller */
    client_close(&client);
}

static void tells_who_attaches_what_is_on_record_and_how_much_space_there_is(void **state)
{
    struct fixture *fixture = *state;
    struct client client;

    connect_speaker(fixture, &client);
    set_record(fixture, client.leg, true, true);
    const Assize__Media__V1__Report *reply = controller_attach(fixture, &fixture->controller);
    assert_int_equal(reply->attached->n_recording, 1);
    assert_string_equal(reply->attached->recording[0], "h");
    assert_true(reply->attached->record_free_bytes > 0);
    client_close(&client);
}

static void asks_for_a_key_frame_when_a_picture_goes_on_record(void **state)
{
    struct fixture *fixture = *state;
    const struct relay_counters *counters = relay_counters(fixture->relay);
    struct client client;

    connect_speaker(fixture, &client);
    fixture_pass(fixture, 1000);
    uint64_t before = counters->key_frames_asked;
    set_record(fixture, client.leg, true, false);
    fixture_pass(fixture, 1000);
    assert_int_equal(counters->key_frames_asked, before);
    set_record(fixture, client.leg, true, true);
    fixture_pass(fixture, 200);
    assert_int_equal(counters->key_frames_asked, before + 1);
    client_close(&client);
}

static void wants_key_frames_of_a_picture_on_record_again_and_again(void **state)
{
    struct packet packet = {.data = (uint8_t[20]){0}, .len = 20, .vp8.key_frame = true};
    const int64_t period_ns = NS_OF_MS(RELAY_RECORD_KEY_FRAME_MS);
    struct source source;

    (void)state;
    source_init(&source, SDP_VIDEO, true);
    packet.arrival_ns = (100 * CLOCK_NS_PER_S);
    source_take(&source, &packet);
    source_keep_key_frames(&source, (100 * CLOCK_NS_PER_S) + period_ns - 1);
    assert_false(source.key_frame_wanted);
    source_keep_key_frames(&source, (100 * CLOCK_NS_PER_S) + period_ns);
    assert_true(source.key_frame_wanted);
    source_done(&source);
}

#define GOOD(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, tear_down)
#define BAD(test)  cmocka_unit_test_setup_teardown(test, set_up_on_a_bad_disk, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        GOOD(says_it_writes_only_when_something_is_durable),
        GOOD(ends_in_order_with_a_head_when_turned_off),
        GOOD(keeps_nothing_of_a_muted_microphone),
        BAD(goes_on_forwarding_while_the_disk_stands_and_says_so_within_3_s),
        BAD(declares_what_a_full_disk_did_not_take),
        cmocka_unit_test_setup_teardown(leaves_to_others_what_is_theirs_of_the_disk,
                                        set_up_on_a_shared_disk, tear_down),
        cmocka_unit_test_setup_teardown(goes_on_when_a_disk_that_was_really_full_has_space_again,
                                        set_up_on_a_small_disk, tear_down_small_disk),
        GOOD(closes_the_record_when_nobody_controls_any_more),
        GOOD(asks_for_a_key_frame_when_a_picture_goes_on_record),
        cmocka_unit_test(wants_key_frames_of_a_picture_on_record_again_and_again),
        GOOD(tells_who_attaches_what_is_on_record_and_how_much_space_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
