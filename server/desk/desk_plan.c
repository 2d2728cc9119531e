#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/str.h"
#include "server/desk/desk_internal.h"
#include "server/hearing/names.h"

#define SITE(name)     ASSIZE__HEARING__V1__SITE_KIND__SITE_KIND_##name
#define ENDPOINT(name) ASSIZE__HEARING__V1__ENDPOINT_KIND__ENDPOINT_KIND_##name

_Static_assert(sizeof(((struct desk_plan *)0)->persons) ==
                   HEARING_PARTICIPANTS_MAX * sizeof(char *),
               "a plan has room for everyone");

enum { MS_PER_DAY = 24 * 3600 * 1000 };

bool desk_is_time(int64_t scheduled_ms, int64_t now_ms)
{
    return scheduled_ms >= now_ms - DESK_PAST_MS &&
           scheduled_ms <= now_ms + (int64_t)DESK_AHEAD_DAYS * MS_PER_DAY;
}

/* ---- a plan ---- */

bool desk_take_name(const char *text, char out[static HEARING_NAME_SIZE])
{
    char *nfc = NULL;

    if (!text || str_nfc(text, HEARING_NAME_SIZE - 1, &nfc))
        return false;
    str_copy(out, HEARING_NAME_SIZE, nfc);
    free(nfc);
    return str_is_line(out) && out[strspn(out, " ")] != '\0';
}

static enum refusal take_sites(const Assize__Desk__V1__ScheduleRequest *request,
                               struct hearing_store_site *sites)
{
    size_t central = 0;

    if (!request->n_sites || request->n_sites > HEARING_SITES_MAX)
        return REFUSAL_SITES_UNFIT;
    for (size_t i = 0; i < request->n_sites; i++) {
        const Assize__Desk__V1__Site *site = request->sites[i];
        if (site->kind < SITE(CENTRAL_POINT) || site->kind > SITE(DETENTION_FACILITY))
            return REFUSAL_SITES_UNFIT;
        if (!desk_take_name(site->name, sites[i].name))
            return REFUSAL_NAME_UNFIT;
        sites[i].id = (uint32_t)i + 1;
        sites[i].kind = site->kind;
        central += site->kind == SITE(CENTRAL_POINT);
    }
    return central == 1 ? REFUSAL_NONE : REFUSAL_SITES_UNFIT;
}

/* A new device, or 0 when there are too many. */
static uint32_t add_endpoint(struct hearing_record *hearing,
                             struct hearing_store_endpoint *endpoints, uint32_t site,
                             Assize__Hearing__V1__EndpointKind kind)
{
    if (hearing->endpoint_count == HEARING_ENDPOINTS_MAX)
        return 0;
    uint32_t id = (uint32_t)++hearing->endpoint_count;
    endpoints[id - 1] = (struct hearing_store_endpoint){.id = id, .site = site, .kind = kind};
    return id;
}

static uint32_t find_room(const struct hearing_record *hearing,
                          const struct hearing_store_endpoint *endpoints, uint32_t site)
{
    for (size_t i = 0; i < hearing->endpoint_count; i++) {
        if (endpoints[i].site == site && endpoints[i].kind == ENDPOINT(ROOM))
            return endpoints[i].id;
    }
    return 0;
}

static enum refusal seat(struct hearing_record *hearing, struct hearing_store_endpoint *endpoints,
                         const Assize__Desk__V1__Person *asked,
                         struct hearing_store_participant *person)
{
    if (!asked->site || asked->site > hearing->site_count)
        return REFUSAL_PEOPLE_UNFIT;
    person->endpoint = asked->room ? find_room(hearing, endpoints, asked->site) : 0;
    if (!person->endpoint)
        person->endpoint = add_endpoint(hearing, endpoints, asked->site,
                                        asked->room ? ENDPOINT(ROOM) : ENDPOINT(PERSONAL));
    if (asked->room && asked->companion)
        person->companion = add_endpoint(hearing, endpoints, asked->site, ENDPOINT(COMPANION));
    bool seated = person->endpoint && (!asked->room || !asked->companion || person->companion);
    return seated ? REFUSAL_NONE : REFUSAL_PEOPLE_UNFIT;
}

/* Among those before it in the list. */
static bool is_named_before(const struct desk_plan *plan, size_t at)
{
    for (size_t i = 0; plan->persons[at] && i < at; i++) {
        if (plan->persons[i] && strcasecmp(plan->persons[i], plan->persons[at]) == 0)
            return true;
    }
    return false;
}

static enum refusal take_people(const Assize__Desk__V1__ScheduleRequest *request,
                                const struct procedure *law, struct desk_plan *plan,
                                struct hearing_store_endpoint *endpoints,
                                struct hearing_store_participant *people)
{
    enum refusal refusal = REFUSAL_NONE;

