/*
 * The only place where a hearing's state changes. An event that does not fit the state changes
 * nothing and is refused: it was not made by hearing_decide from this state, so the store is
 * damaged.
 */
#include "hearing_internal.h"

#include <errno.h>

#define STANDING(name) HEARING_BIT(HEARING_STANDING(name))
#define STATUS(name)   HEARING_BIT(HEARING_STATUS(name))

/* about: the participant or endpoint the event names, or 0. */
typedef int (*applier)(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                       uint32_t about);

static struct hearing_participant *participant_of(struct hearing *hearing, uint32_t id)
{
    return id && id <= hearing->participant_count ? &hearing->participants[id - 1] : NULL;
}

/* The endpoint when it has a microphone, else NULL. */
static struct hearing_endpoint *microphone_of(struct hearing *hearing, uint32_t id)
{
    return hearing_endpoint_sends(hearing, id) ? &hearing->endpoints[id - 1] : NULL;
}

static void set_connected(struct hearing_endpoint *endpoint, bool connected, int64_t lost_ms)
{
    endpoint->connected = connected;
    endpoint->link_lost_ms = lost_ms;
}

static int apply_opened(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                        uint32_t about)
{
    const Assize__Hearing__V1__Opened *roster = event->opened;

    (void)about;
    if (!hearing_roster_fits(roster))
        return -EINVAL;
    hearing->site_count = (uint32_t)roster->n_sites;
    hearing->endpoint_count = (uint32_t)roster->n_endpoints;
    hearing->participant_count = (uint32_t)roster->n_participants;
    for (size_t i = 0; i < roster->n_sites; i++)
        hearing->sites[i] =
            (struct hearing_site){.id = roster->sites[i]->id, .kind = roster->sites[i]->kind};
    for (size_t i = 0; i < roster->n_endpoints; i++)
        hearing->endpoints[i] = (struct hearing_endpoint){.id = roster->endpoints[i]->id,
                                                          .site = roster->endpoints[i]->site,
                                                          .kind = roster->endpoints[i]->kind};
    for (size_t i = 0; i < roster->n_participants; i++)
        hearing->participants[i] =
            (struct hearing_participant){.id = roster->participants[i]->id,
                                         .role = roster->participants[i]->role,
                                         .endpoint = roster->participants[i]->endpoint,
                                         .companion = roster->participants[i]->companion,
                                         .standing = HEARING_STANDING(NOT_SIGNED_IN),
                                         .standing_seq = event->seq};
    hearing->status = HEARING_STATUS(SCHEDULED);
    hearing->status_seq = event->seq;
    hearing->status_since_ms = event->at_ms;
    return 0;
}

/* Whoever has the floor or a hand up is in the courtroom: it is taken back first. */
static int change_standing(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                           uint32_t about, unsigned from, Assize__Hearing__V1__Standing to)
{
    struct hearing_participant *who = participant_of(hearing, about);

    if (!who || !(from & HEARING_BIT(who->standing)) || hearing->floor_holder == about ||
        hearing_is_queued(hearing, about))
        return -EINVAL;
    who->standing = to;
    who->standing_seq = event->seq;
    return 0;
}

static int apply_checked_in(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                            uint32_t about)
{
    int error = change_standing(hearing, event, about, STANDING(NOT_SIGNED_IN) | STANDING(LEFT),
                                HEARING_STANDING(WAITING));

    if (!error)
        set_connected(microphone_of(hearing, participant_of(hearing, about)->endpoint), true, 0);
    return error;
}

static int apply_admitted(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                          uint32_t about)
{
    return change_standing(hearing, event, about, STANDING(WAITING), HEARING_STANDING(IN_HEARING));
}

static int apply_sent_back(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                           uint32_t about)
{
    return change_standing(hearing, event, about, STANDING(IN_HEARING), HEARING_STANDING(WAITING));
}

static int apply_left(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                      uint32_t about)
{
    int error = change_standing(hearing, event, about, STANDING(WAITING) | STANDING(IN_HEARING),
                                HEARING_STANDING(LEFT));

    if (error)
        return error;
    uint32_t endpoint = participant_of(hearing, about)->endpoint;
    if (!hearing_checked_in_at(hearing, endpoint))
        set_connected(microphone_of(hearing, endpoint), false, 0);
    return 0;
}

/* The floor is part of a session: nobody has it, or asks for it, when the session stops. */
static int change_status(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                         unsigned from, Assize__Hearing__V1__Status to)
{
    if (!(from & HEARING_BIT(hearing->status)) || hearing->floor_holder ||
        hearing->floor_queue_count || hearing->recording)
        return -EINVAL;
    hearing->status = to;
    hearing->status_seq = event->seq;
    hearing->status_since_ms = event->at_ms;
    return 0;
}

static int apply_started(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                         uint32_t about)
{
    (void)about;
    return change_status(hearing, event, STATUS(SCHEDULED), HEARING_STATUS(IN_SESSION));
}

static int apply_recessed(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                          uint32_t about)
{
    (void)about;
    return change_status(hearing, event, STATUS(IN_SESSION), HEARING_STATUS(RECESS));
}

