/* The matrix alone: denied by default, revokes first, generations, the controller's epochs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "media/relay/matrix.h"

static int new_matrix(void **state)
{
    static struct relay_matrix matrix;

    relay_matrix_init(&matrix);
    *state = &matrix;
    return 0;
}

static int free_matrix(void **state)
{
    relay_matrix_done(*state);
    return 0;
}

static int change(struct relay_matrix *matrix, uint64_t base, bool reset,
                  const struct relay_pair *revoke, const struct relay_pair *grant)
{
    const struct relay_change what = {
        .epoch = base + 1,
        .base_epoch = base,
        .reset = reset,
        .revokes = revoke,
        .revoke_count = revoke ? 1 : 0,
        .grants = grant,
        .grant_count = grant ? 1 : 0,
    };

    return relay_matrix_apply(matrix, &what);
}

static const struct relay_pair a_to_b = {1, 2, SDP_VIDEO, 0};
static const struct relay_pair a_to_b_moved = {1, 2, SDP_VIDEO, 3};
static const struct relay_pair c_to_b = {3, 2, SDP_VIDEO, 0};

static void denies_what_was_never_granted(void **state)
{
    assert_null(relay_matrix_first(*state, 1, SDP_VIDEO));
    assert_null(relay_matrix_into(*state, 2, SDP_VIDEO, 0));
}

static void grants_one_medium_to_one_slot_one_way(void **state)
{
    assert_int_equal(change(*state, 0, false, NULL, &a_to_b), 0);
    const struct relay_cell *cell = relay_matrix_first(*state, 1, SDP_VIDEO);
    assert_non_null(cell);
    assert_null(cell->next);
    assert_ptr_equal(cell, relay_matrix_into(*state, 2, SDP_VIDEO, 0));
    assert_null(relay_matrix_first(*state, 1, SDP_AUDIO));
    assert_null(relay_matrix_first(*state, 2, SDP_VIDEO));
    assert_null(relay_matrix_into(*state, 2, SDP_VIDEO, 1));
    assert_null(relay_matrix_into(*state, 2, SDP_AUDIO, 0));
}

static void lets_through_only_what_came_in_after_the_grant(void **state)
{
    struct relay_matrix *matrix = *state;
    uint64_t before = matrix->generation;

    assert_int_equal(change(matrix, 0, false, NULL, &a_to_b), 0);
    const struct relay_cell *cell = relay_matrix_first(matrix, 1, SDP_VIDEO);
    assert_false(relay_cell_allows(cell, before));
    assert_true(relay_cell_allows(cell, matrix->generation));
}

static void a_new_grant_after_a_revoke_is_a_younger_one(void **state)
{
    struct relay_matrix *matrix = *state;

    assert_int_equal(change(matrix, 0, false, NULL, &a_to_b), 0);
    uint64_t between = matrix->generation;
    assert_int_equal(change(matrix, 1, false, &a_to_b, NULL), 0);
    assert_null(relay_matrix_first(matrix, 1, SDP_VIDEO));
    assert_int_equal(change(matrix, 2, false, NULL, &a_to_b), 0);
    assert_false(relay_cell_allows(relay_matrix_first(matrix, 1, SDP_VIDEO), between));
}

static void a_repeated_grant_does_not_disturb_what_flows(void **state)
{
    struct relay_matrix *matrix = *state;

    assert_int_equal(change(matrix, 0, false, NULL, &a_to_b), 0);
    uint64_t generation = relay_matrix_first(matrix, 1, SDP_VIDEO)->generation;
    assert_int_equal(change(matrix, 1, false, NULL, &a_to_b), 0);
    assert_int_equal(relay_matrix_first(matrix, 1, SDP_VIDEO)->generation, generation);
    assert_int_equal(change(matrix, 77, true, NULL, &a_to_b), 0);
    assert_int_equal(relay_matrix_first(matrix, 1, SDP_VIDEO)->generation, generation);
}

static void a_grant_moves_a_pair_to_its_new_slot(void **state)
{
    assert_int_equal(change(*state, 0, false, NULL, &a_to_b), 0);
    assert_int_equal(change(*state, 1, false, NULL, &a_to_b_moved), 0);
    assert_null(relay_matrix_into(*state, 2, SDP_VIDEO, 0));
    assert_non_null(relay_matrix_into(*state, 2, SDP_VIDEO, 3));
    assert_null(relay_matrix_first(*state, 1, SDP_VIDEO)->next);
}

static void a_slot_carries_only_the_newest_source(void **state)
{
    assert_int_equal(change(*state, 0, false, NULL, &a_to_b), 0);
    assert_int_equal(change(*state, 1, false, NULL, &c_to_b), 0);
    assert_null(relay_matrix_first(*state, 1, SDP_VIDEO));
    assert_int_equal(relay_matrix_into(*state, 2, SDP_VIDEO, 0)->pair.source, 3);
}

static void a_revoke_finds_the_pair_in_whatever_slot(void **state)
{
    assert_int_equal(change(*state, 0, false, NULL, &a_to_b_moved), 0);
    assert_int_equal(change(*state, 1, false, &a_to_b, NULL), 0);
    assert_null(relay_matrix_first(*state, 1, SDP_VIDEO));
}

static void a_wrong_base_epoch_revokes_but_grants_nothing(void **state)
{
    struct relay_matrix *matrix = *state;

    assert_int_equal(change(matrix, 0, false, NULL, &a_to_b), 0);
    assert_int_equal(change(matrix, 9, false, &a_to_b, &c_to_b), -ESTALE);
    assert_null(relay_matrix_first(matrix, 1, SDP_VIDEO));
    assert_null(relay_matrix_first(matrix, 3, SDP_VIDEO));
    assert_int_equal(matrix->epoch, 1);
}

static void a_reset_denies_what_it_does_not_name(void **state)
{
    assert_int_equal(change(*state, 0, false, NULL, &a_to_b), 0);
    assert_int_equal(change(*state, 40, true, NULL, &c_to_b), 0);
    assert_null(relay_matrix_first(*state, 1, SDP_VIDEO));
    assert_non_null(relay_matrix_first(*state, 3, SDP_VIDEO));
    assert_int_equal(((struct relay_matrix *)*state)->epoch, 41);
    assert_int_equal(change(*state, 2, true, NULL, NULL), 0);
    assert_null(relay_matrix_first(*state, 3, SDP_VIDEO));
}

static void more_cells_than_the_limit_are_refused_after_the_revokes(void **state)
{
    static struct relay_pair many[RELAY_CELLS_MAX + 1];
    struct relay_change what = {.epoch = 2, .base_epoch = 1, .grants = many};

    assert_int_equal(change(*state, 0, false, NULL, &a_to_b), 0);
    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
        many[i] = (struct relay_pair){10, 100 + i, SDP_AUDIO, 0};
    what.grant_count = sizeof(many) / sizeof(many[0]);
    what.revokes = &a_to_b;
    what.revoke_count = 1;
    assert_int_equal(relay_matrix_apply(*state, &what), -ENOSPC);
    assert_null(relay_matrix_first(*state, 1, SDP_VIDEO));
    assert_null(relay_matrix_first(*state, 10, SDP_AUDIO));
    what.grant_count = RELAY_CELLS_MAX;
    assert_int_equal(relay_matrix_apply(*state, &what), 0);
}

static void a_cut_denies_everything(void **state)
{
    struct relay_matrix *matrix = *state;

    assert_int_equal(change(matrix, 0, false, NULL, &a_to_b), 0);
    relay_matrix_cut(matrix);
    assert_null(relay_matrix_first(matrix, 1, SDP_VIDEO));
    assert_int_equal(matrix->epoch, 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, new_matrix, free_matrix)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(denies_what_was_never_granted),
        CASE(grants_one_medium_to_one_slot_one_way),
        CASE(lets_through_only_what_came_in_after_the_grant),
        CASE(a_new_grant_after_a_revoke_is_a_younger_one),
        CASE(a_repeated_grant_does_not_disturb_what_flows),
        CASE(a_grant_moves_a_pair_to_its_new_slot),
        CASE(a_slot_carries_only_the_newest_source),
        CASE(a_revoke_finds_the_pair_in_whatever_slot),
        CASE(a_wrong_base_epoch_revokes_but_grants_nothing),
        CASE(a_reset_denies_what_it_does_not_name),
        CASE(more_cells_than_the_limit_are_refused_after_the_revokes),
        CASE(a_cut_denies_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
