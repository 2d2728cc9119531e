/* What a procedure may not say: each rule is right by itself, but not beside another. */
#include "server/hearing/procedure_read.h"

#include "server/hearing/names.h"

enum {
    COURT = HEARING_BIT(HEARING_ROLE(PRESIDING_JUDGE)) | HEARING_BIT(HEARING_ROLE(PANEL_JUDGE)) |
            HEARING_BIT(HEARING_ROLE(LAY_JUDGE)) | HEARING_BIT(HEARING_ROLE(CLERK)),
    HOURS_A_DAY = 24,
};

typedef bool (*fault)(const struct procedure *procedure, const struct procedure_phase *phase);

static bool deliberates_first(const struct procedure *procedure,
                              const struct procedure_phase *phase)
{
    return phase->deliberation && phase < procedure->phases + 2;
}

/* What people do in a courtroom, they do not while the court deliberates. */
static bool deliberates_aloud(const struct procedure *procedure,
                              const struct procedure_phase *phase)
{
    (void)procedure;
    return phase->deliberation && (phase->floor || phase->hands || phase->share || phase->call ||
                                   phase->cut_off || phase->order_count || phase->speech_s ||
                                   phase->free_speech || phase->public_always || phase->may_end);
}

static bool ends_before_start(const struct procedure *procedure,
                              const struct procedure_phase *phase)
{
    return phase->may_end && phase == procedure->phases;
}

static bool returns_before_start(const struct procedure *procedure,
                                 const struct procedure_phase *phase)
{
    (void)procedure;
    return phase->back & HEARING_BIT(1);
}

static bool orders_the_silent(const struct procedure *procedure,
                              const struct procedure_phase *phase)
{
    (void)procedure;
    for (uint32_t i = 0; i < phase->order_count; i++) {
        if (!(phase->floor & HEARING_BIT(phase->order[i])))
            return true;
    }
    return false;
}

static bool calls_the_silent(const struct procedure *procedure, const struct procedure_phase *phase)
{
    (void)procedure;
    return phase->call & ~phase->floor;
}

static bool cuts_off_for_nobody(const struct procedure *procedure,
                                const struct procedure_phase *phase)
{
    (void)procedure;
    return phase->cut_off && !phase->call;
}

static bool removes_the_court(const struct procedure *procedure,
                              const struct procedure_phase *phase)
{
    (void)procedure;
    return (phase->muted | phase->sequesters | phase->cut_off | phase->call) & COURT;
}

static bool times_free_speech(const struct procedure *procedure,
                              const struct procedure_phase *phase)
{
    (void)procedure;
    return phase->free_speech && phase->speech_s;
}

static bool frees_nobody(const struct procedure *procedure, const struct procedure_phase *phase)
{
    (void)procedure;
    return phase->free_speech && !phase->floor;
}

static const struct {
    fault holds;
    const char *reason;
} FAULTS[] = {
    {deliberates_first, "the first phases are the preparation and one that begins the session, "
                        "not a deliberation"},
    {deliberates_aloud, "a deliberation has no floor, hands, share, call, cut_off, order, "
                        "speech_s, free_speech, public_always or may_end"},
    {ends_before_start, "the first phase is before the start, so nothing ends there"},
    {returns_before_start, "nothing goes back to the first phase, which is before the start"},
    {orders_the_silent, "order names a role that is not in floor"},
    {calls_the_silent, "call names a role that is not in floor"},
    {cuts_off_for_nobody, "cut_off is for while somebody testifies, but call is missing"},
    {removes_the_court, "the court is not muted, called, kept apart or cut off"},
    {times_free_speech, "free_speech and speech_s contradict each other"},
    {frees_nobody, "free_speech is for whoever has the floor, but floor is missing"},
};

const char *procedure_phase_fault(const struct procedure *procedure,
                                  const struct procedure_phase *phase)
{
    for (size_t i = 0; i < sizeof(FAULTS) / sizeof(*FAULTS); i++) {
        if (FAULTS[i].holds(procedure, phase))
            return FAULTS[i].reason;
    }
    return NULL;
}

const char *procedure_phases_fault(const struct procedure *procedure)
{
    if (procedure->phase_count < 2)
        return "at least two phases are wanted: the preparation and the session";
    if (procedure->phases[procedure->phase_count - 1].deliberation)
        return "the last phase is a deliberation, which nothing would follow";
    for (uint32_t i = 0; i < procedure->phase_count; i++) {
        if (procedure->phases[i].may_end)
            return NULL;
    }
    return "no phase has may_end, so the hearing could never be closed";
}

const char *procedure_condition_fault(const struct procedure *procedure,
                                      const struct procedure_condition *condition)
{
    if (condition->if_under_18 && !(procedure->roles & HEARING_BIT(HEARING_ROLE(DEFENDANT))))
        return "if_under_18 is about a defendant, whom this procedure does not have";
    return NULL;
}

/* The roles that have their words by now. */
static uint32_t worded(const struct procedure *procedure)
{
    uint32_t roles = 0;

    for (uint32_t i = 0; i < procedure->undertaking_count; i++)
        roles |= procedure->undertakings[i].roles;
    return roles;
}

const char *procedure_undertaking_fault(const struct procedure *procedure,
                                        const struct procedure_undertaking *undertaking)
{
    if (undertaking->roles & ~procedure->undertakes)
        return "an undertaking for a role that is not in undertakes";
    if (undertaking->roles & worded(procedure))
        return "a second undertaking for the same role";
    return NULL;
}

const char *procedure_undertakings_fault(const struct procedure *procedure)
{
    return worded(procedure) == procedure->undertakes ? NULL
                                                      : "a role of undertakes has no undertaking";
}

/* A reminder is given between the decision and the deadline. */
const char *procedure_suspension_fault(const struct procedure *procedure)
{
    if (!procedure->suspension_days)
        return procedure->reminder_count ? "reminder_hours without days" : NULL;
    if (!*procedure->suspension_article)
        return "days without their article";
    for (uint32_t i = 0; i < procedure->reminder_count; i++) {
        if (procedure->reminder_hours[i] > procedure->suspension_days * HOURS_A_DAY)
            return "a reminder before the suspension itself";
        if (i && procedure->reminder_hours[i] >= procedure->reminder_hours[i - 1])
            return "reminder_hours are wanted from the greatest to the least";
    }
    return NULL;
}
