/* The presiding judge's conduct of the session: start, recess, resume, suspend, close. */
#include "decide_internal.h"

/* tạm ngừng (suspend) may come out of a recess and ends by resuming; a session that never began
 * cannot be closed. */
static const struct passage {
    Assize__Hearing__V1__Command__BodyCase command;
    unsigned from;
    Assize__Hearing__V1__Status to;
    Assize__Hearing__V1__Event__BodyCase event;
} PASSAGES[] = {
    {HEARING_COMMAND(START), STATUS(SCHEDULED), HEARING_STATUS(IN_SESSION), HEARING_EVENT(STARTED)},
    {HEARING_COMMAND(RECESS), STATUS(IN_SESSION), HEARING_STATUS(RECESS), HEARING_EVENT(RECESSED)},
    {HEARING_COMMAND(RESUME), STATUS(RECESS) | STATUS(SUSPENDED), HEARING_STATUS(IN_SESSION),
     HEARING_EVENT(RESUMED)},
    {HEARING_COMMAND(SUSPEND), STATUS(IN_SESSION) | STATUS(RECESS), HEARING_STATUS(SUSPENDED),
     HEARING_EVENT(SUSPENDED)},
    {HEARING_COMMAND(CLOSE), STATUS(IN_SESSION) | STATUS(RECESS) | STATUS(SUSPENDED),
     HEARING_STATUS(CLOSED), HEARING_EVENT(CLOSED)},
};

enum refusal decide_conduct(struct decision *decision)
{
    const struct passage *passage = PASSAGES;
    Assize__Hearing__V1__Status status = decision->hearing->status;

    while (passage->command != decision->command->body_case)
        passage++;
    if (status == passage->to)
        return REFUSAL_ALREADY_SO;
    if (!(passage->from & HEARING_BIT(status)))
        return REFUSAL_WRONG_STATUS;
    decision_end_floor(decision);
    decision_lower_hands(decision);
    if (passage->to != HEARING_STATUS(IN_SESSION)) {
        decision_end_share(decision);
        decision_set_record(decision, false);
    }
    if (passage->to == HEARING_STATUS(CLOSED))
        decision_end_gallery(decision);
    decision_add(decision, passage->event, 0);
    if (passage->to == HEARING_STATUS(IN_SESSION))
        decision_set_record(decision, true);
    return REFUSAL_NONE;
}
