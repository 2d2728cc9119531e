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
    SENDER_PUSHING, /* the batch is with the centre */
    SENDER_KEEPING, /* the receipt is being saved */
    SENDER_NEXT,    /* so is it, and the database is giving the batch after it */
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

struct sender {
    struct db *db;
    struct net_client *client;
    const char *organisation;
    struct credentials *credentials;
    struct signer *signer; /* NULL until the key could be read */
    enum sender_state state;
    bool held;   /* SENDER_HELD is next, before the centre is called */
    bool woken;  /* while busy: look once more before being idle */
    bool asleep; /* whoever writes notifies us */
    bool open;   /* cursor is the centre's word */
    uint64_t cursor;
    struct parcel parcel; /* under way */
    struct parcel next;   /* to be sent behind it, when there are its bytes: */
    struct buf packed;
    bool taking_next; /* the database is asked for it */
    struct retry retry;
    uint64_t receipts;
    uint64_t rejections;
};

static void go_on(struct sender *sender);
static void take(struct sender *sender);
static void push(struct sender *sender);

/* ---- waiting ---- */

/* Whatever was under way: all that counts is in the two databases, so the way back is the start. */
static void stop(struct sender *sender)
{
    sender->open = false;
    sender->state = SENDER_WAITING;
    buf_clear(&sender->packed);
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

/* ---- the receipt ---- */

static void kept(void *context, int error)
{
    struct sender *sender = context;

    if (sender->state == SENDER_CLOSED)
        return;
    sender->receipts += !error;
    if (sender->state != SENDER_KEEPING)
        sender->open = sender->open && !error; /* for pushed to see */
    else if (error)
        fail_call(sender, "keeping", error, REFUSAL_NONE);
    else
        go_on(sender);
}

static void keep(struct sender *sender, const Assize__Exchange__V1__Receipt *receipt)
{
    sender->cursor = receipt->cursor;
    sender->rejections += receipt->n_rejections;
    log_info("exchange.sent", "batch=%" PRIu64 " receipt=%s rejections=%zu",
             sender->parcel.batch_no, receipt->receipt_id, receipt->n_rejections);
    exchange_store_answered(sender->db, TO_CENTER, receipt, sender->parcel.root, kept, sender);
    if (sender->packed.len) {
        push(sender);
    } else {
        sender->state = sender->taking_next ? SENDER_NEXT : SENDER_KEEPING;
    }
}

static void pushed(void *context, int error, enum refusal refusal, const uint8_t *body, size_t len)
{
    struct sender *sender = context;
    struct arena arena;

    if (error || refusal) {
        fail_call(sender, "pushing", error, refusal);
        return;
    }
    arena_init(&arena, codec_arena_max(len));
    const Assize__Exchange__V1__Receipt *receipt =
        codec_unpack(&assize__exchange__v1__receipt__descriptor, &arena, body, len);
    if (!sender->open)
        fail(sender, "keeping", "the receipt of the batch before was not kept");
    else if (receipt_is_good(receipt, sender->parcel.batch_no, sender->parcel.hash))
        keep(sender, receipt);
    else
        fail(sender, "pushing", "the receipt is not for this batch");
    arena_done(&arena);
}

/* ---- the batch ---- */

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
    bool wanted = sender->state == SENDER_PUSHING || sender->state == SENDER_NEXT;
    /* It may be for a batch that failed since; what is not used is taken again. */
    if (wanted && !error && taken && taken->batch_no == sender->parcel.batch_no + 1) {
        struct exchange_batch batch = *taken;
        memcpy(batch.prev_root, sender->parcel.root, SHA256_BYTES);
        sign(sender, &batch);
    }
    if (sender->state != SENDER_NEXT)
        return;
    if (error)
        fail_call(sender, "taking", error, REFUSAL_NONE);
    else if (sender->packed.len && sender->open)
        push(sender);
    else
        go_on(sender);
}

/* Sends what was signed. Behind a full batch there are more, and the next is taken meanwhile;
 * behind another it is left to grow. */
static void push(struct sender *sender)
{
    char issue[32];

    if (hold(sender))
        return;
    signer_follow(&sender->signer, sender->credentials);
    if (memcmp(sender->next.key_id, signer_key_id(sender->signer), SHA256_BYTES) != 0) {
        buf_clear(
            &sender->packed); /* it would come under another certificate than it is signed by */
        go_on(sender);
        return;
    }
    sender->parcel = sender->next;
    sender->state = SENDER_PUSHING;
    snprintf(issue, sizeof(issue), "batch-%" PRIu64, sender->parcel.batch_no);
    net_client_set_issue(sender->client, issue);
    net_client_call(sender->client, SERVICE "Push", sender->packed.data, sender->packed.len, pushed,
                    sender);
    buf_clear(&sender->packed);
    if (sender->parcel.count < EXCHANGE_RECORDS_MAX || sender->taking_next)
        return;
    sender->taking_next = true;
    exchange_store_take_after(sender->db, TO_CENTER, sender->parcel.batch_no, taken_next, sender);
}

static void taken(void *context, int error, const struct exchange_batch *taken)
{
    struct sender *sender = context;

    if (sender->state == SENDER_CLOSED)
        return;
    if (error) {
        fail_call(sender, "taking", error, REFUSAL_NONE);
    } else if (taken) {
        struct exchange_batch batch = *taken;
        wake_up(sender);
        sign(sender, &batch);
        push(sender);
    } else {
        rest(sender);
    }
}

static void take(struct sender *sender)
{
    sender->state = SENDER_TAKING;
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
        if (retry_recovered(&sender->retry))
            log_info("exchange.open", "cursor=%" PRIu64, response->cursor);
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
    net_client_set_issue(sender->client, "");
    net_client_call(sender->client, SERVICE "Open", packed.data, packed.len, opened, sender);
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

/* What the database is being asked comes back to go_on or push by itself. */
void sender_hold(struct sender *sender, bool held)
{
    enum sender_state state = sender->state;
    bool calling = state == SENDER_OPENING || state == SENDER_PUSHING;
    bool waits = state == SENDER_IDLE || state == SENDER_WAITING || state == SENDER_HELD;

    if (held == sender->held || state == SENDER_CLOSED)
        return;
    sender->held = held;
    retry_recovered(&sender->retry);
    if (held)
        net_client_hang_up(sender->client);
    if (waits || (held && calling))
        go_on(sender);
}

/* ---- making and freeing ---- */

static void again(void *owner)
{
    go_on(owner);
}

struct sender *sender_new(uv_loop_t *loop, struct db *db, struct net_client *client,
                          const char *organisation, struct credentials *credentials)
{
    struct sender *sender = calloc(1, sizeof(*sender));

    if (!sender)
        abort();
    sender->db = db;
    sender->client = client;
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
