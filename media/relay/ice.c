#include "media/relay/ice.h"

#include <string.h>

#include "base/id.h"
#include "media/relay/source.h"

/* ice-char (RFC 8839, 5.4) has 64 members: every character is 6 random bits. */
static void random_text(char *out, size_t size)
{
    static const char characters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    id_random(out, size - 1);
    for (size_t i = 0; i < size - 1; i++)
        out[i] = characters[out[i] & 63];
    out[size - 1] = '\0';
}

static struct ice *find_ufrag(const struct ice_agents *agents, const char *ufrag, size_t len)
{
    struct ice *ice;

    HASH_FIND(hh, agents->by_ufrag, ufrag, len, ice);
    return ice;
}

void ice_add(struct ice_agents *agents, struct ice *ice, void *owner)
{
    *ice = (struct ice){.owner = owner};
    do {
        random_text(ice->ufrag, sizeof(ice->ufrag));
    } while (find_ufrag(agents, ice->ufrag, ICE_UFRAG_SIZE - 1));
    random_text(ice->password, sizeof(ice->password));
    HASH_ADD(hh, agents->by_ufrag, ufrag, ICE_UFRAG_SIZE - 1, ice);
}

static void drop_path(struct ice_agents *agents, struct ice_path *path)
{
    if (!path->checked_ns)
        return;
    HASH_DEL(agents->by_address, path);
    *path = (struct ice_path){0};
}

void ice_remove(struct ice_agents *agents, struct ice *ice)
{
    ice->selected = NULL;
    for (int i = 0; i < RELAY_PATHS_MAX; i++)
        drop_path(agents, &ice->paths[i]);
    HASH_DEL(agents->by_ufrag, ice);
}

struct ice_path *ice_find(const struct ice_agents *agents, const struct sockaddr_in6 *address)
{
    struct ice_path *path;

    HASH_FIND(hh, agents->by_address, address, sizeof(*address), path);
    return path;
}

/* ---- checks ---- */

/* A place for one more path: an unused one, else the one not checked for longest that is not
 * selected. */
static struct ice_path *free_path(struct ice_agents *agents, struct ice *ice)
{
    struct ice_path *oldest = NULL;

    for (int i = 0; i < RELAY_PATHS_MAX; i++) {
        struct ice_path *path = &ice->paths[i];
        if (path != ice->selected && (!oldest || path->checked_ns < oldest->checked_ns))
            oldest = path;
    }
    drop_path(agents, oldest);
    return oldest;
}

/* An address that another agent was checked from lately is not taken from it: its sender may be
 * forged. */
static struct ice_path *need_path(struct ice_agents *agents, struct ice *ice,
                                  const struct sockaddr_in6 *from, int64_t now_ns)
{
    struct ice_path *path = ice_find(agents, from);

    if (path && path->ice == ice)
        return path;
    if (path && now_ns - path->checked_ns < NS_OF_MS(RELAY_LOST_MS))
        return NULL;
    if (path) {
        if (path->ice->selected == path)
            path->ice->selected = NULL;
        drop_path(agents, path);
    }
    path = free_path(agents, ice);
    path->address = *from;
    path->ice = ice;
    path->checked_ns = now_ns;
    HASH_ADD(hh, agents->by_address, address, sizeof(path->address), path);
    return path;
}

/* What a client is told of itself: IPv4 without the mapping. */
static union stun_address plain_address(const struct sockaddr_in6 *from)
{
    union stun_address plain = {.v6 = *from};

    if (!IN6_IS_ADDR_V4MAPPED(&from->sin6_addr))
        return plain;
    plain = (union stun_address){.v4 = {.sin_family = AF_INET, .sin_port = from->sin6_port}};
    memcpy(&plain.v4.sin_addr, from->sin6_addr.s6_addr + 12, 4);
    return plain;
}

/* The agent a request names by the first half of its user name, if the request proves to know its
 * password. */
static struct ice *authenticate(const struct ice_agents *agents, const uint8_t *data,
                                const struct stun_message *message)
{
    if (!message->username || message->username_len < ICE_UFRAG_SIZE ||
        message->username[ICE_UFRAG_SIZE - 1] != ':')
        return NULL;
    struct ice *ice = find_ufrag(agents, message->username, ICE_UFRAG_SIZE - 1);
    return ice && stun_verify(data, message, ice->password) ? ice : NULL;
}

struct ice *ice_take(struct ice_agents *agents, struct relay_counters *counters,
                     const struct sockaddr_in6 *from, const uint8_t *data, size_t len,
                     int64_t now_ns, uint8_t reply[static STUN_WRITE_MAX], size_t *ret_len)
{
    struct stun_message message;

    *ret_len = 0;
    if (stun_parse(data, len, &message) || message.class != STUN_REQUEST) {
        counters->stun_malformed++;
        return NULL;
    }
    struct ice *ice = authenticate(agents, data, &message);
    struct ice_path *path = ice ? need_path(agents, ice, from, now_ns) : NULL;
    if (!path) {
        counters->stun_unauthenticated++;
        return NULL;
    }
    path->checked_ns = ice->checked_ns = now_ns;
    if (message.use_candidate || !ice->selected)
        ice->selected = path;
    union stun_address plain = plain_address(from);
    *ret_len = message.unknown_count
                   ? stun_write_error(reply, &message, STUN_UNKNOWN_ATTRIBUTE, ice->password)
                   : stun_write_success(reply, &message, &plain, ice->password);
    counters->stun_answered++;
    return ice;
}
