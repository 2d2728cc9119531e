#include "server/session/session_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "proto/codec.h"

enum { MESSAGE_MAX = 1 << 20 };

/* A reply that is owed: to whom and for which request. Freed by the one callback. */
struct owed {
    struct sessions *sessions;
    uint64_t client;
    uint64_t request_id;
    Assize__Hearing__V1__Command *command; /* that was asked, without its words; or NULL */
};

struct client *client_find(struct sessions *sessions, uint64_t id)
{
    struct client *client = NULL;

    HASH_FIND(hh, sessions->clients, &id, sizeof(id), client);
    return client;
}

/* The one way out: leaves the room at once, and the table when no callback holds it. */
static void client_end(struct client *client)
{
    if (client->room)
        room_leave(client->room, client);
    client->room = NULL;
    bool held = client->state == CLIENT_STATE_SIGNING_IN || client->state == CLIENT_STATE_OPENING;
    client->state = CLIENT_STATE_ENDED;
    if (held || client->ws)
        return;
    HASH_DEL(client->sessions->clients, client);
    free(client);
}

void client_send_bytes(struct client *client, const struct buf *bytes)
{
    if (!client->ws || net_ws_send(client->ws, bytes->data, bytes->len) == 0)
        return;
    log_warn("client.too_slow", "session=%s", client->who.id);
    net_ws_close(client->ws, SESSION_CLOSE_TOO_SLOW, refusal_info(REFUSAL_TOO_SLOW)->code);
}

void client_send(struct client *client, const Assize__Signal__V1__ServerMessage *message)
{
    struct buf bytes;

    buf_init(&bytes, MESSAGE_MAX);
    if (codec_pack(&message->base, &bytes) == 0)
        client_send_bytes(client, &bytes);
    else
        log_error("client.message_too_large", "session=%s", client->who.id);
    buf_done(&bytes);
}

static void send_refusal(struct client *client, uint64_t request_id,
                         Assize__Signal__V1__Refusal *refusal)
{
    Assize__Signal__V1__ServerMessage message = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__INIT;

    message.has_in_reply_to = request_id != 0;
    message.in_reply_to = request_id;
    message.response_case = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_REFUSAL;
    message.refusal = refusal;
    client_send(client, &message);
}

/* The sentences of the table are never written to. */
static void fill_refusal(Assize__Signal__V1__Refusal *message, enum refusal refusal)
{
    const struct refusal_info *info = refusal_info(refusal);

    assize__signal__v1__refusal__init(message);
    message->code = codec_text(info->code);
    message->vi = codec_text(info->vi);
    message->en = codec_text(info->en);
}

void client_refuse(struct client *client, uint64_t request_id, enum refusal refusal)
{
    Assize__Signal__V1__Refusal body;

    fill_refusal(&body, refusal);
    send_refusal(client, request_id, &body);
}

void client_evict(struct client *client, enum refusal why, uint16_t close_code)
{
    Assize__Signal__V1__ServerMessage message = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__INIT;
    Assize__Signal__V1__Evicted evicted = ASSIZE__SIGNAL__V1__EVICTED__INIT;
    Assize__Signal__V1__Refusal reason;

    if (!client->ws)
        return;
    fill_refusal(&reason, why);
    evicted.reason = &reason;
    message.response_case = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_EVICTED;
    message.evicted = &evicted;
    client_send(client, &message);
    net_ws_close(client->ws, close_code, refusal_info(why)->code);
    if (client->room)
        room_leave(client->room, client);
    client->room = NULL;
    if (client->state == CLIENT_STATE_LIVE)
        client->state = CLIENT_STATE_ENDED;
}

/* ---- arriving ---- */

static void hearing_opened(void *context, enum refusal refusal, struct court_hearing *hearing)
{
    struct client *client = context;

    if (client->state == CLIENT_STATE_ENDED || !client->ws) {
        client->state = CLIENT_STATE_LIVE; /* no callback holds it any more */
        client_end(client);
        return;
    }
    if (refusal != REFUSAL_NONE) {
        client->state = CLIENT_STATE_LIVE;
        if (refusal == REFUSAL_NOT_SAVED) /* the database is away: come back */
            net_ws_close(client->ws, 1013, refusal_info(refusal)->code);
        else
            client_evict(client, refusal, SESSION_CLOSE_EVICTED);
        return;
    }
    client->state = CLIENT_STATE_LIVE;
    room_join(room_of(client->sessions, hearing), client);
}

