#include "server/session/view.h"

#include <string.h>

const struct view_touched view_everything = {.endpoints = UINT64_MAX, .participants = UINT64_MAX};

static bool sees_inside(const struct view *view)
{
    return hearing_is_inside(view->state, view->viewer);
}

static bool is_me(const struct view *view, uint32_t participant)
{
    return participant == view->viewer;
}

/* Texts of the record outlive the message, which is packed at once. */
static char *text(const char *from)
{
    union {
        const char *in;
        char *out;
    } borrowed = {.in = from};

    return borrowed.out;
}

static Assize__Signal__V1__HearingView *hearing_view(const struct view *view)
{
    const struct hearing *state = view->state;
    Assize__Signal__V1__HearingView *h = arena_alloc(view->arena, sizeof(*h));

    assize__signal__v1__hearing_view__init(h);
    h->id = text(view->record->id);
    h->case_number = text(view->record->case_number);
    h->title = text(view->record->title);
    h->court = text(view->record->court);
    h->has_scheduled_ms = h->has_status = h->has_status_since_ms = 1;
    h->has_private_ = h->has_gallery_open = h->has_gallery_delay_s = 1;
    h->scheduled_ms = view->record->scheduled_ms;
    h->status = state->status;
    h->status_since_ms = state->status_since_ms;
    h->private_ = state->is_private;
    h->gallery_open = state->gallery_open;
    h->gallery_delay_s = state->gallery_delay_s;
    if (!sees_inside(view))
        return h;
    h->has_floor_holder = h->has_floor_since_ms = h->has_record = h->has_record_fault = 1;
    h->has_gallery_viewers = h->has_programme = 1;
    h->gallery_viewers = view->gallery_viewers;
    h->programme = view->programme;
    h->record = view->lamp;
    h->record_fault = view->fault;
    h->floor_holder = state->floor_holder;
    h->floor_since_ms = state->floor_since_ms;
    h->n_floor_queue = state->floor_queue_count;
    h->floor_queue = arena_alloc(view->arena, sizeof(state->floor_queue));
    memcpy(h->floor_queue, state->floor_queue, sizeof(state->floor_queue));
    return h;
}

Assize__Signal__V1__GalleryView *view_gallery(const struct view *view)
{
    const struct hearing *state = view->state;
    Assize__Signal__V1__GalleryView *g = arena_alloc(view->arena, sizeof(*g));

    assize__signal__v1__gallery_view__init(g);
    g->case_number = text(view->record->case_number);
    g->title = text(view->record->title);
    g->court = text(view->record->court);
    g->has_scheduled_ms = g->has_status = g->has_open = g->has_private_ = g->has_delay_s = 1;
    g->scheduled_ms = view->record->scheduled_ms;
    g->status = state->status;
    g->open = state->gallery_open;
    g->private_ = state->is_private;
    g->delay_s = state->gallery_delay_s;
    return g;
}

static Assize__Signal__V1__SiteView *site_view(const struct view *view, uint32_t index)
{
    Assize__Signal__V1__SiteView *s = arena_alloc(view->arena, sizeof(*s));

    assize__signal__v1__site_view__init(s);
    s->has_id = s->has_kind = 1;
    s->id = view->state->sites[index].id;
    s->kind = view->state->sites[index].kind;
    s->name = text(view->record->sites[index].name);
    return s;
}

static bool is_my_endpoint(const struct view *view, uint32_t endpoint)
{
    const struct hearing_participant *me = hearing_participant(view->state, view->viewer);

    return me && hearing_sits_at(me, endpoint);
}

static Assize__Signal__V1__EndpointView *endpoint_view(const struct view *view, uint32_t index)
{
    const struct hearing_endpoint *from = &view->state->endpoints[index];
    Assize__Signal__V1__EndpointView *e = arena_alloc(view->arena, sizeof(*e));

    assize__signal__v1__endpoint_view__init(e);
    e->has_id = e->has_site = e->has_kind = e->has_connected = e->has_link_lost_ms = 1;
    e->id = from->id;
    e->site = from->site;
    e->kind = from->kind;
    e->connected = from->connected;
    e->link_lost_ms = from->link_lost_ms;
    if (sees_inside(view) || is_my_endpoint(view, from->id)) {
        e->has_muted = e->has_mute_locked = 1;
        e->muted = from->muted;
        e->mute_locked = from->mute_locked;
    }
    return e;
}

