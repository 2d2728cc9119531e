#include "server/identity/staff_service.h"

#include <stdlib.h>
#include <string.h>

#include "assize/staff/v1/staff.pb-c.h"
#include "base/clock.h"
#include "base/str.h"
#include "proto/codec.h"

#define SERVICE "assize.staff.v1.StaffService/"

enum { STAFF_MESSAGE_MAX = 32768 };

/* A call that waits to know who asks. */
struct asking {
    struct staff_service *service;
    struct net_call *call;
    char login[ACCOUNT_LOGIN_SIZE]; /* whose sessions; "": one's own */
    char target[ID_UUID_SIZE];      /* the session to end */
    char session[ID_UUID_SIZE];     /* of who asks */
};

static void reply(struct net_call *call, const ProtobufCMessage *message)
{
    struct buf packed;

    buf_init(&packed, STAFF_MESSAGE_MAX);
    if (codec_pack(message, &packed))
        net_call_refuse(call, REFUSAL_INTERNAL);
    else
        net_call_reply(call, packed.data, packed.len);
    buf_done(&packed);
}

static void reply_member(struct net_call *call, const struct staff_session *who)
{
    Assize__Staff__V1__Member member = ASSIZE__STAFF__V1__MEMBER__INIT;

    member.account = codec_text(who->account);
    member.login = codec_text(who->login);
    member.name = codec_text(who->name);
    member.has_role = true;
    member.role = who->role;
    member.has_must_change = true;
    member.must_change = who->must_change;
    member.has_expires_ms = true;
    member.expires_ms = who->expires_ms;
    reply(call, &member.base);
}

/* ---- signing in and out ---- */

static struct staff_place place_of(const struct net_call *call)
{
    const struct net_peer *peer = net_call_peer(call);

    return (struct staff_place){peer->address, peer->agent, peer->staff_token};
}

