/* Shared by leg.c and packets.c. */
#ifndef ASSIZE_MEDIA_RELAY_LEG_INTERNAL_H
#define ASSIZE_MEDIA_RELAY_LEG_INTERNAL_H

#include "media/relay/leg.h"

/* The router's way out: seal and send. */
extern const struct router_ops packets_router_ops;

/* Connects the leg when checks, handshake and answer are all there; closes it when they contradict.
 * True while it lives. */
bool leg_progress(struct leg *leg);

#endif
