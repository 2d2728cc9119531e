#include "media/relay/candidates.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

#include "base/str.h"

struct list {
    struct sdp_candidate *candidates;
    size_t count;
    uint16_t port;
};

static void add(struct list *list, const char *address)
{
    if (list->count == LEGS_CANDIDATES_MAX)
        return;
    struct sdp_candidate *candidate = &list->candidates[list->count++];
    str_copy(candidate->address, sizeof(candidate->address), address);
    candidate->port = list->port;
}

static bool is_address(const char *text)
{
    struct in6_addr unused;

    return inet_pton(AF_INET, text, &unused) == 1 || inet_pton(AF_INET6, text, &unused) == 1;
}

static int add_listed(struct list *list, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, ", ");
        char address[SDP_ADDRESS_SIZE];
        if (len) {
            if (len >= sizeof(address))
                return -EINVAL;
            memcpy(address, text, len);
            address[len] = '\0';
            if (!is_address(address))
                return -EINVAL;
            add(list, address);
        }
        text += len + (text[len] != '\0');
    }
    return 0;
}

/* An address others may reach; link-local ones need a scope that SDP cannot carry. */
static bool print_address(const struct sockaddr *address, bool v4_only, char out[SDP_ADDRESS_SIZE])
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof(v4));
        return inet_ntop(AF_INET, &v4.sin_addr, out, SDP_ADDRESS_SIZE);
    }
    if (address->sa_family != AF_INET6 || v4_only)
        return false;
    struct sockaddr_in6 v6;
    memcpy(&v6, address, sizeof(v6));
    return !IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr) &&
           inet_ntop(AF_INET6, &v6.sin6_addr, out, SDP_ADDRESS_SIZE);
}

static void add_interfaces(struct list *list, bool v4_only, bool loopback)
{
    struct ifaddrs *all;

    if (getifaddrs(&all))
        return;
    for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
        char address[SDP_ADDRESS_SIZE];
        bool is_loopback = one->ifa_flags & IFF_LOOPBACK;
        if (one->ifa_addr && one->ifa_flags & IFF_UP && is_loopback == loopback &&
            print_address(one->ifa_addr, v4_only, address))
            add(list, address);
    }
    freeifaddrs(all);
}

int candidates_list(const char *listen, const char *advertise, uint16_t port,
                    struct sdp_candidate (*ret_candidates)[LEGS_CANDIDATES_MAX], size_t *ret_count)
{
    struct list list = {.candidates = *ret_candidates, .port = port};
    bool any_v4 = strcmp(listen, "0.0.0.0") == 0;
    int result = add_listed(&list, advertise);

    if (result)
        return result;
    if (!list.count && !any_v4 && strcmp(listen, "::") != 0)
        add(&list, listen);
    if (!list.count)
        add_interfaces(&list, any_v4, false);
    if (!list.count)
        add_interfaces(&list, any_v4, true);
    *ret_count = list.count;
    return 0;
}
