/* The renderer's pure part: packets in, blocks of a file out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/render_fixture.h"

static const struct scene_rtp sound_source = {
    .medium = RENDER_AUDIO, .ssrc = 0x1111, .seq = 65500, .timestamp = 0xfffff000, .level = 40};
static const struct scene_rtp picture_source = {.medium = RENDER_VIDEO,
                                                .ssrc = 0x2222,
                                                .seq = 65530,
                                                .timestamp = 0xffffff00,
                                                .level = SCENE_NO_LEVEL};

static struct scene_rtp at(struct scene_rtp source, int64_t ms)
{
    source.at_ns = RENDER_MS(ms);
    return source;
}

static struct shown show(struct scene *scene, int64_t duration_ms)
{
    scene_sort(scene);
    struct shown shown = scene_show(scene, RENDER_MS(duration_ms));
    shown_check(&shown, RENDER_MS(duration_ms));
    return shown;
}

static void end(struct scene *scene, struct shown *shown)
{
    scene_done(scene);
    shown_done(shown);
}

/* Blocks of a medium in [from, to) ms that are real: neither silence nor black. */
static size_t count_real(const struct shown *shown, enum render_medium medium, int64_t from_ms,
                         int64_t to_ms)
{
    size_t count = 0;

    for (size_t i = 0; i < shown->count; i++) {
        const struct shown_block *block = &shown->list[i];
        bool real = medium == RENDER_AUDIO ? block->len == 40 : !block->black;
        count += block->medium == medium && real && block->time_ns >= RENDER_MS(from_ms) &&
                 block->time_ns < RENDER_MS(to_ms);
    }
    return count;
}

static bool has_gap(const struct shown *shown, enum render_medium medium, int64_t from_ms,
                    int64_t to_ms)
{
    for (size_t i = 0; i < shown->gap_count; i++) {
        const struct render_gap *gap = &shown->gaps[i];
        if (gap->medium == medium && llabs(gap->from_ns - RENDER_MS(from_ms)) < RENDER_MS(50) &&
            llabs(gap->to_ns - RENDER_MS(to_ms)) < RENDER_MS(50))
            return true;
    }
    return false;
}

static void shows_all_of_a_good_source(void **state)
{
    struct scene scene = {0};

    (void)state;
    scene_sound(&scene, sound_source, 500);
    scene_pictures(&scene, picture_source, 250, 25, 100);
    struct shown shown = show(&scene, 10000);
    assert_int_equal(count_real(&shown, RENDER_AUDIO, 0, 10000), 500);
    assert_int_equal(count_real(&shown, RENDER_VIDEO, 0, 10000), 250);
    assert_int_equal(shown.gap_count, 0);
    assert_int_equal(shown.counts[RENDER_AUDIO].lost + shown.counts[RENDER_VIDEO].lost, 0);
    assert_int_equal(shown.levels[20], 40);
    end(&scene, &shown);
}

static void fills_before_between_and_after(void **state)
{
    struct scene scene = {0};
    struct scene_rtp sound = scene_sound(&scene, at(sound_source, 3000), 100);
    struct scene_rtp picture = scene_pictures(&scene, at(picture_source, 3000), 50, 25, 50);

    (void)state;
    /* A recess of 20 s in which the sender's clock goes on and its numbers do not. */
    sound.at_ns += RENDER_MS(20000);
    sound.timestamp += 20 * RENDER_AUDIO_RATE;
    picture.at_ns += RENDER_MS(20000);
    picture.timestamp += 20 * RENDER_VIDEO_RATE;
    scene_sound(&scene, sound, 100);
    scene_pictures(&scene, picture, 50, 25, 50);
    struct shown shown = show(&scene, 40000);
    assert_int_equal(count_real(&shown, RENDER_AUDIO, 2950, 5050), 100);
    assert_int_equal(count_real(&shown, RENDER_AUDIO, 24950, 27050), 100);
    assert_int_equal(count_real(&shown, RENDER_VIDEO, 24950, 27050), 50);
    for (int medium = 0; medium < RENDER_MEDIA; medium++) {
        assert_true(has_gap(&shown, (enum render_medium)medium, 0, 3000));
        assert_true(has_gap(&shown, (enum render_medium)medium, 5000, 25000));
        assert_true(has_gap(&shown, (enum render_medium)medium, 27000, 40000));
    }
    assert_int_equal(shown.levels[4], SCENE_NO_LEVEL);
    end(&scene, &shown);
}

