/* The studio, the gallery and thin lines of a stage: what the relay and the studio are told. */
#include "stage_fixture.h"
#include "studio_link.h"

#include "server/hearing/names.h"

enum { JUDGE = 1, CLERK, WITNESS, VIEWERS = 3 };

static struct {
    int ward;
    char path[64];
    struct studio_client *client;
    struct studio_link link;
    struct hearing_record names;
    struct hearing_store_site site;
    struct hearing_store_participant people[PEOPLE];
} studio;

/* ---- a stage with a studio ---- */

static void there(void *context, enum ward_task task, const char *hearing)
{
    (void)context;
    (void)task;
    (void)hearing;
    stage_studio_there(scene.stage);
}

static void report(void *context, enum ward_task task, const char *hearing,
                   const Assize__Media__V1__StudioReport *said)
{
    (void)context;
    (void)task;
    (void)hearing;
    stage_studio_report(scene.stage, said);
}

static void gone(void *context, enum ward_task task, const char *hearing)
{
    (void)context;
    (void)task;
    (void)hearing;
    stage_studio_gone(scene.stage);
}

static void told(void *context, enum ward_task task, const char *hearing, enum ward_word word)
{
    (void)context;
    (void)task;
    (void)hearing;
    stage_studio_told(scene.stage, word);
}

static const struct studio_client_ops studio_ops = {there, report, gone, told};

static void name_everybody(void)
{
    snprintf(studio.names.case_number, sizeof(studio.names.case_number), "12/2026");
    snprintf(studio.site.name, sizeof(studio.site.name), "Điểm cầu trung tâm");
    for (uint32_t i = 0; i < PEOPLE; i++)
        snprintf(studio.people[i].name, sizeof(studio.people[i].name), "Người %u", i + 1);
    studio.names.sites = &studio.site;
    studio.names.participants = studio.people;
}

static void add_studio(struct stage_options *options)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    studio.ward = pair[0];
    snprintf(studio.path, sizeof(studio.path), "/tmp/assize-test-studio-%d", (int)getpid());
    studio.client = studio_client_new(&scene.loop, studio.path, pair[1], &studio_ops, NULL);
    assert_non_null(studio.client);
    studio.link.fd = -1;
    name_everybody();
    options->studio = studio.client;
    options->names = &studio.names;
    options->record_programme = true;
}

/* The judge and the clerk are inside, the witness waits. */
static int open_scene(void **state)
{
    add_to_stage = add_studio;
    int result = set_up(state);
    scene.state.participants[0].role = HEARING_ROLE(PRESIDING_JUDGE);
    scene.state.participants[1].role = HEARING_ROLE(CLERK);
    scene.state.participants[2].role = HEARING_ROLE(WITNESS);
    scene.state.participants[2].standing = HEARING_STANDING(WAITING);
    return result;
}

static int close_scene(void **state)
{
    studio_link_close(&studio.link);
    studio_client_free(studio.client);
    close(studio.ward);
    return tear_down(state);
}

static void update(void)
{
    stage_update(scene.stage, &scene.state, &scene.state);
    turn_a_little();
}

static void connect_device(uint32_t endpoint)
{
    uint64_t leg = stage_open_leg(scene.stage, endpoint, "session", true, 2, 2);

    assert_true(leg != 0);
    turn_a_little();
    report_leg(leg, ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED);
    turn_a_little();
}

/* The last request for a leg of the studio: p, g or r. */
static Assize__Media__V1__OpenLeg *opened(char part)
{
    for (size_t i = scene.relay.request_count; i > 0; i--) {
        Assize__Media__V1__Request *request = parse(&scene.relay.requests[i - 1]);
        if (request->body_case == ASSIZE__MEDIA__V1__REQUEST__BODY_OPEN_LEG &&
            request->open_leg->local && request->open_leg->session[0] == part)
            return request->open_leg;
    }
    return NULL;
}

