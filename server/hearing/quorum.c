/*
 * Who must be there: the conditions of the procedure against the people of the hearing. Present is
 * who is in the courtroom with a device that is connected.
 */
#include <stdio.h>

#include "hearing_internal.h"

static uint64_t bit_of(const struct hearing_participant *person)
{
    return UINT64_C(1) << (person->id - 1);
}

/* Everyone of these roles on the roster, at the site (0: anywhere). */
static uint64_t listed(const struct hearing *hearing, uint32_t roles, uint32_t site)
{
    uint64_t people = 0;

    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        if (roles & HEARING_BIT(person->role) &&
            (!site || hearing->endpoints[person->endpoint - 1].site == site))
            people |= bit_of(person);
    }
    return people;
}

static uint64_t present(const struct hearing *hearing, uint32_t without)
{
    uint64_t people = 0;

    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        if (person->standing == HEARING_STANDING(IN_HEARING) && person->endpoint != without &&
            hearing->endpoints[person->endpoint - 1].connected)
            people |= bit_of(person);
    }
    return people;
}

static bool has_defendant_under_18(const struct hearing *hearing)
{
    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        if (person->role == HEARING_ROLE(DEFENDANT) && person->under_18)
            return true;
    }
    return false;
}

/* Everyone, of whom there must be somebody; or so many. */
static bool is_met(const struct procedure_condition *condition, uint64_t wanted, uint64_t there)
{
    if (!condition->at_least)
        return wanted && there == wanted;
    return (uint32_t)__builtin_popcountll(there) >= condition->at_least;
}

static void add_check(const struct hearing *hearing, const struct procedure_condition *condition,
                      uint32_t site, uint64_t here, struct hearing_check *checks, size_t *count)
{
    uint64_t wanted = listed(hearing, condition->roles, site);

    if (condition->if_listed && !wanted)
        return;
    bool met = is_met(condition, wanted, wanted & here);
    checks[(*count)++] = (struct hearing_check){
        .condition = condition, .site = site, .met = met, .missing = met ? 0 : wanted & ~here};
}

static size_t quorum_without(const struct hearing *hearing, uint32_t endpoint,
                             struct hearing_check ret_checks[static HEARING_CHECKS_MAX])
{
    const struct procedure *procedure = hearing_procedure(hearing);
    uint64_t here = present(hearing, endpoint);
    size_t count = 0;

    for (uint32_t i = 0; i < procedure->condition_count; i++) {
        const struct procedure_condition *condition = &procedure->conditions[i];
        if (condition->if_under_18 && !has_defendant_under_18(hearing))
            continue;
        if (!condition->sites)
            add_check(hearing, condition, 0, here, ret_checks, &count);
        for (uint32_t k = 0; condition->sites && k < hearing->site_count; k++) {
            if (condition->sites & HEARING_BIT(hearing->sites[k].kind))
                add_check(hearing, condition, hearing->sites[k].id, here, ret_checks, &count);
        }
    }
    return count;
}

size_t hearing_quorum(const struct hearing *hearing,
                      struct hearing_check ret_checks[static HEARING_CHECKS_MAX])
{
    return quorum_without(hearing, 0, ret_checks);
}

bool hearing_quorum_met(const struct hearing *hearing)
{
    struct hearing_check checks[HEARING_CHECKS_MAX];
    size_t count = hearing_quorum(hearing, checks);

    for (size_t i = 0; i < count; i++) {
        if (!checks[i].met)
            return false;
    }
    return true;
}

void hearing_quorum_rule(const char *condition, char ret_rule[static HEARING_RULE_MAX + 1])
{
    snprintf(ret_rule, HEARING_RULE_MAX + 1, "quorum.%s", condition);
}

/* The conditions are the same with and without; only whether they are met differs. */
bool hearing_quorum_breaks(const struct hearing *hearing, uint32_t endpoint)
{
    struct hearing_check before[HEARING_CHECKS_MAX];
    struct hearing_check after[HEARING_CHECKS_MAX];
    size_t count = quorum_without(hearing, 0, before);

    quorum_without(hearing, endpoint, after);
    for (size_t i = 0; i < count; i++) {
        if (before[i].condition->pauses && before[i].met && !after[i].met)
            return true;
    }
    return false;
}
