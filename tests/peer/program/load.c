/*
 * assize-peer load --relay-socket PATH --relay-pid PID [--subscribers K] [--seconds N]
 * [--decrypt-every N] [--cipher gcm|cm]
 *                  [--drop PERMILLE]
 *
 * The publisher sends 30 pictures a second of five packets with 1,000 bytes each, as a browser
 * bursts them, and 50 audio packets a second. Subscribers complete ICE and DTLS, count every packet
 * and decrypt a sample.
 */
#include "tests/peer/program/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/peer/program/control.h"
#include "tests/peer/program/process.h"

enum {
    FRAMES_PER_S = 30,
    PACKETS_PER_FRAME = 5,
    AUDIO_PER_S = 50,
    VIDEO_BYTES = 1000,
    AUDIO_BYTES = 80,
    VIDEO_STEP = 90000 / FRAMES_PER_S,
    AUDIO_STEP = 48000 / AUDIO_PER_S,
    KEY_FRAME_EVERY = 60,
    JOIN_MS = 20000,
    REPLY_MS = 5000,
    WARM_UP_MS = 700,
    SETTLE_MS = 300,
    SECONDS_DEFAULT = 4,
    SUBSCRIBERS_DEFAULT = 5,
    DECRYPT_DEFAULT = 50,
    DRAIN_MS = 5,
};

static char hearing_id[] = "019a0000-0000-7000-8000-000000000001";

struct load_leg {
    struct load *load;
    uint64_t id; /* leg 1 publishes */
    struct peer_media media;
};

struct load {
    struct program *program;
    const struct load_options *options;
    struct control control;
    struct load_leg *legs; /* the publisher, then the subscribers */
    unsigned leg_count;
    unsigned connected;
    bool attached;
    bool matrix_applied;
    bool failed;
    bool key_frame_due;
    uint64_t frames;
    uint64_t sounds;
    int64_t started_ns;
    struct peer_timer video_timer;
    struct peer_timer audio_timer;
    struct peer_timer drain_timer;
};

static void on_media_state(void *context, enum peer_media_state state)
{
    struct load_leg *leg = context;

    if (state == PEER_MEDIA_CONNECTED)
        leg->load->connected++;
    if (state == PEER_MEDIA_FAILED)
        leg->load->failed = true;
}

static void on_key_frame(void *context)
{
    ((struct load_leg *)context)->load->key_frame_due = true;
}

static const struct peer_media_ops media_ops = {.state = on_media_state, .key_frame = on_key_frame};

static void take_offer(struct load *load, const Assize__Media__V1__LegOffer *offer)
{
    Assize__Media__V1__AnswerLeg answer = ASSIZE__MEDIA__V1__ANSWER_LEG__INIT;
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    struct peer_media_options options = {
        .identity = &load->program->identity,
        .profiles = load->options->profiles,
        .decrypt_every = load->options->decrypt_every,
        .drop_permille = load->options->drop_permille,
        .nack = load->options->drop_permille > 0,
    };

    if (!offer->leg || offer->leg > load->leg_count || !offer->sdp)
        return;
    struct load_leg *leg = &load->legs[offer->leg - 1];
    if (peer_media_open(&leg->media, &load->program->loop, &options, offer->sdp, &media_ops, leg)) {
        load->failed = true;
        return;
    }
    answer.has_leg = true;
    answer.leg = leg->id;
    answer.sdp = (char *)leg->media.answer.data;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_ANSWER_LEG;
    request.answer_leg = &answer;
    control_send(&load->control, &request);
    peer_media_start(&leg->media);
}

static void on_report(void *context, const Assize__Media__V1__Report *report)
{
    struct load *load = context;

    if (report->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_ATTACHED)
        load->attached = true;
    else if (report->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_LEG_OFFER)
        take_offer(load, report->leg_offer);
    else if (report->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_MATRIX_APPLIED)
        load->matrix_applied = true;
    else if (report->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_FAILED)
        load->failed = true;
}

static void attach(struct load *load)
{
    char name[] = "load";
    Assize__Media__V1__Attach body = ASSIZE__MEDIA__V1__ATTACH__INIT;
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;

    body.controller = name;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_ATTACH;
    request.attach = &body;
    control_send(&load->control, &request);
}

