#include "media/relay/relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"
#include "base/log.h"
#include "base/nobody.h"
#include "media/relay/candidates.h"
#include "media/relay/commands.h"
#include "media/relay/local_links.h"
#include "media/relay/record_report.h"
#include "media/relay/sandbox.h"

enum {
    TICK_MS = 20,
    SLOW_TICK_MS = 100,
    IDLE_WAIT_MS = 1000,
    BATCHES_A_TURN = 4, /* then control has its turn, whatever comes in */
    STATS_LOG_MS = 10000,
    RECORD_MODE = 0750,
};

struct relay {
    struct relay_counters counters;
    struct loop loop;
    struct udp *udp;
    struct legs legs;
    struct control *control;
    struct local_links *local_links; /* NULL: no local leg can be connected */
    struct record_report record_report;
    struct loop_watch udp_watch;
    struct loop_watch signal_watch; /* fd -1: signals are not watched */
    char boot_id[ID_UUID_SIZE];
    int64_t (*clock_ns)(void);
    int64_t next_tick_ns;
    int64_t next_slow_tick_ns;
    int64_t next_stats_ns;
    int64_t controlled_ns; /* when a controller was last attached */
    bool stopping;
};

/* ---- reports to the controller ---- */

static void report_state(void *context, const struct leg *leg, const char *reason)
{
    struct relay *relay = context;
    Assize__Media__V1__LegState state = ASSIZE__MEDIA__V1__LEG_STATE__INIT;
    Assize__Media__V1__Report report = ASSIZE__MEDIA__V1__REPORT__INIT;
    char text[32];

    snprintf(text, sizeof(text), "%s", reason);
    state.has_leg = state.has_state = 1;
    state.leg = leg->party.id;
    state.state = command_leg_state(leg->state);
    state.reason = text;
    report.body_case = ASSIZE__MEDIA__V1__REPORT__BODY_LEG_STATE;
    report.leg_state = &state;
    control_report(relay->control, &report, false);
    log_info("leg.state", "leg=%llu hearing=%s state=%d reason=%s",
             (unsigned long long)leg->party.id, log_quote(leg->party.room->hearing).text,
             (int)state.state, log_quote(reason).text);
}

static void report_quality(void *context, const struct leg *leg)
{
    struct relay *relay = context;
    Assize__Media__V1__LegQuality quality = ASSIZE__MEDIA__V1__LEG_QUALITY__INIT;
    Assize__Media__V1__Report report = ASSIZE__MEDIA__V1__REPORT__INIT;

    quality.has_leg = quality.has_loss_permille = quality.has_rtt_ms = 1;
    quality.has_packets_in = quality.has_packets_out = 1;
    quality.leg = leg->party.id;
    quality.loss_permille = leg->party.loss_permille;
    quality.rtt_ms = leg->party.round_trip_us / 1000;
    quality.packets_in = leg->party.packets_in;
    quality.packets_out = leg->party.packets_out;
    report.body_case = ASSIZE__MEDIA__V1__REPORT__BODY_LEG_QUALITY;
    report.leg_quality = &quality;
    control_report(relay->control, &report, true);
}

static void report_record(void *context, const struct record_tiding *tiding)
{
    struct relay *relay = context;

    record_report(&relay->record_report, tiding);
}

static const struct record_ops record_ops = {.tell = report_record};

static const struct leg_ops leg_ops = {.state = report_state, .quality = report_quality};

static Assize__Media__V1__Report *
run_command(void *context, const Assize__Media__V1__Request *request, struct arena *arena)
{
    struct relay *relay = context;

    relay->legs.now_ns = relay->clock_ns();
    return command_run(&relay->legs, relay->boot_id, request, arena);
}

static const struct control_ops control_ops = {.request = run_command};

/* ---- datagrams ---- */

static void take_datagram(void *context, const struct sockaddr_in6 *from, uint8_t *data, size_t len)
{
    struct relay *relay = context;

    legs_take(&relay->legs, from, data, len);
}

static void udp_ready(void *context, uint32_t events)
{
    struct relay *relay = context;

    (void)events;
    for (int i = 0; i < BATCHES_A_TURN; i++) {
        relay->legs.now_ns = relay->clock_ns();
        int count = udp_receive(relay->udp, take_datagram, relay);
        udp_flush(relay->udp);
        if (count < RELAY_RECEIVE_BATCH)
            return;
    }
}

