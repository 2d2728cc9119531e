#include "server/exchange/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "proto/codec.h"
#include "server/cases/case_check.h"
#include "server/cases/case_rest.h"
#include "server/exchange/batch.h"

bool facts_is_word(const char *text)
{
    size_t len = text ? strlen(text) : 0;

    return len && len <= EXCHANGE_KEY_MAX &&
           strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._:-") ==
               len;
}

/* A word for the database; "" is none. */
static const char *keep(struct arena *arena, const char *word)
{
    const char *kept = *word ? arena_copy(arena, word, strlen(word)) : NULL;

    if (*word && !kept)
        abort(); /* batch_arena_max has room for the words of each record */
    return kept;
}

/* What a redaction is of, and on what ground; nothing else has either. */
static bool read_redaction(struct arena *words, const Assize__Exchange__V1__Record *record,
                           const Assize__Exchange__V1__RecordContext *context,
                           struct exchange_facts *facts)
{
    if (record->op != ASSIZE__EXCHANGE__V1__OP__OP_REDACT)
        return !context->has_redacts;
    const char *basis = context->legal_basis;
    if (!context->redacts || context->redacts >= record->seq || !basis || !*basis ||
        !str_is_line(basis) || strlen(basis) > EXCHANGE_BASIS_MAX)
        return false;
    facts->about = context->redacts;
    facts->reason = keep(words, basis);
    return true;
}

/* What the envelope says; false: it cannot be so. */
static bool read_context(struct arena *words, const Assize__Exchange__V1__Record *record,
                         struct exchange_facts *facts)
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
                 context->valid_from_ms < context->valid_to_ms) &&
                read_redaction(words, record, context, facts);
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

/* Times that a calendar has, and an end that is not before the beginning. */
static bool span_is_good(const Assize__Exchange__V1__Record *record,
                         const struct exchange_facts *facts)
{
    int64_t from = facts->has_valid_from ? facts->valid_from_ms : record->recorded_ms;

    return clock_ms_is_of_calendar(from) &&
           (!facts->has_valid_to ||
            (facts->valid_to_ms > from && clock_ms_is_of_calendar(facts->valid_to_ms)));
}

/* Type "case": the status alone, and that it has come to it. */
static const char *read_change(const Assize__Exchange__V1__Record *record, int64_t latest_ms,
                               struct exchange_facts *facts)
{
    struct arena arena;

    arena_init(&arena, codec_arena_max(record->payload.len));
    const Assize__Exchange__V1__CaseChange *change =
        codec_unpack(&assize__exchange__v1__case_change__descriptor, &arena, record->payload.data,
                     record->payload.len);
    bool there = change != NULL;
    bool ahead = there && change->at_ms > latest_ms;
    facts->status = change ? case_status_word((int)change->status) : NULL;
    arena_done(&arena);
    if (!there)
        return "unreadable";
    if (ahead)
        return "future:at_ms";
    return facts->status ? NULL : "status";
}

/* Which thing a record describes, and where its case stands by it; a retraction says of neither
 * case nor person that anything holds. */
static void keep_said(struct arena *arena, const Assize__Exchange__V1__Record *record,
                      const struct case_facts *said, struct exchange_facts *facts)
{
    facts->entity = keep(arena, said->entity);
    if (record->op == ASSIZE__EXCHANGE__V1__OP__OP_RETRACT)
        return;
    facts->public_id = keep(arena, said->public_id);
    facts->status = said->status;
    str_copy(facts->personal_number, sizeof(facts->personal_number), said->personal_number);
}

/* What is left of a record that was redacted; of a redaction, what it leaves. */
static const char *read_rest(struct arena *arena, const Assize__Exchange__V1__Record *record,
                             struct exchange_facts *facts)
{
    struct case_facts said;

    if (!case_rest_check(record->record_type, record->payload.data, record->payload.len, &said))
        return "unreadable";
    if (record->op == ASSIZE__EXCHANGE__V1__OP__OP_REDACT)
        return facts->about ? NULL : "context";
    keep_said(arena, record, &said, facts);
    return NULL;
}

static const char *read_case_record(struct arena *arena, const Assize__Exchange__V1__Record *record,
                                    int64_t latest_ms, struct exchange_facts *facts)
{
    char reason[CASE_REASON_SIZE];
    struct case_facts said;

    if (!case_check(record->record_type, record->payload.data, record->payload.len, latest_ms,
                    &said, reason))
        return keep(arena, reason);
    keep_said(arena, record, &said, facts);
    return NULL;
}

/* As `assize exchange name` takes it. */
static bool name_is_good(const char *name)
{
    return *name && strlen(name) <= CASE_NAME_MAX && str_is_line(name);
}

/* Whose it is stands in it only when the centre has said so; there is none to send it on from a
 * court. */
