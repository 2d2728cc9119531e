/* From a command to its handler: what holds for every command, and one rule for each. */
#include "decide_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "proto/codec.h"

enum {
    STATUS_BEFORE_END = STATUS(SCHEDULED) | STATUS(IN_SESSION) | STATUS(RECESS) |
                        STATUS(SUSPENDED) | STATUS(DELIBERATING),
    STATUS_ANY = STATUS_BEFORE_END | STATUS(CLOSED) | STATUS(ADJOURNED),
};

/* Who may ask. INSIDE: in the courtroom. */
enum asker { ASKER_ANYONE, ASKER_INSIDE, ASKER_SERVER };

/* What the asker must have seen the latest of, lest a command meant for one state strike another.
 */
enum seen {
    SEEN_NOTHING = 0,
    SEEN_STATUS = 1,
    SEEN_FLOOR = 2,
    SEEN_PHASE = 4,
    SEEN_WITNESS = 8,
    SEEN_STATUS_AND_PHASE = SEEN_STATUS | SEEN_PHASE,
    SEEN_FLOOR_AND_PHASE = SEEN_FLOOR | SEEN_PHASE,
    SEEN_WITNESS_AND_PHASE = SEEN_WITNESS | SEEN_PHASE,
};

enum mark {
    NARROWS = 1,     /* takes away, only */
    NEEDS_WORDS = 2, /* is not done without something written */
};

