/*
 * A criminal trial with its sites and officers, under the procedure that is shipped or one like it,
 * for tests of what the law lets happen. Header only: each test program is one file.
 *
 * Central point: the court and the procurator, counsel, the expert. Detention facility: defendant
 * and officer in one room. Component point: the court's official, the victim and the witness.
 */
#ifndef ASSIZE_TESTS_UNIT_LAW_FIXTURE_H
#define ASSIZE_TESTS_UNIT_LAW_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "procedure_fixture.h"
#include "server/hearing/hearing.h"
#include "server/hearing/names.h"

enum {
    JUDGE = 1,
    PANEL,
    LAY,
    CLERK,
    PROCURATOR,
    COUNSEL,
    EXPERT,
    DEFENDANT,
    GUARD,
    OFFICIAL,
    VICTIM,
    WITNESS,
    PEOPLE = 12,
    CENTRAL = 1,
    DETENTION,
    COMPONENT,
    CELL = 8, /* the room of defendant and guard */
    HALL = 9, /* the official's endpoint; 10 is the victim's, 11 the witness's */
    PLACES = 11,
    RULES_READ = 1,
    LAW_ARENA = 1 << 20,
};

static const struct {
    Assize__Hearing__V1__Role role;
    uint32_t endpoint;
    uint32_t site;
} LAW_PEOPLE[PEOPLE] = {
    {HEARING_ROLE(PRESIDING_JUDGE), 1, CENTRAL},
    {HEARING_ROLE(PANEL_JUDGE), 2, CENTRAL},
    {HEARING_ROLE(LAY_JUDGE), 3, CENTRAL},
    {HEARING_ROLE(CLERK), 4, CENTRAL},
    {HEARING_ROLE(PROCURATOR), 5, CENTRAL},
    {HEARING_ROLE(DEFENCE_COUNSEL), 6, CENTRAL},
    {HEARING_ROLE(EXPERT), 7, CENTRAL},
    {HEARING_ROLE(DEFENDANT), CELL, DETENTION},
    {HEARING_ROLE(DETENTION_OFFICER), CELL, DETENTION},
    {HEARING_ROLE(SITE_OFFICIAL), HALL, COMPONENT},
    {HEARING_ROLE(VICTIM), 10, COMPONENT},
    {HEARING_ROLE(WITNESS), 11, COMPONENT},
};

/* What is told of the last command. */
struct law {
    struct hearing hearing;
    struct procedure procedure;
    int64_t now_ms;
    char events[2048]; /* "name:about name:about" */
    uint8_t words_hash[32];
    bool has_words_hash;
    struct hearing_reason reason;
};

struct law_ask {
    uint32_t who;
    Assize__Hearing__V1__Command__BodyCase body;
    uint32_t about; /* field 1 of the body, or 0 */
    const char *words;
    const char *overrides; /* rules, with a blank between them; or NULL */
    uint64_t seen_seq;     /* 0: everything */
};

static inline void law_note_event(struct law *law, const Assize__Hearing__V1__Event *event)
{
    const ProtobufCFieldDescriptor *arm = protobuf_c_message_descriptor_get_field(
        &assize__hearing__v1__event__descriptor, event->body_case);
    const ProtobufCMessageDescriptor *type = arm->descriptor;
    const ProtobufCFieldDescriptor *first = protobuf_c_message_descriptor_get_field(type, 1);
    bool about = first && first->type == PROTOBUF_C_TYPE_UINT32;
    size_t len = strlen(law->events);

    if (event->body_case == HEARING_EVENT(RULE_OVERRIDDEN))
        snprintf(law->events + len, sizeof(law->events) - len, "%srule_overridden:%s",
                 len ? " " : "", event->rule_overridden->rule);
    else if (about)
        snprintf(law->events + len, sizeof(law->events) - len, "%s%s:%u", len ? " " : "", arm->name,
                 event->admitted->participant);
    else
        snprintf(law->events + len, sizeof(law->events) - len, "%s%s", len ? " " : "", arm->name);
    if (event->has_words_hash) {
        law->has_words_hash = true;
        memcpy(law->words_hash, event->words_hash.data, sizeof(law->words_hash));
    }
}

