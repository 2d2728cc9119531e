/* Who may be told of what has happened: by default those inside, and those it happens to. */
#include "hearing_internal.h"

bool hearing_is_inside(const struct hearing *hearing, uint32_t participant)
{
    const struct hearing_participant *who = hearing_participant(hearing, participant);

    return who && who->standing == HEARING_STANDING(IN_HEARING);
}

bool hearing_follows(const struct hearing *hearing, uint32_t participant)
{
    const struct hearing_participant *who = hearing_participant(hearing, participant);

    return hearing_is_inside(hearing, participant) && !hearing_is_cut_off(hearing, who->endpoint);
}

enum about { ABOUT_HEARING, ABOUT_PARTICIPANT, ABOUT_ENDPOINT };

/*
 * OUTSIDE: also those who are not in the courtroom: the status and phase, who is there, whether the
 * public follows. INSIDE: the rest of what happens, for those who follow it and those it happens
 * to. VOUCHERS: the court and the officers of the person's site, also those it happens to. COURT:
 * nobody else.
 */
enum circle { COURT, VOUCHERS, INSIDE, OUTSIDE };

static const struct knowledge {
    enum about about;
    enum circle circle;
} KNOWLEDGE[] = {
    [HEARING_EVENT(OPENED)] = {ABOUT_HEARING, INSIDE},
    [HEARING_EVENT(CHECKED_IN)] = {ABOUT_PARTICIPANT, OUTSIDE},
    [HEARING_EVENT(ADMITTED)] = {ABOUT_PARTICIPANT, INSIDE},
    [HEARING_EVENT(SENT_BACK)] = {ABOUT_PARTICIPANT, INSIDE},
    [HEARING_EVENT(STARTED)] = {ABOUT_HEARING, OUTSIDE},
    [HEARING_EVENT(RECESSED)] = {ABOUT_HEARING, OUTSIDE},
    [HEARING_EVENT(RESUMED)] = {ABOUT_HEARING, OUTSIDE},
    [HEARING_EVENT(SUSPENDED)] = {ABOUT_HEARING, OUTSIDE},
    [HEARING_EVENT(CLOSED)] = {ABOUT_HEARING, OUTSIDE},
    [HEARING_EVENT(MUTED)] = {ABOUT_ENDPOINT, INSIDE},
    [HEARING_EVENT(MUTE_UNLOCKED)] = {ABOUT_ENDPOINT, INSIDE},
    [HEARING_EVENT(UNMUTED)] = {ABOUT_ENDPOINT, INSIDE},
    [HEARING_EVENT(HAND_RAISED)] = {ABOUT_PARTICIPANT, INSIDE},
    [HEARING_EVENT(HAND_LOWERED)] = {ABOUT_PARTICIPANT, INSIDE},
    [HEARING_EVENT(FLOOR_GRANTED)] = {ABOUT_PARTICIPANT, INSIDE},
    [HEARING_EVENT(FLOOR_TAKEN_BACK)] = {ABOUT_PARTICIPANT, INSIDE},
    [HEARING_EVENT(LEFT)] = {ABOUT_PARTICIPANT, OUTSIDE},
    [HEARING_EVENT(ENDPOINT_LINK_LOST)] = {ABOUT_ENDPOINT, OUTSIDE},
    [HEARING_EVENT(ENDPOINT_LINK_RESTORED)] = {ABOUT_ENDPOINT, OUTSIDE},
    [HEARING_EVENT(CLOCK_JUMPED)] = {ABOUT_HEARING, INSIDE},
    [HEARING_EVENT(RECORD_ON)] = {ABOUT_HEARING, INSIDE},
    [HEARING_EVENT(RECORD_OFF)] = {ABOUT_HEARING, INSIDE},
    [HEARING_EVENT(RECORD_GAP)] = {ABOUT_HEARING, INSIDE},
    [HEARING_EVENT(RECORD_HEAD)] = {ABOUT_HEARING, INSIDE},
    [HEARING_EVENT(GALLERY_OPENED)] = {ABOUT_HEARING, OUTSIDE},
    [HEARING_EVENT(GALLERY_CLOSED)] = {ABOUT_HEARING, OUTSIDE},
    [HEARING_EVENT(GALLERY_DELAY_SET)] = {ABOUT_HEARING, OUTSIDE},
    [HEARING_EVENT(WENT_PRIVATE)] = {ABOUT_HEARING, OUTSIDE},
    [HEARING_EVENT(WENT_PUBLIC)] = {ABOUT_HEARING, OUTSIDE},
    [HEARING_EVENT(PHASE_ENTERED)] = {ABOUT_HEARING, OUTSIDE},
    [HEARING_EVENT(WITNESS_CALLED)] = {ABOUT_PARTICIPANT, INSIDE},
    [HEARING_EVENT(UNDERTAKING_ASKED)] = {ABOUT_PARTICIPANT, INSIDE},
    [HEARING_EVENT(UNDERTAKING_GIVEN)] = {ABOUT_PARTICIPANT, INSIDE},
    [HEARING_EVENT(WITNESS_RELEASED)] = {ABOUT_PARTICIPANT, INSIDE},
    [HEARING_EVENT(SEQUESTERED)] = {ABOUT_PARTICIPANT, INSIDE},
    [HEARING_EVENT(CUT_OFF)] = {ABOUT_PARTICIPANT, INSIDE},
    [HEARING_EVENT(BROUGHT_BACK)] = {ABOUT_PARTICIPANT, INSIDE},
    [HEARING_EVENT(SUMMARY_TOLD)] = {ABOUT_PARTICIPANT, INSIDE},
    [HEARING_EVENT(SCREENED)] = {ABOUT_PARTICIPANT, COURT},
    [HEARING_EVENT(UNSCREENED)] = {ABOUT_PARTICIPANT, COURT},
    [HEARING_EVENT(SHARE_STARTED)] = {ABOUT_ENDPOINT, INSIDE},
    [HEARING_EVENT(SHARE_STOPPED)] = {ABOUT_ENDPOINT, INSIDE},
    [HEARING_EVENT(ADJOURNED)] = {ABOUT_HEARING, OUTSIDE},
    [HEARING_EVENT(NOTE_TAKEN)] = {ABOUT_PARTICIPANT, COURT},
    [HEARING_EVENT(IDENTITY_ATTESTED)] = {ABOUT_PARTICIPANT, VOUCHERS},
    [HEARING_EVENT(PERSON_REPLACED)] = {ABOUT_PARTICIPANT, VOUCHERS},
    [HEARING_EVENT(REMINDED)] = {ABOUT_HEARING, OUTSIDE},
    [HEARING_EVENT(LAPSED)] = {ABOUT_HEARING, OUTSIDE},
    [HEARING_EVENT(RULE_OVERRIDDEN)] = {ABOUT_HEARING, INSIDE},
    [HEARING_EVENT(PAUSED)] = {ABOUT_ENDPOINT, OUTSIDE},
    [HEARING_EVENT(DELIBERATION_BEGUN)] = {ABOUT_HEARING, OUTSIDE},
};