static void signed_in(void *context, enum refusal refusal, const struct identity_session *session,
                      const char *token)
{
    struct client *client = context;

    (void)token;
    if (client->state == CLIENT_STATE_ENDED || !client->ws) {
        client->state = CLIENT_STATE_LIVE;
        client_end(client);
        return;
    }
    if (refusal == REFUSAL_DATABASE_AWAY) {
        client->state = CLIENT_STATE_LIVE;
        net_ws_close(client->ws, 1013, refusal_info(refusal)->code);
        return;
    }
    if (refusal != REFUSAL_NONE) {
        client->state = CLIENT_STATE_LIVE;
        client_evict(client, refusal, SESSION_CLOSE_NOT_SIGNED_IN);
        return;
    }
    client->who = *session;
    client->state = CLIENT_STATE_OPENING;
    court_open(client->sessions->options.court, client->who.hearing, hearing_opened, client);
}

/* since, media and leg of the query; what is not a number is not there. */
static void read_query(struct client *client, const char *query)
{
    char copy[NET_QUERY_SIZE];
    char *rest = copy;
    char *pair;
    uint64_t value;

    str_copy(copy, sizeof(copy), query);
    while ((pair = strsep(&rest, "&"))) {
        char *number = strchr(pair, '=');
        if (!number)
            continue;
        *number++ = '\0';
        if (str_to_u64(number, UINT64_MAX, &value))
            continue;
        if (strcmp(pair, "since") == 0) {
            client->since = value;
            client->resumes = true;
        } else if (strcmp(pair, "media") == 0) {
            client->wants_media = value == 1;
        } else if (strcmp(pair, "leg") == 0) {
            client->kept_leg = value;
        }
    }
}

void sessions_ws_open(struct sessions *sessions, struct net_ws *ws, const struct net_peer *peer)
{
    struct client *client = calloc(1, sizeof(*client));

    if (!client)
        abort();
    client->id = ++sessions->next_client;
    client->sessions = sessions;
    client->ws = ws;
    net_ws_set_user(ws, client);
    HASH_ADD(hh, sessions->clients, id, sizeof(client->id), client);
    if (sessions->draining || HASH_COUNT(sessions->clients) > SESSION_CLIENTS_MAX) {
        client->state = CLIENT_STATE_LIVE;
        net_ws_close(ws, 1013,
                     refusal_info(sessions->draining ? REFUSAL_DRAINING : REFUSAL_BUSY)->code);
        return;
    }
    read_query(client, peer->query);
    str_copy(client->token, sizeof(client->token), peer->token);
    client->state = CLIENT_STATE_SIGNING_IN;
    identity_find(sessions->options.identity, peer->token, signed_in, client);
}

void sessions_ws_closed(struct sessions *sessions, struct net_ws *ws)
{
    struct client *client = net_ws_user(ws);

    (void)sessions;
    if (!client)
        return;
    client->ws = NULL;
    client_end(client);
}

/* ---- requests ---- */

static struct owed *owe(struct client *client, uint64_t request_id)
{
    struct owed *owed = calloc(1, sizeof(*owed));

    if (!owed)
        abort();
    *owed = (struct owed){client->sessions, client->id, request_id, NULL};
    return owed;
}

/* Kept whole: which rule stands against it is said by deciding it again. */
static struct owed *owe_command(struct client *client, uint64_t request_id,
                                const Assize__Hearing__V1__Command *command)
{
    struct owed *owed = owe(client, request_id);
    struct buf packed;

    buf_init(&packed, MESSAGE_MAX);
    if (codec_pack(&command->base, &packed) == 0)
        owed->command = assize__hearing__v1__command__unpack(NULL, packed.len, packed.data);
    buf_done(&packed);
    return owed;
}