static int apply_resumed(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                         uint32_t about)
{
    (void)about;
    return change_status(hearing, event, STATUS(RECESS) | STATUS(SUSPENDED),
                         HEARING_STATUS(IN_SESSION));
}

static int apply_suspended(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                           uint32_t about)
{
    (void)about;
    return change_status(hearing, event, STATUS(IN_SESSION) | STATUS(RECESS),
                         HEARING_STATUS(SUSPENDED));
}

static int apply_closed(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                        uint32_t about)
{
    (void)about;
    if (hearing->gallery_open)
        return -EINVAL;
    return change_status(hearing, event, STATUS(IN_SESSION) | STATUS(RECESS) | STATUS(SUSPENDED),
                         HEARING_STATUS(CLOSED));
}

static int apply_muted(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                       uint32_t about)
{
    struct hearing_endpoint *microphone = microphone_of(hearing, about);
    bool locks = event->muted->locked;

    if (!microphone || (microphone->muted && (microphone->mute_locked || !locks)))
        return -EINVAL;
    microphone->muted = true;
    microphone->mute_locked = locks;
    return 0;
}

/* Said to a muted microphone without a lock, it is an invitation. */
static int apply_mute_unlocked(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                               uint32_t about)
{
    struct hearing_endpoint *microphone = microphone_of(hearing, about);

    (void)event;
    if (!microphone || !microphone->muted)
        return -EINVAL;
    microphone->mute_locked = false;
    return 0;
}

static int apply_unmuted(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                         uint32_t about)
{
    struct hearing_endpoint *microphone = microphone_of(hearing, about);

    (void)event;
    if (!microphone || !microphone->muted || microphone->mute_locked)
        return -EINVAL;
    microphone->muted = false;
    return 0;
}

static bool may_have_floor(const struct hearing *hearing, uint32_t participant)
{
    return hearing->status == HEARING_STATUS(IN_SESSION) &&
           hearing_is_inside(hearing, participant) && hearing->floor_holder != participant;
}

static int apply_hand_raised(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                             uint32_t about)
{
    (void)event;
    if (!may_have_floor(hearing, about) || hearing_is_queued(hearing, about) ||
        hearing->floor_queue_count == HEARING_FLOOR_QUEUE_MAX)
        return -EINVAL;
    hearing->floor_queue[hearing->floor_queue_count++] = about;
    return 0;
}

/* Takes the participant out; those behind move up in their order. */
static void leave_queue(struct hearing *hearing, uint32_t participant)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < hearing->floor_queue_count; i++) {
        if (hearing->floor_queue[i] != participant)
            hearing->floor_queue[kept++] = hearing->floor_queue[i];
    }
    for (uint32_t i = kept; i < hearing->floor_queue_count; i++)
        hearing->floor_queue[i] = 0;
    hearing->floor_queue_count = kept;
}

static int apply_hand_lowered(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                              uint32_t about)
{
    (void)event;
    if (!hearing_is_queued(hearing, about))
        return -EINVAL;
    leave_queue(hearing, about);
    return 0;
}

static void set_floor(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                      uint32_t holder)
{
    hearing->floor_holder = holder;
    hearing->floor_seq = event->seq;
    hearing->floor_since_ms = event->at_ms;
}

/* A granted floor answers the raised hand. */
static int apply_floor_granted(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                               uint32_t about)
{
    if (!may_have_floor(hearing, about) || hearing->floor_holder)
        return -EINVAL;
    leave_queue(hearing, about);
    set_floor(hearing, event, about);
    return 0;
}

static int apply_floor_taken_back(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                                  uint32_t about)
{
    if (!about || hearing->floor_holder != about)
        return -EINVAL;
    set_floor(hearing, event, 0);
    return 0;
}

/* A companion carries nothing of the hearing: that it is away is no incident and has no time. */
static int apply_link_lost(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                           uint32_t about)
{
    const struct hearing_endpoint *endpoint = hearing_endpoint(hearing, about);

    if (!endpoint || !endpoint->connected)
        return -EINVAL;
    set_connected(&hearing->endpoints[about - 1], false,
                  endpoint->kind == HEARING_ENDPOINT(COMPANION) ? 0 : event->at_ms);
    return 0;
}

static int apply_link_restored(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                               uint32_t about)
{
    const struct hearing_endpoint *endpoint = hearing_endpoint(hearing, about);

    (void)event;
    if (!endpoint || endpoint->connected)
        return -EINVAL;
    set_connected(&hearing->endpoints[about - 1], true, 0);
    return 0;
}

/* Stands in the minutes; changes nothing. */
static int apply_clock_jumped(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                              uint32_t about)
{
    (void)hearing;
    (void)event;
    (void)about;
    return 0;
}

/* On only while the session goes on; off before it stops. */
static int apply_record_on(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                           uint32_t about)
{
    (void)event;
    (void)about;
    if (hearing->recording || hearing->status != HEARING_STATUS(IN_SESSION))
        return -EINVAL;
    hearing->recording = true;
    return 0;
}

