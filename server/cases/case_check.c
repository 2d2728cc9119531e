#include "server/cases/case_check.h"

#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/str.h"
#include "proto/codec.h"

#define CASE_AHEAD "future:" /* as of the rejections of base/errors.h */

enum need { MAY, MUST };

enum form {
    FORM_NAME, /* short text */
    FORM_TEXT,
    FORM_ENTITY,
    FORM_DAY,
    FORM_DAY_OF, /* on which something has happened */
    FORM_BIRTH,
    FORM_COURT,
    FORM_NUMBER, /* of a case or a decision */
    FORM_PUBLIC_ID,
    FORM_PERSONAL_NUMBER,
    FORM_COMMUNE,
    FORM_COUNTRY,
    FORM_REGISTRATION,
    FORM_WORD,
    FORM_DIGEST,
    FORM_AMOUNT, /* not negative */
    FORM_MOMENT, /* ms, when something has happened */
    FORM_CHOICE, /* a value of its enum that this build knows */
    FORM_PART,   /* a message of its own */
    FORM_ANY,
    FORM_NONE
};

/* Each field of each message, the rows of one message together; a field without a row is refused.
 */
static const struct rule {
    const char *message;
    const char *field;
    enum need need;
    enum form form;
} rules[] = {
    {"CaseRecord", "entity", MUST, FORM_ENTITY},
    {"CaseFile", "court", MUST, FORM_COURT},
    {"CaseFile", "number", MUST, FORM_NUMBER},
    {"CaseFile", "kind", MUST, FORM_CHOICE},
    {"CaseFile", "instance", MUST, FORM_CHOICE},
    {"CaseFile", "title", MAY, FORM_NAME},
    {"CaseFile", "accepted_on", MUST, FORM_DAY_OF},
    {"CaseFile", "status", MUST, FORM_CHOICE},
    {"CaseFile", "previous", MAY, FORM_PUBLIC_ID},
    {"Party", "role", MUST, FORM_CHOICE},
    {"NaturalPerson", "full_name", MUST, FORM_NAME},
    {"NaturalPerson", "personal_number", MAY, FORM_PERSONAL_NUMBER},
    {"NaturalPerson", "date_of_birth", MAY, FORM_BIRTH},
    {"NaturalPerson", "sex", MAY, FORM_CHOICE},
    {"NaturalPerson", "nationality", MAY, FORM_COUNTRY},
    {"NaturalPerson", "residence", MAY, FORM_NAME},
    {"NaturalPerson", "commune", MAY, FORM_COMMUNE},
    {"Organisation", "name", MUST, FORM_NAME},
    {"Organisation", "number", MAY, FORM_REGISTRATION},
    {"Organisation", "address", MAY, FORM_NAME},
    {"Organisation", "representative", MAY, FORM_ENTITY},
    {"Counsel", "full_name", MUST, FORM_NAME},
    {"Counsel", "licence", MAY, FORM_NAME},
    {"Counsel", "party", MUST, FORM_ENTITY},
    {"Charge", "party", MUST, FORM_ENTITY},
    {"Charge", "article", MUST, FORM_WORD},
    {"Charge", "clause", MAY, FORM_WORD},
    {"Charge", "point", MAY, FORM_NAME},
    {"Charge", "offence", MUST, FORM_NAME},
    {"Claim", "party", MUST, FORM_ENTITY},
    {"Claim", "matter", MUST, FORM_TEXT},
    {"Claim", "amount_vnd", MAY, FORM_AMOUNT},
    {"CaseEvent", "at", MUST, FORM_DAY_OF},
    {"CaseEvent", "kind", MUST, FORM_WORD},
    {"CaseEvent", "text", MAY, FORM_TEXT},
    {"DocumentReference", "title", MUST, FORM_NAME},
    {"DocumentReference", "number", MAY, FORM_NAME},
    {"DocumentReference", "issued_on", MAY, FORM_DAY_OF},
    {"DocumentReference", "sha256", MUST, FORM_DIGEST},
    {"DocumentReference", "size", MAY, FORM_ANY},
    {"DocumentReference", "media_type", MAY, FORM_NAME},
    {"HearingRecord", "scheduled_ms", MUST, FORM_AMOUNT},
    {"HearingRecord", "ended_ms", MAY, FORM_MOMENT},
    {"HearingRecord", "place", MAY, FORM_NAME},
    {"HearingRecord", "online", MAY, FORM_ANY},
    {"HearingRecord", "hearing", MAY, FORM_ENTITY},
    {"Decision", "kind", MUST, FORM_CHOICE},
    {"Decision", "number", MUST, FORM_NUMBER},
    {"Decision", "issued_on", MUST, FORM_DAY_OF},
    {"Decision", "outcome", MAY, FORM_TEXT},
    {"Decision", "in_force_on", MAY, FORM_DAY},
    {"Decision", "document", MAY, FORM_ENTITY},
    {"Appeal", "decision", MUST, FORM_ENTITY},
    {"Appeal", "party", MAY, FORM_ENTITY},
    {"Appeal", "filed_on", MUST, FORM_DAY_OF},
    {"Appeal", "grounds", MAY, FORM_TEXT},
    {"Enforcement", "decision", MUST, FORM_ENTITY},
    {"Enforcement", "agency", MUST, FORM_WORD},
    {"Enforcement", "number", MAY, FORM_NAME},
    {"Enforcement", "begun_on", MAY, FORM_DAY_OF},
    {"Enforcement", "ended_on", MAY, FORM_DAY_OF},
    {"Enforcement", "outcome", MAY, FORM_TEXT},
};

