/*
 * A hearing with one person of every role, for tests of the engine and the command flow.
 * Participant n has role n and sits at endpoint n, but: the defendant (6) and the detention officer
 * (20) share room 20 and have companions 24 and 25; endpoint 6 is a room that nobody sits in.
 * Header only: each test program is one file.
 */
#ifndef ASSIZE_TESTS_UNIT_HEARING_FIXTURE_H
#define ASSIZE_TESTS_UNIT_HEARING_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "procedure_fixture.h"
#include "server/hearing/hearing.h"
#include "server/hearing/names.h"

enum {
    PRESIDING = 1,
    PANEL,
    LAY,
    CLERK,
    PROCURATOR,
    DEFENDANT,
    VICTIM,
    PLAINTIFF,
    COUNSEL = 11,
    WITNESS = 16,
    EXPERT,
    OFFICER = 20,
    OFFICIAL,
    ATTENDEE = 22,
    JOURNALIST = 23,
    ROLES = 23,
    ROOM = OFFICER,
    EMPTY_ROOM = DEFENDANT,
    COMPANION = 24,
    OFFICERS_COMPANION = 25,
    ENDPOINTS = 25,
    SOME_TIME_MS = 1000000,
    FIXTURE_ARENA = 1 << 20,
};

struct fixture_roster {
    Assize__Hearing__V1__Opened opened;
    Assize__Hearing__V1__Site site[3];
    Assize__Hearing__V1__Endpoint endpoint[ENDPOINTS];
    Assize__Hearing__V1__Participant participant[ROLES];
    Assize__Hearing__V1__Site *sites[3];
    Assize__Hearing__V1__Endpoint *endpoints[ENDPOINTS];
    Assize__Hearing__V1__Participant *participants[ROLES];
    char procedure[16];
};

static inline Assize__Hearing__V1__EndpointKind fixture_kind(uint32_t endpoint)
{
    if (endpoint == ROOM || endpoint == EMPTY_ROOM)
        return HEARING_ENDPOINT(ROOM);
    return endpoint >= COMPANION ? HEARING_ENDPOINT(COMPANION) : HEARING_ENDPOINT(PERSONAL);
}

static inline uint32_t fixture_companion(uint32_t participant)
{
    if (participant == DEFENDANT)
        return COMPANION;
    return participant == OFFICER ? OFFICERS_COMPANION : 0;
}

static inline void fixture_add_sites(struct fixture_roster *roster)
{
    for (uint32_t i = 0; i < 3; i++) {
        roster->site[i] = (Assize__Hearing__V1__Site)ASSIZE__HEARING__V1__SITE__INIT;
        roster->site[i].has_id = roster->site[i].has_kind = true;
        roster->site[i].id = i + 1;
        roster->site[i].kind = (Assize__Hearing__V1__SiteKind)(i + 1);
        roster->sites[i] = &roster->site[i];
    }
}

static inline void fixture_add_endpoints(struct fixture_roster *roster)
{
    for (uint32_t i = 0; i < ENDPOINTS; i++) {
        Assize__Hearing__V1__Endpoint *endpoint = &roster->endpoint[i];
        *endpoint = (Assize__Hearing__V1__Endpoint)ASSIZE__HEARING__V1__ENDPOINT__INIT;
        endpoint->has_id = endpoint->has_site = endpoint->has_kind = true;
        endpoint->id = i + 1;
        endpoint->site = i % 3 + 1;
        endpoint->kind = fixture_kind(i + 1);
        roster->endpoints[i] = endpoint;
    }
}

static inline void fixture_add_participants(struct fixture_roster *roster)
{
    for (uint32_t i = 0; i < ROLES; i++) {
        Assize__Hearing__V1__Participant *person = &roster->participant[i];
        *person = (Assize__Hearing__V1__Participant)ASSIZE__HEARING__V1__PARTICIPANT__INIT;
        person->has_id = person->has_role = person->has_endpoint = person->has_companion = true;
        person->id = i + 1;
        person->role = (Assize__Hearing__V1__Role)(i + 1);
        person->endpoint = i + 1 == DEFENDANT ? ROOM : i + 1;
        person->companion = fixture_companion(i + 1);
        roster->participants[i] = person;
    }
}

static inline void fixture_make_roster(struct fixture_roster *roster)
{
    *roster =
        (struct fixture_roster){.opened = ASSIZE__HEARING__V1__OPENED__INIT, .procedure = "plain"};
    fixture_add_sites(roster);
    fixture_add_endpoints(roster);
    fixture_add_participants(roster);
    roster->opened.procedure = roster->procedure;
    roster->opened.n_sites = 3;
    roster->opened.n_endpoints = ENDPOINTS;
    roster->opened.n_participants = ROLES;
    roster->opened.sites = roster->sites;
    roster->opened.endpoints = roster->endpoints;
    roster->opened.participants = roster->participants;
}

