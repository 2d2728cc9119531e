#include "server/exchange/caller.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "proto/codec.h"
#include "server/exchange/batch.h"

enum { ANSWER_MAX = 1 << 20 };

enum refusal caller_check(const struct net_call *call, const char *claimed,
                          struct exchange_source *ret_source)
{
    const struct net_peer *peer = net_call_peer(call);

    if (!batch_source_is_good(peer->organisation))
        return REFUSAL_ORGANISATION_UNKNOWN;
    if (!batch_source_is_good(claimed))
        return REFUSAL_MALFORMED;
    if (strcmp(claimed, peer->organisation) != 0) {
        log_warn("exchange.foreign_source", "organisation=%s claimed=%s", peer->organisation,
                 claimed);
        return REFUSAL_FOREIGN_SOURCE;
    }
    str_copy(ret_source->code, sizeof(ret_source->code), claimed);
    memcpy(ret_source->spki, peer->spki, sizeof(ret_source->spki));
    return REFUSAL_NONE;
}

void *caller_request(const struct net_call *call, const ProtobufCMessageDescriptor *type,
                     struct arena *ret_arena)
{
    size_t len;
    const uint8_t *body = net_call_body(call, &len);

    arena_init(ret_arena, codec_arena_max(len));
    return codec_unpack(type, ret_arena, body, len);
}

void caller_reply(struct net_call *call, const ProtobufCMessage *message)
{
    struct buf packed;

    buf_init(&packed, ANSWER_MAX);
    if (codec_pack(message, &packed))
        net_call_refuse(call, REFUSAL_INTERNAL);
    else
        net_call_reply(call, packed.data, packed.len);
    buf_done(&packed);
}

enum refusal caller_refusal(int error)
{
    if (error == -EAGAIN)
        return REFUSAL_OUTCOME_UNKNOWN;
    return error == -ENOSPC ? REFUSAL_NOT_SAVED : REFUSAL_INTERNAL;
}

void caller_refuse(struct net_call *call, int error, enum refusal refusal)
{
    net_call_refuse(call, error ? caller_refusal(error) : refusal);
}
