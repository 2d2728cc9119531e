/*
 * Whatever comes in, a file keeps its form: blocks in order of time, sound without a hole, a
 * picture that can be decoded from the first frame on, and the length that was asked for. Packets
 * of good sources are lost, doubled, delayed, put out of order and damaged at random; sources start
 * anew, pause, and their clocks jump, drift and are set.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/property/random.h"
#include "tests/unit/render_fixture.h"

enum { ROUNDS = 60, EVENTS_MAX = 12 };

static uint32_t milliseconds(uint32_t most)
{
    return below(one_in(3) ? most : most / 20 + 1);
}

/* What may happen to a source between two stretches of good packets. */
static void disturb(struct scene_rtp *source)
{
    int64_t pause_ms = milliseconds(one_in(4) ? 20000 : 3000);
    uint32_t rate = source->medium == RENDER_AUDIO ? 48 : 90; /* a millisecond */

    switch (below(6)) {
    case 0: /* another source */
        source->ssrc = (uint32_t)next_random();
        source->seq = (uint16_t)next_random();
        source->timestamp = (uint32_t)next_random();
        break;
    case 1: /* a jump of its clock, or of its numbers */
        source->timestamp += (uint32_t)next_random();
        break;
    case 2:
        source->seq = (uint16_t)next_random();
        break;
    case 3: /* a pause in which its clock goes on */
        source->at_ns += RENDER_MS(pause_ms);
        source->timestamp += (uint32_t)pause_ms * rate;
        break;
    case 4: /* and one in which it does not */
        source->at_ns += RENDER_MS(pause_ms);
        break;
    default: /* packets lost in a row */
        source->seq = (uint16_t)(source->seq + below(50));
        break;
    }
}

static struct scene_rtp send_some(struct scene *scene, struct scene_rtp source)
{
    if (one_in(3))
        scene_report(scene, &source, (int64_t)(next_random() >> 4));
    if (source.medium == RENDER_AUDIO)
        return scene_sound(scene, source, below(200));
    return scene_pictures(scene, source, below(100), 1 + below(60), 1 + below(80));
}

static void damage(struct scene *scene)
{
    size_t count = scene->count;

    for (size_t i = 0; i < count; i++) {
        struct scene_packet *packet = &scene->list[i];
        if (one_in(20))
            packet->packet.at_ns += RENDER_MS(milliseconds(6000));
        if (one_in(40)) {
            struct scene_packet copy = *packet;
            scene_junk(scene, copy.packet.medium, copy.packet.at_ns + RENDER_MS(milliseconds(5000)),
                       copy.bytes, copy.packet.len);
            packet = &scene->list[i];
        }
        if (one_in(60))
            packet->bytes[below((uint32_t)packet->packet.len)] ^= (uint8_t)(1u << below(8));
        if (one_in(60))
            packet->packet.len = 1 + below((uint32_t)packet->packet.len);
    }
}

/* Leaves out what was lost on the way. */
static void lose(struct scene *scene, uint32_t one_of)
{
    size_t kept = 0;

    for (size_t i = 0; i < scene->count; i++) {
        if (!one_in(one_of))
            scene->list[kept++] = scene->list[i];
    }
    scene->count = kept;
}

static int64_t last_arrival(const struct scene *scene)
{
    int64_t last_ns = 0;

    for (size_t i = 0; i < scene->count; i++) {
        if (scene->list[i].packet.at_ns > last_ns)
            last_ns = scene->list[i].packet.at_ns;
    }
    return last_ns;
}

static void try_one(void)
{
    struct scene scene = {0};

    for (int medium = 0; medium < RENDER_MEDIA; medium++) {
        struct scene_rtp source = {.medium = (enum render_medium)medium,
                                   .at_ns = RENDER_MS(milliseconds(10000)),
                                   .ssrc = (uint32_t)next_random(),
                                   .seq = (uint16_t)next_random(),
                                   .timestamp = (uint32_t)next_random(),
                                   .level = medium ? SCENE_NO_LEVEL : (uint8_t)below(128)};
        for (uint32_t events = below(EVENTS_MAX); events; events--) {
            source = send_some(&scene, source);
            disturb(&source);
        }
    }
    damage(&scene);
    lose(&scene, 2 + below(100));
    scene_sort(&scene);
    /* The file may end before what came in last, or later. */
    int64_t duration_ns = last_arrival(&scene) + RENDER_MS(5000) - RENDER_MS(milliseconds(4000));
    duration_ns -= duration_ns % CLOCK_NS_PER_MS;
    struct shown shown = scene_show(&scene, duration_ns);
    shown_check(&shown, duration_ns);
    shown_done(&shown);
    scene_done(&scene);
}

static void a_file_keeps_its_form(void **state)
{
    uint64_t seed = number_from("SEED", 20261122);
    uint64_t rounds = number_from("ROUNDS", ROUNDS);

    (void)state;
    for (uint64_t round = 0; round < rounds; round++) {
        random_state = seed + round ? seed + round : 1;
        printf("seed %" PRIu64 "\n", seed + round);
        fflush(stdout);
        try_one();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_file_keeps_its_form)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
