/* CaseService.Prefill: people declare only once. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "proto/codec.h"
#include "server/access/access_check.h"
#include "server/access/access_internal.h"

#define PERSON assize__cases__v1__natural_person__descriptor

enum { FIELDS_MAX = 16, DAY_MS = 24 * 3600 * CLOCK_MS_PER_S };

/* What is put together from records, newest first. */
struct filling {
    struct access_call *call;
    int64_t now_ms;
    Assize__Cases__V1__NaturalPerson person;
    Assize__Cases__V1__PrefilledField fields[FIELDS_MAX];
    Assize__Cases__V1__PrefilledField *table[FIELDS_MAX];
    size_t count;
};

static bool is_set(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message)
{
    const char *at = (const char *)message;

    if (field->type == PROTOBUF_C_TYPE_STRING)
        return *(char *const *)(const void *)(at + field->offset);
    return *(const protobuf_c_boolean *)(const void *)(at + field->quantifier_offset);
}

static void copy(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *from,
                 ProtobufCMessage *to)
{
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        memcpy((char *)to + field->offset, (const char *)from + field->offset, sizeof(void *));
    } else {
        memcpy((char *)to + field->offset, (const char *)from + field->offset, sizeof(int));
        *(protobuf_c_boolean *)(void *)((char *)to + field->quantifier_offset) = true;
    }
}

/* Each field that no newer record had. */
static void fill(struct filling *filling, const Assize__Cases__V1__NaturalPerson *person,
                 const struct case_said *said)
{
    ProtobufCMessage *to = &filling->person.base;

    for (unsigned i = 0; i < PERSON.n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &PERSON.fields[i];
        if (is_set(field, to) || !is_set(field, &person->base) || filling->count == FIELDS_MAX)
            continue;
        Assize__Cases__V1__PrefilledField *told = &filling->fields[filling->count];
        assize__cases__v1__prefilled_field__init(told);
        copy(field, &person->base, to);
        told->name = codec_text(field->name);
        told->source = codec_text(said->source);
        told->has_recorded_ms = told->has_age_days = true;
        told->recorded_ms = said->recorded_ms;
        told->age_days = said->recorded_ms < filling->now_ms
                             ? (uint32_t)((filling->now_ms - said->recorded_ms) / DAY_MS)
                             : 0;
        filling->table[filling->count++] = told;
    }
}

static void answer(void *context, int error, enum refusal refusal, const struct case_said *said,
                   size_t count)
{
    Assize__Cases__V1__PrefillResponse told = ASSIZE__CASES__V1__PREFILL_RESPONSE__INIT;
    struct filling filling = {.call = context, .now_ms = clock_wall_ms()};
    struct arena arena;
    size_t room = 0;

    assize__cases__v1__natural_person__init(&filling.person);
    for (size_t i = 0; i < count; i++)
        room += codec_arena_max(said[i].len);
    arena_init(&arena, room);
    for (size_t i = 0; i < count; i++) {
        const Assize__Cases__V1__CaseRecord *record = codec_unpack(
            &assize__cases__v1__case_record__descriptor, &arena, said[i].payload, said[i].len);
        if (record && record->body_case == ASSIZE__CASES__V1__CASE_RECORD__BODY_PARTY &&
            record->party->who_case == ASSIZE__CASES__V1__PARTY__WHO_PERSON)
            fill(&filling, record->party->person, &said[i]);
    }
    told.person = filling.count ? &filling.person : NULL;
    told.fields = filling.table;
    told.n_fields = filling.count;
    access_call_answered(filling.call, error, refusal, error || refusal ? NULL : &told.base);
    arena_done(&arena);
}

void access_prefill(struct access_call *call)
{
    const Assize__Cases__V1__PrefillRequest *request =
        (const Assize__Cases__V1__PrefillRequest *)call->request;
    uint8_t person[PERSON_SEARCH_BYTES];

    if (!access_call_reason(call, request->reason))
        return;
    const char *wrong = access_check_prefill(request);
    if (wrong) {
        access_call_refuse(call, REFUSAL_FIELD_WRONG, wrong);
        return;
    }
    person_key_search(call->service->people, request->personal_number, person);
    case_store_prefill(access_call_reader(call), &call->caller, person, answer, call);
}
