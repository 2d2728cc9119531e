/* The second picture: a screen or a document camera, one in a hearing, from any device of a person
 * who may show something. */
#include "decide_internal.h"

void decision_end_share(struct decision *decision)
{
    if (decision->hearing->sharer && !decision_has(decision, HEARING_EVENT(SHARE_STOPPED)))
        decision_add(decision, HEARING_EVENT(SHARE_STOPPED), decision->hearing->sharer);
}

void decision_end_share_from(struct decision *decision, uint32_t device)
{
    if (decision->hearing->sharer == device)
        decision_end_share(decision);
}

void decision_end_share_at(struct decision *decision, uint32_t endpoint)
{
    const struct hearing *hearing = decision->hearing;

    if (hearing->sharer && hearing_place(hearing, hearing->sharer) == endpoint)
        decision_end_share(decision);
}

enum refusal decide_start_share(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;
    const struct procedure_phase *phase = hearing_phase(hearing);
    Assize__Hearing__V1__ShareKind kind = decision->command->start_share->kind;

    if (kind != HEARING_SHARE(SCREEN) && kind != HEARING_SHARE(DOCUMENT_CAMERA))
        return REFUSAL_MALFORMED;
    if (hearing->sharer)
        return hearing->sharer == decision->device->id ? REFUSAL_ALREADY_SO
                                                       : REFUSAL_ANOTHER_SHARES;
    if (!decision->device->connected)
        return REFUSAL_NOT_IN_HEARING;
    if (hearing_is_cut_off(hearing, decision->device->id))
        return REFUSAL_STILL_CUT_OFF;
    enum refusal refusal = phase->share & HEARING_BIT(decision->who->role)
                               ? REFUSAL_NONE
                               : decision_phase_stands(decision, "share", REFUSAL_SHARE_NOT_NOW);
    if (refusal)
        return refusal;
    Assize__Hearing__V1__Event *event =
        decision_add(decision, HEARING_EVENT(SHARE_STARTED), decision->device->id);
    if (event) {
        event->share_started->has_participant = event->share_started->has_kind = true;
        event->share_started->participant = decision->who->id;
        event->share_started->kind = kind;
    }
    return REFUSAL_NONE;
}

/* Whoever shares stops it from any device of theirs; who may mute others, for anyone. */
enum refusal decide_stop_share(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;

    if (!hearing->sharer)
        return REFUSAL_ALREADY_SO;
    if (hearing->sharer_participant != decision->who->id &&
        hearing->sharer != decision->device->id &&
        !decision_has_right(decision, HEARING_RIGHT_MUTE_OTHERS))
        return REFUSAL_ROLE_NOT_ALLOWED;
    decision_end_share(decision);
    return REFUSAL_NONE;
}
