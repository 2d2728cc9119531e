/* Who sees, hears and is told what: pure functions of the state that refuse by default. */
#include "hearing_internal.h"

static bool media_flows(const struct hearing *hearing)
{
    return hearing->status == HEARING_STATUS(SCHEDULED) ||
           hearing->status == HEARING_STATUS(IN_SESSION);
}

/* Everyone who would see or be seen at this endpoint is in the courtroom, and there is someone. */
static bool all_inside(const struct hearing *hearing, uint32_t endpoint)
{
    bool someone = false;

    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        if (!hearing_sits_at(person, endpoint))
            continue;
        if (person->standing != HEARING_STANDING(IN_HEARING))
            return false;
        someone = true;
    }
    return someone;
}

bool hearing_endpoint_sends(const struct hearing *hearing, uint32_t endpoint)
{
    const struct hearing_endpoint *device = hearing_endpoint(hearing, endpoint);

    return device &&
           (device->kind == HEARING_ENDPOINT(PERSONAL) || device->kind == HEARING_ENDPOINT(ROOM));
}

unsigned hearing_visibility(const struct hearing *hearing, uint32_t source, uint32_t viewer)
{
    if (source == viewer || !media_flows(hearing) || !hearing_endpoint_sends(hearing, source) ||
        !all_inside(hearing, source) || !all_inside(hearing, viewer))
        return HEARING_FLOW_NONE;
    /* A companion beside a room's loudspeakers would echo. */
    bool hears = hearing_endpoint_sends(hearing, viewer);
    bool silent = hearing_endpoint(hearing, source)->muted;
    return HEARING_FLOW_VIDEO | (hears && !silent ? HEARING_FLOW_AUDIO : HEARING_FLOW_NONE);
}

/* What in a session everyone inside may see and hear of the endpoint. */
static unsigned of_session(const struct hearing *hearing, uint32_t endpoint)
{
    if (hearing->status != HEARING_STATUS(IN_SESSION) ||
        !hearing_endpoint_sends(hearing, endpoint) || !all_inside(hearing, endpoint))
        return HEARING_FLOW_NONE;
    bool silent = hearing_endpoint(hearing, endpoint)->muted;
    return HEARING_FLOW_VIDEO | (silent ? HEARING_FLOW_NONE : HEARING_FLOW_AUDIO);
}

unsigned hearing_record(const struct hearing *hearing, uint32_t endpoint)
{
    return hearing->recording ? of_session(hearing, endpoint) : HEARING_FLOW_NONE;
}

unsigned hearing_programme(const struct hearing *hearing, uint32_t endpoint)
{
    return hearing->is_private ? HEARING_FLOW_NONE : of_session(hearing, endpoint);
}

bool hearing_programme_recorded(const struct hearing *hearing)
{
    return hearing->recording && hearing->status == HEARING_STATUS(IN_SESSION);
}

unsigned hearing_feed(const struct hearing *hearing, uint32_t viewer)
{
    if (hearing->status != HEARING_STATUS(IN_SESSION) || hearing->is_private ||
        !all_inside(hearing, viewer))
        return HEARING_FLOW_NONE;
    bool hears =
        hearing_endpoint_sends(hearing, viewer) && hearing_endpoint(hearing, viewer)->muted;
    return HEARING_FLOW_VIDEO | (hears ? HEARING_FLOW_AUDIO : HEARING_FLOW_NONE);
}

bool hearing_may_listen(const struct hearing *hearing, uint32_t viewer)
{
    bool has_right = false;

    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        has_right |= person->endpoint == viewer &&
                     hearing_role_has_right(person->role, HEARING_RIGHT_RECORD);
    }
    return has_right && hearing_programme_recorded(hearing) &&
           hearing_endpoint_sends(hearing, viewer) && all_inside(hearing, viewer);
}

bool hearing_gallery(const struct hearing *hearing)
{
    return hearing->gallery_open && !hearing->is_private && !hearing_is_over(hearing);
}

bool hearing_is_inside(const struct hearing *hearing, uint32_t participant)
{
    const struct hearing_participant *who = hearing_participant(hearing, participant);

    return who && who->standing == HEARING_STANDING(IN_HEARING);
}

enum about { ABOUT_HEARING, ABOUT_PARTICIPANT, ABOUT_ENDPOINT };

/*
 * What an event is about, and whether people outside may know of it: the status, who is there, and
 * whether the public follows.
 * The rest of what happens is for those inside, and for those it happens to.
 */
