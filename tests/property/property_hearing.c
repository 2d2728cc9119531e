/*
 * Random legal and illegal commands over random rosters. After each, what holds is stated here by a
 * model of its own that is fed with the events alone. SEED repeats a run, ROUNDS (hearings) makes
 * it longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/frame.h"
#include "proto/codec.h"
#include "tests/property/hearing_model.h"
#include "tests/property/hearing_random.h"
#include "tests/unit/procedure_fixture.h"

enum { ROUNDS_DEFAULT = 200, COMMANDS = 200, ARENA = 1 << 20, LOG_MAX = 16 << 20 };

/* ---- what must never be ---- */

/* Somebody who would be seen, or would see, here is not in the courtroom; or there is nobody. */
static bool is_closed_to(const struct hearing *hearing, const struct model *model,
                         uint32_t endpoint)
{
    uint32_t people = 0;

    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        if (person->endpoint != endpoint && person->companion != endpoint)
            continue;
        people++;
        if (!model->inside[person->id])
            return true;
    }
    return people == 0;
}

enum {
    SOUND = HEARING_FLOW_AUDIO,
    PICTURES = HEARING_FLOW_VIDEO | HEARING_FLOW_SHARE,
    ALL = SOUND | PICTURES,
};

/* Where the people are who are at a device: a companion is in its person's room. */
static uint32_t room_of(const struct hearing *hearing, uint32_t endpoint)
{
    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        if (hearing->participants[i].companion == endpoint)
            return hearing->participants[i].endpoint;
    }
    return endpoint;
}

/* The next person after this one (0: from the beginning) who is there; 0 when there is none. */
static uint32_t next_in(const struct hearing *hearing, uint32_t room, uint32_t person)
{
    for (uint32_t i = person; i < hearing->participant_count; i++) {
        if (hearing->participants[i].endpoint == room)
            return i + 1;
    }
    return 0;
}

static bool is_companion(const struct hearing *hearing, uint32_t endpoint)
{
    return hearing->endpoints[endpoint - 1].kind == HEARING_ENDPOINT(COMPANION);
}

static unsigned forbidden_between(const struct model *model, uint32_t one, uint32_t other)
{
    uint8_t screen = model->screened[one][other] > model->screened[other][one]
                         ? model->screened[one][other]
                         : model->screened[other][one];
    unsigned no = screen == 0 ? 0 : screen == 1 ? PICTURES : ALL;

    if (model->cut_off[other])
        no = ALL;
    if (model->cut_off[one])
        no |= SOUND | HEARING_FLOW_SHARE | (model->witness == other ? PICTURES : 0);
    return no;
}

/* What a device cannot send, or does not. */
static unsigned not_sent(const struct hearing *hearing, const struct model *model, uint32_t source)
{
    unsigned no = model->sharer == source ? 0 : HEARING_FLOW_SHARE;

    if (is_companion(hearing, source))
        no |= SOUND | HEARING_FLOW_VIDEO;
    return model->muted[source] ? no | SOUND : no;
}

static unsigned forbidden(const struct hearing *hearing, const struct model *model,
                          const bool *closed, uint32_t source, uint32_t viewer)
{
    unsigned no = not_sent(hearing, model, source);

    if (!model->flows || source == viewer || closed[source] || closed[viewer])
        return ALL;
    uint32_t from = room_of(hearing, source), to = room_of(hearing, viewer);
    for (uint32_t one = 0; (one = next_in(hearing, from, one));) {
        for (uint32_t other = 0; (other = next_in(hearing, to, other));)
            no |= forbidden_between(model, one, other);
    }
    return is_companion(hearing, viewer) ? no | SOUND : no;
}

static void check_visibility(const struct hearing *hearing, const struct model *model)
{
    bool closed[HEARING_ENDPOINTS_MAX + 1];

    for (uint32_t id = 1; id <= hearing->endpoint_count; id++)
        closed[id] = is_closed_to(hearing, model, id);
    for (uint32_t source = 1; source <= hearing->endpoint_count; source++) {
        for (uint32_t viewer = 1; viewer <= hearing->endpoint_count; viewer++) {
            unsigned flow = hearing_visibility(hearing, source, viewer);
            unsigned no = forbidden(hearing, model, closed, source, viewer);
            if (flow != (ALL & ~no))
                fail_msg("%u to %u: %u flows, %u is forbidden", source, viewer, flow, no);
        }
    }
}

