/* Loading a hearing from the store, the first time and whenever the store may know more than we do.
 */
#include "court_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "proto/codec.h"

enum { ROSTER_BYTES_MAX = 64 << 10 };

static void *copy_array(const void *array, size_t count, size_t size)
{
    void *copy = calloc(count + 1, size);

    if (!copy)
        abort();
    if (count)
        memcpy(copy, array, count * size);
    return copy;
}

/* Names and dates are read once: people above hold on to them. */
static void keep_record(struct court_hearing *hearing, const struct hearing_record *record)
{
    hearing->arrays[0] = copy_array(record->sites, record->site_count, sizeof(*record->sites));
    hearing->arrays[1] =
        copy_array(record->endpoints, record->endpoint_count, sizeof(*record->endpoints));
    hearing->arrays[2] =
        copy_array(record->participants, record->participant_count, sizeof(*record->participants));
    hearing->arrays[3] =
        copy_array(record->screens, record->screen_count, sizeof(*record->screens));
    hearing->record = *record;
    hearing->record.sites = hearing->arrays[0];
    hearing->record.endpoints = hearing->arrays[1];
    hearing->record.participants = hearing->arrays[2];
    hearing->record.screens = hearing->arrays[3];
    hearing->record.events = NULL;
    hearing->record.commands = NULL;
    hearing->record.words = NULL;
    hearing->record.event_count = hearing->record.command_count = hearing->record.words_count = 0;
}

/* The law as it was when the hearing was opened; hearings from before versions were kept go by the
 * latest. */
static const struct procedure *procedure_of(const struct court *court,
                                            const Assize__Hearing__V1__Event *first)
{
    if (first->body_case != HEARING_EVENT(OPENED) || !first->opened->procedure)
        return NULL;
    return procedures_find(court->procedures, first->opened->procedure,
                           first->opened->procedure_version);
}

/* Rebuilds state and history from the events. What is wrong with them: one does not fit, or this
 * program does not know the procedure. */
static enum refusal replay(const struct court *court, const struct hearing_record *record,
                           struct hearing *state, struct court_history *history)
{
    for (size_t i = 0; i < record->event_count; i++) {
        const struct hearing_store_event *row = &record->events[i];
        Assize__Hearing__V1__Event *event =
            assize__hearing__v1__event__unpack(NULL, row->len, row->body);
        if (!event)
            return REFUSAL_INTERNAL;
        court_history_add(history, event);
        if (i == 0)
            hearing_init(state, procedure_of(court, event));
        if (!state->procedure)
            return REFUSAL_PROCEDURE_UNKNOWN;
        if (event->seq != row->seq || hearing_apply(state, event))
            return REFUSAL_INTERNAL;
    }
    return REFUSAL_NONE;
}

/* The newest, and those that someone in the queue asks for again however old they are. */
static void keep_outcomes(struct court_hearing *hearing, const struct hearing_record *record)
{
    const struct court_command *waiting;

    for (size_t i = 0; i < record->command_count; i++) {
        const struct hearing_store_command *done = &record->commands[i];
        court_outcome_keep(&hearing->outcomes, done->command_id, done->digest, REFUSAL_NONE,
                           done->last_seq);
    }
    for (waiting = hearing->queue; waiting; waiting = waiting->next) {
        for (size_t i = 0; i < record->command_count; i++) {
            const struct hearing_store_command *done = &record->commands[i];
            if (!strcmp(done->command_id, waiting->id))
                court_outcome_keep(&hearing->outcomes, done->command_id, done->digest, REFUSAL_NONE,
                                   done->last_seq);
        }
    }
}

static void keep_words(struct court_hearing *hearing, const struct hearing_record *record)
{
    court_words_clear(&hearing->words);
    for (size_t i = 0; i < record->words_count; i++)
        court_words_add(&hearing->words, record->words[i].seq, record->words[i].words);
}

static void *draw(struct arena *arena, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = arena_alloc(arena, type->sizeof_message);

    if (!message)
        abort(); /* a roster within its limits fits ROSTER_BYTES_MAX */
    protobuf_c_message_init(type, message);
    return message;
}

