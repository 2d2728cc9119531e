/* A real assize-studio over its real sockets: what goes in never stops what comes out. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "media/journal/journal.h"
#include "media/studio/plugins.h"
#include "tests/unit/studio_people.h"

/* The gap is of frames as they were made, 67 ms apart; a busy machine leaves out some. */
enum { WAIT_MS = 60000, START_MAX_MS = 5000, GAP_MAX_MS = 1000, SYNC_MAX_MS = 80 };

/* A spot within the picture of the only speaker, and one beside every tile. */
enum { SPOT_X = 320, SPOT_Y = 160 };

struct written {
    struct journal *journal;
    struct mixer *mixer;
    int64_t position;
};

struct hall {
    struct studio studio;
    struct speaker speaker;
    struct viewer viewer;  /* of the programme */
    struct viewer gallery; /* of the gallery feed */
    size_t asked;          /* for key frames */
    struct written written;
    int64_t written_from_ns;
};

static void take(void *context, const struct studio_packet *packet)
{
    struct hall *hall = context;

    if (packet->kind == LOCAL_KEY_FRAME) {
        hall->asked++;
    } else if (packet->leg == LEG_PROGRAMME) {
        viewer_take(&hall->viewer, packet);
    } else if (packet->leg == LEG_GALLERY) {
        viewer_take(&hall->gallery, packet);
    }
}

static void turn(void *context, int64_t now_ns)
{
    struct hall *hall = context;

    speaker_turn(&hall->speaker, now_ns);
    viewer_turn(&hall->viewer);
    viewer_turn(&hall->gallery);
}

static void hall_open(struct hall *hall)
{
    *hall = (struct hall){0};
    studio_start(&hall->studio, false);
    speaker_init(&hall->speaker, &hall->studio, 0, 640, 360);
    viewer_init(&hall->viewer, 640, 360, SPOT_X, SPOT_Y);
    viewer_init(&hall->gallery, 640, 360, SPOT_X, SPOT_Y);
    hall->studio.packet = take;
    hall->studio.turn = turn;
    hall->studio.context = hall;
}

static void hall_close(struct hall *hall)
{
    studio_stop(&hall->studio);
    speaker_done(&hall->speaker);
    viewer_done(&hall->viewer);
    viewer_done(&hall->gallery);
}

static bool has_pictures(void *context)
{
    const struct hall *hall = context;

    return hall->viewer.pictures >= 3 && hall->studio.first_frame_told;
}

static bool is_light(void *context)
{
    const struct hall *hall = context;

    return hall->viewer.shade > 180;
}

static bool is_dark(void *context)
{
    const struct hall *hall = context;

    return hall->viewer.shade < 70;
}

static void begins_at_once_and_says_when(void **state)
{
    struct hall hall;

    (void)state;
    hall_open(&hall);
    assert_true(studio_run(&hall.studio, has_pictures, WAIT_MS));
    assert_in_range(hall.studio.first_frame_ms, 0, START_MAX_MS);
    hall_close(&hall);
}

static void shows_who_is_there_and_nobody_in_recess(void **state)
{
    struct hall hall;

    (void)state;
    hall_open(&hall);
    hall.speaker.loud = true;
    studio_scene(&hall.studio, ASSIZE__MEDIA__V1__SCENE__CARD__CARD_UNSPECIFIED, 1, -1);
    assert_true(studio_run(&hall.studio, is_light, WAIT_MS));
    studio_run_for(&hall.studio, 500);
    assert_in_range(hall.viewer.level, 0, 30);
    studio_scene(&hall.studio, ASSIZE__MEDIA__V1__SCENE__CARD__CARD_RECESS, 1, -1);
    assert_true(studio_run(&hall.studio, is_dark, WAIT_MS));
    studio_run_for(&hall.studio, 500);
    assert_in_range(hall.viewer.level, 90, 127);
    hall_close(&hall);
}

/* ---- nothing that comes in stops what goes out ---- */

static bool has_asked(void *context)
{
    const struct hall *hall = context;

    return hall->asked > 0;
}

/* The speaker's picture comes back in another shade after what has been done to it. */
static void expect_picture_again(struct hall *hall)
{
    hall->speaker.shade = !hall->speaker.shade;
    assert_true(studio_run(&hall->studio, hall->speaker.shade == SHADE_WHITE ? is_light : is_dark,
                           WAIT_MS));
}

