#include "media/studio/live.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/nobody.h"
#include "base/str.h"
#include "media/journal/folder.h"
#include "media/journal/name.h"
#include "media/studio/control.h"
#include "media/studio/gallery.h"
#include "media/studio/link.h"
#include "media/studio/listen.h"
#include "media/studio/plugins.h"
#include "media/studio/programme.h"
#include "media/studio/sandbox.h"

enum { TURN_MS = 10 };

enum live_link { LINK_PROGRAMME, LINK_GALLERY, LINK_RECORD, LINK_COUNT };

struct live {
    GMainLoop *loop;
    struct control control;
    char local_path[CONFIG_TEXT_SIZE];
    struct link links[LINK_COUNT];
    uint64_t legs[LINK_COUNT]; /* of the setup; 0: none */
    bool set_up;
    bool high;
    int64_t set_up_ns;
    int record; /* the hearing's folder of the record, or -1 */
    struct letters *letters;
    struct programme *programme; /* NULL until the sandbox is entered */
    struct scene scene;
    bool has_scene;
    struct gallery gallery;
    struct listen *listen; /* NULL: nobody listens */
    bool listening;        /* as asked */
    int64_t heard_ns;      /* the last word of assized */
    int64_t beat_ns;       /* when the next beat is due */
    bool first_frame_sent;
    Assize__Media__V1__WrittenLevel levels[STUDIO_GROUPS_MAX];
    char level_names[STUDIO_GROUPS_MAX][NAME_SIZE];
    size_t level_count;
    const char *reason; /* why it ends; NULL: asked to */
};

static void end(struct live *live, const char *reason)
{
    live->reason = reason;
    g_main_loop_quit(live->loop);
}

/* ---- out ---- */

static void tell_first_frame(struct live *live)
{
    Assize__Media__V1__ProgrammeOn on = ASSIZE__MEDIA__V1__PROGRAMME_ON__INIT;
    Assize__Media__V1__StudioReport report = ASSIZE__MEDIA__V1__STUDIO_REPORT__INIT;
    int64_t took_ms = (clock_monotonic_ns() - live->set_up_ns) / CLOCK_NS_PER_MS;

    live->first_frame_sent = true;
    on.has_first_frame_ms = true;
    on.first_frame_ms = (uint32_t)took_ms;
    report.body_case = ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_PROGRAMME_ON;
    report.programme_on = &on;
    control_send(&live->control, &report);
    log_info("programme.on", "first_frame_ms=%u", on.first_frame_ms);
}

static void send_on(struct live *live, enum live_link link, const struct packet_out *packet)
{
    link_send(&live->links[link], LOCAL_RTP, (uint8_t)packet->medium, 0, packet->data, packet->len);
}

static void send_report(struct live *live, enum live_link link, enum sdp_medium medium,
                        const uint8_t *report, size_t len)
{
    link_send(&live->links[link], LOCAL_RTCP, (uint8_t)medium, 0, report, len);
}

static void programme_send(void *context, const struct packet_out *packet)
{
    struct live *live = context;

    send_on(live, LINK_PROGRAMME, packet);
    delay_put(&live->gallery.delay, packet, clock_monotonic_ns());
    if (packet->medium == SDP_VIDEO && !live->first_frame_sent)
        tell_first_frame(live);
}

static void programme_report(void *context, enum sdp_medium medium,
                             const struct packetizer *packetizer, uint32_t time)
{
    struct live *live = context;
    uint8_t report[PACKETIZER_REPORT_MAX];
    int64_t wall_ns = clock_wall_ns();
    size_t len = packetizer_report(packetizer, time, wall_ns, report);

    send_report(live, LINK_PROGRAMME, medium, report, len);
    if (!live->gallery.delay.open)
        return;
    len = gallery_report(&live->gallery, medium, packetizer, time, wall_ns, report);
    send_report(live, LINK_GALLERY, medium, report, len);
}

static void ask_key_frame(void *context, uint8_t slot)
{
    struct live *live = context;

    link_send(&live->links[LINK_PROGRAMME], LOCAL_KEY_FRAME, LOCAL_VIDEO, slot, NULL, 0);
}