void relay_take(struct relay *relay, const struct sockaddr_in6 *from, uint8_t *data, size_t len)
{
    relay->legs.now_ns = relay->clock_ns();
    legs_take(&relay->legs, from, data, len);
    udp_flush(relay->udp);
}

int relay_control(struct relay *relay, const uint8_t *data, size_t len)
{
    return control_take(relay->control, data, len);
}

/* ---- time ---- */

/* Without control everything is kept for a while, since assized may be starting again; then it is
 * cut: closed, not open. */
static void check_control(struct relay *relay)
{
    int64_t now_ns = relay->legs.now_ns;

    if (control_is_attached(relay->control)) {
        relay->controlled_ns = now_ns;
        return;
    }
    if (now_ns - relay->controlled_ns < NS_OF_MS(RELAY_HOLD_MS))
        return;
    if (relay->legs.record)
        record_cut(relay->legs.record, &relay->legs);
    if (relay->legs.count) {
        log_error("control.away", "legs=%u held_ms=%d", relay->legs.count, RELAY_HOLD_MS);
        legs_cut(&relay->legs, "control");
    }
}

static void tick_record(struct relay *relay)
{
    if (!relay->legs.record)
        return;
    record_tick(relay->legs.record, relay->legs.now_ns);
    record_report_tick(&relay->record_report, record_free_bytes(relay->legs.record),
                       relay->legs.now_ns);
}

static void log_stats(const struct relay *relay)
{
    const struct relay_counters *c = &relay->counters;

    log_debug("relay.stats", "legs=%u in=%llu out=%llu unsent=%llu junk=%llu denied=%llu",
              relay->legs.count, (unsigned long long)c->datagrams_in,
              (unsigned long long)c->datagrams_out, (unsigned long long)c->datagrams_unsent,
              (unsigned long long)c->junk, (unsigned long long)c->denied);
}

static bool is_due(int64_t *next_ns, int64_t now_ns, int every_ms)
{
    if (now_ns < *next_ns)
        return false;
    *next_ns = now_ns + NS_OF_MS(every_ms);
    return true;
}

static void tick(struct relay *relay)
{
    relay->legs.now_ns = relay->clock_ns();
    if (is_due(&relay->next_tick_ns, relay->legs.now_ns, TICK_MS))
        legs_tick(&relay->legs);
    if (is_due(&relay->next_slow_tick_ns, relay->legs.now_ns, SLOW_TICK_MS)) {
        legs_slow_tick(&relay->legs);
        check_control(relay);
        tick_record(relay);
    }
    if (is_due(&relay->next_stats_ns, relay->legs.now_ns, STATS_LOG_MS))
        log_stats(relay);
    udp_flush(relay->udp);
}

static int wait_for(const struct relay *relay, int most_ms)
{
    int64_t left_ns = relay->next_tick_ns - relay->clock_ns();

    if (!relay->legs.count)
        return most_ms;
    if (left_ns <= 0)
        return 0;
    int left_ms = (int)(left_ns / CLOCK_NS_PER_MS) + 1;
    return left_ms < most_ms ? left_ms : most_ms;
}

void relay_turn(struct relay *relay, int wait_ms)
{
    loop_turn(&relay->loop, wait_for(relay, wait_ms));
    tick(relay);
    if (relay->local_links)
        local_links_flush(relay->local_links);
    control_flush(relay->control);
}

void relay_run(struct relay *relay)
{
    while (!relay->stopping)
        relay_turn(relay, IDLE_WAIT_MS);
}

/* ---- life ---- */

static void signal_ready(void *context, uint32_t events)
{
    struct relay *relay = context;

    (void)events;
    relay->stopping = true;
}

int relay_watch_signals(struct relay *relay)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    if (sigprocmask(SIG_BLOCK, &signals, NULL))
        return -errno;
    int fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    relay->signal_watch = (struct loop_watch){.fd = fd, .ready = signal_ready, .context = relay};
    return loop_add(&relay->loop, &relay->signal_watch, EPOLLIN);
}

static int complain(char *error, int result, const char *what, const char *which)
{
    snprintf(error, RELAY_ERROR_SIZE, "%s %s: %s", what, which, log_errno(result).text);
    return result;
}