static void signed_in(void *context, enum refusal refusal, int wait_s,
                      const struct staff_session *who, const char *token)
{
    struct net_call *call = context;

    if (wait_s) {
        net_call_refuse_for(call, refusal, wait_s);
    } else if (refusal) {
        net_call_refuse(call, refusal);
    } else {
        int64_t left_ms = who->expires_ms - clock_wall_ms();
        net_call_set_cookie(call, NET_COOKIE_STAFF, token, left_ms / CLOCK_MS_PER_S);
        reply_member(call, who);
    }
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static void sign_in(struct staff_service *service, struct net_call *call,
                    const ProtobufCMessage *message)
{
    const Assize__Staff__V1__SignInRequest *request = (const void *)message;
    const struct staff_place place = place_of(call);

    staff_sign_in(service->staff, &place, or_empty(request->login), or_empty(request->password),
                  signed_in, call);
}

static void change_password(struct staff_service *service, struct net_call *call,
                            const ProtobufCMessage *message)
{
    const Assize__Staff__V1__ChangePasswordRequest *request = (const void *)message;
    const struct staff_place place = place_of(call);

    staff_change_password(service->staff, &place, or_empty(request->old_password),
                          or_empty(request->new_password), signed_in, call);
}

static void told_current(void *context, enum refusal refusal, const struct staff_session *who)
{
    if (refusal)
        net_call_refuse(context, refusal);
    else
        reply_member(context, who);
}

static void current(struct staff_service *service, struct net_call *call,
                    const ProtobufCMessage *message)
{
    (void)message;
    staff_current(service->staff, net_call_peer(call)->staff_token, told_current, call);
}

static void signed_out(void *context, enum refusal refusal, const struct staff_session *who)
{
    (void)who;
    if (refusal) {
        net_call_refuse(context, refusal);
        return;
    }
    net_call_set_cookie(context, NET_COOKIE_STAFF, "", 0);
    net_call_reply(context, NULL, 0);
}

static void sign_out(struct staff_service *service, struct net_call *call,
                     const ProtobufCMessage *message)
{
    (void)message;
    staff_sign_out(service->staff, net_call_peer(call)->staff_token, signed_out, call);
}

/* ---- sessions ---- */

static struct asking *asking_new(struct staff_service *service, struct net_call *call)
{
    struct asking *asking = calloc(1, sizeof(*asking));

    if (!asking)
        abort();
    asking->service = service;
    asking->call = call;
    return asking;
}

static void refuse_asking(struct asking *asking, enum refusal refusal)
{
    net_call_refuse(asking->call, refusal);
    free(asking);
}

static bool is_administrator(const struct staff_session *who)
{
    return who->role == ASSIZE__STAFF__V1__ROLE__ROLE_ADMINISTRATOR;
}

static void got_sessions(void *context, int error, const struct account_session_row *rows,
                         size_t count)
{
    struct asking *asking = context;
    Assize__Staff__V1__SessionsResponse response = ASSIZE__STAFF__V1__SESSIONS_RESPONSE__INIT;
    Assize__Staff__V1__StaffSession list[ACCOUNT_SESSIONS_MAX];
    Assize__Staff__V1__StaffSession *pointers[ACCOUNT_SESSIONS_MAX];

    if (error) {
        refuse_asking(asking, REFUSAL_DATABASE_AWAY);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        list[i] = (Assize__Staff__V1__StaffSession)ASSIZE__STAFF__V1__STAFF_SESSION__INIT;
        list[i].id = codec_text(rows[i].id);
        list[i].address = codec_text(rows[i].address);
        list[i].agent = codec_text(rows[i].agent);
        list[i].has_current = true;
        list[i].current = strcmp(rows[i].id, asking->session) == 0;
#define SET(field) (list[i].has_##field = true, list[i].field = rows[i].field)
        SET(created_ms);
        SET(seen_ms);
        SET(expires_ms);
#undef SET
        pointers[i] = &list[i];
    }
    response.n_sessions = count;
    response.sessions = pointers;
    reply(asking->call, &response.base);
    free(asking);
}

static void list_sessions(void *context, enum refusal refusal, const struct staff_session *who)
{
    struct asking *asking = context;

    if (!refusal && *asking->login && strcmp(asking->login, who->login) != 0 &&
        !is_administrator(who))
        refusal = REFUSAL_STAFF_ROLE;
    if (refusal) {
        refuse_asking(asking, refusal);
        return;
    }
    str_copy(asking->session, sizeof(asking->session), who->id);
    account_store_sessions(asking->service->db, *asking->login ? asking->login : who->login,
                           got_sessions, asking);
}

static void sessions(struct staff_service *service, struct net_call *call,
                     const ProtobufCMessage *message)
{
    const Assize__Staff__V1__SessionsRequest *request = (const void *)message;
    struct asking *asking = asking_new(service, call);

    str_copy(asking->login, sizeof(asking->login), or_empty(request->login));
    staff_find(service->staff, net_call_peer(call)->staff_token, list_sessions, asking);
}

static void ended(void *context, int error, bool found)
{
    struct asking *asking = context;

    if (error) {
        refuse_asking(asking, REFUSAL_DATABASE_AWAY);
    } else if (!found) {
        refuse_asking(asking, REFUSAL_SESSION_UNKNOWN);
    } else {
        net_call_reply(asking->call, NULL, 0);
        free(asking);
    }
}

static void end_one(void *context, enum refusal refusal, const struct staff_session *who)
{
    struct asking *asking = context;

    if (refusal)
        refuse_asking(asking, refusal);
    else
        account_store_end(asking->service->db, asking->target,
                          is_administrator(who) ? "" : who->account, ended, asking);
}

static void end_session(struct staff_service *service, struct net_call *call,
                        const ProtobufCMessage *message)
{
    const Assize__Staff__V1__EndSessionRequest *request = (const void *)message;

    if (!request->id || !str_is_uuid(request->id)) {
        net_call_refuse(call, REFUSAL_SESSION_UNKNOWN);
        return;
    }
    struct asking *asking = asking_new(service, call);
    str_copy(asking->target, sizeof(asking->target), request->id);
    staff_find(service->staff, net_call_peer(call)->staff_token, end_one, asking);
}

/* ---- which ---- */

static const struct method {
    const char *name;
    const ProtobufCMessageDescriptor *request;
    void (*handle)(struct staff_service *service, struct net_call *call,
                   const ProtobufCMessage *message);
} methods[] = {
    {"SignIn", &assize__staff__v1__sign_in_request__descriptor, sign_in},
    {"Current", &assize__staff__v1__current_request__descriptor, current},
    {"SignOut", &assize__staff__v1__sign_out_request__descriptor, sign_out},
    {"ChangePassword", &assize__staff__v1__change_password_request__descriptor, change_password},
    {"Sessions", &assize__staff__v1__sessions_request__descriptor, sessions},
    {"EndSession", &assize__staff__v1__end_session_request__descriptor, end_session},
};

static void answer(struct staff_service *service, struct net_call *call,
                   const struct method *method)
{
    size_t len;
    const uint8_t *body = net_call_body(call, &len);
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    const ProtobufCMessage *message = codec_unpack(method->request, &arena, body, len);
    if (message)
        method->handle(service, call, message);
    else
        net_call_refuse(call, REFUSAL_MALFORMED);
    arena_done(&arena);
}

bool staff_service_call(struct staff_service *service, struct net_call *call)
{
    const char *name = net_call_method(call);

    if (strncmp(name, SERVICE, strlen(SERVICE)) != 0)
        return false;
    name += strlen(SERVICE);
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(name, methods[i].name) == 0) {
            answer(service, call, &methods[i]);
            return true;
        }
    }
    net_call_refuse(call, REFUSAL_NOT_FOUND);
    return true;
}
