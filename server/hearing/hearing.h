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
 *     hearing_quorum(state)                       ->  what the law asks, met or not, site by site
 *     hearing_next_step(state)                    ->  what the next step would change
 *     hearing_explain(state, command, refusal)    ->  the rule and article behind a refusal
 *
 * The law is the procedure's (procedure.h). What the presiding judge may set aside is refused
 * unless the command names it under `overrides`, with the reason in `words`; then a RuleOverridden
 * goes before what it makes possible.
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
#include "server/hearing/procedure.h"

/* clang-format off */
#define HEARING_LIMITS(L) \
    L(HEARING_SITES_MAX, 4, "sites", "one hearing: the central point and three component points (TTLT 05/2021, art. 4)") \
    L(HEARING_ENDPOINTS_MAX, 32, "endpoints", "one hearing") \
    L(HEARING_PARTICIPANTS_MAX, 48, "people", "one hearing") \
    L(HEARING_OCCUPANTS_MAX, 12, "people", "one room endpoint") \
    L(HEARING_FLOOR_QUEUE_MAX, 24, "people", "asking to speak at a time") \
    L(HEARING_GALLERY_DELAY_MAX_S, 60, "s", "by which the gallery follows later") \
    L(HEARING_SCREENS_MAX, 64, "pairs", "of people screened from each other in one hearing") \
    L(HEARING_INCIDENTS_MAX, 128, "incidents", "shown of one hearing, newest; the record keeps all") \
    L(HEARING_CHECKS_MAX, 96, "conditions", "of a hearing's quorum, site by site") \
    L(HEARING_PHRASE_MAX, 63, "bytes", "the name of a phrase in the clerk's notes") \
    L(HEARING_WORDS_MAX, 8192, "bytes", "written with one command") \
    L(HEARING_OVERRIDES_MAX, 32, "rules", "set aside by one command") \
    L(HEARING_RULE_MAX, 2 * PROCEDURE_ID_MAX + 15, "bytes", "the name of a rule") \
    L(HEARING_EVENTS_MAX, 128, "events", "made by one command")
/* clang-format on */
LIMITS(HEARING_LIMITS);

enum { HEARING_ENGINE_VERSION = 2, HEARING_SERVER = 0 };

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
    uint64_t standing_seq; /* the event that made it so, or cut the person off or brought them
                              back: orders the waiting room */
    bool under_18;
    Assize__Hearing__V1__Stand stand;
    bool sworn;        /* has given the undertaking */
    bool cut_off;      /* sees and hears nothing while somebody testifies */
    bool summary_due;  /* was cut off and has not been told what was said */
    bool kept_apart;   /* was sequestered, and has not been called or admitted since */
    bool trusted;      /* the presiding judge set aside that nobody vouched for them */
    unsigned attested; /* HEARING_BIT(attester) of who vouched for the identity */
};

struct hearing_screen {
    uint32_t participant; /* the protected one */
    uint32_t from;
    bool sound;
};

struct hearing_incident {
    uint32_t endpoint;
    int64_t from_ms;
    int64_t to_ms; /* 0 while it lasts */
    bool paused;   /* the session stopped by it */
};

struct hearing {
    const struct procedure *procedure; /* not owned; see hearing_init */
    uint64_t seq;                      /* of the last event applied; 0 before the opening event */
    int64_t at_ms;
    Assize__Hearing__V1__Status status;
    uint64_t status_seq; /* the event that made the status so */
    int64_t status_since_ms;
    uint32_t floor_holder; /* participant, or 0 */
    uint64_t floor_seq;
    int64_t floor_since_ms;
    uint32_t floor_queue[HEARING_FLOOR_QUEUE_MAX];   /* participants, first to speak first */
    int64_t floor_asked_ms[HEARING_FLOOR_QUEUE_MAX]; /* when each of them asked */
    uint32_t floor_queue_count;
    bool recording; /* the record is on; what of it follows from hearing_record */
    bool gallery_open;
    bool is_private; /* behind closed doors */
    uint32_t gallery_delay_s;
    uint32_t phase; /* of the procedure, from 1 */
    uint64_t phase_seq;
    int64_t phase_since_ms;
    uint64_t spoken;  /* who had the floor in this phase: bit id - 1 */
    uint32_t witness; /* participant called to testify and not heard to the end, or 0 */
    uint64_t witness_seq;
    uint32_t sharer; /* endpoint, or 0 */
    uint32_t sharer_participant;
    Assize__Hearing__V1__ShareKind share_kind;
    uint32_t paused_by; /* endpoint whose absence stopped the session, or 0 */
    Assize__Hearing__V1__PauseCause pause_cause; /* what of paused_by */
    int64_t suspended_until_ms;                  /* while suspended with a deadline, or 0 */
    bool lapsed;                                 /* and it has passed */
    int64_t reminded_ms;                         /* when the last reminder of it was given, or 0 */
    uint32_t screen_count;
    struct hearing_screen screens[HEARING_SCREENS_MAX];
    uint32_t incident_count;
    struct hearing_incident incidents[HEARING_INCIDENTS_MAX]; /* oldest first */
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

/* procedure outlives the hearing; NULL for a state that events are only applied to: applying and
 * visibility never ask it, deciding and what people are told of the procedure do. */
void hearing_init(struct hearing *hearing, const struct procedure *procedure);

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

enum hearing_flow {
    HEARING_FLOW_NONE = 0,
    HEARING_FLOW_AUDIO = 1,
    HEARING_FLOW_VIDEO = 2,
    HEARING_FLOW_SHARE = 4, /* the endpoint's second picture */
};

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

/* Is the participant inside the courtroom. */
bool hearing_is_inside(const struct hearing *hearing, uint32_t participant);
/* Inside and not cut off, nor before one camera with somebody who is: what happens in the courtroom
 * may be told to them. */
bool hearing_follows(const struct hearing *hearing, uint32_t participant);

/* May the viewer be told what this event says; otherwise only that seq moved on. To be asked after
 * the event is applied. */
bool hearing_may_know(const struct hearing *hearing, uint32_t viewer,
                      const Assize__Hearing__V1__Event *event);

/* A session paused because people left or were sent back, and not for a line. */
bool hearing_pause_is_by_people(Assize__Hearing__V1__PauseCause cause);

/* The id of the participant or endpoint that the event is about, or 0. */
uint32_t hearing_event_subject(const Assize__Hearing__V1__Event *event);

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
    HEARING_RIGHT_WITNESS,
    HEARING_RIGHT_CUT_OFF,
    HEARING_RIGHT_SCREEN,
    HEARING_RIGHT_OVERRIDE,
    HEARING_RIGHT_NOTES,
    HEARING_RIGHT_IDENTITY,
    HEARING_RIGHT_COUNT
};
bool hearing_role_has_right(Assize__Hearing__V1__Role role, enum hearing_right right);