    for (size_t i = 0; !refusal && i < request->n_people; i++) {
        const Assize__Desk__V1__Person *asked = request->people[i];
        people[i].id = (uint32_t)i + 1;
        people[i].role = asked->role;
        plan->persons[i] = asked->person && *asked->person ? asked->person : NULL;
        if (asked->role < ASSIZE__HEARING__V1__ROLE__ROLE_PRESIDING_JUDGE ||
            asked->role > ASSIZE__HEARING__V1__ROLE__ROLE_JOURNALIST)
            refusal = REFUSAL_ROLE_UNFIT;
        else if (!(law->roles & HEARING_BIT(asked->role)))
            refusal = REFUSAL_ROLE_NOT_OF_PROCEDURE;
        else if (plan->persons[i] && !str_is_uuid(plan->persons[i]))
            refusal = REFUSAL_PERSON_UNKNOWN;
        else if (is_named_before(plan, i))
            refusal = REFUSAL_PERSON_SEATED;
        else if (!desk_take_name(asked->name, people[i].name))
            refusal = REFUSAL_NAME_UNFIT;
        else
            refusal = seat(&plan->hearing, endpoints, asked, &people[i]);
    }
    return refusal;
}

/* What would open a hearing, so that what is scheduled can be opened. */
static bool engine_agrees(const struct hearing_record *hearing, int64_t now_ms, struct arena *arena)
{
    Assize__Hearing__V1__Opened roster = ASSIZE__HEARING__V1__OPENED__INIT;
    struct hearing_events events;
    Assize__Hearing__V1__Site sites[HEARING_SITES_MAX], *site_table[HEARING_SITES_MAX];
    Assize__Hearing__V1__Endpoint endpoints[HEARING_ENDPOINTS_MAX],
        *endpoint_table[HEARING_ENDPOINTS_MAX];
    Assize__Hearing__V1__Participant people[HEARING_PARTICIPANTS_MAX],
        *people_table[HEARING_PARTICIPANTS_MAX];

    for (size_t i = 0; i < hearing->site_count; i++) {
        assize__hearing__v1__site__init(site_table[i] = &sites[i]);
        sites[i].id = hearing->sites[i].id;
        sites[i].kind = hearing->sites[i].kind;
    }
    for (size_t i = 0; i < hearing->endpoint_count; i++) {
        assize__hearing__v1__endpoint__init(endpoint_table[i] = &endpoints[i]);
        endpoints[i].id = hearing->endpoints[i].id;
        endpoints[i].site = hearing->endpoints[i].site;
        endpoints[i].kind = hearing->endpoints[i].kind;
    }
    for (size_t i = 0; i < hearing->participant_count; i++) {
        assize__hearing__v1__participant__init(people_table[i] = &people[i]);
        people[i].id = hearing->participants[i].id;
        people[i].role = hearing->participants[i].role;
        people[i].endpoint = hearing->participants[i].endpoint;
        people[i].companion = hearing->participants[i].companion;
    }
    roster.sites = site_table;
    roster.n_sites = hearing->site_count;
    roster.endpoints = endpoint_table;
    roster.n_endpoints = hearing->endpoint_count;
    roster.participants = people_table;
    roster.n_participants = hearing->participant_count;
    return hearing_decide_opening(&roster, now_ms, arena, &events) == REFUSAL_NONE;
}

static enum refusal take_roster(const Assize__Desk__V1__ScheduleRequest *request,
                                const struct procedure *law, int64_t now_ms, struct arena *arena,
                                struct desk_plan *plan)
{
    struct hearing_record *hearing = &plan->hearing;
    struct hearing_store_site *sites = arena_alloc(arena, HEARING_SITES_MAX * sizeof(*sites));
    struct hearing_store_endpoint *endpoints =
        arena_alloc(arena, HEARING_ENDPOINTS_MAX * sizeof(*endpoints));
    struct hearing_store_participant *people =
        arena_alloc(arena, HEARING_PARTICIPANTS_MAX * sizeof(*people));

    if (!sites || !endpoints || !people)
        return REFUSAL_TOO_LARGE;
    if (!request->n_people || request->n_people > HEARING_PARTICIPANTS_MAX)
        return REFUSAL_PEOPLE_UNFIT;
    enum refusal refusal = take_sites(request, sites);
    hearing->sites = sites;
    hearing->endpoints = endpoints;
    hearing->participants = people;
    hearing->site_count = request->n_sites;
    hearing->participant_count = request->n_people;
    if (!refusal)
        refusal = take_people(request, law, plan, endpoints, people);
    if (!refusal && !engine_agrees(hearing, now_ms, arena))
        refusal = REFUSAL_PEOPLE_UNFIT;
    return refusal;
}

enum refusal desk_plan_make(const Assize__Desk__V1__ScheduleRequest *request,
                            const struct procedures *procedures, int64_t now_ms,
                            struct arena *arena, struct desk_plan *plan)
{
    *plan = (struct desk_plan){.court_case = request->court_case};
    if (!request->request_id || !str_is_uuid(request->request_id))
        return REFUSAL_MALFORMED;
    if (!request->court_case || !str_is_uuid(request->court_case))
        return REFUSAL_CASE_UNKNOWN;
    if (!desk_is_time(request->scheduled_ms, now_ms))
        return REFUSAL_TIME_UNFIT;
    const struct procedure *law =
        request->procedure ? procedures_find(procedures, request->procedure, 0) : NULL;
    if (!law)
        return REFUSAL_PROCEDURE_UNKNOWN;
    str_copy(plan->hearing.id, sizeof(plan->hearing.id), request->request_id);
    str_copy(plan->hearing.procedure, sizeof(plan->hearing.procedure), request->procedure);
    plan->hearing.scheduled_ms = request->scheduled_ms;
    return take_roster(request, law, now_ms, arena, plan);
}