static void add_sites(const struct hearing_record *record, struct arena *arena,
                      Assize__Hearing__V1__Opened *roster)
{
    roster->n_sites = record->site_count;
    for (size_t i = 0; i < record->site_count; i++) {
        Assize__Hearing__V1__Site *site = draw(arena, &assize__hearing__v1__site__descriptor);
        site->has_id = site->has_kind = true;
        site->id = record->sites[i].id;
        site->kind = record->sites[i].kind;
        roster->sites[i] = site;
    }
}

static void add_endpoints(const struct hearing_record *record, struct arena *arena,
                          Assize__Hearing__V1__Opened *roster)
{
    roster->n_endpoints = record->endpoint_count;
    for (size_t i = 0; i < record->endpoint_count; i++) {
        Assize__Hearing__V1__Endpoint *endpoint =
            draw(arena, &assize__hearing__v1__endpoint__descriptor);
        endpoint->has_id = endpoint->has_site = endpoint->has_kind = true;
        endpoint->id = record->endpoints[i].id;
        endpoint->site = record->endpoints[i].site;
        endpoint->kind = record->endpoints[i].kind;
        roster->endpoints[i] = endpoint;
    }
}

static void add_participants(const struct hearing_record *record, struct arena *arena,
                             Assize__Hearing__V1__Opened *roster)
{
    roster->n_participants = record->participant_count;
    for (size_t i = 0; i < record->participant_count; i++) {
        Assize__Hearing__V1__Participant *person =
            draw(arena, &assize__hearing__v1__participant__descriptor);
        person->has_id = person->has_role = person->has_endpoint = person->has_companion = true;
        person->id = record->participants[i].id;
        person->role = record->participants[i].role;
        person->endpoint = record->participants[i].endpoint;
        person->companion = record->participants[i].companion;
        person->has_under_18 = record->participants[i].under_18;
        person->under_18 = record->participants[i].under_18;
        roster->participants[i] = person;
    }
}

static void add_screens(const struct hearing_record *record, struct arena *arena,
                        Assize__Hearing__V1__Opened *roster)
{
    roster->n_screens = record->screen_count;
    for (size_t i = 0; i < record->screen_count; i++) {
        Assize__Hearing__V1__Screen *screen = draw(arena, &assize__hearing__v1__screen__descriptor);
        screen->has_participant = screen->has_from = screen->has_sound = true;
        screen->participant = record->screens[i].participant;
        screen->from = record->screens[i].from;
        screen->sound = record->screens[i].sound;
        roster->screens[i] = screen;
    }
}

/* Nobody in a role that the procedure does not know. */
static bool roles_fit(const struct hearing_record *record, const struct procedure *procedure)
{
    for (size_t i = 0; i < record->participant_count; i++) {
        if (!(procedure->roles & HEARING_BIT(record->participants[i].role)))
            return false;
    }
    return true;
}

/* What the tables say about who takes part, as the opening event. */
static enum refusal decide_opening(const struct hearing_record *record, const struct procedure *law,
                                   struct arena *arena, struct hearing_events *ret_events)
{
    Assize__Hearing__V1__Screen *screens[HEARING_SCREENS_MAX];
    Assize__Hearing__V1__Site *sites[HEARING_SITES_MAX];
    Assize__Hearing__V1__Endpoint *endpoints[HEARING_ENDPOINTS_MAX];
    Assize__Hearing__V1__Participant *participants[HEARING_PARTICIPANTS_MAX];
    Assize__Hearing__V1__Opened roster = ASSIZE__HEARING__V1__OPENED__INIT;
    char procedure[sizeof(record->procedure)];

    if (record->site_count > HEARING_SITES_MAX || record->endpoint_count > HEARING_ENDPOINTS_MAX ||
        record->participant_count > HEARING_PARTICIPANTS_MAX ||
        record->screen_count > HEARING_SCREENS_MAX)
        return REFUSAL_MALFORMED;
    if (!roles_fit(record, law))
        return REFUSAL_ROLE_NOT_OF_PROCEDURE;
    memcpy(procedure, record->procedure, sizeof(procedure));
    roster.procedure = procedure;
    roster.has_procedure_version = true;
    roster.procedure_version = law->version;
    roster.screens = screens;
    roster.sites = sites;
    roster.endpoints = endpoints;
    roster.participants = participants;
    add_sites(record, arena, &roster);
    add_endpoints(record, arena, &roster);
    add_participants(record, arena, &roster);
    add_screens(record, arena, &roster);
    return hearing_decide_opening(&roster, clock_wall_ms(), arena, ret_events);
}