static void goes_on_whatever_a_source_sends(void **state)
{
    struct hall hall;

    (void)state;
    hall_open(&hall);
    studio_scene(&hall.studio, ASSIZE__MEDIA__V1__SCENE__CARD__CARD_UNSPECIFIED, 1, -1);
    assert_true(studio_run(&hall.studio, is_light, WAIT_MS));
    hall.viewer.longest_gap_ns = 0;

    hall.speaker.loses = 5; /* packets are lost */
    studio_run_for(&hall.studio, 700);
    hall.speaker.loses = 0;
    expect_picture_again(&hall);

    speaker_resize(&hall.speaker, 320, 180); /* another size, another shape */
    expect_picture_again(&hall);
    speaker_resize(&hall.speaker, 480, 640);
    expect_picture_again(&hall);

    hall.speaker.junk = true;
    hall.asked = 0;
    assert_true(studio_run(&hall.studio, has_asked, WAIT_MS));
    hall.speaker.junk = false;
    expect_picture_again(&hall);

    speaker_restart(&hall.speaker); /* with a new SSRC */
    expect_picture_again(&hall);

    hall.speaker.time_shift += 3000000000U;
    expect_picture_again(&hall);
    hall.speaker.time_shift -= 100000000U;
    expect_picture_again(&hall);

    studio_scene(&hall.studio, ASSIZE__MEDIA__V1__SCENE__CARD__CARD_UNSPECIFIED, 4,
                 1); /* others join */
    studio_scene(&hall.studio, ASSIZE__MEDIA__V1__SCENE__CARD__CARD_UNSPECIFIED, 1,
                 0); /* and leave */
    expect_picture_again(&hall);
    assert_in_range(hall.viewer.longest_gap_ns / CLOCK_NS_PER_MS, 0, GAP_MAX_MS);
    hall_close(&hall);
}

/* A picture too large to be decoded shows as a name, and costs nothing else. */
static void shows_the_name_of_who_sends_4k(void **state)
{
    struct hall hall;

    (void)state;
    hall_open(&hall);
    studio_scene(&hall.studio, ASSIZE__MEDIA__V1__SCENE__CARD__CARD_UNSPECIFIED, 1, -1);
    assert_true(studio_run(&hall.studio, is_light, WAIT_MS));
    hall.viewer.longest_gap_ns = 0;
    speaker_resize(&hall.speaker, 3840, 2160);
    assert_true(studio_run(&hall.studio, is_dark, WAIT_MS));
    speaker_resize(&hall.speaker, 640, 360);
    assert_true(studio_run(&hall.studio, is_light, WAIT_MS));
    hall_close(&hall);
}

/* ---- in step ---- */

static bool has_flashed(void *context)
{
    const struct hall *hall = context;

    return hall->viewer.flash_count >= 7 && hall->viewer.beep_count >= 7;
}

static int by_size(const void *a, const void *b)
{
    const int64_t *left = a;
    const int64_t *right = b;

    return *left < *right ? -1 : *left > *right;
}

/* How far the nearest beep is from a flash: the middle of all, as a machine that is busy with other
 * things shows now and then a picture late. */
static int64_t apart_ms(const struct viewer *viewer)
{
    int64_t apart[VIEWER_MOMENTS];

    for (size_t i = 0; i < viewer->flash_count; i++) {
        apart[i] = INT64_MAX;
        for (size_t j = 0; j < viewer->beep_count; j++) {
            int64_t one = llabs(viewer->flashes[i] - viewer->beeps[j]);
            apart[i] = one < apart[i] ? one : apart[i];
        }
    }
    qsort(apart, viewer->flash_count, sizeof(apart[0]), by_size);
    return apart[viewer->flash_count / 2] / CLOCK_NS_PER_MS;
}

static void expect_in_step(int64_t sound_late_ns)
{
    struct hall hall;

    hall_open(&hall);
    hall.speaker.flashes = true;
    studio_scene(&hall.studio, ASSIZE__MEDIA__V1__SCENE__CARD__CARD_UNSPECIFIED, 1, -1);
    delay_set(&hall.speaker.sound, true, sound_late_ns, clock_monotonic_ns());
    studio_run_for(&hall.studio, 3000); /* until the sender reports are there */
    hall.viewer.flash_count = hall.viewer.beep_count = 0;
    assert_true(studio_run(&hall.studio, has_flashed, WAIT_MS));
    studio_run_for(&hall.studio, 500);
    assert_in_range(apart_ms(&hall.viewer), 0, SYNC_MAX_MS);
    hall_close(&hall);
}