static void open_leg(struct load *load, const struct load_leg *leg)
{
    char session[] = "load";
    Assize__Media__V1__OpenLeg body = ASSIZE__MEDIA__V1__OPEN_LEG__INIT;
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;

    body.has_leg = body.has_endpoint = body.has_may_send = true;
    body.has_audio_slots = body.has_video_slots = true;
    body.leg = leg->id;
    body.hearing = hearing_id;
    body.endpoint = (uint32_t)leg->id;
    body.session = session;
    body.may_send = leg->id == 1;
    body.audio_slots = body.video_slots = 1;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_OPEN_LEG;
    request.open_leg = &body;
    control_send(&load->control, &request);
}

static void set_cell(Assize__Media__V1__Cell *cell, uint64_t subscriber,
                     Assize__Media__V1__Medium medium)
{
    *cell = (Assize__Media__V1__Cell)ASSIZE__MEDIA__V1__CELL__INIT;
    cell->has_source = cell->has_subscriber = cell->has_medium = cell->has_slot = true;
    cell->source = 1;
    cell->subscriber = subscriber;
    cell->medium = medium;
}

/* The publisher's picture and sound to everyone else. */
static void grant_all(struct load *load)
{
    static Assize__Media__V1__Cell cells[2 * LOAD_SUBSCRIBERS_MAX];
    static Assize__Media__V1__Cell *pointers[2 * LOAD_SUBSCRIBERS_MAX];
    Assize__Media__V1__Matrix body = ASSIZE__MEDIA__V1__MATRIX__INIT;
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;

    for (unsigned i = 1; i < load->leg_count; i++) {
        Assize__Media__V1__Cell *pair = &cells[2 * (i - 1)];
        set_cell(&pair[0], load->legs[i].id, ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_AUDIO);
        set_cell(&pair[1], load->legs[i].id, ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_VIDEO);
        pointers[2 * (i - 1)] = &pair[0];
        pointers[2 * (i - 1) + 1] = &pair[1];
    }
    body.hearing = hearing_id;
    body.has_epoch = body.has_base_epoch = body.has_reset = true;
    body.epoch = 1;
    body.reset = true;
    body.n_grant = 2 * (load->leg_count - 1);
    body.grant = pointers;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_MATRIX;
    request.matrix = &body;
    control_send(&load->control, &request);
}

/* A VP8 picture as far as a relay looks: the frame tag, then anything. */
static void send_picture(struct load *load)
{
    static uint8_t data[VIDEO_BYTES - PEER_VP8_DESCRIPTOR_BYTES];
    static const uint8_t key_tag[] = {0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01};
    static const uint8_t inter_tag[] = {0x11, 0x02, 0x00};
    uint8_t descriptor[PEER_VP8_DESCRIPTOR_BYTES];
    bool key = load->key_frame_due || load->frames % KEY_FRAME_EVERY == 0;

    load->key_frame_due = false;
    for (int i = 0; i < PACKETS_PER_FRAME; i++) {
        memset(data, 0x5a, sizeof(key_tag));
        if (i == 0)
            memcpy(data, key ? key_tag : inter_tag, key ? sizeof(key_tag) : sizeof(inter_tag));
        peer_vp8_write_descriptor(descriptor, i == 0, (uint16_t)load->frames);
        struct peer_payload payload = {.prefix = descriptor,
                                       .prefix_len = sizeof(descriptor),
                                       .data = data,
                                       .len = sizeof(data),
                                       .marker = i == PACKETS_PER_FRAME - 1,
                                       .timestamp = (uint32_t)(load->frames * VIDEO_STEP)};
        peer_media_send(&load->legs[0].media, PEER_VIDEO, &payload);
    }
    load->frames++;
}

static void on_video_timer(void *context)
{
    struct load *load = context;

    send_picture(load);
    peer_timer_at(&load->program->loop, &load->video_timer,
                  load->started_ns + (int64_t)load->frames * CLOCK_NS_PER_S / FRAMES_PER_S);
}

