#include "server/exchange/sender.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "proto/codec.h"
#include "server/exchange/batch.h"
#include "server/exchange/receipt.h"
#include "server/exchange/retry.h"

#define SERVICE   "assize.exchange.v1.ExchangeService/"
#define TO_CENTER ""

enum sender_state {
    SENDER_IDLE,    /* the outbox was empty; the timer looks again */
    SENDER_RESTING, /* it was; whoever writes next is asked to notify us */
    SENDER_WAITING, /* something failed; the timer tries again */
    SENDER_HELD,    /* the centre is not to be called; sender_hold goes on */
    SENDER_OPENING, /* the centre is asked where it is */
    SENDER_TAKING,  /* the database is asked for the next batch */
    SENDER_SENDING, /* batches are with the centre, or their receipts are being saved */
    SENDER_CLOSED   /* sender_free was called; memory goes when the timer is closed */
};

/* A batch that was signed. */
struct parcel {
    uint64_t batch_no;
    size_t count;
    uint8_t hash[SHA256_BYTES];
    uint8_t root[SHA256_BYTES];
    uint8_t key_id[SHA256_BYTES];
};

enum way_state {
    WAY_CALLING,  /* its batch is with the centre */
    WAY_ANSWERED, /* the receipt is here, and is kept in its turn */
    WAY_AGAIN     /* the batch was not taken in before its turn; in its turn it is taken anew */
};

/* A way to the centre, and the batch on it. */
struct way {
    struct sender *sender;
    struct net_client *client;
    enum way_state state;
    struct parcel parcel;
    int64_t since_ms; /* of the loop: when it was sent */
    struct buf answer;
};

struct sender {
    uv_loop_t *loop;
    struct db *db;
    struct db *beside; /* for what is long */
    const char *organisation;
    struct credentials *credentials;
    struct signer *signer; /* NULL until the key could be read */
    enum sender_state state;
    bool held;   /* SENDER_HELD is next, before the centre is called */
    bool woken;  /* while busy: look once more before being idle */
    bool asleep; /* whoever writes notifies us */
    bool open;   /* cursor is the centre's word */
    uint64_t cursor;
    struct way ways[SENDER_WAYS];
    int first;          /* way of the oldest batch under way; the others follow in a ring */
    int busy;           /* ways with a batch */
    int alone;          /* so many batches more go one at a time */
    bool keeping;       /* the receipt of the batch before the first is being saved */
    struct parcel last; /* that was sent */
    bool more;          /* it was full, and is still the one that the next is taken after */
    bool taking_next;   /* the database is asked for that: */
    struct parcel next; /* to be sent when there is a way, if there are its bytes: */
    struct buf packed;
    size_t taken; /* records since what waits was tidied */
    struct retry retry;
    uint64_t receipts;
    uint64_t rejections;
};

static void go_on(struct sender *sender);
static void take(struct sender *sender);
static void advance(struct sender *sender);

/* ---- waiting ---- */

static void hang_up(struct sender *sender)
{
    for (int i = 0; i < SENDER_WAYS; i++)
        net_client_hang_up(sender->ways[i].client);
}

/* What is under way is forgotten: it is still in the database, and is taken anew. */
static void forget(struct sender *sender)
{
    sender->busy = 0;
    sender->more = false;
    sender->alone = SENDER_ALONE;
    buf_clear(&sender->packed);
}

/* All that counts is in the two databases, so the way back is the start. */
static void stop(struct sender *sender)
{
    hang_up(sender);
    forget(sender);
    sender->open = false;
    sender->state = SENDER_WAITING;
}

static void fail(struct sender *sender, const char *where, const char *why)
{
    if (sender->state == SENDER_CLOSED)
        return;
    stop(sender);
    retry_failed(&sender->retry, where, why);
}

static void fail_call(struct sender *sender, const char *where, int error, enum refusal refusal)
{
    if (sender->state == SENDER_CLOSED)
        return;
    stop(sender);
    retry_failed_call(&sender->retry, where, error, refusal);
}

/* A batch has its receipt, or none waits. That the centre answers at all is not enough: what it
 * refuses for good would be sent again and again without a pause. */
static void recover(struct sender *sender)
{
    if (retry_recovered(&sender->retry))
        log_info("exchange.recovered", "cursor=%" PRIu64, sender->cursor);
}

