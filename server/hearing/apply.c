/*
 * The only place where a hearing's state changes. An event that does not fit the state changes
 * nothing and is refused: it was not made by hearing_decide from this state, so the store is
 * damaged.
 */
#include "apply_internal.h"

#include <errno.h>

struct hearing_participant *apply_participant_of(struct hearing *hearing, uint32_t id)
{
    return id && id <= hearing->participant_count ? &hearing->participants[id - 1] : NULL;
}

struct hearing_endpoint *apply_microphone_of(struct hearing *hearing, uint32_t id)
{
    return hearing_endpoint_sends(hearing, id) ? &hearing->endpoints[id - 1] : NULL;
}

void apply_set_connected(struct hearing_endpoint *endpoint, bool connected, int64_t lost_ms)
{
    endpoint->connected = connected;
    endpoint->link_lost_ms = lost_ms;
}

static int apply_opened(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                        uint32_t about)
{
    const Assize__Hearing__V1__Opened *roster = event->opened;

    (void)about;
    if (!hearing_roster_fits(roster))
        return -EINVAL;
    hearing->site_count = (uint32_t)roster->n_sites;
    hearing->endpoint_count = (uint32_t)roster->n_endpoints;
    hearing->participant_count = (uint32_t)roster->n_participants;
    for (size_t i = 0; i < roster->n_sites; i++)
        hearing->sites[i] =
            (struct hearing_site){.id = roster->sites[i]->id, .kind = roster->sites[i]->kind};
    for (size_t i = 0; i < roster->n_endpoints; i++)
        hearing->endpoints[i] = (struct hearing_endpoint){.id = roster->endpoints[i]->id,
                                                          .site = roster->endpoints[i]->site,
                                                          .kind = roster->endpoints[i]->kind};
    for (size_t i = 0; i < roster->n_participants; i++)
        hearing->participants[i] =
            (struct hearing_participant){.id = roster->participants[i]->id,
                                         .role = roster->participants[i]->role,
                                         .endpoint = roster->participants[i]->endpoint,
                                         .companion = roster->participants[i]->companion,
                                         .under_18 = roster->participants[i]->under_18,
                                         .standing = HEARING_STANDING(NOT_SIGNED_IN),
                                         .standing_seq = event->seq};
    apply_roster_screens(hearing, roster);
    hearing->status = HEARING_STATUS(SCHEDULED);
    hearing->status_seq = event->seq;
    hearing->status_since_ms = event->at_ms;
    apply_set_phase(hearing, event, 1);
    return 0;
}

