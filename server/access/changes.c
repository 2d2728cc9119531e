#include "server/access/changes.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/str.h"
#include "proto/codec.h"
#include "server/access/access_check.h"
#include "server/access/access_internal.h"
#include "server/identity/staff_call.h"

enum { TOLD_MAX = 1 << 20 };

struct watcher {
    struct changes *changes;
    struct net_stream *stream; /* NULL: it is over, and a question is still under way */
    char token[NET_TOKEN_SIZE];
    int pending; /* questions under way: what there is, and whether they are still signed in */
    bool looking, checking;
    struct buf seen;                        /* as it was told last, without the time */
    int64_t sent_ms, checked_ms, looked_ms; /* monotonic */
    bool calm;                              /* nothing was on its way at the last look */
    struct watcher *prev, *next;
    size_t count;
    char *keys[CHANGE_CASES_MAX];
    char text[CHANGE_CASES_MAX][ID_UUID_SIZE];
};

struct changes {
    struct changes_options options;
    uv_timer_t timer; /* runs while somebody watches */
    struct watcher *watchers;
    int watching;
};

/* ---- what there is ---- */

static struct change_wish wish_of(const struct access_call *call)
{
    const Assize__Cases__V1__ChangesRequest *request =
        (const Assize__Cases__V1__ChangesRequest *)call->request;

    return (struct change_wish){request->case_keys, request->n_case_keys};
}

static void add_line(const struct changes *changes, Assize__Cases__V1__ChangesResponse *told,
                     Assize__Cases__V1__CenterLine *line)
{
    *line = (Assize__Cases__V1__CenterLine)ASSIZE__CASES__V1__CENTER_LINE__INIT;
    changes->options.line(changes->options.context, line);
    told->line = line;
    told->has_now_ms = true;
    told->now_ms = clock_wall_ms();
}

static void found(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct access_call *call = context;
    Assize__Cases__V1__CenterLine line;

    if (answer)
        add_line(call->service->changes, (Assize__Cases__V1__ChangesResponse *)answer, &line);
    access_call_answered(call, error, refusal, answer);
}

/* The access is in the log. */
static void noted(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct access_call *call = context;
    const struct change_wish wish = wish_of(call);

    (void)answer;
    if (error || refusal)
        access_call_answered(call, error, refusal, NULL);
    else
        change_store_look(call->service->db, call->caller.organisation, &wish, found, call);
}

/* Says in the log who asks for what, and goes on with it. */
static void note(struct access_call *call, const char *method, asking_callback go_on)
{
    const Assize__Cases__V1__ChangesRequest *request =
        (const Assize__Cases__V1__ChangesRequest *)call->request;
    const struct change_wish wish = wish_of(call);

    if (!access_call_reason(call, request->reason))
        return;
    const char *wrong = access_check_changes(request);
    if (wrong)
        access_call_refuse(call, REFUSAL_FIELD_WRONG, wrong);
    else if (!call->service->changes)
        access_call_refuse(call, REFUSAL_NOT_FOUND, NULL);
    else
        change_store_note(call->service->db, &call->caller, method, &wish, go_on, call);
}

void access_changes(struct access_call *call)
{
    note(call, "Changes", noted);
}

/* ---- telling on ---- */

static void free_watcher(struct watcher *watcher)
{
    if (watcher->pending || watcher->stream)
        return;
    buf_done(&watcher->seen);
    free(watcher);
}

/* Out of the list; its memory goes now, or when the last question about it is answered. */
static void forget(struct watcher *watcher)
{
    struct changes *changes = watcher->changes;

    watcher->stream = NULL;
    DL_DELETE(changes->watchers, watcher);
    changes->watching--;
    if (!changes->watchers)
        uv_timer_stop(&changes->timer);
    free_watcher(watcher);
}

static void end(struct watcher *watcher, enum refusal refusal)
{
    net_stream_end(watcher->stream, refusal);
    forget(watcher);
}

/* Whether it says another thing than the last one; that the centre has answered again is none. */
static bool is_new(struct watcher *watcher, Assize__Cases__V1__ChangesResponse *told)
{
    Assize__Cases__V1__CenterLine line = *told->line;
    struct buf packed;

    told->has_now_ms = line.has_answered_ms = false;
    Assize__Cases__V1__CenterLine *whole = told->line;
    told->line = &line;
    buf_init(&packed, TOLD_MAX);
    int failed = codec_pack(&told->base, &packed);
    told->line = whole;
    told->has_now_ms = true;
    bool same = !failed && watcher->sent_ms && packed.len == watcher->seen.len &&
                memcmp(packed.data, watcher->seen.data, packed.len) == 0;
    buf_done(&watcher->seen);
    watcher->seen = packed;
    return !same;
}

static void tell(struct watcher *watcher, Assize__Cases__V1__ChangesResponse *told)
{
    int64_t now_ms = clock_monotonic_ms();
    struct buf packed;

    if (!net_stream_is_clear(watcher->stream))
        return; /* told when what was said before is on its way */
    if (!is_new(watcher, told) && watcher->sent_ms + CHANGES_BEAT_MS > now_ms)
        return;
    watcher->sent_ms = now_ms;
    buf_init(&packed, TOLD_MAX);
    bool sent = !codec_pack(&told->base, &packed) &&
                !net_stream_send(watcher->stream, packed.data, packed.len);
    buf_done(&packed);
    if (!sent)
        end(watcher, REFUSAL_TOO_LARGE);
}

