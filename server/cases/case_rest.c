#include "server/cases/case_rest.h"

#include <string.h>

#include "base/str.h"
#include "proto/codec.h"

enum { REST_MAX = 4096 };

static const Assize__Cases__V1__CaseRecord *read_record(struct arena *arena, const char *type,
                                                        const uint8_t *payload, size_t len)
{
    const Assize__Cases__V1__CaseRecord *record =
        codec_unpack(&assize__cases__v1__case_record__descriptor, arena, payload, len);

    if (!record || !record->entity || !str_is_uuid(record->entity))
        return NULL;
    const ProtobufCFieldDescriptor *arm = protobuf_c_message_descriptor_get_field(
        &assize__cases__v1__case_record__descriptor, (unsigned)record->body_case);
    return !arm || strcmp(arm->name, type) == 0 ? record : NULL;
}

/* A case file whose identifier and status can be told from it. */
static bool has_card(const Assize__Cases__V1__CaseRecord *record)
{
    const Assize__Cases__V1__CaseFile *file = record->case_file;
    struct case_number number;
    struct case_court court;

    return record->body_case == ASSIZE__CASES__V1__CASE_RECORD__BODY_CASE_FILE && file->court &&
           file->number && case_court_parse(file->court, &court) &&
           case_number_parse(file->number, &number) && case_status_word((int)file->status);
}

bool case_rest(const char *type, const uint8_t *payload, size_t len, struct buf *out)
{
    Assize__Cases__V1__CaseRecord rest = ASSIZE__CASES__V1__CASE_RECORD__INIT;
    Assize__Cases__V1__CaseFile file = ASSIZE__CASES__V1__CASE_FILE__INIT;
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    const Assize__Cases__V1__CaseRecord *record = read_record(&arena, type, payload, len);
    if (record) {
        rest.entity = record->entity;
        if (has_card(record)) {
            file.court = record->case_file->court;
            file.number = record->case_file->number;
            file.has_status = true;
            file.status = record->case_file->status;
            rest.body_case = record->body_case;
            rest.case_file = &file;
        }
    }
    bool good = record && codec_pack(&rest.base, out) == 0;
    arena_done(&arena);
    return good;
}

static void read_facts(const Assize__Cases__V1__CaseRecord *record, struct case_facts *facts)
{
    struct case_number number;

    *facts = (struct case_facts){0};
    str_copy(facts->entity, sizeof(facts->entity), record->entity);
    if (!has_card(record))
        return;
    facts->status = case_status_word((int)record->case_file->status);
    if (case_number_parse(record->case_file->number, &number))
        case_public_id(record->case_file->court, &number, facts->public_id);
}

bool case_rest_check(const char *type, const uint8_t *payload, size_t len,
                     struct case_facts *ret_facts)
{
    struct arena arena;
    struct buf rest;

    buf_init(&rest, REST_MAX);
    arena_init(&arena, codec_arena_max(len));
    const Assize__Cases__V1__CaseRecord *record = read_record(&arena, type, payload, len);
    bool good = record && case_rest(type, payload, len, &rest) && rest.len == len &&
                memcmp(rest.data, payload, len) == 0;
    if (good)
        read_facts(record, ret_facts);
    arena_done(&arena);
    buf_done(&rest);
    return good;
}