static void on_audio_timer(void *context)
{
    static const uint8_t data[AUDIO_BYTES] = {0xf8};
    struct load *load = context;
    struct peer_payload payload = {.data = data,
                                   .len = sizeof(data),
                                   .level = 30,
                                   .timestamp = (uint32_t)(load->sounds * AUDIO_STEP)};

    peer_media_send(&load->legs[0].media, PEER_AUDIO, &payload);
    load->sounds++;
    peer_timer_at(&load->program->loop, &load->audio_timer,
                  load->started_ns + (int64_t)load->sounds * CLOCK_NS_PER_S / AUDIO_PER_S);
}

static void on_drain_timer(void *context)
{
    struct load *load = context;

    for (unsigned i = 1; i < load->leg_count; i++)
        peer_media_drain(&load->legs[i].media);
    peer_timer_in(&load->program->loop, &load->drain_timer, DRAIN_MS);
}

static bool is_attached(const void *context)
{
    const struct load *load = context;

    return load->attached || load->failed || load->control.broken;
}

static bool is_joined(const void *context)
{
    const struct load *load = context;

    return load->connected == load->leg_count || load->failed || load->control.broken;
}

static bool is_granted(const void *context)
{
    const struct load *load = context;

    return load->matrix_applied || load->failed || load->control.broken;
}

static bool wait_for(struct load *load, bool (*done)(const void *context), int64_t timeout_ms)
{
    return peer_loop_wait(&load->program->loop, done, load, timeout_ms) && !load->failed &&
           !load->control.broken;
}

static const char *join_all(struct load *load, struct load_result *result)
{
    attach(load);
    if (!wait_for(load, is_attached, REPLY_MS))
        return "the relay did not take the controller";
    int64_t before = process_cpu_ns(load->options->relay);
    for (unsigned i = 0; i < load->leg_count; i++)
        open_leg(load, &load->legs[i]);
    if (!wait_for(load, is_joined, JOIN_MS))
        return "not every leg connected";
    peer_loop_wait(&load->program->loop, NULL, NULL, SETTLE_MS);
    int64_t after = process_cpu_ns(load->options->relay);
    result->join_cpu_ms = (double)(after - before) / CLOCK_NS_PER_MS / load->leg_count;
    grant_all(load);
    return wait_for(load, is_granted, REPLY_MS) ? NULL : "the relay did not take the matrix";
}

static uint64_t packets_received(const struct load *load)
{
    uint64_t sum = 0;

    for (unsigned i = 1; i < load->leg_count; i++)
        sum += load->legs[i].media.in.rtp;
    return sum;
}

static void sum_streams(const struct load *load, struct load_result *result)
{
    for (unsigned i = 1; i < load->leg_count; i++) {
        const struct peer_media *media = &load->legs[i].media;
        for (size_t j = 0; j < media->receiver_count; j++) {
            result->refused += media->receivers[j].refused;
            result->missed += media->receivers[j].missed;
            result->recovered += media->receivers[j].recovered;
        }
    }
}

/* Of everything that was ever sent, once the last of it has had time to arrive. */
static double lost_permille(struct load *load)
{
    peer_timer_stop(&load->program->loop, &load->video_timer);
    peer_timer_stop(&load->program->loop, &load->audio_timer);
    peer_loop_wait(&load->program->loop, NULL, NULL, SETTLE_MS);
    double due = (double)load->legs[0].media.packets_out * (load->leg_count - 1);
    return (due - (double)packets_received(load)) / due * 1000;
}

static const char *measure(struct load *load, struct load_result *result)
{
    struct peer_loop *loop = &load->program->loop;
    pid_t relay = load->options->relay;

    for (unsigned i = 1; i < load->leg_count; i++)
        peer_media_unwatch(&load->legs[i].media);
    load->started_ns = clock_monotonic_ns();
    on_drain_timer(load);
    on_video_timer(load);
    on_audio_timer(load);
    peer_loop_wait(loop, NULL, NULL, WARM_UP_MS);
    int64_t cpu = process_cpu_ns(relay);
    uint64_t received = packets_received(load);
    peer_loop_wait(loop, NULL, NULL, load->options->seconds * CLOCK_MS_PER_S);
    int64_t cpu_spent = process_cpu_ns(relay) - cpu;
    result->packets = packets_received(load) - received;
    if (!result->packets || load->failed || load->control.broken)
        return "no packets came through";
    result->us_per_packet = (double)cpu_spent / 1000 / (double)result->packets;
    result->rss_mb = (double)process_status(relay, "VmRSS:") / 1024;
    result->threads = process_status(relay, "Threads:");
    result->cipher = load->legs[1].media.dtls.profile == PEER_SRTP_GCM ? "AEAD_AES_128_GCM"
                                                                       : "AES128_CM_SHA1_80";
    result->lost_permille = lost_permille(load);
    sum_streams(load, result);
    return NULL;
}

