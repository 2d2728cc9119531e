/*
 * Presence: twice a second what is really there is compared with what the record says, and the
 * difference becomes a link_lost or link_restored. Computed from state, so that nothing is
 * forgotten when a callback was, or the server started anew.
 */
#include "base/log.h"
#include "server/session/session_internal.h"

static bool is_here(const struct hearing_participant *p)
{
    return p->standing == ASSIZE__HEARING__V1__STANDING__STANDING_WAITING ||
           p->standing == ASSIZE__HEARING__V1__STANDING__STANDING_SEQUESTERED ||
           p->standing == ASSIZE__HEARING__V1__STANDING__STANDING_IN_HEARING;
}

/* Someone who sits at the endpoint has checked in and not left: the record follows its link. */
static bool is_expected(const struct hearing *state, uint32_t endpoint)
{
    for (uint32_t i = 0; i < state->participant_count; i++) {
        if (hearing_sits_at(&state->participants[i], endpoint) && is_here(&state->participants[i]))
            return true;
    }
    return false;
}

static bool is_present(const struct room *room, uint32_t endpoint)
{
    const struct client *client = room_seat(room, endpoint);

    return client && (!client->wants_media || stage_is_connected(room->stage, endpoint));
}

static void link_decided(void *context, uint64_t endpoint, enum refusal refusal, uint64_t seq)
{
    struct room *room = context;

    (void)seq;
    room->presence[endpoint - 1].deciding = false;
    if (refusal != REFUSAL_NONE)
        log_debug("link.refused", "endpoint=%llu code=%s", (unsigned long long)endpoint,
                  refusal_info(refusal)->code);
}

static void submit_link(struct room *room, uint32_t endpoint, bool lost)
{
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    Assize__Hearing__V1__LinkLost link_lost = ASSIZE__HEARING__V1__LINK_LOST__INIT;
    Assize__Hearing__V1__LinkRestored link_restored = ASSIZE__HEARING__V1__LINK_RESTORED__INIT;
    struct hearing_actor server = {.participant = HEARING_SERVER};

    if (lost) {
        link_lost.has_endpoint = 1;
        link_lost.endpoint = endpoint;
        command.body_case = ASSIZE__HEARING__V1__COMMAND__BODY_LINK_LOST;
        command.link_lost = &link_lost;
    } else {
        link_restored.has_endpoint = 1;
        link_restored.endpoint = endpoint;
        command.body_case = ASSIZE__HEARING__V1__COMMAND__BODY_LINK_RESTORED;
        command.link_restored = &link_restored;
    }
    room->presence[endpoint - 1].deciding = true;
    court_submit(room->sessions->options.court, room->hearing, server, &command, link_decided, room,
                 endpoint);
}

static void check_endpoint(struct room *room, const struct hearing_endpoint *endpoint,
                           int64_t now_ms)
{
    struct presence *presence = &room->presence[endpoint->id - 1];
    const struct client *client = room_seat(room, endpoint->id);

    if (is_present(room, endpoint->id))
        presence->absent_since_ms = 0;
    else if (client && client->wants_media && stage_is_lost(room->stage, endpoint->id))
        presence->absent_since_ms =
            now_ms - SESSION_LINK_LOST_MS; /* the relay has waited that long */
    else if (!presence->absent_since_ms)
        presence->absent_since_ms = now_ms;
    int64_t absent_ms = presence->absent_since_ms ? now_ms - presence->absent_since_ms : 0;

    if (!client && absent_ms >= SESSION_LEG_KEPT_MS)
        stage_close_legs(room->stage, endpoint->id, 0);
    if (presence->deciding || !court_is_saving(room->sessions->options.court) ||
        !is_expected(court_state(room->hearing), endpoint->id))
        return;
    if (endpoint->connected && absent_ms >= SESSION_LINK_LOST_MS)
        submit_link(room, endpoint->id, true);
    else if (!endpoint->connected && !presence->absent_since_ms)
        submit_link(room, endpoint->id, false);
}

/* A device whose leg is gone gets a new offer, at most once in SESSION_MEDIA_RETRY_MS. */
static void mend_media(struct room *room, struct client *client, int64_t now_ms)
{
    if (client->wants_media && !stage_leg_of(room->stage, client->who.endpoint) &&
        now_ms - client->media_at_ms >= SESSION_MEDIA_RETRY_MS)
        room_open_media(room, client);
}

void room_tick(struct room *room, int64_t now_ms)
{
    const struct hearing *state = court_state(room->hearing);

    stage_tick(room->stage, now_ms);
    for (uint32_t i = 0; i < state->endpoint_count; i++) {
        struct hearing_endpoint endpoint = state->endpoints[i];
        check_endpoint(room, &endpoint, now_ms);
        if (room->seats[i])
            mend_media(room, room->seats[i], now_ms);
    }
}
