/* Which case records are taken, and which field a refusal names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>
#include <strings.h>

#include "base/errors.h"
#include "server/cases/case_check.h"
#include "server/cases/case_rest.h"

#define TODAY    "2026-11-21"
#define TOMORROW "2026-11-22"
#define NOW      INT64_C(1795253999999) /* 2026-11-21T16:39:59.999+07:00 */
#define ENTITY   "0192f0c1-2b3c-7d4e-8f50-0123456789ab"

enum { PACKED_SIZE = 16384 };

/* protobuf-c does not write to it. */
static char *text(const char *constant)
{
    return (char *)(uintptr_t)constant;
}

static struct case_facts facts;
static char reason[CASE_REASON_SIZE];

static bool check(const char *type, const Assize__Cases__V1__CaseRecord *record)
{
    static uint8_t packed[PACKED_SIZE];

    size_t len = protobuf_c_message_get_packed_size(&record->base);
    assert_true(len <= sizeof(packed));
    protobuf_c_message_pack(&record->base, packed);
    return case_check(type, packed, len, NOW, &facts, reason);
}

static Assize__Cases__V1__CaseFile whole_file(void)
{
    Assize__Cases__V1__CaseFile file = ASSIZE__CASES__V1__CASE_FILE__INIT;

    file.court = text("TAND.01.KV2");
    file.number = text("12/2026/TLST-HS");
    file.has_kind = file.has_instance = file.has_status = true;
    file.kind = ASSIZE__CASES__V1__CASE_KIND__CASE_KIND_CRIMINAL;
    file.instance = ASSIZE__CASES__V1__INSTANCE__INSTANCE_FIRST;
    file.status = ASSIZE__EXCHANGE__V1__CASE_STATUS__CASE_STATUS_ACCEPTED;
    file.accepted_on = text("2026-02-03");
    return file;
}

static Assize__Cases__V1__CaseRecord record_of(Assize__Cases__V1__CaseFile *file)
{
    Assize__Cases__V1__CaseRecord record = ASSIZE__CASES__V1__CASE_RECORD__INIT;

    record.entity = text(ENTITY);
    record.body_case = ASSIZE__CASES__V1__CASE_RECORD__BODY_CASE_FILE;
    record.case_file = file;
    return record;
}

static void a_whole_case_file_tells_status_and_identifier(void **state)
{
    Assize__Cases__V1__CaseFile file = whole_file();
    Assize__Cases__V1__CaseRecord record = record_of(&file);

    (void)state;
    assert_true(check("case_file", &record));
    assert_string_equal(facts.entity, ENTITY);
    assert_string_equal(facts.status, "accepted");
    assert_string_equal(facts.public_id, "VN:TAND.01.KV2:2026:12-TLST-HS");
}

static void each_wrong_field_of_a_case_file_is_named(void **state)
{
    Assize__Cases__V1__CaseFile file;
    Assize__Cases__V1__CaseRecord record = record_of(&file);

    (void)state;
#define WRONG(change, wanted)                                                                      \
    file = whole_file();                                                                           \
    change;                                                                                        \
    assert_false(check("case_file", &record));                                                     \
    assert_string_equal(reason, "case_file." wanted)
    WRONG(file.court = NULL, "court");
    WRONG(file.court = text("TAND.02"), "court");
    WRONG(file.number = text("12/2026"), "number");
    WRONG(file.has_kind = false, "kind");
    WRONG(file.kind = 99, "kind");
    WRONG(file.kind = 0, "kind");
    WRONG(file.accepted_on = text("2026-02-30"), "accepted_on");
    WRONG(file.has_status = false, "status");
    WRONG(file.previous = text("VN:TAND.01"), "previous");
    WRONG(file.title = text(""), "title");
#undef WRONG
    file = whole_file();
    record.entity = text("case-1");
    assert_false(check("case_file", &record));
    assert_string_equal(reason, "entity");
}

static void statuses_have_the_words_of_their_names(void **state)
{
    (void)state;
    const ProtobufCEnumDescriptor *type = &assize__exchange__v1__case_status__descriptor;
    for (unsigned i = 0; i < type->n_values; i++) {
        const char *word = case_status_word(type->values[i].value);
        if (type->values[i].value)
            assert_int_equal(strcasecmp(word, type->values[i].name + strlen("CASE_STATUS_")), 0);
        else
            assert_null(word);
    }
    assert_null(case_status_word((int)type->n_values));
}

static void a_field_within_a_party_is_named_with_its_way(void **state)
{
    Assize__Cases__V1__CaseRecord record = ASSIZE__CASES__V1__CASE_RECORD__INIT;
    Assize__Cases__V1__Party party = ASSIZE__CASES__V1__PARTY__INIT;
    Assize__Cases__V1__NaturalPerson person = ASSIZE__CASES__V1__NATURAL_PERSON__INIT;

    (void)state;
    record.entity = text(ENTITY);
    record.body_case = ASSIZE__CASES__V1__CASE_RECORD__BODY_PARTY;
    record.party = &party;
    party.has_role = true;
    party.role = ASSIZE__CASES__V1__PARTY_ROLE__PARTY_ROLE_DEFENDANT;
    assert_false(check("party", &record));
    assert_string_equal(reason, "party.Party");
    party.who_case = ASSIZE__CASES__V1__PARTY__WHO_PERSON;
    party.person = &person;
    person.full_name = text("Trần Văn Bình");
    person.personal_number = text("00109012345");
    assert_false(check("party", &record));
    assert_string_equal(reason, "party.person.personal_number");
    person.personal_number = text("001090123456");
    assert_true(check("party", &record));
    assert_string_equal(facts.public_id, "");
}