static void open_first(struct court_hearing *hearing, const struct hearing_record *record)
{
    const struct procedure *law = procedures_find(hearing->court->procedures, record->procedure, 0);
    enum refusal refusal = REFUSAL_PROCEDURE_UNKNOWN;
    struct hearing_events events;
    struct arena arena;

    arena_init(&arena, ROSTER_BYTES_MAX);
    hearing_init(&hearing->state, law);
    if (law)
        refusal = decide_opening(record, law, &arena, &events);
    if (!refusal)
        court_append(hearing, NULL, &events);
    arena_done(&arena);
    if (refusal) {
        log_error("hearing.roster_unfit", "hearing=%s why=%s", hearing->id,
                  refusal_info(refusal)->code);
        court_drop(hearing, refusal == REFUSAL_MALFORMED ? REFUSAL_INTERNAL : refusal);
    }
}

/* It is what the store says from now on: tell who waited for it, or who had it. */
static void take_over(struct court_hearing *hearing, const struct hearing_record *record,
                      const struct hearing *state, struct court_history history)
{
    const struct court *court = hearing->court;
    bool again = hearing->opened;

    court_history_clear(&hearing->history);
    hearing->history = history;
    hearing->state = *state;
    memcpy(hearing->head, record->head, SHA256_BYTES);
    keep_outcomes(hearing, record);
    keep_words(hearing, record);
    hearing->opened = true;
    hearing->phase = COURT_READY;
    hearing->unsure = hearing->store_full = false;
    court_cast_shadow(hearing);
    hearing->in_flow = true;
    if (again)
        court->ops->reloaded(court->context, hearing);
    court_answer_openers(hearing, REFUSAL_NONE);
    hearing->in_flow = false;
    court_advance(hearing);
}

static void damaged(struct court_hearing *hearing, enum refusal why)
{
    log_error("hearing.lost", "hearing=%s why=%s", hearing->id, refusal_info(why)->code);
    court_drop(hearing, why);
}

static void loaded(struct court_hearing *hearing, const struct hearing_record *record)
{
    struct court_history history = {0};
    struct hearing state = {0};

    if (!hearing->opened && !hearing->record.sites)
        keep_record(hearing, record);
    if (!record->event_count && !hearing->opened) {
        memcpy(hearing->head, record->head, SHA256_BYTES);
        open_first(hearing, record);
        return;
    }
    enum refusal wrong = REFUSAL_INTERNAL;
    if (record->event_count)
        wrong = replay(hearing->court, record, &state, &history);
    if (wrong) {
        court_history_clear(&history);
        damaged(hearing, wrong);
        return;
    }
    take_over(hearing, record, &state, history);
}

/* The database is away, or does not answer: when it is back, or at the next command, this is tried
 * again. */
static void load_cut_off(struct court_hearing *hearing)
{
    if (!hearing->opened) {
        court_drop(hearing, REFUSAL_NOT_SAVED);
        return;
    }
    hearing->phase = COURT_STALE;
    court_settle(hearing);
    court_advance(hearing);
}

static void load_done(void *context, int error, const struct hearing_record *record)
{
    struct court_ticket *ticket = context;
    struct court_hearing *hearing = ticket->hearing;

    free(ticket);
    if (!hearing)
        return;
    hearing->ticket = NULL;
    if (!error)
        loaded(hearing, record);
    else if (error == -ENOENT)
        damaged(hearing, REFUSAL_HEARING_UNKNOWN);
    else if (error == -EBADMSG)
        damaged(hearing, REFUSAL_INTERNAL);
    else
        load_cut_off(hearing);
}

void court_load(struct court_hearing *hearing)
{
    hearing->phase = COURT_LOADING;
    hearing->reload_due = false;
    hearing->ticket = calloc(1, sizeof(*hearing->ticket));
    if (!hearing->ticket)
        abort();
    hearing->ticket->hearing = hearing;
    hearing_store_load(hearing->court->db, hearing->id, load_done, hearing->ticket);
}