const char *load_run(struct program *program, const struct load_options *options,
                     struct load_result *ret_result)
{
    struct load load = {
        .program = program, .options = options, .leg_count = options->subscribers + 1};

    load.video_timer = (struct peer_timer){.fire = on_video_timer, .context = &load};
    load.audio_timer = (struct peer_timer){.fire = on_audio_timer, .context = &load};
    load.drain_timer = (struct peer_timer){.fire = on_drain_timer, .context = &load};
    if (control_open(&load.control, &program->loop, options->socket, on_report, &load))
        return "there is no relay on this socket";
    load.legs = calloc(load.leg_count, sizeof(*load.legs));
    if (!load.legs)
        abort();
    for (unsigned i = 0; i < load.leg_count; i++)
        load.legs[i] = (struct load_leg){.load = &load, .id = i + 1};
    *ret_result = (struct load_result){0};
    const char *problem = join_all(&load, ret_result);
    if (!problem)
        problem = measure(&load, ret_result);
    peer_timer_stop(&program->loop, &load.video_timer);
    peer_timer_stop(&program->loop, &load.audio_timer);
    peer_timer_stop(&program->loop, &load.drain_timer);
    for (unsigned i = 0; i < load.leg_count; i++)
        peer_media_done(&load.legs[i].media);
    free(load.legs);
    control_close(&load.control);
    return problem;
}

static void print_result(const struct load_options *options, const struct load_result *result)
{
    print_line(json_pack("{s:s, s:I, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:f, s:s}", "event",
                         "summary", "subscribers", (json_int_t)options->subscribers,
                         "us_per_packet", result->us_per_packet, "join_ms", result->join_cpu_ms,
                         "rss_mb", result->rss_mb, "threads", (json_int_t)result->threads,
                         "packets", (json_int_t)result->packets, "refused",
                         (json_int_t)result->refused, "missed", (json_int_t)result->missed,
                         "recovered", (json_int_t)result->recovered, "lost_permille",
                         result->lost_permille, "cipher", result->cipher));
}

int load_main(int argc, char **argv)
{
    static struct program program;
    struct person_options person = {.seconds = SECONDS_DEFAULT};
    struct load_options options = {.subscribers = SUBSCRIBERS_DEFAULT,
                                   .decrypt_every = DECRYPT_DEFAULT};
    struct load_result result;

    for (int at = 1; at < argc;) {
        if (person_option(&person, argc, argv, &at))
            continue;
        const char *name = argv[at];
        const char *value = option_value(argc, argv, &at);
        if (strcmp(name, "--relay-socket") == 0)
            options.socket = value;
        else if (strcmp(name, "--relay-pid") == 0)
            options.relay = (pid_t)option_number(value, INT32_MAX);
        else if (strcmp(name, "--subscribers") == 0)
            options.subscribers = (unsigned)option_number(value, LOAD_SUBSCRIBERS_MAX);
        else if (strcmp(name, "--decrypt-every") == 0)
            options.decrypt_every = (unsigned)option_number(value, UINT16_MAX);
        else
            usage("load does not know ", name);
    }
    if (!options.socket || !options.relay || !options.subscribers)
        usage("--relay-socket, --relay-pid and at least one subscriber are needed", "");
    options.seconds = person.seconds;
    options.drop_permille = person.drop_permille;
    if (options.drop_permille)
        options.decrypt_every = 1;
    options.profiles = person.profiles ? person.profiles : PEER_PROFILES;
    program_open(&program, &person);
    const char *problem = load_run(&program, &options, &result);
    if (problem)
        print_line(json_pack("{s:s, s:s}", "event", "summary", "error", problem));
    else
        print_result(&options, &result);
    program_close(&program);
    return problem ? EXIT_BAD : EXIT_GOOD;
}
