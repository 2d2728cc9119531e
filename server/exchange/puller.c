#include "server/exchange/puller.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "proto/codec.h"
#include "server/exchange/batch.h"
#include "server/exchange/caller.h"
#include "server/exchange/onward.h"
#include "server/exchange/retry.h"

enum puller_state {
    PULLER_IDLE,     /* not begun */
    PULLER_HELD,     /* the centre is not to be called; puller_hold goes on */
    PULLER_WAITING,  /* something failed, or came to nothing too soon; the timer goes on */
    PULLER_OPENING,  /* the centre is asked who it is */
    PULLER_MEETING,  /* the database is asked how far we are with it */
    PULLER_PULLING,  /* the centre is asked for a batch */
    PULLER_APPLYING, /* the batch is being taken in */
    PULLER_ACKING,   /* the centre is told so */
    PULLER_CLOSED    /* puller_free was called; memory goes when the timer is closed */
};

struct puller {
    struct db *db;
    struct net_client *client;
    const char *organisation;
    enum puller_state state;
    bool held;                     /* PULLER_HELD is next, before the centre is called */
    bool open;                     /* center and cursor are known */
    struct exchange_source center; /* as its certificate says */
    uint64_t cursor;
    int64_t asked_ms; /* monotonic: when the centre was last asked for a batch */
    struct puller_line line;
    bool older; /* the centre answers, but has said that it knows no Pull; until it answers one */
    struct retry retry;
    struct onward onward;
    uint64_t batches;
    uint64_t records;
    uint64_t rejections;
};

static void go_on(struct puller *puller);

/* Whatever was under way: all that counts is in the two databases, so the way back is the start. */
static void stop(struct puller *puller)
{
    puller->open = false;
    puller->state = PULLER_WAITING;
    if (!puller->line.lost_ms)
        puller->line.lost_ms = clock_wall_ms();
}

static bool hold(struct puller *puller)
{
    if (!puller->held)
        return false;
    puller->open = false;
    puller->line.lost_ms = 0;
    puller->state = PULLER_HELD;
    return true;
}

static void answered(struct puller *puller)
{
    puller->line = (struct puller_line){.answered_ms = clock_wall_ms()};
}

static void fail(struct puller *puller, const char *where, const char *why)
{
    if (puller->state == PULLER_CLOSED)
        return;
    stop(puller);
    retry_failed(&puller->retry, where, why);
}

static void fail_call(struct puller *puller, const char *where, int error, enum refusal refusal)
{
    if (puller->state == PULLER_CLOSED)
        return;
    stop(puller);
    retry_failed_call(&puller->retry, where, error, refusal);
}

static void recover(struct puller *puller)
{
    if (retry_recovered(&puller->retry))
        log_info("exchange.pull_open", "center=%s cursor=%" PRIu64, puller->center.code,
                 puller->cursor);
}

static void ask(struct puller *puller, const char *method, const char *issue,
                const ProtobufCMessage *request, net_client_callback callback)
{
    struct buf packed;

    buf_init(&packed, NET_BODY_MAX);
    if (codec_pack(request, &packed))
        abort();
    net_client_set_issue(puller->client, issue);
    net_client_call(puller->client, method, packed.data, packed.len, callback, puller);
    buf_done(&packed);
}

/* ---- taking in ---- */

static void acked(void *context, int error, enum refusal refusal, const uint8_t *body, size_t len)
{
    struct puller *puller = context;

    (void)body;
    (void)len;
    if (error || refusal)
        fail_call(puller, "acking", error, refusal);
    else
        go_on(puller);
}

