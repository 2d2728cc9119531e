#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "proto/codec.h"
#include "server/session/session_internal.h"

enum { TICK_MS = 500, QUALITY_MS = 1000, BACK_AFTER_MS = 500, ATTACHED_MAX = 1 << 20 };

static void adopt_hearings(struct sessions *sessions);

static void tick(uv_timer_t *timer)
{
    struct sessions *sessions = timer->data;
    struct client *client, *next;
    int64_t now_ms = clock_monotonic_ms();

    record_tick(sessions);
    deadlines_tick(sessions, now_ms);
    HASH_ITER(hh, sessions->clients, client, next)
    {
        client_check_session(client, now_ms);
    }
    for (struct room *room = sessions->rooms; room; room = room->next) {
        room_tick(room, now_ms);
        gallery_tick(room, now_ms);
        record_watch(room);
        room_look_for_alerts(room);
        if (now_ms - room->quality_at_ms >= QUALITY_MS) {
            room->quality_at_ms = now_ms;
            room_tell_quality(room);
        }
    }
}

struct sessions *sessions_new(const struct sessions_options *options)
{
    struct sessions *sessions = calloc(1, sizeof(*sessions));

    if (!sessions)
        abort();
    sessions->options = *options;
    buf_init(&sessions->attached, ATTACHED_MAX);
    uv_timer_init(options->loop, &sessions->tick);
    sessions->tick.data = sessions;
    uv_timer_start(&sessions->tick, tick, TICK_MS, TICK_MS);
    return sessions;
}

static void free_sessions(uv_handle_t *handle)
{
    free(handle->data);
}

static void free_rooms(struct room *rooms)
{
    while (rooms) {
        struct room *room = rooms;
        rooms = room->next;
        stage_free(room->stage);
        free(room);
    }
}

void sessions_free(struct sessions *sessions)
{
    struct client *client, *next_client;

    if (!sessions)
        return;
    HASH_ITER(hh, sessions->clients, client, next_client)
    {
        HASH_DEL(sessions->clients, client);
        if (client->ws)
            net_ws_set_user(client->ws, NULL);
        free(client);
    }
    record_forget(sessions);
    free_rooms(sessions->rooms);
    free_rooms(sessions->lost_rooms);
    buf_done(&sessions->attached);
    uv_close((uv_handle_t *)&sessions->tick, free_sessions);
}

int sessions_clients(const struct sessions *sessions)
{
    return (int)HASH_COUNT(sessions->clients);
}

int sessions_rooms(const struct sessions *sessions)
{
    int count = 0;

    for (const struct room *room = sessions->rooms; room; room = room->next)
        count++;
    return count;
}

/* ---- from court ---- */

void sessions_changed(struct sessions *sessions, struct court_hearing *hearing)
{
    struct room *room = court_user(hearing);

    (void)sessions;
    if (!room)
        return;
    room_update_media(room);
    room_tell(room);
}

void sessions_narrowed(struct sessions *sessions, struct court_hearing *hearing)
{
    struct room *room = court_user(hearing);

    (void)sessions;
    if (!room)
        return;
    room_update_media(room);
    /* Usually the commit follows at once and its events tell it; without a database this is how
     * people learn. */
    if (!court_is_saving(sessions->options.court)) {
        room->restate = true;
        room_tell(room);
    }
}

void sessions_reloaded(struct sessions *sessions, struct court_hearing *hearing)
{
    struct room *room = court_user(hearing);

    (void)sessions;
    if (!room)
        return;
    room->restate = true;
    room_update_media(room);
    room_tell(room);
}

void sessions_lost(struct sessions *sessions, struct court_hearing *hearing, enum refusal why)
{
    struct room *room = court_user(hearing);
    struct room **link = &sessions->rooms;

    if (!room)
        return;
    for (uint32_t i = 0; i < HEARING_ENDPOINTS_MAX; i++) {
        if (room->seats[i])
            client_evict(room->seats[i], why, SESSION_CLOSE_EVICTED);
    }
    gallery_evict_all(room, why);
    stage_end(room->stage);
    while (*link != room)
        link = &(*link)->next;
    *link = room->next;
    room->hearing = NULL;
    room->next = sessions->lost_rooms;
    sessions->lost_rooms = room;
}

void sessions_saving(struct sessions *sessions, bool saving)
{
    if (!saving)
        sessions->not_saving_since_ms = clock_wall_ms();
    for (struct room *room = sessions->rooms; room; room = room->next)
        room_notice(room, saving);
    if (saving)
        adopt_hearings(sessions);
}

/* ---- from the relay client ---- */

static Assize__Media__V1__Attached *last_attached(const struct sessions *sessions,
                                                  struct arena *arena)
{
    if (!sessions->attached.len)
        return NULL;
    return codec_unpack(&assize__media__v1__attached__descriptor, arena, sessions->attached.data,
                        sessions->attached.len);
}

static void keep_attached(struct sessions *sessions, const Assize__Media__V1__Attached *attached)
{
    buf_clear(&sessions->attached);
    if (codec_pack(&attached->base, &sessions->attached))
        log_error("relay.attached_too_large", "legs=%zu", attached->n_legs);
}

