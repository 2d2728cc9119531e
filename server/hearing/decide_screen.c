/*
 * Pairs of people who do not see, or do not hear, each other (BLTTHS art. 311(4)). A pair is only
 * ever made stronger; to weaken it, it is taken away first.
 */
#include "decide_internal.h"

#include <stddef.h>

static const struct hearing_screen *screen_between(const struct hearing *hearing,
                                                   uint32_t participant, uint32_t from)
{
    for (uint32_t i = 0; i < hearing->screen_count; i++) {
        const struct hearing_screen *screen = &hearing->screens[i];
        if (screen->participant == participant && screen->from == from)
            return screen;
    }
    return NULL;
}

static enum refusal find_pair(const struct decision *decision, uint32_t participant, uint32_t from)
{
    const struct hearing *hearing = decision->hearing;
    const struct hearing_participant *one = hearing_participant(hearing, participant);
    const struct hearing_participant *other = hearing_participant(hearing, from);

    if (!one || !other)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (one->endpoint == other->endpoint)
        return REFUSAL_SAME_ROOM;
    return hearing_may_be_screened(hearing, participant, from) ? REFUSAL_NONE
                                                               : REFUSAL_ROLE_NOT_ALLOWED;
}

enum refusal decide_screen(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;
    const Assize__Hearing__V1__Screen *asked = decision->command->screen;
    enum refusal refusal = find_pair(decision, asked->participant, asked->from);

    if (refusal)
        return refusal;
    const struct hearing_screen *screen = screen_between(hearing, asked->participant, asked->from);
    if (screen && (screen->sound || !asked->sound))
        return REFUSAL_ALREADY_SO;
    if (!screen && hearing->screen_count == HEARING_SCREENS_MAX)
        return REFUSAL_TOO_MANY_SCREENS;
    Assize__Hearing__V1__Event *event =
        decision_add(decision, HEARING_EVENT(SCREENED), asked->participant);
    if (event) {
        event->screened->has_from = event->screened->has_sound = true;
        event->screened->from = asked->from;
        event->screened->sound = asked->sound;
    }
    return REFUSAL_NONE;
}

enum refusal decide_unscreen(struct decision *decision)
{
    const Assize__Hearing__V1__Unscreen *asked = decision->command->unscreen;

    if (!hearing_participant(decision->hearing, asked->participant) ||
        !hearing_participant(decision->hearing, asked->from))
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (!screen_between(decision->hearing, asked->participant, asked->from))
        return REFUSAL_ALREADY_SO;
    Assize__Hearing__V1__Event *event =
        decision_add(decision, HEARING_EVENT(UNSCREENED), asked->participant);
    if (event) {
        event->unscreened->has_from = true;
        event->unscreened->from = asked->from;
    }
    return REFUSAL_NONE;
}