static void applied(void *context, int error, enum refusal refusal,
                    const Assize__Exchange__V1__Receipt *receipt,
                    const struct exchange_after *after)
{
    struct puller *puller = context;
    char issue[32];

    if (puller->state == PULLER_CLOSED)
        return;
    if (error || refusal) {
        fail_call(puller, "applying", error, refusal);
        return;
    }
    if (after->due)
        onward_go(&puller->onward);
    puller->batches++;
    puller->rejections += receipt->n_rejections;
    puller->cursor = receipt->cursor;
    log_info("exchange.pulled", "batch=%" PRIu64 " receipt=%s rejections=%zu", receipt->batch_no,
             receipt->receipt_id, receipt->n_rejections);
    if (hold(puller))
        return; /* the centre gives it again, or is told so by the next Pull */
    puller->state = PULLER_ACKING;
    snprintf(issue, sizeof(issue), "batch-%" PRIu64, receipt->batch_no);
    ask(puller, EXCHANGE_SERVICE "Ack", issue, &receipt->base, acked);
}

/* By the centre, for us, signed with the key of the certificate that it came under. */
static bool is_ours(const struct puller *puller, const struct batch_received *received)
{
    const struct net_peer *peer = net_client_peer(puller->client);

    return strcmp(received->source, puller->center.code) == 0 &&
           strcmp(peer->organisation, puller->center.code) == 0 && received->batch.target &&
           strcmp(received->batch.target, puller->organisation) == 0 &&
           batch_is_signed_by(received, peer->spki, peer->key, peer->key_len);
}

static void take_batch(struct puller *puller, const uint8_t *body, size_t len)
{
    struct batch_received received;
    struct arena arena;

    arena_init(&arena, batch_arena_max(len));
    if (!batch_read(&arena, body, len, clock_wall_ms(), &received)) {
        fail(puller, "pulling", "the batch cannot be read");
    } else if (!is_ours(puller, &received)) {
        fail(puller, "pulling", "the batch is not signed by the centre for us");
    } else {
        puller->state = PULLER_APPLYING;
        puller->records += received.batch.count;
        exchange_store_apply(puller->db, &puller->center, &received.batch, applied, puller);
    }
    arena_done(&arena);
}

/* ---- asking for a batch ---- */

/* A centre that answers at once with nothing is not asked as fast as it answers. */
static void rest(struct puller *puller)
{
    int64_t left = puller->asked_ms + PULLER_SPACE_MS - clock_monotonic_ms();

    puller->state = PULLER_WAITING;
    retry_after(&puller->retry, left > 0 ? (uint64_t)left : 0);
}

/* The centre is of an older version: it is there, what it has for us comes when it is newer. */
static void find_older(struct puller *puller)
{
    puller->older = true;
    answered(puller);
    puller->open = false;
    puller->state = PULLER_WAITING;
    retry_failed_call(&puller->retry, "pulling", 0, REFUSAL_NOT_FOUND);
}

static void pulled(void *context, int error, enum refusal refusal, const uint8_t *body, size_t len)
{
    struct puller *puller = context;

    if (!error && refusal == REFUSAL_NOT_FOUND) {
        find_older(puller);
        return;
    }
    if (error || refusal) {
        fail_call(puller, "pulling", error, refusal);
        return;
    }
    answered(puller);
    puller->older = false;
    recover(puller);
    if (len)
        take_batch(puller, body, len);
    else
        rest(puller);
}

static void pull(struct puller *puller)
{
    Assize__Exchange__V1__PullRequest request = ASSIZE__EXCHANGE__V1__PULL_REQUEST__INIT;

    request.source = codec_text(puller->organisation);
    request.has_cursor = request.has_wait_ms = true;
    request.cursor = puller->cursor;
    request.wait_ms = puller->older ? 0 : PULLER_WAIT_MS; /* first whether it knows it by now */
    puller->state = PULLER_PULLING;
    puller->asked_ms = clock_monotonic_ms();
    ask(puller, EXCHANGE_SERVICE "Pull", "", &request.base, pulled);
}

/* ---- who the centre is, and how far we are with it ---- */

static void met(void *context, int error, enum refusal refusal, uint64_t cursor)
{
    struct puller *puller = context;

    if (error || refusal) {
        fail_call(puller, "meeting", error, refusal);
        return;
    }
    puller->open = true;
    puller->cursor = cursor;
    if (!puller->older)
        recover(puller);
    go_on(puller);
}

