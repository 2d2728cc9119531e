#include "server/identity/session_service.h"

#include <string.h>

#include "assize/session/v1/session.pb-c.h"
#include "base/clock.h"
#include "proto/codec.h"

#define SERVICE "assize.session.v1.SessionService/"

enum { SESSION_MESSAGE_MAX = 8192 };

static void reply_session(struct net_call *call, const struct identity_session *session,
                          const char *token)
{
    Assize__Session__V1__Session message = ASSIZE__SESSION__V1__SESSION__INIT;
    int64_t left_ms = session->expires_ms - clock_wall_ms();
    struct buf packed;

    message.hearing = codec_text(session->hearing);
    message.case_number = codec_text(session->case_number);
    message.title = codec_text(session->title);
    message.court = codec_text(session->court);
#define SET(field) (message.has_##field = true, message.field = session->field)
    SET(scheduled_ms);
    SET(expires_ms);
    SET(gallery);
    if (!session->gallery) {
        message.name = codec_text(session->name);
        message.site = codec_text(session->site);
        message.summons = *session->summons ? codec_text(session->summons) : NULL;
        SET(participant);
        SET(role);
        SET(endpoint);
        SET(endpoint_kind);
    }
#undef SET
    buf_init(&packed, SESSION_MESSAGE_MAX);
    if (token)
        net_call_set_cookie(call, NET_COOKIE_SESSION, token, left_ms / CLOCK_MS_PER_S);
    if (codec_pack(&message.base, &packed))
        net_call_refuse(call, REFUSAL_INTERNAL);
    else
        net_call_reply(call, packed.data, packed.len);
    buf_done(&packed);
}

static void on_session(void *context, enum refusal refusal, const struct identity_session *session,
                       const char *token)
{
    if (refusal)
        net_call_refuse(context, refusal);
    else
        reply_session(context, session, token);
}

static void on_signed_out(void *context, enum refusal refusal,
                          const struct identity_session *session, const char *token)
{
    (void)session;
    (void)token;
    if (refusal) {
        net_call_refuse(context, refusal);
        return;
    }
    net_call_set_cookie(context, NET_COOKIE_SESSION, "", 0);
    net_call_reply(context, NULL, 0);
}

static void open_by_link(struct identity *identity, struct net_call *call)
{
    const struct net_peer *peer = net_call_peer(call);
    size_t len;
    const uint8_t *body = net_call_body(call, &len);
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    const Assize__Session__V1__OpenByLinkRequest *request =
        codec_unpack(&assize__session__v1__open_by_link_request__descriptor, &arena, body, len);
    if (request)
        identity_open(identity, request->token ? request->token : "", peer->token, peer->address,
                      on_session, call);
    else
        net_call_refuse(call, REFUSAL_MALFORMED);
    arena_done(&arena);
}

bool session_service_call(struct identity *identity, struct net_call *call)
{
    const char *method = net_call_method(call);
    const char *token = net_call_peer(call)->token;

    if (strncmp(method, SERVICE, strlen(SERVICE)) != 0)
        return false;
    method += strlen(SERVICE);
    if (strcmp(method, "OpenByLink") == 0)
        open_by_link(identity, call);
    else if (strcmp(method, "Current") == 0)
        identity_find(identity, token, on_session, call);
    else if (strcmp(method, "SignOut") == 0)
        identity_sign_out(identity, token, on_signed_out, call);
    else
        net_call_refuse(call, REFUSAL_NOT_FOUND);
    return true;
}
