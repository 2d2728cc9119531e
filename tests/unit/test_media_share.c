/* What somebody shows: its place in everybody's slots, on record, and in the programme feed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/hearing/names.h"
#include "server/media/scene.h"
#include "server/media/tracks.h"

enum {
    JUDGE = 1,
    COUNSEL = 2,
    DEFENDANT = 3,
    WAITING = 4,
    TABLET = 5, /* counsel's companion */
    DEVICES = 5,
    PROGRAMME_LEG = 100,
};

#define SHARE ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_SHARE
#define VIDEO ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_VIDEO

struct court {
    struct hearing hearing;
    struct matrix_leg legs[DEVICES + 1];
    struct matrix before;
    struct matrix matrix;
    struct tracks tracks;
};

static void add_person(struct hearing *hearing, uint32_t id, Assize__Hearing__V1__Role role)
{
    hearing->endpoints[id - 1] = (struct hearing_endpoint){
        .id = id, .site = 1, .kind = HEARING_ENDPOINT(PERSONAL), .connected = true};
    hearing->participants[id - 1] = (struct hearing_participant){
        .id = id,
        .role = role,
        .endpoint = id,
        .standing = id == WAITING ? HEARING_STANDING(WAITING) : HEARING_STANDING(IN_HEARING),
    };
}

