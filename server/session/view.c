#include <stdlib.h>
#include <string.h>

#include "server/session/draft.h"
#include "server/session/view_internal.h"

enum { WORDS_BYTES_MAX = 256 << 10 };

const struct view_touched view_everything = {
    .endpoints = UINT64_MAX, .participants = UINT64_MAX, .drafts = true};

void *view_new(const struct view *view, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = arena_alloc(view->arena, type->sizeof_message);

    if (!message)
        abort(); /* a hearing within its limits fits the arena of a view */
    protobuf_c_message_init(type, message);
    return message;
}

const char *view_site_before(const char *name)
{
    static const char before[] = "Điểm cầu ";

    return !*name || strncmp(name, before, sizeof(before) - 1) == 0 ? "" : before;
}

/* ---- what people wrote ---- */

static const char *words_of(const struct view *view, const Assize__Hearing__V1__Event *event)
{
    if (!event->has_words_hash || !view->words ||
        !hearing_may_know(view->state, view->viewer, event))
        return NULL;
    return view->words(view->words_context, event->seq);
}

/* Of these events, the newest that a message has room for, oldest first. */
static size_t words_views(const struct view *view, Assize__Hearing__V1__Event *const *events,
                          size_t count, Assize__Signal__V1__Words ***ret_list)
{
    size_t room = HEARING_STORE_WORDS_MAX;
    size_t bytes = 0;

    Assize__Signal__V1__Words **list = arena_alloc(view->arena, sizeof(*list) * room);
    while (room && count-- > 0) {
        const char *text = words_of(view, events[count]);
        if (!text)
            continue;
        bytes += strlen(text);
        if (bytes > WORDS_BYTES_MAX)
            break;
        Assize__Signal__V1__Words *told = view_new(view, &assize__signal__v1__words__descriptor);
        told->has_seq = 1;
        told->seq = events[count]->seq;
        told->words = codec_text(text);
        list[--room] = told;
    }
    *ret_list = list + room;
    return HEARING_STORE_WORDS_MAX - room;
}

/* ---- the whole ---- */

Assize__Signal__V1__Snapshot *view_snapshot(const struct view *view,
                                            Assize__Hearing__V1__Event *const *events, size_t count)
{
    Assize__Signal__V1__Snapshot *s = view_new(view, &assize__signal__v1__snapshot__descriptor);

    s->has_seq = 1;
    s->seq = view->state->seq;
    s->hearing = view_hearing(view);
    s->procedure = view_procedure(view);
    s->n_sites = view->state->site_count;
    s->sites = arena_alloc(view->arena, sizeof(*s->sites) * HEARING_SITES_MAX);
    for (uint32_t i = 0; i < view->state->site_count; i++)
        s->sites[i] = view_site(view, i);
    s->n_endpoints = view_endpoints(view, UINT64_MAX, &s->endpoints);
    s->n_participants = view_participants(view, UINT64_MAX, &s->participants);
    s->n_words = words_views(view, events, count, &s->words);
    if (view_has_right(view, HEARING_RIGHT_CONDUCT)) {
        s->suspension_draft = draft_suspension(view);
        s->adjournment_draft = draft_adjournment(view);
    }
    return s;
}

static Assize__Hearing__V1__Event *event_view(const struct view *view,
                                              Assize__Hearing__V1__Event *event)
{
    if (hearing_may_know(view->state, view->viewer, event))
        return event;
    Assize__Hearing__V1__Event *bare = view_new(view, &assize__hearing__v1__event__descriptor);

    bare->has_seq = bare->has_at_ms = 1;
    bare->seq = event->seq;
    bare->at_ms = event->at_ms;
    return bare;
}

Assize__Signal__V1__Events *view_events(const struct view *view,
                                        Assize__Hearing__V1__Event *const *events, size_t count,
                                        struct view_touched touched)
{
    Assize__Signal__V1__Events *e = view_new(view, &assize__signal__v1__events__descriptor);

    e->n_events = count;
    e->events = arena_alloc(view->arena, sizeof(*e->events) * (count + 1));
    for (size_t i = 0; i < count; i++)
        e->events[i] = event_view(view, events[i]);
    e->hearing = view_hearing(view);
    e->n_endpoints = view_endpoints(view, touched.endpoints, &e->endpoints);
    e->n_participants = view_participants(view, touched.participants, &e->participants);
    e->n_words = words_views(view, events, count, &e->words);
    if (touched.drafts && view_has_right(view, HEARING_RIGHT_CONDUCT)) {
        e->suspension_draft = draft_suspension(view);
        e->adjournment_draft = draft_adjournment(view);
    }
    return e;
}
