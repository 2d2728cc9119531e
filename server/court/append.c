/* Committing: events on their way to the store, and what became of them. */
#include "court_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "proto/codec.h"

/* One more try after someone else's event; then the asker may look and ask again. */
enum { CONFLICTS_MAX = 2, EVENT_BYTES_MAX = 1 << 20 };

void court_flight_clear(struct court_flight *flight)
{
    for (uint32_t i = 0; i < flight->count; i++)
        assize__hearing__v1__event__free_unpacked(flight->events[i], NULL);
    *flight = (struct court_flight){0};
}

/* Applies and keeps the events, then tells; the history owns them from now on. */
static void commit(struct court_hearing *hearing, const uint8_t head[static SHA256_BYTES])
{
    struct court_flight flight = hearing->flight;

    hearing->flight = (struct court_flight){0};
    for (uint32_t i = 0; i < flight.count; i++) {
        if (hearing_apply(&hearing->state, flight.events[i]))
            abort(); /* it was decided from this very state */
        court_history_add(&hearing->history, flight.events[i]);
        if (flight.events[i]->has_words_hash)
            court_words_add(&hearing->words, flight.events[i]->seq, flight.command->body->words);
    }
    memcpy(hearing->head, head, SHA256_BYTES);
    hearing->phase = COURT_READY;
    hearing->store_full = false;
    court_cast_shadow(hearing);
    if (!flight.command) {
        hearing->opened = true;
        court_answer_openers(hearing, REFUSAL_NONE);
        return;
    }
    hearing->court->ops->changed(hearing->court->context, hearing, flight.events, flight.count);
    court_finish(hearing, flight.command, REFUSAL_NONE, flight.events[flight.count - 1]->seq);
}

/* Without a state there is nothing to keep: whoever opens again starts anew. */
static void opening_failed(struct court_hearing *hearing, int error)
{
    court_flight_clear(&hearing->flight);
    if (error == -EEXIST)
        court_load(hearing);
    else
        court_drop(hearing, REFUSAL_NOT_SAVED);
}

static void conflicted(struct court_hearing *hearing, struct court_command *command)
{
    log_warn("hearing.conflict", "hearing=%s seq=%llu", hearing->id,
             (unsigned long long)hearing->state.seq);
    if (++command->conflicts < CONFLICTS_MAX) {
        court_requeue(hearing, command);
    } else {
        court_command_answer(command, REFUSAL_BUSY, 0);
        court_command_free(command);
    }
    court_load(hearing);
}

/* Whether the store has it shows when it is loaded again: now, or when the database is back. */
static void cut_off(struct court_hearing *hearing, struct court_command *command)
{
    command->uncertain = true;
    hearing->unsure = true;
    court_requeue(hearing, command);
    if (hearing->court->saving) {
        court_load(hearing);
    } else {
        hearing->phase = COURT_STALE;
        court_settle(hearing);
    }
}

/* The store said no, and has nothing of it. */
static void not_saved(struct court_hearing *hearing, struct court_command *command, int error)
{
    log_error("hearing.not_saved", "hearing=%s error=%s", hearing->id, log_errno(error).text);
    hearing->phase = COURT_READY;
    hearing->store_full = true;
    court_requeue(hearing, command);
    court_settle(hearing);
}

static void append_failed(struct court_hearing *hearing, int error)
{
    struct court_command *command = hearing->flight.command;

    if (!command) {
        opening_failed(hearing, error);
        return;
    }
    hearing->flight.command = NULL;
    court_flight_clear(&hearing->flight);
    if (error == -EEXIST)
        conflicted(hearing, command);
    else if (error == -EAGAIN)
        cut_off(hearing, command);
    else
        not_saved(hearing, command, error);
    court_advance(hearing);
}

static void append_done(void *context, int error, const uint8_t head[SHA256_BYTES])
{
    struct court_ticket *ticket = context;
    struct court_hearing *hearing = ticket->hearing;

    free(ticket);
    if (!hearing)
        return;
    hearing->ticket = NULL;
    if (error) {
        append_failed(hearing, error);
        return;
    }
    hearing->in_flow = true;
    commit(hearing, head);
    hearing->in_flow = false;
    court_advance(hearing);
}

/* The event's bytes, and a copy made from them that lives as long as it is needed. */
static void pack_event(const Assize__Hearing__V1__Event *event, struct buf *packed,
                       struct hearing_store_event *ret_row, Assize__Hearing__V1__Event **ret_copy)
{
    size_t start = packed->len;

    if (codec_pack(&event->base, packed))
        abort();
    *ret_row = (struct hearing_store_event){.seq = event->seq,
                                            .at_ms = event->at_ms,
                                            .len = packed->len - start,
                                            .has_words = event->has_words_hash};
    *ret_copy = assize__hearing__v1__event__unpack(NULL, packed->len - start, packed->data + start);
    if (!*ret_copy)
        abort();
}

void court_append(struct court_hearing *hearing, struct court_command *command,
                  const struct hearing_events *events)
{
    struct hearing_store_event rows[HEARING_EVENTS_MAX];
    struct hearing_case_change change;
    struct buf packed, payload;

    buf_init(&packed, EVENT_BYTES_MAX);
    buf_init(&payload, EVENT_BYTES_MAX);
    hearing->flight = (struct court_flight){.command = command, .count = events->count};
    for (uint32_t i = 0; i < events->count; i++)
        pack_event(events->items[i], &packed, &rows[i], &hearing->flight.events[i]);
    const uint8_t *body = packed.data;
    for (uint32_t i = 0; i < events->count; i++) {
        rows[i].body = body;
        body += rows[i].len;
    }
    bool kept = command && command->id[0];
    const struct hearing_append append = {
        .hearing = hearing->id,
        .expected_seq = hearing->state.seq,
        .prev_hash = hearing->head,
        .command_id = kept ? command->id : NULL,
        .digest = kept ? command->digest : NULL,
        .actor = command ? command->actor.participant : HEARING_SERVER,
        .events = rows,
        .count = events->count,
        .change = court_case_change(hearing, events, &payload, &change) ? &change : NULL,
        .words = command ? command->body->words : NULL,
    };
    hearing->phase = COURT_APPENDING;
    hearing->ticket = calloc(1, sizeof(*hearing->ticket));
    if (!hearing->ticket)
        abort();
    hearing->ticket->hearing = hearing;
    hearing_store_append(hearing->court->db, &append, append_done, hearing->ticket);
    buf_done(&packed);
    buf_done(&payload);
}