static void conceals_a_lost_packet_and_keeps_the_time(void **state)
{
    struct scene scene = {0};
    struct scene_rtp sound = scene_sound(&scene, sound_source, 50);
    size_t missing = 0;

    (void)state;
    sound.seq++;
    sound.timestamp += 960;
    sound.at_ns += RENDER_MS(20);
    scene_sound(&scene, sound, 50);
    struct shown shown = show(&scene, 2020);
    for (size_t i = 0; i < shown.count; i++)
        missing += shown.list[i].medium == RENDER_AUDIO && shown.list[i].len == 1;
    assert_int_equal(missing, 1);
    assert_int_equal(count_real(&shown, RENDER_AUDIO, 1020, 2020), 50);
    assert_int_equal(shown.counts[RENDER_AUDIO].lost, 1);
    end(&scene, &shown);
}

static void puts_late_and_double_packets_in_their_place(void **state)
{
    struct scene scene = {0};

    (void)state;
    scene_sound(&scene, sound_source, 200);
    scene_pictures(&scene, picture_source, 100, 25, 100);
    size_t count = scene.count;
    for (size_t i = 5; i < count; i += 7) {
        struct scene_packet again = scene.list[i];
        scene.list[i].packet.at_ns += RENDER_MS(900);
        again.packet.at_ns += RENDER_MS(1500);
        again.number = scene.count;
        scene_junk(&scene, again.packet.medium, again.packet.at_ns, again.bytes, again.packet.len);
    }
    struct shown shown = show(&scene, 4000);
    assert_int_equal(count_real(&shown, RENDER_AUDIO, 0, 4000), 200);
    assert_int_equal(count_real(&shown, RENDER_VIDEO, 0, 4000), 100);
    assert_int_equal(shown.counts[RENDER_AUDIO].lost, 0);
    assert_int_equal(shown.counts[RENDER_AUDIO].late + shown.counts[RENDER_VIDEO].late,
                     scene.count - count);
    end(&scene, &shown);
}

static void stands_still_after_a_loss_and_then_turns_black(void **state)
{
    struct scene scene = {0};
    struct scene_rtp picture = scene_pictures(&scene, picture_source, 50, 25, 1000);
    uint8_t frame[64];

    (void)state;
    picture.seq++; /* and no key frame for 6 s */
    for (size_t i = 0; i < 150; i++) {
        picture.seq =
            scene_frame(&scene, picture, frame, scene_make_frame(false, picture.seq, frame));
        picture.timestamp += RENDER_VIDEO_RATE / 25;
        picture.at_ns += RENDER_MS(40);
    }
    scene_pictures(&scene, picture, 50, 25, 1000);
    struct shown shown = show(&scene, 10000);
    assert_int_equal(count_real(&shown, RENDER_VIDEO, 0, 2000), 50);
    assert_int_equal(count_real(&shown, RENDER_VIDEO, 2000, 7990), 0);
    assert_int_equal(count_real(&shown, RENDER_VIDEO, 7990, 10000), 50);
    assert_true(has_gap(&shown, RENDER_VIDEO, 1960, 8000));
    assert_int_equal(shown.counts[RENDER_VIDEO].lost, 1);
    end(&scene, &shown);
}