static const struct programme_ops programme_ops = {
    .send = programme_send,
    .report = programme_report,
    .ask_key_frame = ask_key_frame,
};

static void gallery_send(void *context, const struct packet_out *packet)
{
    send_on(context, LINK_GALLERY, packet);
}

/* ---- the record read back ---- */

static void listen_send(void *context, const struct packet_out *packet)
{
    send_on(context, LINK_RECORD, packet);
}

static void listen_report(void *context, enum sdp_medium medium,
                          const struct packetizer *packetizer, uint32_t time)
{
    uint8_t report[PACKETIZER_REPORT_MAX];
    size_t len = packetizer_report(packetizer, time, clock_wall_ns(), report);

    send_report(context, LINK_RECORD, medium, report, len);
}

static void listen_level(void *context, const char *group, uint8_t level, int64_t wall_ms)
{
    struct live *live = context;

    if (live->level_count == STUDIO_GROUPS_MAX)
        return;
    Assize__Media__V1__WrittenLevel *written = &live->levels[live->level_count];
    char *name = live->level_names[live->level_count++];
    str_copy(name, NAME_SIZE, group);
    assize__media__v1__written_level__init(written);
    written->group = name;
    written->has_level = written->has_wall_ms = true;
    written->level = level;
    written->wall_ms = wall_ms;
}

static void levels_done(void *context)
{
    struct live *live = context;
    Assize__Media__V1__WrittenLevel *list[STUDIO_GROUPS_MAX];
    Assize__Media__V1__WrittenLevels levels = ASSIZE__MEDIA__V1__WRITTEN_LEVELS__INIT;
    Assize__Media__V1__StudioReport report = ASSIZE__MEDIA__V1__STUDIO_REPORT__INIT;

    for (size_t i = 0; i < live->level_count; i++)
        list[i] = &live->levels[i];
    levels.n_levels = live->level_count;
    levels.levels = list;
    report.body_case = ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_WRITTEN_LEVELS;
    report.written_levels = &levels;
    control_send(&live->control, &report);
    live->level_count = 0;
}

static const struct listen_ops listen_ops = {
    .send = listen_send,
    .report = listen_report,
    .level = listen_level,
    .levels_done = levels_done,
};

static void set_listening(struct live *live)
{
    bool on = live->listening && live->programme && live->record >= 0;

    if (on == (live->listen != NULL))
        return;
    if (on) {
        live->listen = listen_new(live->record, &listen_ops, live, clock_monotonic_ns());
    } else {
        listen_free(live->listen);
        live->listen = NULL;
    }
}

/* ---- what assized asks ---- */

static bool open_leg(struct live *live, enum live_link link, const Assize__Media__V1__LocalLeg *leg)
{
    if (!leg)
        return true;
    if (leg->token.len != LOCAL_TOKEN_BYTES)
        return false;
    live->legs[link] = leg->leg;
    int result = link_open(&live->links[link], live->local_path, leg->leg, leg->token.data);
    if (result)
        log_error("studio.no_leg", "leg=%llu why=%s", (unsigned long long)leg->leg,
                  log_errno(result).text);
    return result == 0;
}

static bool same_leg(uint64_t known, const Assize__Media__V1__LocalLeg *leg)
{
    return known == (leg ? leg->leg : 0);
}

/* The legs are taken up once, before the sandbox; others are for another studio to take up. */
static void take_setup(struct live *live, const Assize__Media__V1__StudioSetup *setup)
{
    if (live->set_up) {
        if (!same_leg(live->legs[LINK_PROGRAMME], setup->programme) ||
            !same_leg(live->legs[LINK_GALLERY], setup->gallery) ||
            !same_leg(live->legs[LINK_RECORD], setup->record) || live->high != setup->high)
            end(live, "another_setup");
        return;
    }
    live->set_up_ns = clock_monotonic_ns();
    live->high = setup->high;
    live->set_up = setup->programme && open_leg(live, LINK_PROGRAMME, setup->programme) &&
                   open_leg(live, LINK_GALLERY, setup->gallery) &&
                   open_leg(live, LINK_RECORD, setup->record);
    if (!live->set_up)
        end(live, "setup");
}

