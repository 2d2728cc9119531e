#include "server/exchange/pulls.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "proto/codec.h"
#include "server/exchange/batch.h"
#include "server/exchange/caller.h"
#include "server/exchange/pulls_internal.h"

enum { SWEEP_MS = 250 };

struct pull *pulls_find(struct pulls *pulls, const char *code)
{
    struct pull *pull;

    HASH_FIND_STR(pulls->all, code, pull);
    return pull;
}

/* NULL: there are too many. Whose certificate the authority did not sign gets nowhere near. */
static struct pull *find_or_make(struct pulls *pulls, const struct exchange_source *source)
{
    struct pull *pull = pulls_find(pulls, source->code);

    if (pull || HASH_COUNT(pulls->all) >= PULLS_MAX)
        return pull;
    pull = calloc(1, sizeof(*pull));
    if (!pull)
        abort();
    pull->pulls = pulls;
    pull->source = *source;
    HASH_ADD_STR(pulls->all, source.code, pull);
    return pull;
}

/* ---- who waits ---- */

static bool waits(const struct pull *pull)
{
    return pull->call || pull->stream;
}

static void count_out(struct pulls *pulls)
{
    pulls->waiting--;
    if (!pulls->waiting)
        uv_timer_stop(&pulls->sweep);
}

static struct net_call *end_wait(struct pull *pull)
{
    struct net_call *call = pull->call;

    pull->call = NULL;
    count_out(pull->pulls);
    return call;
}

static struct net_stream *end_watch(struct pull *pull)
{
    struct net_stream *stream = pull->stream;

    pull->stream = NULL;
    pull->pulls->watching--;
    count_out(pull->pulls);
    return stream;
}

void pulls_tell(const struct pull *pull, enum contact contact)
{
    pull->pulls->contact(pull->pulls->context, pull->source.code, contact);
}

void pulls_answer_empty(struct net_call *call)
{
    net_call_reply(call, (const uint8_t *)"", 0);
}

/* Nobody waits for an answer any more; the call ends once the database has been asked. Whose own
 * time was over is not lost. */
static void go_away(struct pull *pull)
{
    if (!net_call_is_late(pull->call))
        pulls_tell(pull, CONTACT_LOST);
    if (!pull->looking)
        pulls_answer_empty(end_wait(pull));
}

/* There is nothing more for whoever waits. */
static void send_away(struct pull *pull, enum refusal refusal)
{
    if (pull->stream)
        net_stream_end(end_watch(pull), refusal);
    else if (pull->call && refusal)
        net_call_refuse(end_wait(pull), refusal);
    else if (pull->call)
        pulls_answer_empty(end_wait(pull));
}

/* ---- giving a batch ---- */

static void answer(struct pull *pull, struct net_call *call, const struct buf *packed)
{
    if (call)
        net_call_reply(call, packed->data, packed->len);
    else if (net_stream_send(pull->stream, packed->data, packed->len))
        send_away(pull, REFUSAL_BUSY); /* it does not take what it was sent before */
}

/* Without a call into the stream. */
void pulls_give(struct pull *pull, struct net_call *call, const struct exchange_batch *taken,
                struct given *given)
{
    struct pulls *pulls = pull->pulls;
    struct exchange_batch batch = *taken;
    struct buf packed;

    if (!signer_follow(&pulls->signer, pulls->credentials)) {
        log_error("exchange.no_key", "organisation=%s", pull->source.code);
        if (call)
            net_call_refuse(call, REFUSAL_INTERNAL);
        else
            send_away(pull, REFUSAL_INTERNAL);
        return;
    }
    batch.target = pull->source.code;
    buf_init(&packed, NET_BODY_MAX);
    if (batch_write(&batch, pulls->organisation, pulls->signer, &packed))
        abort(); /* it was gathered below this limit */
    given->batch_no = batch.batch_no;
    memcpy(given->hash, batch.hash, SHA256_BYTES);
    memcpy(given->root, batch.root, SHA256_BYTES);
    pulls->given++;
    log_info("exchange.given", "target=%s batch=%" PRIu64 " records=%zu", pull->source.code,
             batch.batch_no, batch.count);
    answer(pull, call, &packed);
    buf_done(&packed);
}

/* ---- Pull and Watch ---- */

/* What the database said is out of date; true when it was asked anew, or nobody waits any more. */
static bool look_again(struct pull *pull)
{
    bool changed = pull->changed;

    pull->looking = pull->changed = false;
    if (changed && waits(pull))
        pulls_look(pull);
    return changed || !waits(pull);
}

