/* What each part of the server tells the others, by the operations it was made with. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/ready.h"
#include "proto/codec.h"
#include "server/hearing/names.h"
#include "server/net/credentials.h"
#include "server/server.h"

/* ---- from the database ---- */

static void wake_sender(struct server *server)
{
    if (server->sender)
        sender_wake(server->sender);
}

/* Only now is every procedure known that a hearing may have been opened with. */
static void procedures_known(void *context, int error, const char *why)
{
    struct server *server = context;

    if (error == -EEXIST) {
        fprintf(stderr, "assized: %s\n", why);
        log_error("procedure.changed", "why=%s", log_quote(why).text);
        server->status = EXIT_CONFIGURATION;
        server_stop(server);
    }
    if (error || server->status || !db_is_up(server->db))
        return; /* asked again when the database is back */
    court_database_up(server->court);
    alerts_database_up(server->alerts);
    sessions_saving(server->sessions, true);
    if (server->line)
        line_database_up(server->line);
    if (server->puller)
        puller_database_up(server->puller);
    ready_tell();
}

static void database_up(void *context)
{
    struct server *server = context;

    log_info("database.up", "hearings=%d", sessions_rooms(server->sessions));
    procedures_register(server->procedures, server->db, procedures_known, server);
}

static void database_down(void *context, const char *why)
{
    struct server *server = context;

    log_warn("database.down", "why=%s", log_quote(why).text);
    court_database_down(server->court);
    sessions_saving(server->sessions, false);
}

/* The other channel that is listened to is the outbox's. */
static void database_notified(void *context, const char *channel)
{
    struct server *server = context;

    if (strcmp(channel, EXCHANGE_LINE_CHANNEL) != 0)
        wake_sender(server);
    else if (server->line)
        line_changed(server->line);
}

const struct db_ops server_db_ops = {
    .up = database_up, .down = database_down, .notified = database_notified};

/* ---- from court ---- */

/* Something of it may leave for the centre. */
static bool changes_case(Assize__Hearing__V1__Event__BodyCase event)
{
    return event == HEARING_EVENT(CLOSED) || event == HEARING_EVENT(SUSPENDED) ||
           event == HEARING_EVENT(RESUMED) || event == HEARING_EVENT(ADJOURNED);
}

static void hearing_changed(void *context, struct court_hearing *hearing,
                            Assize__Hearing__V1__Event *const *events, size_t count)
{
    struct server *server = context;

    /* Sessions reads the events from the history, in the order they may be told. */
    if (count)
        sessions_changed(server->sessions, hearing);
    else
        sessions_reloaded(server->sessions, hearing); /* an unsaved narrowing was given up */
    for (size_t i = 0; i < count; i++) {
        if (changes_case(events[i]->body_case))
            wake_sender(server);
    }
}

static void hearing_narrowed(void *context, struct court_hearing *hearing)
{
    struct server *server = context;

    sessions_narrowed(server->sessions, hearing);
}

static void hearing_reloaded(void *context, struct court_hearing *hearing)
{
    struct server *server = context;

    sessions_reloaded(server->sessions, hearing);
    wake_sender(server); /* a closing whose outcome was unknown may be in it */
}

static void hearing_lost(void *context, struct court_hearing *hearing, enum refusal why)
{
    struct server *server = context;

    sessions_lost(server->sessions, hearing, why);
}

const struct court_ops server_court_ops = {
    .changed = hearing_changed,
    .narrowed = hearing_narrowed,
    .reloaded = hearing_reloaded,
    .lost = hearing_lost,
};

/* ---- from the relay ---- */

static void relay_up(void *context, const Assize__Media__V1__Attached *attached)
{
    struct server *server = context;

    sessions_relay_up(server->sessions, attached);
}

static void relay_down(void *context)
{
    struct server *server = context;

    sessions_relay_down(server->sessions);
}

static void leg_state(void *context, const Assize__Media__V1__LegState *state)
{
    struct server *server = context;

    sessions_leg_state(server->sessions, state);
}

static void leg_quality(void *context, const Assize__Media__V1__LegQuality *quality)
{
    struct server *server = context;

    sessions_leg_quality(server->sessions, quality);
}

static void record_state(void *context, const Assize__Media__V1__RecordState *state)
{
    struct server *server = context;

    sessions_record_state(server->sessions, state);
}

static void record_gap(void *context, const Assize__Media__V1__RecordGap *gap)
{
    struct server *server = context;

    sessions_record_gap(server->sessions, gap);
}

static void record_head(void *context, const Assize__Media__V1__RecordHead *head)
{
    struct server *server = context;

    sessions_record_head(server->sessions, head);
}

static void record_space(void *context, const Assize__Media__V1__RecordSpace *space)
{
    struct server *server = context;

    sessions_record_space(server->sessions, space);
}

const struct relay_client_ops server_relay_ops = {
    .up = relay_up,
    .down = relay_down,
    .leg_state = leg_state,
    .leg_quality = leg_quality,
    .record_state = record_state,
    .record_gap = record_gap,
    .record_head = record_head,
    .record_space = record_space,
};

/* ---- from the studios ---- */

static void studio_there(void *context, enum ward_task task, const char *hearing)
{
    struct server *server = context;

    if (task == WARD_LIVE)
        sessions_studio_there(server->sessions, hearing);
    else
        recordings_render_there(server->recordings, hearing);
}

