#include "tests/peer/peer_signal.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "proto/codec.h"

enum { PING_MS = 5000 };

static const char *refusal_code(const Assize__Signal__V1__Refusal *refusal)
{
    return refusal && refusal->code ? refusal->code : "unnamed";
}

static void note_reply(struct peer_signal *signal, const Assize__Signal__V1__ServerMessage *message)
{
    struct peer_reply *reply = &signal->replies[message->in_reply_to % PEER_REPLIES_KEPT];

    if (message->response_case == ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_REFUSAL)
        str_copy(signal->last_refusal, PEER_CODE_SIZE, refusal_code(message->refusal));
    if (!message->in_reply_to || reply->request_id != message->in_reply_to)
        return;
    reply->arrived = true;
    if (message->response_case == ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_DONE)
        reply->seq = message->done->seq;
    else if (message->response_case == ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_REFUSAL)
        str_copy(reply->code, PEER_CODE_SIZE, refusal_code(message->refusal));
}

static void on_message(void *context, const uint8_t *data, size_t len)
{
    struct peer_signal *signal = context;
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    const Assize__Signal__V1__ServerMessage *message =
        codec_unpack(&assize__signal__v1__server_message__descriptor, &arena, data, len);
    signal->messages_in++;
    if (!message) {
        signal->malformed_in++;
    } else {
        if (message->response_case == ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_SNAPSHOT)
            peer_room_take_snapshot(&signal->room, message->snapshot);
        else if (message->response_case == ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_EVENTS)
            peer_room_take_events(&signal->room, message->events);
        note_reply(signal, message);
        signal->ops->message(signal->context, message);
    }
    arena_done(&arena);
}

static void on_ping_timer(void *context)
{
    struct peer_signal *signal = context;
    Assize__Signal__V1__Ping ping = ASSIZE__SIGNAL__V1__PING__INIT;
    Assize__Signal__V1__ClientMessage request = ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__INIT;

    ping.has_client_ms = true;
    ping.client_ms = (uint64_t)clock_monotonic_ms();
    request.request_case = ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_PING;
    request.ping = &ping;
    peer_signal_request(signal, &request);
    peer_timer_in(signal->loop, &signal->ping_timer, PING_MS);
}

static void on_opened(void *context)
{
    struct peer_signal *signal = context;

    peer_timer_in(signal->loop, &signal->ping_timer, PING_MS);
    signal->ops->opened(signal->context);
}

static void on_closed(void *context, unsigned code, int http_status)
{
    struct peer_signal *signal = context;

    peer_timer_stop(signal->loop, &signal->ping_timer);
    signal->ops->closed(signal->context, code, http_status);
}

static const struct peer_ws_ops ws_ops = {
    .opened = on_opened, .message = on_message, .closed = on_closed};

int peer_signal_open(struct peer_signal *signal, struct peer_loop *loop,
                     const struct peer_server *server, const char *cookie, bool media, uint64_t leg,
                     const struct peer_signal_ops *ops, void *context)
{
    char since[32] = "";
    char path[128];

    signal->ops = ops;
    signal->context = context;
    signal->loop = loop;
    signal->ping_timer = (struct peer_timer){.fire = on_ping_timer, .context = signal};
    if (signal->room.known)
        snprintf(since, sizeof(since), "&since=%" PRIu64, signal->room.seq);
    snprintf(path, sizeof(path), "/signal?media=%d&leg=%" PRIu64 "%s", media, leg, since);
    return peer_ws_open(&signal->ws, loop, server, path, cookie, &ws_ops, signal);
}

void peer_signal_close(struct peer_signal *signal)
{
    if (!signal->loop)
        return;
    peer_timer_stop(signal->loop, &signal->ping_timer);
    peer_ws_close(&signal->ws);
}

uint64_t peer_signal_request(struct peer_signal *signal, Assize__Signal__V1__ClientMessage *request)
{
    struct buf packed;
    uint64_t id = ++signal->last_request;

    request->has_request_id = true;
    request->request_id = id;
    signal->replies[id % PEER_REPLIES_KEPT] = (struct peer_reply){.request_id = id};
    buf_init(&packed, PEER_WS_MESSAGE_MAX);
    int result = codec_pack(&request->base, &packed);
    if (!result)
        result = peer_ws_send(&signal->ws, PEER_WS_BINARY, packed.data, packed.len);
    buf_done(&packed);
    return result ? 0 : id;
}

uint64_t peer_signal_command(struct peer_signal *signal, Assize__Hearing__V1__Command *command)
{
    char uuid[ID_UUID_SIZE];
    Assize__Signal__V1__ClientMessage request = ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__INIT;

    id_uuid(uuid);
    command->command_id = uuid;
    command->has_seen_seq = true;
    command->seen_seq = signal->room.seq;
    request.request_case = ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_COMMAND;
    request.command = command;
    return peer_signal_request(signal, &request);
}

uint64_t peer_signal_answer(struct peer_signal *signal, uint64_t leg, const char *sdp)
{
    char text[PEER_WS_MESSAGE_MAX / 16];
    Assize__Signal__V1__MediaAnswer answer = ASSIZE__SIGNAL__V1__MEDIA_ANSWER__INIT;
    Assize__Signal__V1__ClientMessage request = ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__INIT;

    str_copy(text, sizeof(text), sdp);
    answer.has_leg = true;
    answer.leg = leg;
    answer.sdp = text;
    request.request_case = ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_MEDIA_ANSWER;
    request.media_answer = &answer;
    return peer_signal_request(signal, &request);
}

uint64_t peer_signal_open_media(struct peer_signal *signal)
{
    Assize__Signal__V1__OpenMedia open = ASSIZE__SIGNAL__V1__OPEN_MEDIA__INIT;
    Assize__Signal__V1__ClientMessage request = ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__INIT;

    request.request_case = ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_OPEN_MEDIA;
    request.open_media = &open;
    return peer_signal_request(signal, &request);
}

const struct peer_reply *peer_signal_reply(const struct peer_signal *signal, uint64_t request_id)
{
    const struct peer_reply *reply = &signal->replies[request_id % PEER_REPLIES_KEPT];

    return request_id && reply->request_id == request_id && reply->arrived ? reply : NULL;
}
