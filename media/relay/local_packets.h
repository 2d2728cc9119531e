/* The way of a datagram of media/rtp/local.h between a local leg and its process. Called by
 * local_links.c (in) and packets.c (out). */
#ifndef ASSIZE_MEDIA_RELAY_LOCAL_PACKETS_H
#define ASSIZE_MEDIA_RELAY_LOCAL_PACKETS_H

#include "media/relay/leg.h"

/*
 * One datagram of the leg's process, after its hello. A stream is known by the SSRC the process
 * gives it: another one begins the leg's source anew. On the way its SSRC becomes the relay's. What
 * makes no sense is dropped and counted.
 */
void local_take(struct leg *leg, uint8_t *data, size_t len);

/* These send at once; false for what the process has no room for, which is dropped and counted. */
bool local_send_rtp(struct leg *leg, const struct slot *slot, const uint8_t *header,
                    size_t header_len, const uint8_t *payload, size_t payload_len);
void local_send_report(struct leg *leg, const struct slot *slot, const uint8_t *data, size_t len);
void local_ask_key_frame(struct leg *leg);

#endif
