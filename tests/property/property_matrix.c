/*
 * The relay's matrix equals the visibility of the hearing: over random states, legs and slot
 * counts. SEED and ROUNDS in the environment repeat or lengthen a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "media/relay/matrix.h"
#include "server/media/matrix.h"

static uint64_t seed;

static uint32_t pick(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed % below);
}

static uint64_t from_environment(const char *name, uint64_t preset)
{
    const char *text = getenv(name);
    uint64_t value;

    return text && str_to_u64(text, UINT64_MAX, &value) == 0 ? value : preset;
}

/* Any state at all, also such as no sequence of commands would reach. */
static void random_state(struct hearing *state)
{
    memset(state, 0, sizeof(*state));
    state->status = 1 + pick(5);
    state->endpoint_count = 2 + pick(10);
    state->participant_count = state->endpoint_count + pick(6);
    for (uint32_t i = 0; i < state->endpoint_count; i++)
        state->endpoints[i] = (struct hearing_endpoint){
            .id = i + 1, .site = 1, .kind = 1 + pick(3), .connected = true, .muted = pick(4) == 0};
    for (uint32_t i = 0; i < state->participant_count; i++)
        state->participants[i] = (struct hearing_participant){
            .id = i + 1,
            .role = 1 + pick(23),
            .endpoint = i < state->endpoint_count ? i + 1 : 1 + pick(state->endpoint_count),
            .standing = pick(4) ? ASSIZE__HEARING__V1__STANDING__STANDING_IN_HEARING : 1 + pick(4),
        };
    state->floor_holder = pick(state->participant_count + 1);
    state->witness = pick(state->participant_count + 1);
    state->participants[pick(state->participant_count)].cut_off = pick(3) == 0;
    for (state->screen_count = 0; pick(2) && state->screen_count < 4; state->screen_count++)
        state->screens[state->screen_count] =
            (struct hearing_screen){.participant = 1 + pick(state->participant_count),
                                    .from = 1 + pick(state->participant_count),
                                    .sound = pick(2)};
    state->sharer = pick(2) ? 1 + pick(state->endpoint_count) : 0;
    state->recording = pick(2);
    state->gallery_open = pick(2);
    state->is_private = pick(4) == 0;
}

static size_t random_legs(const struct hearing *state, struct matrix_leg *legs,
                          uint32_t least_slots)
{
    size_t count = 0;

    for (uint32_t i = 0; i < state->endpoint_count; i++) {
        if (pick(5) == 0)
            continue;
        legs[count++] = (struct matrix_leg){.leg = 1000 + i,
                                            .endpoint = i + 1,
                                            .audio_slots = least_slots + pick(8),
                                            .video_slots = least_slots + pick(8),
                                            .thin = pick(4) == 0,
                                            .listens = pick(4) == 0};
    }
    return count;
}

/* The studio's legs, of which any may be missing, and viewers. */
static size_t random_feeds(struct matrix_leg *legs, size_t count, uint32_t least_slots)
{
    if (pick(3))
        legs[count++] = (struct matrix_leg){.leg = 2000,
                                            .part = MATRIX_PROGRAMME,
                                            .audio_slots = least_slots + pick(8),
                                            .video_slots = least_slots + pick(8)};
    if (pick(3))
        legs[count++] = (struct matrix_leg){.leg = 2001, .part = MATRIX_GALLERY};
    if (pick(3))
        legs[count++] = (struct matrix_leg){.leg = 2002, .part = MATRIX_RECORD};
    for (uint32_t viewers = pick(4); viewers; viewers--)
        legs[count++] = (struct matrix_leg){
            .leg = 3000 + viewers, .part = MATRIX_VIEWER, .audio_slots = 1, .video_slots = 1};
    return count;
}

static const struct matrix_cell *find(const struct matrix *matrix, const struct matrix_cell *wanted,
                                      bool with_slot)
{
    for (size_t i = 0; i < matrix->count; i++) {
        const struct matrix_cell *c = &matrix->cells[i];
        if (c->source == wanted->source && c->subscriber == wanted->subscriber &&
            c->medium == wanted->medium && (!with_slot || c->slot == wanted->slot))
            return c;
    }
    return NULL;
}

#define MEDIUM(name) ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_##name

static unsigned flag(Assize__Media__V1__Medium medium)
{
    if (medium == MEDIUM(AUDIO))
        return HEARING_FLOW_AUDIO;
    return medium == MEDIUM(SHARE) ? HEARING_FLOW_SHARE : HEARING_FLOW_VIDEO;
}

/* What is shared is in a slot of pictures. */
static bool same_slots(Assize__Media__V1__Medium one, Assize__Media__V1__Medium other)
{
    return (one == MEDIUM(AUDIO)) == (other == MEDIUM(AUDIO));
}

