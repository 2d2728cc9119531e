/*
 * The public: whether it may follow, how much later, and whether the hearing goes on behind closed
 * doors (Law on the organisation of People's Courts 34/2024, art. 141; in private: xét xử kín).
 * Behind closed doors nothing leaves the courtroom whatever the gallery was; it cannot be opened
 * meanwhile.
 */
#include "decide_internal.h"

void decision_end_gallery(struct decision *decision)
{
    if (decision->hearing->gallery_open)
        decision_add(decision, HEARING_EVENT(GALLERY_CLOSED), 0);
}

enum refusal decide_open_gallery(struct decision *decision)
{
    if (decision->hearing->gallery_open)
        return REFUSAL_ALREADY_SO;
    if (decision->hearing->is_private)
        return REFUSAL_WRONG_STATUS;
    decision_add(decision, HEARING_EVENT(GALLERY_OPENED), 0);
    return REFUSAL_NONE;
}

enum refusal decide_close_gallery(struct decision *decision)
{
    if (!decision->hearing->gallery_open)
        return REFUSAL_ALREADY_SO;
    decision_add(decision, HEARING_EVENT(GALLERY_CLOSED), 0);
    return REFUSAL_NONE;
}

enum refusal decide_gallery_delay(struct decision *decision)
{
    const Assize__Hearing__V1__SetGalleryDelay *wish = decision->command->set_gallery_delay;

    if (!wish->has_delay_s || wish->delay_s > HEARING_GALLERY_DELAY_MAX_S)
        return REFUSAL_MALFORMED;
    if (decision->hearing->gallery_delay_s == wish->delay_s)
        return REFUSAL_ALREADY_SO;
    Assize__Hearing__V1__Event *event = decision_add(decision, HEARING_EVENT(GALLERY_DELAY_SET), 0);
    if (event) {
        event->gallery_delay_set->has_delay_s = true;
        event->gallery_delay_set->delay_s = wish->delay_s;
    }
    return REFUSAL_NONE;
}

/* Who came to watch and sits with a party stays: the officer of the site sees to that room. */
static void send_public_out(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;

    for (uint32_t i = 0; i < hearing->endpoint_count; i++) {
        uint32_t endpoint = hearing->endpoints[i].id;
        if (hearing_is_of_roles(hearing, endpoint, HEARING_PUBLIC) &&
            hearing_anyone_inside(hearing, endpoint))
            decision_take_out(decision, HEARING_EVENT(SENT_BACK), endpoint);
    }
}

enum refusal decide_go_private(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;
    enum refusal refusal = REFUSAL_NONE;

    if (hearing->is_private)
        return REFUSAL_ALREADY_SO;
    if (!hearing_procedure(hearing)->may_close_doors || hearing_phase(hearing)->public_always)
        refusal = decision_phase_stands(decision, "public", REFUSAL_DOORS_STAY_OPEN);
    if (refusal)
        return refusal;
    send_public_out(decision);
    decision_add(decision, HEARING_EVENT(WENT_PRIVATE), 0);
    return REFUSAL_NONE;
}

enum refusal decide_go_public(struct decision *decision)
{
    if (!decision->hearing->is_private)
        return REFUSAL_ALREADY_SO;
    decision_add(decision, HEARING_EVENT(WENT_PUBLIC), 0);
    return REFUSAL_NONE;
}
