/*
 * The media matrix of one hearing: which leg's packets go to which slot of which leg. Pure:
 * computed from the hearing's state by hearing_visibility, compared with the one before to make the
 * difference the relay is sent. Used by stage.c.
 */
#ifndef ASSIZE_SERVER_MEDIA_MATRIX_H
#define ASSIZE_SERVER_MEDIA_MATRIX_H

#include "assize/media/v1/control.pb-c.h"
#include "server/hearing/hearing.h"

/* A connected leg. At most one for each endpoint takes part. */
struct matrix_leg {
    uint64_t leg;
    uint32_t endpoint;
    uint32_t audio_slots;
    uint32_t video_slots;
};

struct matrix_cell {
    uint64_t source;
    uint64_t subscriber;
    uint32_t source_endpoint; /* keeps its slot when its leg is replaced */
    Assize__Media__V1__Medium medium;
    uint32_t slot;
};

enum { MATRIX_CELLS_MAX = HEARING_ENDPOINTS_MAX * (HEARING_ENDPOINTS_MAX - 1) * 2 };

struct matrix {
    struct matrix_cell cells[MATRIX_CELLS_MAX];
    size_t count;
};

/*
 * A pair takes part when both states allow it (state and shadow may be the same). A subscriber with
 * fewer slots than sources gets the most important ones: who holds the floor, the presiding judge,
 * the defendant, then by endpoint. Whoever was in a slot in `before` stays in it.
 */
void matrix_compute(const struct hearing *state, const struct hearing *shadow,
                    const struct matrix_leg *legs, size_t leg_count, const struct matrix *before,
                    struct matrix *ret_matrix);

/* The cells of `from` that are not in `to` (a cell that only changed its slot counts as not there).
 */
size_t matrix_missing(const struct matrix *from, const struct matrix *to,
                      struct matrix_cell *ret_cells);

#endif