/* In session and on record; one waits. */
static int set_up(void **state)
{
    struct court *court = calloc(1, sizeof(*court));
    struct hearing *hearing = &court->hearing;

    hearing_init(hearing, NULL);
    hearing->status = HEARING_STATUS(IN_SESSION);
    hearing->recording = true;
    hearing->site_count = 1;
    hearing->sites[0].id = 1;
    hearing->endpoint_count = DEVICES;
    hearing->participant_count = WAITING;
    add_person(hearing, JUDGE, HEARING_ROLE(PRESIDING_JUDGE));
    add_person(hearing, COUNSEL, HEARING_ROLE(DEFENCE_COUNSEL));
    add_person(hearing, DEFENDANT, HEARING_ROLE(DEFENDANT));
    add_person(hearing, WAITING, HEARING_ROLE(WITNESS));
    hearing->participants[COUNSEL - 1].companion = TABLET;
    hearing->endpoints[TABLET - 1] = (struct hearing_endpoint){
        .id = TABLET, .site = 1, .kind = HEARING_ENDPOINT(COMPANION), .connected = true};
    for (uint32_t i = 0; i < DEVICES; i++)
        court->legs[i] = (struct matrix_leg){
            .leg = i + 1, .endpoint = i + 1, .audio_slots = DEVICES, .video_slots = DEVICES};
    court->legs[DEVICES] = (struct matrix_leg){.leg = PROGRAMME_LEG,
                                               .part = MATRIX_PROGRAMME,
                                               .audio_slots = DEVICES,
                                               .video_slots = DEVICES};
    *state = court;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void share(struct court *court, uint32_t endpoint, uint32_t participant)
{
    court->hearing.sharer = endpoint;
    court->hearing.sharer_participant = participant;
    court->hearing.share_kind = ASSIZE__HEARING__V1__SHARE_KIND__SHARE_KIND_SCREEN;
}

static void compute_with(struct court *court, const struct hearing *shadow)
{
    court->before = court->matrix;
    matrix_compute(&court->hearing, shadow, court->legs, DEVICES + 1, &court->before,
                   &court->matrix);
    tracks_compute(&court->hearing, shadow, court->legs, DEVICES + 1, false, &court->tracks);
}

static void compute(struct court *court)
{
    compute_with(court, &court->hearing);
}

static const struct matrix_cell *cell_of(const struct court *court, uint64_t source,
                                         uint64_t subscriber, Assize__Media__V1__Medium medium)
{
    for (size_t i = 0; i < court->matrix.count; i++) {
        const struct matrix_cell *cell = &court->matrix.cells[i];
        if (cell->source == source && cell->subscriber == subscriber && cell->medium == medium)
            return cell;
    }
    return NULL;
}

static size_t count_of(const struct court *court, Assize__Media__V1__Medium medium)
{
    size_t count = 0;

    for (size_t i = 0; i < court->matrix.count; i++)
        count += court->matrix.cells[i].medium == medium;
    return count;
}

static void everybody_inside_gets_what_is_shared_beside_the_picture(void **state)
{
    struct court *court = *state;

    share(court, COUNSEL, COUNSEL);
    compute(court);
    for (uint64_t viewer = JUDGE; viewer <= DEFENDANT; viewer++) {
        if (viewer == COUNSEL)
            continue;
        const struct matrix_cell *shown = cell_of(court, COUNSEL, viewer, SHARE);
        const struct matrix_cell *picture = cell_of(court, COUNSEL, viewer, VIDEO);
        assert_non_null(shown);
        assert_non_null(picture);
        assert_int_not_equal(shown->slot, picture->slot);
    }
    assert_null(cell_of(court, COUNSEL, COUNSEL, SHARE));
    assert_null(cell_of(court, COUNSEL, WAITING, SHARE));
    assert_non_null(cell_of(court, COUNSEL, PROGRAMME_LEG, SHARE));
    assert_null(cell_of(court, JUDGE, DEFENDANT, SHARE));
}

static void nothing_is_shared_when_nobody_shares_or_either_state_says_no(void **state)
{
    struct court *court = *state;
    struct hearing stopped = court->hearing;

    compute(court);
    assert_int_equal(count_of(court, SHARE), 0);
    share(court, COUNSEL, COUNSEL);
    compute_with(court, &stopped);
    assert_int_equal(count_of(court, SHARE), 0);
    assert_int_equal(court->tracks.count, 3);
}

static void what_is_shared_has_a_slot_before_everybody_else(void **state)
{
    struct court *court = *state;

    court->legs[DEFENDANT - 1].video_slots = 2;
    compute(court);
    assert_non_null(cell_of(court, COUNSEL, DEFENDANT, VIDEO));
    share(court, COUNSEL, COUNSEL);
    compute(court);
    assert_non_null(cell_of(court, COUNSEL, DEFENDANT, SHARE));
    assert_non_null(cell_of(court, JUDGE, DEFENDANT, VIDEO));
    assert_null(cell_of(court, COUNSEL, DEFENDANT, VIDEO));
    /* Who keeps a picture keeps its slot. */
    assert_int_equal(cell_of(court, JUDGE, DEFENDANT, VIDEO)->slot, 0);
    assert_int_equal(cell_of(court, COUNSEL, DEFENDANT, SHARE)->slot, 1);
}

static void a_thin_line_without_the_feed_sees_the_document(void **state)
{
    struct court *court = *state;

    court->hearing.is_private = true;
    court->legs[DEFENDANT - 1].thin = true;
    share(court, COUNSEL, COUNSEL);
    compute(court);
    assert_non_null(cell_of(court, COUNSEL, DEFENDANT, SHARE));
    assert_null(cell_of(court, JUDGE, DEFENDANT, VIDEO));
}

static void a_thin_line_with_the_feed_sees_the_document_in_it(void **state)
{
    struct court *court = *state;

    court->legs[DEFENDANT - 1].thin = true;
    share(court, COUNSEL, COUNSEL);
    compute(court);
    assert_non_null(cell_of(court, PROGRAMME_LEG, DEFENDANT, VIDEO));
    assert_null(cell_of(court, COUNSEL, DEFENDANT, SHARE));
}

static void a_companion_sends_what_it_shares_and_nothing_else(void **state)
{
    struct court *court = *state;

    share(court, TABLET, COUNSEL);
    compute(court);
    assert_non_null(cell_of(court, TABLET, JUDGE, SHARE));
    assert_null(cell_of(court, TABLET, JUDGE, VIDEO));
    assert_int_equal(court->tracks.count, 4);
}

static const struct track *share_track(const struct court *court)
{
    for (size_t i = 0; i < court->tracks.count; i++) {
        if (court->tracks.list[i].share)
            return &court->tracks.list[i];
    }
    return NULL;
}

static void what_is_shared_is_a_track_and_a_group_of_its_own(void **state)
{
    struct court *court = *state;
    struct arena arena;

    share(court, DEFENDANT, DEFENDANT);
    compute(court);
    const struct track *track = share_track(court);
    assert_non_null(track);
    assert_int_equal(track->leg, DEFENDANT);
    assert_false(track->audio || track->video);
    arena_init(&arena, 1 << 16);
    const Assize__Media__V1__Record *record = tracks_pack(&court->tracks, &arena);
    const Assize__Media__V1__RecordTrack *packed = record->tracks[track - court->tracks.list];
    assert_string_equal(packed->group, "e3-share");
    assert_true(packed->share);
    assert_false(packed->video);
    arena_done(&arena);
    struct tracks with = court->tracks;
    share(court, 0, 0);
    compute(court);
    assert_null(share_track(court));
    assert_false(tracks_are_same(&with, &court->tracks));
}

/* ---- the programme feed ---- */

static const char *const names[] = {"Trần Minh Hạnh", "Lê Hoàng Yến", "Đỗ Văn Tuấn", "Ngọc Lan"};

static Assize__Media__V1__Scene *scene_of(struct court *court, struct arena *arena)
{
    static struct hearing_store_participant people[WAITING];
    static struct hearing_store_site site;
    struct hearing_record record = {.participants = people, .sites = &site};
    const struct scene_source source = {
        .state = &court->hearing,
        .shadow = &court->hearing,
        .names = &record,
        .matrix = &court->matrix,
        .leg = PROGRAMME_LEG,
    };

    for (size_t i = 0; i < WAITING; i++)
        snprintf(people[i].name, sizeof(people[i].name), "%s", names[i]);
    return scene_make(&source, arena);
}

static const Assize__Media__V1__SceneTile *tile_of(const Assize__Media__V1__Scene *scene,
                                                   uint32_t endpoint, bool shown)
{
    for (size_t i = 0; i < scene->n_tiles; i++) {
        if (scene->tiles[i]->endpoint == endpoint && (bool)scene->tiles[i]->share == shown)
            return scene->tiles[i];
    }
    return NULL;
}

static void the_feed_shows_the_document_under_the_name_of_who_shares_it(void **state)
{
    struct court *court = *state;
    struct arena arena;

    arena_init(&arena, 1 << 18);
    share(court, TABLET, COUNSEL);
    compute(court);
    const Assize__Media__V1__Scene *scene = scene_of(court, &arena);
    assert_non_null(scene);
    assert_int_equal(scene->n_tiles, 4);
    const Assize__Media__V1__SceneTile *shown = tile_of(scene, TABLET, true);
    assert_non_null(shown);
    assert_string_equal(shown->name, "Tài liệu: Lê Hoàng Yến");
    assert_true(shown->video);
    assert_false(shown->audio);
    assert_int_equal(shown->video_slot, cell_of(court, TABLET, PROGRAMME_LEG, SHARE)->slot);
    assert_null(tile_of(scene, TABLET, false));
    assert_non_null(tile_of(scene, COUNSEL, false));
    arena_done(&arena);
}

static void a_picture_and_a_document_of_one_device_are_two_tiles(void **state)
{
    struct court *court = *state;
    struct arena arena;

    arena_init(&arena, 1 << 18);
    share(court, COUNSEL, COUNSEL);
    compute(court);
    const Assize__Media__V1__Scene *scene = scene_of(court, &arena);
    const Assize__Media__V1__SceneTile *shown = tile_of(scene, COUNSEL, true);
    const Assize__Media__V1__SceneTile *person = tile_of(scene, COUNSEL, false);
    assert_true(shown && person);
    assert_int_not_equal(shown->video_slot, person->video_slot);
    assert_true(person->audio);
    share(court, 0, 0);
    compute(court);
    scene = scene_of(court, &arena);
    assert_int_equal(scene->n_tiles, 3);
    assert_null(tile_of(scene, COUNSEL, true));
    arena_done(&arena);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(everybody_inside_gets_what_is_shared_beside_the_picture),
        CASE(nothing_is_shared_when_nobody_shares_or_either_state_says_no),
        CASE(what_is_shared_has_a_slot_before_everybody_else),
        CASE(a_thin_line_without_the_feed_sees_the_document),
        CASE(a_thin_line_with_the_feed_sees_the_document_in_it),
        CASE(a_companion_sends_what_it_shares_and_nothing_else),
        CASE(what_is_shared_is_a_track_and_a_group_of_its_own),
        CASE(the_feed_shows_the_document_under_the_name_of_who_shares_it),
        CASE(a_picture_and_a_document_of_one_device_are_two_tiles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