static void keeps_flash_and_beep_together(void **state)
{
    (void)state;
    expect_in_step(0);
}

static void keeps_them_together_when_sound_comes_late(void **state)
{
    (void)state;
    expect_in_step(200 * CLOCK_NS_PER_MS);
}

/* ---- the gallery ---- */

struct sent {
    uint8_t bytes[32]; /* of the payload, which begins with the number of the picture */
    int64_t read_ns;
};

enum { DELAY_MS = 1500, SHORT_DELAY_MS = 500, SENT_MAX = 2048 };

static struct sent sent[SENT_MAX];
static size_t sent_count;
static int64_t asked_delay_ns;
static size_t gallery_count;
static size_t too_early;
static uint32_t gallery_time;
static size_t out_of_order;
static bool first_is_key;

static const struct sent *find_sent(const struct studio_packet *packet)
{
    for (size_t i = sent_count; i > 0; i--) {
        const struct sent *one = &sent[(i - 1) % SENT_MAX];
        if (memcmp(one->bytes, packet->data + packet->header.len, sizeof(one->bytes)) == 0)
            return one;
        if (sent_count - i >= SENT_MAX - 1)
            break;
    }
    return NULL;
}

static void note_gallery(const struct studio_packet *packet)
{
    const struct sent *original = find_sent(packet);

    /* It cannot have been sent later than it was read, nor the original before nothing was there.
     */
    assert_non_null(original);
    if (packet->read_ns - original->read_ns < asked_delay_ns)
        too_early++;
    if (!gallery_count++)
        first_is_key = !(packet->data[packet->header.len + 4] & 1);
    else if ((int32_t)(packet->header.timestamp - gallery_time) < 0)
        out_of_order++;
    gallery_time = packet->header.timestamp;
}

static void take_both(void *context, const struct studio_packet *packet)
{
    take(context, packet);
    if (packet->kind != LOCAL_RTP || packet->medium != SDP_VIDEO || packet->len < 64)
        return;
    if (packet->leg == LEG_GALLERY) {
        note_gallery(packet);
        return;
    }
    struct sent *one = &sent[sent_count++ % SENT_MAX];
    memcpy(one->bytes, packet->data + packet->header.len, sizeof(one->bytes));
    one->read_ns = packet->after_ns;
}

static bool has_gallery(void *context)
{
    (void)context;
    return gallery_count >= 20;
}

static void open_gallery(struct hall *hall, uint32_t delay_ms)
{
    gallery_count = too_early = out_of_order = 0;
    asked_delay_ns = delay_ms * (int64_t)CLOCK_NS_PER_MS;
    studio_gallery(&hall->studio, true, delay_ms);
    assert_true(studio_run(&hall->studio, has_gallery, WAIT_MS));
    assert_int_equal(too_early, 0);
    assert_int_equal(out_of_order, 0);
    assert_true(first_is_key);
}

static void the_gallery_is_as_late_as_asked_and_ends_at_once(void **state)
{
    struct hall hall;

    (void)state;
    hall_open(&hall);
    hall.studio.packet = take_both;
    studio_scene(&hall.studio, ASSIZE__MEDIA__V1__SCENE__CARD__CARD_UNSPECIFIED, 1, -1);
    assert_true(studio_run(&hall.studio, has_pictures, WAIT_MS));
    open_gallery(&hall, DELAY_MS);
    studio_gallery(&hall.studio, false, DELAY_MS);
    studio_run_for(&hall.studio, 300);
    gallery_count = 0;
    studio_run_for(&hall.studio, 2 * DELAY_MS);
    assert_int_equal(gallery_count, 0);
    open_gallery(&hall, SHORT_DELAY_MS);
    hall_close(&hall);
}

/* ---- the record read back ---- */

static void write_down(void *context, const struct packet_out *out)
{
    struct written *written = context;
    const struct pcapng_packet packet = {
        .kind = PCAPNG_RTP, .wall_ns = clock_wall_ns(), .data = out->data, .len = out->len};

    assert_int_equal(journal_append(written->journal, &packet, clock_monotonic_ns()), 0);
}

