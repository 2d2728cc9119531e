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

char *draft_who(struct draft *draft, uint32_t id)
{
    const struct hearing_store_participant *person = draft_person(draft, id);

    if (!person)
        return draft_text(draft, "%s", SOMEBODY);
    char *who = draft_text(draft, "%s %s", hearing_role_title(person->role),
                           *person->name ? person->name : UNNAMED);
    /* In the middle of a sentence a title is written small, but for the judge's. */
    if (person->role != HEARING_ROLE(PRESIDING_JUDGE) && person->role != HEARING_ROLE(PANEL_JUDGE))
        *who = (char)tolower((unsigned char)*who);
    return who;
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

/* When the person first was in the hearing, and left it for good. */
static void fill_presence(const struct draft *draft, Assize__Minutes__V1__Person *person)
{
    for (size_t i = 0; i < draft->count; i++) {
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
                                                const struct hearing_store_participant *from)
{
    Assize__Minutes__V1__Person *person = draft_make(draft, 1, sizeof(*person));

    assize__minutes__v1__person__init(person);
    person->has_participant = true;
    person->participant = from->id;
    person->name = draft_clean(draft, from->name);
    person->role = draft_text(draft, "%s", hearing_role_title(from->role));
    fill_presence(draft, person);
    return person;
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
    site->people = draft_make(draft, hearing->participant_count, sizeof(*site->people));
    for (size_t i = 0; i < hearing->participant_count; i++) {
        if (site_of(draft, hearing->participants[i].endpoint) == from)
            site->people[site->n_people++] = make_person(draft, &hearing->participants[i]);
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
    document->panel = draft_make(draft, hearing->participant_count, sizeof(*document->panel));
    for (size_t i = 0; i < hearing->participant_count; i++) {
        if (is_of_panel(hearing->participants[i].role))
            document->panel[document->n_panel++] = make_person(draft, &hearing->participants[i]);
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