/* Decides, applies what is decided, and keeps what is told of it. */
static inline enum refusal law_send(struct law *law, const Assize__Hearing__V1__Command *command,
                                    struct hearing_actor actor)
{
    struct hearing_events events = {.count = 0};
    struct arena arena;

    arena_init(&arena, LAW_ARENA);
    law->events[0] = '\0';
    law->has_words_hash = false;
    enum refusal refusal =
        hearing_decide(&law->hearing, command, actor, law->now_ms, &arena, &events);
    hearing_explain(&law->hearing, command, actor, refusal, &law->reason);
    for (uint32_t i = 0; i < events.count; i++) {
        assert_int_equal(hearing_apply(&law->hearing, events.items[i]), 0);
        law_note_event(law, events.items[i]);
    }
    arena_done(&arena);
    return refusal;
}

/* Names the rules that are to be set aside. */
static inline void law_override(Assize__Hearing__V1__Command *command, const char *rules,
                                struct arena *arena)
{
    size_t most = strlen(rules) + 1;
    char *rest = arena_copy(arena, rules, strlen(rules));

    command->overrides = arena_alloc(arena, most * sizeof(*command->overrides));
    for (char *rule = strsep(&rest, " "); rule; rule = strsep(&rest, " "))
        command->overrides[command->n_overrides++] = rule;
}

/* Asks for it with its one number, at the asker's own device. */
static inline enum refusal law_try(struct law *law, struct law_ask ask)
{
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    const ProtobufCMessageDescriptor *type =
        protobuf_c_message_descriptor_get_field(&assize__hearing__v1__command__descriptor, ask.body)
            ->descriptor;
    const struct hearing_participant *who = hearing_participant(&law->hearing, ask.who);
    struct hearing_actor actor = {ask.who, who ? who->endpoint : 0};
    static char words[HEARING_WORDS_MAX * 2];
    struct arena arena;

    arena_init(&arena, LAW_ARENA);
    Assize__Hearing__V1__Admit *body = arena_alloc(&arena, type->sizeof_message);
    protobuf_c_message_init(type, &body->base);
    if (ask.about) {
        body->has_participant = true;
        body->participant = ask.about;
    }
    command.admit = body;
    command.body_case = ask.body;
    command.has_seen_seq = true;
    command.seen_seq = ask.seen_seq ? ask.seen_seq : law->hearing.seq;
    if (ask.overrides)
        law_override(&command, ask.overrides, &arena);
    if (ask.words) {
        snprintf(words, sizeof(words), "%s", ask.words);
        command.words = words;
    }
    enum refusal refusal = law_send(law, &command, actor);
    arena_done(&arena);
    return refusal;
}

