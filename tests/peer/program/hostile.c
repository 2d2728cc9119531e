/*
 * assize-peer hostile --url URL --token TOKEN --case NAME [--seconds N] [--cert FILE | --insecure]
 *
 * Joins, misbehaves in one way, and says what the server did about it. What a case sent is "sent";
 * "alive" means that the connection it abused still works afterwards, "close_code" how signalling
 * ended, "refusal" the code that came back.
 */
#include "tests/peer/program/program.h"

#include <string.h>

#include "base/clock.h"
#include "base/id.h"

enum {
    JOIN_MS = 15000,
    REACTION_MS = 3000,
    AFTER_MS = 5000, /* time for a consent check or two */
    PACKETS = 200,
    PACKET_GAP_MS = 5, /* the relay takes no media before it has read the answer */
    JUNK_PER_MS = 10,
    JUNK_MS = 3000,
    OVERSIZED_BYTES = 70000,
};

struct hostile {
    struct program program;
    struct peer peer;
    uint64_t request;
    uint64_t answered_before;
    uint64_t messages_before;
    bool offered;
    bool gone; /* signalling was closed by the server */
    unsigned close_code;
    json_t *summary;
};

struct hostile_case {
    const char *name;
    void (*run)(struct hostile *hostile);
    bool needs_media; /* run once media is connected */
    bool hold_answer; /* run once there is an offer, which stays unanswered */
    bool bad_integrity;
    bool lie_about_fingerprint;
};

static void set_number(struct hostile *hostile, const char *key, uint64_t value)
{
    json_object_set_new(hostile->summary, key, json_integer((json_int_t)value));
}

static void set_bool(struct hostile *hostile, const char *key, bool value)
{
    json_object_set_new(hostile->summary, key, json_boolean(value));
}

static void wait_ms(struct hostile *hostile, int64_t ms)
{
    peer_loop_wait(&hostile->program.loop, NULL, NULL, ms);
}

static bool check_answered(const void *context)
{
    const struct hostile *hostile = context;
    const struct peer_media *media = hostile->peer.current ? &hostile->peer.current->media : NULL;

    return media && media->checks_answered > hostile->answered_before;
}

/* A consent check is answered after all that, and signalling never broke. */
static void report_alive(struct hostile *hostile)
{
    const struct peer_media *media = peer_media_of(&hostile->peer);

    hostile->answered_before = media ? media->checks_answered : 0;
    bool alive = peer_loop_wait(&hostile->program.loop, check_answered, hostile, AFTER_MS);
    set_bool(hostile, "alive", alive && !hostile->gone);
}

static bool media_over(const void *context)
{
    const struct hostile *hostile = context;

    return hostile->peer.legs[0].id && hostile->peer.legs[0].media.state == PEER_MEDIA_FAILED;
}

static void run_bad_integrity(struct hostile *hostile)
{
    wait_ms(hostile, REACTION_MS);
    const struct peer_media *media = &hostile->peer.legs[0].media;
    set_number(hostile, "sent", media->checks_sent);
    set_number(hostile, "answered", media->checks_answered);
    set_number(hostile, "errors", media->checks_refused);
    set_bool(hostile, "dropped", media->checks_answered == 0 && media->in.dtls == 0);
}

static void run_wrong_fingerprint(struct hostile *hostile)
{
    peer_loop_wait(&hostile->program.loop, media_over, hostile, AFTER_MS);
    const struct peer_media *media = &hostile->peer.legs[0].media;
    set_bool(hostile, "dropped", media->state == PEER_MEDIA_FAILED);
    set_number(hostile, "rtp", media->in.rtp);
}

static void run_srtp_replay(struct hostile *hostile)
{
    static const uint8_t silence[] = {0xf8, 0xff, 0xfe};
    struct peer_media *media = peer_media_of(&hostile->peer);
    struct peer_payload payload = {.data = silence, .len = sizeof(silence), .level = 127};

    peer_media_send(media, PEER_AUDIO, &payload);
    for (int i = 0; i < PACKETS; i++) {
        peer_media_replay(media, PEER_AUDIO);
        wait_ms(hostile, PACKET_GAP_MS);
    }
    set_number(hostile, "sent", PACKETS);
    report_alive(hostile);
}