static bool has_setup(void)
{
    assert_true(studio_link_read(&studio.link));
    return studio.link.setup != NULL;
}

/* Its legs are connected, and it was told everything. */
static void bring_studio(void)
{
    studio_link_open(&studio.link, studio.path);
    studio_link_hello(&studio.link, hearing_id, ASSIZE__MEDIA__V1__STUDIO_HELLO__TASK__TASK_LIVE);
    assert_true(turn_until(has_setup));
    report_leg(studio.link.setup->programme->leg,
               ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED);
    report_leg(studio.link.setup->gallery->leg,
               ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED);
    report_leg(studio.link.setup->record->leg,
               ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED);
    assert_true(turn_until(is_settled));
    turn_a_little();
    assert_true(studio_link_read(&studio.link));
}

static bool runs(void)
{
    return stage_programme_state(scene.stage) ==
           ASSIZE__SIGNAL__V1__PROGRAMME_STATE__PROGRAMME_STATE_RUNNING;
}

/* In session, on record, with the judge, the clerk, the witness and the studio connected. */
static void hold_session(void)
{
    Assize__Media__V1__StudioReport said = ASSIZE__MEDIA__V1__STUDIO_REPORT__INIT;
    Assize__Media__V1__ProgrammeOn on = ASSIZE__MEDIA__V1__PROGRAMME_ON__INIT;

    assert_true(turn_until(is_up));
    scene.state.recording = true;
    for (uint32_t i = 1; i <= PEOPLE; i++)
        connect_device(i);
    bring_studio();
    said.body_case = ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_PROGRAMME_ON;
    said.programme_on = &on;
    studio_link_say(&studio.link, &said);
    assert_true(turn_until(runs));
}

/* How many cells of the last matrix go from the source (0: any) to the subscriber. */
static size_t granted(uint64_t source, uint64_t subscriber)
{
    const Assize__Media__V1__Matrix *matrix = last_matrix()->matrix;
    size_t count = 0;

    for (size_t i = 0; i < matrix->n_grant; i++)
        count += matrix->grant[i]->subscriber == subscriber &&
                 (!source || matrix->grant[i]->source == source);
    return count;
}

/* What is in the receiving slots of a leg, as "a0 v0": p for the programme, r for the record, else
 * the endpoint. */
static const char *slots_of(uint64_t leg)
{
    static char text[128];
    Assize__Signal__V1__MediaSlots slots;
    size_t len = 0;

    stage_slots(scene.stage, leg, &scene.arena, &slots);
    text[0] = '\0';
    for (size_t i = 0; i < slots.n_slots; i++) {
        const Assize__Signal__V1__MediaSlot *slot = slots.slots[i];
        char what = (char)('0' + slot->endpoint);
        if (slot->has_feed)
            what = slot->feed == ASSIZE__SIGNAL__V1__FEED__FEED_RECORD ? 'r' : 'p';
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s:%c", len ? " " : "",
                                slot->mid, what);
    }
    return text;
}

/* ---- tests ---- */

static void asks_for_no_studio_before_anybody_needs_one(void **state)
{
    (void)state;
    assert_true(turn_until(is_up));
    connect_device(JUDGE);
    assert_int_equal(ward_asked(studio.ward).word, 0);
    assert_null(opened('p'));
    assert_int_equal(stage_programme_state(scene.stage),
                     ASSIZE__SIGNAL__V1__PROGRAMME_STATE__PROGRAMME_STATE_OFF);
    scene.state.recording = true;
    stage_close_legs(scene.stage, JUDGE, 0);
    update();
    assert_int_equal(ward_asked(studio.ward).word, 0); /* nobody is here */
}