static void take_scene(struct live *live, const Assize__Media__V1__Scene *scene)
{
    scene_read(scene, &live->scene);
    live->has_scene = true;
    if (live->programme)
        programme_set_scene(live->programme, &live->scene);
}

static void take_gallery(struct live *live, const Assize__Media__V1__GalleryFeed *feed)
{
    bool opens = feed->open && !live->gallery.delay.open;
    int64_t delay_ms =
        feed->delay_ms < STUDIO_GALLERY_DELAY_MAX_MS ? feed->delay_ms : STUDIO_GALLERY_DELAY_MAX_MS;

    delay_set(&live->gallery.delay, feed->open, delay_ms * CLOCK_NS_PER_MS, clock_monotonic_ns());
    if (opens && live->programme)
        programme_key_frame(live->programme);
}

static void take_request(void *context, const Assize__Media__V1__StudioRequest *request)
{
    struct live *live = context;

    live->heard_ns = clock_monotonic_ns();
    switch (request->body_case) {
    case ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_SETUP:
        take_setup(live, request->setup);
        break;
    case ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_SCENE:
        take_scene(live, request->scene);
        break;
    case ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_GALLERY:
        take_gallery(live, request->gallery);
        break;
    case ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_LISTENING:
        live->listening = request->listening->on;
        set_listening(live);
        break;
    case ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_BEAT:
    case ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY__NOT_SET:
    case _ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY__CASE_IS_INT_SIZE:
        break;
    }
}

/* ---- the loop ---- */

static void take_packet(void *context, const uint8_t head[static LOCAL_HEAD_BYTES],
                        const uint8_t *packet, size_t len)
{
    struct live *live = context;

    programme_take(live->programme, head, packet, len, clock_monotonic_ns());
}

/* The gallery's viewers wait for the next key frame of what is due; nothing comes on the record's
 * leg. */
static void ignore_packet(void *context, const uint8_t head[static LOCAL_HEAD_BYTES],
                          const uint8_t *packet, size_t len)
{
    (void)context;
    (void)head;
    (void)packet;
    (void)len;
}

static gboolean link_ready(gint fd, GIOCondition condition, gpointer context)
{
    struct live *live = context;
    bool open = true;

    (void)condition;
    for (int i = 0; i < LINK_COUNT; i++) {
        if (live->links[i].fd == fd)
            open =
                link_read(&live->links[i], i == LINK_PROGRAMME ? take_packet : ignore_packet, live);
    }
    if (!open)
        end(live, "leg_closed");
    return open;
}

/* What was asked stays in force until assized has been away too long. */
static gboolean control_ready(gint fd, GIOCondition condition, gpointer context)
{
    struct live *live = context;

    (void)fd;
    (void)condition;
    bool open = control_read(&live->control);
    if (!open)
        log_warn("studio.assized_gone", "wait_ms=%d", STUDIO_ALONE_MS);
    return open;
}

static gboolean turn(gpointer context)
{
    struct live *live = context;
    int64_t now_ns = clock_monotonic_ns();

    programme_turn(live->programme, now_ns);
    gallery_turn(&live->gallery, now_ns, gallery_send, live);
    if (live->listen)
        listen_turn(live->listen, now_ns);
    control_flush(&live->control);
    if (now_ns >= live->beat_ns) {
        control_beat(&live->control);
        live->beat_ns = now_ns + STUDIO_BEAT_OUT_MS * (int64_t)CLOCK_NS_PER_MS;
    }
    if (now_ns - live->heard_ns > STUDIO_ALONE_MS * (int64_t)CLOCK_NS_PER_MS)
        end(live, "alone");
    return G_SOURCE_CONTINUE;
}

static gboolean asked_to_end(gpointer context)
{
    end(context, NULL);
    return G_SOURCE_REMOVE;
}

