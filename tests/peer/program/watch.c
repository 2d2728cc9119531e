/*
 * assize-peer watch --url URL --token TOKEN [--seconds N] [--cert FILE | --insecure]
 *
 * Checks in with a media connection, waits, and says how many datagrams of each kind arrived,
 * whatever they held. Someone in the waiting room is to get STUN, DTLS and at most RTCP; never RTP.
 */
#include "tests/peer/program/program.h"

#include "base/clock.h"

enum { SECONDS_DEFAULT = 5, CONNECT_MS = 15000 };

static void on_event(void *context, enum peer_event event)
{
    (void)context;
    (void)event; /* only the counts matter */
}

static bool media_up(const void *context)
{
    const struct peer *peer = context;

    return peer->current || peer->phase == PEER_ENDED;
}

static const char *standing_name(const struct peer *peer)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(
        &assize__hearing__v1__standing__descriptor, (int)peer->standing);

    return value ? value->name : "unknown";
}

int watch_main(int argc, char **argv)
{
    static struct program program;
    static struct peer peer;
    struct person_options options = {.seconds = SECONDS_DEFAULT};

    for (int at = 1; at < argc;) {
        if (!person_option(&options, argc, argv, &at))
            usage("watch does not know ", argv[at]);
    }
    program_open(&program, &options);
    struct peer_options peer_options = program_peer_options(&program, &options);
    if (peer_init(&peer, &program.loop, &peer_options, on_event, NULL))
        usage("there is no such media: ", options.media_name);
    peer_start(&peer);
    bool up = peer_loop_wait(&program.loop, media_up, &peer, CONNECT_MS) && peer.current;
    if (up)
        peer_loop_wait(&program.loop, NULL, NULL, options.seconds * CLOCK_MS_PER_S);
    struct peer_totals totals = peer_totals(&peer);
    json_t *line =
        json_pack("{s:s, s:b, s:s, s:I, s:I, s:s}", "event", "summary", "media_connected", up,
                  "standing", standing_name(&peer), "packets_in", (json_int_t)totals.packets_in,
                  "packets_out", (json_int_t)totals.packets_out, "reason", peer.reason);
    json_t *counts = datagram_counts(&totals.in);
    json_object_update(line, counts);
    json_decref(counts);
    print_line(line);
    peer_done(&peer);
    program_close(&program);
    return up ? EXIT_GOOD : EXIT_BAD;
}