/* What of an endpoint is for the record, or with `everyone` for the public. */
static unsigned for_all(const struct hearing *hearing, const struct model *model, uint32_t source,
                        bool everyone)
{
    unsigned no = not_sent(hearing, model, source);

    if (!model->in_session || is_closed_to(hearing, model, source))
        return 0;
    uint32_t from = room_of(hearing, source);
    for (uint32_t one = 0; (one = next_in(hearing, from, one));) {
        if (model->cut_off[one])
            no |= SOUND | HEARING_FLOW_SHARE;
        for (uint32_t other = 1; everyone && other <= hearing->participant_count; other++) {
            if (model->screened[one][other])
                no |= model->screened[one][other] == 1 ? PICTURES : ALL;
        }
    }
    return ALL & ~no;
}

/* Somebody of the court sits there, and nobody who testifies: the court sees everyone. */
static bool sees_everyone(const struct hearing *hearing, const struct model *model,
                          uint32_t endpoint)
{
    bool court = false;

    for (uint32_t one = 0; (one = next_in(hearing, endpoint, one));) {
        court |= hearing->participants[one - 1].role <= HEARING_ROLE(CLERK);
        if (model->witness == one)
            return false;
    }
    return court;
}

/* Nothing is on record that nobody may hear or see: only in session, only of those inside, and no
 * more than the court beside them sees and hears. */
static void check_record(const struct hearing *hearing, const struct model *model)
{
    assert_true(model->in_session || !model->recording);
    for (uint32_t id = 1; id <= hearing->endpoint_count; id++) {
        unsigned wanted = model->recording ? for_all(hearing, model, id, false) : 0;
        assert_int_equal(hearing_record(hearing, id), wanted);
        for (uint32_t viewer = 1; viewer <= hearing->endpoint_count; viewer++) {
            if (viewer == id || !sees_everyone(hearing, model, viewer) ||
                is_closed_to(hearing, model, viewer))
                continue;
            assert_int_equal(hearing_record(hearing, id) & ~hearing_visibility(hearing, id, viewer),
                             0);
        }
    }
}

/* The programme feed carries what a session shows to everyone inside, and nothing behind closed
 * doors; the gallery follows it only when it was opened. */
static void check_programme(const struct hearing *hearing, const struct model *model)
{
    for (uint32_t id = 1; id <= hearing->endpoint_count; id++)
        assert_int_equal(hearing_programme(hearing, id),
                         model->doors_shut ? 0 : for_all(hearing, model, id, true));
    assert_int_equal(hearing_programme_recorded(hearing), model->recording);
    assert_int_equal(hearing_gallery(hearing), model->gallery && !model->doors_shut);
    assert_int_equal(hearing->gallery_delay_s, model->delay_s);
    assert_true(hearing->gallery_delay_s <= HEARING_GALLERY_DELAY_MAX_S);
    assert_true(hearing->status != HEARING_STATUS(CLOSED) || !hearing->gallery_open);
}

static void check_floor(const struct hearing *hearing, const struct model *model)
{
    assert_int_equal(hearing->floor_holder, model->holder);
    assert_int_equal(hearing->floor_queue_count, model->queued);
    assert_true(model->in_session || (!model->holder && !model->queued));
    assert_true(!model->holder || model->inside[model->holder]);
    for (uint32_t i = 0; i < model->queued; i++) {
        assert_int_equal(hearing->floor_queue[i], model->queue[i]);
        assert_true(model->inside[model->queue[i]]);
        assert_int_not_equal(model->queue[i], model->holder);
        for (uint32_t k = 0; k < i; k++)
            assert_int_not_equal(model->queue[i], model->queue[k]);
    }
}