static bool is_made_of(const char *text, size_t least, size_t most, const char *letters)
{
    size_t len = strlen(text);

    return len >= least && len <= most && strspn(text, letters) == len;
}

#define DIGITS   "0123456789"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool text_is_good(enum form form, const char *text)
{
    struct case_number number;
    struct case_court court;

    switch (form) {
    case FORM_NAME:
        return *text && strlen(text) <= CASE_NAME_MAX;
    case FORM_TEXT:
        return *text && strlen(text) <= CASE_TEXT_MAX;
    case FORM_ENTITY:
        return str_is_uuid(text);
    case FORM_DAY:
    case FORM_DAY_OF:
        return date_is_day(text);
    case FORM_BIRTH:
        return date_is_past_day(text);
    case FORM_COURT:
        return case_court_parse(text, &court);
    case FORM_NUMBER:
        return case_number_parse(text, &number);
    case FORM_PUBLIC_ID:
        return case_public_id_is_good(text);
    case FORM_PERSONAL_NUMBER:
        return is_made_of(text, 12, 12, DIGITS);
    case FORM_COMMUNE:
        return is_made_of(text, 5, 5, DIGITS);
    case FORM_COUNTRY:
        return is_made_of(text, 2, 2, CAPITALS);
    case FORM_REGISTRATION:
        return is_made_of(text, 10, 14, DIGITS "-");
    case FORM_WORD:
        return is_made_of(text, 1, 35, DIGITS CAPITALS "abcdefghijklmnopqrstuvwxyz._-");
    case FORM_DIGEST:
    case FORM_AMOUNT:
    case FORM_MOMENT:
    case FORM_CHOICE:
    case FORM_PART:
    case FORM_ANY:
    case FORM_NONE:
        break;
    }
    return false;
}

/* A field of a message, whichever type it has. */
struct field {
    const ProtobufCFieldDescriptor *type;
    const void *value;
    bool there;
};

static struct field field_of(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *type)
{
    const char *base = (const char *)message;
    struct field field = {.type = type, .value = base + type->offset};
    const void *quantifier = base + type->quantifier_offset;

