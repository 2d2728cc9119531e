/*
 * Witnesses and experts: kept apart, called, asked for the undertaking to tell the truth, heard
 * (BLTTHS art. 303, 304, 311). One at a time is on the stand; whoever shares the camera comes
 * along.
 */
#include "decide_internal.h"

/* Whom the procedure calls or keeps apart in any of its phases. */
static bool may_be_kept_apart(const struct decision *decision, Assize__Hearing__V1__Role role)
{
    const struct procedure *procedure = hearing_procedure(decision->hearing);

    for (uint32_t i = 0; i < procedure->phase_count; i++) {
        const struct procedure_phase *phase = &procedure->phases[i];
        if ((phase->call | phase->sequesters) & HEARING_BIT(role))
            return true;
    }
    return false;
}

/* Somebody without whom the session does not go on sits there, so the room stays; the officer of
 * the site keeps the others of it apart. */
static bool must_stay(const struct hearing *hearing, uint32_t endpoint)
{
    const struct procedure *procedure = hearing_procedure(hearing);
    uint32_t needed = 0;

    for (uint32_t i = 0; i < procedure->condition_count; i++)
        needed |= procedure->conditions[i].roles;
    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        if (person->endpoint == endpoint && needed & HEARING_BIT(person->role))
            return true;
    }
    return false;
}

bool decision_keeps_apart(const struct decision *decision, const struct procedure_phase *phase,
                          uint32_t endpoint)
{
    const struct hearing *hearing = decision->hearing;
    bool apart = false;

    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        if (person->endpoint != endpoint)
            continue;
        if (hearing_was_called(hearing, person))
            return false;
        apart |= phase->sequesters & HEARING_BIT(person->role);
    }
    return apart && !hearing_endpoint_is_court(hearing, endpoint) && !must_stay(hearing, endpoint);
}

/* Where they wait, or inside already. */
static enum refusal bring_in(struct decision *decision, const struct hearing_participant *whom)
{
    switch (whom->standing) {
    case HEARING_STANDING(WAITING):
    case HEARING_STANDING(SEQUESTERED):
        decision_add_for_occupants(decision, HEARING_EVENT(ADMITTED), whom->endpoint);
        return REFUSAL_NONE;
    case HEARING_STANDING(IN_HEARING):
        return REFUSAL_NONE;
    case HEARING_STANDING(UNSPECIFIED):
    case HEARING_STANDING(NOT_SIGNED_IN):
    case HEARING_STANDING(LEFT):
    case _ASSIZE__HEARING__V1__STANDING_IS_INT_SIZE:
        break;
    }
    return REFUSAL_NOT_WAITING;
}

static enum refusal may_be_called(struct decision *decision, const struct hearing_participant *whom)
{
    const struct hearing *hearing = decision->hearing;
    const struct procedure_phase *phase = hearing_phase(hearing);

    if (hearing_role_is_court(whom->role) ||
        !hearing_role_has_right(whom->role, HEARING_RIGHT_ASK_FLOOR))
        return REFUSAL_ROLE_NOT_ALLOWED;
    if (hearing->witness == whom->id)
        return REFUSAL_ALREADY_SO;
    if (hearing->witness)
        return REFUSAL_ANOTHER_TESTIFIES;
    if (!hearing_is_checked_in(whom))
        return REFUSAL_NOT_WAITING;
    enum refusal refusal = phase->call & HEARING_BIT(whom->role)
                               ? REFUSAL_NONE
                               : decision_phase_stands(decision, "call", REFUSAL_NOT_CALLED_NOW);
    if (!refusal)
        refusal = decision_check_identity(decision, whom);
    return refusal ? refusal : decision_check_speech(decision);
}

enum refusal decide_call_witness(struct decision *decision)
{
    const struct hearing_participant *whom =
        hearing_participant(decision->hearing, decision->command->call_witness->participant);

    if (!whom)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    enum refusal refusal = may_be_called(decision, whom);
    if (!refusal)
        refusal = bring_in(decision, whom);
    if (refusal)
        return refusal;
    bool testifies = whom->sworn ||
                     !(hearing_procedure(decision->hearing)->undertakes & HEARING_BIT(whom->role));
    Assize__Hearing__V1__Event *event =
        decision_add(decision, HEARING_EVENT(WITNESS_CALLED), whom->id);
    if (event && testifies)
        event->witness_called->has_testifies = event->witness_called->testifies = true;
    if (testifies)
        decision_pass_floor(decision, whom);
    return REFUSAL_NONE;
}