static void check_people(const struct hearing *hearing, const struct model *model)
{
    uint32_t first[HEARING_ENDPOINTS_MAX + 1] = {0};

    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        uint32_t *before = &first[person->endpoint];
        assert_int_equal(hearing_is_inside(hearing, person->id), model->inside[person->id]);
        *before = *before ? *before : person->id;
        assert_int_equal(person->standing, hearing->participants[*before - 1].standing);
    }
    for (uint32_t i = 0; i < hearing->endpoint_count; i++) {
        const struct hearing_endpoint *endpoint = &hearing->endpoints[i];
        assert_int_equal(endpoint->muted, model->muted[endpoint->id]);
        assert_true(endpoint->muted || !endpoint->mute_locked);
        assert_true(!endpoint->connected || !endpoint->link_lost_ms);
    }
}

/* Anyone may know that someone is there, that a link is lost, what the status is and whether the
 * public follows. */
static bool is_for_all(const Assize__Hearing__V1__Event *event)
{
    static const Assize__Hearing__V1__Event__BodyCase FOR_ALL[] = {
        HEARING_EVENT(CHECKED_IN),
        HEARING_EVENT(LEFT),
        HEARING_EVENT(STARTED),
        HEARING_EVENT(RECESSED),
        HEARING_EVENT(RESUMED),
        HEARING_EVENT(SUSPENDED),
        HEARING_EVENT(CLOSED),
        HEARING_EVENT(ADJOURNED),
        HEARING_EVENT(PHASE_ENTERED),
        HEARING_EVENT(DELIBERATION_BEGUN),
        HEARING_EVENT(PAUSED),
        HEARING_EVENT(REMINDED),
        HEARING_EVENT(LAPSED),
        HEARING_EVENT(ENDPOINT_LINK_LOST),
        HEARING_EVENT(ENDPOINT_LINK_RESTORED),
        HEARING_EVENT(GALLERY_OPENED),
        HEARING_EVENT(GALLERY_CLOSED),
        HEARING_EVENT(GALLERY_DELAY_SET),
        HEARING_EVENT(WENT_PRIVATE),
        HEARING_EVENT(WENT_PUBLIC)};

    for (size_t i = 0; i < sizeof(FOR_ALL) / sizeof(*FOR_ALL); i++) {
        if (FOR_ALL[i] == event->body_case)
            return true;
    }
    return false;
}

/* The endpoint that an event is about: the one named, or where the person named sits. The clock,
 * the record, the public and the phases are the hearing's. */
static uint32_t place_of(const struct hearing *hearing, const Assize__Hearing__V1__Event *event)
{
    bool of_person = event->body_case == HEARING_EVENT(FLOOR_GRANTED) ||
                     event->body_case == HEARING_EVENT(FLOOR_TAKEN_BACK) ||
                     event->body_case == HEARING_EVENT(HAND_RAISED) ||
                     event->body_case == HEARING_EVENT(HAND_LOWERED) ||
                     (event->body_case >= HEARING_EVENT(WITNESS_CALLED) &&
                      event->body_case <= HEARING_EVENT(SUMMARY_TOLD)) ||
                     event->body_case == HEARING_EVENT(IDENTITY_ATTESTED) ||
                     event->body_case == HEARING_EVENT(PERSON_REPLACED) ||
                     (event->body_case >= HEARING_EVENT(CHECKED_IN) &&
                      event->body_case <= HEARING_EVENT(SENT_BACK));

    if (event->body_case == HEARING_EVENT(MUTED))
        return event->muted->endpoint;
    if (event->body_case == HEARING_EVENT(MUTE_UNLOCKED))
        return event->mute_unlocked->endpoint;
    if (event->body_case == HEARING_EVENT(UNMUTED))
        return event->unmuted->endpoint;
    return of_person ? hearing->participants[event->admitted->participant - 1].endpoint : 0;
}

/* The clerk's notes and the screened pairs are the court's own. */
static bool is_for_court(const Assize__Hearing__V1__Event *event)
{
    return event->body_case == HEARING_EVENT(SCREENED) ||
           event->body_case == HEARING_EVENT(UNSCREENED) ||
           event->body_case == HEARING_EVENT(NOTE_TAKEN);
}

