#include "server/exchange/facts.h"

#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "server/cases/case_check.h"

/* What the envelope says; false: it cannot be so. */
static bool read_context(const Assize__Exchange__V1__Record *record, struct exchange_facts *facts)
{
    struct arena arena;

    if (!record->context.len)
        return true;
    arena_init(&arena, codec_arena_max(record->context.len));
    const Assize__Exchange__V1__RecordContext *context =
        codec_unpack(&assize__exchange__v1__record_context__descriptor, &arena,
                     record->context.data, record->context.len);
    bool good = context && context->corrects < record->seq &&
                (!context->has_valid_from_ms || !context->has_valid_to_ms ||
                 context->valid_from_ms < context->valid_to_ms);
    if (good) {
        facts->has_valid_from = context->has_valid_from_ms;
        facts->valid_from_ms = context->valid_from_ms;
        facts->has_valid_to = context->has_valid_to_ms;
        facts->valid_to_ms = context->valid_to_ms;
        facts->corrects = context->corrects;
    }
    arena_done(&arena);
    return good;
}

/* The bounds PostgreSQL's times have room for, and an end that is not before the beginning. */
static bool span_is_good(const Assize__Exchange__V1__Record *record,
                         const struct exchange_facts *facts)
{
    const int64_t most = 253402300800000; /* the year 10000 */
    int64_t from = facts->has_valid_from ? facts->valid_from_ms : record->recorded_ms;

    return from > -most && from < most &&
           (!facts->has_valid_to || (facts->valid_to_ms > from && facts->valid_to_ms < most));
}

/* Type "case": the status alone. */
static const char *read_change(const Assize__Exchange__V1__Record *record,
                               struct exchange_facts *facts)
{
    struct arena arena;

    arena_init(&arena, codec_arena_max(record->payload.len));
    const Assize__Exchange__V1__CaseChange *change =
        codec_unpack(&assize__exchange__v1__case_change__descriptor, &arena, record->payload.data,
                     record->payload.len);
    bool there = change != NULL;
    facts->status = change ? case_status_word((int)change->status) : NULL;
    arena_done(&arena);
    if (!there)
        return "unreadable";
    return facts->status ? NULL : "status";
}

/* A word for the database; "" is none. */
static const char *keep(struct arena *arena, const char *word)
{
    const char *kept = *word ? arena_copy(arena, word, strlen(word)) : NULL;

    if (*word && !kept)
        abort(); /* batch_arena_max has room for the words of each record */
    return kept;
}

static const char *read_case_record(struct arena *arena, const Assize__Exchange__V1__Record *record,
                                    struct exchange_facts *facts)
{
    char reason[CASE_REASON_SIZE];
    struct case_facts said;

    if (!case_check(record->record_type, record->payload.data, record->payload.len, &said, reason))
        return keep(arena, reason);
    facts->entity = keep(arena, said.entity);
    facts->public_id = keep(arena, said.public_id);
    facts->status = said.status;
    return NULL;
}

static const char *find_fault(struct arena *arena, const Assize__Exchange__V1__Record *record,
                              int64_t now_ms, struct exchange_facts *facts)
{
    bool is_change = strcmp(record->record_type, "case") == 0;

    if (record->schema_version != 1 || (!is_change && !case_check_knows(record->record_type)))
        return "schema";
    if (record->recorded_ms > now_ms + EXCHANGE_FUTURE_MS)
        return "future";
    if (!read_context(record, facts) || !span_is_good(record, facts))
        return "context";
    bool corrects = record->op == ASSIZE__EXCHANGE__V1__OP__OP_CORRECT ||
                    record->op == ASSIZE__EXCHANGE__V1__OP__OP_RETRACT;
    if (!corrects && (facts->corrects || record->op != ASSIZE__EXCHANGE__V1__OP__OP_UPSERT))
        return "op";
    return is_change ? read_change(record, facts) : read_case_record(arena, record, facts);
}

void facts_read(struct arena *arena, const Assize__Exchange__V1__Record *record, int64_t now_ms,
                struct exchange_facts *ret_facts)
{
    *ret_facts = (struct exchange_facts){0};
    ret_facts->fault = find_fault(arena, record, now_ms, ret_facts);
}
