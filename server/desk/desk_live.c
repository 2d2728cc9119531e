#include <string.h>

#include "server/desk/desk_internal.h"

static const struct hearing *state_of(const struct desk_service *service, const char *hearing)
{
    const struct court_hearing *loaded = court_find(service->court, hearing);

    return loaded && court_state(loaded)->seq ? court_state(loaded) : NULL;
}

static bool is_connected(const struct hearing *state, const struct hearing_participant *person)
{
    const struct hearing_endpoint *endpoint = hearing_endpoint(state, person->endpoint);
    bool is_here = person->standing == ASSIZE__HEARING__V1__STANDING__STANDING_WAITING ||
                   person->standing == ASSIZE__HEARING__V1__STANDING__STANDING_IN_HEARING;

    return is_here && endpoint && endpoint->connected;
}

void desk_live_summary(const struct desk_service *service, Assize__Desk__V1__HearingSummary *told)
{
    const struct hearing *state = state_of(service, told->id);

    if (!service->linked)
        told->sync = NULL;
    if (!state)
        return;
    for (uint32_t i = 0; i < state->participant_count; i++)
        told->present += is_connected(state, &state->participants[i]);
}

void desk_live_people(const struct desk_service *service, Assize__Desk__V1__HearingDetails *told)
{
    const struct hearing *state = state_of(service, told->summary->id);

    for (size_t i = 0; i < told->n_people; i++) {
        const struct hearing_participant *person =
            state ? hearing_participant(state, (uint32_t)i + 1) : NULL;
        told->people[i]->has_standing = told->people[i]->has_connected = true;
        told->people[i]->standing =
            person ? person->standing : ASSIZE__HEARING__V1__STANDING__STANDING_NOT_SIGNED_IN;
        told->people[i]->connected = person && is_connected(state, person);
    }
}
