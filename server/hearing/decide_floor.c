/* Asking to speak and being given the floor. The queue is in the order of asking, always. */
#include "decide_internal.h"

/* locked: the roles whose microphones are locked again. */
static void end_floor(struct decision *decision, uint32_t locked)
{
    const struct hearing *hearing = decision->hearing;
    const struct hearing_participant *holder = hearing_participant(hearing, hearing->floor_holder);

    if (!holder)
        return;
    decision_add(decision, HEARING_EVENT(FLOOR_TAKEN_BACK), holder->id);
    if (hearing_role_is_court(holder->role) || hearing_endpoint(hearing, holder->endpoint)->muted)
        return;
    Assize__Hearing__V1__Event *event =
        decision_add(decision, HEARING_EVENT(MUTED), holder->endpoint);
    if (event && hearing_is_of_roles(hearing, holder->endpoint, locked))
        event->muted->has_locked = event->muted->locked = true;
}

void decision_end_floor(struct decision *decision)
{
    end_floor(decision, hearing_phase(decision->hearing)->muted);
}

/* Whose microphone is locked in the phase that begins, that phase says. */
void decision_end_floor_of_phase(struct decision *decision)
{
    end_floor(decision, 0);
}

void decision_lower_hands(struct decision *decision)
{
    for (uint32_t i = 0; i < decision->hearing->floor_queue_count; i++)
        decision_add(decision, HEARING_EVENT(HAND_LOWERED), decision->hearing->floor_queue[i]);
}

void decision_end_asking(struct decision *decision, uint32_t endpoint)
{
    const struct hearing *hearing = decision->hearing;

    if (hearing_has_floor(hearing, endpoint))
        decision_end_floor(decision);
    for (uint32_t i = 0; i < hearing->floor_queue_count; i++) {
        uint32_t asking = hearing->floor_queue[i];
        if (hearing_participant(hearing, asking)->endpoint == endpoint)
            decision_add(decision, HEARING_EVENT(HAND_LOWERED), asking);
    }
}

/* The defendant in a room signs in nowhere: the officer at the same camera asks for them. */
static bool are_neighbours(const struct decision *decision, const struct hearing_participant *whom)
{
    return whom->endpoint == decision->who->endpoint;
}

enum refusal decide_raise_hand(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;
    const Assize__Hearing__V1__RaiseHand *asked = decision->command->raise_hand;
    const struct hearing_participant *whom =
        asked->has_participant ? hearing_participant(hearing, asked->participant) : decision->who;

    if (!whom)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (!are_neighbours(decision, whom) ||
        !hearing_role_has_right(whom->role, HEARING_RIGHT_ASK_FLOOR))
        return REFUSAL_ROLE_NOT_ALLOWED;
    if (hearing->floor_holder == whom->id || hearing_is_queued(hearing, whom->id))
        return REFUSAL_ALREADY_SO;
    if (hearing_is_cut_off(hearing, whom->endpoint))
        return REFUSAL_STILL_CUT_OFF;
    if (!(hearing_phase(hearing)->hands & HEARING_BIT(whom->role)))
        return decision_phase_stands(decision, "hands", REFUSAL_HANDS_NOT_NOW);
    if (hearing->floor_queue_count == HEARING_FLOOR_QUEUE_MAX)
        return REFUSAL_QUEUE_FULL;
    decision_add(decision, HEARING_EVENT(HAND_RAISED), whom->id);
    return REFUSAL_NONE;
}

/* Everyone their own and their neighbours'; who gives the floor, anyone's. */
enum refusal decide_lower_hand(struct decision *decision)
{
    const Assize__Hearing__V1__LowerHand *asked = decision->command->lower_hand;
    const struct hearing_participant *whose =
        asked->has_participant ? hearing_participant(decision->hearing, asked->participant)
                               : decision->who;