#define law_asks(law, by, what, ...)                                                               \
    law_try(law, (struct law_ask){.who = (by), .body = HEARING_COMMAND(what), ##__VA_ARGS__})
#define assert_law(wanted, law, by, what, ...)                                                     \
    assert_int_equal(law_asks(law, by, what, ##__VA_ARGS__), REFUSAL_##wanted)
/* Good, with these events. */
#define assert_law_events(wanted, law, by, what, ...)                                              \
    do {                                                                                           \
        assert_law(NONE, law, by, what, ##__VA_ARGS__);                                            \
        assert_string_equal((law)->events, wanted);                                                \
    } while (0)
/* Refused by this rule, cited so. */
#define assert_ruled(wanted, named, cited, law, by, what, ...)                                     \
    do {                                                                                           \
        assert_law(wanted, law, by, what, ##__VA_ARGS__);                                          \
        assert_string_equal((law)->reason.rule, named);                                            \
        assert_string_equal((law)->reason.article, cited);                                         \
    } while (0)

static inline void law_fill_roster(Assize__Hearing__V1__Opened *roster, struct arena *arena,
                                   bool under_18)
{
    roster->n_sites = 3;
    roster->n_endpoints = PLACES;
    roster->n_participants = PEOPLE;
    roster->sites = arena_alloc(arena, 3 * sizeof(*roster->sites));
    roster->endpoints = arena_alloc(arena, PLACES * sizeof(*roster->endpoints));
    roster->participants = arena_alloc(arena, PEOPLE * sizeof(*roster->participants));
    for (uint32_t i = 0; i < 3; i++) {
        static const Assize__Hearing__V1__SiteKind KINDS[] = {HEARING_SITE(CENTRAL_POINT),
                                                              HEARING_SITE(DETENTION_FACILITY),
                                                              HEARING_SITE(COMPONENT_POINT)};
        Assize__Hearing__V1__Site *site = arena_alloc(arena, sizeof(*site));
        *site = (Assize__Hearing__V1__Site)ASSIZE__HEARING__V1__SITE__INIT;
        site->has_id = site->has_kind = true;
        site->id = i + 1;
        site->kind = KINDS[i];
        roster->sites[i] = site;
    }
    for (uint32_t i = 0; i < PEOPLE; i++) {
        Assize__Hearing__V1__Participant *person = arena_alloc(arena, sizeof(*person));
        Assize__Hearing__V1__Endpoint *place = arena_alloc(arena, sizeof(*place));
        *person = (Assize__Hearing__V1__Participant)ASSIZE__HEARING__V1__PARTICIPANT__INIT;
        *place = (Assize__Hearing__V1__Endpoint)ASSIZE__HEARING__V1__ENDPOINT__INIT;
        person->has_id = person->has_role = person->has_endpoint = person->has_under_18 = true;
        place->has_id = place->has_site = place->has_kind = true;
        person->id = i + 1;
        person->role = LAW_PEOPLE[i].role;
        person->endpoint = place->id = LAW_PEOPLE[i].endpoint;
        person->under_18 = under_18 && i + 1 == DEFENDANT;
        place->site = LAW_PEOPLE[i].site;
        place->kind = place->id == CELL ? HEARING_ENDPOINT(ROOM) : HEARING_ENDPOINT(PERSONAL);
        roster->participants[i] = person;
        roster->endpoints[place->id - 1] = place;
    }
}

static inline struct law *law_open_with(const char *text, bool under_18)
{
    Assize__Hearing__V1__Opened roster = ASSIZE__HEARING__V1__OPENED__INIT;
    struct law *law = calloc(1, sizeof(*law));
    char error[PROCEDURE_ERROR_SIZE];
    struct hearing_events events;
    struct arena arena;

    assert_non_null(law);
    if (procedure_read(text, &law->procedure, error))
        fail_msg("%s", error);
    law->now_ms = INT64_C(1763690400000); /* 2025-11-21 02:00 UTC, nine in the morning there */
    arena_init(&arena, LAW_ARENA);
    law_fill_roster(&roster, &arena, under_18);
    hearing_init(&law->hearing, &law->procedure);
    assert_int_equal(hearing_decide_opening(&roster, law->now_ms, &arena, &events), REFUSAL_NONE);
    assert_int_equal(hearing_apply(&law->hearing, events.items[0]), 0);
    arena_done(&arena);
    return law;
}

static inline struct law *law_open(void)
{
    return law_open_with(fixture_procedure_text("criminal_first_instance"), false);
}

static inline void law_bring_in(struct law *law, uint32_t who)
{
    assert_law(NONE, law, who, CHECK_IN, .about = RULES_READ);
    if (!hearing_is_inside(&law->hearing, who))
        assert_law(NONE, law, JUDGE, ADMIT, .about = who);
}

/* All are inside but those named in `without` (a mask of their numbers). */
static inline void law_gather(struct law *law, unsigned without)
{
    for (uint32_t who = JUDGE; who <= WITNESS; who++) {
        if (!(without & 1u << who) && !hearing_is_inside(&law->hearing, who))
            law_bring_in(law, who);
    }
}

static inline void law_vouch(struct law *law)
{
    for (uint32_t i = 0; i < law->hearing.participant_count; i++)
        law->hearing.participants[i].attested = ~0u;
}

/* In session: in the phase that begins it, or further on by the presiding judge's next steps. */
static inline struct law *law_begin_at(const char *phase)
{
    struct law *law = law_open();

    law_gather(law, 0);
    law_vouch(law);
    assert_law(NONE, law, JUDGE, START);
    while (law->hearing.phase < procedure_phase_by_id(&law->procedure, phase))
        assert_law(NONE, law, JUDGE, ENTER_PHASE, .about = law->hearing.phase + 1);
    return law;
}

#endif
