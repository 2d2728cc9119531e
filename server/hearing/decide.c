/* From a command to its handler: what holds for every command, and one rule for each. */
#include "decide_internal.h"

#include <assert.h>
#include <string.h>

#include "proto/codec.h"

#define STATUS(name) HEARING_BIT(HEARING_STATUS(name))

enum {
    STATUS_BEFORE_CLOSED =
        STATUS(SCHEDULED) | STATUS(IN_SESSION) | STATUS(RECESS) | STATUS(SUSPENDED),
    STATUS_ANY = STATUS_BEFORE_CLOSED | STATUS(CLOSED),
};

/* Who may ask. INSIDE: in the courtroom. */
enum asker { ASKER_ANYONE, ASKER_INSIDE, ASKER_SERVER };

/* What the asker must have seen the latest of, lest a command meant for one state strike another.
 */
enum seen { SEEN_NOTHING, SEEN_STATUS, SEEN_FLOOR };

static const struct rule {
    enum refusal (*decide)(struct decision *decision);
    enum asker asker;
    enum hearing_right right; /* or 0 */
    unsigned statuses;
    enum seen seen;
    bool narrows;
} RULES[] = {
    [HEARING_COMMAND(CHECK_IN)] = {decide_check_in, ASKER_ANYONE, 0, STATUS_BEFORE_CLOSED,
                                   SEEN_NOTHING, false},
    [HEARING_COMMAND(ADMIT)] = {decide_admit, ASKER_INSIDE, HEARING_RIGHT_ADMIT,
                                STATUS_BEFORE_CLOSED, SEEN_NOTHING, false},
    [HEARING_COMMAND(SEND_BACK)] = {decide_send_back, ASKER_INSIDE, HEARING_RIGHT_SEND_BACK,
                                    STATUS_BEFORE_CLOSED, SEEN_NOTHING, true},
    [HEARING_COMMAND(START)] = {decide_conduct, ASKER_INSIDE, HEARING_RIGHT_CONDUCT, STATUS_ANY,
                                SEEN_STATUS, false},
    [HEARING_COMMAND(RECESS)] = {decide_conduct, ASKER_INSIDE, HEARING_RIGHT_CONDUCT, STATUS_ANY,
                                 SEEN_STATUS, true},
    [HEARING_COMMAND(RESUME)] = {decide_conduct, ASKER_INSIDE, HEARING_RIGHT_CONDUCT, STATUS_ANY,
                                 SEEN_STATUS, false},
    [HEARING_COMMAND(SUSPEND)] = {decide_conduct, ASKER_INSIDE, HEARING_RIGHT_CONDUCT, STATUS_ANY,
                                  SEEN_STATUS, true},
    [HEARING_COMMAND(CLOSE)] = {decide_conduct, ASKER_INSIDE, HEARING_RIGHT_CONDUCT, STATUS_ANY,
                                SEEN_STATUS, true},
    [HEARING_COMMAND(MUTE)] = {decide_mute, ASKER_ANYONE, 0, STATUS_BEFORE_CLOSED, SEEN_NOTHING,
                               true},
    [HEARING_COMMAND(UNMUTE)] = {decide_unmute, ASKER_ANYONE, 0, STATUS_BEFORE_CLOSED, SEEN_NOTHING,
                                 false},
    [HEARING_COMMAND(RAISE_HAND)] = {decide_raise_hand, ASKER_INSIDE, HEARING_RIGHT_ASK_FLOOR,
                                     STATUS(IN_SESSION), SEEN_NOTHING, false},
    [HEARING_COMMAND(LOWER_HAND)] = {decide_lower_hand, ASKER_INSIDE, 0, STATUS(IN_SESSION),
                                     SEEN_NOTHING, false},
    [HEARING_COMMAND(GRANT_FLOOR)] = {decide_grant_floor, ASKER_INSIDE, HEARING_RIGHT_GIVE_FLOOR,
                                      STATUS(IN_SESSION), SEEN_FLOOR, false},
    [HEARING_COMMAND(TAKE_BACK_FLOOR)] = {decide_take_back_floor, ASKER_INSIDE,
                                          HEARING_RIGHT_GIVE_FLOOR, STATUS(IN_SESSION), SEEN_FLOOR,
                                          true},
    [HEARING_COMMAND(LEAVE)] = {decide_leave, ASKER_ANYONE, 0, STATUS_ANY, SEEN_NOTHING, true},
    [HEARING_COMMAND(LINK_LOST)] = {decide_link_lost, ASKER_SERVER, 0, STATUS_ANY, SEEN_NOTHING,
                                    false},
    [HEARING_COMMAND(LINK_RESTORED)] = {decide_link_restored, ASKER_SERVER, 0, STATUS_ANY,
                                        SEEN_NOTHING, false},
    [HEARING_COMMAND(CLOCK_JUMP)] = {decide_clock_jump, ASKER_SERVER, 0, STATUS_BEFORE_CLOSED,
                                     SEEN_NOTHING, false},
    [HEARING_COMMAND(RECORD_ON)] = {decide_record, ASKER_INSIDE, HEARING_RIGHT_RECORD,
                                    STATUS(IN_SESSION), SEEN_STATUS, false},
    [HEARING_COMMAND(RECORD_OFF)] = {decide_record, ASKER_INSIDE, HEARING_RIGHT_RECORD,
                                     STATUS(IN_SESSION), SEEN_STATUS, true},
    [HEARING_COMMAND(RECORD_GAP)] = {decide_record_gap, ASKER_SERVER, 0, STATUS_ANY, SEEN_NOTHING,
                                     false},
    [HEARING_COMMAND(RECORD_HEAD)] = {decide_record_head, ASKER_SERVER, 0, STATUS_ANY, SEEN_NOTHING,
                                      false},
    [HEARING_COMMAND(OPEN_GALLERY)] = {decide_open_gallery, ASKER_INSIDE, HEARING_RIGHT_GALLERY,
                                       STATUS_BEFORE_CLOSED, SEEN_STATUS, false},
    [HEARING_COMMAND(CLOSE_GALLERY)] = {decide_close_gallery, ASKER_INSIDE,
                                        HEARING_RIGHT_CLOSE_GALLERY, STATUS_BEFORE_CLOSED,
                                        SEEN_NOTHING, true},
    [HEARING_COMMAND(SET_GALLERY_DELAY)] = {decide_gallery_delay, ASKER_INSIDE,
                                            HEARING_RIGHT_GALLERY, STATUS_BEFORE_CLOSED,
                                            SEEN_NOTHING, false},
    [HEARING_COMMAND(GO_PRIVATE)] = {decide_go_private, ASKER_INSIDE, HEARING_RIGHT_GALLERY,
                                     STATUS_BEFORE_CLOSED, SEEN_NOTHING, true},
    [HEARING_COMMAND(GO_PUBLIC)] = {decide_go_public, ASKER_INSIDE, HEARING_RIGHT_GALLERY,
                                    STATUS_BEFORE_CLOSED, SEEN_STATUS, false},
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

    return rule && rule->narrows;
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
    if (rule->asker == ASKER_INSIDE && !hearing_is_inside(decision->hearing, decision->who->id))
        return REFUSAL_NOT_IN_HEARING;
    return REFUSAL_NONE;
}

static bool is_stale(const struct decision *decision, enum seen seen)
{
    const struct hearing *hearing = decision->hearing;
    uint64_t seen_seq = decision->command->seen_seq;

    return seen_seq > hearing->seq || (seen == SEEN_STATUS && seen_seq < hearing->status_seq) ||
           (seen == SEEN_FLOOR && seen_seq < hearing->floor_seq);
}

static enum refusal decide_by_rule(struct decision *decision, struct hearing_actor actor)
{
    const struct rule *rule = rule_of(decision->command);

    if (!rule)
        return REFUSAL_MALFORMED;
    enum refusal refusal = find_asker(decision, actor);
    if (!refusal)
        refusal = check_asker(decision, rule);
    if (refusal)
        return refusal;
    if (is_stale(decision, rule->seen))
        return REFUSAL_STALE_SEQ;
    if (!(rule->statuses & HEARING_BIT(decision->hearing->status)))
        return REFUSAL_WRONG_STATUS;
    refusal = rule->decide(decision);
    return !refusal && decision->out_of_memory ? REFUSAL_INTERNAL : refusal;
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