static void taken(void *context, int error, const struct exchange_batch *batch)
{
    struct pull *pull = context;

    if (look_again(pull))
        return;
    if (error) {
        send_away(pull, caller_refusal(error));
    } else if (batch) {
        pull->unanswered = pull->stream;
        pulls_give(pull, pull->call ? end_wait(pull) : NULL, batch, &pull->pulled);
    } else if (pull->expecting) {
        pulls_look(pull);
    }
}

static void opened(void *context, int error, enum refusal refusal, uint64_t cursor)
{
    struct pull *pull = context;

    (void)cursor; /* of what it sends to us */
    if (!error && !refusal && !pull->known) {
        pull->known = true;
        pulls_tell(pull, CONTACT_HEARD);
    }
    if (!error && !refusal && !pull->changed && waits(pull)) {
        exchange_store_take(pull->pulls->db, pull->source.code, pull->cursor, taken, pull);
        return;
    }
    if (!look_again(pull))
        send_away(pull, error ? caller_refusal(error) : refusal);
}

/*
 * Asks the database what there is for it: whether it still may have anything, and what. One batch
 * is on its way at a time.
 */
void pulls_look(struct pull *pull)
{
    if (pull->looking || pull->unanswered)
        return;
    pull->looking = true;
    pull->expecting = false;
    exchange_store_open(pull->pulls->db, &pull->source, opened, pull);
}

/* A word into a stream that has had none for a while; and a look, lest the right to it has ended.
 */
static void beat(struct pull *pull, int64_t now)
{
    pull->until_ms = now + PULLS_BEAT_MS;
    if (net_stream_is_clear(pull->stream)) {
        if (net_stream_send(pull->stream, (const uint8_t *)"", 0))
            abort(); /* it is empty */
        if (pull->known)
            pulls_tell(pull, CONTACT_HEARD);
    }
    pulls_look(pull);
}

/* Those whose time is over, those who have gone away, and everybody when we have another
 * certificate: what we sign from now on is to come under that one. */
static void sweep(uv_timer_t *timer)
{
    struct pulls *pulls = timer->data;
    int64_t now = clock_monotonic_ms();
    unsigned version = credentials_version(pulls->credentials);
    bool renewed = version != pulls->version;

    pulls->version = version;
    for (struct pull *pull = pulls->all; pull; pull = pull->hh.next) {
        if (pull->stream && renewed)
            send_away(pull, REFUSAL_NONE);
        else if (pull->stream && now >= pull->until_ms)
            beat(pull, now);
        else if (pull->call && net_call_gone(pull->call))
            go_away(pull);
        else if (pull->call && !pull->looking && (renewed || now >= pull->until_ms))
            pulls_answer_empty(end_wait(pull));
    }
}

static void wait_for_batch(struct pull *pull, const struct exchange_source *source, uint64_t cursor,
                           int64_t wait_ms)
{
    send_away(pull, REFUSAL_NONE);
    pull->changed = pull->looking;
    pull->unanswered = pull->known = false;
    pull->source = *source;
    pull->cursor = cursor;
    pull->until_ms = clock_monotonic_ms() + wait_ms;
    if (!pull->pulls->waiting++)
        uv_timer_start(&pull->pulls->sweep, sweep, SWEEP_MS, SWEEP_MS);
}

/* Who it is that calls, and from where on. */
enum refusal pulls_caller(struct pulls *pulls, const struct net_call *call, const char *claimed,
                          uint64_t cursor, struct exchange_source *ret_source,
                          struct pull **ret_pull)
{
    enum refusal refusal =
        cursor < INT64_MAX ? caller_check(call, claimed, ret_source) : REFUSAL_MALFORMED;

    if (refusal)
        return refusal;
    *ret_pull = find_or_make(pulls, ret_source);
    return *ret_pull ? REFUSAL_NONE : REFUSAL_BUSY;
}

static void pull_batch(struct pulls *pulls, struct net_call *call)
{
    struct exchange_source source;
    struct pull *pull = NULL;
    struct arena arena;

    const Assize__Exchange__V1__PullRequest *request =
        caller_request(call, &assize__exchange__v1__pull_request__descriptor, &arena);
    enum refusal refusal =
        request ? pulls_caller(pulls, call, request->source, request->cursor, &source, &pull)
                : REFUSAL_MALFORMED;
    if (refusal) {
        net_call_refuse(call, refusal);
    } else {
        wait_for_batch(pull, &source, request->cursor,
                       request->wait_ms < PULLS_WAIT_MS ? request->wait_ms : PULLS_WAIT_MS);
        pull->call = call;
        pulls_look(pull);
    }
    arena_done(&arena);
}

