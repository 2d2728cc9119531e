/* How the people and sites of a loaded hearing are connected now. */
#include <stdlib.h>
#include <string.h>

#include "server/console/console_internal.h"
#include "server/hearing/names.h"

#define LINK(name) ASSIZE__CONSOLE__V1__LINK__LINK_##name

/* In thousandths of the packets; the marks of HMCTS Video Hearings (reference: 10 % and 15 %). */
enum { LOSS_WEAK = 100, LOSS_BAD = 150 };

static const struct court_hearing *loaded(const struct console_service *service,
                                          const char *hearing)
{
    const struct court_hearing *found = court_find(service->court, hearing);

    return found && court_state(found)->seq ? found : NULL;
}

static bool is_here(const struct hearing_participant *person)
{
    return person->standing == HEARING_STANDING(WAITING) ||
           person->standing == HEARING_STANDING(SEQUESTERED) ||
           person->standing == HEARING_STANDING(IN_HEARING);
}

static Assize__Console__V1__Link link_of(const struct hearing_endpoint *endpoint, bool here,
                                         uint32_t loss_permille)
{
    if (endpoint->link_lost_ms)
        return LINK(LOST);
    if (!here || !endpoint->connected)
        return LINK(UNSPECIFIED);
    if (loss_permille >= LOSS_BAD)
        return LINK(BAD);
    return loss_permille >= LOSS_WEAK ? LINK(WEAK) : LINK(GOOD);
}

static char *copy(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

static Assize__Console__V1__Health *new_health(struct arena *arena, uint32_t id, char *name)
{
    Assize__Console__V1__Health *health = arena_alloc(arena, sizeof(*health));

    if (!health)
        abort();
    assize__console__v1__health__init(health);
    health->has_id = health->has_link = true;
    health->id = id;
    health->name = name;
    return health;
}

static void measure(const struct console_service *service, const char *hearing,
                    const struct hearing_endpoint *endpoint, bool here,
                    Assize__Console__V1__Health *health)
{
    struct session_link link = {0};

    health->has_loss_permille = health->has_rtt_ms =
        sessions_link(service->sessions, hearing, endpoint->id, &link);
    health->loss_permille = link.loss_permille;
    health->rtt_ms = link.rtt_ms;
    health->link = link_of(endpoint, here, link.loss_permille);
    health->has_lost_ms = endpoint->link_lost_ms != 0;
    health->lost_ms = endpoint->link_lost_ms;
}

static Assize__Console__V1__Health *person_health(const struct console_service *service,
                                                  const struct court_hearing *hearing,
                                                  const struct hearing_participant *person,
                                                  struct arena *arena)
{
    const struct hearing *state = court_state(hearing);
    const struct hearing_endpoint *endpoint = hearing_endpoint(state, person->endpoint);
    const struct hearing_record *record = court_record(hearing);
    Assize__Console__V1__Health *health =
        new_health(arena, person->id, copy(arena, record->participants[person->id - 1].name));

    measure(service, court_hearing_id(hearing), endpoint, is_here(person), health);
    health->has_role = health->has_standing = health->has_site = true;
    health->role = person->role;
    health->standing = person->standing;
    health->site = endpoint->site;
    return health;
}

/* A site is as well connected as the worst of its people. */
static Assize__Console__V1__Health *site_health(const struct console_service *service,
                                                const struct court_hearing *hearing,
                                                const struct hearing_site *site,
                                                struct arena *arena)
{
    const struct hearing *state = court_state(hearing);
    const char *name = court_record(hearing)->sites[site->id - 1].name;
    Assize__Console__V1__Health *health = new_health(arena, site->id, copy(arena, name));

    health->has_site_kind = true;
    health->site_kind = site->kind;
    for (uint32_t i = 0; i < state->participant_count; i++) {
        const struct hearing_participant *person = &state->participants[i];
        const struct hearing_endpoint *endpoint = hearing_endpoint(state, person->endpoint);
        Assize__Console__V1__Health one = *health;
        if (endpoint->site != site->id)
            continue;
        measure(service, court_hearing_id(hearing), endpoint, is_here(person), &one);
        if (one.link > health->link)
            *health = one;
    }
    return health;
}

static void tell_clocks(const struct hearing *state, Assize__Console__V1__Row *told)
{
    told->has_live = told->has_paused = told->has_present = true;
    told->live = true;
    told->paused = state->paused_by != 0;
    told->has_suspended_until_ms = state->suspended_until_ms != 0;
    told->suspended_until_ms = state->suspended_until_ms;
    for (uint32_t i = 0; i < state->participant_count; i++) {
        const struct hearing_participant *person = &state->participants[i];
        told->present += is_here(person) && hearing_endpoint(state, person->endpoint)->connected;
    }
}

void console_live_row(const struct console_service *service, Assize__Console__V1__Row *told,
                      struct arena *arena)
{
    const struct court_hearing *hearing = loaded(service, told->id);

    if (!hearing)
        return;
    const struct hearing *state = court_state(hearing);
    tell_clocks(state, told);
    told->sites = arena_alloc(arena, sizeof(*told->sites) * HEARING_SITES_MAX);
    if (!told->sites)
        abort();
    for (uint32_t i = 0; i < state->site_count; i++)
        told->sites[told->n_sites++] = site_health(service, hearing, &state->sites[i], arena);
}

void console_live_people(const struct console_service *service,
                         Assize__Console__V1__HearingResponse *told, struct arena *arena)
{
    const struct court_hearing *hearing = loaded(service, told->row->id);

    if (!hearing)
        return;
    const struct hearing *state = court_state(hearing);
    told->people = arena_alloc(arena, sizeof(*told->people) * HEARING_PARTICIPANTS_MAX);
    if (!told->people)
        abort();
    for (uint32_t i = 0; i < state->participant_count; i++)
        told->people[told->n_people++] =
            person_health(service, hearing, &state->participants[i], arena);
}
