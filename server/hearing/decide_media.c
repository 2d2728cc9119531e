/* Microphones. One belongs to an endpoint, so in a room it is everyone's there. */
#include "decide_internal.h"

/* Whose microphone is meant, by whom. */
struct microphone {
    const struct hearing_endpoint *endpoint;
    bool own;
};

/*
 * Finds the microphone that the command means and checks that the asker may work it: one's own also
 * in the waiting room, another's with the right to, in the courtroom.
 */
static enum refusal find_microphone(const struct decision *decision, bool named, uint32_t whose,
                                    struct microphone *ret_microphone)
{
    const struct hearing *hearing = decision->hearing;
    const struct hearing_participant *whom =
        named ? hearing_participant(hearing, whose) : decision->who;

    if (!whom)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (!named && decision->device->kind == HEARING_ENDPOINT(COMPANION))
        return REFUSAL_NO_MICROPHONE;
    bool own = whom->endpoint == decision->who->endpoint;
    if (!own && !decision_has_right(decision, HEARING_RIGHT_MUTE_OTHERS))
        return REFUSAL_ROLE_NOT_ALLOWED;
    if (!hearing_is_checked_in(decision->who) ||
        (!own &&
         !(hearing_is_inside(hearing, decision->who->id) && hearing_is_inside(hearing, whom->id))))
        return REFUSAL_NOT_IN_HEARING;
    *ret_microphone = (struct microphone){hearing_endpoint(hearing, whom->endpoint), own};
    return REFUSAL_NONE;
}

/* A lock is for the microphones of others, and never for the court's. */
static bool may_lock(const struct decision *decision, const struct microphone *microphone)
{
    return !microphone->own &&
           !hearing_endpoint_is_court(decision->hearing, microphone->endpoint->id);
}

enum refusal decide_mute(struct decision *decision)
{
    const Assize__Hearing__V1__Mute *asked = decision->command->mute;
    struct microphone microphone = {0};
    enum refusal refusal =
        find_microphone(decision, asked->has_participant, asked->participant, &microphone);

    if (refusal)
        return refusal;
    if (asked->lock && !may_lock(decision, &microphone))
        return REFUSAL_ROLE_NOT_ALLOWED;
    if (microphone.endpoint->muted && (microphone.endpoint->mute_locked || !asked->lock))
        return REFUSAL_ALREADY_SO;
    if (!microphone.own)
        refusal = decision_check_speech_at(decision, microphone.endpoint->id);
    if (refusal)
        return refusal;
    Assize__Hearing__V1__Event *event =
        decision_add(decision, HEARING_EVENT(MUTED), microphone.endpoint->id);
    if (event) {
        event->muted->has_locked = true;
        event->muted->locked = asked->lock;
    }
    return REFUSAL_NONE;
}

/* The phase keeps it silent, but while somebody there has the floor. */
static bool is_silent_by_phase(const struct hearing *hearing, uint32_t endpoint)
{
    return hearing_is_of_roles(hearing, endpoint, hearing_phase(hearing)->muted) &&
           !hearing_has_floor(hearing, endpoint);
}

/* Nobody's microphone is switched on from afar: another's unmute lifts the lock and invites. */
enum refusal decide_unmute(struct decision *decision)
{
    const Assize__Hearing__V1__Unmute *asked = decision->command->unmute;
    struct microphone microphone = {0};
    enum refusal refusal =
        find_microphone(decision, asked->has_participant, asked->participant, &microphone);

    if (refusal)
        return refusal;
    if (!microphone.endpoint->muted)
        return REFUSAL_ALREADY_SO;
    if (microphone.own && microphone.endpoint->mute_locked)
        return REFUSAL_MUTE_LOCKED;
    if (!microphone.own && microphone.endpoint->mute_locked &&
        is_silent_by_phase(decision->hearing, microphone.endpoint->id))
        refusal = decision_phase_stands(decision, "muted", REFUSAL_MUTED_BY_PHASE);
    if (refusal)
        return refusal;
    decision_add(decision, microphone.own ? HEARING_EVENT(UNMUTED) : HEARING_EVENT(MUTE_UNLOCKED),
                 microphone.endpoint->id);
    return REFUSAL_NONE;
}