static inline void fixture_open(struct hearing *hearing)
{
    struct fixture_roster roster;
    struct hearing_events events;
    struct arena arena;

    fixture_make_roster(&roster);
    arena_init(&arena, FIXTURE_ARENA);
    hearing_init(hearing, fixture_plain());
    assert_int_equal(hearing_decide_opening(&roster.opened, SOME_TIME_MS, &arena, &events),
                     REFUSAL_NONE);
    assert_int_equal(events.count, 1);
    assert_int_equal(hearing_apply(hearing, events.items[0]), 0);
    arena_done(&arena);
}

/* A command with storage for its one arm. */
struct fixture_command {
    Assize__Hearing__V1__Command command;
    union {
        ProtobufCMessage base;
        Assize__Hearing__V1__Admit admit;
        Assize__Hearing__V1__SendBack send_back;
        Assize__Hearing__V1__Mute mute;
        Assize__Hearing__V1__Unmute unmute;
        Assize__Hearing__V1__LowerHand lower_hand;
        Assize__Hearing__V1__GrantFloor grant_floor;
        Assize__Hearing__V1__LinkLost link_lost;
        Assize__Hearing__V1__LinkRestored link_restored;
        Assize__Hearing__V1__ClockJump clock_jump;
        Assize__Hearing__V1__RecordOn record_on;
        Assize__Hearing__V1__RecordGap record_gap;
        Assize__Hearing__V1__RecordHead record_head;
        Assize__Hearing__V1__SetGalleryDelay set_gallery_delay;
        Assize__Hearing__V1__Remind remind;
        Assize__Hearing__V1__AttestIdentity attest_identity;
        Assize__Hearing__V1__TakeNote take_note;
        Assize__Hearing__V1__StartShare start_share;
        Assize__Hearing__V1__Unscreen unscreen;
        Assize__Hearing__V1__Screen screen;
        Assize__Hearing__V1__CheckIn check_in;
    } arm;
};

/* about: field 1 of the arm (participant or endpoint), or 0 to leave it out. The asker has seen
 * everything. */
static inline void fixture_make_command(const struct hearing *hearing,
                                        Assize__Hearing__V1__Command__BodyCase body, uint32_t about,
                                        struct fixture_command *out)
{
    const ProtobufCFieldDescriptor *arm =
        protobuf_c_message_descriptor_get_field(&assize__hearing__v1__command__descriptor, body);

    *out = (struct fixture_command){.command = ASSIZE__HEARING__V1__COMMAND__INIT};
    assert_true(arm && arm->descriptor);
    protobuf_c_message_init(arm->descriptor, &out->arm.base);
    out->command.has_seen_seq = true;
    out->command.seen_seq = hearing->seq;
    out->command.body_case = body;
    out->command.check_in = (Assize__Hearing__V1__CheckIn *)&out->arm;
    if (about) { /* field 1 lies at the same place in all of them */
        out->arm.admit.has_participant = true;
        out->arm.admit.participant = about;
    }
}

static inline struct hearing_actor fixture_actor(const struct hearing *hearing,
                                                 uint32_t participant)
{
    const struct hearing_participant *who = hearing_participant(hearing, participant);

    return (struct hearing_actor){participant, who ? who->endpoint : 0};
}

/* Decides and applies; the events stay in the arena. */
static inline enum refusal fixture_run(struct hearing *hearing,
                                       const Assize__Hearing__V1__Command *command,
                                       struct hearing_actor actor, struct arena *arena,
                                       struct hearing_events *ret_events)
{
    struct hearing_events events = {.count = 0};
    enum refusal refusal = hearing_decide(hearing, command, actor, SOME_TIME_MS, arena, &events);

    for (uint32_t i = 0; i < events.count; i++)
        assert_int_equal(hearing_apply(hearing, events.items[i]), 0);
    if (ret_events)
        *ret_events = events;
    return refusal;
}

/* The command names the rules that stand against it, as the presiding judge is shown them one after
 * the other; where none does, one that there is not. The names are good until the next call. */
static inline void fixture_override(const struct hearing *hearing,
                                    Assize__Hearing__V1__Command *command,
                                    struct hearing_actor actor)
{
    static struct hearing_reason reasons[HEARING_OVERRIDES_MAX];
    static char *overrides[HEARING_OVERRIDES_MAX];
    static char none[] = "none";
    struct hearing_events events;
    struct arena arena;

