/* What was given once: a batch that is asked for again, and the word that one was taken in. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "server/exchange/caller.h"
#include "server/exchange/pulls_internal.h"
#include "server/exchange/receipt.h"

/* A Resend, or an Ack, that waits for the database. */
struct asking {
    struct pull *pull; /* of an Ack NULL when nothing was given to its key */
    struct net_call *call;
    uint64_t batch_no;
    size_t rejections;
};

static struct asking *asking_new(struct asking asking)
{
    struct asking *kept = malloc(sizeof(*kept));

    if (!kept)
        abort();
    *kept = asking;
    return kept;
}

/* ---- Resend ---- */

static void retaken(void *context, int error, const struct exchange_batch *batch)
{
    struct asking asking = *(struct asking *)context;

    free(context);
    if (error)
        caller_refuse(asking.call, error, REFUSAL_NONE);
    else if (batch && batch->batch_no == asking.batch_no)
        pulls_give(asking.pull, asking.call, batch, &asking.pull->resent);
    else
        pulls_answer_empty(asking.call);
}

static void reopened(void *context, int error, enum refusal refusal, uint64_t cursor)
{
    struct asking *asking = context;
    struct pull *pull = asking->pull;

    (void)cursor;
    if (error || refusal) {
        caller_refuse(asking->call, error, refusal);
        free(asking);
        return;
    }
    exchange_store_take(pull->pulls->db, pull->source.code, asking->batch_no - 1, retaken, asking);
}

void pulls_resend(struct pulls *pulls, struct net_call *call)
{
    struct exchange_source source;
    struct pull *pull = NULL;
    struct arena arena;

    const Assize__Exchange__V1__ResendRequest *request =
        caller_request(call, &assize__exchange__v1__resend_request__descriptor, &arena);
    enum refusal refusal =
        request && request->from_batch > 0
            ? pulls_caller(pulls, call, request->source, request->from_batch, &source, &pull)
            : REFUSAL_MALFORMED;
    if (refusal)
        net_call_refuse(call, refusal);
    else
        exchange_store_open(pulls->db, &source, reopened,
                            asking_new((struct asking){
                                .pull = pull, .call = call, .batch_no = request->from_batch}));
    arena_done(&arena);
}

/* ---- Ack ---- */

/* What was in the stream is taken in: the next may follow. */
static void go_on_watching(struct pull *pull, uint64_t batch_no)
{
    if (!pull->stream || !pull->unanswered || batch_no != pull->pulled.batch_no)
        return;
    pull->unanswered = false;
    pull->cursor = batch_no;
    pulls_look(pull);
}

static void kept(void *context, int error)
{
    const Assize__Exchange__V1__AckResponse response = ASSIZE__EXCHANGE__V1__ACK_RESPONSE__INIT;
    struct asking asking = *(struct asking *)context;

    free(context);
    if (error) {
        caller_refuse(asking.call, error, REFUSAL_NONE);
        return;
    }
    asking.pull->pulls->receipts++;
    asking.pull->pulls->rejections += asking.rejections;
    log_info("exchange.acknowledged", "target=%s batch=%" PRIu64 " rejections=%zu",
             asking.pull->source.code, asking.batch_no, asking.rejections);
    caller_reply(asking.call, &response.base);
    go_on_watching(asking.pull, asking.batch_no);
}

/* Which of the batches that were given last this is for, or NULL. */
static const struct given *find_given(const struct pull *pull,
                                      const Assize__Exchange__V1__Receipt *receipt)
{
    if (receipt_is_good(receipt, pull->pulled.batch_no, pull->pulled.hash))
        return &pull->pulled;
    return receipt_is_good(receipt, pull->resent.batch_no, pull->resent.hash) ? &pull->resent
                                                                              : NULL;
}

static void keep(struct asking *asking)
{
    struct pull *pull = asking->pull;
    struct arena arena;

    const Assize__Exchange__V1__Receipt *receipt =
        caller_request(asking->call, &assize__exchange__v1__receipt__descriptor, &arena);
    const struct given *given = receipt ? find_given(pull, receipt) : NULL;
    if (!given || !given->batch_no) {
        net_call_refuse(asking->call, receipt ? REFUSAL_RECEIPT_UNKNOWN : REFUSAL_MALFORMED);
        free(asking);
    } else {
        asking->batch_no = given->batch_no;
        asking->rejections = receipt->n_rejections;
        pulls_tell(pull, CONTACT_HEARD);
        exchange_store_answered(pull->pulls->db, pull->source.code, receipt, given->root, kept,
                                asking);
    }
    arena_done(&arena);
}

/* The caller's key is good still, or is not. */
static void let_in(void *context, int error, enum refusal refusal, uint64_t cursor)
{
    struct asking *asking = context;

    (void)cursor;
    if (!error && !refusal && asking->pull) {
        keep(asking);
        return;
    }
    caller_refuse(asking->call, error, refusal ? refusal : REFUSAL_RECEIPT_UNKNOWN);
    free(asking);
}

/* A receipt comes under the key that the batch was given to. */
void pulls_ack(struct pulls *pulls, struct net_call *call)
{
    const char *organisation = net_call_peer(call)->organisation;
    struct exchange_source source;

    enum refusal refusal = caller_check(call, organisation, &source);
    if (refusal) {
        net_call_refuse(call, refusal);
        return;
    }
    struct pull *pull = pulls_find(pulls, organisation);
    if (pull && memcmp(pull->source.spki, source.spki, SHA256_BYTES) != 0)
        pull = NULL;
    exchange_store_open(pulls->db, &source, let_in,
                        asking_new((struct asking){.pull = pull, .call = call}));
}
