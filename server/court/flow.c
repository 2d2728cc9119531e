/* From a submitted command to its decision, and what is in force before it is saved. */
#include "court_internal.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

enum { DECISION_BYTES_MAX = 64 << 10 };

/*
 * Whoever has seen all that was told has seen it all: nobody is told of the shadow. A command that
 * is in force already is no longer held against what its asker had seen.
 */
static enum refusal decide_on(const struct court_hearing *hearing, const struct hearing *base,
                              const struct court_command *command, struct arena *arena,
                              struct hearing_events *ret_events)
{
    Assize__Hearing__V1__Command body = *command->body;

    if (command->told_in_force ||
        (base == &hearing->shadow && body.seen_seq == hearing->state.seq)) {
        body.has_seen_seq = true;
        body.seen_seq = base->seq;
    }
    return hearing_decide(base, &body, command->actor, clock_wall_ms(), arena, ret_events);
}

/* Adds to the shadow what the command would take away. */
static enum refusal darken(struct court_hearing *hearing, const struct court_command *command)
{
    struct hearing_events events;
    struct arena arena;

    arena_init(&arena, DECISION_BYTES_MAX);
    enum refusal refusal = decide_on(hearing, &hearing->shadow, command, &arena, &events);
    for (uint32_t i = 0; !refusal && i < events.count; i++) {
        if (hearing_apply(&hearing->shadow, events.items[i]))
            abort(); /* it was decided from this very state */
        hearing->shadowed = true;
    }
    arena_done(&arena);
    return refusal;
}

void court_cast_shadow(struct court_hearing *hearing)
{
    const struct court_command *command = hearing->flight.command;

    hearing->shadow = hearing->state;
    hearing->shadowed = false;
    if (command && command->in_force)
        darken(hearing, command);
    DL_FOREACH(hearing->queue, command)
    {
        if (command->in_force)
            darken(hearing, command);
    }
}

static void enqueue(struct court_hearing *hearing, struct court_command *command)
{
    DL_APPEND(hearing->queue, command);
    hearing->queued++;
}

static void take_out(struct court_hearing *hearing, struct court_command *command)
{
    DL_DELETE(hearing->queue, command);
    hearing->queued--;
}

void court_requeue(struct court_hearing *hearing, struct court_command *command)
{
    DL_PREPEND(hearing->queue, command);
    hearing->queued++;
}

/* It ends without a commit of its own: what it took away by itself is given back. */
static void lift(struct court_hearing *hearing, struct court_command *command)
{
    if (!command->in_force)
        return;
    command->in_force = false;
    court_cast_shadow(hearing);
    hearing->court->ops->changed(hearing->court->context, hearing, NULL, 0);
}

void court_finish(struct court_hearing *hearing, struct court_command *command,
                  enum refusal refusal, uint64_t seq)
{
    if (refusal)
        lift(hearing, command);
    if (command->id[0])
        court_outcome_keep(&hearing->outcomes, command->id, command->digest, refusal, seq);
    court_command_answer(command, refusal, seq);
    court_command_free(command);
}

/* The answer that was given before to a command with this id. */
static void answer_again(struct court_command *command, const struct court_outcome *outcome)
{
    if (memcmp(outcome->digest, command->digest, SHA256_BYTES))
        court_command_answer(command, REFUSAL_COMMAND_ID_REUSED, 0);
    else
        court_command_answer(command, outcome->refusal, outcome->seq);
}

/* Decides a command from the queue; when something follows from it, sends that to the store. */
static void begin(struct court_hearing *hearing, struct court_command *command)
{
    const struct court_outcome *outcome = court_outcome_find(hearing->outcomes, command->id);
    struct hearing_events events;
    struct arena arena;

    if (outcome) {
        lift(hearing, command);
        answer_again(command, outcome);
        court_command_free(command);
        return;
    }
    arena_init(&arena, DECISION_BYTES_MAX);
    enum refusal refusal = decide_on(hearing, &hearing->state, command, &arena, &events);
    if (refusal) {
        court_finish(hearing, command, refusal, 0);
    } else {
        bool newly = !command->in_force && hearing_command_narrows(command->body);
        command->in_force = command->in_force || newly;
        court_append(hearing, command, &events);
        court_cast_shadow(hearing);
        if (newly)
            hearing->court->ops->narrowed(hearing->court->context, hearing);
    }
    arena_done(&arena);
}

static struct court_command *next_command(const struct court_hearing *hearing)
{
    struct court_command *command;

    DL_FOREACH(hearing->queue, command)
    {
        if (!command->told_in_force || !hearing->store_full)
            return command;
    }
    return NULL;
}

/* True when there may be more to do. */
static bool step(struct court_hearing *hearing)
{
    if (!hearing->court->saving || hearing->phase == COURT_LOADING ||
        hearing->phase == COURT_APPENDING)
        return false;
    if (hearing->reload_due) {
        court_load(hearing);
        return false;
    }
    struct court_command *command = hearing->phase == COURT_READY ? next_command(hearing) : NULL;
    if (!command)
        return false;
    take_out(hearing, command);
    begin(hearing, command);
    return true;
}