/* Who undertakes and is called in no phase does so where they sit: interpreters (BLTTHS 303). */
static bool undertakes_in_place(const struct decision *decision, Assize__Hearing__V1__Role role)
{
    const struct procedure *procedure = hearing_procedure(decision->hearing);
    uint32_t called = 0;

    for (uint32_t i = 0; i < procedure->phase_count; i++)
        called |= procedure->phases[i].call;
    return procedure->undertakes & ~called & HEARING_BIT(role);
}

/* Whom the command means is on the stand, or undertakes without it; and is inside. */
static enum refusal find_undertaker(const struct decision *decision, uint32_t id,
                                    const struct hearing_participant **ret_whom)
{
    const struct hearing_participant *whom = hearing_participant(decision->hearing, id);

    if (!whom)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (decision->hearing->witness != id && !undertakes_in_place(decision, whom->role))
        return REFUSAL_NOT_ON_STAND;
    *ret_whom = whom;
    return hearing_is_inside(decision->hearing, id) ? REFUSAL_NONE : REFUSAL_NOT_IN_HEARING;
}

/* Of whom an undertaking is wanted, and has not been asked for. */
static bool may_be_asked(const struct decision *decision, const struct hearing_participant *whom)
{
    if (decision->hearing->witness == whom->id)
        return whom->stand == HEARING_STAND(CALLED);
    return whom->stand == HEARING_STAND(UNSPECIFIED) && !whom->sworn;
}

enum refusal decide_ask_undertaking(struct decision *decision)
{
    const struct hearing_participant *whom = NULL;
    enum refusal refusal =
        find_undertaker(decision, decision->command->ask_undertaking->participant, &whom);

    if (refusal)
        return refusal;
    if (!may_be_asked(decision, whom))
        return REFUSAL_ALREADY_SO;
    decision_add(decision, HEARING_EVENT(UNDERTAKING_ASKED), whom->id);
    return REFUSAL_NONE;
}

/* By the person themselves, or noted for them by whoever may ask for it. */
enum refusal decide_give_undertaking(struct decision *decision)
{
    const Assize__Hearing__V1__GiveUndertaking *given = decision->command->give_undertaking;
    uint32_t id = given->has_participant ? given->participant : decision->who->id;
    const struct hearing_participant *whom = NULL;

    if (id != decision->who->id && !decision_has_right(decision, HEARING_RIGHT_WITNESS))
        return REFUSAL_ROLE_NOT_ALLOWED;
    enum refusal refusal = find_undertaker(decision, id, &whom);
    if (refusal)
        return refusal;
    if (may_be_asked(decision, whom))
        return REFUSAL_UNDERTAKING_NOT_ASKED;
    if (whom->stand != HEARING_STAND(UNDERTAKING))
        return REFUSAL_ALREADY_SO;
    decision_add(decision, HEARING_EVENT(UNDERTAKING_GIVEN), whom->id);
    if (decision->hearing->witness == whom->id)
        decision_pass_floor(decision, whom);
    return REFUSAL_NONE;
}

/* Also of somebody who went away in the middle: the stand is free then. */
enum refusal decide_release_witness(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;
    uint32_t id = decision->command->release_witness->participant;

    if (!hearing_participant(hearing, id))
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (hearing->witness != id)
        return REFUSAL_NOT_ON_STAND;
    if (hearing->floor_holder == id)
        decision_end_floor(decision);
    decision_add(decision, HEARING_EVENT(WITNESS_RELEASED), id);
    return REFUSAL_NONE;
}

void decision_end_testimony(struct decision *decision, const struct procedure_phase *phase)
{
    const struct hearing_participant *witness =
        hearing_participant(decision->hearing, decision->hearing->witness);

    if (witness && !(phase->call & HEARING_BIT(witness->role)))
        decision_add(decision, HEARING_EVENT(WITNESS_RELEASED), witness->id);
}

enum refusal decide_sequester(struct decision *decision)
{
    const struct hearing_participant *whom =
        hearing_participant(decision->hearing, decision->command->sequester->participant);

    if (!whom)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (!may_be_kept_apart(decision, whom->role) ||
        hearing_endpoint_is_court(decision->hearing, whom->endpoint))
        return REFUSAL_ROLE_NOT_ALLOWED;
    if (must_stay(decision->hearing, whom->endpoint))
        return REFUSAL_MUST_STAY;
    if (whom->standing == HEARING_STANDING(SEQUESTERED))
        return REFUSAL_ALREADY_SO;
    if (!hearing_is_checked_in(whom))
        return REFUSAL_NOT_IN_HEARING;
    decision_take_out(decision, HEARING_EVENT(SEQUESTERED), whom->endpoint);
    return REFUSAL_NONE;
}
