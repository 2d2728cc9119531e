/*
 * The hearing engine: pure functions over one hearing's state. No I/O, no clock, no allocation but
 * in the caller's arena.
 *
 *     hearing_decide(state, command, actor, now)  ->  events | refusal      (changes nothing)
 *     hearing_apply(state, event)                                           (the only mutator)
 *     hearing_visibility(state, source, viewer)   ->  what may flow         (the media matrix)
 *     hearing_record(state, endpoint)             ->  what is on record     (the relay's tracks)
 *     hearing_programme(state, endpoint)          ->  what the programme feed may show of it
 *     hearing_gallery(state)                      ->  may the public follow that feed
 *     hearing_may_know(state, viewer, event)      ->  may be told of it     (the signalling filter)
 *
 * Owned by server/court, which commits what is decided before it applies it. Read by server/session
 * and server/media.
 */
#ifndef ASSIZE_SERVER_HEARING_HEARING_H
#define ASSIZE_SERVER_HEARING_HEARING_H

#include <stdbool.h>
#include <stdint.h>

#include "assize/hearing/v1/hearing.pb-c.h"
#include "base/arena.h"
#include "base/errors.h"
#include "base/limits.h"

/* clang-format off */
#define HEARING_LIMITS(L) \
    L(HEARING_SITES_MAX, 4, "sites", "one hearing: the central point and three component points (TTLT 05/2021, art. 4)") \
    L(HEARING_ENDPOINTS_MAX, 32, "endpoints", "one hearing") \
    L(HEARING_PARTICIPANTS_MAX, 48, "people", "one hearing") \
    L(HEARING_OCCUPANTS_MAX, 12, "people", "one room endpoint") \
    L(HEARING_FLOOR_QUEUE_MAX, 24, "people", "asking to speak at a time") \
    L(HEARING_GALLERY_DELAY_MAX_S, 60, "s", "by which the gallery follows later") \
    L(HEARING_EVENTS_MAX, 32, "events", "made by one command")
/* clang-format on */
LIMITS(HEARING_LIMITS);

enum { HEARING_ENGINE_VERSION = 1, HEARING_SERVER = 0 };

struct hearing_site {
    uint32_t id;
    Assize__Hearing__V1__SiteKind kind;
};

struct hearing_endpoint {
    uint32_t id;
    uint32_t site;
    Assize__Hearing__V1__EndpointKind kind;
    bool connected; /* a device is there: set by check-in and link_restored, cleared by link_lost
                       and leave */
    bool muted;
    bool mute_locked;
    int64_t link_lost_ms; /* when the link was lost, or 0 */
};

struct hearing_participant {
    uint32_t id;
    Assize__Hearing__V1__Role role;
    uint32_t endpoint;
    uint32_t companion; /* or 0 */
    Assize__Hearing__V1__Standing standing;
    uint64_t standing_seq; /* the event that made it so: orders the waiting room */
};

struct hearing {
    uint64_t seq; /* of the last event applied; 0 before the opening event */
    int64_t at_ms;
    Assize__Hearing__V1__Status status;
    uint64_t status_seq; /* the event that made the status so */
    int64_t status_since_ms;
    uint32_t floor_holder; /* participant, or 0 */
    uint64_t floor_seq;
    int64_t floor_since_ms;
    uint32_t floor_queue[HEARING_FLOOR_QUEUE_MAX]; /* participants, first to speak first */
    uint32_t floor_queue_count;
    bool recording; /* the record is on; what of it follows from hearing_record */
    bool gallery_open;
    bool is_private; /* behind closed doors */
    uint32_t gallery_delay_s;
    uint32_t site_count;
    uint32_t endpoint_count;
    uint32_t participant_count;
    struct hearing_site sites[HEARING_SITES_MAX];
    struct hearing_endpoint endpoints[HEARING_ENDPOINTS_MAX];
    struct hearing_participant participants[HEARING_PARTICIPANTS_MAX];
};

struct hearing_events {
    Assize__Hearing__V1__Event *items[HEARING_EVENTS_MAX]; /* in the arena, seq and at_ms set */
    uint32_t count;
};

/* Who asks. The server itself: participant HEARING_SERVER. */
struct hearing_actor {
    uint32_t participant;
    uint32_t endpoint; /* the device the person sits at */
};

void hearing_init(struct hearing *hearing);

/*
 * The opening event of a roster: ids from 1 without gaps, one central point, each participant at a
 * personal or room endpoint (companions point at companion endpoints), one presiding judge.
 * REFUSAL_MALFORMED otherwise.
 */
