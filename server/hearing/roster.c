/* Which rosters are fit to open a hearing with. */
#include "hearing_internal.h"

static bool sites_fit(const Assize__Hearing__V1__Opened *roster)
{
    size_t central = 0;

    if (!roster->n_sites || roster->n_sites > HEARING_SITES_MAX)
        return false;
    for (size_t i = 0; i < roster->n_sites; i++) {
        const Assize__Hearing__V1__Site *site = roster->sites[i];
        if (site->id != i + 1 || site->kind < HEARING_SITE(CENTRAL_POINT) ||
            site->kind > HEARING_SITE(DETENTION_FACILITY))
            return false;
        central += site->kind == HEARING_SITE(CENTRAL_POINT);
    }
    return central == 1;
}

static bool endpoints_fit(const Assize__Hearing__V1__Opened *roster)
{
    if (!roster->n_endpoints || roster->n_endpoints > HEARING_ENDPOINTS_MAX)
        return false;
    for (size_t i = 0; i < roster->n_endpoints; i++) {
        const Assize__Hearing__V1__Endpoint *endpoint = roster->endpoints[i];
        if (endpoint->id != i + 1 || !endpoint->site || endpoint->site > roster->n_sites ||
            endpoint->kind < HEARING_ENDPOINT(PERSONAL) ||
            endpoint->kind > HEARING_ENDPOINT(COMPANION))
            return false;
    }
    return true;
}

/* One person at a personal endpoint and with a companion; in a room a room's number. */
static uint32_t seats(Assize__Hearing__V1__EndpointKind kind)
{
    return kind == HEARING_ENDPOINT(ROOM) ? HEARING_OCCUPANTS_MAX : 1;
}

static bool take_seat(const Assize__Hearing__V1__Opened *roster, uint32_t *taken, uint32_t id,
                      bool companion)
{
    if (!id || id > roster->n_endpoints)
        return false;
    Assize__Hearing__V1__EndpointKind kind = roster->endpoints[id - 1]->kind;
    return (kind == HEARING_ENDPOINT(COMPANION)) == companion && ++taken[id - 1] <= seats(kind);
}

static bool participants_fit(const Assize__Hearing__V1__Opened *roster)
{
    uint32_t taken[HEARING_ENDPOINTS_MAX] = {0};
    size_t presiding = 0;

    if (!roster->n_participants || roster->n_participants > HEARING_PARTICIPANTS_MAX)
        return false;
    for (size_t i = 0; i < roster->n_participants; i++) {
        const Assize__Hearing__V1__Participant *person = roster->participants[i];
        if (person->id != i + 1 || person->role < HEARING_ROLE(PRESIDING_JUDGE) ||
            person->role > HEARING_ROLE(JOURNALIST) ||
            !take_seat(roster, taken, person->endpoint, false) ||
            (person->companion && !take_seat(roster, taken, person->companion, true)))
            return false;
        presiding += person->role == HEARING_ROLE(PRESIDING_JUDGE);
    }
    return presiding == 1;
}

static bool is_of_the_court(const Assize__Hearing__V1__Opened *roster, uint32_t endpoint)
{
    for (size_t i = 0; i < roster->n_participants; i++) {
        if (roster->participants[i]->endpoint == endpoint &&
            hearing_role_is_court(roster->participants[i]->role))
            return true;
    }
    return false;
}

static bool may_be_screened(const Assize__Hearing__V1__Opened *roster, uint32_t participant,
                            uint32_t from)
{
    if (!participant || participant > roster->n_participants || !from ||
        from > roster->n_participants)
        return false;
    uint32_t one = roster->participants[participant - 1]->endpoint;
    uint32_t other = roster->participants[from - 1]->endpoint;
    return one != other && !is_of_the_court(roster, one) && !is_of_the_court(roster, other);
}

/* The court sees everyone, and people before one camera see each other. */
static bool screens_fit(const Assize__Hearing__V1__Opened *roster)
{
    if (roster->n_screens > HEARING_SCREENS_MAX)
        return false;
    for (size_t i = 0; i < roster->n_screens; i++) {
        const Assize__Hearing__V1__Screen *pair = roster->screens[i];
        if (!may_be_screened(roster, pair->participant, pair->from))
            return false;
        for (size_t k = 0; k < i; k++) {
            if (roster->screens[k]->participant == pair->participant &&
                roster->screens[k]->from == pair->from)
                return false;
        }
    }
    return true;
}

bool hearing_roster_fits(const Assize__Hearing__V1__Opened *roster)
{
    return sites_fit(roster) && endpoints_fit(roster) && participants_fit(roster) &&
           screens_fit(roster);
}
