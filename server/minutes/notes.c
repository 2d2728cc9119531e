/* What the clerk wrote. A note is never changed: one that corrects another stands at the end, and
 * is named at the line of the first. */
#include "server/hearing/names.h"
#include "server/minutes/minutes_internal.h"

/* The moment a note is about: when the clerk began to write it. What lies outside the hearing is
 * taken for a clock that was wrong. */
static int64_t moment_of(const struct draft *draft, const Assize__Hearing__V1__Event *event)
{
    int64_t media_ms = event->note_taken->media_ms;

    return media_ms >= draft->events[0]->at_ms && media_ms <= event->at_ms ? media_ms
                                                                           : event->at_ms;
}

static const Assize__Hearing__V1__Event *note_at(const struct draft *draft, uint64_t seq)
{
    return seq && seq <= draft->count &&
                   draft->events[seq - 1]->body_case == HEARING_EVENT(NOTE_TAKEN)
               ? draft->events[seq - 1]
               : NULL;
}

/* The note that the event corrects in the end, through corrections of corrections; NULL when it
 * corrects none. A note corrects earlier ones only, so this ends. */
static const Assize__Hearing__V1__Event *corrected_by(const struct draft *draft,
                                                      const Assize__Hearing__V1__Event *event)
{
    const Assize__Hearing__V1__Event *first = NULL;
    uint64_t before = event->seq;
    uint64_t corrects = event->note_taken->corrects;

    for (const Assize__Hearing__V1__Event *note = note_at(draft, corrects);
         note && note->seq < before; note = note_at(draft, note->note_taken->corrects)) {
        before = note->seq;
        first = note;
    }
    return first;
}

static void mark(struct draft *draft, Assize__Minutes__V1__Line *line, uint64_t seq)
{
    uint64_t *marks = draft_make(draft, line->n_corrected_by + 1, sizeof(*marks));

    for (size_t i = 0; i < line->n_corrected_by; i++)
        marks[i] = line->corrected_by[i];
    marks[line->n_corrected_by++] = seq;
    line->corrected_by = marks;
}

static void add_correction(struct draft *draft, const Assize__Hearing__V1__Event *event,
                           const Assize__Hearing__V1__Event *first)
{
    Assize__Minutes__V1__MinutesDocument *document = draft->document;
    Assize__Minutes__V1__Correction *correction = draft_make(draft, 1, sizeof(*correction));

    assize__minutes__v1__correction__init(correction);
    correction->has_seq = correction->has_at_ms = true;
    correction->seq = event->seq;
    correction->at_ms = event->at_ms;
    correction->has_corrects = correction->has_corrects_at_ms = true;
    correction->corrects = event->note_taken->corrects;
    correction->corrects_at_ms = moment_of(draft, first);
    correction->text = draft_words(draft, event, &correction->words);
    correction->has_words = correction->words;
    correction->who = draft_capital(draft_who(draft, event->actor));
    document->corrections[document->n_corrections++] = correction;
    if (draft->line_of[first->seq - 1])
        mark(draft, draft->line_of[first->seq - 1], event->seq);
}

Assize__Minutes__V1__Line *draft_note(struct draft *draft, const Assize__Hearing__V1__Event *event)
{
    const Assize__Hearing__V1__TakeNote *note = event->note_taken;
    const Assize__Hearing__V1__Event *first = corrected_by(draft, event);

    if (first) {
        add_correction(draft, event, first);
        return NULL;
    }
    Assize__Minutes__V1__Line *line = draft_line_new(draft, event);
    line->kind = ASSIZE__MINUTES__V1__LINE_KIND__LINE_KIND_NOTE;
    line->at_ms = moment_of(draft, event);
    line->text = draft_words(draft, event, &line->words);
    line->has_words = line->words;
    line->has_participant = note->participant > 0;
    line->participant = note->participant;
    line->has_about_seq = note->about_seq > 0;
    line->about_seq = note->about_seq;
    if (note->phrase && *note->phrase)
        line->phrase = draft_clean(draft, note->phrase);
    return line;
}