enum refusal hearing_decide_opening(const Assize__Hearing__V1__Opened *roster, int64_t now_ms,
                                    struct arena *arena, struct hearing_events *ret_events);

/*
 * What the command would bring about, or the reason why not. ret_events is untouched on refusal.
 * The event times are now_ms or, when the clock went back, the time of the last event.
 */
enum refusal hearing_decide(const struct hearing *hearing,
                            const Assize__Hearing__V1__Command *command, struct hearing_actor actor,
                            int64_t now_ms, struct arena *arena, struct hearing_events *ret_events);

/* Applies the event with seq == hearing->seq + 1. 0, or -EINVAL for an event that does not fit (a
 * damaged store). */
int hearing_apply(struct hearing *hearing, const Assize__Hearing__V1__Event *event)
    __attribute__((warn_unused_result));

/* True for a command that can only take away: it goes to the relay before it is committed. */
bool hearing_command_narrows(const Assize__Hearing__V1__Command *command);

enum hearing_flow { HEARING_FLOW_NONE = 0, HEARING_FLOW_AUDIO = 1, HEARING_FLOW_VIDEO = 2 };

/* What media of the source endpoint the viewer endpoint may receive: flags of hearing_flow. Refuses
 * by default. */
unsigned hearing_visibility(const struct hearing *hearing, uint32_t source, uint32_t viewer);

/*
 * What of an endpoint is on record: flags of hearing_flow. Never more than what anyone inside may
 * see and hear of it.
 */
unsigned hearing_record(const struct hearing *hearing, uint32_t endpoint);

/*
 * What the programme feed may show and let hear of an endpoint, the programme's own row of the
 * matrix: flags of hearing_flow. In session and not behind closed doors, and never more than what
 * anyone inside may see and hear of it.
 */
unsigned hearing_programme(const struct hearing *hearing, uint32_t endpoint);
/* Is the programme feed itself on record. Behind closed doors too: then it is a card without sound.
 */
bool hearing_programme_recorded(const struct hearing *hearing);
/*
 * What of the programme feed a device in the hearing may receive in place of everybody: flags of
 * hearing_flow. Nothing where the feed has nothing to show. Sound only while its own microphone is
 * muted, lest people hear themselves.
 */
unsigned hearing_feed(const struct hearing *hearing, uint32_t viewer);
/* May this device hear what is being written of the record, in place of the hearing itself. */
bool hearing_may_listen(const struct hearing *hearing, uint32_t viewer);
/* May the gallery follow the programme feed. */
bool hearing_gallery(const struct hearing *hearing);

/* May this endpoint send media at all (personal and room endpoints). */
bool hearing_endpoint_sends(const struct hearing *hearing, uint32_t endpoint);

/* Is the participant inside the courtroom, so that what happens there may be told to them. */
bool hearing_is_inside(const struct hearing *hearing, uint32_t participant);

/* May the viewer be told what this event says; otherwise only that seq moved on. To be asked after
 * the event is applied. */
bool hearing_may_know(const struct hearing *hearing, uint32_t viewer,
                      const Assize__Hearing__V1__Event *event);

/* Same values as assize.signal.v1.Right. */
enum hearing_right {
    HEARING_RIGHT_ADMIT = 1,
    HEARING_RIGHT_SEND_BACK,
    HEARING_RIGHT_CONDUCT,
    HEARING_RIGHT_MUTE_OTHERS,
    HEARING_RIGHT_GIVE_FLOOR,
    HEARING_RIGHT_ASK_FLOOR,
    HEARING_RIGHT_RECORD,
    HEARING_RIGHT_GALLERY,
    HEARING_RIGHT_CLOSE_GALLERY,
    HEARING_RIGHT_COUNT
};
bool hearing_role_has_right(Assize__Hearing__V1__Role role, enum hearing_right right);

/* NULL when there is none with this id. */
const struct hearing_participant *hearing_participant(const struct hearing *hearing, uint32_t id);
const struct hearing_endpoint *hearing_endpoint(const struct hearing *hearing, uint32_t id);
const struct hearing_site *hearing_site(const struct hearing *hearing, uint32_t id);
/* 1 for the first in the waiting room, 0 for someone who is not there. */
uint32_t hearing_waiting_position(const struct hearing *hearing, uint32_t participant);
/* True when the participant sits at this endpoint, or has it as a companion. */
bool hearing_sits_at(const struct hearing_participant *participant, uint32_t endpoint);

#endif