static void run_undeclared_ssrc(struct hostile *hostile)
{
    struct peer_media *media = peer_media_of(&hostile->peer);
    uint32_t ssrc;

    id_random(&ssrc, sizeof(ssrc));
    for (int i = 0; i < PACKETS; i++) {
        peer_media_send_undeclared(media, ssrc, (uint16_t)i);
        wait_ms(hostile, PACKET_GAP_MS);
    }
    set_number(hostile, "sent", PACKETS);
    report_alive(hostile);
}

/* Random bytes whose first one makes it look like each kind of datagram in turn. */
static void send_junk(struct peer_media *media, uint64_t number)
{
    static const uint8_t firsts[] = {0, 1, 22, 23, 64, 128, 144, 255};
    uint8_t junk[200];

    id_random(junk, sizeof(junk));
    junk[0] = firsts[number % sizeof(firsts)];
    peer_media_send_raw(media, junk, sizeof(junk) - number % 64);
}

static void run_junk_flood(struct hostile *hostile)
{
    struct peer_media *media = peer_media_of(&hostile->peer);
    int64_t start = clock_monotonic_ms();
    uint64_t answered = media->checks_answered;
    uint64_t sent = 0;
    int64_t elapsed = 0;

    media->rtt_max_ns = 0;
    while (elapsed < JUNK_MS && hostile->peer.current && !hostile->program.loop.stopped) {
        for (; sent < (uint64_t)elapsed * JUNK_PER_MS; sent++)
            send_junk(media, sent);
        wait_ms(hostile, 1);
        elapsed = clock_monotonic_ms() - start;
    }
    set_number(hostile, "sent", sent);
    set_number(hostile, "checks_answered_meanwhile", media->checks_answered - answered);
    set_number(hostile, "rtt_max_ms", (uint64_t)(media->rtt_max_ns / CLOCK_NS_PER_MS));
    report_alive(hostile);
}

static bool has_reaction(const void *context)
{
    const struct hostile *hostile = context;

    return hostile->gone || peer_signal_reply(&hostile->peer.signal, hostile->request) ||
           hostile->peer.signal.messages_in > hostile->messages_before;
}

/* What came back on signalling: a refusal's code, a close code, or nothing. */
static void report_reaction(struct hostile *hostile)
{
    peer_loop_wait(&hostile->program.loop, has_reaction, hostile, REACTION_MS);
    /* A close follows at once, if it follows. */
    wait_ms(hostile, 300);
    const struct peer_reply *reply = peer_signal_reply(&hostile->peer.signal, hostile->request);
    const char *code = reply && *reply->code ? reply->code : hostile->peer.signal.last_refusal;
    if (*code)
        json_object_set_new(hostile->summary, "refusal", json_string(code));
    if (hostile->gone)
        set_number(hostile, "close_code", hostile->close_code);
    set_bool(hostile, "alive", !hostile->gone);
}

static void run_bad_sdp(struct hostile *hostile)
{
    hostile->request = peer_signal_answer(&hostile->peer.signal, hostile->peer.legs[0].id,
                                          "v=0\r\nm=audio 9 nonsense\r\na=ice-ufrag:\r\n");
    report_reaction(hostile);
}

static void send_frame(struct hostile *hostile, unsigned opcode, const void *data, size_t len)
{
    hostile->messages_before = hostile->peer.signal.messages_in;
    set_number(hostile, "sent", len);
    if (peer_ws_send(&hostile->peer.signal.ws, opcode, data, len))
        set_bool(hostile, "sending_failed", true);
    report_reaction(hostile);
}

static void run_oversized_ws(struct hostile *hostile)
{
    static const uint8_t zeros[OVERSIZED_BYTES];

    send_frame(hostile, PEER_WS_BINARY, zeros, sizeof(zeros));
}

/* A field that says it is longer than the message. */
static void run_malformed_ws(struct hostile *hostile)
{
    static const uint8_t message[] = {0x52, 0xff, 0xff, 0x03, 0x00};

    send_frame(hostile, PEER_WS_BINARY, message, sizeof(message));
}

/* A command (field 10) whose command_id (field 1) is not UTF-8. */
static void run_bad_utf8(struct hostile *hostile)
{
    static const uint8_t message[] = {0x08, 0x07, 0x52, 0x06, 0x0a, 0x02, 0xc3, 0x28, 0x52, 0x00};

    send_frame(hostile, PEER_WS_BINARY, message, sizeof(message));
}

