/* Coming in and going out: check in, admit, send back, leave. Whoever sits before one camera moves
 * together. */
#include "decide_internal.h"

static bool acts_from_companion(const struct decision *decision)
{
    return decision->device->kind == HEARING_ENDPOINT(COMPANION);
}

/* The court keeps its own rules; everyone else declares to, for the whole room they sit in. */
static enum refusal check_declaration(struct decision *decision)
{
    uint32_t wanted = hearing_procedure(decision->hearing)->declaration;

    if (hearing_role_is_court(decision->who->role) || decision->command->check_in->rules >= wanted)
        return REFUSAL_NONE;
    return decision_rule_stands(decision, "declaration", "", REFUSAL_DECLARATION_NEEDED);
}

static void add_checked_in(struct decision *decision, uint32_t endpoint)
{
    uint32_t rules = decision->command->check_in->rules;
    uint32_t first = decision->events.count;

    decision_add_for_occupants(decision, HEARING_EVENT(CHECKED_IN), endpoint);
    for (uint32_t i = first; rules && i < decision->events.count; i++) {
        Assize__Hearing__V1__CheckedIn *checked_in = decision->events.items[i]->checked_in;
        checked_in->has_rules = true;
        checked_in->rules = rules;
    }
}

/* The court, whoever sits in a room with it, and who was called to testify: they stay to the end.
 */
static bool goes_straight_in(const struct hearing *hearing, uint32_t endpoint)
{
    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        if (person->endpoint == endpoint && hearing_was_called(hearing, person))
            return true;
    }
    return hearing_endpoint_is_court(hearing, endpoint);
}

/* Where they left from, apart from the others, they come back to. */
static bool was_kept_apart(const struct hearing *hearing, uint32_t endpoint)
{
    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        if (hearing->participants[i].endpoint == endpoint && hearing->participants[i].kept_apart)
            return true;
    }
    return false;
}

/*
 * Some go straight in, and some wait apart until they are called. A companion, or the
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
    enum refusal refusal = check_declaration(decision);
    if (refusal)
        return refusal;
    add_checked_in(decision, endpoint);
    if (goes_straight_in(decision->hearing, endpoint))
        decision_add_for_occupants(decision, HEARING_EVENT(ADMITTED), endpoint);
    else if (was_kept_apart(decision->hearing, endpoint) ||
             decision_keeps_apart(decision, hearing_phase(decision->hearing), endpoint))
        decision_add_for_occupants(decision, HEARING_EVENT(SEQUESTERED), endpoint);
    return REFUSAL_NONE;
}

/* Behind closed doors the public stays out, and who is kept apart in this phase is called. */
static enum refusal check_door(struct decision *decision, uint32_t endpoint)
{
    const struct hearing *hearing = decision->hearing;

    if (hearing->is_private && hearing_is_of_roles(hearing, endpoint, HEARING_PUBLIC))
        return REFUSAL_DOORS_CLOSED;
    return decision_keeps_apart(decision, hearing_phase(hearing), endpoint)
               ? decision_phase_stands(decision, "sequesters", REFUSAL_WITNESS_MUST_BE_CALLED)
               : REFUSAL_NONE;
}

enum refusal decide_admit(struct decision *decision)
{
    const struct hearing_participant *whom =
        hearing_participant(decision->hearing, decision->command->admit->participant);

    if (!whom)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (whom->standing == HEARING_STANDING(IN_HEARING))
        return REFUSAL_ALREADY_SO;
    if (whom->standing != HEARING_STANDING(WAITING) &&
        whom->standing != HEARING_STANDING(SEQUESTERED))
        return REFUSAL_NOT_WAITING;
    enum refusal refusal = check_door(decision, whom->endpoint);
    if (!refusal)
        decision_add_for_occupants(decision, HEARING_EVENT(ADMITTED), whom->endpoint);
    return refusal;
}

void decision_take_out(struct decision *decision, Assize__Hearing__V1__Event__BodyCase event,
                       uint32_t endpoint)
{
    bool pauses = decision_pauses(decision, endpoint);

    if (pauses)
        decision_stop_session(decision);
    else
        decision_end_asking(decision, endpoint);
    decision_end_share_at(decision, endpoint);
    decision_add_for_occupants(decision, event, endpoint);
    if (pauses)
        decision_pause(decision, endpoint,
                       event == HEARING_EVENT(SENT_BACK) ? HEARING_PAUSE(SENT_BACK)
                                                         : HEARING_PAUSE(LEFT));
}

/* Nobody sends back the court. Without somebody who must be there the session pauses. */
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
    enum refusal refusal = decision_check_speech_at(decision, whom->endpoint);
    if (!refusal)
        decision_take_out(decision, HEARING_EVENT(SENT_BACK), whom->endpoint);
    return refusal;
}

/* A companion that leaves is switched off; its person stays. */
enum refusal decide_leave(struct decision *decision)
{
    if (acts_from_companion(decision)) {
        if (!decision->device->connected)
            return REFUSAL_ALREADY_SO;
        decision_end_share_from(decision, decision->device->id);
        decision_add(decision, HEARING_EVENT(ENDPOINT_LINK_LOST), decision->device->id);
        return REFUSAL_NONE;
    }
    if (!hearing_is_checked_in(decision->who))
        return REFUSAL_ALREADY_SO;
    decision_take_out(decision, HEARING_EVENT(LEFT), decision->device->id);
    return REFUSAL_NONE;
}