static void a_payload_of_another_kind_than_its_type_is_refused(void **state)
{
    Assize__Cases__V1__CaseFile file = whole_file();
    Assize__Cases__V1__CaseRecord record = record_of(&file);

    (void)state;
    assert_false(check("party", &record));
    assert_string_equal(reason, "type");
}

static void what_is_no_message_or_nothing_is_refused(void **state)
{
    static const uint8_t junk[] = {0x0a, 0xff, 0x01};

    (void)state;
    assert_false(case_check("case_file", junk, sizeof(junk), NOW, &facts, reason));
    assert_string_equal(reason, "unreadable");
    assert_false(case_check("case_file", NULL, 0, NOW, &facts, reason));
    assert_string_equal(reason, "entity");
}

static void a_record_without_a_body_is_refused(void **state)
{
    Assize__Cases__V1__CaseRecord record = ASSIZE__CASES__V1__CASE_RECORD__INIT;

    (void)state;
    record.entity = text(ENTITY);
    assert_false(check("case_file", &record));
    assert_string_equal(reason, "CaseRecord");
}

/* Sets a day, or a moment, of a record that is whole. */
static void set_day(ProtobufCMessage *body, const char *name, const char *day, int64_t ms)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(body->descriptor, name);
    char *base = (char *)body;

    assert_non_null(field);
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        *(char **)(void *)(base + field->offset) = text(day);
        return;
    }
    *(protobuf_c_boolean *)(void *)(base + field->quantifier_offset) = true;
    *(int64_t *)(void *)(base + field->offset) = ms;
}

static void is_ahead(const char *type, const Assize__Cases__V1__CaseRecord *record,
                     const char *path)
{
    assert_false(check(type, record));
    assert_true(case_reason_is_ahead(reason));
    assert_string_equal(rejection_info(reason).field, path);
    assert_string_equal(rejection_info(reason).connect_code, "out_of_range");
}

/* Every day and moment of every record: what is told of has happened, or is planned. */
static void nothing_has_happened_after_today_but_much_is_planned(void **state)
{
    Assize__Cases__V1__CaseFile file = whole_file();
    Assize__Cases__V1__CaseEvent event = ASSIZE__CASES__V1__CASE_EVENT__INIT;
    Assize__Cases__V1__DocumentReference document = ASSIZE__CASES__V1__DOCUMENT_REFERENCE__INIT;
    Assize__Cases__V1__HearingRecord hearing = ASSIZE__CASES__V1__HEARING_RECORD__INIT;
    Assize__Cases__V1__Decision decision = ASSIZE__CASES__V1__DECISION__INIT;
    Assize__Cases__V1__Appeal appeal = ASSIZE__CASES__V1__APPEAL__INIT;
    Assize__Cases__V1__Enforcement enforcement = ASSIZE__CASES__V1__ENFORCEMENT__INIT;
    Assize__Cases__V1__NaturalPerson person = ASSIZE__CASES__V1__NATURAL_PERSON__INIT;
    Assize__Cases__V1__Party party = ASSIZE__CASES__V1__PARTY__INIT;
    uint8_t digest[32] = {0};
    const struct {
        const char *type, *field, *path;
        ProtobufCMessage *body;
        bool planned;
    } days[] = {
        {"case_file", "accepted_on", "case_file.accepted_on", &file.base, false},
        {"event", "at", "event.at", &event.base, false},
        {"document", "issued_on", "document.issued_on", &document.base, false},
        {"hearing", "scheduled_ms", "hearing.scheduled_ms", &hearing.base, true},
        {"hearing", "ended_ms", "hearing.ended_ms", &hearing.base, false},
        {"decision", "issued_on", "decision.issued_on", &decision.base, false},
        {"decision", "in_force_on", "decision.in_force_on", &decision.base, true},
        {"appeal", "filed_on", "appeal.filed_on", &appeal.base, false},
        {"enforcement", "begun_on", "enforcement.begun_on", &enforcement.base, false},
        {"enforcement", "ended_on", "enforcement.ended_on", &enforcement.base, false},
        {"party", "date_of_birth", "party.person.date_of_birth", &person.base, false},
    };

    (void)state;
    event.at = decision.issued_on = appeal.filed_on = text("2026-02-03");
    event.kind = text("filed");
    document.title = text("Cáo trạng");
    document.has_sha256 = hearing.has_scheduled_ms = decision.has_kind = party.has_role = true;
    document.sha256 = (ProtobufCBinaryData){sizeof(digest), digest};
    decision.kind = ASSIZE__CASES__V1__DECISION_KIND__DECISION_KIND_JUDGMENT;
    decision.number = text("34/2026/HS-ST");
    appeal.decision = enforcement.decision = text(ENTITY);
    enforcement.agency = text("THADS.01");
    party.role = ASSIZE__CASES__V1__PARTY_ROLE__PARTY_ROLE_DEFENDANT;
    party.who_case = ASSIZE__CASES__V1__PARTY__WHO_PERSON;
    party.person = &person;
    person.full_name = text("Trần Văn Bình");
    for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
        Assize__Cases__V1__CaseRecord record = ASSIZE__CASES__V1__CASE_RECORD__INIT;
        const ProtobufCFieldDescriptor *arm = protobuf_c_message_descriptor_get_field_by_name(
            &assize__cases__v1__case_record__descriptor, days[i].type);
        record.entity = text(ENTITY);
        record.body_case = (Assize__Cases__V1__CaseRecord__BodyCase)arm->id;
        record.case_file =
            (Assize__Cases__V1__CaseFile *)(days[i].body == &person.base ? &party.base
                                                                         : days[i].body);
        set_day(days[i].body, days[i].field, TODAY, NOW);
        assert_true(check(days[i].type, &record));
        set_day(days[i].body, days[i].field, TOMORROW, NOW + 1);
        if (days[i].planned)
            assert_true(check(days[i].type, &record));
        else
            is_ahead(days[i].type, &record, days[i].path);
        set_day(days[i].body, days[i].field, TODAY, NOW);
    }
}

