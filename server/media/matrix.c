#include "server/media/matrix.h"

#include <assert.h>
#include <stdlib.h>

/* Of sounds, or of pictures: people's and what they share. */
enum { CANDIDATES_MAX = 2 * HEARING_ENDPOINTS_MAX + MATRIX_FEEDS };

#define MEDIUM(name) ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_##name

struct candidate {
    const struct matrix_leg *leg;
    Assize__Media__V1__Medium medium;
    unsigned rank; /* lower comes first */
};

struct candidates {
    struct candidate list[CANDIDATES_MAX];
    size_t count;
};

/* Whose picture and sound a device with few slots must not miss. */
static unsigned rank_of(const struct hearing *state, uint32_t endpoint,
                        Assize__Media__V1__Medium medium)
{
    unsigned rank = 4;

    if (medium == MEDIUM(SHARE))
        return 0;
    for (uint32_t i = 0; i < state->participant_count; i++) {
        const struct hearing_participant *p = &state->participants[i];
        if (p->endpoint != endpoint)
            continue;
        if (p->id == state->floor_holder)
            return 1;
        if (p->role == ASSIZE__HEARING__V1__ROLE__ROLE_PRESIDING_JUDGE)
            rank = 2;
        else if (p->role == ASSIZE__HEARING__V1__ROLE__ROLE_DEFENDANT && rank > 3)
            rank = 3;
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
                                             const struct candidate *candidate)
{
    const struct matrix_leg *source = candidate->leg;

    for (size_t i = 0; before && i < before->count; i++) {
        const struct matrix_cell *cell = &before->cells[i];
        if (cell->subscriber == subscriber && cell->medium == candidate->medium &&
            cell->source_part == source->part && cell->source_endpoint == source->endpoint)
            return cell;
    }
    return NULL;
}

static void seat(struct matrix *matrix, const struct matrix_leg *subscriber,
                 const struct candidate *candidate, uint32_t slot)
{
    assert(matrix->count < MATRIX_CELLS_MAX);
    matrix->cells[matrix->count++] = (struct matrix_cell){
        .source = candidate->leg->leg,
        .subscriber = subscriber->leg,
        .source_part = candidate->leg->part,
        .source_endpoint = candidate->leg->endpoint,
        .medium = candidate->medium,
        .slot = slot,
    };
}

/* Seats the chosen sources, the first of the candidates: those who had a slot in it, then the
 * others in the free ones. */
static void seat_all(struct matrix *matrix, const struct matrix_leg *subscriber,
                     const struct candidates *candidates, uint32_t slots,
                     const struct matrix *before)
{
    size_t count = candidates->count < slots ? candidates->count : slots;
    uint64_t taken = 0;
    bool seated[CANDIDATES_MAX] = {false};

    for (size_t i = 0; i < count; i++) {
        const struct candidate *chosen = &candidates->list[i];
        const struct matrix_cell *old = find_before(before, subscriber->leg, chosen);
        if (!old || old->slot >= slots)
            continue;
        seat(matrix, subscriber, chosen, old->slot);
        taken |= UINT64_C(1) << old->slot;
        seated[i] = true;
    }
    for (size_t i = 0; i < count; i++) {
        if (seated[i])
            continue;
        uint32_t slot = (uint32_t)__builtin_ctzll(~taken);
        seat(matrix, subscriber, &candidates->list[i], slot);
        taken |= UINT64_C(1) << slot;
    }
}

/* Which of the studio's feeds are there to be taken. */
struct feeds {
    bool programme;
    bool record;
};

/* A feed takes the place of everybody, sound by sound and its picture that of all pictures; the
 * record's sound that of the programme. */
static unsigned flow_to_device(const struct hearing *state, const struct feeds *feeds,
                               const struct matrix_leg *source, const struct matrix_leg *device)
{
    bool listens = device->listens && feeds->record && hearing_may_listen(state, device->endpoint);
    unsigned record = listens ? HEARING_FLOW_AUDIO : HEARING_FLOW_NONE;
    unsigned feed = device->thin && feeds->programme
                        ? hearing_feed(state, device->endpoint) & ~record
                        : HEARING_FLOW_NONE;
    unsigned replaced = feed | record | (feed & HEARING_FLOW_VIDEO ? HEARING_FLOW_SHARE : 0);

    switch (source->part) {
    case MATRIX_DEVICE:
        return hearing_visibility(state, source->endpoint, device->endpoint) & ~replaced;
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
    if (medium == MEDIUM(AUDIO))
        return HEARING_FLOW_AUDIO;
    return medium == MEDIUM(SHARE) ? HEARING_FLOW_SHARE : HEARING_FLOW_VIDEO;
}

static uint32_t picture_slots(const struct matrix_leg *subscriber)
{
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

/* What there is to be computed from. */
struct view {
    const struct hearing *state;
    const struct hearing *shadow;
    const struct matrix_leg *legs;
    size_t leg_count;
    struct feeds feeds;
};

/* Adds all that the subscriber may receive of a medium. */
static void collect(const struct view *view, const struct matrix_leg *subscriber,
                    Assize__Media__V1__Medium medium, struct candidates *candidates)
{
    for (size_t i = 0; i < view->leg_count; i++) {
        const struct matrix_leg *source = &view->legs[i];
        if (!is_source(source) ||
            !(flow(view->state, &view->feeds, source, subscriber) &
              flow(view->shadow, &view->feeds, source, subscriber) & flag_of(medium)))
            continue;
        assert(candidates->count < CANDIDATES_MAX);
        candidates->list[candidates->count++] =
            (struct candidate){source, medium, rank_of(view->state, source->endpoint, medium)};
    }
}

static void sort(struct candidates *candidates)
{
    qsort(candidates->list, candidates->count, sizeof(candidates->list[0]), compare_candidates);
}

void matrix_compute(const struct hearing *state, const struct hearing *shadow,
                    const struct matrix_leg *legs, size_t leg_count, const struct matrix *before,
                    struct matrix *ret_matrix)
{
    const struct view view = {state, shadow, legs, leg_count, find_feeds(legs, leg_count)};

    assert(leg_count <= MATRIX_LEGS_MAX);
    ret_matrix->count = 0;
    for (size_t i = 0; i < leg_count; i++) {
        const struct matrix_leg *subscriber = &legs[i];
        struct candidates sounds = {.count = 0};
        struct candidates pictures = {.count = 0};

        collect(&view, subscriber, MEDIUM(AUDIO), &sounds);
        sort(&sounds);
        seat_all(ret_matrix, subscriber, &sounds, subscriber->audio_slots, before);
        collect(&view, subscriber, MEDIUM(SHARE), &pictures);
        collect(&view, subscriber, MEDIUM(VIDEO), &pictures);
        sort(&pictures);
        seat_all(ret_matrix, subscriber, &pictures, picture_slots(subscriber), before);
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