static const struct matrix_leg *leg_with(const struct matrix_leg *legs, size_t count, uint64_t leg)
{
    for (size_t i = 0; i < count; i++) {
        if (legs[i].leg == leg)
            return &legs[i];
    }
    fail_msg("no leg %llu", (unsigned long long)leg);
    return NULL;
}

static bool has_part(const struct matrix_leg *legs, size_t count, enum matrix_part part)
{
    for (size_t i = 0; i < count; i++) {
        if (legs[i].part == part)
            return true;
    }
    return false;
}

/* What a device gets in place of everybody: from the record its sound, from the programme the rest.
 */
static unsigned replaced(const struct hearing *state, const struct matrix_leg *legs, size_t count,
                         const struct matrix_leg *viewer, enum matrix_part part)
{
    bool listens = viewer->listens && hearing_may_listen(state, viewer->endpoint) &&
                   has_part(legs, count, MATRIX_RECORD);
    unsigned record = listens ? HEARING_FLOW_AUDIO : 0;

    if (part == MATRIX_RECORD)
        return record;
    bool thin = viewer->thin && has_part(legs, count, MATRIX_PROGRAMME);
    return thin ? hearing_feed(state, viewer->endpoint) & ~record : 0;
}

/* The feed's picture has what is shared in it. */
static unsigned covered(unsigned feed)
{
    return feed & HEARING_FLOW_VIDEO ? feed | HEARING_FLOW_SHARE : feed;
}

/* What one state allows from a leg to another, by the law of each part. */
static unsigned allowed(const struct hearing *state, const struct matrix_leg *legs, size_t count,
                        const struct matrix_leg *source, const struct matrix_leg *viewer)
{
    if (viewer->part == MATRIX_VIEWER)
        return source->part == MATRIX_GALLERY && state->gallery_open && !state->is_private &&
                       state->status != ASSIZE__HEARING__V1__STATUS__STATUS_CLOSED
                   ? HEARING_FLOW_AUDIO | HEARING_FLOW_VIDEO
                   : 0;
    if (viewer->part == MATRIX_PROGRAMME)
        return source->part == MATRIX_DEVICE ? hearing_programme(state, source->endpoint) : 0;
    if (viewer->part != MATRIX_DEVICE)
        return 0;
    if (source->part == MATRIX_PROGRAMME || source->part == MATRIX_RECORD)
        return replaced(state, legs, count, viewer, source->part);
    if (source->part != MATRIX_DEVICE)
        return 0;
    return hearing_visibility(state, source->endpoint, viewer->endpoint) &
           ~covered(replaced(state, legs, count, viewer, MATRIX_PROGRAMME)) &
           ~replaced(state, legs, count, viewer, MATRIX_RECORD);
}

/* Nothing that either state forbids; no slot twice; no slot that the leg has not. */
static void check_sound(const struct hearing *state, const struct hearing *shadow,
                        const struct matrix_leg *legs, size_t count, const struct matrix *matrix)
{
    for (size_t i = 0; i < matrix->count; i++) {
        const struct matrix_cell *c = &matrix->cells[i];
        const struct matrix_leg *viewer = leg_with(legs, count, c->subscriber);
        const struct matrix_leg *source = leg_with(legs, count, c->source);

        assert_true(allowed(state, legs, count, source, viewer) & flag(c->medium));
        assert_true(allowed(shadow, legs, count, source, viewer) & flag(c->medium));
        assert_true(c->slot <
                    (c->medium == MEDIUM(AUDIO) ? viewer->audio_slots : viewer->video_slots));
        assert_true(source->part == MATRIX_DEVICE || c->slot == 0);
        for (size_t j = 0; j < i; j++) {
            const struct matrix_cell *d = &matrix->cells[j];
            assert_false(d->subscriber == c->subscriber && same_slots(d->medium, c->medium) &&
                         d->slot == c->slot);
        }
    }
}

/* A thin line sees one. */
static bool is_left_out(const struct matrix_leg *viewer, const struct matrix_leg *source,
                        Assize__Media__V1__Medium medium)
{
    return viewer->thin && source->part == MATRIX_DEVICE && medium == MEDIUM(VIDEO);
}

/* With slots for everyone, everything both states allow is there. */
static void check_complete(const struct hearing *state, const struct hearing *shadow,
                           const struct matrix_leg *legs, size_t count, const struct matrix *matrix)
{
    for (size_t s = 0; s < count; s++) {
        for (size_t v = 0; v < count; v++) {
            unsigned flow = allowed(state, legs, count, &legs[s], &legs[v]) &
                            allowed(shadow, legs, count, &legs[s], &legs[v]);
            for (int medium = MEDIUM(AUDIO); medium <= MEDIUM(SHARE); medium++) {
                struct matrix_cell cell = {
                    .source = legs[s].leg, .subscriber = legs[v].leg, .medium = medium};
                bool wanted = (flow & flag(cell.medium)) != 0;
                bool found = find(matrix, &cell, false) != NULL;
                assert_true(found == wanted ||
                            (wanted && is_left_out(&legs[v], &legs[s], cell.medium)));
            }
        }
    }
}