/* Identities are the court's, and of the officers at the person's site. */
static bool vouches(const struct hearing *hearing, const struct hearing_participant *viewer,
                    const Assize__Hearing__V1__Event *event)
{
    bool officer = viewer->role == HEARING_ROLE(DETENTION_OFFICER) ||
                   viewer->role == HEARING_ROLE(SITE_OFFICIAL);

    return viewer->role <= HEARING_ROLE(CLERK) ||
           (officer && hearing->endpoints[viewer->endpoint - 1].site ==
                           hearing->endpoints[place_of(hearing, event) - 1].site);
}

/* Inside, and nobody before the same camera is cut off. */
static bool follows(const struct hearing *hearing, const struct model *model,
                    const struct hearing_participant *viewer)
{
    for (uint32_t who = 1; who <= hearing->participant_count; who++) {
        if (model->cut_off[who] && hearing->participants[who - 1].endpoint == viewer->endpoint)
            return false;
    }
    return model->inside[viewer->id];
}

static bool should_know(const struct hearing *hearing, const struct model *model,
                        const struct hearing_participant *viewer,
                        const Assize__Hearing__V1__Event *event)
{
    bool concerned = place_of(hearing, event) == viewer->endpoint;

    if (is_for_court(event))
        return viewer->role <= HEARING_ROLE(CLERK);
    if (event->body_case == HEARING_EVENT(IDENTITY_ATTESTED) ||
        event->body_case == HEARING_EVENT(PERSON_REPLACED))
        return concerned || vouches(hearing, viewer, event);
    if (event->body_case == HEARING_EVENT(SHARE_STOPPED) &&
        viewer->companion == event->share_stopped->endpoint)
        return true; /* their own */
    return follows(hearing, model, viewer) || is_for_all(event) || concerned ||
           (event->body_case == HEARING_EVENT(SHARE_STOPPED) &&
            viewer->endpoint == event->share_stopped->endpoint);
}

static void check_knowledge(const struct hearing *hearing, const struct model *model,
                            const Assize__Hearing__V1__Event *event)
{
    for (uint32_t viewer = 1; viewer <= hearing->participant_count; viewer++)
        assert_int_equal(hearing_may_know(hearing, viewer, event),
                         should_know(hearing, model, &hearing->participants[viewer - 1], event));
}

/* A narrowing command takes away and gives nothing, so it may go to the relay before it is saved.
 */
static void check_narrowing(const struct hearing *before, const struct hearing *after)
{
    for (uint32_t source = 1; source <= after->endpoint_count; source++) {
        for (uint32_t viewer = 1; viewer <= after->endpoint_count; viewer++)
            assert_int_equal(hearing_visibility(after, source, viewer) &
                                 ~hearing_visibility(before, source, viewer),
                             0);
        assert_int_equal(hearing_record(after, source) & ~hearing_record(before, source), 0);
        assert_int_equal(hearing_programme(after, source) & ~hearing_programme(before, source), 0);
    }
    assert_true(hearing_gallery(before) || !hearing_gallery(after));
    assert_true(hearing_programme_recorded(before) || !hearing_programme_recorded(after));
}

/* ---- a hearing ---- */

static void assert_same_endpoint(const struct hearing_endpoint *a, const struct hearing_endpoint *b)
{
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->site, b->site);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->connected, b->connected);
    assert_int_equal(a->muted, b->muted);
    assert_int_equal(a->mute_locked, b->mute_locked);
    assert_int_equal(a->link_lost_ms, b->link_lost_ms);
}

static void assert_same_participant(const struct hearing_participant *a,
                                    const struct hearing_participant *b)
{
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->role, b->role);
    assert_int_equal(a->endpoint, b->endpoint);
    assert_int_equal(a->companion, b->companion);
    assert_int_equal(a->standing, b->standing);
    assert_int_equal(a->standing_seq, b->standing_seq);
    assert_int_equal(a->stand, b->stand);
    assert_int_equal(a->sworn, b->sworn);
    assert_int_equal(a->cut_off, b->cut_off);
    assert_int_equal(a->summary_due, b->summary_due);
    assert_int_equal(a->attested, b->attested);
}

