/*
 * What the process of a local leg may send: the input is cut into datagrams, each led by its length
 * in two bytes. The leg's source goes back to itself, so that every packet is forwarded, too. The
 * relay stays; its legs do not.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "media/relay/local_packets.h"
#include "media/relay/relay.h"
#include "media/rtp/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LEG = 1 };

static struct relay *the_relay(void)
{
    static struct relay *relay;
    const struct relay_options options = {.advertise = ""};
    char error[RELAY_ERROR_SIZE];

    log_set_level(LOG_ERROR);
    if (!relay && relay_new(&options, error, &relay))
        abort();
    return relay;
}

static struct leg *open_leg(struct legs *legs)
{
    static const uint8_t token[LOCAL_TOKEN_BYTES];
    const struct leg_wish wish = {.id = LEG,
                                  .hearing = "h",
                                  .session = "",
                                  .may_send = true,
                                  .audio_slots = 1,
                                  .video_slots = 1,
                                  .token = token};
    struct leg *leg;

    if (leg_open(legs, &wish, &leg))
        abort();
    const struct relay_pair both[] = {{LEG, LEG, SDP_AUDIO, 0}, {LEG, LEG, SDP_VIDEO, 0}};
    const struct relay_change change = {
        .epoch = 1, .reset = true, .grants = both, .grant_count = 2};
    if (legs_apply(legs, leg->party.room, &change))
        abort();
    return leg;
}

/* In a buffer of its own, so that a read beyond it shows. */
static void take(struct leg *leg, const uint8_t *data, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);

    if (!copy)
        abort();
    if (len)
        memcpy(copy, data, len);
    local_take(leg, copy, len);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct legs *legs = relay_legs(the_relay());
    struct leg *leg = open_leg(legs);
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends))
        abort();
    leg_link(leg, ends[0]);
    while (size >= 2) {
        size_t len = bytes_get16(data);
        data += 2;
        size -= 2;
        len = len < size ? len : size;
        take(leg, data, len);
        data += len;
        size -= len;
    }
    legs_cut(legs, "fuzz");
    close(ends[0]);
    close(ends[1]);
    return 0;
}