static void watcher_gone(void *context)
{
    struct pull *pull = context;

    if (!net_stream_is_late(end_watch(pull)))
        pulls_tell(pull, CONTACT_LOST);
}

static void watch(struct pulls *pulls, struct net_call *call)
{
    struct exchange_source source;
    struct pull *pull = NULL;
    struct arena arena;

    const Assize__Exchange__V1__WatchRequest *request =
        caller_request(call, &assize__exchange__v1__watch_request__descriptor, &arena);
    enum refusal refusal =
        request ? pulls_caller(pulls, call, request->source, request->cursor, &source, &pull)
                : REFUSAL_MALFORMED;
    struct net_stream *stream = NULL;
    if (refusal)
        net_call_refuse(call, refusal);
    else
        stream = net_call_stream(call, watcher_gone, pull);
    if (stream) {
        net_stream_widen(stream, NET_BODY_MAX);
        wait_for_batch(pull, &source, request->cursor, 0);
        pull->stream = stream;
        pulls->watching++;
        pulls_look(pull);
    }
    arena_done(&arena);
}
bool pulls_call(struct pulls *pulls, const char *method, struct net_call *call)
{
    if (strcmp(method, "Pull") == 0)
        pull_batch(pulls, call);
    else if (strcmp(method, "Watch") == 0)
        watch(pulls, call);
    else if (strcmp(method, "Ack") == 0)
        pulls_ack(pulls, call);
    else if (strcmp(method, "Resend") == 0)
        pulls_resend(pulls, call);
    else
        return false;
    return true;
}

/* ---- what is committed ---- */

void pulls_expect(struct pulls *pulls, const char *organisation)
{
    struct pull *pull = pulls_find(pulls, organisation);

    if (pull && waits(pull))
        pull->expecting = true;
}

void pulls_wake(struct pulls *pulls)
{
    for (struct pull *pull = pulls->waiting ? pulls->all : NULL; pull; pull = pull->hh.next) {
        if (pull->expecting && waits(pull))
            pulls_look(pull);
    }
}

/* ---- making and freeing ---- */

struct pulls *pulls_new(const struct pulls_options *options)
{
    struct pulls *pulls = calloc(1, sizeof(*pulls));

    if (!pulls)
        abort();
    pulls->db = options->db;
    pulls->organisation = options->organisation;
    pulls->credentials = options->credentials;
    pulls->contact = options->contact;
    pulls->context = options->context;
    pulls->version = credentials_version(options->credentials);
    uv_timer_init(options->loop, &pulls->sweep);
    pulls->sweep.data = pulls;
    return pulls;
}

static void free_pulls(uv_handle_t *handle)
{
    struct pulls *pulls = handle->data;
    struct pull *pull, *next;

    HASH_ITER(hh, pulls->all, pull, next)
    {
        HASH_DEL(pulls->all, pull);
        free(pull);
    }
    signer_free(pulls->signer);
    free(pulls);
}

void pulls_drain(struct pulls *pulls)
{
    for (struct pull *pull = pulls->all; pull; pull = pull->hh.next)
        send_away(pull, REFUSAL_NONE);
}

void pulls_free(struct pulls *pulls)
{
    if (!pulls)
        return;
    pulls_drain(pulls);
    uv_close((uv_handle_t *)&pulls->sweep, free_pulls);
}

int pulls_metrics(const struct pulls *pulls, struct buf *text)
{
    return buf_printf(text,
                      "# TYPE assize_exchange_pulls_waiting gauge\n"
                      "assize_exchange_pulls_waiting %d\n"
                      "# TYPE assize_exchange_watching gauge\n"
                      "assize_exchange_watching %d\n"
                      "# TYPE assize_exchange_given_total counter\n"
                      "assize_exchange_given_total %" PRIu64 "\n"
                      "# TYPE assize_exchange_acknowledged_total counter\n"
                      "assize_exchange_acknowledged_total %" PRIu64 "\n"
                      "# TYPE assize_exchange_sent_back_total counter\n"
                      "assize_exchange_sent_back_total %" PRIu64 "\n",
                      pulls->waiting - pulls->watching, pulls->watching, pulls->given,
                      pulls->receipts, pulls->rejections);
}
