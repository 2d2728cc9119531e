/* What a viewer is told: all of it inside the courtroom, next to nothing outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "procedure_fixture.h"
#include "server/hearing/names.h"
#include "server/session/view.h"

enum { JUDGE = 1, WITNESS = 2, COUNSEL = 3 };

static struct hearing_store_site sites[] = {{.id = 1, .name = "Điểm cầu trung tâm"}};
static struct hearing_store_participant people[] = {{.id = JUDGE, .name = "Chủ tọa"},
                                                    {.id = WITNESS, .name = "Nhân chứng"},
                                                    {.id = COUNSEL, .name = "Luật sư"}};
static struct hearing_record record = {
    .id = "019aa000-0000-7000-8000-000000000000",
    .case_number = "12/2026/TLST-HS",
    .sites = sites,
    .participants = people,
    .site_count = 1,
    .participant_count = 3,
};

static void fill(struct hearing *state)
{
    hearing_init(state, fixture_plain());
    state->seq = 9;
    state->status = ASSIZE__HEARING__V1__STATUS__STATUS_IN_SESSION;
    state->site_count = 1;
    state->sites[0] =
        (struct hearing_site){1, ASSIZE__HEARING__V1__SITE_KIND__SITE_KIND_CENTRAL_POINT};
    state->endpoint_count = state->participant_count = 3;
    for (uint32_t i = 0; i < 3; i++) {
        state->endpoints[i] = (struct hearing_endpoint){
            .id = i + 1,
            .site = 1,
            .kind = ASSIZE__HEARING__V1__ENDPOINT_KIND__ENDPOINT_KIND_PERSONAL,
            .connected = true,
            .muted = true,
        };
        state->participants[i] = (struct hearing_participant){
            .id = i + 1,
            .role = i == 0 ? ASSIZE__HEARING__V1__ROLE__ROLE_PRESIDING_JUDGE
                           : ASSIZE__HEARING__V1__ROLE__ROLE_WITNESS,
            .endpoint = i + 1,
            .standing = i + 1 == WITNESS ? ASSIZE__HEARING__V1__STANDING__STANDING_WAITING
                                         : ASSIZE__HEARING__V1__STANDING__STANDING_IN_HEARING,
            .standing_seq = i + 1,
        };
    }
    state->floor_holder = COUNSEL;
    state->floor_queue[0] = COUNSEL;
    state->floor_asked_ms[0] = 1700000000000;
    state->floor_queue_count = 1;
}

struct scene {
    struct hearing state;
    struct arena arena;
};

static int set_up(void **state_)
{
    static struct scene scene;

    fill(&scene.state);
    arena_init(&scene.arena, 1 << 20);
    *state_ = &scene;
    return 0;
}

static int tear_down(void **state_)
{
    struct scene *scene = *state_;

    arena_done(&scene->arena);
    return 0;
}

static struct view view_of(struct scene *scene, uint32_t viewer)
{
    return (struct view){.state = &scene->state,
                         .record = &record,
                         .viewer = viewer,
                         .arena = &scene->arena,
                         .lamp = ASSIZE__SIGNAL__V1__RECORD_LAMP__RECORD_LAMP_ON};
}

static void tells_everything_inside(void **state_)
{
    struct view view = view_of(*state_, JUDGE);
    Assize__Signal__V1__Snapshot *s = view_snapshot(&view, NULL, 0);

    assert_int_equal(s->hearing->floor_holder, COUNSEL);
    assert_int_equal(s->hearing->n_floor_queue, 1);
    assert_int_equal(s->hearing->n_floor_asked_ms, 1);
    assert_int_equal(s->hearing->floor_asked_ms[0], 1700000000000);
    assert_string_equal(s->participants[1]->name, "Nhân chứng");
    assert_int_equal(s->participants[1]->waiting_position, 1);
    assert_true(s->endpoints[2]->has_muted);
}

static void hides_the_inside_from_a_waiting_witness(void **state_)
{
    struct view view = view_of(*state_, WITNESS);
    Assize__Signal__V1__Snapshot *s = view_snapshot(&view, NULL, 0);

    assert_false(s->hearing->has_floor_holder);
    assert_int_equal(s->hearing->n_floor_queue, 0);
    assert_int_equal(s->hearing->n_floor_asked_ms, 0);
    assert_null(s->participants[0]->name);
    assert_string_equal(s->participants[1]->name, "Nhân chứng");
    assert_null(s->participants[2]->name);
    assert_false(s->endpoints[0]->has_muted);
    assert_true(s->endpoints[1]->has_muted);
    assert_true(s->endpoints[0]->connected);
    assert_int_equal(s->hearing->status, ASSIZE__HEARING__V1__STATUS__STATUS_IN_SESSION);
    assert_int_equal(s->participants[1]->waiting_position, 1);
}

static void tells_everyone_of_the_doors_and_only_those_inside_who_watches(void **state_)
{
    struct scene *scene = *state_;

    scene->state.gallery_open = true;
    scene->state.gallery_delay_s = 30;
    struct view inside = view_of(scene, JUDGE);
    inside.gallery_viewers = 7;
    inside.programme = ASSIZE__SIGNAL__V1__PROGRAMME_STATE__PROGRAMME_STATE_RUNNING;
    const Assize__Signal__V1__HearingView *h = view_snapshot(&inside, NULL, 0)->hearing;
    assert_true(h->gallery_open && !h->private_);
    assert_int_equal(h->gallery_delay_s, 30);
    assert_int_equal(h->gallery_viewers, 7);
    assert_int_equal(h->programme, ASSIZE__SIGNAL__V1__PROGRAMME_STATE__PROGRAMME_STATE_RUNNING);

    struct view outside = view_of(scene, WITNESS);
    outside.gallery_viewers = 7;
    h = view_snapshot(&outside, NULL, 0)->hearing;
    assert_true(h->gallery_open);
    assert_false(h->has_gallery_viewers);
    assert_false(h->has_programme);
}

static void tells_a_viewer_of_the_gallery_of_case_and_doors(void **state_)
{
    struct scene *scene = *state_;

    scene->state.gallery_open = scene->state.is_private = true;
    scene->state.gallery_delay_s = 5;
    struct view view = view_of(scene, HEARING_SERVER);
    const Assize__Signal__V1__GalleryView *g = view_gallery(&view);
    assert_string_equal(g->case_number, "12/2026/TLST-HS");
    assert_int_equal(g->status, ASSIZE__HEARING__V1__STATUS__STATUS_IN_SESSION);
    assert_true(g->open && g->private_);
    assert_int_equal(g->delay_s, 5);
}

static void keeps_only_seq_and_time_of_what_may_not_be_known(void **state_)
{
    Assize__Hearing__V1__Event event = ASSIZE__HEARING__V1__EVENT__INIT;
    Assize__Hearing__V1__FloorGranted granted = ASSIZE__HEARING__V1__FLOOR_GRANTED__INIT;
    Assize__Hearing__V1__Event *events[] = {&event};
    struct view_touched touched = {0};
    struct scene *scene = *state_;

    granted.has_participant = 1;
    granted.participant = COUNSEL;
    event.has_seq = event.has_at_ms = event.has_actor = 1;
    event.seq = 9;
    event.at_ms = 1000;
    event.actor = JUDGE;
    event.body_case = ASSIZE__HEARING__V1__EVENT__BODY_FLOOR_GRANTED;
    event.floor_granted = &granted;
    view_touch(&touched, &scene->state, &event);

    struct view outside = view_of(scene, WITNESS);
    Assize__Signal__V1__Events *told = view_events(&outside, events, 1, touched);
    assert_int_equal(told->events[0]->seq, 9);
    assert_int_equal(told->events[0]->at_ms, 1000);
    assert_false(told->events[0]->has_actor);
    assert_int_equal(told->events[0]->body_case, ASSIZE__HEARING__V1__EVENT__BODY__NOT_SET);

    struct view inside = view_of(scene, JUDGE);
    told = view_events(&inside, events, 1, touched);
    assert_int_equal(told->events[0]->floor_granted->participant, COUNSEL);
}

static void tells_those_who_wait_that_they_moved_up(void **state_)
{
    Assize__Hearing__V1__Event event = ASSIZE__HEARING__V1__EVENT__INIT;
    Assize__Hearing__V1__Admitted admitted = ASSIZE__HEARING__V1__ADMITTED__INIT;
    struct view_touched touched = {0};
    struct scene *scene = *state_;

    admitted.has_participant = 1;
    admitted.participant = COUNSEL;
    event.body_case = ASSIZE__HEARING__V1__EVENT__BODY_ADMITTED;
    event.admitted = &admitted;
    view_touch(&touched, &scene->state, &event);
    assert_int_equal(touched.participants, 1 << (COUNSEL - 1) | 1 << (WITNESS - 1));
}

/* ---- what the law says ---- */

