#include "server/exchange/receiver.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "proto/codec.h"
#include "server/exchange/batch.h"
#include "server/exchange/caller.h"

/* A call that waits for the database; of a batch, for its commit. */
struct receiving {
    struct receiver *receiver;
    struct net_call *call;
    /* Of a batch: */
    uint64_t batch_no;
    bool behind; /* when it began, one before it was under way */
    bool again;  /* it was undone once, and is tried at once for the second time */
    size_t records;
    struct applier
        *applier;           /* NULL: it came before its turn, and waits for another of its source */
    struct receiving *next; /* of the receiver's batches */
};

static void push(struct receiver *receiver, struct net_call *call, bool again);

static struct receiving *receiving_new(struct receiver *receiver, struct net_call *call)
{
    struct receiving *receiving = malloc(sizeof(*receiving));

    if (!receiving)
        abort();
    *receiving = (struct receiving){.receiver = receiver, .call = call};
    return receiving;
}

static void tell_contact(const struct receiver *receiver, const struct net_call *call,
                         enum contact contact)
{
    receiver->contact(receiver->contact_context, net_call_peer(call)->organisation, contact);
}

static void opened(void *context, int error, enum refusal refusal, uint64_t cursor)
{
    Assize__Exchange__V1__OpenResponse response = ASSIZE__EXCHANGE__V1__OPEN_RESPONSE__INIT;
    struct receiving opening = *(struct receiving *)context;

    free(context);
    if (error || refusal) {
        caller_refuse(opening.call, error, refusal);
        return;
    }
    tell_contact(opening.receiver, opening.call, CONTACT_HEARD);
    response.has_cursor = true;
    response.cursor = cursor;
    caller_reply(opening.call, &response.base);
}

static void open_source(struct receiver *receiver, struct net_call *call)
{
    struct exchange_source source;
    struct arena arena;
    size_t len;
    const uint8_t *body = net_call_body(call, &len);

    arena_init(&arena, codec_arena_max(len));
    const Assize__Exchange__V1__OpenRequest *request =
        codec_unpack(&assize__exchange__v1__open_request__descriptor, &arena, body, len);
    enum refusal refusal =
        request ? caller_check(call, request->source, &source) : REFUSAL_MALFORMED;
    if (refusal)
        net_call_refuse(call, refusal);
    else
        exchange_store_open(receiver->db, &source, opened, receiving_new(receiver, call));
    arena_done(&arena);
}

/* The field of a whole batch that this is about, or NULL. */
static const char *wrong_in_batch(enum refusal refusal)
{
    static const struct {
        enum refusal refusal;
        const char *field;
    } fields[] = {
        {REFUSAL_FOREIGN_SOURCE, "header.source"},
        {REFUSAL_BATCH_GAP, "header.batch_no"},
        {REFUSAL_BATCH_CHAIN, "header.prev_root"},
        {REFUSAL_SIGNATURE_WRONG, "signature"},
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (fields[i].refusal == refusal)
            return fields[i].field;
    }
    return NULL;
}

static void refuse_batch(const struct receiver *receiver, struct net_call *call,
                         enum refusal refusal, const char *wrong)
{
    tell_contact(receiver, call, refusal == REFUSAL_BATCH_GAP ? CONTACT_EARLY : CONTACT_REFUSED);
    net_call_refuse_field(call, refusal, wrong);
}

/* ---- what is committed ---- */

static void tell(void *context, const char *told)
{
    struct pulls *pulls = context;
    char code[EXCHANGE_SOURCE_SIZE];

    while (*told) {
        size_t len = strcspn(told, " ");

        if (len < sizeof(code)) {
            memcpy(code, told, len);
            code[len] = '\0';
            pulls_expect(pulls, code);
        }
        told += len + strspn(told + len, " ");
    }
    pulls_wake(pulls);
}

static void log_rejections(const char *organisation, const Assize__Exchange__V1__Receipt *receipt)
{
    for (size_t i = 0; i < receipt->n_rejections; i++)
        log_warn("exchange.rejected", "source=%s case=%s seq=%" PRIu64 " reason=%s", organisation,
                 receipt->rejections[i]->case_key, receipt->rejections[i]->seq,
                 receipt->rejections[i]->reason);
}