static const struct rule {
    enum refusal (*decide)(struct decision *decision);
    enum asker asker;
    enum hearing_right right; /* or 0 */
    unsigned statuses;
    enum seen seen;
    unsigned marks;
} RULES[] = {
    [HEARING_COMMAND(CHECK_IN)] = {decide_check_in, ASKER_ANYONE, 0, STATUS_BEFORE_END,
                                   SEEN_NOTHING, 0},
    [HEARING_COMMAND(ADMIT)] = {decide_admit, ASKER_INSIDE, HEARING_RIGHT_ADMIT, STATUS_BEFORE_END,
                                SEEN_NOTHING, 0},
    [HEARING_COMMAND(SEND_BACK)] = {decide_send_back, ASKER_INSIDE, HEARING_RIGHT_SEND_BACK,
                                    STATUS_BEFORE_END, SEEN_NOTHING, NARROWS},
    [HEARING_COMMAND(START)] = {decide_conduct, ASKER_INSIDE, HEARING_RIGHT_CONDUCT, STATUS_ANY,
                                SEEN_STATUS, 0},
    [HEARING_COMMAND(RECESS)] = {decide_conduct, ASKER_INSIDE, HEARING_RIGHT_CONDUCT, STATUS_ANY,
                                 SEEN_STATUS, NARROWS},
    [HEARING_COMMAND(RESUME)] = {decide_conduct, ASKER_INSIDE, HEARING_RIGHT_CONDUCT, STATUS_ANY,
                                 SEEN_STATUS, 0},
    [HEARING_COMMAND(SUSPEND)] = {decide_conduct, ASKER_INSIDE, HEARING_RIGHT_CONDUCT, STATUS_ANY,
                                  SEEN_STATUS, NARROWS},
    [HEARING_COMMAND(CLOSE)] = {decide_conduct, ASKER_INSIDE, HEARING_RIGHT_CONDUCT, STATUS_ANY,
                                SEEN_STATUS_AND_PHASE, NARROWS},
    [HEARING_COMMAND(ENTER_PHASE)] = {decide_enter_phase, ASKER_INSIDE, HEARING_RIGHT_CONDUCT,
                                      STATUS(IN_SESSION) | STATUS(DELIBERATING),
                                      SEEN_STATUS_AND_PHASE, 0},
    [HEARING_COMMAND(ADJOURN)] = {decide_conduct, ASKER_INSIDE, HEARING_RIGHT_CONDUCT, STATUS_ANY,
                                  SEEN_STATUS, NARROWS | NEEDS_WORDS},
    [HEARING_COMMAND(REMIND)] = {decide_remind, ASKER_SERVER, 0, STATUS_ANY, SEEN_NOTHING, 0},
    [HEARING_COMMAND(LAPSE)] = {decide_lapse, ASKER_SERVER, 0, STATUS_ANY, SEEN_NOTHING, 0},
    [HEARING_COMMAND(MUTE)] = {decide_mute, ASKER_ANYONE, 0, STATUS_BEFORE_END, SEEN_NOTHING,
                               NARROWS},
    [HEARING_COMMAND(UNMUTE)] = {decide_unmute, ASKER_ANYONE, 0, STATUS_BEFORE_END, SEEN_NOTHING,
                                 0},
    [HEARING_COMMAND(RAISE_HAND)] = {decide_raise_hand, ASKER_INSIDE, HEARING_RIGHT_ASK_FLOOR,
                                     STATUS(IN_SESSION), SEEN_NOTHING, 0},
    [HEARING_COMMAND(LOWER_HAND)] = {decide_lower_hand, ASKER_INSIDE, 0, STATUS(IN_SESSION),
                                     SEEN_NOTHING, 0},
    [HEARING_COMMAND(GRANT_FLOOR)] = {decide_grant_floor, ASKER_INSIDE, HEARING_RIGHT_GIVE_FLOOR,
                                      STATUS(IN_SESSION), SEEN_FLOOR_AND_PHASE, 0},
    [HEARING_COMMAND(TAKE_BACK_FLOOR)] = {decide_take_back_floor, ASKER_INSIDE, 0,
                                          STATUS(IN_SESSION), SEEN_FLOOR, NARROWS},
    [HEARING_COMMAND(LEAVE)] = {decide_leave, ASKER_ANYONE, 0, STATUS_ANY, SEEN_NOTHING, NARROWS},
    [HEARING_COMMAND(LINK_LOST)] = {decide_link_lost, ASKER_SERVER, 0, STATUS_ANY, SEEN_NOTHING, 0},
    [HEARING_COMMAND(LINK_RESTORED)] = {decide_link_restored, ASKER_SERVER, 0, STATUS_ANY,
                                        SEEN_NOTHING, 0},
    [HEARING_COMMAND(CLOCK_JUMP)] = {decide_clock_jump, ASKER_SERVER, 0, STATUS_BEFORE_END,
                                     SEEN_NOTHING, 0},
    [HEARING_COMMAND(RECORD_ON)] = {decide_record, ASKER_INSIDE, HEARING_RIGHT_RECORD,
                                    STATUS(IN_SESSION), SEEN_STATUS, 0},
    [HEARING_COMMAND(RECORD_OFF)] = {decide_record, ASKER_INSIDE, HEARING_RIGHT_RECORD,
                                     STATUS(IN_SESSION), SEEN_STATUS, NARROWS},
    [HEARING_COMMAND(RECORD_GAP)] = {decide_record_gap, ASKER_SERVER, 0, STATUS_ANY, SEEN_NOTHING,
                                     0},
    [HEARING_COMMAND(RECORD_HEAD)] = {decide_record_head, ASKER_SERVER, 0, STATUS_ANY, SEEN_NOTHING,
                                      0},
    [HEARING_COMMAND(OPEN_GALLERY)] = {decide_open_gallery, ASKER_INSIDE, HEARING_RIGHT_GALLERY,
                                       STATUS_BEFORE_END, SEEN_STATUS, 0},
    [HEARING_COMMAND(CLOSE_GALLERY)] = {decide_close_gallery, ASKER_INSIDE,
                                        HEARING_RIGHT_CLOSE_GALLERY, STATUS_BEFORE_END,
                                        SEEN_NOTHING, NARROWS},
    [HEARING_COMMAND(SET_GALLERY_DELAY)] = {decide_gallery_delay, ASKER_INSIDE,
                                            HEARING_RIGHT_GALLERY, STATUS_BEFORE_END, SEEN_NOTHING,
                                            0},
    [HEARING_COMMAND(GO_PRIVATE)] = {decide_go_private, ASKER_INSIDE, HEARING_RIGHT_GALLERY,
                                     STATUS_BEFORE_END, SEEN_NOTHING, NARROWS},
    [HEARING_COMMAND(GO_PUBLIC)] = {decide_go_public, ASKER_INSIDE, HEARING_RIGHT_GALLERY,
                                    STATUS_BEFORE_END, SEEN_STATUS, 0},
    [HEARING_COMMAND(CALL_WITNESS)] = {decide_call_witness, ASKER_INSIDE, HEARING_RIGHT_WITNESS,
                                       STATUS(IN_SESSION), SEEN_WITNESS_AND_PHASE, 0},
    [HEARING_COMMAND(ASK_UNDERTAKING)] = {decide_ask_undertaking, ASKER_INSIDE,
                                          HEARING_RIGHT_WITNESS, STATUS(IN_SESSION), SEEN_WITNESS,
                                          0},
    [HEARING_COMMAND(GIVE_UNDERTAKING)] = {decide_give_undertaking, ASKER_INSIDE, 0,
                                           STATUS(IN_SESSION), SEEN_WITNESS, 0},
    [HEARING_COMMAND(RELEASE_WITNESS)] = {decide_release_witness, ASKER_INSIDE,
                                          HEARING_RIGHT_WITNESS, STATUS(IN_SESSION), SEEN_WITNESS,
                                          0},
    [HEARING_COMMAND(SEQUESTER)] = {decide_sequester, ASKER_INSIDE, HEARING_RIGHT_WITNESS,
                                    STATUS_BEFORE_END, SEEN_WITNESS, NARROWS},
    [HEARING_COMMAND(CUT_OFF)] = {decide_cut_off, ASKER_INSIDE, HEARING_RIGHT_CUT_OFF,
                                  STATUS(IN_SESSION), SEEN_WITNESS_AND_PHASE, NARROWS},
    [HEARING_COMMAND(BRING_BACK)] = {decide_bring_back, ASKER_INSIDE, HEARING_RIGHT_CUT_OFF,
                                     STATUS(IN_SESSION), SEEN_NOTHING, 0},
    [HEARING_COMMAND(TELL_SUMMARY)] = {decide_tell_summary, ASKER_INSIDE, HEARING_RIGHT_CUT_OFF,
                                       STATUS(IN_SESSION), SEEN_NOTHING, NEEDS_WORDS},
    [HEARING_COMMAND(SCREEN)] = {decide_screen, ASKER_INSIDE, HEARING_RIGHT_SCREEN,
                                 STATUS_BEFORE_END, SEEN_NOTHING, NARROWS},
    [HEARING_COMMAND(UNSCREEN)] = {decide_unscreen, ASKER_INSIDE, HEARING_RIGHT_SCREEN,
                                   STATUS_BEFORE_END, SEEN_NOTHING, 0},
    [HEARING_COMMAND(START_SHARE)] = {decide_start_share, ASKER_INSIDE, 0,
                                      STATUS(SCHEDULED) | STATUS(IN_SESSION), SEEN_PHASE, 0},
    [HEARING_COMMAND(STOP_SHARE)] = {decide_stop_share, ASKER_INSIDE, 0,
                                     STATUS(SCHEDULED) | STATUS(IN_SESSION), SEEN_NOTHING, NARROWS},
    [HEARING_COMMAND(TAKE_NOTE)] = {decide_take_note, ASKER_ANYONE, HEARING_RIGHT_NOTES, STATUS_ANY,
                                    SEEN_NOTHING, NEEDS_WORDS},
    [HEARING_COMMAND(ATTEST_IDENTITY)] = {decide_attest_identity, ASKER_SERVER, 0,
                                          STATUS_BEFORE_END, SEEN_NOTHING, 0},
    [HEARING_COMMAND(REPLACE_PERSON)] = {decide_replace_person, ASKER_SERVER, 0, STATUS_BEFORE_END,
                                         SEEN_NOTHING, 0},
};

