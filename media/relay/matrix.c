#include "media/relay/matrix.h"

#include <errno.h>
#include <stdlib.h>

void relay_matrix_init(struct relay_matrix *matrix)
{
    *matrix = (struct relay_matrix){.generation = 1};
}

static struct relay_row *find_row(const struct relay_matrix *matrix, uint64_t source,
                                  enum sdp_medium medium)
{
    struct relay_place key = {.subscriber = source, .medium = medium};
    struct relay_row *row;

    HASH_FIND(hh, matrix->rows, &key, sizeof(key), row);
    return row;
}

static struct relay_cell *find_place(const struct relay_matrix *matrix, uint64_t subscriber,
                                     enum sdp_medium medium, uint32_t slot)
{
    struct relay_place key = {.subscriber = subscriber, .medium = medium, .slot = slot};
    struct relay_cell *cell;

    HASH_FIND(hh, matrix->cells, &key, sizeof(key), cell);
    return cell;
}

static struct relay_cell *find_pair(const struct relay_matrix *matrix,
                                    const struct relay_pair *pair)
{
    const struct relay_row *row = find_row(matrix, pair->source, pair->medium);
    struct relay_cell *cell = row ? row->first : NULL;

    while (cell && cell->pair.subscriber != pair->subscriber)
        cell = cell->next;
    return cell;
}

static void remove_cell(struct relay_matrix *matrix, struct relay_cell *cell)
{
    struct relay_row *row = find_row(matrix, cell->pair.source, cell->pair.medium);
    struct relay_cell **link = &row->first;

    while (*link != cell)
        link = &(*link)->next;
    *link = cell->next;
    if (!row->first) {
        HASH_DEL(matrix->rows, row);
        free(row);
    }
    HASH_DEL(matrix->cells, cell);
    free(cell);
}

static struct relay_row *need_row(struct relay_matrix *matrix, uint64_t source,
                                  enum sdp_medium medium)
{
    struct relay_row *row = find_row(matrix, source, medium);

    if (row)
        return row;
    row = calloc(1, sizeof(*row));
    if (!row)
        abort();
    row->source.subscriber = source;
    row->source.medium = medium;
    HASH_ADD(hh, matrix->rows, source, sizeof(row->source), row);
    return row;
}

static void add_cell(struct relay_matrix *matrix, const struct relay_pair *pair)
{
    struct relay_row *row = need_row(matrix, pair->source, pair->medium);
    struct relay_cell *cell = calloc(1, sizeof(*cell));

    if (!cell)
        abort();
    cell->pair = *pair;
    cell->place.subscriber = pair->subscriber;
    cell->place.medium = sdp_line_medium(pair->medium);
    cell->place.slot = pair->slot;
    cell->generation = matrix->generation;
    cell->next = row->first;
    row->first = cell;
    HASH_ADD(hh, matrix->cells, place, sizeof(cell->place), cell);
}

static bool is_about(const struct relay_cell *cell, const struct relay_pair *pair)
{
    return cell->pair.source == pair->source && cell->pair.medium == pair->medium;
}

static struct relay_cell *find_same(const struct relay_matrix *matrix,
                                    const struct relay_pair *pair)
{
    struct relay_cell *cell =
        find_place(matrix, pair->subscriber, sdp_line_medium(pair->medium), pair->slot);

    return cell && is_about(cell, pair) ? cell : NULL;
}

static void revoke(struct relay_matrix *matrix, const struct relay_pair *pair)
{
    struct relay_cell *cell = find_pair(matrix, pair);

    if (cell)
        remove_cell(matrix, cell);
}

/* A pair is in one slot, and a slot holds one source: the newest grant has it. */
static void grant(struct relay_matrix *matrix, const struct relay_pair *pair)
{
    struct relay_cell *holder =
        find_place(matrix, pair->subscriber, sdp_line_medium(pair->medium), pair->slot);

    if (holder && is_about(holder, pair))
        return;
    if (holder)
        remove_cell(matrix, holder);
    revoke(matrix, pair);
    add_cell(matrix, pair);
}

static void remove_all_but_kept(struct relay_matrix *matrix)
{
    struct relay_cell *cell;
    struct relay_cell *next;

    HASH_ITER(hh, matrix->cells, cell, next)
    {
        if (cell->kept)
            cell->kept = false;
        else
            remove_cell(matrix, cell);
    }
}

static void revoke_by(struct relay_matrix *matrix, const struct relay_change *change)
{
    for (size_t i = 0; i < change->revoke_count; i++)
        revoke(matrix, &change->revokes[i]);
    if (!change->reset)
        return;
    for (size_t i = 0; i < change->grant_count; i++) {
        struct relay_cell *same = find_same(matrix, &change->grants[i]);
        if (same)
            same->kept = true;
    }
    remove_all_but_kept(matrix);
}

int relay_matrix_apply(struct relay_matrix *matrix, const struct relay_change *change)
{
    matrix->generation++;
    revoke_by(matrix, change);
    if (!change->reset && change->base_epoch != matrix->epoch)
        return -ESTALE;
    if (HASH_COUNT(matrix->cells) + change->grant_count > RELAY_CELLS_MAX)
        return -ENOSPC;
    for (size_t i = 0; i < change->grant_count; i++)
        grant(matrix, &change->grants[i]);
    matrix->epoch = change->epoch;
    return 0;
}

void relay_matrix_cut(struct relay_matrix *matrix)
{
    matrix->generation++;
    remove_all_but_kept(matrix);
}

void relay_matrix_done(struct relay_matrix *matrix)
{
    relay_matrix_cut(matrix);
}

const struct relay_cell *relay_matrix_first(const struct relay_matrix *matrix, uint64_t source,
                                            enum sdp_medium medium)
{
    const struct relay_row *row = find_row(matrix, source, medium);

    return row ? row->first : NULL;
}

const struct relay_cell *relay_matrix_into(const struct relay_matrix *matrix, uint64_t subscriber,
                                           enum sdp_medium medium, uint32_t slot)
{
    return find_place(matrix, subscriber, medium, slot);
}
