/*
 * The cast of the demonstration's trial: who plays in it, and what they do. Owned by trial.c; the
 * script is in trial_script.c, the identity ceremony in trial_identity.c.
 */
#ifndef ASSIZE_TESTS_PEER_TRIAL_H
#define ASSIZE_TESTS_PEER_TRIAL_H

#include "tests/peer/program/action.h"

#define TRIAL_STANDING(name) ASSIZE__HEARING__V1__STANDING__STANDING_##name
#define TRIAL_STATUS(name)   ASSIZE__HEARING__V1__STATUS__STATUS_##name

enum { TRIAL_TEXT_SIZE = 256 };

/* The parts, in the order of the roster. */
enum trial_part {
    TRIAL_JUDGE,
    TRIAL_CLERK,
    TRIAL_COUNSEL,
    TRIAL_OFFICER, /* the defendant sits before the same camera */
    TRIAL_WITNESS,
    TRIAL_PROCURATOR,
    TRIAL_VICTIM,
    TRIAL_OFFICIAL,
    TRIAL_PARTS,
};

struct trial;

struct actor {
    struct trial *trial;
    const char *role; /* as the table of links has it */
    struct peer peer;
    char token[TRIAL_TEXT_SIZE];
    int64_t free_since_ms; /* nobody is in the seat that was taken from this one; 0: somebody is */
};

struct trial_account {
    char login[TRIAL_TEXT_SIZE]; /* "": not known */
    char password[TRIAL_TEXT_SIZE];
};

struct trial {
    struct program program;
    struct actor actors[TRIAL_PARTS];
    struct trial_account clerk;
    struct trial_account officer;
    uint64_t seen; /* the last event the script made: everybody knows it before the next */
    bool refused;  /* a link is no good */
};

/* Signalling is up, and has told where things stand. */
bool trial_is_up(const struct actor *actor);
/* As action_perform; a refusal is printed. */
const char *trial_act(struct actor *actor, const struct action *action);
/* The presiding judge lets in everybody who waits. */
void trial_admit(struct trial *trial);

/*
 * From wherever the hearing stands into the questioning, or to where it was left after that. NULL,
 * or what stands in the way; also NULL when somebody else presides.
 */
const char *trial_open(struct trial *trial);

/* The clerk, and the officer at the defendant's side, vouch for the defendant with their passwords,
 * when these are known and good. */
void trial_identify(struct trial *trial);

#endif