static int apply_record_off(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                            uint32_t about)
{
    (void)event;
    (void)about;
    if (!hearing->recording)
        return -EINVAL;
    hearing->recording = false;
    return 0;
}

/* Gaps and heads stand beside the record's files; they change nothing here. */
static int apply_record_fact(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                             uint32_t about)
{
    (void)event;
    return hearing_may_be_recorded(hearing, about) ? 0 : -EINVAL;
}

static int apply_gallery_opened(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                                uint32_t about)
{
    (void)event;
    (void)about;
    if (hearing->gallery_open || hearing->is_private || hearing->status == HEARING_STATUS(CLOSED))
        return -EINVAL;
    hearing->gallery_open = true;
    return 0;
}

static int apply_gallery_closed(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                                uint32_t about)
{
    (void)event;
    (void)about;
    if (!hearing->gallery_open)
        return -EINVAL;
    hearing->gallery_open = false;
    return 0;
}

static int apply_gallery_delay(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                               uint32_t about)
{
    uint32_t delay_s = event->gallery_delay_set->delay_s;

    (void)about;
    if (delay_s > HEARING_GALLERY_DELAY_MAX_S || delay_s == hearing->gallery_delay_s)
        return -EINVAL;
    hearing->gallery_delay_s = delay_s;
    return 0;
}

static int apply_doors(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                       uint32_t about)
{
    bool shut = event->body_case == HEARING_EVENT(WENT_PRIVATE);

    (void)about;
    if (hearing->is_private == shut || hearing->status == HEARING_STATUS(CLOSED))
        return -EINVAL;
    hearing->is_private = shut;
    return 0;
}

static const applier APPLIERS[] = {
    [HEARING_EVENT(OPENED)] = apply_opened,
    [HEARING_EVENT(CHECKED_IN)] = apply_checked_in,
    [HEARING_EVENT(ADMITTED)] = apply_admitted,
    [HEARING_EVENT(SENT_BACK)] = apply_sent_back,
    [HEARING_EVENT(STARTED)] = apply_started,
    [HEARING_EVENT(RECESSED)] = apply_recessed,
    [HEARING_EVENT(RESUMED)] = apply_resumed,
    [HEARING_EVENT(SUSPENDED)] = apply_suspended,
    [HEARING_EVENT(CLOSED)] = apply_closed,
    [HEARING_EVENT(MUTED)] = apply_muted,
    [HEARING_EVENT(MUTE_UNLOCKED)] = apply_mute_unlocked,
    [HEARING_EVENT(UNMUTED)] = apply_unmuted,
    [HEARING_EVENT(HAND_RAISED)] = apply_hand_raised,
    [HEARING_EVENT(HAND_LOWERED)] = apply_hand_lowered,
    [HEARING_EVENT(FLOOR_GRANTED)] = apply_floor_granted,
    [HEARING_EVENT(FLOOR_TAKEN_BACK)] = apply_floor_taken_back,
    [HEARING_EVENT(LEFT)] = apply_left,
    [HEARING_EVENT(ENDPOINT_LINK_LOST)] = apply_link_lost,
    [HEARING_EVENT(ENDPOINT_LINK_RESTORED)] = apply_link_restored,
    [HEARING_EVENT(CLOCK_JUMPED)] = apply_clock_jumped,
    [HEARING_EVENT(RECORD_ON)] = apply_record_on,
    [HEARING_EVENT(RECORD_OFF)] = apply_record_off,
    [HEARING_EVENT(RECORD_GAP)] = apply_record_fact,
    [HEARING_EVENT(RECORD_HEAD)] = apply_record_fact,
    [HEARING_EVENT(GALLERY_OPENED)] = apply_gallery_opened,
    [HEARING_EVENT(GALLERY_CLOSED)] = apply_gallery_closed,
    [HEARING_EVENT(GALLERY_DELAY_SET)] = apply_gallery_delay,
    [HEARING_EVENT(WENT_PRIVATE)] = apply_doors,
    [HEARING_EVENT(WENT_PUBLIC)] = apply_doors,
};

/* The next in order, of an engine this build knows; the opening event is the first and no other. */
static bool is_next(const struct hearing *hearing, const Assize__Hearing__V1__Event *event)
{
    return event->seq == hearing->seq + 1 && event->at_ms >= hearing->at_ms &&
           event->engine_version >= 1 && event->engine_version <= HEARING_ENGINE_VERSION &&
           (size_t)event->body_case < sizeof(APPLIERS) / sizeof(*APPLIERS) &&
           APPLIERS[event->body_case] &&
           (event->seq == 1) == (event->body_case == HEARING_EVENT(OPENED));
}

int hearing_apply(struct hearing *hearing, const Assize__Hearing__V1__Event *event)
{
    if (!is_next(hearing, event))
        return -EINVAL;
    int error = APPLIERS[event->body_case](hearing, event, hearing_event_subject(event));
    if (error)
        return error;
    hearing->seq = event->seq;
    hearing->at_ms = event->at_ms;
    return 0;
}
