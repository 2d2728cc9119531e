/* Views of people and their devices. */
#include "server/session/view_internal.h"

static const struct hearing_participant *viewer(const struct view *view)
{
    return hearing_participant(view->state, view->viewer);
}

bool view_sees_inside(const struct view *view)
{
    return hearing_follows(view->state, view->viewer);
}

static bool viewer_has_role(const struct view *view, uint32_t roles)
{
    const struct hearing_participant *who = viewer(view);

    return who && roles & HEARING_BIT(who->role);
}

bool view_is_court(const struct view *view)
{
    return viewer_has_role(
        view, HEARING_BIT(HEARING_ROLE(PRESIDING_JUDGE)) | HEARING_BIT(HEARING_ROLE(PANEL_JUDGE)) |
                  HEARING_BIT(HEARING_ROLE(LAY_JUDGE)) | HEARING_BIT(HEARING_ROLE(CLERK)));
}

bool view_is_official(const struct view *view)
{
    return view_is_court(view) ||
           viewer_has_role(view, HEARING_BIT(HEARING_ROLE(DETENTION_OFFICER)) |
                                     HEARING_BIT(HEARING_ROLE(SITE_OFFICIAL)));
}

bool view_has_right(const struct view *view, enum hearing_right right)
{
    const struct hearing_participant *who = viewer(view);

    return who && hearing_role_has_right(who->role, right);
}

static bool is_me(const struct view *view, uint32_t participant)
{
    return participant == view->viewer;
}

static bool is_my_endpoint(const struct view *view, uint32_t endpoint)
{
    const struct hearing_participant *me = viewer(view);

    return me && hearing_sits_at(me, endpoint);
}

static Assize__Signal__V1__EndpointView *endpoint_view(const struct view *view, uint32_t index)
{
    const struct hearing_endpoint *from = &view->state->endpoints[index];
    Assize__Signal__V1__EndpointView *e =
        view_new(view, &assize__signal__v1__endpoint_view__descriptor);

    e->has_id = e->has_site = e->has_kind = e->has_connected = e->has_link_lost_ms = 1;
    e->id = from->id;
    e->site = from->site;
    e->kind = from->kind;
    e->connected = from->connected;
    e->link_lost_ms = from->link_lost_ms;
    if (view_sees_inside(view) || is_my_endpoint(view, from->id)) {
        e->has_muted = e->has_mute_locked = 1;
        e->muted = from->muted;
        e->mute_locked = from->mute_locked;
    }
    return e;
}

/* What happens to people inside, which they know of themselves as well, and of who sits before the
 * same camera: a room is told that somebody in it is cut off. */
static void fill_standing(const struct view *view, const struct hearing_participant *from,
                          Assize__Signal__V1__ParticipantView *p)
{
    if (!view_sees_inside(view) && !is_me(view, from->id) && !is_my_endpoint(view, from->endpoint))
        return;
    p->has_waiting_position = p->has_stand = p->has_sworn = p->has_cut_off = 1;
    p->has_summary_due = 1;
    p->waiting_position = hearing_waiting_position(view->state, from->id);
    p->stand = from->stand;
    p->sworn = from->sworn;
    p->cut_off = from->cut_off;
    p->summary_due = from->summary_due;
}

static void fill_identity(const struct view *view, const struct hearing_participant *from,
                          Assize__Signal__V1__ParticipantView *p)
{
    if (view_is_court(view)) {
        p->has_under_18 = 1;
        p->under_18 = from->under_18;
    }
    if (!view_is_official(view))
        return;
    p->has_attested_clerk = p->has_attested_officer = p->has_identified = 1;
    p->attested_clerk = from->attested & HEARING_BIT(ASSIZE__HEARING__V1__ATTESTER__ATTESTER_CLERK);
    p->attested_officer =
        from->attested & HEARING_BIT(ASSIZE__HEARING__V1__ATTESTER__ATTESTER_SITE_OFFICER);
    p->identified = hearing_is_identified(view->state, from->id);
}

static Assize__Signal__V1__ParticipantView *participant_view(const struct view *view,
                                                             uint32_t index)
{
    const struct hearing_participant *from = &view->state->participants[index];
    const struct hearing_endpoint *endpoint = hearing_endpoint(view->state, from->endpoint);
    Assize__Signal__V1__ParticipantView *p =
        view_new(view, &assize__signal__v1__participant_view__descriptor);

    p->has_id = p->has_role = p->has_site = p->has_endpoint = p->has_companion = 1;
    p->id = from->id;
    p->role = from->role;
    p->site = endpoint ? endpoint->site : 0;
    p->endpoint = from->endpoint;
    p->companion = from->companion;
    if (view_sees_inside(view) || is_my_endpoint(view, from->endpoint))
        p->name = codec_text(view->record->participants[index].name);
    p->has_standing = 1;
    p->standing = from->standing;
    fill_standing(view, from, p);
    fill_identity(view, from, p);
    return p;
}

static bool bit(uint64_t bits, uint32_t index)
{
    return bits >> index & 1;
}

size_t view_endpoints(const struct view *view, uint64_t wanted,
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

size_t view_participants(const struct view *view, uint64_t wanted,
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
