/* The meeting of a room and its stage: offers, slots, link quality, and the matrix following the
 * state. */
#include "base/clock.h"
#include "base/record_group.h"
#include "base/str.h"
#include "proto/codec.h"
#include "server/session/session_internal.h"

/* Of the endpoints and of the programme feed. */
enum { LEVELS_MAX = HEARING_ENDPOINTS_MAX + 1 };

void room_update_media(struct room *room)
{
    stage_update(room->stage, court_state(room->hearing), court_shadow(room->hearing));
}

/* As many slots as there are others who can be seen and heard, and what they share, up to what one
 * device may have. */
static uint32_t slots_for(const struct room *room, uint32_t endpoint, uint32_t shares,
                          uint32_t most)
{
    const struct hearing *state = court_state(room->hearing);
    uint32_t others = shares;

    for (uint32_t i = 0; i < state->endpoint_count; i++) {
        if (state->endpoints[i].id != endpoint &&
            hearing_endpoint_sends(state, state->endpoints[i].id))
            others++;
    }
    if (!others)
        return 1;
    return others < most ? others : most;
}

void media_send_state(struct client *client, uint64_t leg,
                      Assize__Signal__V1__MediaState__State state)
{
    Assize__Signal__V1__ServerMessage message = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__INIT;
    Assize__Signal__V1__MediaState body = ASSIZE__SIGNAL__V1__MEDIA_STATE__INIT;

    body.has_leg = body.has_state = 1;
    body.leg = leg;
    body.state = state;
    message.response_case = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_MEDIA_STATE;
    message.media_state = &body;
    client_send(client, &message);
}

void room_open_media(struct room *room, struct client *client)
{
    const struct sessions_options *options = &room->sessions->options;
    uint32_t endpoint = client->who.endpoint;

    if (client->who.gallery) {
        gallery_open_media(room, client);
        return;
    }
    client->media_at_ms = clock_monotonic_ms();
    uint64_t leg = stage_open_leg(room->stage, endpoint, client->who.id,
                                  hearing_endpoint_sends(court_state(room->hearing), endpoint),
                                  slots_for(room, endpoint, 0, options->audio_slots),
                                  slots_for(room, endpoint, 1, options->video_slots));
    if (!leg)
        media_send_state(client, 0, ASSIZE__SIGNAL__V1__MEDIA_STATE__STATE__STATE_UNAVAILABLE);
}

void room_close_media(struct room *room, struct client *client)
{
    if (client->who.gallery)
        stage_close_viewer(room->stage, client->id);
    else
        stage_close_legs(room->stage, client->who.endpoint, 0);
}

static bool is_inside(const struct room *room, const struct client *client)
{
    return hearing_is_inside(court_shadow(room->hearing), client->who.participant);
}

enum refusal room_use_programme(struct room *room, struct client *client, bool on)
{
    if (!is_inside(room, client))
        return REFUSAL_NOT_IN_HEARING;
    stage_use_programme(room->stage, client->who.endpoint, on);
    room_update_media(room);
    return REFUSAL_NONE;
}

enum refusal room_listen(struct room *room, struct client *client, bool on)
{
    if (!hearing_role_has_right(client->who.role, HEARING_RIGHT_RECORD))
        return REFUSAL_ROLE_NOT_ALLOWED;
    if (!is_inside(room, client))
        return REFUSAL_NOT_IN_HEARING;
    client->listens = on;
    stage_listen(room->stage, client->who.endpoint, on);
    room_update_media(room);
    return REFUSAL_NONE;
}

void media_send_offer(struct client *client, uint64_t leg, const char *sdp)
{
    Assize__Signal__V1__ServerMessage message = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__INIT;
    Assize__Signal__V1__MediaOffer offer = ASSIZE__SIGNAL__V1__MEDIA_OFFER__INIT;
    union {
        const char *in;
        char *out;
    } borrowed = {.in = sdp};

    offer.has_leg = 1;
    offer.leg = leg;
    offer.sdp = borrowed.out;
    message.response_case = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_MEDIA_OFFER;
    message.media_offer = &offer;
    client_send(client, &message);
}

static void leg_offered(void *context, uint32_t endpoint, uint64_t leg, const char *sdp)
{
    struct client *client = room_seat(context, endpoint);

    if (client)
        media_send_offer(client, leg, sdp);
}

static void leg_changed(void *context, uint32_t endpoint, uint64_t leg, bool gone)
{
    struct room *room = context;
    struct client *client = room_seat(room, endpoint);

    if (client && !gone && stage_is_connected(room->stage, endpoint))
        media_send_state(client, leg, ASSIZE__SIGNAL__V1__MEDIA_STATE__STATE__STATE_CONNECTED);
    else if (client && (gone || stage_is_lost(room->stage, endpoint)))
        media_send_state(client, leg, ASSIZE__SIGNAL__V1__MEDIA_STATE__STATE__STATE_LOST);
}

