/*
 * Every state that a small trial can reach (explored.h), one by one: what the law says of it holds.
 * Two sets of moves, each explored to its end: one of people and their devices that come and go,
 * one of testimony and pictures.
 */
#include "tests/property/explored.h"
#include "tests/property/explored_law.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "server/hearing/procedure.h"

enum { STATES_LEAST = 100000, ROOM_FOR = 1 << 20 };

#ifndef STATES_MAX
#define STATES_MAX ROOM_FOR
#endif

/* The law's words, of one state. */
static bool visit(void *context, const struct hearing *hearing)
{
    struct law_breach breach;

    (void)context;
    if (law_find_breach(hearing, &breach)) {
        explored_tell_path();
        fail_msg("place %d, %u to %u: %u is lawful, %u is the answer", (int)breach.place,
                 breach.source, breach.viewer, breach.lawful, breach.answered);
    }
    law_check_order(hearing);
    return true;
}

/* ---- what holds from one state to the next ---- */

static bool is_there(const struct hearing *hearing, uint32_t person)
{
    const struct hearing_participant *who = &hearing->participants[person - 1];

    return who->standing == HEARING_STANDING(IN_HEARING) &&
           hearing->endpoints[who->endpoint - 1].connected;
}

/* BLTTHS art. 254, 290; TTLT 05/2021 art. 10: no session without them. */
static bool are_all_there(const struct hearing *hearing)
{
    return is_there(hearing, JUDGE) && is_there(hearing, DEFENDANT) && is_there(hearing, OFFICER);
}

/* It does not begin or go on again without them, and stops when they are lost, go or are sent out.
 */
static void check_quorum(const struct step *step)
{
    bool met = are_all_there(step->after);
    bool goes_on = step->after->status == HEARING_STATUS(IN_SESSION);

    assert_int_equal(hearing_quorum_met(step->after), met);
    if (goes_on && step->before->status != HEARING_STATUS(IN_SESSION))
        assert_true(met);
    if (are_all_there(step->before))
        assert_true(met || !goes_on);
}

/* The next one, one that the law lets go back to, or none. */
static void check_phase(const struct step *step)
{
    uint32_t from = step->before->phase;
    uint32_t to = step->after->phase;
    const struct procedure_phase *phase = procedure_phase(step->before->procedure, from);

    assert_true(to == from || to == from + 1 || phase->back & HEARING_BIT(to));
    if (to == from)
        return;
    for (uint32_t person = 1; person <= PEOPLE; person++) {
        assert_false(step->before->participants[person - 1].cut_off);
        assert_false(step->before->participants[person - 1].summary_due);
    }
}

/* Nobody comes to the stand but by being called; nobody loses the undertaking they gave. */
static void check_stand(const struct step *step)
{
    static const unsigned NEXT[] = {
        [HEARING_STAND(UNSPECIFIED)] =
            HEARING_BIT(HEARING_STAND(CALLED)) | HEARING_BIT(HEARING_STAND(TESTIFYING)),
        [HEARING_STAND(CALLED)] =
            HEARING_BIT(HEARING_STAND(UNDERTAKING)) | HEARING_BIT(HEARING_STAND(HEARD)),
        [HEARING_STAND(UNDERTAKING)] =
            HEARING_BIT(HEARING_STAND(TESTIFYING)) | HEARING_BIT(HEARING_STAND(HEARD)),
        [HEARING_STAND(TESTIFYING)] = HEARING_BIT(HEARING_STAND(HEARD)),
        [HEARING_STAND(HEARD)] =
            HEARING_BIT(HEARING_STAND(CALLED)) | HEARING_BIT(HEARING_STAND(TESTIFYING)),
    };
    const struct hearing_participant *was = &step->before->participants[WITNESS - 1];
    const struct hearing_participant *is = &step->after->participants[WITNESS - 1];

    if (is->stand == was->stand)
        return;
    if (is->stand == HEARING_STAND(UNSPECIFIED))
        assert_true(is->standing == HEARING_STANDING(SEQUESTERED));
    else
        assert_true(NEXT[was->stand] & HEARING_BIT(is->stand));
    assert_true(is->sworn || !was->sworn);
}

/* What goes to the relay before it is saved gives nothing. */
static void check_narrowing(const struct step *step)
{
    if (!hearing_command_narrows(step->command))
        return;
    for (uint32_t one = 1; one <= DEVICES; one++) {
        assert_int_equal(hearing_record(step->after, one) & ~hearing_record(step->before, one), 0);
        assert_int_equal(
            hearing_programme(step->after, one) & ~hearing_programme(step->before, one), 0);
        for (uint32_t other = 1; other <= DEVICES; other++)
            assert_int_equal(hearing_visibility(step->after, one, other) &
                                 ~hearing_visibility(step->before, one, other),
                             0);
    }
    assert_true(hearing_gallery(step->before) || !hearing_gallery(step->after));
}

/* Who is on the stand stays on the way through the door and back. */
static void check_return(const struct step *step)
{
    const struct hearing_participant *was = &step->before->participants[WITNESS - 1];
    const struct hearing_participant *is = &step->after->participants[WITNESS - 1];

    if (was->standing == HEARING_STANDING(LEFT) && is->standing != HEARING_STANDING(LEFT) &&
        was->stand != HEARING_STAND(UNSPECIFIED)) {
        assert_int_equal(is->standing, HEARING_STANDING(IN_HEARING));
        assert_int_equal(is->stand, was->stand);
    }
}

static void stepped(void *context, const struct step *step)
{
    (void)context;
    check_quorum(step);
    check_phase(step);
    check_stand(step);
    check_narrowing(step);
    check_return(step);
}

/* ---- the explorations ---- */

static size_t seen;

static void explore_all(const char *what, const struct move *moves, size_t count,
                        const struct move *first, size_t first_count)
{
    const struct explorer explorer = {.moves = moves,
                                      .move_count = count,
                                      .states_max = STATES_MAX,
                                      .visit = visit,
                                      .stepped = stepped};
    struct explored sum = explore(&explorer, first, first_count);

    print_message("%s: %zu states, %zu commands, %zu accepted\n", what, sum.states, sum.asked,
                  sum.accepted);
    assert_int_equal(sum.complete, STATES_MAX == ROOM_FOR);
    seen += sum.states;
}

static void holds_while_people_and_devices_come_and_go(void **state)
{
    (void)state;
    explore_all("coming and going", EXPLORED_COMING_AND_GOING, EXPLORED_COMING_AND_GOING_COUNT,
                EXPLORED_JUDGE_INSIDE, EXPLORED_JUDGE_INSIDE_COUNT);
}

static void holds_while_witnesses_are_heard_and_pictures_shown(void **state)
{
    (void)state;
    explore_all("testimony and pictures", EXPLORED_TESTIMONY_AND_PICTURES,
                EXPLORED_TESTIMONY_AND_PICTURES_COUNT, EXPLORED_ALL_INSIDE,
                EXPLORED_ALL_INSIDE_COUNT);
}

static void has_seen_many_states(void **state)
{
    (void)state;
    assert_true(seen >= (STATES_MAX == ROOM_FOR ? STATES_LEAST : STATES_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_while_people_and_devices_come_and_go),
        cmocka_unit_test(holds_while_witnesses_are_heard_and_pictures_shown),
        cmocka_unit_test(has_seen_many_states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
