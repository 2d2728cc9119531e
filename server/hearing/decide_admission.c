/* Coming in and going out: check in, admit, send back, leave. Whoever sits before one camera moves
 * together. */
#include "decide_internal.h"

static bool acts_from_companion(const struct decision *decision)
{
    return decision->device->kind == HEARING_ENDPOINT(COMPANION);
}

/*
 * The court goes straight in, and so does whoever sits in a room with it. A companion, or the
 * device of someone who is checked in, only shows that it is there again: a person who lost the
 * link returns to the same standing.
 */
enum refusal decide_check_in(struct decision *decision)
{
    uint32_t endpoint = decision->device->id;

    if (acts_from_companion(decision) || hearing_is_checked_in(decision->who)) {
        if (decision->device->connected)
            return REFUSAL_ALREADY_SO;
        decision_add(decision, HEARING_EVENT(ENDPOINT_LINK_RESTORED), endpoint);
        return REFUSAL_NONE;
    }
    decision_add_for_occupants(decision, HEARING_EVENT(CHECKED_IN), endpoint);
    if (hearing_endpoint_is_court(decision->hearing, endpoint))
        decision_add_for_occupants(decision, HEARING_EVENT(ADMITTED), endpoint);
    return REFUSAL_NONE;
}

enum refusal decide_admit(struct decision *decision)
{
    const struct hearing_participant *whom =
        hearing_participant(decision->hearing, decision->command->admit->participant);

    if (!whom)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (whom->standing == HEARING_STANDING(IN_HEARING))
        return REFUSAL_ALREADY_SO;
    if (whom->standing != HEARING_STANDING(WAITING))
        return REFUSAL_NOT_WAITING;
    decision_add_for_occupants(decision, HEARING_EVENT(ADMITTED), whom->endpoint);
    return REFUSAL_NONE;
}

/* Nobody sends back the court. */
enum refusal decide_send_back(struct decision *decision)
{
    const struct hearing_participant *whom =
        hearing_participant(decision->hearing, decision->command->send_back->participant);

    if (!whom)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (hearing_endpoint_is_court(decision->hearing, whom->endpoint))
        return REFUSAL_ROLE_NOT_ALLOWED;
    if (whom->standing == HEARING_STANDING(WAITING))
        return REFUSAL_ALREADY_SO;
    if (whom->standing != HEARING_STANDING(IN_HEARING))
        return REFUSAL_NOT_IN_HEARING;
    decision_end_asking(decision, whom->endpoint);
    decision_add_for_occupants(decision, HEARING_EVENT(SENT_BACK), whom->endpoint);
    return REFUSAL_NONE;
}

/* A companion that leaves is switched off; its person stays. */
enum refusal decide_leave(struct decision *decision)
{
    if (acts_from_companion(decision)) {
        if (!decision->device->connected)
            return REFUSAL_ALREADY_SO;
        decision_add(decision, HEARING_EVENT(ENDPOINT_LINK_LOST), decision->device->id);
        return REFUSAL_NONE;
    }
    if (!hearing_is_checked_in(decision->who))
        return REFUSAL_ALREADY_SO;
    decision_end_asking(decision, decision->device->id);
    decision_add_for_occupants(decision, HEARING_EVENT(LEFT), decision->device->id);
    return REFUSAL_NONE;
}