void media_send_slots(struct room *room, struct client *client, uint64_t leg)
{
    Assize__Signal__V1__ServerMessage message = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__INIT;
    Assize__Signal__V1__MediaSlots slots;
    struct arena arena;

    arena_init(&arena, 1 << 20);
    stage_slots(room->stage, leg, &arena, &slots);
    message.response_case = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_MEDIA_SLOTS;
    message.media_slots = &slots;
    client_send(client, &message);
    arena_done(&arena);
}

static void slots_changed(void *context, uint32_t endpoint, uint64_t leg)
{
    struct client *client = room_seat(context, endpoint);

    if (client)
        media_send_slots(context, client, leg);
}

Assize__Signal__V1__RecordLamp room_lamp(const struct room *room)
{
    if (!court_shadow(room->hearing)->recording)
        return ASSIZE__SIGNAL__V1__RECORD_LAMP__RECORD_LAMP_OFF;
    if (!record_is_alive(room->sessions))
        return ASSIZE__SIGNAL__V1__RECORD_LAMP__RECORD_LAMP_FAILED;
    switch (stage_record_state(room->stage)) {
    case ASSIZE__MEDIA__V1__RECORD_STATE__STATE__STATE_WRITING:
        return ASSIZE__SIGNAL__V1__RECORD_LAMP__RECORD_LAMP_ON;
    case ASSIZE__MEDIA__V1__RECORD_STATE__STATE__STATE_OFF: /* there is nobody to record */
    case ASSIZE__MEDIA__V1__RECORD_STATE__STATE__STATE_STARTING:
        return ASSIZE__SIGNAL__V1__RECORD_LAMP__RECORD_LAMP_STARTING;
    case ASSIZE__MEDIA__V1__RECORD_STATE__STATE__STATE_FAILED:
        return ASSIZE__SIGNAL__V1__RECORD_LAMP__RECORD_LAMP_FAILED;
    case ASSIZE__MEDIA__V1__RECORD_STATE__STATE__STATE_UNSPECIFIED:
    case _ASSIZE__MEDIA__V1__RECORD_STATE__STATE_IS_INT_SIZE:
        break;
    }
    /* The relay is away, or was just told. */
    return relay_client_is_up(room->sessions->options.relay)
               ? ASSIZE__SIGNAL__V1__RECORD_LAMP__RECORD_LAMP_STARTING
               : ASSIZE__SIGNAL__V1__RECORD_LAMP__RECORD_LAMP_FAILED;
}

static void record_changed(void *context)
{
    record_watch(context);
}

static void programme_missed(void *context, int64_t from_ms, int64_t to_ms)
{
    const struct room *room = context;
    Assize__Media__V1__RecordGap gap = ASSIZE__MEDIA__V1__RECORD_GAP__INIT;
    char hearing[ID_UUID_SIZE], group[] = "programme";

    str_copy(hearing, sizeof(hearing), court_hearing_id(room->hearing));
    gap.hearing = hearing;
    gap.group = group;
    gap.has_from_ms = gap.has_to_ms = gap.has_why = 1;
    gap.from_ms = from_ms;
    gap.to_ms = to_ms;
    gap.why = ASSIZE__MEDIA__V1__RECORD_FAULT__RECORD_FAULT_CUT_OFF;
    sessions_record_gap(room->sessions, &gap);
}

static void programme_changed(void *context)
{
    struct room *room = context;

    room->restate = true;
    room_tell(room);
}

static Assize__Signal__V1__RecordLevel *level_view(const Assize__Media__V1__WrittenLevel *from,
                                                   struct arena *arena)
{
    Assize__Signal__V1__RecordLevel *level = arena_alloc(arena, sizeof(*level));
    int64_t age_ms = clock_wall_ms() - from->wall_ms;

    assize__signal__v1__record_level__init(level);
    level->has_endpoint = level->has_level = level->has_age_ms = 1;
    struct record_group group = {0};

    if (from->group)
        (void)record_group_read(from->group, &group); /* another name is the programme */
    level->endpoint = group.endpoint;
    level->level = from->level;
    level->age_ms = age_ms < 0 ? 0 : age_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)age_ms;
    return level;
}

