/*
 * assize-peer sim --url URL --token TOKEN --media NAME [--stats] [--seconds N] [--cert FILE |
 * --insecure] [--drop PERMILLE]
 *                 [--cipher gcm|cm] [--media-dir DIR] [--programme] [--listen] [--share |
 * --share-unasked]
 *
 * A simulated participant. It comes back by itself after every loss, and leaves quietly when it is
 * told to stop, or when someone takes its place. With --programme it is on a thin line, with
 * --listen it hears the record. With --share it shows its picture as a document too, once it is
 * inside and for ever: also after it was told to stop; with --share-unasked it never asks. The
 * token may be of the gallery, too.
 */
#include "tests/peer/program/program.h"

#include <string.h>

#include "base/clock.h"

enum { STATS_MS = 1000, SECONDS_DEFAULT = 365 * 24 * 3600 };

struct sim {
    struct program program;
    struct peer peer;
    struct peer_timer stats_timer;
    bool print_stats;
    bool refused;   /* the link is no good */
    bool receiving; /* told once a media connection */
    uint64_t packets_before;
};

static const char *const event_names[] = {
    [PEER_SIGNED_IN] = "signed_in",   [PEER_JOINED] = "joined",
    [PEER_CHECKED_IN] = "checked_in", [PEER_ADMITTED] = "admitted",
    [PEER_SENT_BACK] = "sent_back",   [PEER_OFFERED] = "offered",
    [PEER_SLOTS] = "slots",           [PEER_MEDIA_UP] = "media_connected",
    [PEER_MEDIA_DOWN] = "media_down", [PEER_DISCONNECTED] = "disconnected",
    [PEER_EVICTED] = "evicted",       [PEER_REFUSED] = "refused",
};

/* {"v0":4,"v1":"share","a0":"programme"}: by m-line the endpoint, what is shared, or the feed. */
static json_t *slots_object(const struct peer *peer)
{
    json_t *slots = json_object();

    for (size_t i = 0; i < peer->slot_count; i++) {
        const struct peer_slot *slot = &peer->slots[i];
        if (slot->share)
            json_object_set_new(slots, slot->mid, json_string("share"));
        else if (slot->feed == ASSIZE__SIGNAL__V1__FEED__FEED_UNSPECIFIED)
            json_object_set_new(slots, slot->mid, json_integer(slot->endpoint));
        else
            json_object_set_new(slots, slot->mid,
                                json_string(slot->feed == ASSIZE__SIGNAL__V1__FEED__FEED_RECORD
                                                ? "record"
                                                : "programme"));
    }
    return slots;
}

static void on_event(void *context, enum peer_event event)
{
    struct sim *sim = context;
    json_t *line = event_line(&sim->program, event_names[event]);

    if (event == PEER_EVICTED || event == PEER_REFUSED) {
        json_object_set_new(line, "reason", json_string(sim->peer.reason));
        peer_loop_stop(&sim->program.loop);
    }
    sim->refused |= event == PEER_REFUSED;
    if (event == PEER_SLOTS)
        json_object_set_new(line, "slots", slots_object(&sim->peer));
    if (event == PEER_DISCONNECTED)
        json_object_set_new(line, "code", json_integer(sim->peer.close_code));
    if (event == PEER_MEDIA_UP)
        sim->receiving = false;
    print_line(line);
}

/* Once a second: what came in meanwhile, and the first sign that media comes. */
static void on_stats_timer(void *context)
{
    struct sim *sim = context;
    const struct peer_media *media = peer_media_of(&sim->peer);
    uint64_t packets = peer_totals(&sim->peer).packets_in;

    if (!sim->receiving && packets > sim->packets_before) {
        sim->receiving = true;
        print_line(event_line(&sim->program, "receiving"));
    }
    sim->packets_before = packets;
    if (sim->print_stats && media) {
        json_t *line = event_line(&sim->program, "stats");
        json_t *stats = media_stats(media);
        json_object_update(line, stats);
        json_decref(stats);
        print_line(line);
    }
    peer_timer_in(&sim->program.loop, &sim->stats_timer, STATS_MS);
}

static void print_summary(const struct sim *sim)
{
    struct peer_totals totals = peer_totals(&sim->peer);

    print_line(json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:o}", "event", "summary",
                         "packets_in", (json_int_t)totals.packets_in, "packets_out",
                         (json_int_t)totals.packets_out, "connections",
                         (json_int_t)totals.connections, "recovered", (json_int_t)totals.recovered,
                         "key_frames_wanted", (json_int_t)totals.key_frames_wanted, "reason",
                         sim->peer.reason, "datagrams", datagram_counts(&totals.in)));
}

int sim_main(int argc, char **argv)
{
    static struct sim sim;
    struct person_options options = {.seconds = SECONDS_DEFAULT};
    bool use_programme = false, listen = false, share = false, unasked = false;

    for (int at = 1; at < argc;) {
        if (person_option(&options, argc, argv, &at))
            continue;
        if (strcmp(argv[at], "--stats") == 0)
            sim.print_stats = true;
        else if (strcmp(argv[at], "--programme") == 0)
            use_programme = true;
        else if (strcmp(argv[at], "--listen") == 0)
            listen = true;
        else if (strcmp(argv[at], "--share") == 0)
            share = true;
        else if (strcmp(argv[at], "--share-unasked") == 0)
            unasked = true;
        else
            usage("sim does not know ", argv[at]);
        at++;
    }
    program_open(&sim.program, &options);
    struct peer_options peer_options = program_peer_options(&sim.program, &options);
    peer_options.accept_unmute = true;
    peer_options.use_programme = use_programme;
    peer_options.listen = listen;
    peer_options.sends_share = share || unasked;
    peer_options.starts_share = share;
    if (peer_init(&sim.peer, &sim.program.loop, &peer_options, on_event, &sim))
        usage("there is no such media: ", options.media_name);
    sim.stats_timer = (struct peer_timer){.fire = on_stats_timer, .context = &sim};
    on_stats_timer(&sim);
    peer_start(&sim.peer);
    peer_loop_wait(&sim.program.loop, NULL, NULL, options.seconds * CLOCK_MS_PER_S);
    print_summary(&sim);
    peer_done(&sim.peer);
    program_close(&sim.program);
    return sim.refused ? EXIT_BAD : EXIT_GOOD;
}