static const struct knowledge {
    enum about about;
    bool outside;
} KNOWLEDGE[] = {
    [HEARING_EVENT(OPENED)] = {ABOUT_HEARING, false},
    [HEARING_EVENT(CHECKED_IN)] = {ABOUT_PARTICIPANT, true},
    [HEARING_EVENT(ADMITTED)] = {ABOUT_PARTICIPANT, false},
    [HEARING_EVENT(SENT_BACK)] = {ABOUT_PARTICIPANT, false},
    [HEARING_EVENT(STARTED)] = {ABOUT_HEARING, true},
    [HEARING_EVENT(RECESSED)] = {ABOUT_HEARING, true},
    [HEARING_EVENT(RESUMED)] = {ABOUT_HEARING, true},
    [HEARING_EVENT(SUSPENDED)] = {ABOUT_HEARING, true},
    [HEARING_EVENT(CLOSED)] = {ABOUT_HEARING, true},
    [HEARING_EVENT(ADJOURNED)] = {ABOUT_HEARING, true},
    [HEARING_EVENT(PHASE_ENTERED)] = {ABOUT_HEARING, true},
    [HEARING_EVENT(DELIBERATION_BEGUN)] = {ABOUT_HEARING, true},
    [HEARING_EVENT(PAUSED)] = {ABOUT_ENDPOINT, true},
    [HEARING_EVENT(REMINDED)] = {ABOUT_HEARING, true},
    [HEARING_EVENT(LAPSED)] = {ABOUT_HEARING, true},
    [HEARING_EVENT(RULE_OVERRIDDEN)] = {ABOUT_HEARING, false},
    [HEARING_EVENT(MUTED)] = {ABOUT_ENDPOINT, false},
    [HEARING_EVENT(MUTE_UNLOCKED)] = {ABOUT_ENDPOINT, false},
    [HEARING_EVENT(UNMUTED)] = {ABOUT_ENDPOINT, false},
    [HEARING_EVENT(HAND_RAISED)] = {ABOUT_PARTICIPANT, false},
    [HEARING_EVENT(HAND_LOWERED)] = {ABOUT_PARTICIPANT, false},
    [HEARING_EVENT(FLOOR_GRANTED)] = {ABOUT_PARTICIPANT, false},
    [HEARING_EVENT(FLOOR_TAKEN_BACK)] = {ABOUT_PARTICIPANT, false},
    [HEARING_EVENT(LEFT)] = {ABOUT_PARTICIPANT, true},
    [HEARING_EVENT(ENDPOINT_LINK_LOST)] = {ABOUT_ENDPOINT, true},
    [HEARING_EVENT(ENDPOINT_LINK_RESTORED)] = {ABOUT_ENDPOINT, true},
    [HEARING_EVENT(CLOCK_JUMPED)] = {ABOUT_HEARING, false},
    [HEARING_EVENT(RECORD_ON)] = {ABOUT_HEARING, false},
    [HEARING_EVENT(RECORD_OFF)] = {ABOUT_HEARING, false},
    [HEARING_EVENT(RECORD_GAP)] = {ABOUT_HEARING, false},
    [HEARING_EVENT(RECORD_HEAD)] = {ABOUT_HEARING, false},
    [HEARING_EVENT(GALLERY_OPENED)] = {ABOUT_HEARING, true},
    [HEARING_EVENT(GALLERY_CLOSED)] = {ABOUT_HEARING, true},
    [HEARING_EVENT(GALLERY_DELAY_SET)] = {ABOUT_HEARING, true},
    [HEARING_EVENT(WENT_PRIVATE)] = {ABOUT_HEARING, true},
    [HEARING_EVENT(WENT_PUBLIC)] = {ABOUT_HEARING, true},
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

bool hearing_may_know(const struct hearing *hearing, uint32_t viewer,
                      const Assize__Hearing__V1__Event *event)
{
    const struct hearing_participant *who = hearing_participant(hearing, viewer);

    if (!who || event->body_case == 0 ||
        (size_t)event->body_case >= sizeof(KNOWLEDGE) / sizeof(*KNOWLEDGE))
        return false;
    const struct knowledge *knowledge = &KNOWLEDGE[event->body_case];
    return who->standing == HEARING_STANDING(IN_HEARING) || knowledge->outside ||
           concerns(hearing, who, knowledge->about, hearing_event_subject(event));
}
