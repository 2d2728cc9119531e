/*
 * While a witness is on the stand, an accused whose statements and the witness's influence each
 * other may be cut off from the hearing, and is told afterwards what was said (BLTTHS art. 304).
 */
#include "decide_internal.h"

enum refusal decide_cut_off(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;
    const struct procedure_phase *phase = hearing_phase(hearing);
    const struct hearing_participant *whom =
        hearing_participant(hearing, decision->command->cut_off->participant);
    const struct hearing_participant *witness = hearing_participant(hearing, hearing->witness);

    if (!whom)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (hearing_endpoint_is_court(hearing, whom->endpoint))
        return REFUSAL_ROLE_NOT_ALLOWED;
    if (!witness)
        return REFUSAL_NOBODY_TESTIFIES;
    if (whom->endpoint == witness->endpoint)
        return REFUSAL_SAME_ROOM;
    if (!hearing_is_inside(hearing, whom->id))
        return REFUSAL_NOT_IN_HEARING;
    if (whom->cut_off)
        return REFUSAL_ALREADY_SO;
    enum refusal refusal =
        phase->cut_off & HEARING_BIT(whom->role)
            ? REFUSAL_NONE
            : decision_phase_stands(decision, "cut_off", REFUSAL_NOT_CUT_OFF_NOW);
    if (refusal)
        return refusal;
    decision_end_asking(decision, whom->endpoint);
    decision_end_share_at(decision, whom->endpoint);
    decision_add(decision, HEARING_EVENT(CUT_OFF), whom->id);
    return REFUSAL_NONE;
}

enum refusal decide_bring_back(struct decision *decision)
{
    const struct hearing_participant *whom =
        hearing_participant(decision->hearing, decision->command->bring_back->participant);

    if (!whom)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (!whom->cut_off)
        return REFUSAL_ALREADY_SO;
    decision_add(decision, HEARING_EVENT(BROUGHT_BACK), whom->id);
    return REFUSAL_NONE;
}

/* Told to somebody who hears it. */
enum refusal decide_tell_summary(struct decision *decision)
{
    const struct hearing_participant *whom =
        hearing_participant(decision->hearing, decision->command->tell_summary->participant);

    if (!whom)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (hearing_is_cut_off(decision->hearing, whom->endpoint))
        return REFUSAL_STILL_CUT_OFF;
    if (!whom->summary_due)
        return REFUSAL_ALREADY_SO;
    if (!hearing_is_inside(decision->hearing, whom->id))
        return REFUSAL_NOT_IN_HEARING;
    decision_keep_words(decision, decision_add(decision, HEARING_EVENT(SUMMARY_TOLD), whom->id));
    return REFUSAL_NONE;
}
