/* What the server itself sees: devices that go away and come back, and the clock. */
#include "decide_internal.h"

/* A session that goes on stops by rule when somebody who must be there is lost; who presides goes
 * on with it. */
bool decision_pauses(const struct decision *decision, uint32_t endpoint)
{
    return decision->hearing->status == HEARING_STATUS(IN_SESSION) &&
           hearing_quorum_breaks(decision->hearing, endpoint);
}

void decision_pause(struct decision *decision, uint32_t endpoint,
                    Assize__Hearing__V1__PauseCause cause)
{
    Assize__Hearing__V1__Event *event = decision_add(decision, HEARING_EVENT(PAUSED), endpoint);

    if (event) {
        event->paused->has_cause = true;
        event->paused->cause = cause;
    }
    decision_add(decision, HEARING_EVENT(RECESSED), 0);
}

enum refusal decide_link_lost(struct decision *decision)
{
    const struct hearing_endpoint *endpoint =
        hearing_endpoint(decision->hearing, decision->command->link_lost->endpoint);

    if (!endpoint)
        return REFUSAL_ENDPOINT_UNKNOWN;
    if (!endpoint->connected)
        return REFUSAL_ALREADY_SO;
    bool pauses = decision_pauses(decision, endpoint->id);
    decision_add(decision, HEARING_EVENT(ENDPOINT_LINK_LOST), endpoint->id);
    if (pauses)
        decision_stop_session(decision);
    decision_end_share_from(decision, endpoint->id);
    if (pauses)
        decision_pause(decision, endpoint->id, HEARING_PAUSE(LINK_LOST));
    return REFUSAL_NONE;
}

/* Where nobody is checked in, there is nothing to come back to: they check in. */
enum refusal decide_link_restored(struct decision *decision)
{
    const struct hearing_endpoint *endpoint =
        hearing_endpoint(decision->hearing, decision->command->link_restored->endpoint);

    if (!endpoint)
        return REFUSAL_ENDPOINT_UNKNOWN;
    if (endpoint->connected)
        return REFUSAL_ALREADY_SO;
    if (endpoint->kind != HEARING_ENDPOINT(COMPANION) &&
        !hearing_checked_in_at(decision->hearing, endpoint->id))
        return REFUSAL_NOT_IN_HEARING;
    decision_add(decision, HEARING_EVENT(ENDPOINT_LINK_RESTORED), endpoint->id);
    return REFUSAL_NONE;
}

enum refusal decide_clock_jump(struct decision *decision)
{
    int64_t delta_ms = decision->command->clock_jump->delta_ms;

    if (!delta_ms)
        return REFUSAL_MALFORMED;
    Assize__Hearing__V1__Event *event = decision_add(decision, HEARING_EVENT(CLOCK_JUMPED), 0);
    if (event) {
        event->clock_jumped->has_delta_ms = true;
        event->clock_jumped->delta_ms = delta_ms;
    }
    return REFUSAL_NONE;
}
