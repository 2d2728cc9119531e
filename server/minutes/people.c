#include <ctype.h>
#include <string.h>

#include "server/hearing/names.h"
#include "server/hearing/title.h"
#include "server/minutes/minutes_internal.h"

#define SOMEBODY "một người tham gia"
#define UNNAMED  "(họ tên đã được xóa)"

static const struct hearing_store_site *site_of(const struct draft *draft, uint32_t endpoint)
{
    const struct hearing_record *hearing = draft->record->hearing;

    for (size_t i = 0; i < hearing->endpoint_count; i++) {
        if (hearing->endpoints[i].id != endpoint)
            continue;
        for (size_t j = 0; j < hearing->site_count; j++) {
            if (hearing->sites[j].id == hearing->endpoints[i].site)
                return &hearing->sites[j];
        }
    }
    return NULL;
}

const struct hearing_store_participant *draft_person(const struct draft *draft, uint32_t id)
{
    const struct hearing_record *hearing = draft->record->hearing;

    for (size_t i = 0; i < hearing->participant_count; i++) {
        if (hearing->participants[i].id == id)
            return &hearing->participants[i];
    }
    return NULL;
}

char *draft_capital(char *text)
{
    *text = (char)toupper((unsigned char)*text);
    return text;
}

const struct minutes_former *draft_former(const struct draft *draft, uint32_t id, uint64_t seq)
{
    for (size_t i = 0; i < draft->record->former_count; i++) {
        const struct minutes_former *former = &draft->record->formers[i];
        if (former->participant == id && former->until_seq == seq)
            return former;
    }
    return NULL;
}

/* Whoever had the seat when the event that is worded happened. */
static const char *name_of(const struct draft *draft,
                           const struct hearing_store_participant *person)
{
    for (size_t i = 0; draft->at && i < draft->record->former_count; i++) {
        const struct minutes_former *former = &draft->record->formers[i];
        if (former->participant == person->id && draft->at < former->until_seq)
            return former->name;
    }
    return person->name;
}

static char *called(struct draft *draft, const struct hearing_store_participant *person,
                    const char *name)
{
    if (!person)
        return draft_text(draft, "%s", SOMEBODY);
    char *who =
        draft_text(draft, "%s %s", hearing_role_title(person->role), *name ? name : UNNAMED);
    /* In the middle of a sentence a title is written small, but for the judge's. */
    if (person->role != HEARING_ROLE(PRESIDING_JUDGE) && person->role != HEARING_ROLE(PANEL_JUDGE))
        *who = (char)tolower((unsigned char)*who);
    return who;
}

char *draft_who(struct draft *draft, uint32_t id)
{
    const struct hearing_store_participant *person = draft_person(draft, id);

    return called(draft, person, person ? name_of(draft, person) : "");
}

char *draft_who_was(struct draft *draft, const struct minutes_former *former)
{
    return called(draft, draft_person(draft, former->participant), former->name);
}

char *draft_where(struct draft *draft, uint32_t endpoint)
{
    const struct hearing_record *hearing = draft->record->hearing;
    const struct hearing_store_site *site = site_of(draft, endpoint);
    char *people = NULL;

    for (size_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_store_participant *person = &hearing->participants[i];
        if (person->endpoint != endpoint && person->companion != endpoint)
            continue;
        char *who = draft_who(draft, person->id);
        people = people ? draft_text(draft, "%s, %s", people, who) : who;
    }
    if (!people)
        people = draft_text(draft, "thiết bị %u", endpoint);
    return site ? draft_text(draft, "%s (%s)", people, site->name) : people;
}

/* ---- who was there, site by site ---- */

static char *kind_of(struct draft *draft, Assize__Hearing__V1__SiteKind kind)
{
    return draft_text(draft, "%s",
                      kind == HEARING_SITE(CENTRAL_POINT) ? "Điểm cầu trung tâm"
                      : kind == HEARING_SITE(DETENTION_FACILITY)
                          ? "Điểm cầu thành phần (cơ sở giam giữ)"
                          : "Điểm cầu thành phần");
}

/* The events from one to before another, in which one person had a seat. */
struct tenure {
    uint64_t from, until;
    const char *name;
    const char *replaced_by; /* or NULL */
};

/* When the person first was in the hearing, and left it for good. */
static void fill_presence(const struct draft *draft, const struct tenure *tenure,
                          Assize__Minutes__V1__Person *person)
{
    for (size_t i = tenure->from - 1; i < draft->count && i + 1 < tenure->until; i++) {
        const Assize__Hearing__V1__Event *event = draft->events[i];
        bool came = (event->body_case == HEARING_EVENT(ADMITTED) &&
                     event->admitted->participant == person->participant) ||
                    (event->body_case == HEARING_EVENT(WITNESS_CALLED) &&
                     event->witness_called->participant == person->participant);
        if (came && !person->has_came_ms) {
            person->has_came_ms = true;
            person->came_ms = event->at_ms;
        }
        if (came)
            person->has_left_ms = false;
        if (event->body_case == HEARING_EVENT(LEFT) && person->has_came_ms &&
            event->left->participant == person->participant) {
            person->has_left_ms = true;
            person->left_ms = event->at_ms;
        }
        if (event->body_case == HEARING_EVENT(CLOSED) ||
            event->body_case == HEARING_EVENT(ADJOURNED))
            return; /* who leaves after the end was there to the end */
    }
}

static Assize__Minutes__V1__Person *make_person(struct draft *draft,
                                                const struct hearing_store_participant *from,
                                                const struct tenure *tenure)
{
    Assize__Minutes__V1__Person *person = draft_make(draft, 1, sizeof(*person));

    assize__minutes__v1__person__init(person);
    person->has_participant = true;
    person->participant = from->id;
    person->name = draft_clean(draft, tenure->name);
    person->role = draft_text(draft, "%s", hearing_role_title(from->role));
    person->replaced_by = tenure->replaced_by ? draft_clean(draft, tenure->replaced_by) : NULL;
    fill_presence(draft, tenure, person);
    return person;
}