/* For those who listen, and only while they may. */
static void record_levels(void *context, const Assize__Media__V1__WrittenLevels *written)
{
    struct room *room = context;
    Assize__Signal__V1__ServerMessage message = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__INIT;
    Assize__Signal__V1__RecordLevels levels = ASSIZE__SIGNAL__V1__RECORD_LEVELS__INIT;
    struct arena arena;

    arena_init(&arena, 1 << 16);
    levels.levels = arena_alloc(&arena, LEVELS_MAX * sizeof(*levels.levels));
    for (size_t i = 0; i < written->n_levels && i < LEVELS_MAX; i++)
        levels.levels[levels.n_levels++] = level_view(written->levels[i], &arena);
    message.response_case = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_RECORD_LEVELS;
    message.record_levels = &levels;
    for (uint32_t i = 0; i < HEARING_ENDPOINTS_MAX; i++) {
        struct client *client = room->seats[i];
        if (client && client->listens && is_inside(room, client))
            client_send(client, &message);
    }
    arena_done(&arena);
}

static void settled(void *context)
{
    room_tell(context);
}

const struct stage_ops room_stage_ops = {
    .offered = leg_offered,
    .leg_changed = leg_changed,
    .slots_changed = slots_changed,
    .record_changed = record_changed,
    .programme_changed = programme_changed,
    .programme_missed = programme_missed,
    .record_levels = record_levels,
    .viewer_offered = gallery_viewer_offered,
    .viewer_changed = gallery_viewer_changed,
    .viewer_slots_changed = gallery_viewer_slots_changed,
    .settled = settled,
};

void room_relay_up(struct room *room, const Assize__Media__V1__Attached *attached)
{
    stage_relay_up(room->stage, attached);
    room_update_media(room);
    for (uint32_t i = 0; i < HEARING_ENDPOINTS_MAX; i++) {
        struct client *client = room->seats[i];
        if (client && client->wants_media && !stage_leg_of(room->stage, client->who.endpoint))
            room_open_media(room, client);
    }
    gallery_relay_up(room);
}

void room_relay_down(struct room *room)
{
    stage_relay_down(room->stage);
    gallery_relay_down(room);
    for (uint32_t i = 0; i < HEARING_ENDPOINTS_MAX; i++) {
        if (room->seats[i] && room->seats[i]->wants_media)
            media_send_state(room->seats[i], 0,
                             ASSIZE__SIGNAL__V1__MEDIA_STATE__STATE__STATE_UNAVAILABLE);
    }
}

/* ---- link quality: one message a second for all who may know ---- */

void room_take_quality(struct room *room, uint32_t endpoint,
                       const Assize__Media__V1__LegQuality *quality)
{
    if (!endpoint || endpoint > HEARING_ENDPOINTS_MAX)
        return;
    room->quality[endpoint - 1] = (struct quality){
        .fresh = true,
        .known = true,
        .loss_permille = quality->loss_permille,
        .rtt_ms = quality->rtt_ms,
    };
}

static size_t collect_quality(const struct room *room, Assize__Signal__V1__EndpointQuality *bodies,
                              Assize__Signal__V1__EndpointQuality **list, uint32_t only)
{
    size_t count = 0;

    for (uint32_t i = 0; i < HEARING_ENDPOINTS_MAX; i++) {
        if (!room->quality[i].fresh || (only && only != i + 1))
            continue;
        Assize__Signal__V1__EndpointQuality *q = &bodies[count];
        assize__signal__v1__endpoint_quality__init(q);
        q->has_endpoint = q->has_loss_permille = q->has_rtt_ms = 1;
        q->endpoint = i + 1;
        q->loss_permille = room->quality[i].loss_permille;
        q->rtt_ms = room->quality[i].rtt_ms;
        list[count++] = q;
    }
    return count;
}

void room_tell_quality(struct room *room)
{
    Assize__Signal__V1__EndpointQuality bodies[HEARING_ENDPOINTS_MAX];
    Assize__Signal__V1__EndpointQuality *list[HEARING_ENDPOINTS_MAX];

    for (uint32_t i = 0; i < HEARING_ENDPOINTS_MAX; i++) {
        struct client *client = room->seats[i];
        Assize__Signal__V1__ServerMessage message = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__INIT;
        Assize__Signal__V1__LinkQuality quality = ASSIZE__SIGNAL__V1__LINK_QUALITY__INIT;

        if (!client)
            continue;
        /* Outside the courtroom one's own link only. */
        quality.n_endpoints =
            collect_quality(room, bodies, list, client->follows ? 0 : client->who.endpoint);
        quality.endpoints = list;
        message.response_case = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_LINK_QUALITY;
        message.link_quality = &quality;
        if (quality.n_endpoints)
            client_send(client, &message);
    }
    for (uint32_t i = 0; i < HEARING_ENDPOINTS_MAX; i++)
        room->quality[i].fresh = false;
}
