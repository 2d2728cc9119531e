#include "server/monitor/monitor.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/table.h"
#include "db/access_store.h"
#include "proto/codec.h"
#include "server/identity/staff_call.h"

#define READERS (STAFF_ROLE_BIT(OFFICER) | STAFF_ROLE_BIT(ADMINISTRATOR))

enum { PROGRESS_MAX = 1 << 20 };

/* When an organisation was there last. Only those with a certificate can, so there are not many. */
struct contact {
    char code[NET_ORGANISATION_SIZE];
    int64_t at_ms;
    bool lost;    /* and has not called since */
    bool refused; /* what it sent last */
    bool early;   /* one came too early since one was taken in */
    UT_hash_handle hh;
};

struct watcher {
    struct monitor *monitor;
    struct net_stream *stream; /* NULL: it is over, and a question is still under way */
    char token[NET_TOKEN_SIZE];
    bool program; /* it came with a certificate, not with a token */
    uint8_t spki[SHA256_BYTES];
    bool asking;     /* whether it may still watch */
    uint64_t seen;   /* version that was sent last */
    int64_t sent_ms; /* monotonic, like checked_ms */
    int64_t checked_ms;
    struct watcher *prev, *next;
};

struct monitor {
    struct db *db;
    struct staff *staff;
    const char *organisation;
    uv_timer_t timer; /* runs while somebody watches */
    struct watcher *watchers;
    struct contact *contacts;
    bool looking;     /* the database is being asked */
    uint64_t version; /* of what was seen last */
    struct buf seen;  /* packed, without the time */
};

/* ---- who was heard of ---- */

void monitor_heard(struct monitor *monitor, const char *organisation)
{
    struct contact *contact;

    HASH_FIND_STR(monitor->contacts, organisation, contact);
    if (!contact && HASH_COUNT(monitor->contacts) >= MONITOR_SOURCES_MAX)
        return;
    if (!contact) {
        contact = calloc(1, sizeof(*contact));
        if (!contact)
            abort();
        str_copy(contact->code, sizeof(contact->code), organisation);
        HASH_ADD_STR(monitor->contacts, code, contact);
    }
    if (contact->refused)
        return;
    contact->at_ms = clock_wall_ms();
    contact->lost = false;
}

void monitor_lost(struct monitor *monitor, const char *organisation)
{
    struct contact *contact;

    HASH_FIND_STR(monitor->contacts, organisation, contact);
    if (!contact || contact->lost)
        return;
    contact->at_ms = clock_wall_ms();
    contact->lost = true;
}

void monitor_refused(struct monitor *monitor, const char *organisation)
{
    struct contact *contact;

    HASH_FIND_STR(monitor->contacts, organisation, contact);
    if (contact)
        contact->refused = true;
}

void monitor_early(struct monitor *monitor, const char *organisation)
{
    struct contact *contact;

    monitor_heard(monitor, organisation);
    HASH_FIND_STR(monitor->contacts, organisation, contact);
    if (!contact)
        return;
    contact->refused = contact->refused || contact->early;
    contact->early = true;
}

void monitor_taken(struct monitor *monitor, const char *organisation)
{
    struct contact *contact;

    HASH_FIND_STR(monitor->contacts, organisation, contact);
    if (contact)
        contact->refused = contact->early = false;
    monitor_heard(monitor, organisation);
}

static Assize__Monitor__V1__SourceState state_of(const Assize__Monitor__V1__Source *source,
                                                 const struct contact *contact, int64_t batch_ms,
                                                 int64_t now_ms)
{
    bool late = source->has_lag_ms && source->lag_ms > MONITOR_LATE_MS;

    if (!source->has_contact_ms)
        return ASSIZE__MONITOR__V1__SOURCE_STATE__SOURCE_STATE_NEVER;
    if (source->contact_ms < now_ms - MONITOR_LIVE_MS ||
        (contact && (contact->lost || contact->refused)))
        return ASSIZE__MONITOR__V1__SOURCE_STATE__SOURCE_STATE_QUIET;
    return late && batch_ms >= now_ms - MONITOR_CATCHING_UP_MS
               ? ASSIZE__MONITOR__V1__SOURCE_STATE__SOURCE_STATE_CATCHING_UP
               : ASSIZE__MONITOR__V1__SOURCE_STATE__SOURCE_STATE_LIVE;
}

/* Adds what the database does not know. */
static void add_contact(const struct monitor *monitor, Assize__Monitor__V1__Source *source,
                        int64_t now_ms)
{
    int64_t batch_ms = source->contact_ms;
    const struct contact *contact;

    HASH_FIND_STR(monitor->contacts, source->code, contact);
    if (contact && (!source->has_contact_ms || source->contact_ms < contact->at_ms)) {
        source->has_contact_ms = true;
        source->contact_ms = contact->at_ms;
    }
    if (source->state != ASSIZE__MONITOR__V1__SOURCE_STATE__SOURCE_STATE_WITHDRAWN)
        source->state = state_of(source, contact, batch_ms, now_ms);
}