static void owed_free(struct owed *owed)
{
    assize__hearing__v1__command__free_unpacked(owed->command, NULL);
    free(owed);
}

/* With the rule of the procedure behind it, as the hearing is now. */
static void refuse_command(struct client *client, const struct owed *owed, enum refusal refusal)
{
    struct arena arena;

    if (!client->room || !client->room->hearing || !owed->command) {
        client_refuse(client, owed->request_id, refusal);
        return;
    }
    arena_init(&arena, VIEW_ARENA_MAX);
    struct view view = room_view(client->room, client->who.participant, &arena);
    struct hearing_actor actor = {client->who.participant, client->who.endpoint};
    send_refusal(client, owed->request_id, view_refusal(&view, refusal, owed->command, actor));
    arena_done(&arena);
}

static void send_done(struct client *client, uint64_t request_id, uint64_t seq)
{
    Assize__Signal__V1__ServerMessage message = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__INIT;
    Assize__Signal__V1__Done done = ASSIZE__SIGNAL__V1__DONE__INIT;

    done.has_seq = 1;
    done.seq = seq;
    message.has_in_reply_to = 1;
    message.in_reply_to = request_id;
    message.response_case = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_DONE;
    message.done = &done;
    client_send(client, &message);
}

static void command_decided(void *context, uint64_t asker, enum refusal refusal, uint64_t seq)
{
    struct owed *owed = context;
    struct client *client = client_find(owed->sessions, asker);

    if (client && refusal == REFUSAL_NONE)
        send_done(client, owed->request_id, seq);
    else if (client)
        refuse_command(client, owed, refusal);
    owed_free(owed);
}

static void answer_decided(void *context, uint64_t asker, enum refusal refusal)
{
    command_decided(context, asker, refusal, 0);
}

static void handle_command(struct client *client, uint64_t request_id,
                           const Assize__Hearing__V1__Command *command)
{
    struct hearing_actor actor = {client->who.participant, client->who.endpoint};

    if (!command->command_id || !str_is_uuid(command->command_id)) {
        client_refuse(client, request_id, REFUSAL_MALFORMED);
        return;
    }
    if (command->words && strlen(command->words) > HEARING_WORDS_MAX) {
        client_refuse(client, request_id, REFUSAL_WORDS_TOO_LONG);
        return;
    }
    if (command->body_case == ASSIZE__HEARING__V1__COMMAND__BODY_START &&
        court_state(client->room->hearing)->status ==
            ASSIZE__HEARING__V1__STATUS__STATUS_SCHEDULED &&
        !(record_has_space(client->sessions) && record_leaves_space(client->sessions))) {
        client_refuse(client, request_id, REFUSAL_NO_SPACE);
        return;
    }
    court_submit(client->sessions->options.court, client->room->hearing, actor, command,
                 command_decided, owe_command(client, request_id, command), client->id);
}

static void handle_ping(struct client *client, uint64_t request_id,
                        const Assize__Signal__V1__Ping *ping)
{
    Assize__Signal__V1__ServerMessage message = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__INIT;
    Assize__Signal__V1__Pong pong = ASSIZE__SIGNAL__V1__PONG__INIT;

    pong.has_client_ms = ping->has_client_ms;
    pong.client_ms = ping->client_ms;
    pong.has_server_ms = 1;
    pong.server_ms = clock_wall_ms();
    message.has_in_reply_to = 1;
    message.in_reply_to = request_id;
    message.response_case = ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_PONG;
    message.pong = &pong;
    client_send(client, &message);
}

static void reply(struct client *client, uint64_t request_id, enum refusal refusal)
{
    if (refusal == REFUSAL_NONE)
        send_done(client, request_id, 0);
    else
        client_refuse(client, request_id, refusal);
}