static void answer(const struct receiving *pushing, const Assize__Exchange__V1__Receipt *receipt,
                   const struct exchange_after *after)
{
    const char *organisation = net_call_peer(pushing->call)->organisation;
    size_t len;

    log_rejections(organisation, receipt);
    tell_contact(pushing->receiver, pushing->call, CONTACT_TAKEN);
    net_call_body(pushing->call, &len);
    tally_batch(&pushing->receiver->tally, pushing->records, len, receipt, after->again);
    tell(pushing->receiver->pulls, after->told);
    if (after->due)
        onward_go(&pushing->receiver->onward);
    log_info("exchange.received", "source=%s batch=%" PRIu64 " receipt=%s", organisation,
             receipt->batch_no, receipt->receipt_id);
    caller_reply(pushing->call, &receipt->base);
}

/* ---- batches of one source, on several connections ---- */

static bool are_of_one_source(const struct receiving *a, const struct receiving *b)
{
    return strcmp(net_call_peer(a->call)->organisation, net_call_peer(b->call)->organisation) == 0;
}

static unsigned count_early(const struct receiving *pushing)
{
    unsigned count = 0;

    for (const struct receiving *p = pushing->receiver->batches; p; p = p->next)
        count += !p->applier && are_of_one_source(p, pushing);
    return count;
}

static bool comes_after_another(const struct receiving *pushing)
{
    for (const struct receiving *p = pushing->receiver->batches; p; p = p->next) {
        if (p->batch_no < pushing->batch_no && are_of_one_source(p, pushing))
            return true;
    }
    return false;
}

static void forget(struct receiving *pushing)
{
    struct receiving **at = &pushing->receiver->batches;

    while (*at != pushing)
        at = &(*at)->next;
    *at = pushing->next;
    free(pushing);
}

/* The first of those that this one kept waiting. */
static struct receiving *next_in_turn(const struct receiving *done)
{
    struct receiving *next = NULL;

    for (struct receiving *p = done->receiver->batches; p; p = p->next) {
        if (!p->applier && are_of_one_source(p, done) && (!next || p->batch_no < next->batch_no))
            next = p;
    }
    return next;
}

/* Those that it kept waiting are tried again, unless the database failed. */
static void go_on_behind(const struct receiving *done, int error)
{
    struct receiving *next;

    while ((next = next_in_turn(done))) {
        struct receiving waited = *next;

        forget(next);
        if (error)
            net_call_refuse(waited.call, caller_refusal(error));
        else
            push(waited.receiver, waited.call, false);
    }
}

static void push_again(struct receiving *pushing)
{
    struct receiving late = *pushing;

    go_on_behind(pushing, 0); /* to wait for this one */
    forget(pushing);
    push(late.receiver, late.call, late.again);
}

/* The database is there and has undone it: one that repeats records of another at work, and that
 * one, have waited for each other. The other goes on by now. */
static bool was_undone(const struct receiving *pushing, int error)
{
    return error == -EAGAIN && !pushing->again && db_is_up(pushing->applier->db);
}

/* It was let in once, so it is begun again; those behind it stay there, for what it has waited for
 * could be one of them. */
static void push_undone(struct receiving *pushing)
{
    push(pushing->receiver, pushing->call, true);
    forget(pushing);
}

static void applied(void *context, int error, enum refusal refusal,
                    const Assize__Exchange__V1__Receipt *receipt,
                    const struct exchange_after *after)
{
    struct receiving *pushing = context;
    bool early = refusal == REFUSAL_BATCH_GAP && comes_after_another(pushing);

    pushing->applier->busy--;
    if (early && count_early(pushing) < RECEIVER_EARLY_MAX) {
        pushing->applier = NULL;
        return;
    }
    if (refusal == REFUSAL_BATCH_GAP && !early && pushing->behind) { /* that one is in by now */
        push_again(pushing);
        return;
    }
    if (was_undone(pushing, error)) {
        push_undone(pushing);
        return;
    }
    go_on_behind(pushing, error);
    if (error)
        net_call_refuse(pushing->call, caller_refusal(error));
    else if (refusal)
        refuse_batch(pushing->receiver, pushing->call, refusal, wrong_in_batch(refusal));
    else
        answer(pushing, receipt, after);
    forget(pushing);
}

/* The one with the least to do of those that are connected. */
static struct applier *choose_applier(struct receiver *receiver)
{
    struct applier *chosen = NULL;

    for (int i = 0; i < RECEIVER_APPLIERS; i++) {
        struct applier *one = &receiver->appliers[i];

        if (db_is_up(one->db) && (!chosen || one->busy < chosen->busy))
            chosen = one;
    }
    return chosen ? chosen : &receiver->appliers[0];
}