static bool hold(struct sender *sender)
{
    if (!sender->held)
        return false;
    stop(sender);
    sender->state = SENDER_HELD;
    return true;
}

static void idle(struct sender *sender, uint64_t look_ms)
{
    sender->state = SENDER_IDLE;
    retry_after(&sender->retry, look_ms);
}

static void slept(void *context, int error, bool asleep)
{
    struct sender *sender = context;

    if (sender->state == SENDER_CLOSED)
        return;
    sender->asleep = asleep;
    if (error)
        fail_call(sender, "taking", error, REFUSAL_NONE);
    else if (asleep)
        take(sender);
    else
        idle(sender, SENDER_SOON_MS);
}

static void rest(struct sender *sender)
{
    recover(sender);
    if (sender->woken) {
        go_on(sender);
    } else if (sender->asleep) {
        idle(sender, SENDER_LOOK_MS);
    } else {
        sender->state = SENDER_RESTING;
        exchange_store_sleep(sender->db, slept, sender);
    }
}

static void wake_up(struct sender *sender)
{
    if (sender->asleep)
        exchange_store_wake(sender->db);
    sender->asleep = false;
}

/* ---- the receipts, in the order of the batches ---- */

static void kept(void *context, int error)
{
    struct sender *sender = context;

    sender->keeping = false;
    sender->receipts += !error;
    if (sender->state != SENDER_SENDING)
        return; /* it was given up meanwhile; what was not kept comes again */
    if (error) {
        fail_call(sender, "keeping", error, REFUSAL_NONE);
        return;
    }
    recover(sender);
    advance(sender);
}

static void keep(struct sender *sender, const struct parcel *parcel,
                 const Assize__Exchange__V1__Receipt *receipt)
{
    sender->cursor = receipt->cursor;
    sender->rejections += receipt->n_rejections;
    log_info("exchange.sent", "batch=%" PRIu64 " receipt=%s rejections=%zu", parcel->batch_no,
             receipt->receipt_id, receipt->n_rejections);
    sender->keeping = true;
    exchange_store_answered(sender->db, TO_CENTER, receipt, parcel->root, kept, sender);
}

static void read_answer(struct sender *sender, const struct way *way)
{
    struct arena arena;

    arena_init(&arena, codec_arena_max(way->answer.len));
    const Assize__Exchange__V1__Receipt *receipt = codec_unpack(
        &assize__exchange__v1__receipt__descriptor, &arena, way->answer.data, way->answer.len);
    if (receipt_is_good(receipt, way->parcel.batch_no, way->parcel.hash))
        keep(sender, &way->parcel, receipt);
    else
        fail(sender, "pushing", "the receipt is not for this batch");
    arena_done(&arena);
}

/* The oldest batch, when it has its answer. The receipt before it is to be saved first: the
 * database takes a batch with a receipt for one that all before it have theirs. */
static void settle(struct sender *sender)
{
    const struct way *way = &sender->ways[sender->first];

    if (!sender->busy || sender->keeping || way->state == WAY_CALLING)
        return;
    if (way->state == WAY_AGAIN) {
        forget(sender);
        return;
    }
    sender->first = (sender->first + 1) % SENDER_WAYS;
    sender->busy--;
    read_answer(sender, way);
}

/* A way that is slow is not made faster by two batches that share it. */
static void mind_pace(struct sender *sender, const struct way *way)
{
    if ((int64_t)uv_now(sender->loop) - way->since_ms > SENDER_SLOW_MS)
        sender->alone = SENDER_ALONE;
    else if (sender->alone)
        sender->alone--;
}

/* Whatever befalls a batch before its turn may be for the one before it: that is seen when it is
 * sent anew. */
static void pushed(void *context, int error, enum refusal refusal, const uint8_t *body, size_t len)
{
    struct way *way = context;
    struct sender *sender = way->sender;

    if (!error && !refusal) {
        way->state = WAY_ANSWERED;
        if (buf_append(&way->answer, body, len))
            abort(); /* it has the limit of the client's */
        mind_pace(sender, way);
    } else if (way == &sender->ways[sender->first]) {
        fail_call(sender, "pushing", error, refusal);
        return;
    } else {
        way->state = WAY_AGAIN;
        sender->alone = SENDER_ALONE;
    }
    advance(sender);
}

/* ---- the batches ---- */

