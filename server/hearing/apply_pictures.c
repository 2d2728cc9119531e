/* Who is screened from whom, and the second picture. */
#include "apply_internal.h"

#include <errno.h>

static struct hearing_screen *find_screen(struct hearing *hearing, uint32_t participant,
                                          uint32_t from)
{
    for (uint32_t i = 0; i < hearing->screen_count; i++) {
        if (hearing->screens[i].participant == participant && hearing->screens[i].from == from)
            return &hearing->screens[i];
    }
    return NULL;
}

/* A pair that is there already is made stronger. */
int apply_screened(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about)
{
    const Assize__Hearing__V1__Screen *pair = event->screened;
    struct hearing_screen *screen = find_screen(hearing, about, pair->from);

    if (!hearing_may_be_screened(hearing, about, pair->from) ||
        (screen ? screen->sound || !pair->sound : hearing->screen_count == HEARING_SCREENS_MAX))
        return -EINVAL;
    if (!screen)
        screen = &hearing->screens[hearing->screen_count++];
    screen->participant = about;
    screen->from = pair->from;
    screen->sound = pair->sound;
    return 0;
}

int apply_unscreened(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                     uint32_t about)
{
    struct hearing_screen *screen = find_screen(hearing, about, event->unscreened->from);
    uint32_t kept = 0;

    if (!screen)
        return -EINVAL;
    for (uint32_t i = 0; i < hearing->screen_count; i++) {
        if (&hearing->screens[i] != screen)
            hearing->screens[kept++] = hearing->screens[i];
    }
    hearing->screens[kept] = (struct hearing_screen){0};
    hearing->screen_count = kept;
    return 0;
}

void apply_roster_screens(struct hearing *hearing, const Assize__Hearing__V1__Opened *roster)
{
    for (size_t i = 0; i < roster->n_screens; i++) {
        const Assize__Hearing__V1__Screen *pair = roster->screens[i];
        hearing->screens[i] = (struct hearing_screen){pair->participant, pair->from, pair->sound};
    }
    hearing->screen_count = (uint32_t)roster->n_screens;
}

int apply_share_started(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                        uint32_t about)
{
    const Assize__Hearing__V1__ShareStarted *started = event->share_started;
    const struct hearing_participant *who = hearing_participant(hearing, started->participant);
    const struct hearing_endpoint *device = hearing_endpoint(hearing, about);

    if (!who || !device || !device->connected || hearing->sharer || !hearing_sits_at(who, about) ||
        !hearing_is_inside(hearing, who->id) || hearing_is_cut_off(hearing, about) ||
        (hearing->status != HEARING_STATUS(SCHEDULED) &&
         hearing->status != HEARING_STATUS(IN_SESSION)) ||
        (started->kind != HEARING_SHARE(SCREEN) && started->kind != HEARING_SHARE(DOCUMENT_CAMERA)))
        return -EINVAL;
    hearing->sharer = about;
    hearing->sharer_participant = who->id;
    hearing->share_kind = started->kind;
    return 0;
}

int apply_share_stopped(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                        uint32_t about)
{
    (void)event;
    if (!about || hearing->sharer != about)
        return -EINVAL;
    hearing->sharer = hearing->sharer_participant = 0;
    hearing->share_kind = HEARING_SHARE(UNSPECIFIED);
    return 0;
}
