/*
 * What a programme feed costs: a real assize-studio with four speakers at 360p, the processor time
 * of all its threads as parts of a core, and the time from starting the process until its first
 * picture. The last line is one JSON object: the middle of several runs, with the least and the
 * greatest.
 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/peer/peer_ivf.h"
#include "tests/unit/studio_fixture.h"

enum {
    SPEAKERS = 4,
    RUNS = 3,
    WARM_MS = 3000,
    MEASURE_MS = 8000,
    WAIT_MS = 30000,
    PATH_SIZE = 128
};

struct stream {
    struct peer_ivf ivf;
    struct packetizer packetizer;
    size_t next;
};

struct speaker {
    struct bench *bench;
    uint8_t slot;
    struct stream streams[2]; /* by medium */
};

struct bench {
    struct studio studio;
    struct speaker speakers[SPEAKERS];
    int64_t start_ns;
    int64_t first_picture_ns; /* monotonic; 0: not yet */
    size_t pictures;
};

static void load(struct stream *stream, const char *person, const char *medium)
{
    char path[PATH_SIZE * 4];

    snprintf(path, sizeof(path), "%s/%s-%s.ivf", PEER_MEDIA_DIR, person, medium);
    assert_int_equal(peer_ivf_load(path, &stream->ivf), 0);
    packetizer_init(&stream->packetizer);
}

static void feed(void *context, const struct packet_out *packet)
{
    const struct speaker *speaker = context;

    studio_feed(&speaker->bench->studio, LOCAL_RTP, packet->medium, speaker->slot, 0, packet->data,
                packet->len);
}

static void send_due(struct speaker *speaker, enum sdp_medium medium, int64_t since_ns)
{
    struct stream *stream = &speaker->streams[medium];
    uint32_t clock = medium == SDP_AUDIO ? SDP_OPUS_CLOCK : SDP_VP8_CLOCK;

    while ((int64_t)stream->next * CLOCK_NS_PER_S / stream->ivf.rate <= since_ns) {
        const struct peer_ivf_frame *frame =
            &stream->ivf.frames[stream->next % stream->ivf.frame_count];
        uint32_t time = (uint32_t)(stream->next * clock / stream->ivf.rate);
        if (medium == SDP_AUDIO)
            packetizer_sound(&stream->packetizer, frame->data, frame->len, time, 30, feed, speaker);
        else
            packetizer_picture(&stream->packetizer, frame->data, frame->len, time,
                               !(frame->data[0] & 1), feed, speaker);
        stream->next++;
    }
}

static void turn(void *context, int64_t now_ns)
{
    struct bench *bench = context;

    for (int i = 0; i < SPEAKERS; i++) {
        send_due(&bench->speakers[i], SDP_AUDIO, now_ns - bench->start_ns);
        send_due(&bench->speakers[i], SDP_VIDEO, now_ns - bench->start_ns);
    }
}

static void take(void *context, const struct studio_packet *packet)
{
    struct bench *bench = context;

    if (packet->kind != LOCAL_RTP || packet->medium != SDP_VIDEO)
        return;
    bench->pictures += packet->header.marker;
    if (!bench->first_picture_ns)
        bench->first_picture_ns = packet->read_ns;
}

static bool has_begun(void *context)
{
    const struct bench *bench = context;

    return bench->first_picture_ns != 0;
}

/* Nanoseconds that all threads of the process have run. */
static int64_t cpu_ns(pid_t pid)
{
    char path[PATH_SIZE];
    int64_t sum = 0;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    assert_non_null(tasks);
    for (const struct dirent *task; (task = readdir(tasks));) {
        unsigned long long ran = 0;
        if (task->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "/proc/%d/task/%.16s/schedstat", (int)pid, task->d_name);
        FILE *file = fopen(path, "re");
        if (file && fscanf(file, "%llu", &ran) == 1)
            sum += (int64_t)ran;
        if (file)
            fclose(file);
    }
    closedir(tasks);
    return sum;
}

struct result {
    double cores;
    double first_frame_ms;
};

static struct result run(void)
{
    static const char *const people[] = {"detention", "victim"};
    struct bench bench = {0};

    for (int i = 0; i < SPEAKERS; i++) {
        bench.speakers[i].bench = &bench;
        bench.speakers[i].slot = (uint8_t)i;
        load(&bench.speakers[i].streams[SDP_AUDIO], people[i % 2], "audio");
        load(&bench.speakers[i].streams[SDP_VIDEO], people[i % 2], "video");
    }
    studio_start(&bench.studio, false);
    bench.studio.packet = take;
    bench.studio.turn = turn;
    bench.studio.context = &bench;
    bench.start_ns = clock_monotonic_ns();
    studio_scene(&bench.studio, ASSIZE__MEDIA__V1__SCENE__CARD__CARD_UNSPECIFIED, SPEAKERS, 0);
    assert_true(studio_run(&bench.studio, has_begun, WAIT_MS));
    studio_run_for(&bench.studio, WARM_MS);
    int64_t began_ns = clock_monotonic_ns();
    int64_t before_ns = cpu_ns(bench.studio.pid);
    size_t pictures = bench.pictures;
    studio_run_for(&bench.studio, MEASURE_MS);
    int64_t spent_ns = cpu_ns(bench.studio.pid) - before_ns;
    double took_ns = (double)(clock_monotonic_ns() - began_ns);
    fprintf(stderr, "%.1f pictures a second\n",
            (double)(bench.pictures - pictures) * (double)CLOCK_NS_PER_S / took_ns);
    studio_stop(&bench.studio);
    for (int i = 0; i < SPEAKERS; i++) {
        peer_ivf_done(&bench.speakers[i].streams[SDP_AUDIO].ivf);
        peer_ivf_done(&bench.speakers[i].streams[SDP_VIDEO].ivf);
    }
    return (struct result){
        .cores = (double)spent_ns / took_ns,
        .first_frame_ms =
            (double)(bench.first_picture_ns - bench.studio.started_ns) / CLOCK_NS_PER_MS,
    };
}

static int by_size(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;

    return *left < *right ? -1 : *left > *right;
}

int main(void)
{
    double cores[RUNS];
    double first[RUNS];

    for (int i = 0; i < RUNS; i++) {
        struct result result = run();
        cores[i] = result.cores;
        first[i] = result.first_frame_ms;
        fprintf(stderr, "run %d: %.3f of a core, first picture after %.0f ms\n", i + 1, cores[i],
                first[i]);
    }
    qsort(cores, RUNS, sizeof(cores[0]), by_size);
    qsort(first, RUNS, sizeof(first[0]), by_size);
    printf("{\"core_per_hearing\":%.3f,\"first_frame_ms\":%.0f,\"core_min\":%.3f,\"core_max\":%.3f,"
           "\"first_frame_min_ms\":%.0f,\"first_frame_max_ms\":%.0f,\"runs\":%d}\n",
           cores[RUNS / 2], first[RUNS / 2], cores[0], cores[RUNS - 1], first[0], first[RUNS - 1],
           RUNS);
    return 0;
}