    command->overrides = overrides;
    for (struct hearing_reason *reason = reasons;; reason++) {
        arena_init(&arena, FIXTURE_ARENA);
        enum refusal refusal =
            hearing_decide(hearing, command, actor, SOME_TIME_MS, &arena, &events);
        hearing_explain(hearing, command, actor, refusal, reason);
        arena_done(&arena);
        if (!*reason->rule)
            break;
        overrides[command->n_overrides++] = reason->rule;
        assert_true(command->n_overrides < HEARING_OVERRIDES_MAX);
    }
    if (!command->n_overrides)
        overrides[command->n_overrides++] = none;
}

/* The participant asks at their own endpoint. */
static inline enum refusal fixture_ask(struct hearing *hearing, uint32_t participant,
                                       Assize__Hearing__V1__Command__BodyCase body, uint32_t about)
{
    struct fixture_command command;
    struct arena arena;

    fixture_make_command(hearing, body, about, &command);
    arena_init(&arena, FIXTURE_ARENA);
    enum refusal refusal =
        fixture_run(hearing, &command.command, fixture_actor(hearing, participant), &arena, NULL);
    arena_done(&arena);
    return refusal;
}

/* Brings a person in: checked in, and admitted by the presiding judge, who is in. */
static inline void fixture_bring_in(struct hearing *hearing, uint32_t participant)
{
    assert_int_equal(fixture_ask(hearing, participant, HEARING_COMMAND(CHECK_IN), 0), 0);
    if (!hearing_is_inside(hearing, participant))
        assert_int_equal(fixture_ask(hearing, PRESIDING, HEARING_COMMAND(ADMIT), participant), 0);
}

/* In session, with the presiding judge, the clerk, counsel and the room inside. */
static inline void fixture_begin(struct hearing *hearing)
{
    fixture_open(hearing);
    fixture_bring_in(hearing, PRESIDING);
    fixture_bring_in(hearing, CLERK);
    fixture_bring_in(hearing, COUNSEL);
    fixture_bring_in(hearing, OFFICER);
    assert_int_equal(fixture_ask(hearing, PRESIDING, HEARING_COMMAND(START), 0), 0);
}

/* Runs a command and lists its events as "name:about name:about". */
static inline const char *fixture_events(struct hearing *hearing, uint32_t who,
                                         Assize__Hearing__V1__Command__BodyCase body,
                                         uint32_t about)
{
    static char text[1024];
    struct fixture_command command;
    struct hearing_events events;
    struct arena arena;
    size_t len = 0;

    fixture_make_command(hearing, body, about, &command);
    arena_init(&arena, FIXTURE_ARENA);
    enum refusal refusal =
        fixture_run(hearing, &command.command, fixture_actor(hearing, who), &arena, &events);
    if (refusal)
        snprintf(text, sizeof(text), "refused: %s", refusal_info(refusal)->code);
    for (uint32_t i = 0; i < events.count; i++) {
        const Assize__Hearing__V1__Event *event = events.items[i];
        const ProtobufCFieldDescriptor *arm = protobuf_c_message_descriptor_get_field(
            &assize__hearing__v1__event__descriptor, event->body_case);
        const ProtobufCMessageDescriptor *type = arm->descriptor;
        uint32_t id = type->n_fields ? event->admitted->participant : 0;
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s:%u", i ? " " : "", arm->name,
                                id);
    }
    arena_done(&arena);
    return text;
}

/* Mutes with a lock. */
static inline enum refusal fixture_lock(struct hearing *hearing, uint32_t who, uint32_t whose)
{
    struct fixture_command command;
    struct arena arena;

    fixture_make_command(hearing, HEARING_COMMAND(MUTE), whose, &command);
    command.arm.mute.has_lock = command.arm.mute.lock = true;
    arena_init(&arena, FIXTURE_ARENA);
    enum refusal refusal =
        fixture_run(hearing, &command.command, fixture_actor(hearing, who), &arena, NULL);
    arena_done(&arena);
    return refusal;
}

#define assert_refusal(expected, got) assert_int_equal((got), REFUSAL_##expected)
#define assert_events(wanted, hearing, who, command, about)                                        \
    assert_string_equal(fixture_events(hearing, who, HEARING_COMMAND(command), about), wanted)
#define assert_asks(wanted, hearing, who, command, about)                                          \
    assert_refusal(wanted, fixture_ask(hearing, who, HEARING_COMMAND(command), about))

#endif
