/*
 * Who a person is: vouched for by the clerk, and at a detention facility by an officer of the site
 * as well. The server asks, once the one who vouches has signed in again; the signed record itself
 * is kept elsewhere.
 */
#include "decide_internal.h"

#include <string.h>

#include "base/sha256.h"

enum { RECORD_ID = 36, ACCOUNT_ID = 36 };

/* Does this person vouch as what is said, and may they for this one. */
static enum refusal check_attester(const struct hearing *hearing,
                                   const struct hearing_participant *whom,
                                   const struct hearing_participant *by,
                                   const Assize__Hearing__V1__AttestIdentity *asked)
{
    Assize__Hearing__V1__Attester as = asked->as;

    if (as != HEARING_ATTESTER(CLERK) && as != HEARING_ATTESTER(SITE_OFFICER))
        return REFUSAL_MALFORMED;
    bool is_clerk = by->role == HEARING_ROLE(CLERK);
    if (by == whom || is_clerk != (as == HEARING_ATTESTER(CLERK)) ||
        !hearing_role_has_right(by->role, HEARING_RIGHT_IDENTITY) ||
        !(hearing_attesters(hearing, whom) & HEARING_BIT(as)) ||
        (!is_clerk && !hearing_are_at_one_site(hearing, by, whom)))
        return REFUSAL_ROLE_NOT_ALLOWED;
    return !asked->anew && whom->attested & HEARING_BIT(as) ? REFUSAL_ALREADY_SO : REFUSAL_NONE;
}

static void fill_attestation(struct decision *decision, Assize__Hearing__V1__AttestIdentity *said,
                             const Assize__Hearing__V1__AttestIdentity *asked)
{
    said->record = arena_copy(decision->arena, asked->record, RECORD_ID);
    said->hash.data = arena_alloc(decision->arena, SHA256_BYTES);
    if (!said->record || !said->hash.data) {
        decision->out_of_memory = true;
        return;
    }
    memcpy(said->hash.data, asked->hash.data, SHA256_BYTES);
    said->hash.len = SHA256_BYTES;
    said->has_hash = said->has_by = said->has_as = true;
    said->has_anew = asked->anew;
    said->anew = asked->anew;
    said->by = asked->by;
    said->as = asked->as;
}

enum refusal decide_attest_identity(struct decision *decision)
{
    const struct hearing *hearing = decision->hearing;
    const Assize__Hearing__V1__AttestIdentity *asked = decision->command->attest_identity;
    const struct hearing_participant *whom = hearing_participant(hearing, asked->participant);
    const struct hearing_participant *by = hearing_participant(hearing, asked->by);

    if (!whom || !by)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (!asked->record || strlen(asked->record) != RECORD_ID || asked->hash.len != SHA256_BYTES)
        return REFUSAL_MALFORMED;
    enum refusal refusal = check_attester(hearing, whom, by, asked);
    if (refusal)
        return refusal;
    Assize__Hearing__V1__Event *event =
        decision_add(decision, HEARING_EVENT(IDENTITY_ATTESTED), whom->id);
    if (event)
        fill_attestation(decision, event->identity_attested, asked);
    return REFUSAL_NONE;
}

/* The last phase before this one that was not to be left by anybody unidentified. */
static const struct procedure_phase *phase_of_identity(const struct hearing *hearing)
{
    const struct procedure *procedure = hearing_procedure(hearing);

    for (uint32_t before = hearing->phase; before > 1; before--) {
        const struct procedure_phase *phase = procedure_phase(procedure, before - 1);
        if (phase && phase->needs_identity)
            return phase;
    }
    return NULL;
}

enum refusal decision_check_identity(struct decision *decision,
                                     const struct hearing_participant *whom)
{
    const struct procedure_phase *phase = phase_of_identity(decision->hearing);

    if (!phase || whom->trusted || hearing_is_identified(decision->hearing, whom->id))
        return REFUSAL_NONE;
    return decision_rule_of_phase_stands(decision, phase, "identity", REFUSAL_NOT_IDENTIFIED);
}

/* Somebody else comes to the door of the courtroom, and is nobody yet: not vouched for, not sworn.
 */
enum refusal decide_replace_person(struct decision *decision)
{
    const struct hearing_participant *whom =
        hearing_participant(decision->hearing, decision->command->replace_person->participant);

    const char *by = decision->command->replace_person->by;

    if (!whom)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (by && strlen(by) != ACCOUNT_ID)
        return REFUSAL_MALFORMED;
    if (whom->standing == HEARING_STANDING(IN_HEARING))
        return REFUSAL_STILL_INSIDE;
    if (hearing_is_checked_in(whom))
        decision_add_for_occupants(decision, HEARING_EVENT(LEFT), whom->endpoint);
    Assize__Hearing__V1__Event *event =
        decision_add(decision, HEARING_EVENT(PERSON_REPLACED), whom->id);
    decision_keep_words(decision, event);
    if (event && by) {
        event->person_replaced->by = arena_copy(decision->arena, by, ACCOUNT_ID);
        decision->out_of_memory |= !event->person_replaced->by;
    }
    return REFUSAL_NONE;
}