static void sign(struct sender *sender, struct exchange_batch *batch)
{
    struct parcel *next = &sender->next;

    buf_clear(&sender->packed);
    if (batch_write(batch, sender->organisation, sender->signer, &sender->packed))
        abort(); /* it was gathered below this limit */
    next->batch_no = batch->batch_no;
    next->count = batch->count;
    memcpy(next->hash, batch->hash, SHA256_BYTES);
    memcpy(next->root, batch->root, SHA256_BYTES);
    memcpy(next->key_id, signer_key_id(sender->signer), SHA256_BYTES);
}

static void taken_next(void *context, int error, const struct exchange_batch *taken)
{
    struct sender *sender = context;

    sender->taking_next = false;
    if (sender->state != SENDER_SENDING)
        return;
    /* It may be for a batch that was given up since; what is not used is taken again. */
    if (!error && taken && sender->more && taken->batch_no == sender->last.batch_no + 1) {
        struct exchange_batch batch = *taken;
        memcpy(batch.prev_root, sender->last.root, SHA256_BYTES);
        sign(sender, &batch);
    } else {
        sender->more = false;
    }
    if (error && !sender->busy && !sender->keeping)
        fail_call(sender, "taking", error, REFUSAL_NONE);
    else
        advance(sender);
}

/* Behind a full batch there are more, and the next is taken meanwhile; behind another it is left to
 * grow. */
static void take_next(struct sender *sender)
{
    if (!sender->more || sender->packed.len || sender->taking_next)
        return;
    sender->taking_next = true;
    exchange_store_take_after(sender->db, TO_CENTER, sender->last.batch_no, taken_next, sender);
}

static void tidy(struct sender *sender)
{
    sender->taken += sender->next.count;
    if (sender->taken < SENDER_TIDY)
        return;
    sender->taken = 0;
    exchange_store_tidy(sender->beside);
}

/* Sends what was signed, when there is a way for it. */
static void push(struct sender *sender)
{
    struct way *way = &sender->ways[(sender->first + sender->busy) % SENDER_WAYS];
    char issue[32];

    if (!sender->packed.len || sender->busy >= (sender->alone ? 1 : SENDER_WAYS))
        return;
    signer_follow(&sender->signer, sender->credentials);
    if (memcmp(sender->next.key_id, signer_key_id(sender->signer), SHA256_BYTES) != 0) {
        buf_clear(
            &sender->packed); /* it would come under another certificate than it is signed by */
        return;
    }
    sender->busy++;
    sender->last = way->parcel = sender->next;
    sender->more = sender->next.count == EXCHANGE_RECORDS_MAX;
    way->state = WAY_CALLING;
    way->since_ms = (int64_t)uv_now(sender->loop);
    buf_clear(&way->answer);
    snprintf(issue, sizeof(issue), "batch-%" PRIu64, way->parcel.batch_no);
    net_client_set_issue(way->client, issue);
    net_client_call(way->client, SERVICE "Push", sender->packed.data, sender->packed.len, pushed,
                    way);
    buf_clear(&sender->packed);
    tidy(sender);
}

/* What can be done now, while batches are under way. */
static void advance(struct sender *sender)
{
    settle(sender);
    if (sender->state != SENDER_SENDING)
        return;
    push(sender);
    take_next(sender);
    if (!sender->busy && !sender->keeping && !sender->taking_next && !sender->packed.len)
        go_on(sender);
}

static void taken(void *context, int error, const struct exchange_batch *taken)
{
    struct sender *sender = context;

    if (sender->state == SENDER_CLOSED)
        return;
    if (error) {
        fail_call(sender, "taking", error, REFUSAL_NONE);
    } else if (taken && !hold(sender)) {
        struct exchange_batch batch = *taken;
        wake_up(sender);
        sign(sender, &batch);
        sender->state = SENDER_SENDING;
        advance(sender);
    } else if (!taken) {
        rest(sender);
    }
}

static void take(struct sender *sender)
{
    sender->state = SENDER_TAKING;
    sender->more = false;
    exchange_store_take(sender->db, TO_CENTER, sender->cursor, taken, sender);
}

/* ---- where the centre is ---- */