void sessions_adopt_legs(struct sessions *sessions, struct room *room)
{
    struct arena arena;

    arena_init(&arena, codec_arena_max(sessions->attached.len));
    Assize__Media__V1__Attached *attached = last_attached(sessions, &arena);
    if (attached)
        room_relay_up(room, attached);
    arena_done(&arena);
}

/* A leg that ended before its hearing was loaded must not be adopted when it is. */
static void forget_attached_leg(struct sessions *sessions, uint64_t leg)
{
    struct arena arena;

    arena_init(&arena, codec_arena_max(sessions->attached.len));
    Assize__Media__V1__Attached *attached = last_attached(sessions, &arena);
    for (size_t i = 0; attached && i < attached->n_legs; i++) {
        if (attached->legs[i]->leg != leg)
            continue;
        attached->legs[i] = attached->legs[--attached->n_legs];
        keep_attached(sessions, attached);
        break;
    }
    arena_done(&arena);
}

static void adopted_hearing(void *context, enum refusal refusal, struct court_hearing *hearing)
{
    /* When it cannot be loaded, the relay cuts it by itself in a while. */
    if (refusal == REFUSAL_NONE)
        room_of(context, hearing);
}

static void adopt_hearing(struct sessions *sessions, const char *hearing)
{
    if (hearing && !court_find(sessions->options.court, hearing))
        court_open(sessions->options.court, hearing, adopted_hearing, sessions);
}

/* Hearings whose legs or record the relay still holds are loaded, so that they go on: assized may
 * have been away for moments only. */
static void adopt_hearings(struct sessions *sessions)
{
    struct arena arena;

    arena_init(&arena, codec_arena_max(sessions->attached.len));
    Assize__Media__V1__Attached *attached = last_attached(sessions, &arena);
    for (size_t i = 0; attached && i < attached->n_legs; i++) {
        const char *hearing = attached->legs[i]->hearing;
        bool repeated = i > 0 && attached->legs[i - 1]->hearing && hearing &&
                        strcmp(hearing, attached->legs[i - 1]->hearing) == 0;
        if (!repeated)
            adopt_hearing(sessions, hearing);
    }
    for (size_t i = 0; attached && i < attached->n_recording; i++)
        adopt_hearing(sessions, attached->recording[i]);
    arena_done(&arena);
}

void sessions_relay_up(struct sessions *sessions, const Assize__Media__V1__Attached *attached)
{
    sessions->record_heard_ms = clock_monotonic_ms();
    sessions->record_space_known = attached->has_record_free_bytes;
    sessions->record_free_bytes = attached->record_free_bytes;
    keep_attached(sessions, attached);
    for (struct room *room = sessions->rooms; room; room = room->next)
        room_relay_up(room, attached);
    adopt_hearings(sessions);
}

void sessions_relay_down(struct sessions *sessions)
{
    buf_clear(&sessions->attached);
    sessions->record_space_known = false;
    for (struct room *room = sessions->rooms; room; room = room->next)
        room_relay_down(room);
}

void sessions_leg_state(struct sessions *sessions, const Assize__Media__V1__LegState *state)
{
    for (struct room *room = sessions->rooms; room; room = room->next) {
        if (stage_leg_state(room->stage, state)) {
            room_update_media(room);
            return;
        }
    }
    if (state->state == ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CLOSED)
        forget_attached_leg(sessions, state->leg);
}

void sessions_leg_quality(struct sessions *sessions, const Assize__Media__V1__LegQuality *quality)
{
    for (struct room *room = sessions->rooms; room; room = room->next) {
        uint32_t endpoint = stage_endpoint_of(room->stage, quality->leg);
        if (!endpoint)
            continue;
        room_take_quality(room, endpoint, quality);
        return;
    }
}

struct room *sessions_room(const struct sessions *sessions, const char *hearing)
{
    struct room *room = sessions->rooms;

    while (room && strcmp(court_hearing_id(room->hearing), hearing) != 0)
        room = room->next;
    return room;
}

bool sessions_link(const struct sessions *sessions, const char *hearing, uint32_t endpoint,
                   struct session_link *ret_link)
{
    const struct room *room = sessions_room(sessions, hearing);

    if (!room || !endpoint || endpoint > HEARING_ENDPOINTS_MAX ||
        !room->quality[endpoint - 1].known)
        return false;
    *ret_link = (struct session_link){room->quality[endpoint - 1].loss_permille,
                                      room->quality[endpoint - 1].rtt_ms};
    return true;
}

/* ---- the end ---- */

void sessions_drain(struct sessions *sessions)
{
    Assize__Signal__V1__ServerMessage message = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__INIT;
    Assize__Signal__V1__Reconnect reconnect = ASSIZE__SIGNAL__V1__RECONNECT__INIT;
    struct client *client, *next;

    sessions->draining = true;
    reconnect.has_after_ms = 1;
    reconnect.after_ms = BACK_AFTER_MS;
    message.response_case = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_RECONNECT;
    message.reconnect = &reconnect;
    HASH_ITER(hh, sessions->clients, client, next)
    {
        if (!client->ws)
            continue;
        client_send(client, &message);
        net_ws_close(client->ws, 1001, refusal_info(REFUSAL_DRAINING)->code);
    }
}