/* It happens to the viewer, or to someone who sits before the same camera. */
static bool concerns(const struct hearing *hearing, const struct hearing_participant *viewer,
                     enum about about, uint32_t id)
{
    if (about == ABOUT_ENDPOINT)
        return hearing_sits_at(viewer, id);
    if (about == ABOUT_PARTICIPANT) {
        const struct hearing_participant *who = hearing_participant(hearing, id);
        return who && who->endpoint == viewer->endpoint;
    }
    return false;
}

/* The clerk, or the officer of the site where the person is. */
static bool vouches_for(const struct hearing *hearing, const struct hearing_participant *viewer,
                        uint32_t id)
{
    const struct hearing_participant *whom = hearing_participant(hearing, id);

    return whom && hearing_role_has_right(viewer->role, HEARING_RIGHT_IDENTITY) &&
           hearing_are_at_one_site(hearing, viewer, whom);
}

/* The opening names the pairs of people who are screened from each other. */
static enum circle circle_of(const Assize__Hearing__V1__Event *event)
{
    if (event->body_case == HEARING_EVENT(OPENED) && event->opened->n_screens)
        return COURT;
    return KNOWLEDGE[event->body_case].circle;
}

bool hearing_may_know(const struct hearing *hearing, uint32_t viewer,
                      const Assize__Hearing__V1__Event *event)
{
    const struct hearing_participant *who = hearing_participant(hearing, viewer);

    if (!who || event->body_case == 0 ||
        (size_t)event->body_case >= sizeof(KNOWLEDGE) / sizeof(*KNOWLEDGE))
        return false;
    uint32_t subject = hearing_event_subject(event);
    bool concerned = concerns(hearing, who, KNOWLEDGE[event->body_case].about, subject);
    switch (circle_of(event)) {
    case COURT:
        return hearing_role_is_court(who->role);
    case VOUCHERS:
        return hearing_role_is_court(who->role) || vouches_for(hearing, who, subject) || concerned;
    case INSIDE:
        return hearing_follows(hearing, viewer) || concerned;
    case OUTSIDE:
        return true;
    }
    return false;
}