static void asks_for_a_studio_with_the_record_and_tells_it_its_legs(void **state)
{
    (void)state;
    assert_true(turn_until(is_up));
    scene.state.recording = true;
    connect_device(JUDGE);
    assert_int_equal(ward_asked(studio.ward).word, WARD_START);
    assert_int_equal(stage_programme_state(scene.stage),
                     ASSIZE__SIGNAL__V1__PROGRAMME_STATE__PROGRAMME_STATE_STARTING);
    assert_int_equal(opened('p')->video_slots, PEOPLE + 1); /* and what is shared */
    assert_int_equal(opened('g')->video_slots, 0);
    assert_true(opened('r')->may_send);
    bring_studio();
    const Assize__Media__V1__StudioSetup *setup = studio.link.setup;
    assert_int_equal(setup->programme->token.len, 16);
    assert_memory_equal(setup->programme->token.data, opened('p')->token.data, 16);
    assert_true(setup->gallery->leg == opened('g')->leg);
    assert_true(setup->record->leg == opened('r')->leg);
    assert_false(studio.link.gallery->open);
    assert_false(studio.link.listening->on);
    assert_string_equal(studio.link.scene->case_number, "12/2026");
    assert_int_equal(studio.link.setups, 1);
}

static void shows_who_is_inside_and_never_who_waits(void **state)
{
    (void)state;
    hold_session();
    const Assize__Media__V1__Scene *shown = studio.link.scene;
    uint64_t leg = studio.link.setup->programme->leg;
    assert_int_equal(shown->card, ASSIZE__MEDIA__V1__SCENE__CARD__CARD_UNSPECIFIED);
    assert_int_equal(shown->n_tiles, 2);
    assert_int_equal(shown->tiles[0]->endpoint, JUDGE);
    assert_string_equal(shown->tiles[0]->name, "Người 1");
    assert_string_equal(shown->tiles[0]->role_vi, "Thẩm phán chủ tọa phiên tòa");
    assert_true(shown->tiles[1]->audio && shown->tiles[1]->video);
    assert_string_equal(slots_of(leg), "a0:1 a1:2 v0:1 v1:2");

    scene.state.participants[WITNESS - 1].standing = HEARING_STANDING(IN_HEARING);
    scene.state.endpoints[JUDGE - 1].muted = true;
    update();
    assert_true(studio_link_read(&studio.link));
    assert_string_equal(slots_of(leg), "a1:2 a0:3 v0:1 v1:2 v2:3");
    assert_int_equal(studio.link.scene->n_tiles, 3);
    assert_true(studio.link.scene->tiles[0]->muted);
    assert_false(studio.link.scene->tiles[0]->has_audio);
    assert_int_equal(studio.link.scene->tiles[2]->video_slot, 2);
}

static void shows_a_card_and_gets_nothing_behind_closed_doors(void **state)
{
    (void)state;
    hold_session();
    uint64_t leg = studio.link.setup->programme->leg;
    scene.state.is_private = true;
    update();
    assert_string_equal(slots_of(leg), "");
    assert_int_equal(last_matrix()->matrix->n_revoke, 4);
    assert_true(studio_link_read(&studio.link));
    assert_int_equal(studio.link.scene->card, ASSIZE__MEDIA__V1__SCENE__CARD__CARD_PRIVATE);
    assert_int_equal(studio.link.scene->n_tiles, 0);
    assert_true(runs()); /* the card is on record */
}

/* The scene says who is where only when the relay has applied it. */
static void tells_the_studio_what_the_relay_has_applied(void **state)
{
    (void)state;
    hold_session();
    int before = studio.link.scenes;
    scene.relay.answers = false;
    scene.state.is_private = true;
    update();
    assert_true(studio_link_read(&studio.link));
    assert_int_equal(studio.link.scenes, before);
    answer(last_matrix());
    assert_true(turn_until(is_settled));
    turn_a_little();
    assert_true(studio_link_read(&studio.link));
    assert_int_equal(studio.link.scenes, before + 1);
}