static void run_text_frame(struct hostile *hostile)
{
    send_frame(hostile, PEER_WS_TEXT, "xin chao", 8);
}

/* A client's frame without a mask, which RFC 6455 section 5.1 forbids. */
static void run_unmasked_ws(struct hostile *hostile)
{
    static const uint8_t frame[] = {0x82, 0x02, 0x08, 0x01};

    hostile->messages_before = hostile->peer.signal.messages_in;
    set_number(hostile, "sent", sizeof(frame));
    if (peer_ws_send_raw(&hostile->peer.signal.ws, frame, sizeof(frame)))
        set_bool(hostile, "sending_failed", true);
    report_reaction(hostile);
}

static const struct hostile_case cases[] = {
    {.name = "bad_integrity", .run = run_bad_integrity, .bad_integrity = true},
    {.name = "wrong_fingerprint", .run = run_wrong_fingerprint, .lie_about_fingerprint = true},
    {.name = "srtp_replay", .run = run_srtp_replay, .needs_media = true},
    {.name = "undeclared_ssrc", .run = run_undeclared_ssrc, .needs_media = true},
    {.name = "junk_flood", .run = run_junk_flood, .needs_media = true},
    {.name = "bad_sdp", .run = run_bad_sdp, .hold_answer = true},
    {.name = "oversized_ws", .run = run_oversized_ws, .needs_media = true},
    {.name = "malformed_ws", .run = run_malformed_ws, .needs_media = true},
    {.name = "bad_utf8", .run = run_bad_utf8, .needs_media = true},
    {.name = "text_frame", .run = run_text_frame, .needs_media = true},
    {.name = "unmasked_ws", .run = run_unmasked_ws, .needs_media = true},
};

static const struct hostile_case *find_case(const char *name)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (strcmp(cases[i].name, name) == 0)
            return &cases[i];
    }
    usage("there is no such case: ", name);
}

static void on_event(void *context, enum peer_event event)
{
    struct hostile *hostile = context;

    hostile->offered |= event == PEER_OFFERED;
    if ((event == PEER_DISCONNECTED || event == PEER_EVICTED) && !hostile->gone) {
        hostile->gone = true;
        hostile->close_code = hostile->peer.close_code;
    }
}

static bool has_offer(const void *context)
{
    return ((const struct hostile *)context)->offered;
}

static bool has_media(const void *context)
{
    return ((const struct hostile *)context)->peer.current;
}

static void run_case(struct hostile *hostile, const struct hostile_case *bad)
{
    bool ready = peer_loop_wait(&hostile->program.loop, bad->needs_media ? has_media : has_offer,
                                hostile, JOIN_MS);

    set_bool(hostile, "joined", ready);
    if (ready)
        bad->run(hostile);
    if (*hostile->peer.reason)
        json_object_set_new(hostile->summary, "reason", json_string(hostile->peer.reason));
}

int hostile_main(int argc, char **argv)
{
    static struct hostile hostile;
    struct person_options options = {0};
    const struct hostile_case *bad = NULL;

    for (int at = 1; at < argc;) {
        if (person_option(&options, argc, argv, &at))
            continue;
        if (strcmp(argv[at], "--case") != 0)
            usage("hostile does not know ", argv[at]);
        bad = find_case(option_value(argc, argv, &at));
    }
    if (!bad)
        usage("--case is needed", "");
    program_open(&hostile.program, &options);
    struct peer_options peer_options = program_peer_options(&hostile.program, &options);
    peer_options.hold_answer = bad->hold_answer;
    peer_options.media_options.bad_integrity = bad->bad_integrity;
    peer_options.media_options.lie_about_fingerprint = bad->lie_about_fingerprint;
    if (peer_init(&hostile.peer, &hostile.program.loop, &peer_options, on_event, &hostile))
        usage("there is no such media: ", options.media_name);
    hostile.summary = json_pack("{s:s, s:s}", "event", "summary", "case", bad->name);
    peer_start(&hostile.peer);
    run_case(&hostile, bad);
    bool joined = json_is_true(json_object_get(hostile.summary, "joined"));
    print_line(hostile.summary);
    peer_done(&hostile.peer);
    program_close(&hostile.program);
    return joined ? EXIT_GOOD : EXIT_BAD;
}