static void shows_no_frame_that_lacks_a_part(void **state)
{
    uint8_t big[5000] = {0x90, 0x02, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00};
    struct scene scene = {0};
    struct scene_rtp picture = picture_source;

    (void)state;
    for (unsigned lost = 0; lost < 5; lost++) { /* each of its five packets in turn */
        size_t first = scene.count;
        picture.at_ns = RENDER_MS(1000 * lost);
        picture.timestamp = 90000 * lost;
        picture.seq = scene_frame(&scene, picture, big, sizeof(big));
        assert_int_equal(scene.count - first, 5);
        memmove(&scene.list[first + lost], &scene.list[first + lost + 1],
                (4 - lost) * sizeof(scene.list[0]));
        scene.count--;
    }
    picture.at_ns = RENDER_MS(5000);
    picture.timestamp = 90000 * 5;
    scene_frame(&scene, picture, big, sizeof(big));
    struct shown shown = show(&scene, 6000);
    assert_int_equal(count_real(&shown, RENDER_VIDEO, 0, 6000), 1);
    end(&scene, &shown);
}

static void goes_on_over_padding_that_probes_the_line(void **state)
{
    struct scene scene = {0};
    struct scene_rtp picture = scene_pictures(&scene, picture_source, 25, 25, 1000);
    struct scene_rtp probe = picture;
    uint8_t frame[64];

    (void)state;
    probe.timestamp -= RENDER_VIDEO_RATE / 25;
    for (int i = 0; i < 3; i++, probe.seq++)
        scene_add(&scene, &probe, NULL, 0);
    picture.seq = probe.seq;
    for (size_t i = 0; i < 25; i++) {
        picture.seq =
            scene_frame(&scene, picture, frame, scene_make_frame(false, picture.seq, frame));
        picture.timestamp += RENDER_VIDEO_RATE / 25;
        picture.at_ns += RENDER_MS(40);
    }
    struct shown shown = show(&scene, 2000);
    assert_int_equal(count_real(&shown, RENDER_VIDEO, 0, 2000), 50);
    end(&scene, &shown);
}

static void follows_a_source_that_starts_anew(void **state)
{
    struct scene scene = {0};
    struct scene_rtp sound = scene_sound(&scene, sound_source, 100);
    struct scene_rtp picture = scene_pictures(&scene, picture_source, 50, 25, 50);

    (void)state;
    sound.ssrc = 0x3333;
    sound.seq = 7;
    sound.timestamp = 12345;
    picture.ssrc = 0x4444;
    picture.seq = 9;
    picture.timestamp = 54321;
    sound = scene_sound(&scene, sound, 100);
    picture = scene_pictures(&scene, picture, 50, 25, 50);
    sound.timestamp += 0x40000000; /* and one whose clock jumps */
    picture.timestamp -= 0x40000000;
    sound.seq = (uint16_t)(sound.seq + 20000);
    scene_sound(&scene, sound, 100);
    scene_pictures(&scene, picture, 50, 25, 50);
    struct shown shown = show(&scene, 6000);
    assert_int_equal(count_real(&shown, RENDER_AUDIO, 0, 6000), 300);
    assert_int_equal(count_real(&shown, RENDER_VIDEO, 0, 6000), 150);
    assert_int_equal(shown.gap_count, 0);
    end(&scene, &shown);
}

static void refuses_junk_and_goes_on(void **state)
{
    static const uint8_t junk[] = {0x80, 0xe0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x10, 0x00};
    struct scene scene = {0};
    struct scene_rtp bad = at(picture_source, 1500);
    uint8_t frame[64];

    (void)state;
    scene_sound(&scene, sound_source, 100);
    scene_pictures(&scene, picture_source, 25, 25, 25);
    for (size_t len = 1; len <= sizeof(junk); len++) {
        scene_junk(&scene, RENDER_AUDIO, RENDER_MS(700), junk, len);
        scene_junk(&scene, RENDER_VIDEO, RENDER_MS(700), junk, len);
    }
    /* Key frames no decoder takes: of no width, with a first partition that is longer than the
     * frame, */
    bad.ssrc = 0x5555;
    size_t len = scene_make_frame(true, 1, frame);
    frame[6] = frame[7] = 0;
    bad.seq = scene_frame(&scene, bad, frame, len);
    bad.timestamp += 3000;
    len = scene_make_frame(true, 1, frame);
    frame[1] = 0xff;
    bad.seq = scene_frame(&scene, bad, frame, len);
    bad.timestamp += 3000;
    len = scene_make_frame(true, 1, frame);
    memset(frame + 10, 0xff, 20); /* and with eight more that are not there */
    scene_frame(&scene, bad, frame, len);
    struct shown shown = show(&scene, 2000);
    assert_int_equal(count_real(&shown, RENDER_AUDIO, 0, 2000), 100);
    assert_int_equal(count_real(&shown, RENDER_VIDEO, 0, 2000), 25);
    assert_true(shown.counts[RENDER_AUDIO].refused >= sizeof(junk));
    assert_true(shown.counts[RENDER_VIDEO].refused >= sizeof(junk) - 1 + 3);
    end(&scene, &shown);
}

