/*
 * Viewers of the gallery: clients without a seat. Each gets the GalleryView, again when something
 * in it changes, and one leg that receives the gallery feed; nothing of what else is told in the
 * room. What they may receive is the stage's affair, so that closing the gallery is one revoke.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "proto/codec.h"
#include "server/session/session_internal.h"
#include "server/session/view.h"

enum { GALLERY_ARENA_MAX = 1 << 16 };

static void send_view(struct room *room, struct client *client)
{
    Assize__Signal__V1__ServerMessage message = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__INIT;
    struct arena arena;

    arena_init(&arena, GALLERY_ARENA_MAX);
    const struct view view = room_view(room, HEARING_SERVER, &arena);
    message.gallery = view_gallery(&view);
    message.gallery->has_playing = message.gallery->has_server_ms = 1;
    message.gallery->playing = room->gallery_told.playing;
    message.gallery->server_ms = clock_wall_ms();
    message.response_case = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_GALLERY;
    client_send(client, &message);
    arena_done(&arena);
}

static struct gallery_told what_is(const struct room *room)
{
    const struct hearing *state = court_shadow(room->hearing);

    return (struct gallery_told){
        .status = state->status,
        .open = state->gallery_open,
        .is_private = state->is_private,
        .delay_s = state->gallery_delay_s,
        .playing = stage_gallery_plays(room->stage),
    };
}

static bool is_same(const struct gallery_told *one, const struct gallery_told *other)
{
    return one->status == other->status && one->open == other->open &&
           one->is_private == other->is_private && one->delay_s == other->delay_s &&
           one->playing == other->playing;
}

void gallery_tell(struct room *room)
{
    const struct gallery_told now = what_is(room);

    if (is_same(&now, &room->gallery_told))
        return;
    room->gallery_told = now;
    for (uint32_t i = 0; i < room->viewer_count; i++)
        send_view(room, room->viewers[i]);
}

/* ---- coming and going ---- */

/* A session has one viewer: a second window takes the place of the first. */
static void evict_same_session(struct room *room, const struct client *client)
{
    for (uint32_t i = 0; i < room->viewer_count; i++) {
        if (strcmp(room->viewers[i]->who.id, client->who.id) == 0) {
            client_evict(room->viewers[i], REFUSAL_OTHER_DEVICE, SESSION_CLOSE_EVICTED);
            return;
        }
    }
}

void gallery_join(struct room *room, struct client *client)
{
    Assize__Hearing__V1__Status status = court_state(room->hearing)->status;

    if (status == ASSIZE__HEARING__V1__STATUS__STATUS_CLOSED ||
        status == ASSIZE__HEARING__V1__STATUS__STATUS_ADJOURNED) {
        client_evict(client, REFUSAL_HEARING_ENDED, SESSION_CLOSE_EVICTED);
        return;
    }
    evict_same_session(room, client);
    if (room->viewer_count == STAGE_VIEWERS_MAX) {
        client_evict(client, REFUSAL_GALLERY_FULL, SESSION_CLOSE_EVICTED);
        return;
    }
    if (stage_is_settled(room->stage))
        gallery_tell(room);
    room->viewers[room->viewer_count++] = client;
    client->room = room;
    log_info("viewer.joined", "hearing=%s session=%s", client->who.hearing, client->who.id);
    send_view(room, client);
    if (client->wants_media)
        gallery_open_media(room, client);
}

void gallery_leave(struct room *room, struct client *client)
{
    uint32_t i = 0;

    while (i < room->viewer_count && room->viewers[i] != client)
        i++;
    if (i == room->viewer_count)
        return;
    room->viewers[i] = room->viewers[--room->viewer_count];
    stage_close_viewer(room->stage, client->id);
    room->viewer_left = true;
    log_info("viewer.left", "hearing=%s session=%s", client->who.hearing, client->who.id);
}

void gallery_evict_all(struct room *room, enum refusal why)
{
    while (room->viewer_count)
        client_evict(room->viewers[0], why, SESSION_CLOSE_EVICTED);
}

/* ---- media ---- */

void gallery_open_media(struct room *room, struct client *client)
{
    client->media_at_ms = clock_monotonic_ms();
    if (!stage_open_viewer(room->stage, client->id, client->who.id))
        media_send_state(client, 0, ASSIZE__SIGNAL__V1__MEDIA_STATE__STATE__STATE_UNAVAILABLE);
}

static struct client *viewer_of(const struct room *room, uint64_t viewer)
{
    struct client *client = client_find(room->sessions, viewer);

    return client && client->room == room ? client : NULL;
}

void gallery_viewer_offered(void *context, uint64_t viewer, uint64_t leg, const char *sdp)
{
    struct client *client = viewer_of(context, viewer);

    if (client)
        media_send_offer(client, leg, sdp);
}

void gallery_viewer_changed(void *context, uint64_t viewer, uint64_t leg, bool gone)
{
    struct room *room = context;
    struct client *client = viewer_of(room, viewer);

    if (!client)
        return;
    media_send_state(client, leg,
                     !gone && stage_viewer_is_connected(room->stage, viewer)
                         ? ASSIZE__SIGNAL__V1__MEDIA_STATE__STATE__STATE_CONNECTED
                         : ASSIZE__SIGNAL__V1__MEDIA_STATE__STATE__STATE_LOST);
}

void gallery_viewer_slots_changed(void *context, uint64_t viewer, uint64_t leg)
{
    struct client *client = viewer_of(context, viewer);

    if (client)
        media_send_slots(context, client, leg);
}

void gallery_relay_up(struct room *room)
{
    for (uint32_t i = 0; i < room->viewer_count; i++) {
        struct client *client = room->viewers[i];
        if (client->wants_media && !stage_viewer_leg(room->stage, client->id))
            gallery_open_media(room, client);
    }
}

void gallery_relay_down(struct room *room)
{
    for (uint32_t i = 0; i < room->viewer_count; i++) {
        if (room->viewers[i]->wants_media)
            media_send_state(room->viewers[i], 0,
                             ASSIZE__SIGNAL__V1__MEDIA_STATE__STATE__STATE_UNAVAILABLE);
    }
}

void gallery_tick(struct room *room, int64_t now_ms)
{
    for (uint32_t i = 0; i < room->viewer_count; i++) {
        struct client *client = room->viewers[i];
        if (client->wants_media && !stage_viewer_leg(room->stage, client->id) &&
            now_ms - client->media_at_ms >= SESSION_MEDIA_RETRY_MS)
            gallery_open_media(room, client);
    }
    if (room->viewer_left)
        room_update_media(room);
    room->viewer_left = false;
    if (room->told_viewers == room->viewer_count)
        return;
    room->told_viewers = room->viewer_count;
    room->restate = true;
    room_tell(room);
}
