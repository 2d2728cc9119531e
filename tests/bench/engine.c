/*
 * The engine alone. The time of one decision, over random commands, good and bad, in random
 * hearings that go on; of 100,000 events read from their bytes and applied, as when a hearing is
 * loaded; and how many states of a small trial are visited with the law's words checked in each.
 * The last line is one JSON object: the middle of several runs, with the least and the greatest.
 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/frame.h"
#include "proto/codec.h"
#include "tests/property/explored_law.h"
#include "tests/property/hearing_random.h"
#include "tests/unit/procedure_fixture.h"

enum {
    RUNS = 7,
    COMMANDS = 4096, /* of one run */
    SETTLED = 600,   /* random commands until a hearing is in full swing */
    EVENTS = 100000,
    ARENA = 1 << 20,
    LOG_MAX = 64 << 20,
    STATES_MAX = 1 << 20,
    SOME_MS = 1000,
};

static double elapsed_us(int64_t since_ns)
{
    return (double)(clock_monotonic_ns() - since_ns) / 1000;
}

static int by_size(const void *left, const void *right)
{
    const double *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}

static void open_hearing(struct hearing *hearing, struct buf *log)
{
    static struct people people;
    struct hearing_events events;
    struct arena arena;

    make_people(&people);
    hearing_init(hearing, fixture_plain());
    arena_init(&arena, ARENA);
    assert_int_equal(hearing_decide_opening(&people.opened, SOME_MS, &arena, &events), 0);
    assert_int_equal(hearing_apply(hearing, events.items[0]), 0);
    assert_int_equal(codec_pack_frame(&events.items[0]->base, log), 0);
    arena_done(&arena);
}

/* A random command, decided and applied; closing would end it all. */
static void go_on(struct hearing *hearing, struct buf *log)
{
    struct hearing_events events = {.count = 0};
    struct made_command made;
    struct arena arena;

    make_command(hearing, &made);
    if (made.command.body_case == HEARING_COMMAND(CLOSE) ||
        made.command.body_case == HEARING_COMMAND(ADJOURN))
        return;
    arena_init(&arena, ARENA);
    hearing_decide(hearing, &made.command, make_actor(hearing, made.command.body_case), SOME_MS,
                   &arena, &events);
    for (uint32_t i = 0; i < events.count; i++) {
        assert_int_equal(hearing_apply(hearing, events.items[i]), 0);
        assert_int_equal(codec_pack_frame(&events.items[i]->base, log), 0);
    }
    arena_done(&arena);
}

/* Microseconds a decision, the arena of each included. */
static double time_decisions(struct buf *log)
{
    static struct hearing hearing;
    static struct made_command made[COMMANDS];
    struct hearing_events events;

    buf_clear(log);
    open_hearing(&hearing, log);
    for (int i = 0; i < SETTLED; i++)
        go_on(&hearing, log);
    for (size_t i = 0; i < COMMANDS; i++) {
        make_command(&hearing, &made[i]);
        made[i].actor = make_actor(&hearing, made[i].command.body_case);
    }
    int64_t begun_ns = clock_monotonic_ns();
    for (size_t i = 0; i < COMMANDS; i++) {
        struct arena arena;
        arena_init(&arena, ARENA);
        hearing_decide(&hearing, &made[i].command, made[i].actor, SOME_MS, &arena, &events);
        arena_done(&arena);
    }
    return elapsed_us(begun_ns) / COMMANDS;
}

static int replay_frame(void *context, const uint8_t *body, size_t len)
{
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    Assize__Hearing__V1__Event *event =
        codec_unpack(&assize__hearing__v1__event__descriptor, &arena, body, len);
    int error = event ? hearing_apply(context, event) : -1;
    arena_done(&arena);
    return error;
}

static double time_replay(const struct buf *log, uint64_t events)
{
    static struct hearing hearing;
    struct frame_reader reader;

    hearing_init(&hearing, NULL);
    frame_reader_init(&reader);
    int64_t begun_ns = clock_monotonic_ns();
    assert_int_equal(frame_reader_feed(&reader, log->data, log->len, replay_frame, &hearing), 0);
    double us = elapsed_us(begun_ns);
    frame_reader_done(&reader);
    assert_int_equal(hearing.seq, events);
    return us / 1000 * EVENTS / (double)events;
}

static bool is_lawful(void *context, const struct hearing *hearing)
{
    struct law_breach breach;

    (void)context;
    return !law_find_breach(hearing, &breach);
}

static size_t count_states(double *ret_seconds)
{
    const struct explorer explorer = {.moves = EXPLORED_TESTIMONY_AND_PICTURES,
                                      .move_count = EXPLORED_TESTIMONY_AND_PICTURES_COUNT,
                                      .states_max = STATES_MAX,
                                      .visit = is_lawful};
    int64_t begun_ns = clock_monotonic_ns();
    struct explored sum = explore(&explorer, EXPLORED_ALL_INSIDE, EXPLORED_ALL_INSIDE_COUNT);

    assert_true(sum.complete);
    *ret_seconds = elapsed_us(begun_ns) / 1000000;
    return sum.states;
}

int main(void)
{
    static struct hearing hearing;
    double decide_us[RUNS], replay_ms[RUNS], explore_s = 0;
    struct buf log;

    random_state = 20261121;
    buf_init(&log, LOG_MAX);
    for (int i = 0; i < RUNS; i++)
        decide_us[i] = time_decisions(&log);
    buf_clear(&log);
    open_hearing(&hearing, &log);
    while (hearing.seq < EVENTS)
        go_on(&hearing, &log);
    for (int i = 0; i < RUNS; i++)
        replay_ms[i] = time_replay(&log, hearing.seq);
    buf_done(&log);
    size_t states = count_states(&explore_s);
    qsort(decide_us, RUNS, sizeof(decide_us[0]), by_size);
    qsort(replay_ms, RUNS, sizeof(replay_ms[0]), by_size);
    printf("{\"decide_us\":%.2f,\"replay_100k_ms\":%.0f,\"states_explored\":%zu,"
           "\"decide_us_min\":%.2f,\"decide_us_max\":%.2f,\"replay_100k_ms_min\":%.0f,"
           "\"replay_100k_ms_max\":%.0f,\"explore_s\":%.1f}\n",
           decide_us[RUNS / 2], replay_ms[RUNS / 2], states, decide_us[0], decide_us[RUNS - 1],
           replay_ms[0], replay_ms[RUNS - 1], explore_s);
    return 0;
}