/* Sound and picture of one moment leave at once; the picture takes 150 ms longer, and the sender's
 * clock is an hour behind ours. */
static int64_t offset_of_picture(bool with_reports)
{
    struct scene scene = {0};
    struct scene_rtp sound = sound_source;
    struct scene_rtp picture = at(picture_source, 150);
    int64_t first_ns = -1;

    for (int second = 0; second < 10; second++) {
        if (with_reports) {
            int64_t sender_ns = RENDER_MS(1000) * (1700000000LL - 3600 + second);
            scene_report(&scene, &sound, sender_ns);
            scene_report(&scene, &picture, sender_ns);
        }
        sound = scene_sound(&scene, sound, 50);
        picture = scene_pictures(&scene, picture, 25, 25, 25);
    }
    struct shown shown = show(&scene, 10150);
    for (size_t i = 0; i < shown.count && first_ns < 0; i++) {
        if (shown.list[i].medium == RENDER_VIDEO && !shown.list[i].black)
            first_ns = shown.list[i].time_ns;
    }
    end(&scene, &shown);
    return first_ns;
}

static void brings_lips_and_words_together_by_sender_reports(void **state)
{
    (void)state;
    assert_true(offset_of_picture(true) < RENDER_MS(5));
    assert_true(offset_of_picture(false) >= RENDER_MS(149));
}

static void follows_a_clock_that_drifts(void **state)
{
    struct scene scene = {0};
    struct scene_rtp sound = sound_source;
    int64_t start_ns = 0;

    (void)state;
    /* 0.1 % fast for two minutes: 120 ms in all. */
    for (int i = 0; i < 6000; i++) {
        sound.at_ns = start_ns + (int64_t)i * (RENDER_MS(20) - RENDER_MS(20) / 1000);
        sound.seq = (uint16_t)(sound.seq + 1);
        scene_sound(&scene, sound, 1);
        sound.timestamp += 960;
    }
    struct shown shown = show(&scene, 119880);
    size_t real = count_real(&shown, RENDER_AUDIO, 0, 119880);
    assert_in_range(real, 5990, 5997);
    end(&scene, &shown);
}

static void takes_no_more_than_it_has_room_for(void **state)
{
    struct scene scene = {0};
    struct scene_rtp sound = sound_source;
    uint8_t packet[2] = {31 << 3, 0};

    (void)state;
    for (int i = 0; i < 2 * RENDER_HELD_MAX; i++) { /* at once */
        scene_add(&scene, &sound, packet, sizeof(packet));
        sound.seq++;
        sound.timestamp += 120;
    }
    struct shown shown = show(&scene, 1000);
    assert_true(shown.counts[RENDER_AUDIO].refused >= RENDER_HELD_MAX);
    end(&scene, &shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_all_of_a_good_source),
        cmocka_unit_test(fills_before_between_and_after),
        cmocka_unit_test(conceals_a_lost_packet_and_keeps_the_time),
        cmocka_unit_test(puts_late_and_double_packets_in_their_place),
        cmocka_unit_test(stands_still_after_a_loss_and_then_turns_black),
        cmocka_unit_test(shows_no_frame_that_lacks_a_part),
        cmocka_unit_test(goes_on_over_padding_that_probes_the_line),
        cmocka_unit_test(follows_a_source_that_starts_anew),
        cmocka_unit_test(refuses_junk_and_goes_on),
        cmocka_unit_test(brings_lips_and_words_together_by_sender_reports),
        cmocka_unit_test(follows_a_clock_that_drifts),
        cmocka_unit_test(takes_no_more_than_it_has_room_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