/* Whoever is thin and could see someone sees exactly one. */
static void check_thin(const struct hearing *state, const struct hearing *shadow,
                       const struct matrix_leg *legs, size_t count, const struct matrix *matrix)
{
    for (size_t v = 0; v < count; v++) {
        unsigned sees = 0, could = 0;
        for (size_t s = 0; legs[v].thin && s < count; s++) {
            struct matrix_cell cell = {
                .source = legs[s].leg, .subscriber = legs[v].leg, .medium = MEDIUM(VIDEO)};
            sees += find(matrix, &cell, false) != NULL;
            cell.medium = MEDIUM(SHARE);
            sees += find(matrix, &cell, false) != NULL;
            could |= allowed(state, legs, count, &legs[s], &legs[v]) &
                     allowed(shadow, legs, count, &legs[s], &legs[v]) &
                     (HEARING_FLOW_VIDEO | HEARING_FLOW_SHARE);
        }
        assert_int_equal(sees, could && legs[v].thin ? 1 : 0);
    }
}

/* The relay's side: revokes first, then grants. */
static void check_difference(const struct matrix *before, const struct matrix *after)
{
    static struct matrix_cell revokes[MATRIX_CELLS_MAX], grants[MATRIX_CELLS_MAX];
    static struct matrix relay, taken;
    size_t revoked = matrix_missing(before, after, revokes);
    size_t granted = matrix_missing(after, before, grants);

    taken.count = revoked;
    memcpy(taken.cells, revokes, revoked * sizeof(revokes[0]));
    relay.count = 0;
    for (size_t i = 0; i < before->count; i++) {
        if (!find(&taken, &before->cells[i], true))
            relay.cells[relay.count++] = before->cells[i];
    }
    memcpy(&relay.cells[relay.count], grants, granted * sizeof(grants[0]));
    relay.count += granted;
    assert_int_equal(relay.count, after->count);
    for (size_t i = 0; i < after->count; i++)
        assert_non_null(find(&relay, &after->cells[i], true));
}

static enum sdp_medium relay_medium(Assize__Media__V1__Medium medium)
{
    if (medium == MEDIUM(AUDIO))
        return SDP_AUDIO;
    return medium == MEDIUM(SHARE) ? SDP_SHARE : SDP_VIDEO;
}

static size_t relay_pairs(const struct matrix_cell *cells, size_t count, struct relay_pair *pairs)
{
    for (size_t i = 0; i < count; i++)
        pairs[i] = (struct relay_pair){
            .source = cells[i].source,
            .subscriber = cells[i].subscriber,
            .medium = relay_medium(cells[i].medium),
            .slot = cells[i].slot,
        };
    return count;
}

/* The relay's own matrix, fed the differences, holds what was computed: no more, no less. */
static void check_relay(struct relay_matrix *relay_side, const struct matrix *before,
                        const struct matrix *after)
{
    static struct matrix_cell revokes[MATRIX_CELLS_MAX], grants[MATRIX_CELLS_MAX];
    static struct relay_pair revoke_pairs[MATRIX_CELLS_MAX], grant_pairs[MATRIX_CELLS_MAX];
    struct relay_change change = {
        .epoch = relay_side->epoch + 1,
        .base_epoch = relay_side->epoch,
        .revokes = revoke_pairs,
        .revoke_count = relay_pairs(revokes, matrix_missing(before, after, revokes), revoke_pairs),
        .grants = grant_pairs,
        .grant_count = relay_pairs(grants, matrix_missing(after, before, grants), grant_pairs),
    };

    assert_int_equal(relay_matrix_apply(relay_side, &change), 0);
    assert_int_equal(HASH_COUNT(relay_side->cells), after->count);
    for (size_t i = 0; i < after->count; i++) {
        struct relay_pair pair;
        relay_pairs(&after->cells[i], 1, &pair);
        const struct relay_cell *cell =
            relay_matrix_into(relay_side, pair.subscriber, sdp_line_medium(pair.medium), pair.slot);
        assert_non_null(cell);
        assert_int_equal(cell->pair.source, pair.source);
        assert_int_equal(cell->pair.medium, pair.medium);
    }
}