static bool is_there(const Assize__Monitor__V1__Source *source)
{
    return source->state == ASSIZE__MONITOR__V1__SOURCE_STATE__SOURCE_STATE_LIVE ||
           source->state == ASSIZE__MONITOR__V1__SOURCE_STATE__SOURCE_STATE_CATCHING_UP;
}

static void add_contacts(const struct monitor *monitor,
                         Assize__Monitor__V1__ProgressResponse *progress, int64_t now_ms)
{
    progress->has_courts_live = true;
    for (size_t i = 0; i < progress->n_sources; i++) {
        Assize__Monitor__V1__Source *source = progress->sources[i];
        add_contact(monitor, source, now_ms);
        progress->courts_live += source->court && is_there(source);
    }
}

/* ---- telling on ---- */

/* Out of the list; its memory goes now, or when the question about it is answered. */
static void forget(struct watcher *watcher)
{
    struct monitor *monitor = watcher->monitor;

    watcher->stream = NULL;
    DL_DELETE(monitor->watchers, watcher);
    if (!monitor->watchers)
        uv_timer_stop(&monitor->timer);
    if (!watcher->asking)
        free(watcher);
}

static void end(struct watcher *watcher, enum refusal refusal)
{
    net_stream_end(watcher->stream, refusal);
    forget(watcher);
}

static void tell(struct watcher *watcher, const struct buf *packed, int64_t now_ms)
{
    bool due =
        watcher->seen != watcher->monitor->version || watcher->sent_ms + MONITOR_BEAT_MS <= now_ms;

    if (!due || !net_stream_is_clear(watcher->stream))
        return;
    watcher->seen = watcher->monitor->version;
    watcher->sent_ms = now_ms;
    if (net_stream_send(watcher->stream, packed->data, packed->len))
        end(watcher, REFUSAL_TOO_LARGE);
}

/* Whether it is another than the last one. */
static void compare(struct monitor *monitor, struct buf *packed)
{
    if (monitor->version && packed->len == monitor->seen.len &&
        memcmp(packed->data, monitor->seen.data, packed->len) == 0)
        return;
    monitor->version++;
    buf_done(&monitor->seen);
    monitor->seen = *packed;
    buf_init(packed, PROGRESS_MAX);
}

static void looked(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    Assize__Monitor__V1__ProgressResponse *progress =
        (Assize__Monitor__V1__ProgressResponse *)answer;
    struct monitor *monitor = context;
    struct watcher *watcher, *next;
    struct buf packed;

    monitor->looking = false;
    if (error || refusal) {
        DL_FOREACH_SAFE(monitor->watchers, watcher, next)
        end(watcher, error ? REFUSAL_DATABASE_AWAY : refusal);
        return;
    }
    buf_init(&packed, PROGRESS_MAX);
    add_contacts(monitor, progress, clock_wall_ms());
    if (!codec_pack(&progress->base, &packed))
        compare(monitor, &packed);
    progress->has_now_ms = true;
    progress->now_ms = clock_wall_ms();
    buf_clear(&packed);
    int failed = codec_pack(&progress->base, &packed);
    DL_FOREACH_SAFE(monitor->watchers, watcher, next)
    {
        if (failed)
            end(watcher, REFUSAL_TOO_LARGE);
        else
            tell(watcher, &packed, clock_monotonic_ms());
    }
    buf_done(&packed);
}

static void checked(struct watcher *watcher, enum refusal refusal)
{
    watcher->asking = false;
    if (!watcher->stream)
        free(watcher);
    else if (refusal)
        end(watcher, refusal);
}

static void session_checked(void *context, enum refusal refusal, const struct staff_session *who)
{
    bool reads = !refusal && READERS & 1u << who->role;

    checked(context, refusal || reads ? refusal : REFUSAL_STAFF_ROLE);
}

static void certificate_checked(void *context, int error, enum refusal refusal,
                                ProtobufCMessage *answer)
{
    (void)answer;
    checked(context, error ? REFUSAL_DATABASE_AWAY : refusal);
}

/* Whoever was signed out, or lost the certificate's right, meanwhile is told no more. */
static void check(struct watcher *watcher, int64_t now_ms)
{
    struct monitor *monitor = watcher->monitor;

    if (watcher->asking || watcher->checked_ms + MONITOR_BEAT_MS > now_ms)
        return;
    watcher->checked_ms = now_ms;
    watcher->asking = true;
    if (watcher->program)
        access_store_known(monitor->db, monitor->organisation, watcher->spki, certificate_checked,
                           watcher);
    else
        staff_find(monitor->staff, watcher->token, session_checked, watcher);
}

static void look(struct monitor *monitor)
{
    if (monitor->looking)
        return;
    monitor->looking = true;
    monitor_store_progress(monitor->db, looked, monitor);
}

static void on_timer(uv_timer_t *timer)
{
    struct monitor *monitor = timer->data;
    struct watcher *watcher, *next;

    DL_FOREACH_SAFE(monitor->watchers, watcher, next)
    check(watcher, clock_monotonic_ms());
    if (monitor->watchers)
        look(monitor);
}

