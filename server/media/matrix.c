#include "server/media/matrix.h"

#include <assert.h>
#include <stdlib.h>

enum { SOURCES_MAX = HEARING_ENDPOINTS_MAX + MATRIX_FEEDS };

struct candidate {
    const struct matrix_leg *leg;
    unsigned rank; /* lower comes first */
};

/* Whose picture and sound a device with few slots must not miss. */
static unsigned rank_of(const struct hearing *state, uint32_t endpoint)
{
    unsigned rank = 3;

    for (uint32_t i = 0; i < state->participant_count; i++) {
        const struct hearing_participant *p = &state->participants[i];
        if (p->endpoint != endpoint)
            continue;
        if (p->id == state->floor_holder)
            return 0;
        if (p->role == ASSIZE__HEARING__V1__ROLE__ROLE_PRESIDING_JUDGE)
            rank = 1;
        else if (p->role == ASSIZE__HEARING__V1__ROLE__ROLE_DEFENDANT && rank > 2)
            rank = 2;
    }
    return rank;
}

static int compare_candidates(const void *left, const void *right)
{
    const struct candidate *a = left;
    const struct candidate *b = right;

    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return (a->leg->endpoint > b->leg->endpoint) - (a->leg->endpoint < b->leg->endpoint);
}

static const struct matrix_cell *find_before(const struct matrix *before, uint64_t subscriber,
                                             Assize__Media__V1__Medium medium,
                                             const struct matrix_leg *source)
{
    for (size_t i = 0; before && i < before->count; i++) {
        const struct matrix_cell *cell = &before->cells[i];
        if (cell->subscriber == subscriber && cell->medium == medium &&
            cell->source_part == source->part && cell->source_endpoint == source->endpoint)
            return cell;
    }
    return NULL;
}

static void seat(struct matrix *matrix, const struct matrix_leg *subscriber,
                 const struct matrix_leg *source, Assize__Media__V1__Medium medium, uint32_t slot)
{
    assert(matrix->count < MATRIX_CELLS_MAX);
    matrix->cells[matrix->count++] = (struct matrix_cell){
        .source = source->leg,
        .subscriber = subscriber->leg,
        .source_part = source->part,
        .source_endpoint = source->endpoint,
        .medium = medium,
        .slot = slot,
    };
}

/* Seats the chosen sources: first those who had a slot, in it; then the others in the free ones. */
static void seat_all(struct matrix *matrix, const struct matrix_leg *subscriber,
                     const struct candidate *chosen, size_t count, uint32_t slots,
                     Assize__Media__V1__Medium medium, const struct matrix *before)
{
    uint64_t taken = 0;
    bool seated[SOURCES_MAX] = {false};

    for (size_t i = 0; i < count; i++) {
        const struct matrix_cell *old = find_before(before, subscriber->leg, medium, chosen[i].leg);
        if (!old || old->slot >= slots)
            continue;
        seat(matrix, subscriber, chosen[i].leg, medium, old->slot);
        taken |= UINT64_C(1) << old->slot;
        seated[i] = true;
    }
    for (size_t i = 0; i < count; i++) {
        if (seated[i])
            continue;
        uint32_t slot = (uint32_t)__builtin_ctzll(~taken);
        seat(matrix, subscriber, chosen[i].leg, medium, slot);
        taken |= UINT64_C(1) << slot;
    }
}

/* Which of the studio's feeds are there to be taken. */
struct feeds {
    bool programme;
    bool record;
};

/* A feed takes the place of everybody, medium by medium; the record's sound that of the programme.
 */
static unsigned flow_to_device(const struct hearing *state, const struct feeds *feeds,
                               const struct matrix_leg *source, const struct matrix_leg *device)
{
    bool listens = device->listens && feeds->record && hearing_may_listen(state, device->endpoint);
    unsigned record = listens ? HEARING_FLOW_AUDIO : HEARING_FLOW_NONE;
    unsigned feed = device->thin && feeds->programme
                        ? hearing_feed(state, device->endpoint) & ~record
                        : HEARING_FLOW_NONE;

    switch (source->part) {
    case MATRIX_DEVICE:
        return hearing_visibility(state, source->endpoint, device->endpoint) & ~(feed | record);
    case MATRIX_PROGRAMME:
        return feed;
    case MATRIX_RECORD:
        return record;
    case MATRIX_GALLERY:
    case MATRIX_VIEWER:
        break;
    }
    return HEARING_FLOW_NONE;
}