/* 20 ms of a tone onto the record, as the user who owns it. */
static void write_sound(struct written *written)
{
    float sound[SOUND_FRAME];

    for (int i = 0; i < SOUND_FRAME; i++)
        sound[i] = 0.5F * sinf((float)i * 0.1309F);
    mixer_send(written->mixer, sound, written->position, write_down, written);
    written->position += SOUND_FRAME;
}

static bool is_heard_back(void *context)
{
    const struct hall *hall = context;

    return hall->gallery.peak > 0.2F && hall->studio.levels > 2;
}

static void take_record(void *context, const struct studio_packet *packet)
{
    struct hall *hall = context;

    if (packet->leg == LEG_RECORD)
        viewer_take(&hall->gallery, packet);
}

static void write_on(void *context, int64_t now_ns)
{
    struct hall *hall = context;

    (void)now_ns;
    while (hall->written.position < sound_samples(clock_monotonic_ns() - hall->written_from_ns))
        write_sound(&hall->written);
    assert_int_equal(journal_sync(hall->written.journal, clock_wall_ns()), 0);
}

static void start_journal(struct hall *hall)
{
    const char *const tracks[] = {"audio", "video"};
    char path[STUDIO_PATH_SIZE];

    snprintf(path, sizeof(path), "%s/record", hall->studio.dir);
    int record = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(record >= 0);
    if (geteuid() == 0)
        assert_int_equal(seteuid(STUDIO_NOBODY), 0);
    const struct journal_config config = {.record = record,
                                          .hearing = STUDIO_HEARING,
                                          .group = "e1",
                                          .boot = "boot",
                                          .tracks = tracks,
                                          .track_count = 2};
    assert_int_equal(journal_new(&config, &hall->written.journal), 0);
    close(record);
    hall->written.mixer = mixer_new();
    hall->written_from_ns = clock_monotonic_ns();
}

static void what_was_written_is_heard_and_measured(void **state)
{
    struct hall hall;

    (void)state;
    hall_open(&hall);
    start_journal(&hall);
    hall.studio.packet = take_record;
    hall.studio.turn = write_on;
    studio_listening(&hall.studio, true);
    assert_true(studio_run(&hall.studio, is_heard_back, WAIT_MS));
    assert_string_equal(hall.studio.level_group, "e1");
    assert_in_range(hall.studio.loudest, 3, 15); /* a tone of half the range: -9 dBov */
    studio_listening(&hall.studio, false);
    journal_free(hall.written.journal);
    mixer_free(hall.written.mixer);
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    hall_close(&hall);
}

#ifndef STUDIO_SANITIZED
/* ---- rights ---- */

static void has_given_up_its_rights(void **state)
{
    char path[STUDIO_PATH_SIZE];
    char text[4096] = "";
    struct hall hall;

    (void)state;
    hall_open(&hall);
    assert_true(studio_run(&hall.studio, has_pictures, WAIT_MS));
    snprintf(path, sizeof(path), "/proc/%d/status", (int)hall.studio.pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    fclose(file);
    assert_non_null(strstr(text, "NoNewPrivs:\t1"));
    assert_non_null(strstr(text, "Seccomp:\t2"));
    if (geteuid() == 0)
        assert_non_null(strstr(text, "Uid:\t65534\t65534\t65534\t65534"));
    hall_close(&hall);
}
#endif

int main(void)
{
    static const char *const plugins[] = {"coreelements", "app", "vpx", "videoconvertscale"};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_at_once_and_says_when),
        cmocka_unit_test(shows_who_is_there_and_nobody_in_recess),
        cmocka_unit_test(goes_on_whatever_a_source_sends),
        cmocka_unit_test(shows_the_name_of_who_sends_4k),
        cmocka_unit_test(keeps_flash_and_beep_together),
        cmocka_unit_test(keeps_them_together_when_sound_comes_late),
        cmocka_unit_test(the_gallery_is_as_late_as_asked_and_ends_at_once),
        cmocka_unit_test(what_was_written_is_heard_and_measured),
#ifndef STUDIO_SANITIZED
        cmocka_unit_test(has_given_up_its_rights),
#endif
    };

    if (plugins_load(plugins, sizeof(plugins) / sizeof(plugins[0])))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