static const struct rule *rule_of(const Assize__Hearing__V1__Command *command)
{
    if ((size_t)command->body_case >= sizeof(RULES) / sizeof(*RULES))
        return NULL;
    const struct rule *rule = &RULES[command->body_case];
    return rule->decide ? rule : NULL;
}

bool hearing_command_narrows(const Assize__Hearing__V1__Command *command)
{
    const struct rule *rule = rule_of(command);

    return rule && rule->marks & NARROWS;
}

bool decision_has_right(const struct decision *decision, enum hearing_right right)
{
    return decision->who && hearing_role_has_right(decision->who->role, right);
}

/* Makes room for a message and initialises it; NULL when the arena is full. */
static void *new_message(struct decision *decision, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = arena_alloc(decision->arena, type->sizeof_message);

    if (message)
        protobuf_c_message_init(type, message);
    else
        decision->out_of_memory = true;
    return message;
}

/* Sets field 1 of a body that is about someone. */
static void set_subject(ProtobufCMessage *body, uint32_t about)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(body->descriptor, 1);
    const protobuf_c_boolean present = 1;

    assert(field && field->type == PROTOBUF_C_TYPE_UINT32);
    memcpy((char *)body + field->quantifier_offset, &present, sizeof(present));
    memcpy((char *)body + field->offset, &about, sizeof(about));
}

Assize__Hearing__V1__Event *decision_add(struct decision *decision,
                                         Assize__Hearing__V1__Event__BodyCase body, uint32_t about)
{
    const ProtobufCMessageDescriptor *type = &assize__hearing__v1__event__descriptor;
    Assize__Hearing__V1__Event *event = new_message(decision, type);
    ProtobufCMessage *arm =
        new_message(decision, protobuf_c_message_descriptor_get_field(type, body)->descriptor);

    if (!event || !arm)
        return NULL;
    assert(decision->events.count < HEARING_EVENTS_MAX);
    decision->events.items[decision->events.count++] = event;
    if (about)
        set_subject(arm, about);
    event->has_seq = event->has_at_ms = event->has_actor = event->has_engine_version = true;
    event->seq = decision->hearing->seq + decision->events.count;
    event->at_ms = decision->at_ms;
    event->actor = decision->who ? decision->who->id : HEARING_SERVER;
    event->engine_version = HEARING_ENGINE_VERSION;
    event->body_case = body;
    memcpy(&event->opened, &arm, sizeof(arm)); /* every arm of the union is such a pointer */
    return event;
}

