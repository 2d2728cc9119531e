/*
 * The media port: one UDP socket for IPv4 and IPv6 (IPv4 as mapped addresses), read and written in
 * batches. Datagrams to one address that are equally long leave in one call (UDP GSO), which saves
 * about a third of the cost of sending. Owned by the relay.
 */
#ifndef ASSIZE_MEDIA_RELAY_UDP_H
#define ASSIZE_MEDIA_RELAY_UDP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/relay/counters.h"
#include "media/relay/limits.h"

enum { UDP_ROOM = RELAY_DATAGRAM_MAX + 32 }; /* sealing makes a packet longer than it came */

/* Where datagrams go, with those that wait to be written. Embedded in the leg; zeroed at the start.
 */
struct udp_route {
    struct sockaddr_in6 to;
    uint16_t first; /* index + 1 of the waiting datagrams, 0 for none */
    uint16_t last;
    struct udp_route *next; /* of those with waiting datagrams */
};

struct udp;

typedef void (*udp_handler)(void *context, const struct sockaddr_in6 *from, uint8_t *data,
                            size_t len);

/*
 * Binds a numeric address. 0 or -errno: -EINVAL when it is no address. A udp without a socket
 * (udp_new_detached) counts what it would send and throws it away, for fuzzing.
 */
int udp_new(const char *address, uint16_t port, struct relay_counters *counters,
            struct udp **ret_udp) __attribute__((warn_unused_result));
struct udp *udp_new_detached(struct relay_counters *counters);
void udp_free(struct udp *udp);
int udp_fd(const struct udp *udp);
uint16_t udp_port(const struct udp *udp);

/* Reads one batch and hands it out; how many, 0 when nothing was there. */
int udp_receive(struct udp *udp, udp_handler handler, void *context);

/* Writes one datagram at once: checks and handshakes, which wait for nothing. */
void udp_send(struct udp *udp, const struct sockaddr_in6 *to, const uint8_t *data, size_t len);

/* A buffer of UDP_ROOM bytes for one more datagram; udp_commit follows before anything else. */
uint8_t *udp_reserve(struct udp *udp);
/* len 0: nothing is to be sent. */
void udp_commit(struct udp *udp, struct udp_route *route, size_t len);
/* Writes everything that waits. What the kernel does not take is dropped and counted. */
void udp_flush(struct udp *udp);
/* Throws away what waits on this route. */
void udp_discard(struct udp *udp, struct udp_route *route);

/* The address as this module uses it, IPv4 mapped; false for other families. */
bool udp_address(const struct sockaddr *address, struct sockaddr_in6 *ret_address);

#endif
