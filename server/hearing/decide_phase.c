/*
 * From one phase to another: what must hold to leave, and what the procedure says of the one that
 * begins. The presiding judge enters phases; nothing enters one by itself.
 */
#include "decide_internal.h"

/* ---- leaving ---- */

static bool somebody_is(const struct hearing *hearing,
                        bool (*what)(const struct hearing *hearing,
                                     const struct hearing_participant *person))
{
    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        if (what(hearing, &hearing->participants[i]))
            return true;
    }
    return false;
}

static bool is_cut_off(const struct hearing *hearing, const struct hearing_participant *person)
{
    (void)hearing;
    return person->cut_off && hearing_is_checked_in(person);
}

static bool awaits_summary(const struct hearing *hearing, const struct hearing_participant *person)
{
    return person->summary_due && hearing_is_inside(hearing, person->id);
}

enum refusal decision_check_leave(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;
    enum refusal refusal = REFUSAL_NONE;

    if (somebody_is(hearing, is_cut_off))
        return REFUSAL_CUT_OFF_REMAINS;
    if (hearing_phase(hearing)->needs_identity && hearing_unidentified(hearing))
        refusal = decision_phase_stands(decision, "identity", REFUSAL_IDENTITY_NEEDED);
    if (!refusal && somebody_is(hearing, awaits_summary))
        refusal = decision_phase_stands(decision, "leave", REFUSAL_SUMMARY_NEEDED);
    return refusal;
}

/* Each condition once, however many sites it is not met at. */
enum refusal decision_check_quorum(struct decision *decision)
{
    struct hearing_check checks[HEARING_CHECKS_MAX];
    size_t count = hearing_quorum(decision->hearing, checks);
    const struct procedure_condition *told = NULL;
    enum refusal refusal = REFUSAL_NONE;

    for (size_t i = 0; !refusal && i < count; i++) {
        const struct procedure_condition *condition = checks[i].condition;
        char rule[HEARING_RULE_MAX + 1];
        if (checks[i].met || condition == told)
            continue;
        hearing_quorum_rule(condition->id, rule);
        refusal = decision_rule_stands(decision, rule, condition->article, REFUSAL_QUORUM_NOT_MET);
        told = condition;
    }
    return refusal;
}

/* ---- beginning ---- */

/* Also of those who are not inside yet: they come in muted. */
static void lock_microphones(struct decision *decision, uint32_t locked, uint32_t no_longer)
{
    const struct hearing *hearing = decision->hearing;

    for (uint32_t i = 0; i < hearing->endpoint_count; i++) {
        const struct hearing_endpoint *endpoint = &hearing->endpoints[i];
        if (hearing_is_of_roles(hearing, endpoint->id, locked)) {
            if (endpoint->muted && endpoint->mute_locked)
                continue;
            Assize__Hearing__V1__Event *event =
                decision_add(decision, HEARING_EVENT(MUTED), endpoint->id);
            if (event)
                event->muted->has_locked = event->muted->locked = true;
        } else if (endpoint->mute_locked && hearing_is_of_roles(hearing, endpoint->id, no_longer)) {
            decision_add(decision, HEARING_EVENT(MUTE_UNLOCKED), endpoint->id);
        }
    }
}

/* Who is inside goes out, with their room. The floor has ended before. */
static void keep_apart(struct decision *decision, const struct procedure_phase *phase)
{
    const struct hearing *hearing = decision->hearing;

    for (uint32_t i = 0; i < hearing->endpoint_count; i++) {
        uint32_t endpoint = hearing->endpoints[i].id;
        if (!decision_keeps_apart(decision, phase, endpoint) ||
            !hearing_anyone_inside(hearing, endpoint))
            continue;
        decision_end_share_at(decision, endpoint);
        decision_add_for_occupants(decision, HEARING_EVENT(SEQUESTERED), endpoint);
    }
}

static void end_share_without_right(struct decision *decision, const struct procedure_phase *phase)
{
    const struct hearing_participant *who =
        hearing_participant(decision->hearing, decision->hearing->sharer_participant);

    if (who && (phase->deliberation || !(phase->share & HEARING_BIT(who->role))))
        decision_end_share(decision);
}

void decision_enter_phase(struct decision *decision, uint32_t number)
{
    const struct hearing *hearing = decision->hearing;
    const struct procedure_phase *from = hearing_phase(hearing);
    const struct procedure_phase *phase = procedure_phase(hearing_procedure(hearing), number);

    end_share_without_right(decision, phase);
    decision_end_testimony(decision, phase);
    if (phase->deliberation)
        decision_set_record(decision, false);
    decision_add(decision, HEARING_EVENT(PHASE_ENTERED), number);
    if (phase->deliberation && hearing->status == HEARING_STATUS(IN_SESSION))
        decision_add(decision, HEARING_EVENT(DELIBERATION_BEGUN), 0);
    if (phase->public_always && hearing->is_private)
        decision_add(decision, HEARING_EVENT(WENT_PUBLIC), 0);
    lock_microphones(decision, phase->muted, from->muted);
    keep_apart(decision, phase);
}

/* ---- the command ---- */

static enum refusal check_order(struct decision *decision, uint32_t number)
{
    const struct hearing *hearing = decision->hearing;

    if (number == hearing->phase + 1 || hearing_phase(hearing)->back & HEARING_BIT(number))
        return REFUSAL_NONE;
    return decision_phase_stands(decision, "order", REFUSAL_PHASE_NOT_NEXT);
}

/* Out of a deliberation the session is resumed, and who must be there must be there. */
static enum refusal check_enter(struct decision *decision, uint32_t number)
{
    const struct hearing *hearing = decision->hearing;
    enum refusal refusal = check_order(decision, number);

    if (!refusal)
        refusal = decision_check_leave(decision);
    if (!refusal)
        refusal = decision_check_speech(decision);
    if (!refusal && hearing->status == HEARING_STATUS(DELIBERATING) &&
        !procedure_phase(hearing_procedure(hearing), number)->deliberation)
        refusal = decision_check_quorum(decision);
    return refusal;
}

enum refusal decide_enter_phase(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;
    uint32_t number = decision->command->enter_phase->phase;
    const struct procedure_phase *phase = procedure_phase(hearing_procedure(hearing), number);
    bool deliberating = hearing->status == HEARING_STATUS(DELIBERATING);

    if (number < 2 || !phase)
        return REFUSAL_MALFORMED;
    if (number == hearing->phase)
        return REFUSAL_ALREADY_SO;
    enum refusal refusal = check_enter(decision, number);
    if (refusal)
        return refusal;
    decision_end_floor_of_phase(decision);
    decision_lower_hands(decision);
    decision_enter_phase(decision, number);
    if (deliberating && !phase->deliberation) {
        decision_add(decision, HEARING_EVENT(RESUMED), 0);
        decision_set_record(decision, true);
    }
    return REFUSAL_NONE;
}
