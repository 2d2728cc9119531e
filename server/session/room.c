#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "proto/codec.h"
#include "server/session/session_internal.h"
#include "server/session/view.h"

enum { MESSAGE_MAX = 1 << 20 };

struct room *room_of(struct sessions *sessions, struct court_hearing *hearing)
{
    struct room *room = court_user(hearing);

    if (room)
        return room;
    room = calloc(1, sizeof(*room));
    if (!room)
        abort();
    room->sessions = sessions;
    room->hearing = hearing;
    room->told_seq = court_state(hearing)->seq;
    const struct stage_options options = {
        .loop = sessions->options.loop,
        .relay = sessions->options.relay,
        .studio = sessions->options.studio,
        .hearing = court_hearing_id(hearing),
        .names = court_record(hearing),
        .record_programme = sessions->options.record_programme,
        .high = sessions->options.studio_high,
    };
    room->stage = stage_new(&options, &room_stage_ops, room);
    room->next = sessions->rooms;
    sessions->rooms = room;
    court_set_user(hearing, room);
    sessions_adopt_legs(sessions, room);
    return room;
}

struct client *room_seat(const struct room *room, uint32_t endpoint)
{
    return endpoint && endpoint <= HEARING_ENDPOINTS_MAX ? room->seats[endpoint - 1] : NULL;
}

static const char *words_of(const void *hearing, uint64_t seq)
{
    return court_words(hearing, seq);
}

struct view room_view(const struct room *room, uint32_t participant, struct arena *arena)
{
    return (struct view){
        .state = court_shadow(room->hearing),
        .record = court_record(room->hearing),
        .viewer = participant,
        .now_ms = clock_wall_ms(),
        .arena = arena,
        .lamp = room_lamp(room),
        .fault = (Assize__Hearing__V1__RecordFault)stage_record_fault(room->stage),
        .programme = stage_programme_state(room->stage),
        .gallery_viewers = room->viewer_count,
        .words = words_of,
        .words_context = room->hearing,
    };
}

static bool follows(const struct room *room, const struct client *client)
{
    return hearing_follows(court_shadow(room->hearing), client->who.participant);
}

/* ---- telling ---- */

#define RIGHT_IS(name)                                                                             \
    _Static_assert((int)HEARING_RIGHT_##name == (int)ASSIZE__SIGNAL__V1__RIGHT__RIGHT_##name,      \
                   "rights are told by their own numbers")
RIGHT_IS(ADMIT);
RIGHT_IS(SEND_BACK);
RIGHT_IS(CONDUCT);
RIGHT_IS(MUTE_OTHERS);
RIGHT_IS(GIVE_FLOOR);
RIGHT_IS(ASK_FLOOR);
RIGHT_IS(RECORD);
RIGHT_IS(GALLERY);
RIGHT_IS(CLOSE_GALLERY);
RIGHT_IS(WITNESS);
RIGHT_IS(CUT_OFF);
RIGHT_IS(SCREEN);
RIGHT_IS(OVERRIDE);
RIGHT_IS(NOTES);
RIGHT_IS(IDENTITY);

static void fill_rights(Assize__Signal__V1__Snapshot *snapshot, Assize__Hearing__V1__Role role,
                        struct arena *arena)
{
    snapshot->rights = arena_alloc(arena, sizeof(*snapshot->rights) * HEARING_RIGHT_COUNT);
    for (int right = HEARING_RIGHT_ADMIT; right < HEARING_RIGHT_COUNT; right++) {
        if (hearing_role_has_right(role, (enum hearing_right)right))
            snapshot->rights[snapshot->n_rights++] = (Assize__Signal__V1__Right)right;
    }
}

/* All events at hand that may be told. */
static size_t told_events(const struct room *room, Assize__Hearing__V1__Event *const **ret_events)
{
    uint64_t seq = court_state(room->hearing)->seq;
    size_t count = court_events_kept(room->hearing, ret_events);
    size_t held_back = (size_t)(seq - room->told_seq);

    return count > held_back ? count - held_back : 0;
}

void room_send_snapshot(struct room *room, struct client *client, uint64_t in_reply_to)
{
    Assize__Signal__V1__ServerMessage message = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__INIT;
    struct arena arena;

    arena_init(&arena, VIEW_ARENA_MAX);
    struct view view = room_view(room, client->who.participant, &arena);
    Assize__Hearing__V1__Event *const *events;
    size_t count = told_events(room, &events);
    Assize__Signal__V1__Snapshot *snapshot = view_snapshot(&view, events, count);
    snapshot->seq = room->told_seq;
    snapshot->has_you = snapshot->has_your_endpoint = snapshot->has_server_ms = 1;
    snapshot->has_saving = snapshot->has_leg = 1;
    snapshot->you = client->who.participant;
    snapshot->your_endpoint = client->who.endpoint;
    snapshot->server_ms = clock_wall_ms();
    snapshot->saving = court_is_saving(room->sessions->options.court);
    snapshot->has_not_saving_since_ms = !snapshot->saving;
    snapshot->not_saving_since_ms = room->sessions->not_saving_since_ms;
    snapshot->leg = stage_leg_of(room->stage, client->who.endpoint);
    fill_rights(snapshot, client->who.role, &arena);
    client->follows = follows(room, client);
    message.has_in_reply_to = in_reply_to != 0;
    message.in_reply_to = in_reply_to;
    message.response_case = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_SNAPSHOT;
    message.snapshot = snapshot;
    client_send(client, &message);
    arena_done(&arena);
}

struct telling {
    Assize__Hearing__V1__Event *const *events;
    size_t count;
    struct view_touched touched;
};

