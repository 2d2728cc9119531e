/* A decision in the making, and the handlers of commands: one file a family. Included only by
 * decide*.c. */
#ifndef ASSIZE_SERVER_HEARING_DECIDE_INTERNAL_H
#define ASSIZE_SERVER_HEARING_DECIDE_INTERNAL_H

#include "server/hearing/hearing_internal.h"

struct decision {
    const struct hearing *hearing;
    const Assize__Hearing__V1__Command *command;
    const struct hearing_participant *who; /* NULL: the server itself */
    const struct hearing_endpoint *device; /* that they act from; NULL for the server */
    int64_t at_ms;
    struct arena *arena;
    struct hearing_events events;
    bool out_of_memory;     /* the arena's cap was reached: nothing comes of it */
    uint64_t overridden;    /* which of the command's `overrides` were set aside so far */
    enum refusal *presumed; /* rules stand aside, and the first of them is told here; or NULL */
    struct hearing_reason *reason; /* of the rule that stands in the way; or NULL */
};

#define STATUS(name) HEARING_BIT(HEARING_STATUS(name))

/*
 * A rule of the procedure stands against the command: gives the refusal back, or REFUSAL_NONE when
 * the presiding judge names the rule to set it aside, which is the event RuleOverridden. To be
 * asked before any other event is added, and only where the command breaks the rule; facts of the
 * state (who is inside, what the status is) are no rules.
 *
 *     if (!(phase->floor & HEARING_BIT(whom->role)))
 *         refusal = decision_phase_stands(decision, "floor", REFUSAL_FLOOR_NOT_NOW);
 */
enum refusal decision_rule_stands(struct decision *decision, const char *rule, const char *article,
                                  enum refusal refusal);
/* The same for the rule "phase.ID.WHAT" of a phase, or of the phase the hearing is in. */
enum refusal decision_rule_of_phase_stands(struct decision *decision,
                                           const struct procedure_phase *phase, const char *what,
                                           enum refusal refusal);
enum refusal decision_phase_stands(struct decision *decision, const char *what,
                                   enum refusal refusal);
/* Something is written with the command; blanks are nothing. */
bool decision_has_words(const struct decision *decision);
/* Puts the hash of what was written with the command on the event that it is kept under, if
 * anything was written. */
void decision_keep_words(struct decision *decision, Assize__Hearing__V1__Event *event);

/* Adds an event about a participant or endpoint (0: about the hearing). NULL when the arena is
 * full. */
Assize__Hearing__V1__Event *decision_add(struct decision *decision,
                                         Assize__Hearing__V1__Event__BodyCase body, uint32_t about);
/* The same event for everyone at a personal or room endpoint. */
void decision_add_for_occupants(struct decision *decision,
                                Assize__Hearing__V1__Event__BodyCase body, uint32_t endpoint);
/* Takes hand and floor from everyone at the endpoint, before they go out. */
void decision_end_asking(struct decision *decision, uint32_t endpoint);
/* Takes the floor from whoever has it and mutes them, but for the court: as the phase mutes them,
 * or as one that ends does. */
void decision_end_floor(struct decision *decision);
void decision_end_floor_of_phase(struct decision *decision);
/* Gives the floor to this person, who is inside. */
void decision_pass_floor(struct decision *decision, const struct hearing_participant *whom);
/* Lowers every hand. */
void decision_lower_hands(struct decision *decision);
/* The record follows the session: on when it goes on, off when it stops. */
void decision_set_record(struct decision *decision, bool on);
/* Whatever is shown ends, in the whole hearing, from this device, or from all devices of this
 * endpoint's people. */
void decision_end_share(struct decision *decision);
void decision_end_share_from(struct decision *decision, uint32_t device);
void decision_end_share_at(struct decision *decision, uint32_t endpoint);
/* Who is on the stand has been heard, unless this phase calls people of the role too. The floor has
 * ended before. */
void decision_end_testimony(struct decision *decision, const struct procedure_phase *phase);
/* The phase keeps people of this endpoint apart, and they have not been called yet. */
bool decision_keeps_apart(const struct decision *decision, const struct procedure_phase *phase,
                          uint32_t endpoint);
