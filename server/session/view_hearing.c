/* Views of the hearing as a whole: its state, its sites, what the gallery learns of it. */
#include <string.h>

#include "server/session/view_internal.h"

/* What everyone who signed in may know. */
static void fill_status(const struct view *view, Assize__Signal__V1__HearingView *h)
{
    const struct hearing *state = view->state;

    h->has_scheduled_ms = h->has_status = h->has_status_since_ms = h->has_status_seq = 1;
    h->has_private_ = h->has_gallery_open = h->has_gallery_delay_s = 1;
    h->has_phase = h->has_phase_since_ms = h->has_paused_by = 1;
    h->has_pause_cause = h->has_suspended_until_ms = h->has_lapsed = 1;
    h->scheduled_ms = view->record->scheduled_ms;
    h->status = state->status;
    h->status_since_ms = state->status_since_ms;
    h->status_seq = state->status_seq;
    h->private_ = state->is_private;
    h->gallery_open = state->gallery_open;
    h->gallery_delay_s = state->gallery_delay_s;
    h->phase = state->phase;
    h->phase_since_ms = state->phase_since_ms;
    h->paused_by = state->paused_by;
    h->pause_cause = state->pause_cause;
    h->suspended_until_ms = state->suspended_until_ms;
    h->lapsed = state->lapsed;
}

static void fill_inside(const struct view *view, Assize__Signal__V1__HearingView *h)
{
    const struct hearing *state = view->state;

    h->has_floor_holder = h->has_floor_since_ms = h->has_record = h->has_record_fault = 1;
    h->has_gallery_viewers = h->has_programme = h->has_witness = 1;
    h->has_sharer = h->has_share_kind = 1;
    h->gallery_viewers = view->gallery_viewers;
    h->programme = view->programme;
    h->record = view->lamp;
    h->record_fault = view->fault;
    h->floor_holder = state->floor_holder;
    h->floor_since_ms = state->floor_since_ms;
    h->n_floor_queue = state->floor_queue_count;
    h->floor_queue = arena_alloc(view->arena, sizeof(state->floor_queue));
    memcpy(h->floor_queue, state->floor_queue, sizeof(state->floor_queue));
    h->n_floor_asked_ms = state->floor_queue_count;
    h->floor_asked_ms = arena_alloc(view->arena, sizeof(state->floor_asked_ms));
    memcpy(h->floor_asked_ms, state->floor_asked_ms, sizeof(state->floor_asked_ms));
    h->witness = state->witness;
    h->sharer = state->sharer;
    h->share_kind = state->share_kind;
}

static void fill_incidents(const struct view *view, Assize__Signal__V1__HearingView *h)
{
    const struct hearing *state = view->state;

    h->incidents = arena_alloc(view->arena, sizeof(*h->incidents) * HEARING_INCIDENTS_MAX);
    for (uint32_t i = 0; i < state->incident_count; i++) {
        const struct hearing_incident *from = &state->incidents[i];
        Assize__Signal__V1__IncidentView *told =
            view_new(view, &assize__signal__v1__incident_view__descriptor);
        told->has_endpoint = told->has_from_ms = told->has_paused = 1;
        told->has_to_ms = from->to_ms != 0;
        told->endpoint = from->endpoint;
        told->from_ms = from->from_ms;
        told->to_ms = from->to_ms;
        told->paused = from->paused;
        h->incidents[h->n_incidents++] = told;
    }
}

static void fill_screens(const struct view *view, Assize__Signal__V1__HearingView *h)
{
    const struct hearing *state = view->state;

    h->screens = arena_alloc(view->arena, sizeof(*h->screens) * HEARING_SCREENS_MAX);
    for (uint32_t i = 0; i < state->screen_count; i++) {
        Assize__Signal__V1__ScreenView *told =
            view_new(view, &assize__signal__v1__screen_view__descriptor);
        told->has_participant = told->has_from = told->has_sound = 1;
        told->participant = state->screens[i].participant;
        told->from = state->screens[i].from;
        told->sound = state->screens[i].sound;
        h->screens[h->n_screens++] = told;
    }
}

Assize__Signal__V1__HearingView *view_hearing(const struct view *view)
{
    Assize__Signal__V1__HearingView *h =
        view_new(view, &assize__signal__v1__hearing_view__descriptor);

    h->id = codec_text(view->record->id);
    h->case_number = codec_text(view->record->case_number);
    h->title = codec_text(view->record->title);
    h->court = codec_text(view->record->court);
    fill_status(view, h);
    if (view_sees_inside(view))
        fill_inside(view, h);
    if (view_is_court(view)) {
        fill_incidents(view, h);
        fill_screens(view, h);
    }
    view_fill_law(view, h);
    return h;
}

Assize__Signal__V1__GalleryView *view_gallery(const struct view *view)
{
    const struct hearing *state = view->state;
    Assize__Signal__V1__GalleryView *g =
        view_new(view, &assize__signal__v1__gallery_view__descriptor);

    g->case_number = codec_text(view->record->case_number);
    g->title = codec_text(view->record->title);
    g->court = codec_text(view->record->court);
    g->has_scheduled_ms = g->has_status = g->has_open = g->has_private_ = g->has_delay_s = 1;
    g->scheduled_ms = view->record->scheduled_ms;
    g->status = state->status;
    g->open = state->gallery_open;
    g->private_ = state->is_private;
    g->delay_s = state->gallery_delay_s;
    return g;
}

Assize__Signal__V1__SiteView *view_site(const struct view *view, uint32_t index)
{
    Assize__Signal__V1__SiteView *s = view_new(view, &assize__signal__v1__site_view__descriptor);

    s->has_id = s->has_kind = 1;
    s->id = view->state->sites[index].id;
    s->kind = view->state->sites[index].kind;
    s->name = codec_text(view->record->sites[index].name);
    return s;
}
