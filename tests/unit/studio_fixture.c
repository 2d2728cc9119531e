#include "tests/unit/studio_fixture.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
// clang-format off
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include "base/clock.h"
#include "media/rtp/bytes.h"
#include "proto/codec.h"

enum { TURN_MS = 4, START_MS = 30000, READ_BYTES = 16384, PRIORITY = -15 };

extern char **environ;

static const uint8_t token[LOCAL_TOKEN_BYTES] = "sixteen bytes...";

/* ---- sockets ---- */

static int listen_at(const struct studio *studio, const char *name, int kind)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, kind | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", studio->dir, name);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, LEG_COUNT), 0);
    return fd;
}

static int accept_soon(int listener)
{
    struct pollfd wait = {.fd = listener, .events = POLLIN};

    assert_int_equal(poll(&wait, 1, START_MS), 1);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    assert_true(fd >= 0);
    return fd;
}

/* ---- control ---- */

void studio_ask(struct studio *studio, const Assize__Media__V1__StudioRequest *request)
{
    struct buf out;

    buf_init(&out, FRAME_BODY_MAX);
    assert_int_equal(codec_pack_frame(&request->base, &out), 0);
    assert_int_equal(send(studio->control, out.data, out.len, MSG_NOSIGNAL), out.len);
    buf_done(&out);
}

static void note_levels(struct studio *studio, const Assize__Media__V1__WrittenLevels *levels)
{
    studio->levels++;
    for (size_t i = 0; i < levels->n_levels; i++) {
        snprintf(studio->level_group, sizeof(studio->level_group), "%s", levels->levels[i]->group);
        if (levels->levels[i]->level < studio->loudest)
            studio->loudest = (uint8_t)levels->levels[i]->level;
    }
}

static int take_report(void *context, const uint8_t *body, size_t len)
{
    struct studio *studio = context;
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    const Assize__Media__V1__StudioReport *report =
        codec_unpack(&assize__media__v1__studio_report__descriptor, &arena, body, len);
    assert_non_null(report);
    if (report->body_case == ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_HELLO) {
        assert_string_equal(report->hello->hearing, STUDIO_HEARING);
        studio->said_hello = true;
    } else if (report->body_case == ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_PROGRAMME_ON) {
        studio->first_frame_told = true;
        studio->first_frame_ms = report->programme_on->first_frame_ms;
    } else if (report->body_case == ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_WRITTEN_LEVELS) {
        note_levels(studio, report->written_levels);
    } else if (report->body_case == ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_BEAT) {
        studio->beats++;
    }
    arena_done(&arena);
    return 0;
}

static void read_control(struct studio *studio)
{
    uint8_t bytes[READ_BYTES];
    ssize_t count = recv(studio->control, bytes, sizeof(bytes), MSG_DONTWAIT);

    if (count > 0)
        assert_int_equal(frame_reader_feed(&studio->in, bytes, (size_t)count, take_report, studio),
                         0);
}

void studio_gallery(struct studio *studio, bool open, uint32_t delay_ms)
{
    Assize__Media__V1__GalleryFeed feed = ASSIZE__MEDIA__V1__GALLERY_FEED__INIT;
    Assize__Media__V1__StudioRequest request = ASSIZE__MEDIA__V1__STUDIO_REQUEST__INIT;

    feed.has_open = feed.has_delay_ms = true;
    feed.open = open;
    feed.delay_ms = delay_ms;
    request.body_case = ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_GALLERY;
    request.gallery = &feed;
    studio_ask(studio, &request);
}

void studio_listening(struct studio *studio, bool on)
{
    Assize__Media__V1__Listening listening = ASSIZE__MEDIA__V1__LISTENING__INIT;
    Assize__Media__V1__StudioRequest request = ASSIZE__MEDIA__V1__STUDIO_REQUEST__INIT;

    listening.has_on = true;
    listening.on = on;
    request.body_case = ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_LISTENING;
    request.listening = &listening;
    studio_ask(studio, &request);
}