static void handle_answer(struct client *client, uint64_t request_id,
                          const Assize__Signal__V1__MediaAnswer *answer)
{
    struct stage *stage = client->room->stage;
    const char *sdp = answer->sdp ? answer->sdp : "";

    if (client->who.gallery)
        stage_answer_viewer(stage, client->id, answer->leg, sdp, answer_decided,
                            owe(client, request_id), client->id);
    else
        stage_answer(stage, client->who.endpoint, answer->leg, sdp, answer_decided,
                     owe(client, request_id), client->id);
}

/* A viewer of the gallery receives; there is nothing else to ask for. */
static bool viewers_may_send(const Assize__Signal__V1__ClientMessage *message)
{
    return message->request_case == ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_OPEN_MEDIA ||
           message->request_case == ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_MEDIA_ANSWER ||
           message->request_case == ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_PING;
}

static void handle_request(struct client *client, const Assize__Signal__V1__ClientMessage *message)
{
    uint64_t request_id = message->request_id;

    if (client->who.gallery && !viewers_may_send(message)) {
        client_refuse(client, request_id, REFUSAL_ROLE_NOT_ALLOWED);
        return;
    }
    switch (message->request_case) {
    case ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_COMMAND:
        handle_command(client, request_id, message->command);
        return;
    case ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_OPEN_MEDIA:
        client->wants_media = true;
        room_open_media(client->room, client);
        send_done(client, request_id, 0);
        return;
    case ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_MEDIA_ANSWER:
        handle_answer(client, request_id, message->media_answer);
        return;
    case ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_RESYNC:
        room_send_snapshot(client->room, client, request_id);
        return;
    case ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_PING:
        handle_ping(client, request_id, message->ping);
        return;
    case ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_USE_PROGRAMME:
        reply(client, request_id,
              room_use_programme(client->room, client, message->use_programme->on));
        return;
    case ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_LISTEN_TO_RECORD:
        reply(client, request_id, room_listen(client->room, client, message->listen_to_record->on));
        return;
    case ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_ASK_HELP:
        reply(client, request_id, room_ask_help(client->room, client, message->ask_help->words));
        return;
    case ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST__NOT_SET:
    case _ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST__CASE_IS_INT_SIZE:
        client_refuse(client, request_id, REFUSAL_MALFORMED);
        return;
    }
    client_refuse(client, request_id, REFUSAL_MALFORMED);
}

void sessions_ws_message(struct sessions *sessions, struct net_ws *ws, const uint8_t *data,
                         size_t len)
{
    struct client *client = net_ws_user(ws);
    struct arena arena;

    (void)sessions;
    if (!client || client->state == CLIENT_STATE_ENDED)
        return;
    arena_init(&arena, codec_arena_max(len));
    Assize__Signal__V1__ClientMessage *message =
        codec_unpack(&assize__signal__v1__client_message__descriptor, &arena, data, len);
    if (!message) {
        client_refuse(client, 0, REFUSAL_MALFORMED);
        net_ws_close(ws, 1008, refusal_info(REFUSAL_MALFORMED)->code);
    } else if (client->state == CLIENT_STATE_LIVE && client->room) {
        handle_request(client, message);
    } else {
        client_refuse(client, message->request_id,
                      REFUSAL_NOT_SIGNED_IN); /* the server speaks first */
    }
    arena_done(&arena);
}

/* ---- still allowed? ---- */

/* A session that ended, or whose link was withdrawn, sees and hears nothing from now on. */
static void session_checked(void *context, enum refusal refusal,
                            const struct identity_session *session, const char *token)
{
    struct owed *owed = context;
    struct client *client = client_find(owed->sessions, owed->client);

    (void)session;
    (void)token;
    if (client && client->room && refusal != REFUSAL_NONE && refusal != REFUSAL_DATABASE_AWAY) {
        room_close_media(client->room, client);
        client_evict(client, refusal, SESSION_CLOSE_NOT_SIGNED_IN);
    }
    free(owed);
}

void client_check_session(struct client *client, int64_t now_ms)
{
    if (client->state != CLIENT_STATE_LIVE || now_ms - client->checked_at_ms < SESSION_CHECK_MS)
        return;
    client->checked_at_ms = now_ms;
    identity_find(client->sessions->options.identity, client->token, session_checked,
                  owe(client, 0));
}
