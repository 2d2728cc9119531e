/* A real assize-studio over its real sockets: what goes in never stops what comes out. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "media/studio/plugins.h"
#include "tests/unit/studio_people.h"

enum { WAIT_MS = 20000, GAP_MAX_MS = 500, SYNC_MAX_MS = 80 };

/* A spot within the picture of the only speaker, and one beside every tile. */
enum { SPOT_X = 320, SPOT_Y = 160 };

struct hall {
    struct studio studio;
    struct speaker speaker;
    struct viewer viewer;  /* of the programme */
    struct viewer gallery; /* of the gallery feed */
    size_t asked;          /* for key frames */
    uint8_t wanted_light;
};

static void take(void *context, const struct studio_packet *packet)
{
    struct hall *hall = context;

    if (packet->kind == LOCAL_KEY_FRAME) {
        hall->asked++;
        encoder_key_frame(hall->speaker.encoder);
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
    assert_in_range(hall.studio.first_frame_ms, 0, 2000);
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

int main(void)
{
    static const char *const plugins[] = {"coreelements", "app", "vpx", "videoconvertscale"};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_at_once_and_says_when),
        cmocka_unit_test(shows_who_is_there_and_nobody_in_recess),
    };

    if (plugins_load(plugins, sizeof(plugins) / sizeof(plugins[0])))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
