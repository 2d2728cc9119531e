/* Between the files of this folder. */
#ifndef ASSIZE_SERVER_MINUTES_MINUTES_INTERNAL_H
#define ASSIZE_SERVER_MINUTES_MINUTES_INTERNAL_H

#include <stdbool.h>

#include "assize/hearing/v1/hearing.pb-c.h"
#include "server/minutes/minutes.h"

/* The minutes while they are made. Memory never runs out: the arena's cap follows from the record.
 */
struct draft {
    const struct minutes_record *record;
    const struct procedure *procedure; /* or NULL */
    Assize__Hearing__V1__Event **events;
    size_t count;
    struct arena *arena;
    Assize__Minutes__V1__MinutesDocument *document;
    /* How far the events have been walked. */
    uint64_t at;                       /* seq of the event that is worded; 0: none, as of the end */
    bool begun, over;                  /* Started; Closed or Adjourned */
    uint32_t paused_by;                /* endpoint, until the session goes on */
    Assize__Minutes__V1__Line **lines; /* in the order of seq, for the sections to take */
    size_t line_count;
    Assize__Minutes__V1__Line **line_of; /* by seq; NULL where an event has none */
};

/* text.c */
void *draft_make(struct draft *draft, size_t count, size_t size);
char *draft_text(struct draft *draft, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Without what has no place on paper: control characters (a line's end stays), and those that turn
 * the direction of writing. */
char *draft_clean(struct draft *draft, const char *text);
/* "3 phút 05 giây" */
char *draft_duration(struct draft *draft, int64_t ms);
/*
 * What was written with the event, cleaned; "" when nothing was, or when it was erased. How it
 * stands goes to ret_state.
 */
char *draft_words(struct draft *draft, const Assize__Hearing__V1__Event *event,
                  Assize__Minutes__V1__WordsState *ret_state);

/* A rule that was set aside, and its article in full, in words: "có Kiểm sát viên". */
char *draft_rule(struct draft *draft, const Assize__Hearing__V1__RuleOverridden *overridden);
char *draft_article(struct draft *draft, const Assize__Hearing__V1__RuleOverridden *overridden);

/* people.c */
const struct hearing_store_participant *draft_person(const struct draft *draft, uint32_t id);
/* "bị cáo Trần Văn B.", as of the event that is worded; "một người tham gia" for nobody on the
 * roster. */
char *draft_who(struct draft *draft, uint32_t id);
/* Who had the seat before the event by which somebody else took it; NULL when nobody is known. */
const struct minutes_former *draft_former(const struct draft *draft, uint32_t id, uint64_t seq);
/* The same for a former one as draft_who. */
char *draft_who_was(struct draft *draft, const struct minutes_former *former);
/* Who sits at an endpoint, and where: "bị cáo Trần Văn B., Trại tạm giam số 1". */
char *draft_where(struct draft *draft, uint32_t endpoint);
/* The same with a capital letter at its beginning, in place. */
char *draft_capital(char *text);
/* Sites, panel, places to sign; who came and left when, by the events. */
void draft_people(struct draft *draft);
void draft_signatures(struct draft *draft);

/* lines.c: the line of an event, or NULL for one that the minutes do not tell. */
Assize__Minutes__V1__Line *draft_line(struct draft *draft, const Assize__Hearing__V1__Event *event);
/* An empty one. */
Assize__Minutes__V1__Line *draft_line_new(struct draft *draft,
                                          const Assize__Hearing__V1__Event *event);

/* ledger.c: incidents, overrides, decisions. Asked for each event, before its line. */
void draft_ledger(struct draft *draft, const Assize__Hearing__V1__Event *event);
/* What is not over when the hearing is: to be called at its end. */
void draft_ledger_end(struct draft *draft, int64_t at_ms);

/* notes.c: notes are lines; those that correct one stand at the end instead. */
Assize__Minutes__V1__Line *draft_note(struct draft *draft, const Assize__Hearing__V1__Event *event);

/* sections.c: the lines by phase, in the order of their moments. */
void draft_sections(struct draft *draft);

#endif