static void run(struct live *live)
{
    live->programme =
        programme_new(live->letters, live->high, &programme_ops, live, clock_monotonic_ns());
    if (live->has_scene)
        programme_set_scene(live->programme, &live->scene);
    set_listening(live);
    g_unix_signal_add(SIGTERM, asked_to_end, live);
    g_unix_signal_add(SIGINT, asked_to_end, live);
    g_unix_fd_add(live->control.fd, G_IO_IN, control_ready, live);
    for (int i = 0; i < LINK_COUNT; i++) {
        if (live->links[i].fd >= 0)
            g_unix_fd_add(live->links[i].fd, G_IO_IN, link_ready, live);
    }
    g_timeout_add(TURN_MS, turn, live);
    g_main_loop_run(live->loop);
}

/* ---- the beginning ---- */

/* Reads requests until the setup is there and its legs are connected. */
static int wait_for_setup(struct live *live)
{
    int64_t until_ms = clock_monotonic_ms() + STUDIO_SETUP_MS;

    while (!live->set_up && !live->reason) {
        struct pollfd wait = {.fd = live->control.fd, .events = POLLIN};
        int64_t left_ms = until_ms - clock_monotonic_ms();
        if (left_ms <= 0)
            return -ETIMEDOUT;
        if (poll(&wait, 1, (int)left_ms) < 0 && errno != EINTR)
            return -errno;
        if (!control_read(&live->control))
            return -EPIPE;
    }
    return live->reason ? -EPROTO : 0;
}

/* As the user who owns the record. Without it there is a programme, and nothing to listen to. */
static void open_record(struct live *live, int record, const char *hearing)
{
    live->record = record < 0 ? record : folder_make(record, hearing);
    if (live->record < 0) {
        log_warn("studio.no_record", "why=%s", log_errno(live->record).text);
        live->record = -1;
    }
}

static int give_up_rights(struct live *live, const struct config *config, const char *hearing)
{
    char path[CONFIG_TEXT_SIZE];

    if (config_state_path(config, "record", path, sizeof(path)))
        return -ENAMETOOLONG;
    int record = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = nobody_become();
    if (!result)
        open_record(live, record < 0 ? -errno : record, hearing);
    folder_close(&record);
    return result ? result : sandbox_enter(live->record, -1);
}

static int begin(struct live *live, const struct config *config, const char *hearing)
{
    static const char *const plugins[] = {"coreelements", "app", "vpx", "videoconvertscale"};
    char path[CONFIG_TEXT_SIZE];

    if (config_state_path(config, CONTROL_SOCKET_NAME, path, sizeof(path)) ||
        config_state_path(config, LOCAL_SOCKET_NAME, live->local_path, sizeof(live->local_path)))
        return -ENAMETOOLONG;
    int result = plugins_load(plugins, sizeof(plugins) / sizeof(plugins[0]));
    if (result)
        return result;
    live->letters = letters_new();
    if (!live->letters)
        return -ENOENT;
    result = control_connect(&live->control, path, hearing,
                             ASSIZE__MEDIA__V1__STUDIO_HELLO__TASK__TASK_LIVE, STUDIO_SETUP_MS);
    if (!result)
        result = wait_for_setup(live);
    return result ? result : give_up_rights(live, config, hearing);
}

static void done(struct live *live)
{
    listen_free(live->listen);
    programme_free(live->programme);
    gallery_done(&live->gallery);
    for (int i = 0; i < LINK_COUNT; i++)
        link_close(&live->links[i]);
    letters_free(live->letters);
    control_done(&live->control);
    folder_close(&live->record);
    g_main_loop_unref(live->loop);
}

int live_run(const struct config *config, const char *hearing)
{
    struct live *live = calloc(1, sizeof(*live));

    if (!live)
        abort();
    live->loop = g_main_loop_new(NULL, FALSE);
    live->control = (struct control){.fd = -1, .request = take_request, .context = live};
    for (int i = 0; i < LINK_COUNT; i++)
        live->links[i].fd = -1;
    live->record = -1;
    gallery_init(&live->gallery);
    int result = begin(live, config, hearing);
    if (result) {
        log_error("studio.refused", "hearing=%s why=%s", hearing, log_errno(result).text);
    } else {
        log_info("studio.ready", "hearing=%s", hearing);
        run(live);
        log_info("studio.stopped", "hearing=%s reason=%s", hearing,
                 live->reason ? live->reason : "asked");
    }
    bool asked = !result && !live->reason;
    done(live);
    free(live);
    return asked ? 0 : 1;
}
