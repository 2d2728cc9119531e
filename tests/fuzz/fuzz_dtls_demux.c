/*
 * Datagrams on the media port, without a socket. The input is a list of datagrams: one byte says
 * how, two bytes how long, then the bytes. How: 0 from an address no check came from; 1 from that
 * of a leg in its handshake; 2 from that of a connected leg; 3 and 4 the same as sound RTP and
 * RTCP: sealed here, so that what is behind decryption is reached.
 */
#include <arpa/inet.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "media/relay/leg_internal.h"
#include "media/relay/relay.h"
#include "media/rtp/bytes.h"
#include "media/rtp/stun.h"

enum { LEG_YOUNG = 1, LEG_CONNECTED = 2, RTP_SSRC = 0x1111, ROOM = RELAY_DATAGRAM_MAX + 64 };

enum how { FROM_NOWHERE, FROM_YOUNG, FROM_CONNECTED, SEALED_RTP, SEALED_RTCP, HOW_COUNT };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sockaddr_in6 address_of(uint16_t port)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

    address.sin6_addr.s6_addr[15] = 1;
    return address;
}

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

static struct leg *open_leg(struct relay *relay, uint64_t id)
{
    const struct leg_wish wish = {.id = id,
                                  .hearing = "h",
                                  .session = "",
                                  .may_send = true,
                                  .audio_slots = 1,
                                  .video_slots = 1};
    struct leg *leg;

    if (leg_open(relay_legs(relay), &wish, &leg))
        abort();
    return leg;
}

static void check_in(struct relay *relay, const struct leg *leg, uint16_t port)
{
    const struct sockaddr_in6 from = address_of(port);
    struct stun_request request = {.password = leg->ice.password, .role = STUN_ROLE_CONTROLLING};
    char username[32];
    uint8_t data[STUN_WRITE_MAX];

    memcpy(username, leg->ice.ufrag, ICE_UFRAG_SIZE - 1);
    memcpy(username + ICE_UFRAG_SIZE - 1, ":x", 3);
    request.username = username;
    relay_take(relay, &from, data, stun_write_request(data, &request));
    if (!leg->ice.selected)
        abort();
}

/* As after handshake and answer, with keys known here. */
static void connect_leg(struct relay *relay, struct leg *leg, const struct srtp_master *master)
{
    struct source *video = &leg->party.sources[SDP_VIDEO];

    if (srtp_context_init(&leg->in, master) || srtp_context_init(&leg->out, master))
        abort();
    leg->keyed = leg->answered = true;
    leg->state = LEG_STATE_CONNECTED;
    video->negotiated = true;
    video->ssrc = RTP_SSRC;
    router_start(&relay_legs(relay)->router, &leg->party, relay_legs(relay)->now_ns);
}

/* The leg sees itself, so that what it sends is also forwarded. */
static void grant(struct relay *relay, struct leg *leg)
{
    const struct relay_pair pair = {LEG_CONNECTED, LEG_CONNECTED, SDP_VIDEO, 0};
    const struct relay_change change = {.reset = true, .grants = &pair, .grant_count = 1};

    if (legs_apply(relay_legs(relay), leg->party.room, &change))
        abort();
}

static size_t seal_rtp(struct srtp_context *context, uint8_t *bytes, size_t len, uint16_t seq)
{
    struct rtp_header header;
    uint8_t plain[ROOM];

    if (len < RTP_HEADER_MIN)
        return len;
    bytes[0] = (uint8_t)(0x80 | (bytes[0] & 0x3f));
    bytes[1] = (uint8_t)((bytes[1] & 0x80) | SDP_VP8);
    bytes_put16(bytes + 2, seq);
    bytes_put32(bytes + 8, RTP_SSRC);
    if (rtp_parse_header(bytes, len, &header))
        return len;
    memcpy(plain, bytes, len);
    return (size_t)srtp_seal_rtp(context, seq, bytes, header.len, plain + header.len,
                                 len - header.len);
}

static size_t seal_rtcp(struct srtp_context *context, uint8_t *bytes, size_t len, uint32_t index)
{
    if (len < 8)
        return len;
    bytes[0] = (uint8_t)(0x80 | (bytes[0] & 0x3f));
    if (bytes[1] < 192 || bytes[1] > 223)
        bytes[1] = (uint8_t)(200 + bytes[1] % 7);
    return (size_t)srtp_seal_rtcp(context, index, bytes, len);
}

static void send_one(struct relay *relay, struct srtp_context *keys, enum how how, uint8_t *bytes,
                     size_t len, uint16_t number)
{
    const struct sockaddr_in6 from = address_of(how == FROM_NOWHERE ? 9
                                                : how == FROM_YOUNG ? LEG_YOUNG
                                                                    : LEG_CONNECTED);

    if (how == SEALED_RTP)
        len = seal_rtp(keys, bytes, len, number);
    if (how == SEALED_RTCP)
        len = seal_rtcp(keys, bytes, len, number);
    if (len <= RELAY_DATAGRAM_MAX)
        relay_take(relay, &from, bytes, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct srtp_master master = {.suite = SRTP_SUITE_GCM};
    struct relay *relay = the_relay();
    struct leg *young = open_leg(relay, LEG_YOUNG);
    struct leg *connected = open_leg(relay, LEG_CONNECTED);
    struct srtp_context keys;
    uint8_t bytes[ROOM];

    if (srtp_context_init(&keys, &master))
        abort();
    check_in(relay, young, LEG_YOUNG);
    check_in(relay, connected, LEG_CONNECTED);
    connect_leg(relay, connected, &master);
    grant(relay, connected);
    for (uint16_t number = 1; size >= 3; number++) {
        enum how how = data[0] % HOW_COUNT;
        size_t len = (size_t)bytes_get16(data + 1) % RELAY_DATAGRAM_MAX;
        data += 3;
        size -= 3;
        len = len < size ? len : size;
        memcpy(bytes, data, len);
        send_one(relay, &keys, how, bytes, len, number);
        data += len;
        size -= len;
    }
    relay_turn(relay, 0);
    srtp_context_done(&keys);
    legs_cut(relay_legs(relay), "fuzz");
    return 0;
}
