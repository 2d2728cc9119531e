/* The presiding judge's conduct of the session: start, recess, resume, suspend, adjourn, close. */
#include "decide_internal.h"

/* The first phase is left, and the procedure's second begins the session. */
enum { SESSION_BEGINS = 2 };

static enum refusal check_start(struct decision *decision)
{
    enum refusal refusal = decision_check_leave(decision);

    return refusal ? refusal : decision_check_quorum(decision);
}

/* A deliberation is the panel's alone: nobody else has to be there for it to go on. */
static bool returns_to_deliberation(const struct decision *decision)
{
    return hearing_phase(decision->hearing)->deliberation;
}

static enum refusal check_resume(struct decision *decision)
{
    const char *article = hearing_procedure(decision->hearing)->suspension_article;
    enum refusal refusal = REFUSAL_NONE;

    if (decision->hearing->lapsed)
        refusal =
            decision_rule_stands(decision, "suspension.days", article, REFUSAL_SUSPENSION_LAPSED);
    return refusal || returns_to_deliberation(decision) ? refusal : decision_check_quorum(decision);
}

/* Where the law limits a suspension, it is a decision in writing. */
static enum refusal check_suspend(struct decision *decision)
{
    if (hearing_procedure(decision->hearing)->suspension_days && !decision_has_words(decision))
        return REFUSAL_WORDS_NEEDED;
    return REFUSAL_NONE;
}

static enum refusal check_close(struct decision *decision)
{
    enum refusal refusal = REFUSAL_NONE;

    if (!hearing_phase(decision->hearing)->may_end)
        refusal = decision_phase_stands(decision, "end", REFUSAL_PHASE_MAY_NOT_END);
    return refusal ? refusal : decision_check_leave(decision);
}

/*
 * tạm ngừng (suspend) may come out of a recess or a deliberation and ends by resuming or by hoãn
 * (adjourn), which ends this session for good; a session that never began is adjourned, not closed.
 */
static const struct passage {
    Assize__Hearing__V1__Command__BodyCase command;
    unsigned from;
    Assize__Hearing__V1__Status to;
    Assize__Hearing__V1__Event__BodyCase event;
    enum refusal (*check)(struct decision *decision); /* or NULL */
} PASSAGES[] = {
    {HEARING_COMMAND(START), STATUS(SCHEDULED), HEARING_STATUS(IN_SESSION), HEARING_EVENT(STARTED),
     check_start},
    {HEARING_COMMAND(RECESS), STATUS(IN_SESSION), HEARING_STATUS(RECESS), HEARING_EVENT(RECESSED),
     NULL},
    {HEARING_COMMAND(RESUME), STATUS(RECESS) | STATUS(SUSPENDED), HEARING_STATUS(IN_SESSION),
     HEARING_EVENT(RESUMED), check_resume},
    {HEARING_COMMAND(SUSPEND), STATUS(IN_SESSION) | STATUS(RECESS) | STATUS(DELIBERATING),
     HEARING_STATUS(SUSPENDED), HEARING_EVENT(SUSPENDED), check_suspend},
    {HEARING_COMMAND(CLOSE), STATUS(IN_SESSION) | STATUS(RECESS) | STATUS(SUSPENDED),
     HEARING_STATUS(CLOSED), HEARING_EVENT(CLOSED), check_close},
    {HEARING_COMMAND(ADJOURN),
     STATUS(SCHEDULED) | STATUS(IN_SESSION) | STATUS(RECESS) | STATUS(SUSPENDED) |
         STATUS(DELIBERATING),
     HEARING_STATUS(ADJOURNED), HEARING_EVENT(ADJOURNED), NULL},
};

void decision_stop_session(struct decision *decision)
{
    decision_end_floor(decision);
    decision_lower_hands(decision);
    decision_end_share(decision);
    decision_set_record(decision, false);
}

static void add_passage(struct decision *decision, const struct passage *passage)
{
    Assize__Hearing__V1__Event *event = decision_add(decision, passage->event, 0);

    decision_keep_words(decision, event);
    if (event && passage->event == HEARING_EVENT(SUSPENDED)) {
        event->suspended->has_until_ms = true;
        event->suspended->until_ms =
            hearing_suspension_end(hearing_procedure(decision->hearing), decision->at_ms);
    }
}

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
    enum refusal refusal = passage->check ? passage->check(decision) : REFUSAL_NONE;
    if (!refusal)
        refusal = decision_check_speech(decision);
    if (refusal)
        return refusal;
    if (passage->to != HEARING_STATUS(IN_SESSION))
        decision_stop_session(decision);
    if (passage->to == HEARING_STATUS(CLOSED) || passage->to == HEARING_STATUS(ADJOURNED))
        decision_end_gallery(decision);
    add_passage(decision, passage);
    if (passage->event == HEARING_EVENT(STARTED))
        decision_enter_phase(decision, SESSION_BEGINS);
    if (passage->event == HEARING_EVENT(RESUMED) && returns_to_deliberation(decision))
        decision_add(decision, HEARING_EVENT(DELIBERATION_BEGUN), 0);
    else if (passage->to == HEARING_STATUS(IN_SESSION))
        decision_set_record(decision, true);
    return REFUSAL_NONE;
}