static void opened(void *context, int error, enum refusal refusal, const uint8_t *body, size_t len)
{
    struct sender *sender = context;
    struct arena arena;

    if (error || refusal) {
        fail_call(sender, "opening", error, refusal);
        return;
    }
    arena_init(&arena, codec_arena_max(len));
    const Assize__Exchange__V1__OpenResponse *response =
        codec_unpack(&assize__exchange__v1__open_response__descriptor, &arena, body, len);
    if (response && response->cursor < INT64_MAX) {
        sender->open = true;
        sender->cursor = response->cursor;
        go_on(sender);
    } else {
        fail(sender, "opening", "the answer cannot be read");
    }
    arena_done(&arena);
}

static void ask_cursor(struct sender *sender)
{
    Assize__Exchange__V1__OpenRequest request = ASSIZE__EXCHANGE__V1__OPEN_REQUEST__INIT;
    struct buf packed;

    request.source = codec_text(sender->organisation);
    buf_init(&packed, NET_BODY_MAX);
    if (codec_pack(&request.base, &packed))
        abort();
    sender->state = SENDER_OPENING;
    net_client_set_issue(sender->ways[0].client, "");
    net_client_call(sender->ways[0].client, SERVICE "Open", packed.data, packed.len, opened,
                    sender);
    buf_done(&packed);
}

/* The one place where the next step begins. */
static void go_on(struct sender *sender)
{
    retry_stop(&sender->retry);
    wake_up(sender);
    if (hold(sender))
        return;
    if (!signer_follow(&sender->signer, sender->credentials)) {
        fail(sender, "opening", "the private key cannot be read");
        return;
    }
    if (!sender->open) {
        ask_cursor(sender);
        return;
    }
    sender->woken = false;
    take(sender);
}

void sender_wake(struct sender *sender)
{
    sender->woken = true;
    if (sender->state == SENDER_IDLE)
        go_on(sender);
}

/* What the database is being asked for comes back to go_on or taken by itself. */
void sender_hold(struct sender *sender, bool held)
{
    enum sender_state state = sender->state;
    bool calling = state == SENDER_OPENING || state == SENDER_SENDING;
    bool waits = state == SENDER_IDLE || state == SENDER_WAITING || state == SENDER_HELD;

    if (held == sender->held || state == SENDER_CLOSED)
        return;
    sender->held = held;
    retry_recovered(&sender->retry);
    if (held)
        hang_up(sender);
    if (waits || (held && calling))
        go_on(sender);
}

/* ---- making and freeing ---- */

static void again(void *owner)
{
    go_on(owner);
}

struct sender *sender_new(uv_loop_t *loop, struct db *db, struct db *beside,
                          struct net_client *const clients[static SENDER_WAYS],
                          const char *organisation, struct credentials *credentials)
{
    struct sender *sender = calloc(1, sizeof(*sender));

    if (!sender)
        abort();
    sender->loop = loop;
    sender->db = db;
    sender->beside = beside;
    for (int i = 0; i < SENDER_WAYS; i++) {
        sender->ways[i] = (struct way){.sender = sender, .client = clients[i]};
        buf_init(&sender->ways[i].answer, NET_ANSWER_MAX);
    }
    sender->organisation = organisation;
    sender->credentials = credentials;
    buf_init(&sender->packed, NET_BODY_MAX);
    retry_init(&sender->retry, loop, "exchange.stopped", again, sender);
    sender->state = SENDER_IDLE;
    sender->held = true;
    return sender;
}

static void free_sender(uv_handle_t *handle)
{
    struct sender *sender = handle->data;

    signer_free(sender->signer);
    for (int i = 0; i < SENDER_WAYS; i++)
        buf_done(&sender->ways[i].answer);
    buf_done(&sender->packed);
    free(sender);
}

void sender_free(struct sender *sender)
{
    if (!sender)
        return;
    sender->state = SENDER_CLOSED;
    retry_close(&sender->retry, free_sender);
}

int sender_metrics(const struct sender *sender, struct buf *text)
{
    int result = buf_printf(text,
                            "# TYPE assize_exchange_receipts_total counter\n"
                            "assize_exchange_receipts_total %" PRIu64 "\n"
                            "# TYPE assize_exchange_rejections_total counter\n"
                            "assize_exchange_rejections_total %" PRIu64 "\n"
                            "# TYPE assize_exchange_up gauge\nassize_exchange_up %d\n",
                            sender->receipts, sender->rejections, sender->open);

    return result ? result : retry_metrics(&sender->retry, "assize_exchange", text);
}