/* The rest of a record, packed. */
static size_t rest_of(const char *type, const Assize__Cases__V1__CaseRecord *record,
                      uint8_t out[static PACKED_SIZE])
{
    static uint8_t packed[PACKED_SIZE];
    struct buf rest;

    buf_init(&rest, PACKED_SIZE);
    assert_true(case_rest(type, packed, protobuf_c_message_pack(&record->base, packed), &rest));
    memcpy(out, rest.data, rest.len);
    size_t len = rest.len;
    buf_done(&rest);
    return len;
}

static void what_is_left_of_a_record_names_nobody(void **state)
{
    Assize__Cases__V1__CaseFile file = whole_file();
    Assize__Cases__V1__CaseRecord record = record_of(&file);
    Assize__Cases__V1__CaseEvent event = ASSIZE__CASES__V1__CASE_EVENT__INIT;
    uint8_t rest[PACKED_SIZE];

    (void)state;
    file.title = text("Nguyễn Văn An");
    size_t len = rest_of("case_file", &record, rest);
    assert_null(memmem(rest, len, "An", 2));
    assert_true(case_rest_check("case_file", rest, len, &facts));
    assert_string_equal(facts.entity, ENTITY);
    assert_string_equal(facts.public_id, "VN:TAND.01.KV2:2026:12-TLST-HS");
    assert_string_equal(facts.status, "accepted");
    file.number = text("12 An"); /* so that nothing can hide in it */
    assert_null(memmem(rest, rest_of("case_file", &record, rest), "An", 2));
    record.body_case = ASSIZE__CASES__V1__CASE_RECORD__BODY_EVENT;
    record.event = &event;
    event.text = text("An");
    len = rest_of("event", &record, rest);
    assert_int_equal(len, 2 + strlen(ENTITY));
    assert_true(case_rest_check("event", rest, len, &facts));
    assert_string_equal(facts.public_id, "");
}

static void whatever_says_more_is_no_rest(void **state)
{
    Assize__Cases__V1__CaseFile file = whole_file();
    Assize__Cases__V1__CaseRecord record = record_of(&file);
    uint8_t packed[PACKED_SIZE];
    struct buf rest;

    (void)state;
    buf_init(&rest, PACKED_SIZE);
    size_t len = protobuf_c_message_pack(&record.base, packed);
    assert_false(case_rest_check("case_file", packed, len, &facts));
    assert_false(case_rest("party", packed, len, &rest));
    len = rest_of("case_file", &record, packed);
    memcpy(packed + len, "\xf2\x3f\x02hi", 5); /* a field that is not known */
    assert_false(case_rest_check("case_file", packed, len + 5, &facts));
    record.entity = text("Nguyễn Văn An");
    len = protobuf_c_message_pack(&record.base, packed);
    assert_false(case_rest("case_file", packed, len, &rest));
    buf_done(&rest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_case_file_tells_status_and_identifier),
        cmocka_unit_test(each_wrong_field_of_a_case_file_is_named),
        cmocka_unit_test(statuses_have_the_words_of_their_names),
        cmocka_unit_test(a_field_within_a_party_is_named_with_its_way),
        cmocka_unit_test(a_payload_of_another_kind_than_its_type_is_refused),
        cmocka_unit_test(what_is_no_message_or_nothing_is_refused),
        cmocka_unit_test(a_record_without_a_body_is_refused),
        cmocka_unit_test(nothing_has_happened_after_today_but_much_is_planned),
        cmocka_unit_test(what_is_left_of_a_record_names_nobody),
        cmocka_unit_test(whatever_says_more_is_no_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