static void fill_tile(Assize__Media__V1__SceneTile *tile, int number, bool speaking)
{
    static char names[][32] = {"Nguyễn Thị Ánh Tuyết", "Trần Văn Đức", "Lê Hoàng Quỳnh Như",
                               "Phạm Ngọc Bích"};
    static char roles[][40] = {"Thẩm phán chủ tọa phiên tòa", "Bị cáo", "Người bào chữa",
                               "Kiểm sát viên"};
    static char sites[][32] = {"Điểm cầu trung tâm", "Trại tạm giam số 1"};

    assize__media__v1__scene_tile__init(tile);
    tile->has_endpoint = tile->has_site = tile->has_audio = tile->has_video = true;
    tile->has_audio_slot = tile->has_video_slot = tile->has_speaking = true;
    tile->endpoint = (uint32_t)number + 1;
    tile->site = (uint32_t)number % 2;
    tile->site_name = sites[number % 2];
    tile->name = names[number % 4];
    tile->role_vi = roles[number % 4];
    tile->audio = tile->video = true;
    tile->audio_slot = tile->video_slot = (uint32_t)number;
    tile->speaking = speaking;
}

void studio_scene(struct studio *studio, Assize__Media__V1__Scene__Card card, int count,
                  int speaker)
{
    Assize__Media__V1__SceneTile tiles[STUDIO_FEEDS_MAX];
    Assize__Media__V1__SceneTile *list[STUDIO_FEEDS_MAX];
    Assize__Media__V1__Scene scene = ASSIZE__MEDIA__V1__SCENE__INIT;
    Assize__Media__V1__StudioRequest request = ASSIZE__MEDIA__V1__STUDIO_REQUEST__INIT;
    char court[] = "Tòa án nhân dân khu vực 1 – Hà Nội";
    char number[] = "12/2026/HSST";
    char title[] = "Xét hỏi";

    for (int i = 0; i < count; i++) {
        fill_tile(&tiles[i], i, i == speaker);
        list[i] = &tiles[i];
    }
    scene.has_card = scene.has_recording = scene.has_since_ms = true;
    scene.card = card;
    scene.court = court;
    scene.case_number = number;
    scene.title = title;
    scene.since_ms = clock_wall_ms();
    scene.recording = true;
    scene.n_tiles = (size_t)count;
    scene.tiles = list;
    request.body_case = ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_SCENE;
    request.scene = &scene;
    studio_ask(studio, &request);
}

/* ---- life ---- */