static int open_udp(struct relay *relay, const struct relay_options *options, char *error)
{
    if (!options->listen) {
        relay->udp = udp_new_detached(&relay->counters);
        return 0;
    }
    int result = udp_new(options->listen, options->port, &relay->counters, &relay->udp);
    if (result)
        return complain(error, result, "cannot listen for media at", options->listen);
    relay->udp_watch =
        (struct loop_watch){.fd = udp_fd(relay->udp), .ready = udp_ready, .context = relay};
    result = loop_add(&relay->loop, &relay->udp_watch, EPOLLIN);
    if (result)
        return complain(error, result, "cannot watch", "the media port");
    result = candidates_list(options->listen, options->advertise, udp_port(relay->udp),
                             &relay->legs.candidates, &relay->legs.candidate_count);
    return result ? complain(error, result, "not a list of addresses:", options->advertise) : 0;
}

static int open_control(struct relay *relay, const struct relay_options *options, char *error)
{
    if (!options->control_path) {
        relay->control = control_new_detached(&control_ops, relay, &relay->counters);
        return 0;
    }
    int result = control_new(&relay->loop, options->control_path, &control_ops, relay,
                             &relay->counters, &relay->control);
    return result ? complain(error, result, "cannot listen for control at", options->control_path)
                  : 0;
}

static int open_local(struct relay *relay, const struct relay_options *options, char *error)
{
    if (!options->local_path)
        return 0;
    int result = local_links_new(&relay->loop, options->local_path, &relay->legs, relay->clock_ns,
                                 &relay->local_links);
    return result ? complain(error, result, "cannot listen for local legs at", options->local_path)
                  : 0;
}

/* While there are still rights to make it with; afterwards it is the relay's own. */
static int open_record(struct relay *relay, const struct relay_options *options, char *error)
{
    const struct writer_disk *disk = options->disk ? options->disk : &writer_journals;

    if (!options->record_path)
        return 0;
    if (mkdir(options->record_path, RECORD_MODE) && errno != EEXIST)
        return complain(error, -errno, "cannot make", options->record_path);
    int folder = open(options->record_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = folder < 0 ? -errno : nobody_give(folder);
    if (!result)
        result = record_new(folder, options->record_spare, disk, &record_ops, relay,
                            &relay->legs.record);
    return result ? complain(error, result, "cannot keep a record in", options->record_path) : 0;
}

static int start(struct relay *relay, const struct relay_options *options, char *error)
{
    int result = loop_init(&relay->loop);

    if (result)
        return complain(error, result, "cannot make", "a loop");
    result = legs_init(&relay->legs, NULL, &relay->counters, &leg_ops, relay);
    if (result)
        return complain(error, result, "cannot make", "a certificate");
    result = open_udp(relay, options, error);
    relay->legs.udp = relay->udp;
    if (!result)
        result = open_control(relay, options, error);
    relay->record_report.control = relay->control;
    if (!result)
        result = open_local(relay, options, error);
    return result ? result : open_record(relay, options, error);
}

int relay_new(const struct relay_options *options, char error[static RELAY_ERROR_SIZE],
              struct relay **ret_relay)
{
    struct relay *relay = calloc(1, sizeof(*relay));

    if (!relay)
        abort();
    relay->loop.fd = -1;
    relay->signal_watch.fd = -1;
    relay->clock_ns = options->clock_ns ? options->clock_ns : clock_monotonic_ns;
    id_uuid(relay->boot_id);
    int result = start(relay, options, error);
    relay->legs.now_ns = relay->controlled_ns = relay->clock_ns();
    if (result)
        relay_free(relay);
    else
        *ret_relay = relay;
    return result;
}

int relay_start(struct relay *relay)
{
    return relay->legs.record ? record_start(relay->legs.record) : 0;
}

void relay_free(struct relay *relay)
{
    if (!relay)
        return;
    legs_done(&relay->legs);
    record_free(relay->legs.record);
    if (relay->control)
        control_flush(relay->control);
    control_free(relay->control);
    local_links_free(relay->local_links);
    udp_free(relay->udp);
    if (relay->signal_watch.fd >= 0)
        close(relay->signal_watch.fd);
    if (relay->loop.fd >= 0)
        loop_done(&relay->loop);
    free(relay);
}

uint16_t relay_port(const struct relay *relay)
{
    return udp_port(relay->udp);
}

struct legs *relay_legs(struct relay *relay)
{
    return &relay->legs;
}

const struct relay_counters *relay_counters(const struct relay *relay)
{
    return &relay->counters;
}
