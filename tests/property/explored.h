/*
 * A small trial whose states are explored one by one: a presiding judge, a defendant and the
 * officer beside him in a room of the detention facility, a witness at a third site, defence
 * counsel. A state is kept without clocks and sequence numbers, by value, with the move that first
 * led to it. Used by property_states.c and property_mutants.c.
 */
#ifndef ASSIZE_TESTS_PROPERTY_EXPLORED_H
#define ASSIZE_TESTS_PROPERTY_EXPLORED_H

#include <stdbool.h>
#include <stdint.h>

#include "server/hearing/hearing.h"
#include "server/hearing/names.h"

enum {
    JUDGE = 1,
    DEFENDANT,
    OFFICER,
    WITNESS,
    COUNSEL,
    PEOPLE = 5,
    /* endpoints */
    BENCH = 1,
    ROOM,
    WITNESS_DEVICE,
    COUNSEL_DEVICE,
    LAPTOP, /* the officer's companion, in the room */
    DEVICES = 5,
    PAIRS_MAX = 2,
};

/* What somebody may try in every state. */
struct move {
    uint32_t who; /* participant, or HEARING_SERVER */
    Assize__Hearing__V1__Command__BodyCase command;
    uint32_t about; /* field 1 of the command, or 0 */
    uint32_t more;  /* Screen: from; LOCKS: with a lock */
    bool strong;    /* Screen: sound too; Mute: with a lock */
    bool companion; /* at that device */
};

/* People and their devices that come and go, from a judge alone in the courtroom; testimony and
 * pictures, from the beginning of a session without the witness. */
extern const struct move EXPLORED_COMING_AND_GOING[], EXPLORED_JUDGE_INSIDE[];
extern const struct move EXPLORED_TESTIMONY_AND_PICTURES[], EXPLORED_ALL_INSIDE[];
extern const size_t EXPLORED_COMING_AND_GOING_COUNT, EXPLORED_JUDGE_INSIDE_COUNT;
extern const size_t EXPLORED_TESTIMONY_AND_PICTURES_COUNT, EXPLORED_ALL_INSIDE_COUNT;

struct spot {
    uint8_t status, phase, floor_holder, queue[PEOPLE], recording, gallery_open, is_private;
    uint8_t spoken, witness, sharer, sharer_participant, share_kind, paused_by, pause_cause,
        screen_count;
    struct {
        uint8_t participant, from, sound;
    } screens[PAIRS_MAX];
    struct {
        uint8_t connected, muted, mute_locked, lost;
    } endpoints[DEVICES];
    struct {
        uint8_t standing, stand, sworn, cut_off, summary_due, kept_apart, attested;
    } people[PEOPLE];
};

/* One step from a state to another, or to itself. */
struct step {
    const struct hearing *before;
    const struct hearing *after;
    const Assize__Hearing__V1__Command *command;
    const struct hearing_events *events;
};

struct explorer {
    const struct move *moves;
    size_t move_count;
    size_t states_max;
    /* Asked of every new state; false ends the exploration. */
    bool (*visit)(void *context, const struct hearing *hearing);
    /* Asked of every accepted command, or NULL. */
    void (*stepped)(void *context, const struct step *step);
    void *context;
};

struct explored {
    size_t states;
    size_t asked;
    size_t accepted;
    bool complete; /* every reachable state was visited */
};

/* From the state after the opening and these first moves, by all moves, breadth first. */
struct explored explore(const struct explorer *explorer, const struct move *first,
                        size_t first_count);
/* How the state that is being visited was reached, to the standard error. */
void explored_tell_path(void);
/* The law of this trial (explored.conf). */
const struct procedure *explored_procedure(void);

#endif
