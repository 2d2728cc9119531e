/* What the files of the engine share. Included only here. */
#ifndef ASSIZE_SERVER_HEARING_INTERNAL_H
#define ASSIZE_SERVER_HEARING_INTERNAL_H

#include "server/hearing/hearing.h"
#include "server/hearing/names.h"

/* The law of the hearing, and what of it holds in the phase it is in. Not for apply and visibility.
 */
const struct procedure *hearing_procedure(const struct hearing *hearing);
const struct procedure_phase *hearing_phase(const struct hearing *hearing);
/* Closed or adjourned: nothing follows. */
bool hearing_is_over(const struct hearing *hearing);
/* The loss of this endpoint would break a condition that holds now and stops the session. */
bool hearing_quorum_breaks(const struct hearing *hearing, uint32_t endpoint);
/* What the command would bring about if every rule in its way were set aside, and the refusal by
 * the first of them; or the refusal by a fact of the state, and no events. */
enum refusal hearing_presume(const struct hearing *hearing,
                             const Assize__Hearing__V1__Command *command,
                             struct hearing_actor actor, struct arena *arena,
                             struct hearing_events *ret_events);
/* Memory for what is decided and thrown away: a hearing's greatest decision fits. */
enum { DRY_RUN_MAX = 256 << 10 };
/* The presiding judge, panel judges, lay judges and the clerk: they are the court and need no one
 * to admit them. */
bool hearing_role_is_court(Assize__Hearing__V1__Role role);
/* Who comes to watch: behind closed doors they are outside. */
enum {
    HEARING_PUBLIC = HEARING_BIT(HEARING_ROLE(ATTENDEE)) | HEARING_BIT(HEARING_ROLE(JOURNALIST)),
};
/* Someone of the court sits before this camera, so the room is the court's own. */
bool hearing_endpoint_is_court(const struct hearing *hearing, uint32_t endpoint);
/* All who sit there have one of these roles. A room with somebody of the court is the court's. */
bool hearing_is_of_roles(const struct hearing *hearing, uint32_t endpoint, uint32_t roles);
/* In the waiting room, kept apart, or in the courtroom. */
bool hearing_is_checked_in(const struct hearing_participant *participant);
/* To the stand, on it or heard; an undertaking without the stand is none of it. */
bool hearing_was_called(const struct hearing *hearing,
                        const struct hearing_participant *participant);
/* How many at this personal or room endpoint are checked in. */
uint32_t hearing_checked_in_at(const struct hearing *hearing, uint32_t endpoint);
/* There may be a record of it: an endpoint that sends, or 0 for the programme feed. */
bool hearing_may_be_recorded(const struct hearing *hearing, uint32_t endpoint);
/* The endpoint where the people sit who are at this device: itself, or that of the companion's
 * person. 0 when there is nobody. */
uint32_t hearing_place(const struct hearing *hearing, uint32_t endpoint);
/* Somebody who sits there is cut off. */
bool hearing_is_cut_off(const struct hearing *hearing, uint32_t endpoint);
/* Two people who are there, not before one camera, and neither of the court's room: the court sees
 * everyone. */
bool hearing_may_be_screened(const struct hearing *hearing, uint32_t participant, uint32_t from);
bool hearing_are_at_one_site(const struct hearing *hearing, const struct hearing_participant *one,
                             const struct hearing_participant *other);
/* Who sits at this personal or room endpoint is inside, together. */
bool hearing_anyone_inside(const struct hearing *hearing, uint32_t endpoint);
/* Somebody who sits there has the floor. */
bool hearing_has_floor(const struct hearing *hearing, uint32_t endpoint);
/* Has a hand raised. */
bool hearing_is_queued(const struct hearing *hearing, uint32_t participant);
/* The rules hearing_decide_opening states. */
bool hearing_roster_fits(const Assize__Hearing__V1__Opened *roster);

#endif
