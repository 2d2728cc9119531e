/*
 * No rule of visibility can be missing: the engine is asked with each of them taken out, in the
 * states of a small trial, until the law's words are broken. Built with HEARING_MUTANTS.
 */
#include "tests/property/explored.h"
#include "tests/property/explored_law.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "server/hearing/mutants.h"

enum { STATES_MAX = 1 << 18, RULES_MAX = 64 };

static struct {
    size_t states;
    bool caught[RULES_MAX];
    size_t caught_count;
} mutants;

/* With every rule in its place the law holds. */
static void check_whole(const struct hearing *hearing)
{
    struct law_breach breach;

    hearing_mutant = hearing_mutants;
    if (law_find_breach(hearing, &breach)) {
        explored_tell_path();
        fail_msg("place %d, %u to %u: %u is lawful, %u is the answer", (int)breach.place,
                 breach.source, breach.viewer, breach.lawful, breach.answered);
    }
}

/* Without one, something flows that may not. */
static void try_without(size_t rule, const struct hearing *hearing)
{
    struct law_breach breach;

    hearing_mutant = rule;
    if (!law_find_breach(hearing, &breach))
        return;
    assert_true(breach.answered & ~breach.lawful);
    mutants.caught[rule] = true;
    mutants.caught_count++;
    print_message("without %s: state %zu, %u to %u\n", hearing_mutant_name(rule), mutants.states,
                  breach.source, breach.viewer);
}

static bool visit(void *context, const struct hearing *hearing)
{
    (void)context;
    mutants.states++;
    check_whole(hearing);
    for (size_t rule = 0; rule < hearing_mutants; rule++) {
        if (!mutants.caught[rule])
            try_without(rule, hearing);
    }
    hearing_mutant = hearing_mutants;
    return mutants.caught_count < hearing_mutants;
}

static void breaks_the_law_without_any_one_of_the_rules(void **state)
{
    const struct explorer explorer = {.moves = EXPLORED_TESTIMONY_AND_PICTURES,
                                      .move_count = EXPLORED_TESTIMONY_AND_PICTURES_COUNT,
                                      .states_max = STATES_MAX,
                                      .visit = visit};

    (void)state;
    assert_true(hearing_mutants <= RULES_MAX);
    explore(&explorer, EXPLORED_ALL_INSIDE, EXPLORED_ALL_INSIDE_COUNT);
    for (size_t rule = 0; rule < hearing_mutants; rule++) {
        if (!mutants.caught[rule])
            fail_msg("nothing is wrong without %s", hearing_mutant_name(rule));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(breaks_the_law_without_any_one_of_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
