#include "court_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"

struct court *court_new(struct db *db, const struct procedures *procedures,
                        const struct court_ops *ops, void *context)
{
    struct court *court = calloc(1, sizeof(*court));

    if (!court)
        abort();
    court->db = db;
    court->procedures = procedures;
    court->ops = ops;
    court->context = context;
    return court;
}

static void forget_openers(struct court_hearing *hearing)
{
    while (hearing->openers) {
        struct court_opener *opener = hearing->openers;
        hearing->openers = opener->next;
        free(opener);
    }
}

static void forget_commands(struct court_hearing *hearing)
{
    while (hearing->queue) {
        struct court_command *command = hearing->queue;
        hearing->queue = command->next;
        court_command_free(command);
    }
    court_command_free(hearing->flight.command);
    court_flight_clear(&hearing->flight);
}

static void free_hearing(struct court_hearing *hearing)
{
    HASH_DEL(hearing->court->hearings, hearing);
    if (hearing->ticket)
        hearing->ticket->hearing = NULL;
    forget_openers(hearing);
    forget_commands(hearing);
    court_outcomes_free(&hearing->outcomes);
    court_history_clear(&hearing->history);
    court_words_clear(&hearing->words);
    for (size_t i = 0; i < sizeof(hearing->arrays) / sizeof(*hearing->arrays); i++)
        free(hearing->arrays[i]);
    free(hearing);
}

void court_free(struct court *court)
{
    struct court_hearing *hearing;
    struct court_hearing *next;

    if (!court)
        return;
    court_stop_looking(court);
    HASH_ITER(hh, court->hearings, hearing, next)
    {
        free_hearing(hearing);
    }
    free(court);
}

void court_answer_openers(struct court_hearing *hearing, enum refusal refusal)
{
    struct court_opener *waiting = hearing->openers;

    hearing->openers = NULL;
    while (waiting) {
        struct court_opener *opener = waiting;
        waiting = opener->next;
        opener->callback(opener->context, refusal, refusal ? NULL : hearing);
        free(opener);
    }
}

void court_drop(struct court_hearing *hearing, enum refusal why)
{
    struct court *court = hearing->court;

    court_answer_openers(hearing, why);
    court_refuse_all(hearing, why);
    if (hearing->opened)
        court->ops->lost(court->context, hearing, why);
    free_hearing(hearing);
}

/* Calls visit for every hearing; none is unloaded meanwhile. */
static void visit_all(struct court *court,
                      void (*visit)(void *context, struct court_hearing *hearing), void *context)
{
    struct court_hearing *hearing;
    struct court_hearing *next;
    bool outer = court->visiting;

    court->visiting = true;
    HASH_ITER(hh, court->hearings, hearing, next)
    {
        visit(context, hearing);
    }
    court->visiting = outer;
}

static void catch_up(void *context, struct court_hearing *hearing)
{
    (void)context;
    hearing->reload_due = hearing->opened;
    court_advance(hearing);
}

static void settle(void *context, struct court_hearing *hearing)
{
    (void)context;
    court_settle(hearing);
}

void court_database_up(struct court *court)
{
    court->saving = true;
    visit_all(court, catch_up, NULL);
}

void court_database_down(struct court *court)
{
    court->saving = false;
    visit_all(court, settle, NULL);
}

bool court_is_saving(const struct court *court)
{
    return court->saving;
}

static struct court_hearing *find(const struct court *court, const char *hearing_id)
{
    struct court_hearing *hearing;

    HASH_FIND_STR(court->hearings, hearing_id, hearing);
    return hearing;
}

/* Unloads one that nobody uses; false when all are in use. */
static bool make_room(struct court *court)
{
    struct court_hearing *hearing;

    if (court->visiting)
        return false;
    for (hearing = court->hearings; hearing; hearing = hearing->hh.next) {
        if (hearing->phase == COURT_READY && !hearing->user && !hearing->queue &&
            !hearing->in_flow) {
            free_hearing(hearing);
            return true;
        }
    }
    return false;
}

static struct court_hearing *new_hearing(struct court *court, const char *hearing_id)
{
    struct court_hearing *hearing = calloc(1, sizeof(*hearing));

    if (!hearing)
        abort();
    hearing->court = court;
    str_copy(hearing->id, sizeof(hearing->id), hearing_id);
    HASH_ADD_STR(court->hearings, id, hearing);
    court_load(hearing);
    return hearing;
}

static void wait_for(struct court_hearing *hearing, court_open_callback callback, void *context)
{
    struct court_opener *opener = calloc(1, sizeof(*opener));

    if (!opener)
        abort();
    *opener = (struct court_opener){hearing->openers, callback, context};
    hearing->openers = opener;
}

void court_open(struct court *court, const char *hearing_id, court_open_callback callback,
                void *context)
{
    struct court_hearing *hearing = find(court, hearing_id);

    if (hearing && hearing->opened) {
        callback(context, REFUSAL_NONE, hearing);
    } else if (hearing) {
        wait_for(hearing, callback, context);
    } else if (!str_is_uuid(hearing_id)) {
        callback(context, REFUSAL_HEARING_UNKNOWN, NULL);
    } else if (HASH_COUNT(court->hearings) >= COURT_HEARINGS_MAX && !make_room(court)) {
        log_warn("court.full", "hearings=%d", COURT_HEARINGS_MAX);
        callback(context, REFUSAL_BUSY, NULL);
    } else {
        wait_for(new_hearing(court, hearing_id), callback, context);
    }
}

struct court_hearing *court_find(struct court *court, const char *hearing_id)
{
    struct court_hearing *hearing = find(court, hearing_id);

    return hearing && hearing->opened ? hearing : NULL;
}

struct visit {
    void (*visit)(void *context, struct court_hearing *hearing);
    void *context;
};

static void visit_opened(void *context, struct court_hearing *hearing)
{
    const struct visit *visit = context;

    if (hearing->opened)
        visit->visit(visit->context, hearing);
}

void court_each(struct court *court, void (*visit)(void *context, struct court_hearing *hearing),
                void *context)
{
    struct visit opened = {visit, context};

    visit_all(court, visit_opened, &opened);
}

const struct procedures *court_procedures(const struct court *court)
{
    return court->procedures;
}

const struct hearing *court_state(const struct court_hearing *hearing)
{
    return &hearing->state;
}

const struct hearing *court_shadow(const struct court_hearing *hearing)
{
    return hearing->shadowed ? &hearing->shadow : &hearing->state;
}

const struct hearing_record *court_record(const struct court_hearing *hearing)
{
    return &hearing->record;
}

void court_rename(struct court *court, struct court_hearing *hearing, uint32_t participant,
                  const char *name)
{
    struct hearing_store_participant *people = hearing->arrays[2];

    for (size_t i = 0; i < hearing->record.participant_count; i++) {
        if (people[i].id == participant)
            str_copy(people[i].name, sizeof(people[i].name), name);
    }
    court->ops->reloaded(court->context, hearing);
}

const char *court_hearing_id(const struct court_hearing *hearing)
{
    return hearing->id;
}

void court_set_user(struct court_hearing *hearing, void *user)
{
    hearing->user = user;
}

void *court_user(const struct court_hearing *hearing)
{
    return hearing->user;
}