static struct procedure trial;

/* The same three people before a trial: the judge, and a witness and counsel who wait. */
static void go_by_the_trial(struct scene *scene)
{
    fixture_read_procedure("criminal_first_instance", &trial);
    scene->state.procedure = &trial;
    scene->state.status = HEARING_STATUS(SCHEDULED);
    scene->state.phase = 1;
    scene->state.floor_holder = scene->state.floor_queue_count = 0;
    scene->state.participants[COUNSEL - 1].role = HEARING_ROLE(DEFENCE_COUNSEL);
    scene->state.participants[COUNSEL - 1].standing = HEARING_STANDING(WAITING);
}

static const Assize__Signal__V1__CheckView *
find_check(const Assize__Signal__V1__HearingView *hearing, const char *id)
{
    for (size_t i = 0; i < hearing->n_quorum; i++) {
        if (strcmp(hearing->quorum[i]->id, id) == 0)
            return hearing->quorum[i];
    }
    return NULL;
}

static void lists_the_conditions_by_site_for_the_court(void **state_)
{
    struct scene *scene = *state_;

    go_by_the_trial(scene);
    struct view view = view_of(scene, JUDGE);
    const Assize__Signal__V1__HearingView *h = view_snapshot(&view, NULL, 0)->hearing;
    const Assize__Signal__V1__CheckView *clerk = find_check(h, "clerk");
    const Assize__Signal__V1__CheckView *presiding = find_check(h, "presiding_judge");
    const Assize__Signal__V1__CheckView *counsel = find_check(h, "defence_counsel");
    assert_false(clerk->met);
    assert_int_equal(clerk->site, 1);
    assert_string_equal(clerk->text->vi, "Điểm cầu trung tâm: thiếu Thư ký phiên tòa");
    assert_string_equal(clerk->text->en, "Điểm cầu trung tâm: the clerk is missing");
    assert_string_equal(clerk->article, "BLTTHS 288");
    assert_true(presiding->met);
    assert_string_equal(presiding->text->vi, "Điểm cầu trung tâm: có Thẩm phán chủ tọa phiên tòa");
    assert_false(counsel->met);
    assert_int_equal(counsel->n_missing, 1);
    assert_int_equal(counsel->missing[0], COUNSEL);
    assert_string_equal(counsel->text->vi, "người bào chữa chưa có mặt");
}

