/*
 * The record of picture and sound: who turns it on and off, and what the server has to say of it.
 * It begins and stops with the session by itself; in between the presiding judge or the clerk may
 * stop it for a while.
 */
#include <string.h>

#include "base/sha256.h"
#include "decide_internal.h"

enum { STEM_MAX = 32 };

static void add_turn(struct decision *decision, bool on, Assize__Hearing__V1__RecordReason reason)
{
    Assize__Hearing__V1__Event *event =
        decision_add(decision, on ? HEARING_EVENT(RECORD_ON) : HEARING_EVENT(RECORD_OFF), 0);

    if (!event)
        return;
    if (on) {
        event->record_on->has_reason = true;
        event->record_on->reason = reason;
    } else {
        event->record_off->has_reason = true;
        event->record_off->reason = reason;
    }
}

void decision_set_record(struct decision *decision, bool on)
{
    if (decision->hearing->recording != on)
        add_turn(decision, on, ASSIZE__HEARING__V1__RECORD_REASON__RECORD_REASON_SESSION);
}

enum refusal decide_record(struct decision *decision)
{
    const Assize__Hearing__V1__Command *command = decision->command;
    bool on = command->body_case == HEARING_COMMAND(RECORD_ON);
    Assize__Hearing__V1__RecordReason reason =
        on ? command->record_on->reason : command->record_off->reason;

    if (reason == ASSIZE__HEARING__V1__RECORD_REASON__RECORD_REASON_UNSPECIFIED)
        reason = ASSIZE__HEARING__V1__RECORD_REASON__RECORD_REASON_DECISION;
    if (reason < ASSIZE__HEARING__V1__RECORD_REASON__RECORD_REASON_DECISION ||
        reason > ASSIZE__HEARING__V1__RECORD_REASON__RECORD_REASON_TECHNICAL)
        return REFUSAL_MALFORMED;
    if (decision->hearing->recording == on)
        return REFUSAL_ALREADY_SO;
    add_turn(decision, on, reason);
    return REFUSAL_NONE;
}

/* A second picture may come from any device. */
static bool may_be_recorded(const struct hearing *hearing, uint32_t endpoint, bool share)
{
    return share ? hearing_endpoint(hearing, endpoint) != NULL
                 : hearing_may_be_recorded(hearing, endpoint);
}

enum refusal decide_record_gap(struct decision *decision)
{
    const Assize__Hearing__V1__RecordGap *told = decision->command->record_gap;

    if (!may_be_recorded(decision->hearing, told->endpoint, told->share))
        return REFUSAL_ENDPOINT_UNKNOWN;
    if (told->from_ms < 0 || told->to_ms < told->from_ms)
        return REFUSAL_MALFORMED;
    Assize__Hearing__V1__Event *event =
        decision_add(decision, HEARING_EVENT(RECORD_GAP), told->endpoint);
    if (event) {
        Assize__Hearing__V1__RecordGap *gap = event->record_gap;
        gap->has_from_ms = gap->has_to_ms = gap->has_why = true;
        gap->from_ms = told->from_ms;
        gap->to_ms = told->to_ms;
        gap->why = told->why;
        gap->has_share = told->has_share;
        gap->share = told->share;
    }
    return REFUSAL_NONE;
}

/* What the event holds lives as long as the event. */
static void fill_head(struct decision *decision, Assize__Hearing__V1__RecordHead *head,
                      const Assize__Hearing__V1__RecordHead *told)
{
    head->stem = arena_copy(decision->arena, told->stem, strlen(told->stem));
    head->hash.data = arena_alloc(decision->arena, SHA256_BYTES);
    if (!head->stem || !head->hash.data) {
        decision->out_of_memory = true;
        return;
    }
    memcpy(head->hash.data, told->hash.data, SHA256_BYTES);
    head->hash.len = SHA256_BYTES;
    head->has_hash = head->has_end = head->has_packets = true;
    head->end = told->end;
    head->packets = told->packets;
    head->has_share = told->has_share;
    head->share = told->share;
}

enum refusal decide_record_head(struct decision *decision)
{
    const Assize__Hearing__V1__RecordHead *told = decision->command->record_head;

    if (!may_be_recorded(decision->hearing, told->endpoint, told->share))
        return REFUSAL_ENDPOINT_UNKNOWN;
    if (!told->stem || !*told->stem || strlen(told->stem) > STEM_MAX ||
        told->hash.len != SHA256_BYTES)
        return REFUSAL_MALFORMED;
    Assize__Hearing__V1__Event *event =
        decision_add(decision, HEARING_EVENT(RECORD_HEAD), told->endpoint);
    if (event)
        fill_head(decision, event->record_head, told);
    return REFUSAL_NONE;
}
