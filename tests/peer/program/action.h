/*
 * What a person does in a hearing, as a command and its outcome. Used by direct.c, which takes it
 * from options, and by the trial's script.
 */
#ifndef ASSIZE_TESTS_PEER_ACTION_H
#define ASSIZE_TESTS_PEER_ACTION_H

#include "tests/peer/program/program.h"

/* Option, field, message, and the name in capitals. 0 stands for oneself where the command allows
 * it. */
#define ACTIONS_WITH_PERSON(X)                                                                     \
    X("--admit", admit, Admit, ADMIT)                                                              \
    X("--send-back", send_back, SendBack, SEND_BACK)                                               \
    X("--mute", mute, Mute, MUTE)                                                                  \
    X("--unmute", unmute, Unmute, UNMUTE)                                                          \
    X("--grant-floor", grant_floor, GrantFloor, GRANT_FLOOR)                                       \
    X("--lower-hand", lower_hand, LowerHand, LOWER_HAND)                                           \
    X("--take-note", take_note, TakeNote, TAKE_NOTE)
#define ACTIONS_WITH_PHASE(X) X("--enter-phase", enter_phase, EnterPhase, ENTER_PHASE)
#define ACTIONS_ALONE(X)                                                                           \
    X("--start", start, Start, START)                                                              \
    X("--recess", recess, Recess, RECESS)                                                          \
    X("--resume", resume, Resume, RESUME)                                                          \
    X("--suspend", suspend, Suspend, SUSPEND)                                                      \
    X("--close", close, Close, CLOSE)                                                              \
    X("--raise-hand", raise_hand, RaiseHand, RAISE_HAND)                                           \
    X("--take-back-floor", take_back_floor, TakeBackFloor, TAKE_BACK_FLOOR)                        \
    X("--leave", leave, Leave, LEAVE)

enum action_kind {
#define X(option, lower, type, upper) ACTION_##upper,
    ACTIONS_WITH_PERSON(X) ACTIONS_WITH_PHASE(X) ACTIONS_ALONE(X)
#undef X
        ACTION_COUNT
};

enum { ACTION_FIRST_ALONE = ACTION_START };

struct action {
    enum action_kind kind;
    uint32_t who;      /* or the phase */
    bool lock;         /* a mute that the person cannot lift */
    const char *words; /* said with it, or NULL */
    const char *rule;  /* that is set aside, or NULL */
};

/* With its dashes. */
const char *action_option(enum action_kind kind);

/* Knowing of event `seen`, does it and waits for the outcome: "done", and the peer has been told
 * what it changed; the code of the refusal; or "no_reply". The text is the peer's. */
const char *action_perform(struct program *program, struct peer *peer, uint64_t seen,
                           const struct action *action);

/* Done now, or so already. */
bool action_is_good(const char *result);

#endif