static void names_a_site_as_one(void **state_)
{
    struct scene *scene = *state_;
    char name[sizeof(sites[0].name)];

    go_by_the_trial(scene);
    memcpy(name, sites[0].name, sizeof(name));
    snprintf(sites[0].name, sizeof(sites[0].name), "Phòng xử án số 2");
    struct view view = view_of(scene, JUDGE);
    const Assize__Signal__V1__HearingView *h = view_snapshot(&view, NULL, 0)->hearing;
    memcpy(sites[0].name, name, sizeof(name));
    const Assize__Signal__V1__Text *text = find_check(h, "clerk")->text;
    assert_string_equal(text->vi, "Điểm cầu Phòng xử án số 2: thiếu Thư ký phiên tòa");
    assert_string_equal(text->en, "Site Phòng xử án số 2: the clerk is missing");
}

static void tells_the_next_step_and_why_it_is_blocked_to_who_conducts(void **state_)
{
    struct scene *scene = *state_;

    go_by_the_trial(scene);
    struct view judge = view_of(scene, JUDGE);
    const Assize__Signal__V1__StepView *next = view_snapshot(&judge, NULL, 0)->hearing->next;
    assert_int_equal(next->kind, ASSIZE__SIGNAL__V1__STEP_VIEW__KIND__KIND_START);
    assert_int_equal(next->phase, 2);
    assert_true(next->record_on);
    assert_string_equal(next->blocked->code, "quorum_not_met");
    assert_non_null(next->blocked->rule);
    assert_true(next->blocked->n_unmet > 0);
    assert_int_equal(next->blocked->n_overrides, next->blocked->n_unmet);
    for (size_t i = 0; i < next->blocked->n_unmet; i++) {
        assert_false(next->blocked->unmet[i]->met);
        assert_memory_equal(next->blocked->overrides[i], "quorum.", strlen("quorum."));
        assert_string_equal(next->blocked->overrides[i] + strlen("quorum."),
                            next->blocked->unmet[i]->id);
    }

    struct view counsel = view_of(scene, COUNSEL);
    const Assize__Signal__V1__HearingView *h = view_snapshot(&counsel, NULL, 0)->hearing;
    assert_null(h->next);
    assert_int_equal(h->n_quorum, 0);
    assert_int_equal(h->n_back, 0);
    assert_false(h->has_proposed_speaker);
    assert_int_equal(h->phase, 1);
}

