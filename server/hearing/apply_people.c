/* Events of people coming in and going out. */
#include "apply_internal.h"

#include <errno.h>

/* Whoever has the floor, a hand up or something to show is in the courtroom: it is taken back
 * first.
 */
int apply_standing(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about,
                   unsigned from, Assize__Hearing__V1__Standing to)
{
    struct hearing_participant *who = apply_participant_of(hearing, about);

    if (!who || !(from & HEARING_BIT(who->standing)) || hearing->floor_holder == about ||
        hearing_is_queued(hearing, about) || hearing->sharer_participant == about)
        return -EINVAL;
    who->standing = to;
    who->standing_seq = event->seq;
    return 0;
}

int apply_checked_in(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                     uint32_t about)
{
    int error = apply_standing(hearing, event, about, STANDING(NOT_SIGNED_IN) | STANDING(LEFT),
                               HEARING_STANDING(WAITING));

    if (!error)
        apply_set_connected(
            apply_microphone_of(hearing, apply_participant_of(hearing, about)->endpoint), true, 0);
    return error;
}

int apply_admitted(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about)
{
    int error = apply_standing(hearing, event, about, STANDING(WAITING) | STANDING(SEQUESTERED),
                               HEARING_STANDING(IN_HEARING));

    if (!error)
        apply_participant_of(hearing, about)->kept_apart = false;
    return error;
}

int apply_sent_back(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                    uint32_t about)
{
    return apply_standing(hearing, event, about, STANDING(IN_HEARING), HEARING_STANDING(WAITING));
}

int apply_left(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about)
{
    int error = apply_standing(hearing, event, about,
                               STANDING(WAITING) | STANDING(SEQUESTERED) | STANDING(IN_HEARING),
                               HEARING_STANDING(LEFT));

    if (error)
        return error;
    uint32_t endpoint = apply_participant_of(hearing, about)->endpoint;
    if (!hearing_checked_in_at(hearing, endpoint)) {
        apply_set_connected(apply_microphone_of(hearing, endpoint), false, 0);
        apply_end_incident(hearing, endpoint, event->at_ms);
    }
    return 0;
}