    if (!whose)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (!are_neighbours(decision, whose) && !decision_has_right(decision, HEARING_RIGHT_GIVE_FLOOR))
        return REFUSAL_ROLE_NOT_ALLOWED;
    if (!hearing_is_queued(decision->hearing, whose->id))
        return REFUSAL_ALREADY_SO;
    decision_add(decision, HEARING_EVENT(HAND_LOWERED), whose->id);
    return REFUSAL_NONE;
}

/* In the last words nobody but the speaker ends the speech (BLTTHS 324). */
enum refusal decision_check_speech(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;

    if (!hearing->floor_holder || !hearing_phase(hearing)->free_speech)
        return REFUSAL_NONE;
    return decision_phase_stands(decision, "free_speech", REFUSAL_SPEECH_IS_FREE);
}

enum refusal decision_check_speech_at(struct decision *decision, uint32_t endpoint)
{
    return hearing_has_floor(decision->hearing, endpoint) ? decision_check_speech(decision)
                                                          : REFUSAL_NONE;
}

/* Whom the phase lets speak, and whom they would interrupt. */
static enum refusal check_floor(struct decision *decision, const struct hearing_participant *whom)
{
    enum refusal refusal = REFUSAL_NONE;

    if (!(hearing_phase(decision->hearing)->floor & HEARING_BIT(whom->role)))
        refusal = decision_phase_stands(decision, "floor", REFUSAL_FLOOR_NOT_NOW);
    if (!refusal)
        refusal = decision_check_identity(decision, whom);
    return refusal ? refusal : decision_check_speech(decision);
}

/*
 * From whoever has it; a lock on the microphone is lifted, and the person switches it on. Two
 * people in one room share a microphone, so passing the floor between them leaves it as it is.
 */
void decision_pass_floor(struct decision *decision, const struct hearing_participant *whom)
{
    const struct hearing *hearing = decision->hearing;
    const struct hearing_participant *holder = hearing_participant(hearing, hearing->floor_holder);

    if (holder == whom)
        return;
    if (holder && holder->endpoint == whom->endpoint)
        decision_add(decision, HEARING_EVENT(FLOOR_TAKEN_BACK), holder->id);
    else
        decision_end_floor(decision);
    if (hearing_endpoint(hearing, whom->endpoint)->mute_locked)
        decision_add(decision, HEARING_EVENT(MUTE_UNLOCKED), whom->endpoint);
    decision_add(decision, HEARING_EVENT(FLOOR_GRANTED), whom->id);
}

enum refusal decide_grant_floor(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;
    const struct hearing_participant *whom =
        hearing_participant(hearing, decision->command->grant_floor->participant);

    if (!whom)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (!hearing_role_has_right(whom->role, HEARING_RIGHT_ASK_FLOOR))
        return REFUSAL_ROLE_NOT_ALLOWED;
    if (whom->standing != HEARING_STANDING(IN_HEARING))
        return REFUSAL_NOT_IN_HEARING;
    if (hearing->floor_holder == whom->id)
        return REFUSAL_ALREADY_SO;
    if (hearing_is_cut_off(hearing, whom->endpoint))
        return REFUSAL_STILL_CUT_OFF;
    enum refusal refusal = check_floor(decision, whom);
    if (!refusal)
        decision_pass_floor(decision, whom);
    return refusal;
}

/* Everyone gives up their own, in a room from its one device; who gives the floor takes it back. */
enum refusal decide_take_back_floor(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;
    const struct hearing_participant *holder = hearing_participant(hearing, hearing->floor_holder);
    enum refusal refusal = REFUSAL_NONE;

    if (!holder || holder->endpoint != decision->who->endpoint) {
        if (!decision_has_right(decision, HEARING_RIGHT_GIVE_FLOOR))
            return REFUSAL_ROLE_NOT_ALLOWED;
        if (!holder)
            return REFUSAL_ALREADY_SO;
        refusal = decision_check_speech(decision);
    }
    if (!refusal)
        decision_end_floor(decision);
    return refusal;
}