static applier *const APPLIERS[] = {
    [HEARING_EVENT(OPENED)] = apply_opened,
    [HEARING_EVENT(CHECKED_IN)] = apply_checked_in,
    [HEARING_EVENT(ADMITTED)] = apply_admitted,
    [HEARING_EVENT(SENT_BACK)] = apply_sent_back,
    [HEARING_EVENT(STARTED)] = apply_started,
    [HEARING_EVENT(RECESSED)] = apply_recessed,
    [HEARING_EVENT(RESUMED)] = apply_resumed,
    [HEARING_EVENT(SUSPENDED)] = apply_suspended,
    [HEARING_EVENT(CLOSED)] = apply_closed,
    [HEARING_EVENT(ADJOURNED)] = apply_adjourned,
    [HEARING_EVENT(PHASE_ENTERED)] = apply_phase_entered,
    [HEARING_EVENT(DELIBERATION_BEGUN)] = apply_deliberation_begun,
    [HEARING_EVENT(PAUSED)] = apply_paused,
    [HEARING_EVENT(REMINDED)] = apply_reminded,
    [HEARING_EVENT(LAPSED)] = apply_lapsed,
    [HEARING_EVENT(RULE_OVERRIDDEN)] = apply_rule_overridden,
    [HEARING_EVENT(MUTED)] = apply_muted,
    [HEARING_EVENT(MUTE_UNLOCKED)] = apply_mute_unlocked,
    [HEARING_EVENT(UNMUTED)] = apply_unmuted,
    [HEARING_EVENT(HAND_RAISED)] = apply_hand_raised,
    [HEARING_EVENT(HAND_LOWERED)] = apply_hand_lowered,
    [HEARING_EVENT(FLOOR_GRANTED)] = apply_floor_granted,
    [HEARING_EVENT(FLOOR_TAKEN_BACK)] = apply_floor_taken_back,
    [HEARING_EVENT(LEFT)] = apply_left,
    [HEARING_EVENT(ENDPOINT_LINK_LOST)] = apply_link_lost,
    [HEARING_EVENT(ENDPOINT_LINK_RESTORED)] = apply_link_restored,
    [HEARING_EVENT(CLOCK_JUMPED)] = apply_fact,
    [HEARING_EVENT(RECORD_ON)] = apply_record_on,
    [HEARING_EVENT(RECORD_OFF)] = apply_record_off,
    [HEARING_EVENT(RECORD_GAP)] = apply_record_fact,
    [HEARING_EVENT(RECORD_HEAD)] = apply_record_fact,
    [HEARING_EVENT(GALLERY_OPENED)] = apply_gallery_opened,
    [HEARING_EVENT(GALLERY_CLOSED)] = apply_gallery_closed,
    [HEARING_EVENT(GALLERY_DELAY_SET)] = apply_gallery_delay,
    [HEARING_EVENT(WENT_PRIVATE)] = apply_doors,
    [HEARING_EVENT(WENT_PUBLIC)] = apply_doors,
    [HEARING_EVENT(WITNESS_CALLED)] = apply_witness_called,
    [HEARING_EVENT(UNDERTAKING_ASKED)] = apply_undertaking_asked,
    [HEARING_EVENT(UNDERTAKING_GIVEN)] = apply_undertaking_given,
    [HEARING_EVENT(WITNESS_RELEASED)] = apply_witness_released,
    [HEARING_EVENT(SEQUESTERED)] = apply_sequestered,
    [HEARING_EVENT(CUT_OFF)] = apply_cut_off,
    [HEARING_EVENT(BROUGHT_BACK)] = apply_brought_back,
    [HEARING_EVENT(SUMMARY_TOLD)] = apply_summary_told,
    [HEARING_EVENT(SCREENED)] = apply_screened,
    [HEARING_EVENT(UNSCREENED)] = apply_unscreened,
    [HEARING_EVENT(SHARE_STARTED)] = apply_share_started,
    [HEARING_EVENT(SHARE_STOPPED)] = apply_share_stopped,
    [HEARING_EVENT(NOTE_TAKEN)] = apply_note_taken,
    [HEARING_EVENT(IDENTITY_ATTESTED)] = apply_identity_attested,
    [HEARING_EVENT(PERSON_REPLACED)] = apply_person_replaced,
};

/* The next in order, of an engine this build knows; the opening event is the first and no other. */
static bool is_next(const struct hearing *hearing, const Assize__Hearing__V1__Event *event)
{
    return event->seq == hearing->seq + 1 && event->at_ms >= hearing->at_ms &&
           event->engine_version >= 1 && event->engine_version <= HEARING_ENGINE_VERSION &&
           (size_t)event->body_case < sizeof(APPLIERS) / sizeof(*APPLIERS) &&
           APPLIERS[event->body_case] &&
           (event->seq == 1) == (event->body_case == HEARING_EVENT(OPENED));
}

int hearing_apply(struct hearing *hearing, const Assize__Hearing__V1__Event *event)
{
    if (!is_next(hearing, event))
        return -EINVAL;
    int error = APPLIERS[event->body_case](hearing, event, hearing_event_subject(event));
    if (error)
        return error;
    hearing->seq = event->seq;
    hearing->at_ms = event->at_ms;
    return 0;
}