/* Such an event has been added already. */
bool decision_has(const struct decision *decision, Assize__Hearing__V1__Event__BodyCase body);
/* The gallery closes with the hearing. */
void decision_end_gallery(struct decision *decision);
/* Nobody is cut short whom the phase lets speak as long as they like; the second asks of who sits
 * at this endpoint. */
enum refusal decision_check_speech(struct decision *decision);
enum refusal decision_check_speech_at(struct decision *decision, uint32_t endpoint);
/* Once the phase that asks for it is over, nobody speaks whose identity is not vouched for. */
enum refusal decision_check_identity(struct decision *decision,
                                     const struct hearing_participant *whom);
/* What belongs to a session that goes on ends: the floor, hands, what is shown, the record. */
void decision_stop_session(struct decision *decision);
/* That this endpoint is not there any more stops the session by rule. */
bool decision_pauses(const struct decision *decision, uint32_t endpoint);
/* Everyone at the endpoint goes out, to what the event says; the session pauses where it cannot go
 * on without them. */
void decision_take_out(struct decision *decision, Assize__Hearing__V1__Event__BodyCase event,
                       uint32_t endpoint);
/* The session, stopped, pauses for it. */
void decision_pause(struct decision *decision, uint32_t endpoint,
                    Assize__Hearing__V1__PauseCause cause);
/* Who must be there is there. */
enum refusal decision_check_quorum(struct decision *decision);
/* The phase may be left. */
enum refusal decision_check_leave(struct decision *decision);
/* The phase begins, with all that the procedure says of it. */
void decision_enter_phase(struct decision *decision, uint32_t phase);
/* True when the sender has the right. */
bool decision_has_right(const struct decision *decision, enum hearing_right right);

/* Handlers: their rule in decide.c has been checked; they check the rest and add the events. */
enum refusal decide_check_in(struct decision *decision);
enum refusal decide_admit(struct decision *decision);
enum refusal decide_send_back(struct decision *decision);
enum refusal decide_leave(struct decision *decision);
enum refusal decide_conduct(struct decision *decision);
enum refusal decide_enter_phase(struct decision *decision);
enum refusal decide_remind(struct decision *decision);
enum refusal decide_lapse(struct decision *decision);
enum refusal decide_mute(struct decision *decision);
enum refusal decide_unmute(struct decision *decision);
enum refusal decide_raise_hand(struct decision *decision);
enum refusal decide_lower_hand(struct decision *decision);
enum refusal decide_grant_floor(struct decision *decision);
enum refusal decide_take_back_floor(struct decision *decision);
enum refusal decide_link_lost(struct decision *decision);
enum refusal decide_link_restored(struct decision *decision);
enum refusal decide_clock_jump(struct decision *decision);
enum refusal decide_record(struct decision *decision);
enum refusal decide_record_gap(struct decision *decision);
enum refusal decide_record_head(struct decision *decision);
enum refusal decide_open_gallery(struct decision *decision);
enum refusal decide_close_gallery(struct decision *decision);
enum refusal decide_gallery_delay(struct decision *decision);
enum refusal decide_go_private(struct decision *decision);
enum refusal decide_go_public(struct decision *decision);
enum refusal decide_call_witness(struct decision *decision);
enum refusal decide_ask_undertaking(struct decision *decision);
enum refusal decide_give_undertaking(struct decision *decision);
enum refusal decide_release_witness(struct decision *decision);
enum refusal decide_sequester(struct decision *decision);
enum refusal decide_cut_off(struct decision *decision);
enum refusal decide_bring_back(struct decision *decision);
enum refusal decide_tell_summary(struct decision *decision);
enum refusal decide_screen(struct decision *decision);
enum refusal decide_unscreen(struct decision *decision);
enum refusal decide_start_share(struct decision *decision);
enum refusal decide_stop_share(struct decision *decision);
enum refusal decide_take_note(struct decision *decision);
enum refusal decide_attest_identity(struct decision *decision);
enum refusal decide_replace_person(struct decision *decision);

#endif