static void names_who_is_not_identified_to_who_conducts(void **state_)
{
    struct scene *scene = *state_;

    go_by_the_trial(scene);
    scene->state.status = HEARING_STATUS(IN_SESSION);
    scene->state.phase = procedure_phase_by_id(&trial, "opening");
    scene->state.participants[COUNSEL - 1].standing = HEARING_STANDING(IN_HEARING);
    struct view judge = view_of(scene, JUDGE);
    const Assize__Signal__V1__Refusal *blocked =
        view_snapshot(&judge, NULL, 0)->hearing->next->blocked;
    assert_string_equal(blocked->code, "identity_needed");
    assert_int_equal(blocked->n_people, 1); /* the witness waits, the court is known */
    assert_int_equal(blocked->people[0], COUNSEL);
    scene->state.participants[COUNSEL - 1].trusted = true;
    assert_null(view_snapshot(&judge, NULL, 0)->hearing->next->blocked);
}

static void tells_everyone_the_procedure(void **state_)
{
    struct scene *scene = *state_;

    go_by_the_trial(scene);
    struct view view = view_of(scene, WITNESS);
    const Assize__Signal__V1__ProcedureView *p = view_snapshot(&view, NULL, 0)->procedure;
    assert_string_equal(p->name, "criminal_first_instance");
    assert_int_equal(p->n_phases, trial.phase_count);
    assert_string_equal(p->phases[0]->title->vi, "Chuẩn bị khai mạc");
    assert_int_equal(p->declaration, 1);
    assert_true(p->phases[6]->deliberation);
    assert_int_equal(p->phases[3]->n_cut_off, 1);
    assert_int_equal(p->phases[3]->cut_off[0], ASSIZE__HEARING__V1__ROLE__ROLE_DEFENDANT);
    assert_int_equal(p->n_undertakings, 3);
    assert_string_equal(p->undertakings[0]->article, "BLTTHS 304");
    assert_non_null(strstr(p->undertakings[0]->text->vi, "cam đoan"));
}

static void hides_who_is_screened_and_who_is_young(void **state_)
{
    struct scene *scene = *state_;

    scene->state.participants[WITNESS - 1].under_18 = true;
    scene->state.screens[0] = (struct hearing_screen){WITNESS, COUNSEL, true};
    scene->state.screen_count = 1;
    scene->state.incidents[0] = (struct hearing_incident){.endpoint = 2, .from_ms = 5};
    scene->state.incident_count = 1;
    struct view judge = view_of(scene, JUDGE);
    Assize__Signal__V1__Snapshot *s = view_snapshot(&judge, NULL, 0);
    assert_int_equal(s->hearing->n_screens, 1);
    assert_int_equal(s->hearing->n_incidents, 1);
    assert_false(s->hearing->incidents[0]->has_to_ms);
    assert_true(s->participants[WITNESS - 1]->under_18);
    assert_true(s->participants[WITNESS - 1]->has_identified);
    struct view counsel = view_of(scene, COUNSEL);
    s = view_snapshot(&counsel, NULL, 0);
    assert_int_equal(s->hearing->n_screens, 0);
    assert_int_equal(s->hearing->n_incidents, 0);
    assert_false(s->participants[WITNESS - 1]->has_under_18);
    assert_false(s->participants[WITNESS - 1]->has_identified);
}

