/* The appliers of events: one file a family, one table in apply.c. Included only by apply*.c. */
#ifndef ASSIZE_SERVER_HEARING_APPLY_INTERNAL_H
#define ASSIZE_SERVER_HEARING_APPLY_INTERNAL_H

#include "server/hearing/hearing_internal.h"

#define STANDING(name) HEARING_BIT(HEARING_STANDING(name))
#define STATUS(name)   HEARING_BIT(HEARING_STATUS(name))

/* 0, or -EINVAL for an event that does not fit, and nothing is changed then. about: the participant
 * or endpoint (or phase) the event names, or 0. */
typedef int applier(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                    uint32_t about);

/* NULL when there is none with this id. */
struct hearing_participant *apply_participant_of(struct hearing *hearing, uint32_t id);
/* The endpoint when it has a microphone, else NULL. */
struct hearing_endpoint *apply_microphone_of(struct hearing *hearing, uint32_t id);
void apply_set_connected(struct hearing_endpoint *endpoint, bool connected, int64_t lost_ms);
/* From one of these standings to this one. Whoever has the floor or a hand up is in the courtroom:
 * it is taken back first. */
int apply_standing(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about,
                   unsigned from, Assize__Hearing__V1__Standing to);
/* The hearing is in this phase from this event on. */
void apply_set_phase(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                     uint32_t phase);
/* A device that was away is back, or is not awaited any more. */
void apply_end_incident(struct hearing *hearing, uint32_t endpoint, int64_t at_ms);
/* The pairs that are screened from the beginning; checked by hearing_roster_fits. */
void apply_roster_screens(struct hearing *hearing, const Assize__Hearing__V1__Opened *roster);
/* Gives the floor to the holder, or to nobody (0). */
void apply_set_floor(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                     uint32_t holder);

applier apply_checked_in;
applier apply_admitted;
applier apply_sent_back;
applier apply_left;

applier apply_started;
applier apply_recessed;
applier apply_resumed;
applier apply_suspended;
applier apply_closed;
applier apply_adjourned;
applier apply_phase_entered;
applier apply_deliberation_begun;
applier apply_paused;
applier apply_reminded;
applier apply_lapsed;
applier apply_fact;
applier apply_record_on;
applier apply_record_off;
applier apply_record_fact;
applier apply_gallery_opened;
applier apply_gallery_closed;
applier apply_gallery_delay;
applier apply_doors;

applier apply_muted;
applier apply_mute_unlocked;
applier apply_unmuted;
applier apply_hand_raised;
applier apply_hand_lowered;
applier apply_floor_granted;
applier apply_floor_taken_back;

applier apply_witness_called;
applier apply_undertaking_asked;
applier apply_undertaking_given;
applier apply_witness_released;
applier apply_sequestered;
applier apply_cut_off;
applier apply_brought_back;
applier apply_summary_told;

applier apply_screened;
applier apply_unscreened;
applier apply_share_started;
applier apply_share_stopped;

applier apply_identity_attested;
applier apply_person_replaced;
applier apply_rule_overridden;
applier apply_note_taken;

applier apply_link_lost;
applier apply_link_restored;

#endif