/* One condition of the quorum, of one site or of the whole. */
struct hearing_check {
    const struct procedure_condition *condition;
    uint32_t site; /* 0: of the hearing as a whole */
    bool met;
    uint64_t missing; /* participants who should be there: bit id - 1 */
};
/* All that the procedure asks of this hearing, in its order, site by site. Returns how many. */
size_t hearing_quorum(const struct hearing *hearing,
                      struct hearing_check ret_checks[static HEARING_CHECKS_MAX]);
bool hearing_quorum_met(const struct hearing *hearing);
/* The rule that the condition with this id is: "quorum.ID". */
void hearing_quorum_rule(const char *condition, char ret_rule[static HEARING_RULE_MAX + 1]);

/* What the one next step is, and what it changes. */
struct hearing_step {
    Assize__Hearing__V1__Command__BodyCase
        command;          /* START, ENTER_PHASE, RESUME, CLOSE; 0: there is none */
    uint32_t phase;       /* that begins, or 0 */
    uint32_t muted;       /* roles of those whose microphones are locked */
    uint64_t sequestered; /* participants who go out: bit id - 1 */
    bool record_on, record_off, doors_open, floor_ends, share_ends;
    enum refusal blocked; /* why it is refused now, or REFUSAL_NONE */
};
void hearing_next_step(const struct hearing *hearing, struct hearing_step *ret_step);

/* Why a command was refused, for people: "" where no rule of the procedure stands against it. */
struct hearing_reason {
    char rule[HEARING_RULE_MAX + 1];
    char article[PROCEDURE_TEXT_MAX + 1];
    bool can_override; /* by this actor */
};
void hearing_explain(const struct hearing *hearing, const Assize__Hearing__V1__Command *command,
                     struct hearing_actor actor, enum refusal refusal,
                     struct hearing_reason *ret_reason);

/* May they, in this phase and state. */
bool hearing_may_ask_floor(const struct hearing *hearing, uint32_t participant);
bool hearing_may_share(const struct hearing *hearing, uint32_t participant);
/* HEARING_BIT(attester) of all who must vouch for this person's identity; none for the court. */
unsigned hearing_attesters(const struct hearing *hearing, const struct hearing_participant *whom);
/* Who is inside and not vouched for by all who must, and by whom that was not set aside: bit id
 * - 1.
 */
uint64_t hearing_unidentified(const struct hearing *hearing);
/* Everyone who must vouch for this person's identity has done so. */
bool hearing_is_identified(const struct hearing *hearing, uint32_t participant);
/* Whose turn it is by the order of the phase, or 0. */
uint32_t hearing_proposed_speaker(const struct hearing *hearing);
/* A pair of people who are screened from each other, in either order; NULL when they are not. */
const struct hearing_screen *hearing_screened(const struct hearing *hearing, uint32_t one,
                                              uint32_t other);
/* The end of the last day that the law gives to a suspension decided at this time; 0: no limit.
 * Unix milliseconds. */
int64_t hearing_suspension_end(const struct procedure *procedure, int64_t decided_ms);
/* When the server has to remind of the deadline next, or to declare it passed (LAPSE); 0: nothing
 * to do. */
int64_t hearing_next_alarm(const struct hearing *hearing);

/* NULL when there is none with this id. */
const struct hearing_participant *hearing_participant(const struct hearing *hearing, uint32_t id);
const struct hearing_endpoint *hearing_endpoint(const struct hearing *hearing, uint32_t id);
const struct hearing_site *hearing_site(const struct hearing *hearing, uint32_t id);
/* 1 for the first in the waiting room, 0 for someone who is not there. */
uint32_t hearing_waiting_position(const struct hearing *hearing, uint32_t participant);
/* True when the participant sits at this endpoint, or has it as a companion. */
bool hearing_sits_at(const struct hearing_participant *participant, uint32_t endpoint);

#endif