static void assert_same_state(const struct hearing *a, const struct hearing *b)
{
    assert_int_equal(a->seq, b->seq);
    assert_int_equal(a->at_ms, b->at_ms);
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->status_seq, b->status_seq);
    assert_int_equal(a->status_since_ms, b->status_since_ms);
    assert_int_equal(a->recording, b->recording);
    assert_int_equal(a->gallery_open, b->gallery_open);
    assert_int_equal(a->is_private, b->is_private);
    assert_int_equal(a->gallery_delay_s, b->gallery_delay_s);
    assert_int_equal(a->phase, b->phase);
    assert_int_equal(a->witness, b->witness);
    assert_int_equal(a->sharer, b->sharer);
    assert_int_equal(a->sharer_participant, b->sharer_participant);
    assert_int_equal(a->screen_count, b->screen_count);
    for (size_t i = 0; i < a->screen_count; i++) {
        assert_int_equal(a->screens[i].participant, b->screens[i].participant);
        assert_int_equal(a->screens[i].from, b->screens[i].from);
        assert_int_equal(a->screens[i].sound, b->screens[i].sound);
    }
    assert_int_equal(a->floor_holder, b->floor_holder);
    assert_int_equal(a->floor_seq, b->floor_seq);
    assert_int_equal(a->floor_since_ms, b->floor_since_ms);
    assert_int_equal(a->floor_queue_count, b->floor_queue_count);
    assert_memory_equal(a->floor_queue, b->floor_queue, sizeof(a->floor_queue));
    assert_memory_equal(a->floor_asked_ms, b->floor_asked_ms, sizeof(a->floor_asked_ms));
    assert_int_equal(a->site_count, b->site_count);
    assert_int_equal(a->endpoint_count, b->endpoint_count);
    assert_int_equal(a->participant_count, b->participant_count);
    assert_memory_equal(a->sites, b->sites, sizeof(a->sites));
    for (size_t i = 0; i < HEARING_ENDPOINTS_MAX; i++)
        assert_same_endpoint(&a->endpoints[i], &b->endpoints[i]);
    for (size_t i = 0; i < HEARING_PARTICIPANTS_MAX; i++)
        assert_same_participant(&a->participants[i], &b->participants[i]);
}

struct run {
    struct hearing hearing;
    struct hearing replica; /* fed with events that went through bytes */
    struct model model;
    struct buf log; /* frames of packed events */
    int64_t now_ms;
    uint64_t asked;
    uint64_t accepted;
};

static void pass_through_bytes(struct run *run, const Assize__Hearing__V1__Event *event,
                               struct arena *arena)
{
    struct buf first;
    struct buf again;

    buf_init(&first, LOG_MAX);
    buf_init(&again, LOG_MAX);
    assert_int_equal(codec_pack(&event->base, &first), 0);
    Assize__Hearing__V1__Event *copy =
        codec_unpack(&assize__hearing__v1__event__descriptor, arena, first.data, first.len);
    assert_non_null(copy);
    assert_int_equal(codec_pack(&copy->base, &again), 0);
    assert_int_equal(first.len, again.len);
    assert_memory_equal(first.data, again.data, first.len);
    assert_int_equal(hearing_apply(&run->replica, copy), 0);
    assert_int_equal(codec_pack_frame(&event->base, &run->log), 0);
    buf_done(&first);
    buf_done(&again);
}

static void check_all(const struct run *run, const struct hearing_events *events)
{
    assert_same_state(&run->hearing, &run->replica);
    check_visibility(&run->hearing, &run->model);
    check_record(&run->hearing, &run->model);
    check_programme(&run->hearing, &run->model);
    check_floor(&run->hearing, &run->model);
    check_people(&run->hearing, &run->model);
    for (uint32_t i = 0; i < events->count; i++)
        check_knowledge(&run->hearing, &run->model, events->items[i]);
}

