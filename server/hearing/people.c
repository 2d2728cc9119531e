/* What holds of people and where they sit: places, pairs, identities, what they may show. */
#include "hearing_internal.h"

#include "server/hearing/procedure.h"

bool hearing_endpoint_sends(const struct hearing *hearing, uint32_t endpoint)
{
    const struct hearing_endpoint *device = hearing_endpoint(hearing, endpoint);

    return device &&
           (device->kind == HEARING_ENDPOINT(PERSONAL) || device->kind == HEARING_ENDPOINT(ROOM));
}

uint32_t hearing_place(const struct hearing *hearing, uint32_t endpoint)
{
    if (hearing_endpoint_sends(hearing, endpoint))
        return endpoint;
    for (uint32_t i = 0; endpoint && i < hearing->participant_count; i++) {
        if (hearing->participants[i].companion == endpoint)
            return hearing->participants[i].endpoint;
    }
    return 0;
}

bool hearing_was_called(const struct hearing *hearing,
                        const struct hearing_participant *participant)
{
    if (participant->stand == HEARING_STAND(UNDERTAKING))
        return hearing->witness == participant->id;
    return participant->stand != HEARING_STAND(UNSPECIFIED);
}

bool hearing_is_cut_off(const struct hearing *hearing, uint32_t endpoint)
{
    uint32_t place = hearing_place(hearing, endpoint);

    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        if (hearing->participants[i].cut_off && hearing->participants[i].endpoint == place)
            return true;
    }
    return false;
}

const struct hearing_screen *hearing_screened(const struct hearing *hearing, uint32_t one,
                                              uint32_t other)
{
    const struct hearing_screen *found = NULL;

    for (uint32_t i = 0; i < hearing->screen_count; i++) {
        const struct hearing_screen *screen = &hearing->screens[i];
        bool is_pair = (screen->participant == one && screen->from == other) ||
                       (screen->participant == other && screen->from == one);
        if (is_pair && (!found || screen->sound))
            found = screen;
    }
    return found;
}

bool hearing_may_be_screened(const struct hearing *hearing, uint32_t participant, uint32_t from)
{
    const struct hearing_participant *one = hearing_participant(hearing, participant);
    const struct hearing_participant *other = hearing_participant(hearing, from);

    return one && other && one->endpoint != other->endpoint &&
           !hearing_endpoint_is_court(hearing, one->endpoint) &&
           !hearing_endpoint_is_court(hearing, other->endpoint);
}

bool hearing_are_at_one_site(const struct hearing *hearing, const struct hearing_participant *one,
                             const struct hearing_participant *other)
{
    return hearing_endpoint(hearing, one->endpoint)->site ==
           hearing_endpoint(hearing, other->endpoint)->site;
}

unsigned hearing_attesters(const struct hearing *hearing, const struct hearing_participant *whom)
{
    uint32_t site = hearing_endpoint(hearing, whom->endpoint)->site;
    unsigned needed = HEARING_BIT(HEARING_ATTESTER(CLERK));

    if (hearing_role_is_court(whom->role))
        return 0;
    if (hearing_procedure(hearing)->attested_by_officer & HEARING_BIT(whom->role) &&
        hearing_site(hearing, site)->kind == HEARING_SITE(DETENTION_FACILITY))
        needed |= HEARING_BIT(HEARING_ATTESTER(SITE_OFFICER));
    return needed;
}

bool hearing_is_identified(const struct hearing *hearing, uint32_t participant)
{
    const struct hearing_participant *whom = hearing_participant(hearing, participant);

    return whom && !(hearing_attesters(hearing, whom) & ~whom->attested);
}

uint64_t hearing_unidentified(const struct hearing *hearing)
{
    uint64_t people = 0;

    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        if (hearing_is_inside(hearing, i + 1) && !hearing->participants[i].trusted &&
            !hearing_is_identified(hearing, i + 1))
            people |= UINT64_C(1) << i;
    }
    return people;
}

bool hearing_may_share(const struct hearing *hearing, uint32_t participant)
{
    const struct hearing_participant *who = hearing_participant(hearing, participant);

    return who && hearing_phase(hearing)->share & HEARING_BIT(who->role) &&
           (hearing->status == HEARING_STATUS(SCHEDULED) ||
            hearing->status == HEARING_STATUS(IN_SESSION)) &&
           hearing_is_inside(hearing, participant) && !hearing_is_cut_off(hearing, who->endpoint);
}