bool decision_has(const struct decision *decision, Assize__Hearing__V1__Event__BodyCase body)
{
    for (uint32_t i = 0; i < decision->events.count; i++) {
        if (decision->events.items[i]->body_case == body)
            return true;
    }
    return false;
}

void decision_add_for_occupants(struct decision *decision,
                                Assize__Hearing__V1__Event__BodyCase body, uint32_t endpoint)
{
    for (uint32_t i = 0; i < decision->hearing->participant_count; i++) {
        const struct hearing_participant *occupant = &decision->hearing->participants[i];
        if (occupant->endpoint == endpoint)
            decision_add(decision, body, occupant->id);
    }
}

/* The asker is in the hearing, and at a device of theirs. */
static enum refusal find_asker(struct decision *decision, struct hearing_actor actor)
{
    if (actor.participant == HEARING_SERVER)
        return REFUSAL_NONE;
    decision->who = hearing_participant(decision->hearing, actor.participant);
    if (!decision->who)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (!hearing_sits_at(decision->who, actor.endpoint))
        return REFUSAL_ENDPOINT_UNKNOWN;
    decision->device = hearing_endpoint(decision->hearing, actor.endpoint);
    return REFUSAL_NONE;
}

static enum refusal check_asker(const struct decision *decision, const struct rule *rule)
{
    if ((rule->asker == ASKER_SERVER) != (decision->who == NULL))
        return REFUSAL_ROLE_NOT_ALLOWED;
    if (rule->right && !decision_has_right(decision, rule->right))
        return REFUSAL_ROLE_NOT_ALLOWED;
    if (decision->command->n_overrides && !decision_has_right(decision, HEARING_RIGHT_OVERRIDE))
        return REFUSAL_ROLE_NOT_ALLOWED;
    if (rule->asker == ASKER_INSIDE && !hearing_is_inside(decision->hearing, decision->who->id))
        return REFUSAL_NOT_IN_HEARING;
    return REFUSAL_NONE;
}

static bool is_stale(const struct decision *decision, enum seen seen)
{
    const struct hearing *hearing = decision->hearing;
    uint64_t seen_seq = decision->command->seen_seq;

    return seen_seq > hearing->seq || (seen & SEEN_STATUS && seen_seq < hearing->status_seq) ||
           (seen & SEEN_FLOOR && seen_seq < hearing->floor_seq) ||
           (seen & SEEN_PHASE && seen_seq < hearing->phase_seq) ||
           (seen & SEEN_WITNESS && seen_seq < hearing->witness_seq);
}

/* Blanks are no words. */
bool decision_has_words(const struct decision *decision)
{
    const char *words = decision->command->words;

    return words && words[strspn(words, " \t\r\n")];
}

/* What is written is kept for good, so it is in the one form that compares (NFC). */
static enum refusal check_words(const struct decision *decision, const struct rule *rule)
{
    const char *words = decision->command->words;
    char *nfc = NULL;

    if (words && strlen(words) > HEARING_WORDS_MAX)
        return REFUSAL_WORDS_TOO_LONG;
    if ((rule->marks & NEEDS_WORDS || decision->command->n_overrides) &&
        !decision_has_words(decision))
        return REFUSAL_WORDS_NEEDED;
    if (!words)
        return REFUSAL_NONE;
    if (str_nfc(words, HEARING_WORDS_MAX * 2, &nfc))
        return REFUSAL_MALFORMED;
    bool is_nfc = strcmp(words, nfc) == 0;
    free(nfc);
    return is_nfc ? REFUSAL_NONE : REFUSAL_MALFORMED;
}

/* Names of rules, no more than there can be. */
static enum refusal check_overrides(const struct decision *decision)
{
    const Assize__Hearing__V1__Command *command = decision->command;

    if (command->n_overrides > HEARING_OVERRIDES_MAX)
        return REFUSAL_MALFORMED;
    for (size_t i = 0; i < command->n_overrides; i++) {
        if (strlen(command->overrides[i]) > HEARING_RULE_MAX)
            return REFUSAL_MALFORMED;
    }
    return REFUSAL_NONE;
}

