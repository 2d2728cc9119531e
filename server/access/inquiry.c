#include "server/access/inquiry.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "base/log.h"
#include "proto/codec.h"

#define SAID(name) ASSIZE__CASES__V1__CENTER_SAID__CENTER_SAID_##name

enum { REQUEST_MAX = 4096 };

struct inquiry {
    struct inquiries *inquiries;
    struct net_client *client; /* that asks; NULL: it waits for its turn */
    uv_timer_t timer;          /* its deadline */
    struct buf request;
    inquiry_callback callback;
    void *context;
    struct inquiry *prev, *next;
};

struct inquiries {
    struct inquiries_options options;
    struct net_client *clients[INQUIRY_WAYS];
    struct inquiry *list; /* in the order in which they came */
    unsigned count;
};

static void go_on(struct inquiries *inquiries);

/* ---- the end of a question ---- */

static void closed(uv_handle_t *handle)
{
    struct inquiry *inquiry = handle->data;

    buf_done(&inquiry->request);
    free(inquiry);
}

/* Its connection is free by now. */
static void finish(struct inquiry *inquiry, Assize__Cases__V1__CenterSaid said,
                   const Assize__Cases__V1__PrefillResponse *known)
{
    struct inquiries *inquiries = inquiry->inquiries;

    DL_DELETE(inquiries->list, inquiry);
    inquiries->count--;
    uv_close((uv_handle_t *)&inquiry->timer, closed);
    inquiry->callback(inquiry->context, said, known);
}

static Assize__Cases__V1__CenterSaid read_refusal(int error, enum refusal refusal)
{
    const struct refusal_info *info = refusal_info(refusal);

    log_warn("access.center_not_asked", "error=%s refusal=%s", error ? log_errno(error).text : "-",
             error ? "-" : info->code);
    if (error || info->http_status >= 500 || info->http_status == 429)
        return SAID(AWAY);
    return refusal == REFUSAL_ACCESS_NO_RIGHT ? SAID(NO_RIGHT) : SAID(REFUSED);
}

static void answered(void *context, int error, enum refusal refusal, const uint8_t *body,
                     size_t len)
{
    struct inquiry *inquiry = context;
    struct inquiries *inquiries = inquiry->inquiries;
    const Assize__Cases__V1__PrefillResponse *known = NULL;
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    if (!error && !refusal) {
        known = codec_unpack(&assize__cases__v1__prefill_response__descriptor, &arena, body, len);
        error = known ? 0 : -EPROTO;
    }
    finish(inquiry, known ? SAID(ANSWERED) : read_refusal(error, refusal), known);
    arena_done(&arena);
    go_on(inquiries);
}

static void on_deadline(uv_timer_t *timer)
{
    struct inquiry *inquiry = timer->data;
    struct inquiries *inquiries = inquiry->inquiries;

    if (inquiry->client)
        net_client_hang_up(inquiry->client);
    finish(inquiry, read_refusal(-ETIMEDOUT, REFUSAL_NONE), NULL);
    go_on(inquiries);
}

/* ---- asking ---- */

/* NULL: all ask already. */
static struct net_client *free_client(const struct inquiries *inquiries)
{
    for (int i = 0; i < INQUIRY_WAYS; i++) {
        const struct inquiry *one;
        DL_FOREACH(inquiries->list, one)
        {
            if (one->client == inquiries->clients[i])
                break;
        }
        if (!one)
            return inquiries->clients[i];
    }
    return NULL;
}

/* Whoever waits longest asks next. */
static void go_on(struct inquiries *inquiries)
{
    struct inquiry *inquiry;

    DL_FOREACH(inquiries->list, inquiry)
    {
        if (inquiry->client)
            continue;
        inquiry->client = free_client(inquiries);
        if (!inquiry->client)
            return;
        net_client_set_issue(inquiry->client, "prefill");
        net_client_call(inquiry->client, "assize.cases.v1.CaseService/Prefill",
                        inquiry->request.data, inquiry->request.len, answered, inquiry);
    }
}

static struct inquiry *inquiry_new(struct inquiries *inquiries, const ProtobufCMessage *request)
{
    struct inquiry *inquiry = calloc(1, sizeof(*inquiry));

    if (!inquiry)
        abort();
    inquiry->inquiries = inquiries;
    inquiry->timer.data = inquiry;
    buf_init(&inquiry->request, REQUEST_MAX);
    if (codec_pack(request, &inquiry->request))
        abort(); /* each of its fields was checked */
    uv_timer_init(inquiries->options.loop, &inquiry->timer);
    uv_timer_start(&inquiry->timer, on_deadline, INQUIRY_MS, 0);
    return inquiry;
}

void inquiries_prefill(struct inquiries *inquiries,
                       const Assize__Cases__V1__PrefillRequest *request, inquiry_callback callback,
                       void *context)
{
    if (inquiries->options.held(inquiries->options.context)) {
        callback(context, SAID(DISCONNECTED), NULL);
        return;
    }
    if (inquiries->count >= INQUIRY_MAX) {
        callback(context, read_refusal(0, REFUSAL_BUSY), NULL);
        return;
    }
    struct inquiry *inquiry = inquiry_new(inquiries, &request->base);
    inquiry->callback = callback;
    inquiry->context = context;
    DL_APPEND(inquiries->list, inquiry);
    inquiries->count++;
    go_on(inquiries);
}

/* ---- making and freeing ---- */

struct inquiries *inquiries_new(const struct inquiries_options *options)
{
    struct inquiries *inquiries = calloc(1, sizeof(*inquiries));

    if (!inquiries)
        abort();
    inquiries->options = *options;
    for (int i = 0; i < INQUIRY_WAYS; i++) {
        inquiries->clients[i] = net_client_new(options->net, options->center);
        if (!inquiries->clients[i]) { /* nor any other: it is the URL */
            free(inquiries);
            return NULL;
        }
    }
    return inquiries;
}

void inquiries_free(struct inquiries *inquiries)
{
    struct inquiry *inquiry, *next;

    if (!inquiries)
        return;
    for (int i = 0; i < INQUIRY_WAYS; i++)
        net_client_free(inquiries->clients[i]);
    DL_FOREACH_SAFE(inquiries->list, inquiry, next)
    finish(inquiry, SAID(AWAY), NULL);
    free(inquiries);
}