/* ---- what people wrote ---- */

static const char *note(const void *context, uint64_t seq)
{
    (void)context;
    return seq == 9 ? "Ghi chú của thư ký" : NULL;
}

static void tells_words_to_those_who_may_know_their_event(void **state_)
{
    Assize__Hearing__V1__TakeNote taken = ASSIZE__HEARING__V1__TAKE_NOTE__INIT;
    Assize__Hearing__V1__Event erased = ASSIZE__HEARING__V1__EVENT__INIT;
    Assize__Hearing__V1__Event kept = ASSIZE__HEARING__V1__EVENT__INIT;
    Assize__Hearing__V1__Event *events[] = {&erased, &kept};
    struct scene *scene = *state_;

    erased.seq = 8;
    kept.seq = 9;
    erased.has_words_hash = kept.has_words_hash = 1;
    erased.body_case = kept.body_case = HEARING_EVENT(NOTE_TAKEN);
    erased.note_taken = kept.note_taken = &taken;
    struct view judge = view_of(scene, JUDGE);
    judge.words = note;
    Assize__Signal__V1__Snapshot *s = view_snapshot(&judge, events, 2);
    assert_int_equal(s->n_words, 1);
    assert_int_equal(s->words[0]->seq, 9);
    assert_string_equal(s->words[0]->words, "Ghi chú của thư ký");
    struct view counsel = view_of(scene, COUNSEL);
    counsel.words = note;
    assert_int_equal(view_snapshot(&counsel, events, 2)->n_words, 0);
    assert_int_equal(view_events(&counsel, events, 2, (struct view_touched){0})->n_words, 0);
}

/* ---- drafts ---- */

static void drafts_for_who_conducts_and_clears_them_when_done(void **state_)
{
    Assize__Hearing__V1__Event event = ASSIZE__HEARING__V1__EVENT__INIT;
    Assize__Hearing__V1__Paused paused = ASSIZE__HEARING__V1__PAUSED__INIT;
    Assize__Hearing__V1__Event *events[] = {&event};
    struct view_touched touched = {0};
    struct scene *scene = *state_;

    go_by_the_trial(scene);
    scene->state.status = HEARING_STATUS(RECESS);
    scene->state.paused_by = 3;
    event.body_case = HEARING_EVENT(PAUSED);
    event.paused = &paused;
    view_touch(&touched, &scene->state, &event);
    struct view judge = view_of(scene, JUDGE);
    struct view clerk = view_of(scene, COUNSEL);
    assert_non_null(
        strstr(view_events(&judge, events, 1, touched)->suspension_draft, "TẠM NGỪNG PHIÊN TÒA"));
    assert_null(view_events(&clerk, events, 1, touched)->suspension_draft);
    assert_null(view_snapshot(&clerk, NULL, 0)->suspension_draft);
    scene->state.pause_cause = HEARING_PAUSE(LEFT);
    assert_int_equal(view_events(&clerk, events, 1, touched)->hearing->pause_cause,
                     HEARING_PAUSE(LEFT));
    scene->state.paused_by = 0;
    scene->state.pause_cause = 0;
    assert_int_equal(view_events(&clerk, events, 1, touched)->hearing->pause_cause, 0);
    assert_string_equal(view_events(&judge, events, 1, touched)->suspension_draft, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_everything_inside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hides_the_inside_from_a_waiting_witness, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            tells_everyone_of_the_doors_and_only_those_inside_who_watches, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_a_viewer_of_the_gallery_of_case_and_doors, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(keeps_only_seq_and_time_of_what_may_not_be_known, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(tells_those_who_wait_that_they_moved_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_the_conditions_by_site_for_the_court, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(names_a_site_as_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_the_next_step_and_why_it_is_blocked_to_who_conducts,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_who_is_not_identified_to_who_conducts, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(tells_everyone_the_procedure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hides_who_is_screened_and_who_is_young, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_words_to_those_who_may_know_their_event, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(drafts_for_who_conducts_and_clears_them_when_done, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