static int pack_events(const struct room *room, const struct client *client,
                       const struct telling *telling, struct buf *out)
{
    Assize__Signal__V1__ServerMessage message = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__INIT;
    struct arena arena;

    arena_init(&arena, VIEW_ARENA_MAX);
    struct view view = room_view(room, client->who.participant, &arena);
    message.response_case = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_EVENTS;
    message.events = view_events(&view, telling->events, telling->count, telling->touched);
    int result = codec_pack(&message.base, out);
    arena_done(&arena);
    return result;
}

static void tell_one(struct room *room, struct client *client, const struct telling *telling)
{
    struct buf bytes;

    buf_init(&bytes, MESSAGE_MAX);
    if (pack_events(room, client, telling, &bytes) == 0)
        client_send_bytes(client, &bytes);
    else
        room_send_snapshot(room, client, 0);
    buf_done(&bytes);
}

/* Each is told what they may know. Who came in or went out, was cut off or brought back gets a
 * whole new picture. */
static void tell_all(struct room *room, const struct telling *telling)
{
    for (uint32_t i = 0; i < HEARING_ENDPOINTS_MAX; i++) {
        struct client *client = room->seats[i];
        if (client && client->follows != follows(room, client))
            room_send_snapshot(room, client, 0);
        else if (client)
            tell_one(room, client, telling);
    }
}

void room_tell(struct room *room)
{
    struct telling telling = {0};

    if (!room->hearing || !stage_is_settled(room->stage))
        return;
    gallery_tell(room);
    const struct hearing *state = court_state(room->hearing);
    if (room->told_seq == state->seq && !room->restate)
        return;
    if (court_events_since(room->hearing, room->told_seq, &telling.events, &telling.count)) {
        telling.count = 0;
        room->restate = true;
    }
    for (size_t i = 0; i < telling.count; i++)
        view_touch(&telling.touched, state, telling.events[i]);
    if (room->restate)
        telling.touched = view_everything;
    room->restate = false;
    room->told_seq = state->seq;
    tell_all(room, &telling);
}

/* What the viewer may know changed with where the viewer stands: what came before is not told by
 * halves. */
static bool has_moved_since(const struct room *room, const struct client *client)
{
    const struct hearing_participant *who =
        hearing_participant(court_state(room->hearing), client->who.participant);

    return !who || who->standing_seq > client->since;
}

/* A client that resumes gets the events it missed; when they are not at hand, or it moved, a
 * snapshot. */
static void greet(struct room *room, struct client *client)
{
    struct telling telling = {.touched = view_everything};

    client->follows = follows(room, client);
    if (!client->resumes || client->since > room->told_seq || has_moved_since(room, client) ||
        court_events_since(room->hearing, client->since, &telling.events, &telling.count)) {
        room_send_snapshot(room, client, 0);
        return;
    }
    size_t held_back = (size_t)(court_state(room->hearing)->seq - room->told_seq);
    telling.count -= held_back < telling.count ? held_back : telling.count;
    tell_one(room, client, &telling);
}

static void send_notice(struct client *client, bool saving)
{
    Assize__Signal__V1__ServerMessage message = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__INIT;
    Assize__Signal__V1__Notice notice = ASSIZE__SIGNAL__V1__NOTICE__INIT;

    notice.has_saving = 1;
    notice.saving = saving;
    notice.has_since_ms = !saving;
    notice.since_ms = client->sessions->not_saving_since_ms;
    message.response_case = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_NOTICE;
    message.notice = &notice;
    client_send(client, &message);
}

void room_notice(struct room *room, bool saving)
{
    for (uint32_t i = 0; i < HEARING_ENDPOINTS_MAX; i++) {
        if (room->seats[i])
            send_notice(room->seats[i], saving);
    }
}

/* ---- seats ---- */

void room_join(struct room *room, struct client *client)
{
    uint32_t endpoint = client->who.endpoint;

    if (client->who.gallery) {
        gallery_join(room, client);
        return;
    }
    if (!hearing_endpoint(court_state(room->hearing), endpoint)) {
        client_evict(client, REFUSAL_ENDPOINT_UNKNOWN, SESSION_CLOSE_EVICTED);
        return;
    }
    struct client *before = room_seat(room, endpoint);
    if (before)
        client_evict(before, REFUSAL_OTHER_DEVICE, SESSION_CLOSE_EVICTED);
    room->seats[endpoint - 1] = client;
    client->room = room;
    log_info("client.joined", "hearing=%s session=%s participant=%u endpoint=%u",
             client->who.hearing, client->who.id, client->who.participant, endpoint);
    bool keeps = stage_has_leg(room->stage, endpoint, client->kept_leg, client->who.id);
    if (!keeps) {
        stage_close_legs(room->stage, endpoint, 0);
        stage_use_programme(room->stage, endpoint, false);
        stage_listen(room->stage, endpoint, false);
    }
    greet(room, client);
    if (!court_is_saving(room->sessions->options.court))
        send_notice(client, false);
    if (!keeps && client->wants_media)
        room_open_media(room, client);
    else if (keeps)
        room_stage_ops.slots_changed(room, endpoint, client->kept_leg);
    room_update_media(room);
    room_tell(room);
}

void room_leave(struct room *room, struct client *client)
{
    uint32_t endpoint = client->who.endpoint;

    if (client->who.gallery)
        gallery_leave(room, client);
    if (room_seat(room, endpoint) != client)
        return;
    room->seats[endpoint - 1] = NULL;
    log_info("client.left", "hearing=%s session=%s participant=%u", client->who.hearing,
             client->who.id, client->who.participant);
}
