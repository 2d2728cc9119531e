/*
 * The clerk's notes for the minutes, at any time and from anywhere: also when the hearing is over.
 * The engine keeps no list of them: that a correction names a note, and whose, is seen where the
 * notes are read.
 */
#include "decide_internal.h"

#include <string.h>

static char *copy_text(struct decision *decision, const char *text)
{
    char *copy = arena_copy(decision->arena, text, strlen(text));

    decision->out_of_memory |= !copy;
    return copy;
}

static void fill_note(struct decision *decision, Assize__Hearing__V1__TakeNote *note,
                      const Assize__Hearing__V1__TakeNote *asked)
{
    note->has_about_seq = asked->about_seq != 0;
    note->about_seq = asked->about_seq;
    note->has_media_ms = asked->has_media_ms;
    note->media_ms = asked->media_ms;
    note->has_corrects = asked->corrects != 0;
    note->corrects = asked->corrects;
    note->phrase = asked->phrase && *asked->phrase ? copy_text(decision, asked->phrase) : NULL;
}

enum refusal decide_take_note(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;
    const Assize__Hearing__V1__TakeNote *asked = decision->command->take_note;

    if (asked->participant && !hearing_participant(hearing, asked->participant))
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (asked->about_seq > hearing->seq || asked->corrects > hearing->seq || asked->media_ms < 0 ||
        (asked->phrase && strlen(asked->phrase) > HEARING_PHRASE_MAX))
        return REFUSAL_MALFORMED;
    Assize__Hearing__V1__Event *event =
        decision_add(decision, HEARING_EVENT(NOTE_TAKEN), asked->participant);
    decision_keep_words(decision, event);
    if (event)
        fill_note(decision, event->note_taken, asked);
    return REFUSAL_NONE;
}
