/* Shared by the files of the router; not for others. */
#ifndef ASSIZE_MEDIA_RELAY_ROUTER_INTERNAL_H
#define ASSIZE_MEDIA_RELAY_ROUTER_INTERNAL_H

#include "media/relay/router.h"

/* ---- subscriber.c ---- */

/* Sends a packet to the cell's slot if the matrix and the slot's state let it. */
void subscriber_send(struct router *router, const struct relay_cell *cell, const struct party *from,
                     struct packet *packet);
/* Answers a NACK for one slot from the source's cache. */
void subscriber_resend(struct router *router, struct party *party, enum sdp_medium medium,
                       uint32_t slot, const uint16_t *seqs, size_t count, int64_t now_ns);
/* True while the slot waits for a key frame of the cell's source. */
bool subscriber_waits(const struct router *router, const struct relay_cell *cell);

/* What the slot carried is over; the next packet into it begins a grant. */
void subscriber_let_go(struct slot *slot);
/* The same of the cell's slot, as its source begins anew. */
void subscriber_renew(const struct router *router, const struct relay_cell *cell);

/* ---- rtcp_out.c ---- */

/* Time in NTP format, as our sender reports and round trips use it. */
uint64_t rtcp_out_ntp(const struct router *router, int64_t now_ns);
void rtcp_out_nack(struct router *router, struct party *to, const struct source *source,
                   const uint16_t *seqs, size_t count);
void rtcp_out_key_frame(struct router *router, struct party *to, const struct source *source);
/* Receiver report and bitrate for what the client sends. */
void rtcp_out_receiver_report(struct router *router, struct party *to, int64_t now_ns);
/* Sender reports for what flows to the client. */
void rtcp_out_sender_reports(struct router *router, struct party *to, int64_t now_ns);

#endif
