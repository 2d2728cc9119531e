/* Who a person is; and notes, which change nothing. */
#include "apply_internal.h"

#include <errno.h>
#include <string.h>

int apply_note_taken(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                     uint32_t about)
{
    const Assize__Hearing__V1__TakeNote *note = event->note_taken;

    return (about && !hearing_participant(hearing, about)) || note->about_seq >= event->seq ||
                   note->corrects >= event->seq
               ? -EINVAL
               : 0;
}

int apply_identity_attested(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                            uint32_t about)
{
    struct hearing_participant *who = apply_participant_of(hearing, about);
    Assize__Hearing__V1__Attester as = event->identity_attested->as;
    bool anew = event->identity_attested->anew;

    if (!who || !hearing_participant(hearing, event->identity_attested->by) ||
        (as != HEARING_ATTESTER(CLERK) && as != HEARING_ATTESTER(SITE_OFFICER)) ||
        (!anew && who->attested & HEARING_BIT(as)))
        return -EINVAL;
    who->attested = HEARING_BIT(as) | (anew ? 0 : who->attested);
    return 0;
}

/* Who is inside while the presiding judge sets aside that somebody is not vouched for counts as who
 * they say they are, until somebody else takes their place. Every other rule that is set aside
 * stands in the minutes and changes nothing. */
int apply_rule_overridden(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                          uint32_t about)
{
    const char *dot = strrchr(event->rule_overridden->rule, '.');

    (void)about;
    if (!dot || strcmp(dot, ".identity") != 0)
        return 0;
    for (uint32_t i = 0; i < hearing->participant_count; i++)
        hearing->participants[i].trusted |= hearing_is_inside(hearing, i + 1);
    return 0;
}

/* Whoever sits there now was not on the stand. */
int apply_person_replaced(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                          uint32_t about)
{
    struct hearing_participant *who = apply_participant_of(hearing, about);

    if (!who || hearing_is_checked_in(who))
        return -EINVAL;
    who->attested = 0;
    who->trusted = who->kept_apart = false;
    who->sworn = false;
    who->stand = HEARING_STAND(UNSPECIFIED);
    if (hearing->witness == about) {
        hearing->witness = 0;
        hearing->witness_seq = event->seq;
    }
    return 0;
}