    if (type->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        field.there = *(const uint32_t *)quantifier == type->id;
    else if (type->type == PROTOBUF_C_TYPE_STRING || type->type == PROTOBUF_C_TYPE_MESSAGE)
        field.there = *(void *const *)field.value != NULL;
    else
        field.there = *(const protobuf_c_boolean *)quantifier;
    return field;
}

static bool value_is_good(const struct field *field, enum form form)
{
    if (form == FORM_ANY || form == FORM_NONE)
        return form == FORM_ANY;
    if (form == FORM_CHOICE) {
        int value = *(const int *)field->value;
        return value && protobuf_c_enum_descriptor_get_value(field->type->descriptor, value);
    }
    if (form == FORM_AMOUNT || form == FORM_MOMENT)
        return *(const int64_t *)field->value >= 0;
    if (form == FORM_DIGEST)
        return ((const ProtobufCBinaryData *)field->value)->len == 32;
    return text_is_good(form, *(char *const *)field->value);
}

/* Of a value that is good: what it tells of has happened, if it tells of such a thing. */
static bool value_has_come(const struct field *field, enum form form, int64_t now_ms)
{
    if (form == FORM_MOMENT)
        return *(const int64_t *)field->value <= now_ms;
    return (form != FORM_DAY_OF && form != FORM_BIRTH) ||
           date_has_begun(*(char *const *)field->value, now_ms);
}

static const struct rule *const rules_end = rules + sizeof(rules) / sizeof(*rules);

/* The first rule of a message; its others follow it. */
static const struct rule *rules_of(const char *message)
{
    const struct rule *rule = rules;

    while (rule < rules_end && strcmp(rule->message, message) != 0)
        rule++;
    return rule;
}

static struct rule rule_of(const struct rule *first, const char *message,
                           const ProtobufCFieldDescriptor *type)
{
    for (const struct rule *rule = first; rule < rules_end && strcmp(rule->message, message) == 0;
         rule++) {
        if (strcmp(rule->field, type->name) == 0)
            return *rule;
    }
    return (struct rule){message, type->name, MAY,
                         type->type == PROTOBUF_C_TYPE_MESSAGE ? FORM_PART : FORM_NONE};
}

/* The path grows by a part, or stays as it is when it has no room (which the test of all fields
 * would tell). */
static void add_part(char path[static CASE_REASON_SIZE], const char *part)
{
    size_t used = strlen(path);

    snprintf(path + used, CASE_REASON_SIZE - used, "%s%s", used ? "." : "", part);
}

/* A record that is looked at. */
struct checking {
    int64_t now_ms;
    char path[CASE_REASON_SIZE]; /* where; of what is wrong, in the end */
    bool ahead;                  /* it is wrong for now: it has not happened yet */
};

static bool message_is_good(struct checking *checking, const ProtobufCMessage *message);

static bool field_is_good(struct checking *checking, const struct field *field, enum form form)
{
    if (form == FORM_PART)
        return message_is_good(checking, *(ProtobufCMessage *const *)field->value);
    if (!value_is_good(field, form))
        return false;
    checking->ahead = !value_has_come(field, form, checking->now_ms);
    return !checking->ahead;
}

/* One of the arms of each oneof must be there. Messages nest two deep at most (cases.proto). */
static bool message_is_good(struct checking *checking, const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    const struct rule *rules_here = rules_of(type->short_name);
    bool has_arms = false, has_arm = false;
    size_t used = strlen(checking->path);

    for (unsigned i = 0; i < type->n_fields; i++) {
        struct field field = field_of(message, &type->fields[i]);
        struct rule rule = rule_of(rules_here, type->short_name, &type->fields[i]);
        has_arms = has_arms || rule.form == FORM_PART;
        if (!field.there && rule.need == MAY)
            continue;
        add_part(checking->path, type->fields[i].name);
        if (!field.there || !field_is_good(checking, &field, rule.form))
            return false;
        has_arm = has_arm || rule.form == FORM_PART;
        checking->path[used] = '\0';
    }
    if (has_arms && !has_arm)
        add_part(checking->path, type->short_name);
    return !has_arms || has_arm;
}

const char *case_status_word(int status)
{
    /* By number, as in the enum CaseStatus and in the column court_case.status. */
    static const char *const words[] = {
        NULL,       "received", "accepted",  "suspended", "scheduled",   "tried", "decided",
        "appealed", "final",    "enforcing", "closed",    "transferred", "merged"};

    return status > 0 && status < (int)(sizeof(words) / sizeof(*words)) ? words[status] : NULL;
}

bool case_check_knows(const char *type)
{
    const ProtobufCFieldDescriptor *arm = protobuf_c_message_descriptor_get_field_by_name(
        &assize__cases__v1__case_record__descriptor, type);

    return arm && arm->type == PROTOBUF_C_TYPE_MESSAGE;
}

static void read_party(const Assize__Cases__V1__Party *party, struct case_facts *facts)
{
    bool person = party->who_case == ASSIZE__CASES__V1__PARTY__WHO_PERSON;

    str_copy(facts->party_name, sizeof(facts->party_name),
             person ? party->person->full_name : party->organisation->name);
    if (person && party->person->personal_number)
        str_copy(facts->personal_number, sizeof(facts->personal_number),
                 party->person->personal_number);
}

static void read_facts(const Assize__Cases__V1__CaseRecord *record, struct case_facts *facts)
{
    struct case_number number;

    *facts = (struct case_facts){0};
    str_copy(facts->entity, sizeof(facts->entity), record->entity);
    if (record->body_case == ASSIZE__CASES__V1__CASE_RECORD__BODY_PARTY)
        read_party(record->party, facts);
    if (record->body_case != ASSIZE__CASES__V1__CASE_RECORD__BODY_CASE_FILE)
        return;
    if (case_number_parse(record->case_file->number, &number))
        case_public_id(record->case_file->court, &number, facts->public_id);
    facts->status = case_status_word((int)record->case_file->status);
}

static bool check(const char *type, const Assize__Cases__V1__CaseRecord *record, int64_t now_ms,
                  char reason[static CASE_REASON_SIZE])
{
    struct checking checking = {.now_ms = now_ms};

    reason[0] = '\0';
    if (!message_is_good(&checking, &record->base)) {
        snprintf(reason, CASE_REASON_SIZE, "%s%s", checking.ahead ? CASE_AHEAD : "", checking.path);
        return false;
    }
    const ProtobufCFieldDescriptor *arm = protobuf_c_message_descriptor_get_field(
        &assize__cases__v1__case_record__descriptor, (unsigned)record->body_case);
    if (strcmp(arm->name, type) == 0)
        return true;
    add_part(reason, "type");
    return false;
}

bool case_check(const char *type, const uint8_t *payload, size_t len, int64_t now_ms,
                struct case_facts *ret_facts, char reason[static CASE_REASON_SIZE])
{
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    const Assize__Cases__V1__CaseRecord *record =
        codec_unpack(&assize__cases__v1__case_record__descriptor, &arena, payload, len);
    bool good = record && check(type, record, now_ms, reason);
    if (!record)
        snprintf(reason, CASE_REASON_SIZE, "unreadable");
    if (good)
        read_facts(record, ret_facts);
    arena_done(&arena);
    return good;
}

bool case_reason_is_ahead(const char *reason)
{
    return strncmp(reason, CASE_AHEAD, strlen(CASE_AHEAD)) == 0;
}