static const char *notice_fault(const Assize__Exchange__V1__Notice *notice, const char *target)
{
    if (!notice)
        return "unreadable";
    if (!batch_source_is_good(notice->court) || (target && strcmp(notice->court, target) != 0))
        return "notice.court";
    if (!notice->public_id || strlen(notice->public_id) > EXCHANGE_KEY_MAX ||
        !case_public_id_is_good(notice->public_id))
        return "notice.public_id";
    if (!facts_is_word(notice->kind))
        return "notice.kind";
    if (!notice->text || !*notice->text || strlen(notice->text) > CASE_TEXT_MAX)
        return "notice.text";
    bool named = target ? batch_source_is_good(notice->origin) && notice->origin_id &&
                              str_is_uuid(notice->origin_id) &&
                              (!notice->origin_name || name_is_good(notice->origin_name))
                        : !notice->origin && !notice->origin_id && !notice->origin_name;
    return named ? NULL : "notice.origin";
}

static const char *read_notice(struct arena *words, const Assize__Exchange__V1__Record *record,
                               const char *target, struct exchange_facts *facts)
{
    struct arena arena;

    if (!target && record->payload.len > EXCHANGE_NOTICE_MAX)
        return "notice";
    arena_init(&arena, codec_arena_max(record->payload.len));
    const Assize__Exchange__V1__Notice *notice =
        codec_unpack(&assize__exchange__v1__notice__descriptor, &arena, record->payload.data,
                     record->payload.len);
    const char *fault = notice_fault(notice, target);
    if (!fault) {
        facts->public_id = keep(words, notice->public_id);
        facts->addressee = target ? NULL : keep(words, notice->court);
    }
    arena_done(&arena);
    return fault;
}

static const char *read_rejection(struct arena *words, const Assize__Exchange__V1__Record *record,
                                  struct exchange_facts *facts)
{
    struct arena arena;

    arena_init(&arena, codec_arena_max(record->payload.len));
    const Assize__Exchange__V1__Rejection *rejection =
        codec_unpack(&assize__exchange__v1__rejection__descriptor, &arena, record->payload.data,
                     record->payload.len);
    bool good = rejection && rejection->case_key &&
                strcmp(rejection->case_key, record->case_key) == 0 && rejection->has_seq &&
                rejection->seq > 0 && rejection->seq < INT64_MAX &&
                facts_is_word(rejection->reason);
    if (good) {
        facts->about = rejection->seq;
        facts->reason = keep(words, rejection->reason);
    }
    arena_done(&arena);
    return good ? NULL : "unreadable";
}

/* What a record of this type may say to this receiver. */
static const char *read_payload(struct arena *arena, const Assize__Exchange__V1__Record *record,
                                const char *target, int64_t latest_ms, struct exchange_facts *facts)
{
    if (strcmp(record->record_type, "notice") == 0)
        return read_notice(arena, record, target, facts);
    if (target)
        return read_rejection(arena, record, facts);
    if (strcmp(record->record_type, "case") == 0)
        return read_change(record, latest_ms, facts);
    return read_case_record(arena, record, latest_ms, facts);
}

static bool is_known(const char *type, const char *target)
{
    if (strcmp(type, "notice") == 0)
        return true;
    return target ? strcmp(type, "rejection") == 0
                  : strcmp(type, "case") == 0 || case_check_knows(type);
}

/* The centre redacts nothing, and nothing but case records has contents that are. */
static bool op_is_good(const Assize__Exchange__V1__Record *record, const char *target,
                       const struct exchange_facts *facts)
{
    bool of_case = !target && case_check_knows(record->record_type);

    if (record->has_leaf && !of_case)
        return false;
    if (record->op == ASSIZE__EXCHANGE__V1__OP__OP_REDACT)
        return of_case && !record->has_leaf && !facts->corrects;
    if (record->op == ASSIZE__EXCHANGE__V1__OP__OP_UPSERT)
        return !facts->corrects;
    return record->op == ASSIZE__EXCHANGE__V1__OP__OP_CORRECT ||
           record->op == ASSIZE__EXCHANGE__V1__OP__OP_RETRACT;
}

/* The centre's clock is not for a court to judge: what it has for it would wait for ever. */
static const char *find_fault(struct arena *arena, const Assize__Exchange__V1__Record *record,
                              const char *target, int64_t now_ms, struct exchange_facts *facts)
{
    int64_t latest_ms = now_ms + EXCHANGE_FUTURE_MS;

    if (record->schema_version != 1 || !is_known(record->record_type, target))
        return "schema";
    if (!target && record->recorded_ms > latest_ms)
        return "future";
    if (!clock_ms_is_of_calendar(record->recorded_ms))
        return "recorded_ms";
    if (!read_context(arena, record, facts) || !span_is_good(record, facts))
        return "context";
    if (!op_is_good(record, target, facts))
        return "op";
    if (record->has_leaf || record->op == ASSIZE__EXCHANGE__V1__OP__OP_REDACT)
        return read_rest(arena, record, facts);
    if (record->op == ASSIZE__EXCHANGE__V1__OP__OP_RETRACT)
        latest_ms = CASE_WHENEVER; /* it repeats what it takes back, whatever day that has */
    return read_payload(arena, record, target, latest_ms, facts);
}

void facts_read(struct arena *arena, const Assize__Exchange__V1__Record *record, const char *target,
                int64_t now_ms, struct exchange_facts *ret_facts)
{
    *ret_facts = (struct exchange_facts){0};
    ret_facts->fault = find_fault(arena, record, target, now_ms, ret_facts);
}
