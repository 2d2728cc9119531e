/*
 * The time the law gives to a suspension: whole days after the day of the decision, in the time of
 * Viet Nam, which is seven hours ahead of UTC all year. The server reminds of its end and declares
 * it passed; what then becomes of the hearing is for the presiding judge.
 */
#include "decide_internal.h"

static const int64_t HOUR_MS = INT64_C(3600000);
static const int64_t DAY_MS = INT64_C(86400000);
static const int64_t VIET_NAM_MS = INT64_C(7) * 3600000;

/* The last millisecond of the last day, so that its date is that day's. */
int64_t hearing_suspension_end(const struct procedure *procedure, int64_t decided_ms)
{
    if (!procedure->suspension_days)
        return 0;
    int64_t day = (decided_ms + VIET_NAM_MS) / DAY_MS;
    return (day + procedure->suspension_days + 1) * DAY_MS - VIET_NAM_MS - 1;
}

static bool has_deadline(const struct hearing *hearing)
{
    return hearing->status == HEARING_STATUS(SUSPENDED) && hearing->suspended_until_ms &&
           !hearing->lapsed;
}

/* The earliest reminder after the last one given; at the latest the deadline itself. */
int64_t hearing_next_alarm(const struct hearing *hearing)
{
    const struct procedure *procedure = hearing_procedure(hearing);

    if (!has_deadline(hearing))
        return 0;
    for (uint32_t i = 0; i < procedure->reminder_count; i++) {
        int64_t at_ms = hearing->suspended_until_ms - procedure->reminder_hours[i] * HOUR_MS;
        if (at_ms > hearing->reminded_ms && at_ms > hearing->status_since_ms)
            return at_ms;
    }
    return hearing->suspended_until_ms;
}

static enum refusal check_deadline(const struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;

    if (!has_deadline(hearing))
        return hearing->lapsed ? REFUSAL_ALREADY_SO : REFUSAL_WRONG_STATUS;
    return REFUSAL_NONE;
}

/* Of the reminders that were missed, one is given. */
enum refusal decide_remind(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;
    enum refusal refusal = check_deadline(decision);

    if (refusal)
        return refusal;
    if (decision->at_ms < hearing_next_alarm(hearing) ||
        decision->at_ms >= hearing->suspended_until_ms)
        return REFUSAL_WRONG_STATUS;
    Assize__Hearing__V1__Event *event = decision_add(decision, HEARING_EVENT(REMINDED), 0);
    if (event) {
        event->reminded->has_until_ms = true;
        event->reminded->until_ms = hearing->suspended_until_ms;
    }
    return REFUSAL_NONE;
}

enum refusal decide_lapse(struct decision *decision)
{
    enum refusal refusal = check_deadline(decision);

    if (refusal)
        return refusal;
    if (decision->at_ms < decision->hearing->suspended_until_ms)
        return REFUSAL_WRONG_STATUS;
    decision_add(decision, HEARING_EVENT(LAPSED), 0);
    return REFUSAL_NONE;
}
