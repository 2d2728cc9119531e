#include "server/exchange/receiver.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "db/exchange_store.h"
#include "proto/codec.h"
#include "server/exchange/batch.h"

#define SERVICE "assize.exchange.v1.ExchangeService/"

enum { ANSWER_MAX = 1 << 20 };

static enum refusal refusal_of(int error)
{
    if (error == -EAGAIN)
        return REFUSAL_OUTCOME_UNKNOWN;
    return error == -ENOSPC ? REFUSAL_NOT_SAVED : REFUSAL_INTERNAL;
}

static void reply(struct net_call *call, const ProtobufCMessage *message)
{
    struct buf packed;

    buf_init(&packed, ANSWER_MAX);
    if (codec_pack(message, &packed))
        net_call_refuse(call, REFUSAL_INTERNAL);
    else
        net_call_reply(call, packed.data, packed.len);
    buf_done(&packed);
}

/* The caller, who must be whom the message names. */
static enum refusal check_source(const struct net_call *call, const char *claimed,
                                 struct exchange_source *ret_source)
{
    const struct net_peer *peer = net_call_peer(call);

    if (!batch_source_is_good(claimed))
        return REFUSAL_MALFORMED;
    if (!batch_source_is_good(peer->organisation))
        return REFUSAL_ORGANISATION_UNKNOWN;
    if (strcmp(claimed, peer->organisation) != 0) {
        log_warn("exchange.foreign_source", "organisation=%s claimed=%s", peer->organisation,
                 claimed);
        return REFUSAL_FOREIGN_SOURCE;
    }
    str_copy(ret_source->code, sizeof(ret_source->code), claimed);
    memcpy(ret_source->spki, peer->spki, sizeof(ret_source->spki));
    return REFUSAL_NONE;
}

static void opened(void *context, int error, enum refusal refusal, uint64_t cursor)
{
    Assize__Exchange__V1__OpenResponse response = ASSIZE__EXCHANGE__V1__OPEN_RESPONSE__INIT;

    if (error || refusal) {
        net_call_refuse(context, error ? refusal_of(error) : refusal);
        return;
    }
    response.has_cursor = true;
    response.cursor = cursor;
    reply(context, &response.base);
}

static void open_source(struct db *db, struct net_call *call)
{
    struct exchange_source source;
    struct arena arena;
    size_t len;
    const uint8_t *body = net_call_body(call, &len);

    arena_init(&arena, codec_arena_max(len));
    const Assize__Exchange__V1__OpenRequest *request =
        codec_unpack(&assize__exchange__v1__open_request__descriptor, &arena, body, len);
    enum refusal refusal =
        request ? check_source(call, request->source, &source) : REFUSAL_MALFORMED;
    if (refusal)
        net_call_refuse(call, refusal);
    else
        exchange_store_open(db, &source, opened, call);
    arena_done(&arena);
}

static void applied(void *context, int error, enum refusal refusal,
                    const Assize__Exchange__V1__Receipt *receipt)
{
    struct net_call *call = context;
    const char *organisation = net_call_peer(call)->organisation;

    if (error || refusal) {
        net_call_refuse(call, error ? refusal_of(error) : refusal);
        return;
    }
    for (size_t i = 0; i < receipt->n_rejections; i++)
        log_warn("exchange.rejected", "source=%s case=%s seq=%" PRIu64 " reason=%s", organisation,
                 receipt->rejections[i]->case_key, receipt->rejections[i]->seq,
                 receipt->rejections[i]->reason);
    log_info("exchange.received", "source=%s batch=%" PRIu64 " receipt=%s", organisation,
             receipt->batch_no, receipt->receipt_id);
    reply(call, &receipt->base);
}

/* Signed with the key of the certificate that it comes with. */
static enum refusal check_signature(const struct net_call *call,
                                    const struct batch_received *received)
{
    const struct net_peer *peer = net_call_peer(call);
    bool good = memcmp(received->key_id, peer->spki, SHA256_BYTES) == 0 &&
                batch_is_signed(received, peer->key, peer->key_len);

    if (!good)
        log_warn("exchange.signature_wrong", "organisation=%s batch=%" PRIu64, peer->organisation,
                 received->batch.batch_no);
    return good ? REFUSAL_NONE : REFUSAL_SIGNATURE_WRONG;
}

static void push(struct db *db, struct net_call *call)
{
    struct batch_received received;
    struct exchange_source source;
    struct arena arena;
    size_t len;
    const uint8_t *body = net_call_body(call, &len);

    arena_init(&arena, batch_arena_max(len));
    enum refusal refusal = batch_read(&arena, body, len, clock_wall_ms(), &received)
                               ? check_source(call, received.source, &source)
                               : REFUSAL_MALFORMED;
    if (!refusal)
        refusal = check_signature(call, &received);
    if (refusal)
        net_call_refuse(call, refusal);
    else
        exchange_store_apply(db, &source, &received.batch, applied, call);
    arena_done(&arena);
}

bool receiver_call(struct db *db, struct net_call *call)
{
    const char *method = net_call_method(call);

    if (strncmp(method, SERVICE, strlen(SERVICE)) != 0)
        return false;
    method += strlen(SERVICE);
    if (strcmp(method, "Open") == 0)
        open_source(db, call);
    else if (strcmp(method, "Push") == 0)
        push(db, call);
    else
        net_call_refuse(call, REFUSAL_NOT_FOUND);
    return true;
}