static void puts_the_feed_on_record_beside_everybody(void **state)
{
    (void)state;
    hold_session();
    const Assize__Media__V1__Record *record = NULL;
    for (size_t i = 0; i < scene.relay.request_count; i++) {
        Assize__Media__V1__Request *request = parse(&scene.relay.requests[i]);
        if (request->body_case == ASSIZE__MEDIA__V1__REQUEST__BODY_RECORD)
            record = request->record;
    }
    const Assize__Media__V1__RecordTrack *feed = NULL;
    assert_int_equal(record->n_tracks, 3);
    for (size_t i = 0; i < record->n_tracks; i++) {
        if (strcmp(record->tracks[i]->group, "programme") == 0)
            feed = record->tracks[i];
    }
    assert_non_null(feed);
    assert_true(feed->leg == studio.link.setup->programme->leg);
    assert_true(feed->audio && feed->video);
}

static void open_viewers(uint64_t legs[VIEWERS])
{
    for (uint64_t i = 0; i < VIEWERS; i++) {
        legs[i] = stage_open_viewer(scene.stage, i + 1, "viewer");
        turn_a_little();
        report_leg(legs[i], ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED);
        turn_a_little();
    }
    assert_int_equal(scene.viewer_offers, VIEWERS);
}

static void cuts_every_viewer_by_one_revoke_that_must_be_acknowledged(void **state)
{
    uint64_t legs[VIEWERS];

    (void)state;
    hold_session();
    open_viewers(legs);
    assert_string_equal(slots_of(legs[0]), "");
    scene.state.gallery_open = true;
    scene.state.gallery_delay_s = 20;
    update();
    for (size_t i = 0; i < VIEWERS; i++)
        assert_string_equal(slots_of(legs[i]), "a0:p v0:p");
    assert_true(stage_gallery_plays(scene.stage));
    assert_true(studio_link_read(&studio.link));
    assert_true(studio.link.gallery->open);
    assert_int_equal(studio.link.gallery->delay_ms, 20000);

    scene.relay.answers = false;
    scene.state.gallery_open = false;
    update();
    assert_int_equal(last_matrix()->matrix->n_revoke, 2 * VIEWERS);
    assert_int_equal(last_matrix()->matrix->n_grant, 0);
    assert_false(stage_is_settled(scene.stage));
    answer(last_matrix());
    assert_true(turn_until(is_settled));
    assert_false(stage_gallery_plays(scene.stage));
}

static void gives_a_viewer_nothing_of_the_hearing_itself(void **state)
{
    uint64_t legs[VIEWERS];

    (void)state;
    hold_session();
    scene.state.gallery_open = true;
    open_viewers(legs);
    uint64_t gallery = studio.link.setup->gallery->leg;
    assert_int_equal(granted(0, legs[VIEWERS - 1]), 2);
    assert_int_equal(granted(gallery, legs[VIEWERS - 1]), 2);
    stage_close_viewer(scene.stage, 1);
    update();
    assert_true(stage_viewer_leg(scene.stage, 1) == 0);
    assert_int_equal(last_matrix()->matrix->n_revoke, 2);
}

static void gives_a_thin_line_the_feed_and_who_speaks_the_others(void **state)
{
    (void)state;
    hold_session();
    uint64_t leg = stage_leg_of(scene.stage, CLERK);
    assert_string_equal(slots_of(leg), "a0:1 v0:1");
    stage_use_programme(scene.stage, CLERK, true);
    update();
    assert_string_equal(slots_of(leg), "a0:1 v0:p");
    scene.state.endpoints[CLERK - 1].muted = true;
    update();
    assert_string_equal(slots_of(leg), "a0:p v0:p");
    scene.state.is_private = true;
    update();
    assert_string_equal(slots_of(leg), "a0:1 v0:1");
    stage_use_programme(scene.stage, WITNESS, true); /* who waits gets no feed either */
    scene.state.is_private = false;
    update();
    assert_string_equal(slots_of(stage_leg_of(scene.stage, WITNESS)), "");
}

