/*
 * The lines by phase. Before the first phase is entered there is one section of what went before;
 * a hearing without phases (of an old procedure) has a second one from its start.
 */
#include <stdlib.h>

#include "server/hearing/names.h"
#include "server/minutes/minutes_internal.h"

#define BEFORE "Trước khi khai mạc"
#define COURSE "Diễn biến phiên tòa"

static Assize__Minutes__V1__Section *add_section(struct draft *draft, int64_t from_ms)
{
    Assize__Minutes__V1__MinutesDocument *document = draft->document;
    Assize__Minutes__V1__Section *section = draft_make(draft, 1, sizeof(*section));

    assize__minutes__v1__section__init(section);
    section->has_from_ms = true;
    section->from_ms = from_ms;
    document->sections[document->n_sections++] = section;
    return section;
}

static void name_section(struct draft *draft, Assize__Minutes__V1__Section *section, uint32_t phase,
                         const char *otherwise)
{
    const struct procedure *procedure = draft->procedure;

    section->has_phase = true;
    section->phase = phase;
    if (procedure && phase && phase <= procedure->phase_count) {
        section->title = draft_clean(draft, procedure->phases[phase - 1].title.vi);
        section->article = draft_clean(draft, procedure->phases[phase - 1].article);
    } else {
        section->title =
            otherwise ? draft_text(draft, "%s", otherwise) : draft_text(draft, "Phần %u", phase);
    }
}

/* The start and the phase it leads to are one section. */
static void open_sections(struct draft *draft)
{
    Assize__Minutes__V1__Section *section = NULL;
    uint64_t started = 0;

    for (size_t i = 0; i < draft->count; i++) {
        const Assize__Hearing__V1__Event *event = draft->events[i];
        if (event->body_case == HEARING_EVENT(OPENED)) {
            section = add_section(draft, event->at_ms);
            name_section(draft, section, 1, BEFORE);
        } else if (event->body_case == HEARING_EVENT(STARTED)) {
            section = add_section(draft, event->at_ms);
            name_section(draft, section, 0, COURSE);
            started = event->seq;
        } else if (event->body_case == HEARING_EVENT(PHASE_ENTERED)) {
            if (!started || event->at_ms != section->from_ms)
                section = add_section(draft, event->at_ms);
            name_section(draft, section, event->phase_entered->phase, NULL);
            started = 0;
        }
    }
}

static int by_moment(const void *left, const void *right)
{
    const Assize__Minutes__V1__Line *const *one = left;
    const Assize__Minutes__V1__Line *const *other = right;

    if ((*one)->at_ms != (*other)->at_ms)
        return (*one)->at_ms < (*other)->at_ms ? -1 : 1;
    return (*one)->seq < (*other)->seq ? -1 : (*one)->seq > (*other)->seq;
}

/* The lines of one section: those before the next one begins, in pieces that are not too long. */
static size_t fill_section(struct draft *draft, Assize__Minutes__V1__Section *section, size_t from,
                           int64_t until_ms)
{
    size_t end = from;

    while (end < draft->line_count && draft->lines[end]->at_ms < until_ms &&
           end - from < MINUTES_SECTION_LINES_MAX)
        end++;
    section->lines = draft->lines + from;
    section->n_lines = end - from;
    return end;
}

/* Where a section is too long, another of the same name goes on. */
static void distribute(struct draft *draft)
{
    Assize__Minutes__V1__MinutesDocument *document = draft->document;
    Assize__Minutes__V1__Section **planned = document->sections;
    size_t count = document->n_sections;
    size_t pieces = count + draft->line_count / MINUTES_SECTION_LINES_MAX;
    size_t at = 0;

    document->sections = draft_make(draft, pieces, sizeof(*document->sections));
    document->n_sections = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t until_ms = i + 1 < count ? planned[i + 1]->from_ms : INT64_MAX;
        document->sections[document->n_sections++] = planned[i];
        at = fill_section(draft, planned[i], at, until_ms);
        while (at < draft->line_count && draft->lines[at]->at_ms < until_ms) {
            Assize__Minutes__V1__Section *more = add_section(draft, draft->lines[at]->at_ms);
            *more = *planned[i];
            more->from_ms = draft->lines[at]->at_ms;
            more->title = draft_text(draft, "%s (tiếp theo)", planned[i]->title);
            at = fill_section(draft, more, at, until_ms);
        }
    }
}

void draft_sections(struct draft *draft)
{
    draft->document->sections = draft_make(draft, draft->count, sizeof(void *));
    open_sections(draft);
    qsort(draft->lines, draft->line_count, sizeof(*draft->lines), by_moment);
    distribute(draft);
}