/* ---- taking a batch in ---- */

/* Signed with the key of the certificate that it comes with. */
static enum refusal check_signature(const struct net_call *call,
                                    const struct batch_received *received)
{
    const struct net_peer *peer = net_call_peer(call);
    bool good = batch_is_signed_by(received, peer->spki, peer->key, peer->key_len);

    if (!good)
        log_warn("exchange.signature_wrong", "organisation=%s batch=%" PRIu64, peer->organisation,
                 received->batch.batch_no);
    return good ? REFUSAL_NONE : REFUSAL_SIGNATURE_WRONG;
}

static void apply(struct receiver *receiver, struct net_call *call,
                  const struct exchange_source *source, const struct exchange_batch *batch,
                  bool again)
{
    struct receiving *pushing = receiving_new(receiver, call);

    pushing->again = again;
    pushing->batch_no = batch->batch_no;
    pushing->records = batch->count;
    pushing->applier = choose_applier(receiver);
    pushing->applier->busy++;
    pushing->next = receiver->batches;
    receiver->batches = pushing;
    pushing->behind = comes_after_another(pushing);
    exchange_store_apply(pushing->applier->db, source, batch, applied, pushing);
}

static void name_people(const struct person_key *people, const struct exchange_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct exchange_facts *facts = &batch->facts[i];
        facts->named = *facts->personal_number;
        if (facts->named)
            person_key_ident(people, facts->personal_number, facts->person);
    }
}

static void push(struct receiver *receiver, struct net_call *call, bool again)
{
    struct batch_received received;
    struct exchange_source source;
    struct arena arena;
    size_t len;
    const uint8_t *body = net_call_body(call, &len);

    arena_init(&arena, batch_arena_max(len));
    if (batch_read(&arena, body, len, clock_wall_ms(), &received) && received.batch.target)
        str_copy(received.wrong, sizeof(received.wrong), "header.target"); /* for a court */
    enum refusal refusal =
        *received.wrong ? REFUSAL_MALFORMED : caller_check(call, received.source, &source);
    if (!refusal)
        refusal = check_signature(call, &received);
    if (refusal) {
        refuse_batch(receiver, call, refusal,
                     *received.wrong ? received.wrong : wrong_in_batch(refusal));
    } else {
        received.batch.road = net_call_road(call);
        name_people(receiver->people, &received.batch);
        apply(receiver, call, &source, &received.batch, again);
    }
    arena_done(&arena);
}

/* ---- the connections ---- */

static void applier_up(void *context)
{
    (void)context;
}

/* The centre goes on with what it has: of one is told what would else show in slower batches only.
 */
static void applier_down(void *context, const char *why)
{
    (void)context;
    log_warn("exchange.applier_down", "why=%s", log_quote(why).text);
}

static const struct db_ops applier_ops = {.up = applier_up, .down = applier_down};

void receiver_open(struct receiver *receiver, uv_loop_t *loop, const char *conninfo)
{
    onward_init(&receiver->onward, loop, receiver->db, tell, receiver->pulls);
    for (int i = 0; i < RECEIVER_APPLIERS; i++)
        receiver->appliers[i] =
            (struct applier){.db = db_new(loop, conninfo, &applier_ops, receiver)};
}

void receiver_close(struct receiver *receiver)
{
    onward_close(&receiver->onward, NULL);
    for (int i = 0; i < RECEIVER_APPLIERS; i++)
        db_free(receiver->appliers[i].db);
}

bool receiver_is_up(const struct receiver *receiver)
{
    for (int i = 0; i < RECEIVER_APPLIERS; i++) {
        if (db_is_up(receiver->appliers[i].db))
            return true;
    }
    return false;
}

bool receiver_call(struct receiver *receiver, struct net_call *call)
{
    const char *method = net_call_method(call);

    if (strncmp(method, EXCHANGE_SERVICE, strlen(EXCHANGE_SERVICE)) != 0)
        return false;
    method += strlen(EXCHANGE_SERVICE);
    if (strcmp(method, "Open") == 0)
        open_source(receiver, call);
    else if (strcmp(method, "Push") == 0)
        push(receiver, call, false);
    else if (!pulls_call(receiver->pulls, method, call))
        net_call_refuse(call, REFUSAL_NOT_FOUND);
    return true;
}
