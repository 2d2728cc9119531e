/* What the controller may ask of the legs, each request answered by one report. Called by the
 * relay. */
#ifndef ASSIZE_MEDIA_RELAY_COMMANDS_H
#define ASSIZE_MEDIA_RELAY_COMMANDS_H

#include "assize/media/v1/control.pb-c.h"
#include "base/arena.h"
#include "media/relay/leg.h"

/* The reply, drawn from the arena; NULL for a request of no known arm. boot_id is new with every
 * start of the relay. */
Assize__Media__V1__Report *command_run(struct legs *legs, const char *boot_id,
                                       const Assize__Media__V1__Request *request,
                                       struct arena *arena);

/* The state of a leg as the controller knows it. */
Assize__Media__V1__LegState__State command_leg_state(enum leg_state state);

#endif
