/*
 * Who gets whose packets in one hearing. Pure: no packets, no clock. What is not granted is denied.
 *
 * A cell lets the packets of one medium pass from a source leg into one slot of a subscriber leg.
 * The matrix has a generation that rises with every change; a packet carries the generation in
 * which it came in, a cell the one in which it was granted, and only packets at least as young as
 * the cell pass (relay_cell_allows). So nothing from before a grant reaches the newly granted,
 * resends from the cache included. The generation is our own, since the controller's epochs may
 * start anew with it.
 *
 * Owned by the router.
 */
#ifndef ASSIZE_MEDIA_RELAY_MATRIX_H
#define ASSIZE_MEDIA_RELAY_MATRIX_H

#include "media/relay/hash.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/relay/limits.h"
#include "media/rtp/sdp.h"

/* What a cell is about; the medium and numbers are known to be in range. A share goes to a slot of
 * pictures. */
struct relay_pair {
    uint64_t source;
    uint64_t subscriber;
    enum sdp_medium medium;
    uint32_t slot;
};

struct relay_place {
    uint64_t subscriber;
    uint32_t medium;
    uint32_t slot;
};

struct relay_cell {
    struct relay_pair pair;
    uint64_t generation;     /* in which it was granted */
    struct relay_cell *next; /* of the same source and medium */
    struct relay_place place;
    bool kept;         /* while a reset is applied: the new matrix has it too */
    UT_hash_handle hh; /* by place */
};

struct relay_row {
    struct relay_place source; /* leg and medium; the slot is not used */
    struct relay_cell *first;
    UT_hash_handle hh;
};

struct relay_matrix {
    uint64_t epoch;      /* the controller's */
    uint64_t generation; /* ours */
    struct relay_cell *cells;
    struct relay_row *rows;
};

void relay_matrix_init(struct relay_matrix *matrix);
void relay_matrix_done(struct relay_matrix *matrix);
/* Denies everything; the epoch stays. */
void relay_matrix_cut(struct relay_matrix *matrix);

struct relay_change {
    uint64_t epoch;
    uint64_t base_epoch;
    bool reset; /* the grants are the whole matrix; what stays granted goes on undisturbed */
    const struct relay_pair *revokes;
    size_t revoke_count;
    const struct relay_pair *grants;
    size_t grant_count;
};

/*
 * Revokes (at whatever slot the pair is), then grants. 0; -ESTALE for a base_epoch that is not the
 * matrix's, -ENOSPC over RELAY_CELLS_MAX: then only what it revokes has changed, and the epoch has
 * not.
 */
int relay_matrix_apply(struct relay_matrix *matrix, const struct relay_change *change)
    __attribute__((warn_unused_result));

/* The first cell of a source's medium, or NULL; the others follow by ->next. */
const struct relay_cell *relay_matrix_first(const struct relay_matrix *matrix, uint64_t source,
                                            enum sdp_medium medium);
/* What is granted into this slot of sound or of pictures, or NULL. */
const struct relay_cell *relay_matrix_into(const struct relay_matrix *matrix, uint64_t subscriber,
                                           enum sdp_medium medium, uint32_t slot);
/* True when a packet that came in at this generation may pass. */
static inline bool relay_cell_allows(const struct relay_cell *cell, uint64_t generation)
{
    return generation >= cell->generation;
}

#endif