static void looked(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct watcher *watcher = context;
    Assize__Cases__V1__CenterLine line;

    watcher->looking = false;
    watcher->pending--;
    if (!watcher->stream) {
        free_watcher(watcher);
    } else if (error || refusal) {
        end(watcher, error ? REFUSAL_DATABASE_AWAY : refusal);
    } else {
        Assize__Cases__V1__ChangesResponse *told = (Assize__Cases__V1__ChangesResponse *)answer;
        add_line(watcher->changes, told, &line);
        watcher->calm = !told->waiting && !told->sent;
        tell(watcher, told);
    }
}

static void look(struct watcher *watcher)
{
    const struct change_wish wish = {watcher->keys, watcher->count};
    const struct changes_options *options = &watcher->changes->options;

    if (watcher->looking)
        return;
    watcher->looking = true;
    watcher->looked_ms = clock_monotonic_ms();
    watcher->pending++;
    change_store_look(options->db, options->organisation, &wish, looked, watcher);
}

static void checked(void *context, enum refusal refusal, const struct staff_session *who)
{
    const unsigned readers = STAFF_ROLE_BIT(CLERK) | STAFF_ROLE_BIT(JUDGE);
    struct watcher *watcher = context;

    watcher->checking = false;
    watcher->pending--;
    if (!watcher->stream)
        free_watcher(watcher);
    else if (refusal || !(readers & 1u << who->role))
        end(watcher, refusal ? refusal : REFUSAL_STAFF_ROLE);
}

/* Whoever was signed out meanwhile is told no more. */
static void check(struct watcher *watcher, int64_t now_ms)
{
    if (watcher->checking || watcher->checked_ms + CHANGES_BEAT_MS > now_ms)
        return;
    watcher->checked_ms = now_ms;
    watcher->checking = true;
    watcher->pending++;
    staff_find(watcher->changes->options.staff, watcher->token, checked, watcher);
}

static bool is_due(const struct watcher *watcher, int64_t now_ms)
{
    return watcher->looked_ms + (watcher->calm ? CHANGES_CALM_MS : CHANGES_LOOK_MS) <= now_ms;
}

/* Either may be answered at once, and end it. Who was looked for is behind the others then. */
static void go_on(struct watcher *watcher, int64_t now_ms, int *looks)
{
    struct changes *changes = watcher->changes;

    watcher->pending++;
    check(watcher, now_ms);
    if (watcher->stream && *looks < CHANGES_LOOKS_MAX && is_due(watcher, now_ms)) {
        (*looks)++;
        DL_DELETE(changes->watchers, watcher);
        DL_APPEND(changes->watchers, watcher);
        look(watcher);
    }
    watcher->pending--;
    free_watcher(watcher);
}

/* A little early is due as well, so that no look is put off by a whole step. */
static void on_timer(uv_timer_t *timer)
{
    struct changes *changes = timer->data;
    int64_t now_ms = clock_monotonic_ms() + CHANGES_LOOK_MS / 10;
    struct watcher *watcher = changes->watchers, *next;
    int looks = 0;

    for (int left = changes->watching; left > 0; left--) {
        next = watcher->next;
        go_on(watcher, now_ms, &looks);
        watcher = next;
    }
}

static void watcher_gone(void *context)
{
    forget(context);
}

static struct watcher *watcher_new(const struct access_call *call)
{
    struct watcher *watcher = calloc(1, sizeof(*watcher));
    const struct change_wish wish = wish_of(call);

    if (!watcher)
        abort();
    watcher->changes = call->service->changes;
    watcher->checked_ms = clock_monotonic_ms();
    buf_init(&watcher->seen, TOLD_MAX);
    str_copy(watcher->token, sizeof(watcher->token), net_call_peer(call->call)->staff_token);
    watcher->count = wish.count;
    for (size_t i = 0; i < wish.count; i++) {
        str_copy(watcher->text[i], ID_UUID_SIZE, wish.keys[i]);
        watcher->keys[i] = watcher->text[i];
    }
    return watcher;
}

/* The access is in the log. */
static void begin(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct access_call *call = context;
    struct changes *changes = call->service->changes;

    (void)answer;
    if (!error && !refusal && changes->watching >= CHANGES_WATCHERS_MAX)
        refusal = REFUSAL_BUSY;
    if (error || refusal) {
        access_call_answered(call, error, refusal, NULL);
        return;
    }
    struct watcher *watcher = watcher_new(call);
    watcher->stream = access_call_stream(call, watcher_gone, watcher);
    if (!watcher->stream) {
        free_watcher(watcher);
        return;
    }
    DL_APPEND(changes->watchers, watcher);
    changes->watching++;
    if (!uv_is_active((uv_handle_t *)&changes->timer))
        uv_timer_start(&changes->timer, on_timer, CHANGES_LOOK_MS, CHANGES_LOOK_MS);
    look(watcher);
}

void access_watch_changes(struct access_call *call)
{
    note(call, "WatchChanges", begin);
}

/* ---- making and freeing ---- */

struct changes *changes_new(const struct changes_options *options)
{
    struct changes *changes = calloc(1, sizeof(*changes));

    if (!changes)
        abort();
    changes->options = *options;
    changes->timer.data = changes;
    uv_timer_init(options->loop, &changes->timer);
    return changes;
}

static void free_changes(uv_handle_t *handle)
{
    free(handle->data);
}

void changes_free(struct changes *changes)
{
    struct watcher *watcher, *next;

    if (!changes)
        return;
    DL_FOREACH_SAFE(changes->watchers, watcher, next)
    end(watcher, REFUSAL_DRAINING);
    uv_close((uv_handle_t *)&changes->timer, free_changes);
}
