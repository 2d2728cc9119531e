#include "tests/peer/peer_signal.h"

const struct peer_person *peer_room_person(const struct peer_room *room, uint32_t id)
{
    for (size_t i = 0; i < room->person_count; i++) {
        if (room->people[i].id == id)
            return &room->people[i];
    }
    return NULL;
}

const struct peer_endpoint *peer_room_endpoint(const struct peer_room *room, uint32_t id)
{
    for (size_t i = 0; i < room->endpoint_count; i++) {
        if (room->endpoints[i].id == id)
            return &room->endpoints[i];
    }
    return NULL;
}

static void take_person(struct peer_room *room, const Assize__Signal__V1__ParticipantView *view)
{
    size_t at = 0;

    while (at < room->person_count && room->people[at].id != view->id)
        at++;
    if (at == PEER_PEOPLE_MAX)
        return;
    if (at == room->person_count)
        room->person_count++;
    room->people[at] = (struct peer_person){
        .id = view->id, .endpoint = view->endpoint, .role = view->role, .standing = view->standing};
}

static void take_endpoint(struct peer_room *room, const Assize__Signal__V1__EndpointView *view)
{
    size_t at = 0;

    while (at < room->endpoint_count && room->endpoints[at].id != view->id)
        at++;
    if (at == PEER_ENDPOINTS_MAX)
        return;
    if (at == room->endpoint_count)
        room->endpoint_count++;
    room->endpoints[at] = (struct peer_endpoint){.id = view->id,
                                                 .connected = view->connected,
                                                 .muted = view->muted,
                                                 .mute_locked = view->mute_locked};
}

static void take_hearing(struct peer_room *room, const Assize__Signal__V1__HearingView *view)
{
    if (!view)
        return;
    room->status = view->status;
    room->phase = view->phase;
    room->paused_by = view->paused_by;
    room->floor_holder = view->floor_holder;
}

void peer_room_take_snapshot(struct peer_room *room, const Assize__Signal__V1__Snapshot *snapshot)
{
    *room = (struct peer_room){.seq = snapshot->seq,
                               .known = true,
                               .you = snapshot->you,
                               .your_endpoint = snapshot->your_endpoint,
                               .leg = snapshot->leg,
                               .declaration =
                                   snapshot->procedure ? snapshot->procedure->declaration : 0};
    take_hearing(room, snapshot->hearing);
    for (size_t i = 0; i < snapshot->n_participants; i++)
        take_person(room, snapshot->participants[i]);
    for (size_t i = 0; i < snapshot->n_endpoints; i++)
        take_endpoint(room, snapshot->endpoints[i]);
}

void peer_room_take_events(struct peer_room *room, const Assize__Signal__V1__Events *events)
{
    for (size_t i = 0; i < events->n_events; i++) {
        if (events->events[i]->seq > room->seq)
            room->seq = events->events[i]->seq;
    }
    take_hearing(room, events->hearing);
    for (size_t i = 0; i < events->n_participants; i++)
        take_person(room, events->participants[i]);
    for (size_t i = 0; i < events->n_endpoints; i++)
        take_endpoint(room, events->endpoints[i]);
}
