/* Which views an event changed. */
#include "server/session/view_internal.h"

/* About somebody: their row and their device's, and those who wait behind them. Others are about a
 * device, or the hearing as a whole. */
static const bool ABOUT_PARTICIPANT[] = {
    [HEARING_EVENT(CHECKED_IN)] = true,        [HEARING_EVENT(ADMITTED)] = true,
    [HEARING_EVENT(SENT_BACK)] = true,         [HEARING_EVENT(LEFT)] = true,
    [HEARING_EVENT(HAND_RAISED)] = true,       [HEARING_EVENT(HAND_LOWERED)] = true,
    [HEARING_EVENT(FLOOR_GRANTED)] = true,     [HEARING_EVENT(FLOOR_TAKEN_BACK)] = true,
    [HEARING_EVENT(WITNESS_CALLED)] = true,    [HEARING_EVENT(UNDERTAKING_ASKED)] = true,
    [HEARING_EVENT(UNDERTAKING_GIVEN)] = true, [HEARING_EVENT(WITNESS_RELEASED)] = true,
    [HEARING_EVENT(SEQUESTERED)] = true,       [HEARING_EVENT(CUT_OFF)] = true,
    [HEARING_EVENT(BROUGHT_BACK)] = true,      [HEARING_EVENT(SUMMARY_TOLD)] = true,
    [HEARING_EVENT(IDENTITY_ATTESTED)] = true, [HEARING_EVENT(PERSON_REPLACED)] = true,
};

/* What a draft is made of, or what ends the need of it. */
static const bool CHANGES_DRAFTS[] = {
    [HEARING_EVENT(STARTED)] = true,
    [HEARING_EVENT(RECESSED)] = true,
    [HEARING_EVENT(RESUMED)] = true,
    [HEARING_EVENT(SUSPENDED)] = true,
    [HEARING_EVENT(CLOSED)] = true,
    [HEARING_EVENT(DELIBERATION_BEGUN)] = true,
    [HEARING_EVENT(CHECKED_IN)] = true,
    [HEARING_EVENT(ADMITTED)] = true,
    [HEARING_EVENT(SENT_BACK)] = true,
    [HEARING_EVENT(LEFT)] = true,
    [HEARING_EVENT(ENDPOINT_LINK_LOST)] = true,
    [HEARING_EVENT(ENDPOINT_LINK_RESTORED)] = true,
    [HEARING_EVENT(ADJOURNED)] = true,
    [HEARING_EVENT(LAPSED)] = true,
    [HEARING_EVENT(PAUSED)] = true,
};

#define LISTS(table, event)                                                                        \
    ((size_t)(event)->body_case < sizeof(table) / sizeof(*(table)) && (table)[(event)->body_case])

/* Whoever waits moves up when somebody before them goes in or away. */
static uint64_t waiting_people(const struct hearing *state)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; i < state->participant_count; i++) {
        if (state->participants[i].standing == HEARING_STANDING(WAITING))
            bits |= UINT64_C(1) << i;
    }
    return bits;
}

void view_touch(struct view_touched *touched, const struct hearing *state,
                const Assize__Hearing__V1__Event *event)
{
    uint32_t about = LISTS(ABOUT_PARTICIPANT, event) ? hearing_event_subject(event) : 0;
    const struct hearing_participant *p = hearing_participant(state, about);

    touched->drafts = touched->drafts || LISTS(CHANGES_DRAFTS, event);
    if (!p) {
        touched->endpoints = UINT64_MAX; /* few rows, told all */
        return;
    }
    touched->participants |= UINT64_C(1) << (p - state->participants) | waiting_people(state);
    touched->endpoints |= UINT64_C(1) << (p->endpoint - 1);
}