void court_advance(struct court_hearing *hearing)
{
    if (hearing->in_flow)
        return;
    hearing->in_flow = true;
    while (step(hearing))
        continue;
    hearing->in_flow = false;
}

void court_settle(struct court_hearing *hearing)
{
    struct court_command *command;
    struct court_command *next;

    DL_FOREACH_SAFE(hearing->queue, command, next)
    {
        if (command->in_force) {
            command->told_in_force = true;
            court_command_answer(command, REFUSAL_APPLIED_NOT_SAVED, 0);
            continue;
        }
        take_out(hearing, command);
        court_command_answer(command,
                             command->uncertain ? REFUSAL_OUTCOME_UNKNOWN : REFUSAL_NOT_SAVED, 0);
        court_command_free(command);
    }
}

void court_refuse_all(struct court_hearing *hearing, enum refusal why)
{
    struct court_command *command;

    while ((command = hearing->queue)) {
        take_out(hearing, command);
        court_command_answer(command, why, 0);
        court_command_free(command);
    }
}

/* The same id on its way already, or NULL. */
static const struct court_command *find_pending(const struct court_hearing *hearing, const char *id)
{
    const struct court_command *command = hearing->flight.command;

    if (!id[0])
        return NULL;
    if (command && !strcmp(command->id, id))
        return command;
    DL_FOREACH(hearing->queue, command)
    {
        if (!strcmp(command->id, id))
            return command;
    }
    return NULL;
}

/* A retry while the first is on its way waits behind it and gets the same answer. */
static enum refusal join_pending(struct court_hearing *hearing, struct court_command *command,
                                 const struct court_command *first)
{
    if (memcmp(first->digest, command->digest, SHA256_BYTES))
        return REFUSAL_COMMAND_ID_REUSED;
    if (first->told_in_force)
        return REFUSAL_APPLIED_NOT_SAVED;
    command->uncertain = true;
    enqueue(hearing, command);
    return REFUSAL_NONE;
}

/* Something may have been committed that we do not know of. */
static bool may_be_behind(const struct court_hearing *hearing)
{
    return hearing->unsure || hearing->phase == COURT_APPENDING;
}

/*
 * Puts a narrowing command in force before it is saved. One that is so already is kept all the same
 * while a commit is in doubt that may undo it: a microphone that was muted again must not come on
 * when the doubt is resolved.
 */
static enum refusal narrow(struct court_hearing *hearing, struct court_command *command)
{
    enum refusal refusal = darken(hearing, command);

    command->in_force = !refusal || (refusal == REFUSAL_ALREADY_SO && may_be_behind(hearing));
    return refusal;
}

/* Takes the command in, or says why not. */
static enum refusal take_in(struct court_hearing *hearing, struct court_command *command)
{
    const struct court_command *first = find_pending(hearing, command->id);
    bool narrows = hearing_command_narrows(command->body);

    if (hearing->queued >= COURT_QUEUE_MAX)
        return REFUSAL_BUSY;
    if (first)
        return join_pending(hearing, command, first);
    enum refusal refusal = narrows ? narrow(hearing, command) : REFUSAL_NOT_SAVED;
    if (!hearing->court->saving && !command->in_force)
        return refusal;
    enqueue(hearing, command);
    if (narrows && !refusal)
        hearing->court->ops->narrowed(hearing->court->context, hearing);
    return REFUSAL_NONE;
}

static bool has_fit_id(struct hearing_actor actor, const Assize__Hearing__V1__Command *command)
{
    bool present = command->command_id && command->command_id[0];

    return present ? str_is_uuid(command->command_id) : actor.participant == HEARING_SERVER;
}

void court_submit(struct court *court, struct court_hearing *hearing, struct hearing_actor actor,
                  const Assize__Hearing__V1__Command *command, court_outcome_callback callback,
                  void *context, uint64_t asker)
{
    if (!has_fit_id(actor, command)) {
        if (callback)
            callback(context, asker, REFUSAL_MALFORMED, 0);
        return;
    }
    struct court_command *made = court_command_new(actor, command);
    made->callback = callback;
    made->context = context;
    made->asker = asker;
    const struct court_outcome *outcome = court_outcome_find(hearing->outcomes, made->id);
    enum refusal refusal = REFUSAL_NONE;
    if (outcome)
        answer_again(made, outcome);
    else
        refusal = take_in(hearing, made);
    if (outcome || refusal) {
        court_command_answer(made, refusal, 0);
        court_command_free(made);
        return;
    }
    if (!court->saving)
        court_settle(hearing);
    hearing->reload_due = hearing->reload_due || hearing->phase == COURT_STALE;
    court_advance(hearing);
}