static void gives_who_may_the_sound_of_the_record(void **state)
{
    (void)state;
    hold_session();
    stage_listen(scene.stage, CLERK, true);
    stage_listen(scene.stage, WITNESS, true);
    update();
    assert_string_equal(slots_of(stage_leg_of(scene.stage, CLERK)), "a0:r v0:1");
    assert_string_equal(slots_of(stage_leg_of(scene.stage, WITNESS)), "");
    assert_true(studio_link_read(&studio.link));
    assert_true(studio.link.listening->on);
    scene.state.recording = false;
    update();
    assert_string_equal(slots_of(stage_leg_of(scene.stage, CLERK)), "a0:1 v0:1");
    assert_true(studio_link_read(&studio.link));
    assert_false(studio.link.listening->on);
}

static void stops_the_studio_a_while_after_it_is_needed(void **state)
{
    (void)state;
    hold_session();
    while (ward_asked(studio.ward).word)
        ;
    scene.state.recording = false;
    update();
    int64_t now_ms = clock_monotonic_ms();
    stage_tick(scene.stage, now_ms);
    assert_int_equal(ward_asked(studio.ward).word, 0);
    stage_tick(scene.stage, now_ms + STAGE_STUDIO_GRACE_MS + 1);
    assert_int_equal(ward_asked(studio.ward).word, WARD_STOP);
    turn_a_little();
    assert_int_equal(count_requests(ASSIZE__MEDIA__V1__REQUEST__BODY_CLOSE_LEG), 3);
    assert_int_equal(stage_programme_state(scene.stage),
                     ASSIZE__SIGNAL__V1__PROGRAMME_STATE__PROGRAMME_STATE_OFF);
}

static bool has_failed(void)
{
    return stage_programme_state(scene.stage) ==
           ASSIZE__SIGNAL__V1__PROGRAMME_STATE__PROGRAMME_STATE_FAILED;
}

static void says_that_it_was_given_up_and_asks_again_with_a_new_need(void **state)
{
    (void)state;
    hold_session();
    while (ward_asked(studio.ward).word)
        ;
    studio_link_close(&studio.link);
    ward_says(studio.ward, WARD_GIVEN_UP, WARD_LIVE, hearing_id);
    assert_true(turn_until(has_failed));
    update();
    stage_tick(scene.stage, clock_monotonic_ms() + 10 * STAGE_STUDIO_RETRY_MS);
    assert_int_equal(ward_asked(studio.ward).word, 0);
    scene.state.recording = false;
    update();
    scene.state.recording = true;
    update();
    assert_int_equal(ward_asked(studio.ward).word, WARD_START);
}

static void asks_again_in_a_while_when_too_many_ran(void **state)
{
    (void)state;
    assert_true(turn_until(is_up));
    scene.state.recording = true;
    connect_device(JUDGE);
    assert_int_equal(ward_asked(studio.ward).word, WARD_START);
    ward_says(studio.ward, WARD_REFUSED, WARD_LIVE, hearing_id);
    assert_true(turn_until(has_failed));
    stage_tick(scene.stage, clock_monotonic_ms());
    assert_int_equal(ward_asked(studio.ward).word, 0);
    stage_tick(scene.stage, clock_monotonic_ms() + STAGE_STUDIO_RETRY_MS + 1);
    assert_int_equal(ward_asked(studio.ward).word, WARD_START);
}

static void says_what_the_record_misses_of_the_feed(void **state)
{
    (void)state;
    hold_session();
    uint64_t leg = studio.link.setup->programme->leg;
    report_leg(leg, ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_LOST);
    assert_int_equal(scene.misses, 0);
    report_leg(leg, ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED);
    assert_int_equal(scene.misses, 1);
    report_leg(leg, ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_LOST);
    scene.state.recording = false;
    update();
    assert_int_equal(scene.misses, 2);
    report_leg(leg, ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED);
    scene.state.recording = true;
    update();
    assert_int_equal(scene.misses, 2);
}

