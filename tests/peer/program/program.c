#include "tests/peer/program/program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

enum { SECONDS_MAX = 7 * 24 * 3600, REAL_DIGITS = 5 };

_Noreturn void usage(const char *message, const char *detail)
{
    fprintf(stderr, "assize-peer: %s%s\n", message, detail);
    exit(EXIT_USAGE);
}

const char *option_value(int argc, char **argv, int *at)
{
    if (*at + 1 >= argc)
        usage("a value is missing after ", argv[*at]);
    *at += 2;
    return argv[*at - 1];
}

uint64_t option_number(const char *text, uint64_t max)
{
    uint64_t value;

    if (str_to_u64(text, max, &value))
        usage("not a good number: ", text);
    return value;
}

static const char *profiles_named(const char *name)
{
    if (strcmp(name, "gcm") == 0)
        return peer_srtp_name(PEER_SRTP_GCM);
    if (strcmp(name, "cm") == 0)
        return peer_srtp_name(PEER_SRTP_CM);
    usage("--cipher is gcm or cm, not ", name);
}

bool person_option(struct person_options *options, int argc, char **argv, int *at)
{
    const char *name = argv[*at];

    if (strcmp(name, "--url") == 0)
        options->url = option_value(argc, argv, at);
    else if (strcmp(name, "--token") == 0)
        options->token = option_value(argc, argv, at);
    else if (strcmp(name, "--cert") == 0)
        options->certificate = option_value(argc, argv, at);
    else if (strcmp(name, "--media-dir") == 0)
        options->media_dir = option_value(argc, argv, at);
    else if (strcmp(name, "--media") == 0)
        options->media_name = option_value(argc, argv, at);
    else if (strcmp(name, "--cipher") == 0)
        options->profiles = profiles_named(option_value(argc, argv, at));
    else if (strcmp(name, "--drop") == 0)
        options->drop_permille = (unsigned)option_number(option_value(argc, argv, at), 1000);
    else if (strcmp(name, "--seconds") == 0)
        options->seconds = (int64_t)option_number(option_value(argc, argv, at), SECONDS_MAX);
    else if (strcmp(name, "--insecure") == 0)
        options->insecure = ++*at > 0;
    else
        return false;
    return true;
}

static void on_signal(void *context, uint32_t events)
{
    (void)events;
    peer_loop_stop(context);
}

static int watch_signals(struct program *program)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    program->signals = (struct peer_watch){.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK),
                                           .ready = on_signal,
                                           .context = &program->loop};
    return peer_loop_watch(&program->loop, &program->signals, EPOLLIN);
}

void program_open(struct program *program, const struct person_options *options)
{
    *program = (struct program){.started_ns = clock_monotonic_ns()};
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (peer_loop_init(&program->loop) || watch_signals(program) ||
        peer_identity_init(&program->identity))
        usage("the machine refuses what a peer needs", "");
    if (options->url &&
        peer_server_init(&program->server, options->url, options->certificate, options->insecure))
        usage("no such server or certificate: ", options->url);
}

void program_close(struct program *program)
{
    peer_server_done(&program->server);
    peer_identity_done(&program->identity);
    peer_loop_unwatch(&program->loop, &program->signals);
    close(program->signals.fd);
    peer_loop_done(&program->loop);
    peer_srtp_library_done();
}

struct peer_options program_peer_options(struct program *program,
                                         const struct person_options *options)
{
    if (!options->url || !options->token)
        usage("--url and --token are needed", "");
    return (struct peer_options){
        .server = &program->server,
        .token = options->token,
        .media = true,
        .check_in = true,
        .play_dir = options->media_dir ? options->media_dir : PEER_MEDIA_DIR,
        .play_name = options->media_name,
        .media_options =
            {
                .identity = &program->identity,
                .profiles = options->profiles ? options->profiles : PEER_PROFILES,
                .decrypt_every = 1,
                .nack = true,
                .drop_permille = options->drop_permille,
            },
    };
}

void print_line(json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));

    if (text)
        puts(text);
    fflush(stdout);
    free(text);
    json_decref(line);
}

json_t *event_line(const struct program *program, const char *name)
{
    int64_t ms = (clock_monotonic_ns() - program->started_ns) / CLOCK_NS_PER_MS;

    return json_pack("{s:s, s:I}", "event", name, "ms", (json_int_t)ms);
}

json_t *datagram_counts(const struct peer_datagrams *in)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "stun", (json_int_t)in->stun, "dtls",
                     (json_int_t)in->dtls, "rtcp", (json_int_t)in->rtcp, "rtp", (json_int_t)in->rtp,
                     "other", (json_int_t)in->other);
}

static json_t *stream_stats(const struct peer_receiver *receiver, int64_t connected_ns)
{
    json_int_t first_frame_ms = -1;

    if (receiver->first_frame_ns)
        first_frame_ms = (receiver->first_frame_ns - connected_ns) / CLOCK_NS_PER_MS;
    return json_pack("{s:s, s:I, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "mid",
                     receiver->mid, "ssrc", (json_int_t)receiver->ssrc, "declared",
                     receiver->declared, "datagrams", (json_int_t)receiver->datagrams, "packets",
                     (json_int_t)receiver->packets, "refused", (json_int_t)receiver->refused,
                     "gaps", (json_int_t)receiver->gaps, "missed", (json_int_t)receiver->missed,
                     "recovered", (json_int_t)receiver->recovered, "duplicates",
                     (json_int_t)(receiver->duplicates + receiver->replays), "frames",
                     (json_int_t)receiver->frames, "key_frames", (json_int_t)receiver->key_frames,
                     "first_frame_ms", first_frame_ms);
}

json_t *media_stats(const struct peer_media *media)
{
    json_t *streams = json_array();

    for (size_t i = 0; i < media->receiver_count; i++)
        json_array_append_new(streams, stream_stats(&media->receivers[i], media->connected_ns));
    return json_pack("{s:I, s:I, s:I, s:I, s:f, s:o, s:o}", "packets_in",
                     (json_int_t)media->packets_in, "packets_out", (json_int_t)media->packets_out,
                     "nacks_in", (json_int_t)media->nacks_in, "key_frames_wanted",
                     (json_int_t)media->key_frames_wanted, "rtt_ms",
                     (double)media->rtt_ns / CLOCK_NS_PER_MS, "datagrams",
                     datagram_counts(&media->in), "streams", streams);
}