static void studio_report(void *context, enum ward_task task, const char *hearing,
                          const Assize__Media__V1__StudioReport *report)
{
    struct server *server = context;

    if (task == WARD_LIVE)
        sessions_studio_report(server->sessions, hearing, report);
    else
        recordings_render_report(server->recordings, hearing, report);
}

static void studio_gone(void *context, enum ward_task task, const char *hearing)
{
    struct server *server = context;

    if (task == WARD_LIVE)
        sessions_studio_gone(server->sessions, hearing);
}

static void studio_told(void *context, enum ward_task task, const char *hearing,
                        enum ward_word word)
{
    struct server *server = context;

    if (task == WARD_LIVE)
        sessions_studio_told(server->sessions, hearing, word);
    else
        recordings_render_gone(server->recordings, hearing);
}

const struct studio_client_ops server_studio_ops = {
    .there = studio_there,
    .report = studio_report,
    .gone = studio_gone,
    .told = studio_told,
};

/* ---- from the network ---- */

static void ws_open(void *context, struct net_ws *ws, const struct net_peer *peer)
{
    struct server *server = context;

    sessions_ws_open(server->sessions, ws, peer);
}

static void ws_message(void *context, struct net_ws *ws, const uint8_t *data, size_t len)
{
    struct server *server = context;

    sessions_ws_message(server->sessions, ws, data, len);
}

static void ws_closed(void *context, struct net_ws *ws)
{
    struct server *server = context;

    sessions_ws_closed(server->sessions, ws);
}

static void call(void *context, struct net_call *call)
{
    struct server *server = context;

    if (!session_service_call(server->identity, call) &&
        !staff_service_call(&server->staff_service, call) &&
        !sync_service_call(&server->sync, call) && !recordings_call(server->recordings, call) &&
        !papers_call(server->papers, call) && !desk_service_call(&server->desk, call) &&
        !console_service_call(&server->console, call) && !ceremony_call(server->ceremony, call) &&
        !access_service_call(&server->access, call))
        net_call_refuse(call, REFUSAL_NOT_FOUND);
}

static void fetch(void *context, struct net_fetch *fetch)
{
    struct server *server = context;

    if (!papers_fetch(server->papers, fetch))
        recordings_fetch(server->recordings, fetch);
}

static bool health(void *context, struct buf *json)
{
    struct server *server = context;
    bool database = db_is_up(server->db);
    bool relay = relay_client_is_up(server->relay);

    return buf_printf(json,
                      "\"database\":%s,\"relay\":%s,\"clients\":%d,\"hearings\":%d,\"studios\":%d",
                      database ? "true" : "false", relay ? "true" : "false",
                      sessions_clients(server->sessions), sessions_rooms(server->sessions),
                      studio_client_count(server->studio, WARD_LIVE)) == 0 &&
           database && relay && !server->drain_until_ms;
}

static void metrics(void *context, struct buf *text)
{
    struct server *server = context;

    int result = buf_printf(text,
                            "# TYPE assize_clients gauge\nassize_clients %d\n"
                            "# TYPE assize_hearings gauge\nassize_hearings %d\n"
                            "# TYPE assize_database_up gauge\nassize_database_up %d\n",
                            sessions_clients(server->sessions), sessions_rooms(server->sessions),
                            db_is_up(server->db));
    if (!result)
        result = relay_client_metrics(server->relay, text);
    if (!result)
        result = studio_client_metrics(server->studio, text);
    if (!result && server->sender)
        result = sender_metrics(server->sender, text);
    if (!result && server->puller)
        result = puller_metrics(server->puller, text);
    if (!result && server->line)
        result = line_metrics(server->line, text);
    if (!result)
        result =
            credentials_metrics((struct credentials *[]){server->web, server->exchange}, 2, text);
    if (result)
        log_warn("metrics.too_long", "error=%s", log_errno(result).text);
}

const struct net_ops server_net_ops = {
    .ws_open = ws_open,
    .ws_message = ws_message,
    .ws_closed = ws_closed,
    .call = call,
    .fetch = fetch,
    .health = health,
    .metrics = metrics,
};

/* ---- from the recordings ---- */

static void render(void *context, const char *hearing)
{
    struct server *server = context;

    studio_client_start(server->studio, WARD_RENDER, hearing);
}

const struct recordings_ops server_recordings_ops = {.render = render};

/* ---- from those who ask for cases ---- */

/* On the sender's own connection the database tells it nothing (outbox_add). */
void server_case_written(void *context)
{
    wake_sender(context);
}

/* ---- from the way to the centre ---- */

bool server_line_is_held(void *context)
{
    const struct server *server = context;

    return line_held(server->line) != NULL;
}

void server_center_line(void *context, Assize__Cases__V1__CenterLine *ret_line)
{
    const struct server *server = context;

    ret_line->has_linked = true;
    ret_line->linked = server->puller != NULL;
    if (!server->puller)
        return;
    const struct puller_line line = puller_line(server->puller);
    ret_line->has_answered_ms = line.answered_ms > 0;
    ret_line->answered_ms = line.answered_ms;
    ret_line->has_lost_ms = line.lost_ms > 0;
    ret_line->lost_ms = line.lost_ms;
    ret_line->has_older = ret_line->older = line.older;
    const struct exchange_disconnection *held = line_held(server->line);
    if (!held)
        return;
    ret_line->has_disconnected_ms = ret_line->has_disconnected_until_ms = true;
    ret_line->disconnected_ms = held->began_ms;
    ret_line->disconnected_until_ms = held->until_ms;
    ret_line->disconnected_why = codec_text(held->why);
}