static bool has_new_setup(void)
{
    assert_true(studio_link_read(&studio.link));
    return studio.link.setups == 2;
}

static void opens_a_leg_that_was_closed_and_tells_the_studio(void **state)
{
    (void)state;
    hold_session();
    uint64_t leg = studio.link.setup->programme->leg;
    report_leg(leg, ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CLOSED);
    assert_true(turn_until(has_new_setup));
    assert_true(studio.link.setup->programme->leg != leg);
    assert_memory_not_equal(studio.link.setup->programme->token.data,
                            studio.link.setup->gallery->token.data, 16);
}

/* What a relay says that outlived the server: the studio's programme leg, and a viewer's. */
static void leave_legs(Assize__Media__V1__LegInfo legs[2])
{
    static Assize__Media__V1__LegInfo *list[2];
    static char hearing[64], sessions[2][ID_UUID_SIZE] = {"p000102030405060708090a0b0c0d0e0f",
                                                          "019aa000-0000-7000-8000-00000000000f"};

    snprintf(hearing, sizeof(hearing), "%s", hearing_id);
    for (size_t i = 0; i < 2; i++) {
        assize__media__v1__leg_info__init(&legs[i]);
        legs[i].has_leg = legs[i].has_state = 1;
        legs[i].leg = 70 + i;
        legs[i].hearing = hearing;
        legs[i].session = sessions[i];
        legs[i].state = ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED;
        list[i] = &legs[i];
    }
    scene.relay.attached.n_legs = 2;
    scene.relay.attached.legs = list;
}

static void takes_up_the_studios_leg_after_a_restart_and_closes_viewers_legs(void **state)
{
    Assize__Media__V1__LegInfo legs[2];

    (void)state;
    leave_legs(legs);
    assert_true(turn_until(is_up));
    scene.state.recording = true;
    connect_device(JUDGE);
    assert_int_equal(count_requests(ASSIZE__MEDIA__V1__REQUEST__BODY_CLOSE_LEG), 1);
    assert_null(opened('p'));
    studio_link_open(&studio.link, studio.path);
    studio_link_hello(&studio.link, hearing_id, ASSIZE__MEDIA__V1__STUDIO_HELLO__TASK__TASK_LIVE);
    assert_true(turn_until(has_setup));
    assert_true(studio.link.setup->programme->leg == 70);
    for (uint8_t i = 0; i < 16; i++)
        assert_int_equal(studio.link.setup->programme->token.data[i], i);
    assert_true(runs());
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)
    const struct CMUnitTest tests[] = {
        TEST(asks_for_no_studio_before_anybody_needs_one),
        TEST(asks_for_a_studio_with_the_record_and_tells_it_its_legs),
        TEST(shows_who_is_inside_and_never_who_waits),
        TEST(shows_a_card_and_gets_nothing_behind_closed_doors),
        TEST(tells_the_studio_what_the_relay_has_applied),
        TEST(puts_the_feed_on_record_beside_everybody),
        TEST(cuts_every_viewer_by_one_revoke_that_must_be_acknowledged),
        TEST(gives_a_viewer_nothing_of_the_hearing_itself),
        TEST(gives_a_thin_line_the_feed_and_who_speaks_the_others),
        TEST(gives_who_may_the_sound_of_the_record),
        TEST(stops_the_studio_a_while_after_it_is_needed),
        TEST(says_that_it_was_given_up_and_asks_again_with_a_new_need),
        TEST(asks_again_in_a_while_when_too_many_ran),
        TEST(says_what_the_record_misses_of_the_feed),
        TEST(opens_a_leg_that_was_closed_and_tells_the_studio),
        TEST(takes_up_the_studios_leg_after_a_restart_and_closes_viewers_legs),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
