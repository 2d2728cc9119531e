/* Shared by leg.c, packets.c and local_packets.c. */
#ifndef ASSIZE_MEDIA_RELAY_LEG_INTERNAL_H
#define ASSIZE_MEDIA_RELAY_LEG_INTERNAL_H

#include "media/relay/leg.h"

/* The router's way out: seal and send. */
extern const struct router_ops packets_router_ops;

/* Media that is authentic and in the clear goes on record and to the router. */
void packets_take_rtp(struct leg *leg, struct source *source, uint8_t *data, size_t len,
                      const struct rtp_header *header, int64_t index);
void packets_take_rtcp(struct leg *leg, const uint8_t *data, size_t len);

/* Connects the leg when checks, handshake and answer are all there; closes it when they contradict.
 * True while it lives. */
bool leg_progress(struct leg *leg);

#endif
