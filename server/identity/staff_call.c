#include "server/identity/staff_call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "proto/codec.h"

enum { ANSWER_MAX = 4 << 20 };

static void call_end(struct staff_call *call)
{
    arena_done(&call->arena);
    free(call);
}

void staff_call_refuse(struct staff_call *call, enum refusal refusal)
{
    net_call_refuse(call->call, refusal);
    call_end(call);
}

struct net_stream *staff_call_stream(struct staff_call *call, net_stream_gone gone, void *context)
{
    struct net_stream *stream = net_call_stream(call->call, gone, context);

    call_end(call);
    return stream;
}

static void reply(struct staff_call *call, const ProtobufCMessage *answer)
{
    struct buf packed;

    buf_init(&packed, ANSWER_MAX);
    if (answer && codec_pack(answer, &packed))
        net_call_refuse(call->call, REFUSAL_INTERNAL);
    else
        net_call_reply(call->call, packed.data, packed.len);
    buf_done(&packed);
    call_end(call);
}

static enum refusal refusal_of_error(const struct staff_call *call, int error)
{
    if (error == -EAGAIN)
        return call->method->changes ? REFUSAL_OUTCOME_UNKNOWN : REFUSAL_DATABASE_AWAY;
    return error == -ENOSPC ? REFUSAL_NOT_SAVED : REFUSAL_INTERNAL;
}

void staff_call_answered(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct staff_call *call = context;

    if (error) {
        staff_call_refuse(call, refusal_of_error(call, error));
    } else if (refusal) {
        staff_call_refuse(call, refusal);
    } else {
        if (call->method->changes)
            log_info("staff.done", "method=%s account=%s", call->method->name, call->account);
        reply(call, answer);
    }
}

void staff_call_known(struct staff_call *call, enum refusal refusal, Assize__Staff__V1__Role role)
{
    size_t len;
    const uint8_t *body = net_call_body(call->call, &len);

    if (!refusal && !(call->method->roles & 1u << role))
        refusal = REFUSAL_STAFF_ROLE;
    if (refusal) {
        staff_call_refuse(call, refusal);
        return;
    }
    call->role = role;
    call->arena.max = codec_arena_max(len) + STAFF_CALL_ROOM;
    call->request = codec_unpack(call->method->request, &call->arena, body, len);
    if (call->request)
        call->method->answer(call);
    else
        staff_call_refuse(call, REFUSAL_MALFORMED);
}

static void session_found(void *context, enum refusal refusal, const struct staff_session *who)
{
    struct staff_call *call = context;

    if (!refusal) {
        str_copy(call->account, sizeof(call->account), who->account);
        str_copy(call->person, sizeof(call->person), who->person);
    }
    staff_call_known(call, refusal, refusal ? 0 : who->role);
}

static const struct staff_method *find_method(const struct staff_service *service, const char *name)
{
    for (size_t i = 0; i < service->count; i++) {
        if (strcmp(service->methods[i].name, name) == 0)
            return &service->methods[i];
    }
    return NULL;
}

/* NULL when it is answered, or of another service. */
static struct staff_call *take(const struct staff_service *service, void *context,
                               struct net_call *net_call, bool *ret_ours)
{
    const char *name = net_call_method(net_call);
    size_t prefix = strlen(service->name);

    *ret_ours = strncmp(name, service->name, prefix) == 0;
    if (!*ret_ours)
        return NULL;
    const struct staff_method *method = find_method(service, name + prefix);
    if (!method) {
        net_call_refuse(net_call, REFUSAL_NOT_FOUND);
        return NULL;
    }
    struct staff_call *call = calloc(1, sizeof(*call));
    if (!call)
        abort();
    call->context = context;
    call->call = net_call;
    call->method = method;
    arena_init(&call->arena, 0);
    return call;
}

bool staff_call_take(struct staff *staff, const struct staff_service *service, void *context,
                     struct net_call *net_call)
{
    bool ours;
    struct staff_call *call = take(service, context, net_call, &ours);

    if (call)
        staff_find(staff, net_call_peer(net_call)->staff_token, session_found, call);
    return ours;
}

bool staff_call_take_from(void (*find)(struct staff_call *call),
                          const struct staff_service *service, void *context,
                          struct net_call *net_call)
{
    bool ours;
    struct staff_call *call = take(service, context, net_call, &ours);

    if (call)
        find(call);
    return ours;
}