static void opened(void *context, int error, enum refusal refusal, const uint8_t *body, size_t len)
{
    struct puller *puller = context;
    const struct net_peer *peer = net_client_peer(puller->client);

    (void)body; /* how far the centre is with us, which is the sender's business */
    (void)len;
    if (error || refusal) {
        fail_call(puller, "opening", error, refusal);
        return;
    }
    if (!batch_source_is_good(peer->organisation)) {
        fail(puller, "opening", "the centre's certificate names no organisation");
        return;
    }
    answered(puller);
    str_copy(puller->center.code, sizeof(puller->center.code), peer->organisation);
    memcpy(puller->center.spki, peer->spki, SHA256_BYTES);
    puller->state = PULLER_MEETING;
    exchange_store_meet(puller->db, &puller->center, met, puller);
}

static void ask_who(struct puller *puller)
{
    Assize__Exchange__V1__OpenRequest request = ASSIZE__EXCHANGE__V1__OPEN_REQUEST__INIT;

    request.source = codec_text(puller->organisation);
    puller->state = PULLER_OPENING;
    ask(puller, EXCHANGE_SERVICE "Open", "", &request.base, opened);
}

/* The one place where the next step begins. */
static void go_on(struct puller *puller)
{
    retry_stop(&puller->retry);
    if (hold(puller))
        return;
    if (puller->open)
        pull(puller);
    else
        ask_who(puller);
}

void puller_wake(struct puller *puller)
{
    if (puller->state == PULLER_IDLE)
        go_on(puller);
}

void puller_database_up(struct puller *puller)
{
    onward_database_up(&puller->onward);
}

/* What the database is being asked comes back to applied or go_on by itself. */
void puller_hold(struct puller *puller, bool held)
{
    enum puller_state state = puller->state;
    bool calling = state == PULLER_OPENING || state == PULLER_PULLING || state == PULLER_ACKING;
    bool waits = state == PULLER_WAITING || state == PULLER_HELD;

    if (held == puller->held || state == PULLER_CLOSED)
        return;
    puller->held = held;
    retry_recovered(&puller->retry);
    if (held)
        net_client_hang_up(puller->client);
    if (waits || (held && calling))
        go_on(puller);
}

/* ---- making and freeing ---- */

static void again(void *owner)
{
    go_on(owner);
}

struct puller *puller_new(uv_loop_t *loop, struct db *db, struct net_client *client,
                          const char *organisation)
{
    struct puller *puller = calloc(1, sizeof(*puller));

    if (!puller)
        abort();
    puller->db = db;
    puller->client = client;
    puller->organisation = organisation;
    puller->held = true;
    retry_init(&puller->retry, loop, "exchange.pull_stopped", again, puller);
    onward_init(&puller->onward, loop, db, NULL, puller);
    return puller;
}

static void free_puller(uv_handle_t *handle)
{
    struct onward *onward = handle->data;

    free(onward->context);
}

static void close_onward(uv_handle_t *handle)
{
    struct puller *puller = handle->data;

    onward_close(&puller->onward, free_puller);
}

void puller_free(struct puller *puller)
{
    if (!puller)
        return;
    puller->state = PULLER_CLOSED;
    retry_close(&puller->retry, close_onward);
}

struct puller_line puller_line(const struct puller *puller)
{
    struct puller_line line = puller->line;

    line.older = puller->older;
    return line;
}

int puller_metrics(const struct puller *puller, struct buf *text)
{
    int result = buf_printf(text,
                            "# TYPE assize_exchange_pull_batches_total counter\n"
                            "assize_exchange_pull_batches_total %" PRIu64 "\n"
                            "# TYPE assize_exchange_pull_records_total counter\n"
                            "assize_exchange_pull_records_total %" PRIu64 "\n"
                            "# TYPE assize_exchange_pull_rejections_total counter\n"
                            "assize_exchange_pull_rejections_total %" PRIu64 "\n"
                            "# TYPE assize_exchange_pull_up gauge\nassize_exchange_pull_up %d\n",
                            puller->batches, puller->records, puller->rejections, puller->open);

    return result ? result : retry_metrics(&puller->retry, "assize_exchange_pull", text);
}
