/*
 * ICE-lite (RFC 8445) and consent (RFC 7675): who may be sent to. Every binding request is
 * authenticated by the leg's password before anything follows from it. An address that passed a
 * check is a path; the client's nomination, else its first path, is where media goes. Nothing is
 * ever sent to an address that is no path. Embedded in the leg.
 */
#ifndef ASSIZE_MEDIA_RELAY_ICE_H
#define ASSIZE_MEDIA_RELAY_ICE_H

#include "media/relay/hash.h"
#include <netinet/in.h>
#include <stdbool.h>

#include "media/relay/counters.h"
#include "media/relay/limits.h"
#include "media/rtp/stun.h"

enum { ICE_UFRAG_SIZE = 9, ICE_PASSWORD_SIZE = 25 };

struct ice;

struct ice_path {
    struct sockaddr_in6 address;
    int64_t checked_ns; /* last authenticated check; 0: not in use */
    struct ice *ice;
    UT_hash_handle hh;
};

struct ice {
    char ufrag[ICE_UFRAG_SIZE];
    char password[ICE_PASSWORD_SIZE];
    void *owner;
    struct ice_path paths[RELAY_PATHS_MAX];
    const struct ice_path *selected; /* NULL before the first check */
    int64_t checked_ns;              /* last authenticated check on any path; 0: none yet */
    UT_hash_handle hh;
};

/* All agents of the port. Zeroed at the start. */
struct ice_agents {
    struct ice *by_ufrag;
    struct ice_path *by_address;
};

/* Chooses credentials. */
void ice_add(struct ice_agents *agents, struct ice *ice, void *owner);
void ice_remove(struct ice_agents *agents, struct ice *ice);

/*
 * Takes a STUN datagram. The agent whose check it is, with the answer in reply; NULL (and ret_len
 * 0) for anything else: not STUN, no binding request, an unknown agent, a wrong message integrity,
 * or an address that is in use by another agent.
 */
struct ice *ice_take(struct ice_agents *agents, struct relay_counters *counters,
                     const struct sockaddr_in6 *from, const uint8_t *data, size_t len,
                     int64_t now_ns, uint8_t reply[static STUN_WRITE_MAX], size_t *ret_len);

/* The path an address is, or NULL. */
struct ice_path *ice_find(const struct ice_agents *agents, const struct sockaddr_in6 *address);

#endif