static unsigned long dbg[100];
static void take_events(struct run *run, const struct hearing_events *events, struct arena *arena)
{
    for (uint32_t i = 0; i < events->count; i++)
        dbg[events->items[i]->body_case]++;
    for (uint32_t i = 0; i < events->count; i++) {
        model_apply(&run->model, events->items[i]);
        assert_int_equal(hearing_apply(&run->hearing, events->items[i]), 0);
        pass_through_bytes(run, events->items[i], arena);
    }
    check_all(run, events);
}

static void ask(struct run *run)
{
    static struct hearing before;
    struct made_command made;
    struct hearing_events events = {.count = 0};
    struct arena arena;

    make_command(&run->hearing, &made);
    memcpy(&before, &run->hearing, sizeof(before));
    run->now_ms += (int64_t)below(100) - 20;
    run->asked++;
    arena_init(&arena, ARENA);
    enum refusal refusal = hearing_decide(&run->hearing, &made.command,
                                          make_actor(&run->hearing, made.command.body_case),
                                          run->now_ms, &arena, &events);
    assert_memory_equal(&before, &run->hearing, sizeof(before));
    assert_int_equal(refusal == REFUSAL_NONE, events.count > 0);
    assert_true(refusal != REFUSAL_INTERNAL);
    run->accepted += !refusal;
    take_events(run, &events, &arena);
    if (!refusal && hearing_command_narrows(&made.command))
        check_narrowing(&before, &run->hearing);
    arena_done(&arena);
}

static int replay_frame(void *context, const uint8_t *body, size_t len)
{
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    Assize__Hearing__V1__Event *event =
        codec_unpack(&assize__hearing__v1__event__descriptor, &arena, body, len);
    int error = event ? hearing_apply(context, event) : -1;
    arena_done(&arena);
    return error;
}

static void check_replay(const struct run *run)
{
    struct frame_reader reader;
    struct hearing again;

    hearing_init(&again, fixture_plain());
    frame_reader_init(&reader);
    assert_int_equal(frame_reader_feed(&reader, run->log.data, run->log.len, replay_frame, &again),
                     0);
    frame_reader_done(&reader);
    assert_same_state(&again, &run->hearing);
}

static void hold_hearing(struct run *run)
{
    struct people people;
    struct hearing_events events;
    struct arena arena;

    make_people(&people);
    hearing_init(&run->hearing, fixture_plain());
    hearing_init(&run->replica, NULL);
    run->model = (struct model){0};
    run->now_ms = 1000;
    arena_init(&arena, ARENA);
    assert_int_equal(hearing_decide_opening(&people.opened, run->now_ms, &arena, &events), 0);
    take_events(run, &events, &arena);
    arena_done(&arena);
    for (int i = 0; i < COMMANDS; i++)
        ask(run);
    check_replay(run);
    buf_clear(&run->log);
}

static void never_grants_or_tells_what_the_state_forbids(void **state)
{
    uint64_t rounds = number_from("ROUNDS", ROUNDS_DEFAULT);
    static struct run run;

    (void)state;
    buf_init(&run.log, LOG_MAX);
    for (uint64_t i = 0; i < rounds; i++)
        hold_hearing(&run);
    buf_done(&run.log);
    for (int i = 10; i < 62; i++)
        printf("%s %lu\n",
               protobuf_c_message_descriptor_get_field(&assize__hearing__v1__event__descriptor, i)
                   ? protobuf_c_message_descriptor_get_field(
                         &assize__hearing__v1__event__descriptor, i)
                         ->name
                   : "?",
               dbg[i]);
    print_message("%llu commands, %llu accepted\n", (unsigned long long)run.asked,
                  (unsigned long long)run.accepted);
    /* Were nearly all refused, little would have been tried. */
    assert_true(run.accepted * 16 > run.asked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_grants_or_tells_what_the_state_forbids),
    };

    random_state = number_from("SEED", (uint64_t)clock_wall_ns()) | 1;
    print_message("SEED=%llu\n", (unsigned long long)random_state);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
