/* What the procedure lets come next, for the screens: nothing here decides anything. */
#include "hearing_internal.h"

bool hearing_may_ask_floor(const struct hearing *hearing, uint32_t participant)
{
    const struct hearing_participant *who = hearing_participant(hearing, participant);

    return hearing->status == HEARING_STATUS(IN_SESSION) &&
           hearing_is_inside(hearing, participant) && !hearing_is_cut_off(hearing, who->endpoint) &&
           hearing_role_has_right(who->role, HEARING_RIGHT_ASK_FLOOR) &&
           hearing_phase(hearing)->hands & HEARING_BIT(who->role);
}

/* Has not had the floor in this phase, and could be given it. */
static bool awaits_turn(const struct hearing *hearing, const struct hearing_participant *person)
{
    return hearing_is_inside(hearing, person->id) &&
           !hearing_is_cut_off(hearing, person->endpoint) &&
           !(hearing->spoken & UINT64_C(1) << (person->id - 1)) &&
           hearing_role_has_right(person->role, HEARING_RIGHT_ASK_FLOOR);
}

uint32_t hearing_proposed_speaker(const struct hearing *hearing)
{
    const struct procedure_phase *phase = hearing_phase(hearing);

    if (hearing->status != HEARING_STATUS(IN_SESSION))
        return 0;
    for (uint32_t i = 0; i < phase->order_count; i++) {
        for (uint32_t k = 0; k < hearing->participant_count; k++) {
            const struct hearing_participant *person = &hearing->participants[k];
            if (person->role == phase->order[i] && awaits_turn(hearing, person))
                return person->id;
        }
    }
    return 0;
}

/* The command of the next step, and the phase it begins; its body is for the caller to set. */
static void find_step(const struct hearing *hearing, struct hearing_step *step)
{
    switch (hearing->status) {
    case HEARING_STATUS(SCHEDULED):
        step->command = HEARING_COMMAND(START);
        step->phase = 2;
        break;
    case HEARING_STATUS(IN_SESSION):
    case HEARING_STATUS(DELIBERATING):
        if (hearing->phase < hearing_procedure(hearing)->phase_count) {
            step->command = HEARING_COMMAND(ENTER_PHASE);
            step->phase = hearing->phase + 1;
        } else {
            step->command = HEARING_COMMAND(CLOSE);
        }
        break;
    case HEARING_STATUS(RECESS):
    case HEARING_STATUS(SUSPENDED):
        step->command = HEARING_COMMAND(RESUME);
        break;
    case HEARING_STATUS(UNSPECIFIED):
    case HEARING_STATUS(CLOSED):
    case HEARING_STATUS(ADJOURNED):
    case _ASSIZE__HEARING__V1__STATUS_IS_INT_SIZE:
        break;
    }
}

static uint32_t roles_at(const struct hearing *hearing, uint32_t endpoint)
{
    uint32_t roles = 0;

    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        if (hearing->participants[i].endpoint == endpoint)
            roles |= HEARING_BIT(hearing->participants[i].role);
    }
    return roles;
}

static void add_effect(const struct hearing *hearing, struct hearing_step *step,
                       const Assize__Hearing__V1__Event *event)
{
    step->record_on |= event->body_case == HEARING_EVENT(RECORD_ON);
    step->record_off |= event->body_case == HEARING_EVENT(RECORD_OFF);
    step->doors_open |= event->body_case == HEARING_EVENT(WENT_PUBLIC);
    step->floor_ends |= event->body_case == HEARING_EVENT(FLOOR_TAKEN_BACK);
    step->share_ends |= event->body_case == HEARING_EVENT(SHARE_STOPPED);
    if (event->body_case == HEARING_EVENT(SEQUESTERED))
        step->sequestered |= UINT64_C(1) << (event->sequestered->participant - 1);
    if (event->body_case == HEARING_EVENT(MUTED) && event->muted->locked)
        step->muted |= roles_at(hearing, event->muted->endpoint);
}

static struct hearing_actor presiding(const struct hearing *hearing)
{
    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        if (person->role == HEARING_ROLE(PRESIDING_JUDGE))
            return (struct hearing_actor){person->id, person->endpoint};
    }
    return (struct hearing_actor){HEARING_SERVER, 0};
}

/* The presiding judge asks, having seen everything; what would happen is what changes. */
static void try_step(const struct hearing *hearing, struct hearing_step *step)
{
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    Assize__Hearing__V1__EnterPhase enter = ASSIZE__HEARING__V1__ENTER_PHASE__INIT;
    Assize__Hearing__V1__Start start = ASSIZE__HEARING__V1__START__INIT;
    struct hearing_events events = {.count = 0};
    struct arena arena;

    command.has_seen_seq = true;
    command.seen_seq = hearing->seq;
    command.body_case = step->command;
    command.start = &start; /* Resume and Close are as empty */
    if (step->command == HEARING_COMMAND(ENTER_PHASE)) {
        enter.has_phase = true;
        enter.phase = step->phase;
        command.enter_phase = &enter;
    }
    arena_init(&arena, DRY_RUN_MAX);
    step->blocked = hearing_presume(hearing, &command, presiding(hearing), &arena, &events);
    for (uint32_t i = 0; i < events.count; i++)
        add_effect(hearing, step, events.items[i]);
    arena_done(&arena);
}

void hearing_next_step(const struct hearing *hearing, struct hearing_step *ret_step)
{
    *ret_step = (struct hearing_step){0};
    find_step(hearing, ret_step);
    if (ret_step->command)
        try_step(hearing, ret_step);
}