static Assize__Signal__V1__ParticipantView *participant_view(const struct view *view,
                                                             uint32_t index)
{
    const struct hearing_participant *from = &view->state->participants[index];
    const struct hearing_endpoint *endpoint = hearing_endpoint(view->state, from->endpoint);
    Assize__Signal__V1__ParticipantView *p = arena_alloc(view->arena, sizeof(*p));

    assize__signal__v1__participant_view__init(p);
    p->has_id = p->has_role = p->has_site = p->has_endpoint = p->has_companion = 1;
    p->id = from->id;
    p->role = from->role;
    p->site = endpoint ? endpoint->site : 0;
    p->endpoint = from->endpoint;
    p->companion = from->companion;
    if (sees_inside(view) || is_my_endpoint(view, from->endpoint))
        p->name = text(view->record->participants[index].name);
    p->has_standing = 1;
    p->standing = from->standing;
    if (sees_inside(view) || is_me(view, from->id)) {
        p->has_waiting_position = 1;
        p->waiting_position = hearing_waiting_position(view->state, from->id);
    }
    return p;
}

static bool bit(uint64_t bits, uint32_t index)
{
    return bits >> index & 1;
}

static size_t endpoint_views(const struct view *view, uint64_t wanted,
                             Assize__Signal__V1__EndpointView ***ret_list)
{
    size_t count = 0;

    *ret_list = arena_alloc(view->arena, sizeof(**ret_list) * HEARING_ENDPOINTS_MAX);
    for (uint32_t i = 0; i < view->state->endpoint_count; i++) {
        if (bit(wanted, i))
            (*ret_list)[count++] = endpoint_view(view, i);
    }
    return count;
}

static size_t participant_views(const struct view *view, uint64_t wanted,
                                Assize__Signal__V1__ParticipantView ***ret_list)
{
    size_t count = 0;

    *ret_list = arena_alloc(view->arena, sizeof(**ret_list) * HEARING_PARTICIPANTS_MAX);
    for (uint32_t i = 0; i < view->state->participant_count; i++) {
        if (bit(wanted, i))
            (*ret_list)[count++] = participant_view(view, i);
    }
    return count;
}

Assize__Signal__V1__Snapshot *view_snapshot(const struct view *view)
{
    Assize__Signal__V1__Snapshot *s = arena_alloc(view->arena, sizeof(*s));

    assize__signal__v1__snapshot__init(s);
    s->has_seq = 1;
    s->seq = view->state->seq;
    s->hearing = hearing_view(view);
    s->n_sites = view->state->site_count;
    s->sites = arena_alloc(view->arena, sizeof(*s->sites) * HEARING_SITES_MAX);
    for (uint32_t i = 0; i < view->state->site_count; i++)
        s->sites[i] = site_view(view, i);
    s->n_endpoints = endpoint_views(view, UINT64_MAX, &s->endpoints);
    s->n_participants = participant_views(view, UINT64_MAX, &s->participants);
    return s;
}