static void the_matrix_equals_the_visibility(void **state_)
{
    static struct hearing state, shadow;
    static struct matrix matrix, next, none;
    struct matrix_leg legs[MATRIX_LEGS_MAX];
    uint64_t rounds = from_environment("ROUNDS", 3000);

    (void)state_;
    for (uint64_t round = 0; round < rounds; round++) {
        bool roomy = pick(2);
        struct relay_matrix relay_side;

        relay_matrix_init(&relay_side);
        random_state(&state);
        shadow = state;
        if (pick(2))
            shadow.endpoints[pick(shadow.endpoint_count)].muted = true;
        shadow.is_private |= pick(8) == 0;
        shadow.sharer = pick(8) ? shadow.sharer : 0;
        shadow.gallery_open &= pick(8) != 0;
        uint32_t least_slots = roomy ? HEARING_ENDPOINTS_MAX : 1;
        size_t count = random_feeds(legs, random_legs(&state, legs, least_slots), least_slots);
        matrix_compute(&state, &shadow, legs, count, &none, &matrix);
        check_sound(&state, &shadow, legs, count, &matrix);
        if (roomy)
            check_complete(&state, &shadow, legs, count, &matrix);
        check_thin(&state, &shadow, legs, count, &matrix);
        check_difference(&none, &matrix);
        check_relay(&relay_side, &none, &matrix);

        uint32_t changed = pick(state.participant_count);
        state.participants[changed].standing = 1 + pick(4);
        state.status = 1 + pick(5);
        state.sharer = pick(2) ? state.sharer : pick(state.endpoint_count + 1);
        matrix_compute(&state, &state, legs, count, &matrix, &next);
        check_sound(&state, &state, legs, count, &next);
        check_difference(&matrix, &next);
        check_relay(&relay_side, &matrix, &next);
        relay_matrix_done(&relay_side);
    }
}

static void whoever_stays_visible_keeps_the_slot(void **state_)
{
    static struct hearing state;
    static struct matrix matrix, next, none;
    struct matrix_leg legs[MATRIX_LEGS_MAX];

    (void)state_;
    for (int round = 0; round < 500; round++) {
        random_state(&state);
        state.floor_holder = 0;
        state.sharer = 0;
        size_t count = random_legs(&state, legs, HEARING_ENDPOINTS_MAX);
        matrix_compute(&state, &state, legs, count, &none, &matrix);
        state.endpoints[pick(state.endpoint_count)].muted ^= true;
        matrix_compute(&state, &state, legs, count, &matrix, &next);
        for (size_t i = 0; i < next.count; i++) {
            const struct matrix_cell *was = find(&matrix, &next.cells[i], false);
            if (was)
                assert_int_equal(was->slot, next.cells[i].slot);
        }
    }
}

static void what_is_shared_is_never_left_out(void **state_)
{
    static struct hearing state;
    static struct matrix matrix, none;
    struct matrix_leg legs[MATRIX_LEGS_MAX];

    (void)state_;
    for (int round = 0; round < 500; round++) {
        random_state(&state);
        size_t count = random_legs(&state, legs, 1);
        matrix_compute(&state, &state, legs, count, &none, &matrix);
        for (size_t pair = 0; pair < count * count; pair++) {
            const struct matrix_leg *source = &legs[pair / count], *viewer = &legs[pair % count];
            struct matrix_cell cell = {
                .source = source->leg, .subscriber = viewer->leg, .medium = MEDIUM(SHARE)};
            bool seen =
                hearing_visibility(&state, source->endpoint, viewer->endpoint) & HEARING_FLOW_SHARE;
            assert_int_equal(find(&matrix, &cell, false) != NULL, seen);
        }
    }
}

static void the_floor_holder_is_never_left_out(void **state_)
{
    static struct hearing state;
    static struct matrix matrix, none;
    struct matrix_leg legs[MATRIX_LEGS_MAX];

    (void)state_;
    for (int round = 0; round < 500; round++) {
        random_state(&state);
        state.sharer = 0;
        size_t count = random_legs(&state, legs, 1);
        matrix_compute(&state, &state, legs, count, &none, &matrix);
        const struct hearing_participant *holder = hearing_participant(&state, state.floor_holder);
        for (size_t s = 0; holder && s < count; s++) {
            for (size_t v = 0; v < count && legs[s].endpoint == holder->endpoint; v++) {
                struct matrix_cell cell = {
                    .source = legs[s].leg, .subscriber = legs[v].leg, .medium = MEDIUM(VIDEO)};
                if (hearing_visibility(&state, holder->endpoint, legs[v].endpoint) &
                    HEARING_FLOW_VIDEO) /* without a studio nothing takes its place */
                    assert_non_null(find(&matrix, &cell, false));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_matrix_equals_the_visibility),
        cmocka_unit_test(whoever_stays_visible_keeps_the_slot),
        cmocka_unit_test(what_is_shared_is_never_left_out),
        cmocka_unit_test(the_floor_holder_is_never_left_out),
    };

    seed = from_environment("SEED", (uint64_t)clock_wall_ns() | 1);
    printf("SEED=%llu\n", (unsigned long long)seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