static unsigned flow(const struct hearing *state, const struct feeds *feeds,
                     const struct matrix_leg *source, const struct matrix_leg *subscriber)
{
    switch (subscriber->part) {
    case MATRIX_DEVICE:
        return flow_to_device(state, feeds, source, subscriber);
    case MATRIX_PROGRAMME:
        return source->part == MATRIX_DEVICE ? hearing_programme(state, source->endpoint)
                                             : HEARING_FLOW_NONE;
    case MATRIX_VIEWER:
        return source->part == MATRIX_GALLERY && hearing_gallery(state)
                   ? HEARING_FLOW_AUDIO | HEARING_FLOW_VIDEO
                   : HEARING_FLOW_NONE;
    case MATRIX_GALLERY:
    case MATRIX_RECORD:
        break; /* these only send */
    }
    return HEARING_FLOW_NONE;
}

static unsigned flag_of(Assize__Media__V1__Medium medium)
{
    return medium == ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_AUDIO ? HEARING_FLOW_AUDIO
                                                             : HEARING_FLOW_VIDEO;
}

static uint32_t slots_of(const struct matrix_leg *subscriber, Assize__Media__V1__Medium medium)
{
    if (medium == ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_AUDIO)
        return subscriber->audio_slots;
    return subscriber->thin && subscriber->video_slots ? 1 : subscriber->video_slots;
}

static struct feeds find_feeds(const struct matrix_leg *legs, size_t leg_count)
{
    struct feeds feeds = {false, false};

    for (size_t i = 0; i < leg_count; i++) {
        feeds.programme |= legs[i].part == MATRIX_PROGRAMME;
        feeds.record |= legs[i].part == MATRIX_RECORD;
    }
    return feeds;
}

/* Viewers send nothing. */
static bool is_source(const struct matrix_leg *leg)
{
    return leg->part != MATRIX_VIEWER;
}

void matrix_compute(const struct hearing *state, const struct hearing *shadow,
                    const struct matrix_leg *legs, size_t leg_count, const struct matrix *before,
                    struct matrix *ret_matrix)
{
    static const Assize__Media__V1__Medium media[] = {ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_AUDIO,
                                                      ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_VIDEO};
    const struct feeds feeds = find_feeds(legs, leg_count);

    assert(leg_count <= MATRIX_LEGS_MAX);
    ret_matrix->count = 0;
    for (size_t s = 0; s < leg_count * 2; s++) {
        const struct matrix_leg *subscriber = &legs[s / 2];
        Assize__Media__V1__Medium medium = media[s % 2];
        uint32_t slots = slots_of(subscriber, medium);
        struct candidate candidates[SOURCES_MAX];
        size_t count = 0;

        for (size_t i = 0; i < leg_count; i++) {
            if (is_source(&legs[i]) && flow(state, &feeds, &legs[i], subscriber) &
                                           flow(shadow, &feeds, &legs[i], subscriber) &
                                           flag_of(medium))
                candidates[count++] =
                    (struct candidate){&legs[i], rank_of(state, legs[i].endpoint)};
        }
        qsort(candidates, count, sizeof(candidates[0]), compare_candidates);
        seat_all(ret_matrix, subscriber, candidates, count < slots ? count : slots, slots, medium,
                 before);
    }
}

static bool holds(const struct matrix *matrix, const struct matrix_cell *cell)
{
    for (size_t i = 0; i < matrix->count; i++) {
        const struct matrix_cell *c = &matrix->cells[i];
        if (c->source == cell->source && c->subscriber == cell->subscriber &&
            c->medium == cell->medium && c->slot == cell->slot)
            return true;
    }
    return false;
}

size_t matrix_missing(const struct matrix *from, const struct matrix *to,
                      struct matrix_cell *ret_cells)
{
    size_t count = 0;

    for (size_t i = 0; i < from->count; i++) {
        if (!holds(to, &from->cells[i]))
            ret_cells[count++] = from->cells[i];
    }
    return count;
}
