/* CaseService.AddParty: a clerk writes a party of a case of the court. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "proto/codec.h"
#include "server/access/access_check.h"
#include "server/access/access_internal.h"
#include "server/cases/case_check.h"

enum { PAYLOAD_MAX = 8192 };

/* The party as it is written, with nothing in it that this build does not know. */
struct writing {
    Assize__Cases__V1__CaseRecord record;
    Assize__Cases__V1__Party party;
    Assize__Cases__V1__NaturalPerson person;
    Assize__Cases__V1__Organisation organisation;
    struct buf packed;
    char wrong[CASE_REASON_SIZE];
};

static bool is_blank(const char *text)
{
    return !text[strspn(text, " ")];
}

/* Each of its texts in NFC, in the call's arena. NULL, or the name of one that is no line. */
static const char *tidy(struct access_call *call, ProtobufCMessage *message)
{
    message->n_unknown_fields = 0;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        char **text = (char **)(void *)((char *)message + field->offset), *nfc;
        if (field->type != PROTOBUF_C_TYPE_STRING || !*text)
            continue;
        if (!str_is_line(*text) || is_blank(*text) || str_nfc(*text, CASE_NAME_MAX, &nfc))
            return field->name;
        *text = arena_copy(&call->arena, nfc, strlen(nfc));
        free(nfc);
        if (!*text)
            return field->name;
    }
    return NULL;
}

static bool tidy_who(struct access_call *call, struct writing *writing)
{
    bool person = writing->party.who_case == ASSIZE__CASES__V1__PARTY__WHO_PERSON;
    const char *wrong = NULL;

    if (person) {
        writing->person = *writing->party.person;
        writing->party.person = &writing->person;
        wrong = tidy(call, &writing->person.base);
    } else if (writing->party.who_case == ASSIZE__CASES__V1__PARTY__WHO_ORGANISATION) {
        writing->organisation = *writing->party.organisation;
        writing->party.organisation = &writing->organisation;
        wrong = tidy(call, &writing->organisation.base);
    }
    if (wrong)
        snprintf(writing->wrong, sizeof(writing->wrong), "party.%s.%s",
                 person ? "person" : "organisation", wrong);
    return !wrong;
}

/* The packed record; false with what is wrong. */
static bool pack(struct access_call *call, const Assize__Cases__V1__AddPartyRequest *request,
                 struct writing *writing, struct case_facts *ret_facts)
{
    assize__cases__v1__case_record__init(&writing->record);
    writing->record.entity = request->change_id;
    writing->record.body_case = ASSIZE__CASES__V1__CASE_RECORD__BODY_PARTY;
    writing->record.party = &writing->party;
    writing->party = *request->party;
    writing->party.base.n_unknown_fields = 0;
    if (!tidy_who(call, writing))
        return false;
    if (codec_pack(&writing->record.base, &writing->packed)) {
        str_copy(writing->wrong, sizeof(writing->wrong), "party");
        return false;
    }
    return case_check("party", (const uint8_t *)writing->packed.data, writing->packed.len,
                      clock_wall_ms(), ret_facts, writing->wrong);
}

static void added(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    const struct access_call *call = context;

    if (!error && !refusal)
        call->service->wrote(call->service->context);
    access_call_answered(context, error, refusal, answer);
}

static void add(struct access_call *call, const Assize__Cases__V1__AddPartyRequest *request,
                struct writing *writing)
{
    struct case_facts facts;
    uint8_t person[PERSON_IDENT_BYTES];

    if (!pack(call, request, writing, &facts)) {
        access_call_refuse(
            call, case_reason_is_ahead(writing->wrong) ? REFUSAL_DAY_AHEAD : REFUSAL_FIELD_WRONG,
            rejection_info(writing->wrong).field);
        return;
    }
    if (*facts.personal_number)
        person_key_ident(call->service->people, facts.personal_number, person);
    log_info("access.add_party", "case=%s change=%s by=%s", request->case_key, request->change_id,
             call->account);
    case_store_add_party(call->service->db, &call->caller,
                         &(struct case_party){
                             .case_key = request->case_key,
                             .change_id = request->change_id,
                             .payload = (const uint8_t *)writing->packed.data,
                             .len = writing->packed.len,
                             .name = facts.party_name,
                             .person = *facts.personal_number ? person : NULL,
                             .beside = request->beside,
                         },
                         added, call);
}

void access_add_party(struct access_call *call)
{
    const Assize__Cases__V1__AddPartyRequest *request =
        (const Assize__Cases__V1__AddPartyRequest *)call->request;
    struct writing writing = {0};

    if (!call->service->changes) {
        access_call_refuse(call, REFUSAL_NOT_FOUND, NULL);
        return;
    }
    if (!access_call_reason(call, request->reason))
        return;
    const char *wrong = access_check_add_party(request);
    if (wrong) {
        access_call_refuse(call, REFUSAL_FIELD_WRONG, wrong);
        return;
    }
    buf_init(&writing.packed, PAYLOAD_MAX);
    add(call, request, &writing);
    buf_done(&writing.packed);
}