/* What was decided stands, if each rule that was to be set aside stood in the way. */
static enum refusal check_decided(const struct decision *decision)
{
    if (decision->out_of_memory)
        return REFUSAL_INTERNAL;
    if (decision->overridden != (UINT64_C(1) << decision->command->n_overrides) - 1)
        return REFUSAL_OVERRIDE_NOT_NEEDED;
    return REFUSAL_NONE;
}

static enum refusal decide_by_rule(struct decision *decision, struct hearing_actor actor)
{
    const struct rule *rule = rule_of(decision->command);

    if (!rule)
        return REFUSAL_MALFORMED;
    if (!decision->hearing->procedure)
        return REFUSAL_PROCEDURE_UNKNOWN;
    enum refusal refusal = find_asker(decision, actor);
    if (!refusal)
        refusal = check_asker(decision, rule);
    if (refusal)
        return refusal;
    if (is_stale(decision, rule->seen))
        return REFUSAL_STALE_SEQ;
    if (!(rule->statuses & HEARING_BIT(decision->hearing->status)))
        return REFUSAL_WRONG_STATUS;
    refusal = check_words(decision, rule);
    if (!refusal)
        refusal = check_overrides(decision);
    if (!refusal)
        refusal = rule->decide(decision);
    return refusal ? refusal : check_decided(decision);
}

enum refusal hearing_decide(const struct hearing *hearing,
                            const Assize__Hearing__V1__Command *command, struct hearing_actor actor,
                            int64_t now_ms, struct arena *arena, struct hearing_events *ret_events)
{
    struct decision decision = {.hearing = hearing,
                                .command = command,
                                .at_ms = now_ms > hearing->at_ms ? now_ms : hearing->at_ms,
                                .arena = arena};
    enum refusal refusal = decide_by_rule(&decision, actor);

    if (!refusal)
        *ret_events = decision.events;
    return refusal;
}

void hearing_explain(const struct hearing *hearing, const Assize__Hearing__V1__Command *command,
                     struct hearing_actor actor, enum refusal refusal,
                     struct hearing_reason *ret_reason)
{
    struct arena arena;
    struct decision decision = {.hearing = hearing,
                                .command = command,
                                .at_ms = hearing->at_ms,
                                .arena = &arena,
                                .reason = ret_reason};

    *ret_reason = (struct hearing_reason){0};
    arena_init(&arena, DRY_RUN_MAX);
    if (decide_by_rule(&decision, actor) != refusal)
        *ret_reason = (struct hearing_reason){0};
    ret_reason->can_override =
        *ret_reason->rule && decision_has_right(&decision, HEARING_RIGHT_OVERRIDE);
    arena_done(&arena);
}

enum refusal hearing_presume(const struct hearing *hearing,
                             const Assize__Hearing__V1__Command *command,
                             struct hearing_actor actor, struct arena *arena,
                             struct hearing_events *ret_events)
{
    enum refusal presumed = REFUSAL_NONE;
    struct decision decision = {.hearing = hearing,
                                .command = command,
                                .at_ms = hearing->at_ms,
                                .arena = arena,
                                .presumed = &presumed};
    enum refusal refusal = decide_by_rule(&decision, actor);

    *ret_events = decision.events;
    return refusal ? refusal : presumed;
}

/* A copy of the roster that lives in the arena; NULL when it is full. */
static Assize__Hearing__V1__Opened *copy_roster(const Assize__Hearing__V1__Opened *roster,
                                                struct arena *arena)
{
    size_t len = assize__hearing__v1__opened__get_packed_size(roster);
    uint8_t *packed = arena_alloc(arena, len);

    if (!packed)
        return NULL;
    assize__hearing__v1__opened__pack(roster, packed);
    return codec_unpack(&assize__hearing__v1__opened__descriptor, arena, packed, len);
}

enum refusal hearing_decide_opening(const Assize__Hearing__V1__Opened *roster, int64_t now_ms,
                                    struct arena *arena, struct hearing_events *ret_events)
{
    struct hearing unopened;

    if (!hearing_roster_fits(roster))
        return REFUSAL_MALFORMED;
    hearing_init(&unopened, NULL);
    struct decision decision = {.hearing = &unopened, .at_ms = now_ms, .arena = arena};
    Assize__Hearing__V1__Event *event = decision_add(&decision, HEARING_EVENT(OPENED), 0);
    Assize__Hearing__V1__Opened *copy = copy_roster(roster, arena);
    if (!event || !copy)
        return REFUSAL_INTERNAL;
    event->opened = copy;
    *ret_events = decision.events;
    return REFUSAL_NONE;
}