static void make_state(struct studio *studio)
{
    char path[STUDIO_PATH_SIZE];

    snprintf(studio->dir, sizeof(studio->dir), "/tmp/assize-studio-XXXXXX");
    assert_non_null(mkdtemp(studio->dir));
    snprintf(path, sizeof(path), "%s/run", studio->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/record", studio->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    if (geteuid() == 0)
        assert_int_equal(chown(path, STUDIO_NOBODY, STUDIO_NOBODY), 0);
}

static void send_setup(struct studio *studio, bool high)
{
    Assize__Media__V1__StudioSetup setup = ASSIZE__MEDIA__V1__STUDIO_SETUP__INIT;
    Assize__Media__V1__StudioRequest request = ASSIZE__MEDIA__V1__STUDIO_REQUEST__INIT;
    Assize__Media__V1__LocalLeg legs[LEG_COUNT];
    uint8_t bytes[LOCAL_TOKEN_BYTES];

    memcpy(bytes, token, sizeof(bytes));
    for (int i = 0; i < LEG_COUNT; i++) {
        assize__media__v1__local_leg__init(&legs[i]);
        legs[i].has_leg = legs[i].has_token = true;
        legs[i].leg = (uint64_t)i + 1;
        legs[i].token = (ProtobufCBinaryData){sizeof(bytes), bytes};
    }
    setup.programme = &legs[LEG_PROGRAMME];
    setup.gallery = &legs[LEG_GALLERY];
    setup.record = &legs[LEG_RECORD];
    setup.has_high = true;
    setup.high = high;
    request.body_case = ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_SETUP;
    request.setup = &setup;
    studio_ask(studio, &request);
}

static void accept_leg(struct studio *studio)
{
    uint8_t hello[LOCAL_HELLO_BYTES];
    int fd = accept_soon(studio->listeners[1]);
    struct pollfd wait = {.fd = fd, .events = POLLIN};

    assert_int_equal(poll(&wait, 1, START_MS), 1);
    assert_int_equal(recv(fd, hello, sizeof(hello), 0), sizeof(hello));
    assert_memory_equal(hello, "ASZL", 4);
    assert_memory_equal(hello + 12, token, LOCAL_TOKEN_BYTES);
    uint64_t leg = bytes_get64(hello + 4);
    assert_in_range(leg, 1, LEG_COUNT);
    studio->legs[leg - 1] = fd;
    studio->empty_ns[leg - 1] = clock_monotonic_ns();
}

static bool has_said_hello(void *context)
{
    const struct studio *studio = context;

    return studio->said_hello;
}

static void spawn(struct studio *studio)
{
    char program[] = STUDIO_PROGRAM;
    char hearing_key[] = "--hearing";
    char hearing[] = STUDIO_HEARING;
    char state_key[] = "--state";
    char *arguments[] = {program, hearing_key, hearing, state_key, studio->dir, NULL};

    /* What is measured is not to compete with whatever else the machine does; not everyone may. */
    (void)setpriority(PRIO_PROCESS, 0, PRIORITY);
    studio->started_ns = clock_monotonic_ns();
    assert_int_equal(posix_spawn(&studio->pid, program, NULL, NULL, arguments, environ), 0);
}

void studio_start(struct studio *studio, bool high)
{
    *studio = (struct studio){.control = -1, .legs = {-1, -1, -1}, .loudest = 127};
    make_state(studio);
    studio->listeners[0] = listen_at(studio, "run/studio.sock", SOCK_STREAM);
    studio->listeners[1] = listen_at(studio, LOCAL_SOCKET_NAME, SOCK_SEQPACKET);
    spawn(studio);
    frame_reader_init(&studio->in);
    studio->control = accept_soon(studio->listeners[0]);
    studio->context = studio;
    assert_true(studio_run(studio, has_said_hello, START_MS));
    send_setup(studio, high);
    for (int i = 0; i < LEG_COUNT; i++)
        accept_leg(studio);
}

static int wait_for_exit(const struct studio *studio)
{
    int64_t until_ms = clock_monotonic_ms() + START_MS;
    int status = 0;

    while (waitpid(studio->pid, &status, WNOHANG) == 0) {
        assert_true(clock_monotonic_ms() < until_ms);
        (void)poll(NULL, 0, TURN_MS);
    }
    return status;
}

int studio_end(struct studio *studio)
{
    char command[STUDIO_PATH_SIZE];

    assert_int_equal(kill(studio->pid, SIGTERM), 0);
    int status = wait_for_exit(studio);
    studio->pid = 0;
    close(studio->control);
    for (int i = 0; i < LEG_COUNT; i++)
        close(studio->legs[i]);
    close(studio->listeners[0]);
    close(studio->listeners[1]);
    frame_reader_done(&studio->in);
    snprintf(command, sizeof(command), "%s", studio->dir);
    char *const remove[] = {(char[]){"rm"}, (char[]){"-rf"}, command, NULL};
    pid_t pid;
    assert_int_equal(posix_spawnp(&pid, "rm", NULL, NULL, remove, environ), 0);
    waitpid(pid, NULL, 0);
    return status;
}

void studio_stop(struct studio *studio)
{
    int status = studio_end(studio);

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- running ---- */

static void take_datagram(struct studio *studio, enum studio_leg leg, const uint8_t *bytes,
                          size_t len)
{
    struct studio_packet packet = {
        .leg = leg,
        .kind = bytes[0],
        .medium = bytes[1],
        .slot = bytes[2],
        .data = bytes + LOCAL_HEAD_BYTES,
        .len = len - LOCAL_HEAD_BYTES,
        .read_ns = clock_monotonic_ns(),
        .after_ns = studio->empty_ns[leg],
    };

    assert_true(len >= LOCAL_HEAD_BYTES);
    if (packet.kind == LOCAL_RTP)
        assert_int_equal(rtp_parse_header(packet.data, packet.len, &packet.header), 0);
    if (studio->packet)
        studio->packet(studio->context, &packet);
}

static void read_leg(struct studio *studio, enum studio_leg leg)
{
    uint8_t bytes[LOCAL_HEAD_BYTES + LOCAL_PACKET_MAX];

    for (;;) {
        int64_t before_ns = clock_monotonic_ns();
        ssize_t count = recv(studio->legs[leg], bytes, sizeof(bytes), MSG_DONTWAIT);
        if (count < 0 && errno == EAGAIN) {
            studio->empty_ns[leg] = before_ns;
            return;
        }
        assert_true(count > 0); /* the studio goes on */
        take_datagram(studio, leg, bytes, (size_t)count);
    }
}

static void beat(struct studio *studio)
{
    Assize__Media__V1__StudioBeat body = ASSIZE__MEDIA__V1__STUDIO_BEAT__INIT;
    Assize__Media__V1__StudioRequest request = ASSIZE__MEDIA__V1__STUDIO_REQUEST__INIT;

    if (clock_monotonic_ms() < studio->next_beat_ms)
        return;
    studio->next_beat_ms = clock_monotonic_ms() + CLOCK_MS_PER_S;
    request.body_case = ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_BEAT;
    request.beat = &body;
    studio_ask(studio, &request);
}

static void run_once(struct studio *studio)
{
    struct pollfd waits[1 + LEG_COUNT] = {{.fd = studio->control, .events = POLLIN}};

    for (int i = 0; i < LEG_COUNT; i++)
        waits[1 + i] = (struct pollfd){.fd = studio->legs[i], .events = POLLIN};
    (void)poll(waits, 1 + LEG_COUNT, TURN_MS);
    read_control(studio);
    if (studio->said_hello)
        beat(studio);
    for (int i = 0; i < LEG_COUNT; i++) {
        if (studio->legs[i] >= 0)
            read_leg(studio, (enum studio_leg)i);
    }
    if (studio->turn)
        studio->turn(studio->context, clock_monotonic_ns());
}

bool studio_run(struct studio *studio, bool (*done)(void *context), int wait_ms)
{
    int64_t until_ms = clock_monotonic_ms() + wait_ms;

    while (clock_monotonic_ms() < until_ms) {
        run_once(studio);
        if (done(studio->context))
            return true;
    }
    return false;
}

static bool never(void *context)
{
    (void)context;
    return false;
}

void studio_run_for(struct studio *studio, int ms)
{
    studio_run(studio, never, ms);
}

void studio_feed(struct studio *studio, enum local_kind kind, enum sdp_medium medium, uint8_t slot,
                 uint8_t flags, const uint8_t *packet, size_t len)
{
    uint8_t bytes[LOCAL_HEAD_BYTES + LOCAL_PACKET_MAX] = {(uint8_t)kind, (uint8_t)medium, slot,
                                                          flags};

    assert_true(len <= LOCAL_PACKET_MAX);
    if (len)
        memcpy(bytes + LOCAL_HEAD_BYTES, packet, len);
    (void)send(studio->legs[LEG_PROGRAMME], bytes, LOCAL_HEAD_BYTES + len,
               MSG_NOSIGNAL | MSG_DONTWAIT);
}
