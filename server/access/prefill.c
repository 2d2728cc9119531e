/* CaseService.Prefill: people declare only once. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "proto/codec.h"
#include "server/access/access_check.h"
#include "server/access/access_internal.h"
#include "server/access/inquiry.h"
#include "server/cases/case_check.h"

#define PERSON assize__cases__v1__natural_person__descriptor

enum { FIELDS_MAX = 16, OWN_MAX = 16 << 10, DAY_MS = 24 * 3600 * CLOCK_MS_PER_S };

/* What is put together; the texts are those of the records it is put together from. */
struct filling {
    int64_t now_ms;
    Assize__Cases__V1__NaturalPerson person;
    Assize__Cases__V1__PrefilledField fields[FIELDS_MAX];
    Assize__Cases__V1__PrefilledField *table[FIELDS_MAX];
    size_t count;
};

/* A call that waits for what the centre knows. */
struct waiting {
    struct access_call *call;
    struct buf own; /* a packed PrefillResponse of what is known here */
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

static bool is_fit(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message)
{
    const char *at = (const char *)message;

    return field->type != PROTOBUF_C_TYPE_STRING ||
           strlen(*(char *const *)(const void *)(at + field->offset)) <= CASE_NAME_MAX;
}

/* ---- what is put together ---- */

static void filling_init(struct filling *filling)
{
    memset(filling, 0, sizeof(*filling));
    filling->now_ms = clock_wall_ms();
    assize__cases__v1__natural_person__init(&filling->person);
}

/* What the field was filled from, or its new entry; NULL when there is no room. */
static Assize__Cases__V1__PrefilledField *entry_of(struct filling *filling, const char *name)
{
    for (size_t i = 0; i < filling->count; i++) {
        if (strcmp(filling->fields[i].name, name) == 0)
            return &filling->fields[i];
    }
    if (filling->count == FIELDS_MAX)
        return NULL;
    Assize__Cases__V1__PrefilledField *entry = &filling->fields[filling->count];
    assize__cases__v1__prefilled_field__init(entry);
    filling->table[filling->count++] = entry;
    entry->name = codec_text(name);
    return entry;
}

/* A field of somebody, as a source said it then; what was said later stands, and what came first of
 * two that were said together. */
static void fill(struct filling *filling, const ProtobufCFieldDescriptor *field,
                 const ProtobufCMessage *person, const char *source, int64_t recorded_ms)
{
    if (!is_set(field, person) || !is_fit(field, person))
        return;
    Assize__Cases__V1__PrefilledField *entry = entry_of(filling, field->name);
    if (!entry || (entry->source && entry->recorded_ms >= recorded_ms))
        return;
    copy(field, person, &filling->person.base);
    entry->source = codec_text(source);
    entry->has_recorded_ms = entry->has_age_days = true;
    entry->recorded_ms = recorded_ms;
    entry->age_days =
        recorded_ms < filling->now_ms ? (uint32_t)((filling->now_ms - recorded_ms) / DAY_MS) : 0;
}

static void fill_from_record(struct filling *filling, const Assize__Cases__V1__CaseRecord *record,
                             const struct case_said *said)
{
    if (!record || record->body_case != ASSIZE__CASES__V1__CASE_RECORD__BODY_PARTY ||
        record->party->who_case != ASSIZE__CASES__V1__PARTY__WHO_PERSON)
        return;
    for (unsigned i = 0; i < PERSON.n_fields; i++)
        fill(filling, &PERSON.fields[i], &record->party->person->base, said->source,
             said->recorded_ms);
}

/* besides: whose words are left out, or NULL. */
static void fill_from_answer(struct filling *filling,
                             const Assize__Cases__V1__PrefillResponse *answer, const char *besides)
{
    for (size_t i = 0; answer && answer->person && i < answer->n_fields; i++) {
        const Assize__Cases__V1__PrefilledField *told = answer->fields[i];
        const ProtobufCFieldDescriptor *field =
            told->name ? protobuf_c_message_descriptor_get_field_by_name(&PERSON, told->name)
                       : NULL;
        if (field && access_check_organisation(told->source) &&
            clock_ms_is_of_calendar(told->recorded_ms) &&
            (!besides || strcmp(told->source, besides) != 0))
            fill(filling, field, &answer->person->base, told->source, told->recorded_ms);
    }
}

static Assize__Cases__V1__PrefillResponse response_of(struct filling *filling)
{
    Assize__Cases__V1__PrefillResponse told = ASSIZE__CASES__V1__PREFILL_RESPONSE__INIT;

    told.person = filling->count ? &filling->person : NULL;
    told.fields = filling->table;
    told.n_fields = filling->count;
    return told;
}

/* ---- asking ---- */

/* Of the court's own words, those it has itself hold: the centre may not have the last of them yet.
 */
static void center_said(void *context, Assize__Cases__V1__CenterSaid said,
                        const Assize__Cases__V1__PrefillResponse *known)
{
    struct waiting *waiting = context;
    struct access_call *call = waiting->call;
    struct filling filling;
    struct arena arena;

    filling_init(&filling);
    arena_init(&arena, codec_arena_max(waiting->own.len));
    fill_from_answer(&filling,
                     codec_unpack(&assize__cases__v1__prefill_response__descriptor, &arena,
                                  waiting->own.data, waiting->own.len),
                     NULL);
    fill_from_answer(&filling, known, call->caller.organisation);
    Assize__Cases__V1__PrefillResponse told = response_of(&filling);
    told.has_center = true;
    told.center = said;
    for (size_t i = 0; i < told.n_fields; i++) {
        told.fields[i]->has_own = true;
        told.fields[i]->own = strcmp(told.fields[i]->source, call->caller.organisation) == 0;
    }
    access_call_answered(call, 0, REFUSAL_NONE, &told.base);
    arena_done(&arena);
    buf_done(&waiting->own);
    free(waiting);
}

static void ask_center(struct access_call *call, const Assize__Cases__V1__PrefillResponse *own)
{
    Assize__Cases__V1__PrefillRequest request = ASSIZE__CASES__V1__PREFILL_REQUEST__INIT;
    Assize__Access__V1__Reason reason = ASSIZE__ACCESS__V1__REASON__INIT;
    struct waiting *waiting = malloc(sizeof(*waiting));

    if (!waiting)
        abort();
    waiting->call = call;
    buf_init(&waiting->own, OWN_MAX);
    if (codec_pack(&own->base, &waiting->own))
        abort(); /* each of its texts has a limit */
    reason.has_purpose = true;
    reason.purpose = call->caller.purpose;
    reason.legal_basis = call->legal_basis;
    request.reason = &reason;
    request.personal_number =
        ((const Assize__Cases__V1__PrefillRequest *)call->request)->personal_number;
    request.asker = call->account;
    if (call->service->inquiries)
        inquiries_prefill(call->service->inquiries, &request, center_said, waiting);
    else
        center_said(waiting, ASSIZE__CASES__V1__CENTER_SAID__CENTER_SAID_NONE, NULL);
}

/* The access is in the log. At a court its centre is asked as well. */
static void answer(void *context, int error, enum refusal refusal, const struct case_said *said,
                   size_t count)
{
    struct access_call *call = context;
    struct filling filling;
    struct arena arena;
    size_t room = 0;

    filling_init(&filling);
    for (size_t i = 0; i < count; i++)
        room += codec_arena_max(said[i].len);
    arena_init(&arena, room);
    for (size_t i = 0; i < count; i++)
        fill_from_record(&filling,
                         codec_unpack(&assize__cases__v1__case_record__descriptor, &arena,
                                      said[i].payload, said[i].len),
                         &said[i]);
    Assize__Cases__V1__PrefillResponse told = response_of(&filling);
    if (error || refusal)
        access_call_answered(call, error, refusal, NULL);
    else if (call->caller.account && call->service->changes)
        ask_center(call, &told);
    else
        access_call_answered(call, 0, REFUSAL_NONE, &told.base);
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
    case_store_prefill(access_call_reader(call), &call->caller, person,
                       call->caller.account ? NULL : request->asker, answer, call);
}