/* Everyone who had the seat, one after the other; the list has room for them. */
static void add_seat(struct draft *draft, const struct hearing_store_participant *seat,
                     Assize__Minutes__V1__Person **list, size_t *count)
{
    struct tenure tenure = {.from = 1};

    for (size_t i = 0; i < draft->record->former_count; i++) {
        const struct minutes_former *former = &draft->record->formers[i];
        bool is_last = i + 1 == draft->record->former_count || former[1].participant != seat->id;
        if (former->participant != seat->id)
            continue;
        tenure.until = former->until_seq;
        tenure.name = former->name;
        tenure.replaced_by = is_last ? seat->name : former[1].name;
        list[(*count)++] = make_person(draft, seat, &tenure);
        tenure.from = former->until_seq;
    }
    tenure = (struct tenure){.from = tenure.from, .until = UINT64_MAX, .name = seat->name};
    list[(*count)++] = make_person(draft, seat, &tenure);
}

static bool is_of_panel(Assize__Hearing__V1__Role role)
{
    return role == HEARING_ROLE(PRESIDING_JUDGE) || role == HEARING_ROLE(PANEL_JUDGE) ||
           role == HEARING_ROLE(LAY_JUDGE);
}

static void fill_site(struct draft *draft, const struct hearing_store_site *from,
                      Assize__Minutes__V1__SitePeople *site)
{
    const struct hearing_record *hearing = draft->record->hearing;

    assize__minutes__v1__site_people__init(site);
    site->has_id = true;
    site->id = from->id;
    site->name = draft_clean(draft, from->name);
    site->kind = kind_of(draft, from->kind);
    site->people = draft_make(draft, hearing->participant_count + draft->record->former_count,
                              sizeof(*site->people));
    for (size_t i = 0; i < hearing->participant_count; i++) {
        if (site_of(draft, hearing->participants[i].endpoint) == from)
            add_seat(draft, &hearing->participants[i], site->people, &site->n_people);
    }
}

static void add_site(struct draft *draft, const struct hearing_store_site *from)
{
    Assize__Minutes__V1__MinutesDocument *document = draft->document;
    Assize__Minutes__V1__SitePeople *site = draft_make(draft, 1, sizeof(*site));

    fill_site(draft, from, site);
    document->sites[document->n_sites++] = site;
}

void draft_people(struct draft *draft)
{
    const struct hearing_record *hearing = draft->record->hearing;
    Assize__Minutes__V1__MinutesDocument *document = draft->document;

    document->sites = draft_make(draft, hearing->site_count, sizeof(*document->sites));
    for (size_t i = 0; i < hearing->site_count; i++) {
        if (hearing->sites[i].kind == HEARING_SITE(CENTRAL_POINT))
            add_site(draft, &hearing->sites[i]);
    }
    for (size_t i = 0; i < hearing->site_count; i++) {
        if (hearing->sites[i].kind != HEARING_SITE(CENTRAL_POINT))
            add_site(draft, &hearing->sites[i]);
    }
    document->panel = draft_make(draft, hearing->participant_count + draft->record->former_count,
                                 sizeof(*document->panel));
    for (size_t i = 0; i < hearing->participant_count; i++) {
        if (is_of_panel(hearing->participants[i].role))
            add_seat(draft, &hearing->participants[i], document->panel, &document->n_panel);
    }
}

/* ---- who signs ---- */

/* The presiding judge and the clerk for all of it (BLTTHS 258), officers for their sites. */
static bool signs(Assize__Hearing__V1__Role role)
{
    return role == HEARING_ROLE(PRESIDING_JUDGE) || role == HEARING_ROLE(CLERK) ||
           role == HEARING_ROLE(DETENTION_OFFICER) || role == HEARING_ROLE(SITE_OFFICIAL);
}

static void add_signature(struct draft *draft, const char *site, const char *role, const char *name)
{
    Assize__Minutes__V1__MinutesDocument *document = draft->document;
    Assize__Minutes__V1__Signature *signature = draft_make(draft, 1, sizeof(*signature));

    assize__minutes__v1__signature__init(signature);
    signature->site = site ? draft_clean(draft, site) : NULL;
    signature->role = draft_text(draft, "%s", role);
    signature->name = draft_clean(draft, name);
    document->signatures[document->n_signatures++] = signature;
}

static void sign_for_site(struct draft *draft, const struct hearing_store_site *site)
{
    const struct hearing_record *hearing = draft->record->hearing;
    size_t before = draft->document->n_signatures;

    for (size_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_store_participant *person = &hearing->participants[i];
        if (signs(person->role) && site_of(draft, person->endpoint) == site)
            add_signature(draft, site->name, hearing_role_title(person->role), person->name);
    }
    if (draft->document->n_signatures == before)
        add_signature(draft, site->name, "Đại diện điểm cầu", "");
}

void draft_signatures(struct draft *draft)
{
    const struct hearing_record *hearing = draft->record->hearing;

    draft->document->signatures =
        draft_make(draft, hearing->participant_count + hearing->site_count,
                   sizeof(*draft->document->signatures));
    for (size_t i = 0; i < hearing->site_count; i++) {
        if (hearing->sites[i].kind == HEARING_SITE(CENTRAL_POINT))
            sign_for_site(draft, &hearing->sites[i]);
    }
    for (size_t i = 0; i < hearing->site_count; i++) {
        if (hearing->sites[i].kind != HEARING_SITE(CENTRAL_POINT))
            sign_for_site(draft, &hearing->sites[i]);
    }
}
