/* Events of devices that go away and come back. */
#include "apply_internal.h"

#include <errno.h>
#include <string.h>

/* The incident of the endpoint that lasts, or NULL. */
static struct hearing_incident *incident_of(struct hearing *hearing, uint32_t endpoint)
{
    for (uint32_t i = hearing->incident_count; i--;) {
        struct hearing_incident *incident = &hearing->incidents[i];
        if (incident->endpoint == endpoint)
            return incident->to_ms ? NULL : incident;
    }
    return NULL;
}

/* The oldest makes room for the newest. */
static void begin_incident(struct hearing *hearing, uint32_t endpoint, int64_t at_ms)
{
    if (hearing->incident_count == HEARING_INCIDENTS_MAX) {
        hearing->incident_count--;
        memmove(hearing->incidents, hearing->incidents + 1,
                hearing->incident_count * sizeof(*hearing->incidents));
    }
    hearing->incidents[hearing->incident_count++] =
        (struct hearing_incident){.endpoint = endpoint, .from_ms = at_ms};
}

void apply_end_incident(struct hearing *hearing, uint32_t endpoint, int64_t at_ms)
{
    struct hearing_incident *incident = incident_of(hearing, endpoint);

    if (incident)
        incident->to_ms = at_ms;
}

/* A companion carries nothing of the hearing: that it is away is no incident and has no time. */
int apply_link_lost(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                    uint32_t about)
{
    const struct hearing_endpoint *endpoint = hearing_endpoint(hearing, about);

    if (!endpoint || !endpoint->connected)
        return -EINVAL;
    bool is_incident = endpoint->kind != HEARING_ENDPOINT(COMPANION);
    if (is_incident)
        begin_incident(hearing, about, event->at_ms);
    apply_set_connected(&hearing->endpoints[about - 1], false, is_incident ? event->at_ms : 0);
    return 0;
}

int apply_link_restored(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                        uint32_t about)
{
    const struct hearing_endpoint *endpoint = hearing_endpoint(hearing, about);

    if (!endpoint || endpoint->connected)
        return -EINVAL;
    apply_end_incident(hearing, about, event->at_ms);
    apply_set_connected(&hearing->endpoints[about - 1], true, 0);
    return 0;
}

/* The session stops by rule; the Recessed that follows says so to the status. */
int apply_paused(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about)
{
    struct hearing_incident *incident = incident_of(hearing, about);

    if (hearing->status != HEARING_STATUS(IN_SESSION) || !hearing_endpoint_sends(hearing, about))
        return -EINVAL;
    hearing->paused_by = about;
    hearing->pause_cause = event->paused->cause;
    if (incident)
        incident->paused = true;
    return 0;
}