/* The participant an event is about, or 0. */
static uint32_t participant_of(const Assize__Hearing__V1__Event *event)
{
    switch (event->body_case) {
    case ASSIZE__HEARING__V1__EVENT__BODY_CHECKED_IN:
        return event->checked_in->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_ADMITTED:
        return event->admitted->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_SENT_BACK:
        return event->sent_back->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_LEFT:
        return event->left->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_HAND_RAISED:
        return event->hand_raised->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_HAND_LOWERED:
        return event->hand_lowered->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_FLOOR_GRANTED:
        return event->floor_granted->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_FLOOR_TAKEN_BACK:
        return event->floor_taken_back->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_WITNESS_CALLED:
        return event->witness_called->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_UNDERTAKING_ASKED:
        return event->undertaking_asked->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_UNDERTAKING_GIVEN:
        return event->undertaking_given->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_WITNESS_RELEASED:
        return event->witness_released->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_SEQUESTERED:
        return event->sequestered->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_CUT_OFF:
        return event->cut_off->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_BROUGHT_BACK:
        return event->brought_back->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_SUMMARY_TOLD:
        return event->summary_told->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_IDENTITY_ATTESTED:
        return event->identity_attested->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_PERSON_REPLACED:
        return event->person_replaced->participant;
    case ASSIZE__HEARING__V1__EVENT__BODY_MUTED:
    case ASSIZE__HEARING__V1__EVENT__BODY_MUTE_UNLOCKED:
    case ASSIZE__HEARING__V1__EVENT__BODY_UNMUTED:
    case ASSIZE__HEARING__V1__EVENT__BODY_ENDPOINT_LINK_LOST:
    case ASSIZE__HEARING__V1__EVENT__BODY_ENDPOINT_LINK_RESTORED:
    case ASSIZE__HEARING__V1__EVENT__BODY_OPENED:
    case ASSIZE__HEARING__V1__EVENT__BODY_STARTED:
    case ASSIZE__HEARING__V1__EVENT__BODY_RECESSED:
    case ASSIZE__HEARING__V1__EVENT__BODY_RESUMED:
    case ASSIZE__HEARING__V1__EVENT__BODY_SUSPENDED:
    case ASSIZE__HEARING__V1__EVENT__BODY_CLOSED:
    case ASSIZE__HEARING__V1__EVENT__BODY_CLOCK_JUMPED:
    case ASSIZE__HEARING__V1__EVENT__BODY_RECORD_ON:
    case ASSIZE__HEARING__V1__EVENT__BODY_RECORD_OFF:
    case ASSIZE__HEARING__V1__EVENT__BODY_RECORD_GAP:
    case ASSIZE__HEARING__V1__EVENT__BODY_RECORD_HEAD:
    case ASSIZE__HEARING__V1__EVENT__BODY_GALLERY_OPENED:
    case ASSIZE__HEARING__V1__EVENT__BODY_GALLERY_CLOSED:
    case ASSIZE__HEARING__V1__EVENT__BODY_GALLERY_DELAY_SET:
    case ASSIZE__HEARING__V1__EVENT__BODY_WENT_PRIVATE:
    case ASSIZE__HEARING__V1__EVENT__BODY_WENT_PUBLIC:
    case ASSIZE__HEARING__V1__EVENT__BODY_PHASE_ENTERED:
    case ASSIZE__HEARING__V1__EVENT__BODY_SCREENED:
    case ASSIZE__HEARING__V1__EVENT__BODY_UNSCREENED:
    case ASSIZE__HEARING__V1__EVENT__BODY_SHARE_STARTED:
    case ASSIZE__HEARING__V1__EVENT__BODY_SHARE_STOPPED:
    case ASSIZE__HEARING__V1__EVENT__BODY_ADJOURNED:
    case ASSIZE__HEARING__V1__EVENT__BODY_NOTE_TAKEN:
    case ASSIZE__HEARING__V1__EVENT__BODY_REMINDED:
    case ASSIZE__HEARING__V1__EVENT__BODY_LAPSED:
    case ASSIZE__HEARING__V1__EVENT__BODY_RULE_OVERRIDDEN:
    case ASSIZE__HEARING__V1__EVENT__BODY_PAUSED:
    case ASSIZE__HEARING__V1__EVENT__BODY_DELIBERATION_BEGUN:
    case ASSIZE__HEARING__V1__EVENT__BODY__NOT_SET:
    case _ASSIZE__HEARING__V1__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return 0;
}

/* Whoever waits moves up when somebody before them goes in or away. */
static uint64_t waiting_people(const struct hearing *state)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; i < state->participant_count; i++) {
        if (state->participants[i].standing == ASSIZE__HEARING__V1__STANDING__STANDING_WAITING)
            bits |= UINT64_C(1) << i;
    }
    return bits;
}

void view_touch(struct view_touched *touched, const struct hearing *state,
                const Assize__Hearing__V1__Event *event)
{
    const struct hearing_participant *p = hearing_participant(state, participant_of(event));

    if (!p) {
        /* About an endpoint, or the hearing as a whole: few rows, told all. */
        touched->endpoints = UINT64_MAX;
        return;
    }
    touched->participants |= UINT64_C(1) << (p - state->participants) | waiting_people(state);
    touched->endpoints |= UINT64_C(1) << (p->endpoint - 1);
}

static Assize__Hearing__V1__Event *event_view(const struct view *view,
                                              Assize__Hearing__V1__Event *event)
{
    if (hearing_may_know(view->state, view->viewer, event))
        return event;
    Assize__Hearing__V1__Event *bare = arena_alloc(view->arena, sizeof(*bare));
    assize__hearing__v1__event__init(bare);
    bare->has_seq = bare->has_at_ms = 1;
    bare->seq = event->seq;
    bare->at_ms = event->at_ms;
    return bare;
}

Assize__Signal__V1__Events *view_events(const struct view *view,
                                        Assize__Hearing__V1__Event *const *events, size_t count,
                                        struct view_touched touched)
{
    Assize__Signal__V1__Events *e = arena_alloc(view->arena, sizeof(*e));

    assize__signal__v1__events__init(e);
    e->n_events = count;
    e->events = arena_alloc(view->arena, sizeof(*e->events) * (count + 1));
    for (size_t i = 0; i < count; i++)
        e->events[i] = event_view(view, events[i]);
    e->hearing = hearing_view(view);
    e->n_endpoints = endpoint_views(view, touched.endpoints, &e->endpoints);
    e->n_participants = participant_views(view, touched.participants, &e->participants);
    return e;
}