static void watcher_gone(void *context)
{
    forget(context);
}

/* ---- the calls ---- */

static struct monitor *monitor_of(const struct staff_call *call)
{
    return call->context;
}

static void answer_watch(struct staff_call *call)
{
    struct monitor *monitor = monitor_of(call);
    const struct net_peer *peer = net_call_peer(call->call);
    struct watcher *watcher = calloc(1, sizeof(*watcher));

    if (!watcher)
        abort();
    watcher->monitor = monitor;
    watcher->checked_ms = clock_monotonic_ms();
    watcher->program = !*call->account;
    memcpy(watcher->spki, peer->spki, SHA256_BYTES);
    str_copy(watcher->token, sizeof(watcher->token), peer->staff_token);
    watcher->stream = staff_call_stream(call, watcher_gone, watcher);
    if (!watcher->stream) {
        free(watcher);
        return;
    }
    DL_APPEND(monitor->watchers, watcher);
    if (!uv_is_active((uv_handle_t *)&monitor->timer))
        uv_timer_start(&monitor->timer, on_timer, MONITOR_LOOK_MS, MONITOR_LOOK_MS);
    look(monitor);
}

static void progress_found(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    Assize__Monitor__V1__ProgressResponse *progress =
        (Assize__Monitor__V1__ProgressResponse *)answer;
    struct staff_call *call = context;

    if (progress) {
        progress->has_now_ms = true;
        progress->now_ms = clock_wall_ms();
        add_contacts(monitor_of(call), progress, progress->now_ms);
    }
    staff_call_answered(call, error, refusal, answer);
}

static void answer_progress(struct staff_call *call)
{
    monitor_store_progress(monitor_of(call)->db, progress_found, call);
}

static void source_found(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct staff_call *call = context;

    if (answer)
        add_contact(monitor_of(call), ((Assize__Monitor__V1__SourceResponse *)answer)->source,
                    clock_wall_ms());
    staff_call_answered(call, error, refusal, answer);
}

static void answer_source(struct staff_call *call)
{
    const char *code = ((const Assize__Monitor__V1__SourceRequest *)call->request)->code;

    if (!code)
        staff_call_refuse(call, REFUSAL_MALFORMED);
    else
        monitor_store_source(monitor_of(call)->db, code, source_found, call);
}

static const struct staff_method methods[] = {
    {"Progress", READERS, false, &assize__monitor__v1__progress_request__descriptor,
     answer_progress},
    {"Watch", READERS, false, &assize__monitor__v1__progress_request__descriptor, answer_watch},
    {"Source", READERS, false, &assize__monitor__v1__source_request__descriptor, answer_source},
};
static const struct staff_service service = {"assize.monitor.v1.MonitorService/", methods,
                                             sizeof(methods) / sizeof(methods[0])};

bool monitor_call(struct monitor *monitor, struct net_call *call)
{
    return staff_call_take(monitor->staff, &service, monitor, call);
}

static void program_known(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    (void)answer;
    staff_call_known(context, error ? REFUSAL_DATABASE_AWAY : refusal,
                     ASSIZE__STAFF__V1__ROLE__ROLE_OFFICER);
}

static void find_program(struct staff_call *call)
{
    const struct monitor *monitor = monitor_of(call);
    const struct net_peer *peer = net_call_peer(call->call);

    if (strcmp(peer->organisation, monitor->organisation) != 0)
        staff_call_refuse(call, REFUSAL_OPERATOR_ONLY);
    else
        access_store_known(monitor->db, peer->organisation, peer->spki, program_known, call);
}

bool monitor_call_of_program(struct monitor *monitor, struct net_call *call)
{
    return staff_call_take_from(find_program, &service, monitor, call);
}

/* ---- making and freeing ---- */

struct monitor *monitor_new(uv_loop_t *loop, struct db *db, struct staff *staff,
                            const char *organisation)
{
    struct monitor *monitor = calloc(1, sizeof(*monitor));

    if (!monitor)
        abort();
    monitor->db = db;
    monitor->staff = staff;
    monitor->organisation = organisation;
    monitor->timer.data = monitor;
    buf_init(&monitor->seen, PROGRESS_MAX);
    uv_timer_init(loop, &monitor->timer);
    return monitor;
}

static void free_monitor(uv_handle_t *handle)
{
    free(handle->data);
}

void monitor_free(struct monitor *monitor)
{
    struct watcher *watcher, *next_watcher;
    struct contact *contact, *next;

    if (!monitor)
        return;
    DL_FOREACH_SAFE(monitor->watchers, watcher, next_watcher)
    end(watcher, REFUSAL_DRAINING);
    HASH_ITER(hh, monitor->contacts, contact, next)
    {
        HASH_DEL(monitor->contacts, contact);
        free(contact);
    }
    buf_done(&monitor->seen);
    uv_close((uv_handle_t *)&monitor->timer, free_monitor);
}
