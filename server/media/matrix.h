/*
 * The media matrix of one hearing: which leg's packets go to which slot of which leg. Pure:
 * computed from the hearing's state by hearing_visibility and its like, compared with the one
 * before to make the difference the relay is sent. Used by stage.c.
 */
#ifndef ASSIZE_SERVER_MEDIA_MATRIX_H
#define ASSIZE_SERVER_MEDIA_MATRIX_H

#include "assize/media/v1/control.pb-c.h"
#include "server/hearing/hearing.h"
#include "server/media/limits.h"

enum matrix_part {
    MATRIX_DEVICE,    /* of an endpoint of the hearing */
    MATRIX_PROGRAMME, /* the studio: receives what the programme may show, sends the feed */
    MATRIX_GALLERY,   /* the studio: sends the feed later */
    MATRIX_RECORD,    /* the studio: sends the sound of what is being written */
    MATRIX_VIEWER,    /* of the gallery: receives that feed */
};

/* A connected leg. At most one takes part for each endpoint, each of the studio's parts and each
 * viewer. */
struct matrix_leg {
    uint64_t leg;
    enum matrix_part part;
    uint32_t endpoint; /* of a device */
    uint32_t audio_slots;
    uint32_t video_slots;
    bool thin;    /* a device: the programme feed instead of everybody */
    bool listens; /* a device: the record's sound instead of the hearing's */
};

struct matrix_cell {
    uint64_t source;
    uint64_t subscriber;
    enum matrix_part source_part; /* the same part and endpoint keep their slot when a leg is
                                     replaced */
    uint32_t source_endpoint;
    Assize__Media__V1__Medium medium; /* a share is in a slot of pictures */
    uint32_t slot;
};

enum {
    MATRIX_SLOTS_MAX = 32, /* of one medium on one leg; the relay takes no more */
    MATRIX_FEEDS = 3,
    MATRIX_LEGS_MAX = HEARING_ENDPOINTS_MAX + MATRIX_FEEDS + STAGE_VIEWERS_MAX,
    /* To each device and the programme a sound from every device and a picture into every slot, to
     * each viewer both from the gallery. */
    MATRIX_CELLS_MAX = ((HEARING_ENDPOINTS_MAX + 1) * MATRIX_SLOTS_MAX + STAGE_VIEWERS_MAX) * 2
};

struct matrix {
    struct matrix_cell cells[MATRIX_CELLS_MAX];
    size_t count;
};

/*
 * A pair takes part when both states allow it (state and shadow may be the same). A subscriber with
 * fewer slots than sources gets the most important ones: what is shared, who holds the floor, the
 * presiding judge, the defendant, then by endpoint; a thin one that gets no feed sees one. Whoever
 * was in a slot in `before` stays in it.
 */
void matrix_compute(const struct hearing *state, const struct hearing *shadow,
                    const struct matrix_leg *legs, size_t leg_count, const struct matrix *before,
                    struct matrix *ret_matrix);

/* The cells of `from` that are not in `to` (a cell that only changed its slot counts as not there).
 */
size_t matrix_missing(const struct matrix *from, const struct matrix *to,
                      struct matrix_cell *ret_cells);

#endif
