#include <errno.h>
#include <string.h>

#include "proto/codec.h"
#include "server/hearing/names.h"
#include "server/minutes/minutes_internal.h"

enum { MEMORY_MAX = 1 << 30 }; /* what is loaded is far below it */

static int unpack_events(struct draft *draft)
{
    const struct hearing_record *hearing = draft->record->hearing;

    draft->events = draft_make(draft, hearing->event_count, sizeof(*draft->events));
    for (size_t i = 0; i < hearing->event_count; i++) {
        Assize__Hearing__V1__Event *event =
            codec_unpack(&assize__hearing__v1__event__descriptor, draft->arena,
                         hearing->events[i].body, hearing->events[i].len);
        if (!event || event->seq != i + 1)
            return -EBADMSG;
        draft->events[draft->count++] = event;
    }
    return 0;
}

static void fill_heading(struct draft *draft)
{
    const struct hearing_record *hearing = draft->record->hearing;
    Assize__Minutes__V1__MinutesDocument *document = draft->document;

    document->hearing = draft_text(draft, "%s", hearing->id);
    document->court = draft_clean(draft, hearing->court);
    document->case_number = draft_clean(draft, hearing->case_number);
    document->title = draft_clean(draft, hearing->title);
    if (draft->procedure)
        document->procedure = draft_clean(draft, draft->procedure->title.vi);
    document->has_scheduled_ms = document->has_status = document->has_seq = true;
    document->scheduled_ms = hearing->scheduled_ms;
    document->status = HEARING_STATUS(SCHEDULED);
    document->seq = draft->count;
    document->has_at_ms = draft->count > 0;
    document->at_ms = draft->count ? draft->events[draft->count - 1]->at_ms : 0;
}

/* Lists with at most an entry an event. */
static void make_lists(struct draft *draft)
{
    Assize__Minutes__V1__MinutesDocument *document = draft->document;

    draft->lines = draft_make(draft, draft->count, sizeof(*draft->lines));
    draft->line_of = draft_make(draft, draft->count, sizeof(*draft->line_of));
    document->incidents = draft_make(draft, draft->count, sizeof(*document->incidents));
    document->overrides = draft_make(draft, draft->count, sizeof(*document->overrides));
    document->decisions = draft_make(draft, draft->count, sizeof(*document->decisions));
    document->corrections = draft_make(draft, draft->count, sizeof(*document->corrections));
}

static void end_at(struct draft *draft, const Assize__Hearing__V1__Event *event,
                   Assize__Hearing__V1__Status status)
{
    draft_ledger_end(draft, event->at_ms);
    draft->over = true;
    draft->document->status = status;
    draft->document->has_ended_ms = true;
    draft->document->ended_ms = event->at_ms;
}

static void follow_status(struct draft *draft, const Assize__Hearing__V1__Event *event)
{
    static const struct {
        Assize__Hearing__V1__Event__BodyCase event;
        Assize__Hearing__V1__Status status;
    } turns[] = {
        {HEARING_EVENT(STARTED), HEARING_STATUS(IN_SESSION)},
        {HEARING_EVENT(RECESSED), HEARING_STATUS(RECESS)},
        {HEARING_EVENT(RESUMED), HEARING_STATUS(IN_SESSION)},
        {HEARING_EVENT(SUSPENDED), HEARING_STATUS(SUSPENDED)},
        {HEARING_EVENT(DELIBERATION_BEGUN), HEARING_STATUS(DELIBERATING)},
    };

    for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
        if (event->body_case == turns[i].event)
            draft->document->status = turns[i].status;
    }
    if (event->body_case == HEARING_EVENT(STARTED)) {
        draft->begun = true;
        draft->document->has_started_ms = true;
        draft->document->started_ms = event->at_ms;
    }
    if (event->body_case == HEARING_EVENT(CLOSED))
        end_at(draft, event, HEARING_STATUS(CLOSED));
    if (event->body_case == HEARING_EVENT(ADJOURNED))
        end_at(draft, event, HEARING_STATUS(ADJOURNED));
}

/* Who goes, and which devices hang up, when all is over is of no interest; what the clerk still
 * notes is. */
static bool is_told(const struct draft *draft, const Assize__Hearing__V1__Event *event)
{
    return !draft->over || event->body_case == HEARING_EVENT(RECORD_GAP);
}

static void walk(struct draft *draft)
{
    for (size_t i = 0; i < draft->count; i++) {
        const Assize__Hearing__V1__Event *event = draft->events[i];
        Assize__Minutes__V1__Line *line = NULL;

        draft->at = event->seq;
        draft_ledger(draft, event);
        if (event->body_case == HEARING_EVENT(NOTE_TAKEN))
            line = draft_note(draft, event);
        else if (is_told(draft, event))
            line = draft_line(draft, event);
        if (line)
            draft->lines[draft->line_count++] = draft->line_of[i] = line;
        follow_status(draft, event);
    }
    draft->at = 0;
}

int minutes_assemble(const struct minutes_record *record, const struct procedure *procedure,
                     struct arena *arena, Assize__Minutes__V1__MinutesDocument **ret_document)
{
    struct draft draft = {.record = record, .procedure = procedure, .arena = arena};

    arena_init(arena, MEMORY_MAX);
    if (unpack_events(&draft))
        return -EBADMSG;
    draft.document = draft_make(&draft, 1, sizeof(*draft.document));
    assize__minutes__v1__minutes_document__init(draft.document);
    fill_heading(&draft);
    draft_people(&draft);
    make_lists(&draft);
    walk(&draft);
    draft_sections(&draft);
    draft_signatures(&draft);
    *ret_document = draft.document;
    return 0;
}
