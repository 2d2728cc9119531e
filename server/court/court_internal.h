/* What the files of the command flow share. Included only here. */
#ifndef ASSIZE_SERVER_COURT_INTERNAL_H
#define ASSIZE_SERVER_COURT_INTERNAL_H

#include "base/buf.h"
#include "base/table.h"
#include "server/court/court.h"
#include "server/hearing/names.h"

/* A command on its way. Owned by the queue or the flight of its hearing. */
struct court_command {
    struct court_command *prev; /* in the queue */
    struct court_command *next;
    char id[ID_UUID_SIZE]; /* or "": the server's own */
    uint8_t digest[SHA256_BYTES];
    struct hearing_actor actor;
    Assize__Hearing__V1__Command *body;
    court_outcome_callback callback; /* NULL when nobody waits for the answer */
    void *context;
    uint64_t asker;
    bool in_force;      /* narrows, and is part of the shadow */
    bool told_in_force; /* answered APPLIED_NOT_SAVED: to be saved whatever else its asker had seen
                         */
    bool uncertain;     /* an append of it was cut off: the store may have it */
    int conflicts;      /* appends that found someone else's event in their place */
};

/* A deep copy. id is "" or a UUID. */
struct court_command *court_command_new(struct hearing_actor actor,
                                        const Assize__Hearing__V1__Command *command);
void court_command_free(struct court_command *command);
/* Tells whoever waits, once. */
void court_command_answer(struct court_command *command, enum refusal refusal, uint64_t seq);

/* What became of commands with an id, the newest COURT_OUTCOMES_MAX. */
struct court_outcome {
    char id[ID_UUID_SIZE];
    uint8_t digest[SHA256_BYTES];
    enum refusal refusal;
    uint64_t seq;
    UT_hash_handle hh;
};
void court_outcome_keep(struct court_outcome **outcomes, const char *id,
                        const uint8_t digest[static SHA256_BYTES], enum refusal refusal,
                        uint64_t seq);
const struct court_outcome *court_outcome_find(struct court_outcome *outcomes, const char *id);
void court_outcomes_free(struct court_outcome **outcomes);

/* The newest events, in one piece: COURT_HISTORY_MAX are shown, up to twice as many held, so that
 * few are moved. */
struct court_history {
    Assize__Hearing__V1__Event **events; /* owned, made by unpacking */
    size_t count;
    size_t cap;
};
void court_history_add(struct court_history *history, Assize__Hearing__V1__Event *event);
void court_history_clear(struct court_history *history);

/* The newest words, in the order of their events. */
struct court_words {
    uint64_t seq[HEARING_STORE_WORDS_MAX];
    char *texts[HEARING_STORE_WORDS_MAX]; /* owned */
    size_t count;
};
void court_words_add(struct court_words *words, uint64_t seq, const char *text);
void court_words_clear(struct court_words *words);

enum court_phase {
    COURT_LOADING,   /* a load is under way */
    COURT_READY,     /* the state is what the store holds; nothing is under way */
    COURT_APPENDING, /* an append is under way: of flight.command, or of the opening event when that
                        is NULL */
    COURT_STALE,     /* the store may hold more than the state; nothing is under way */
};

/* Events that are being committed. */
struct court_flight {
    struct court_command *command;
    Assize__Hearing__V1__Event *events[HEARING_EVENTS_MAX];
    uint32_t count;
};

/* The context of a store call: it outlives a hearing that is freed meanwhile. */
struct court_ticket {
    struct court_hearing *hearing; /* NULL when it is gone */
};

/* Someone who waits for a hearing to be loaded. */
struct court_opener {
    struct court_opener *next;
    court_open_callback callback;
    void *context;
};

struct court_hearing {
    struct court *court;
    char id[ID_UUID_SIZE];
    UT_hash_handle hh;
    enum court_phase phase;
    bool opened;     /* loaded once: has a state */
    bool in_flow;    /* commands are being worked through further up the stack */
    bool reload_due; /* the database came back while something was under way */
    bool unsure;     /* an append was cut off and the store has not been asked since */
    bool store_full; /* the store refused an append: commands told in force wait until one succeeds
                      */
    bool shadowed;   /* shadow differs from state */
    struct hearing state;
    struct hearing shadow;
    struct hearing_record record; /* without events and commands */
    void *arrays[4];              /* what the record points to, owned */
    uint8_t head[SHA256_BYTES];
    struct court_command *queue;
    size_t queued;
    struct court_flight flight;
    struct court_ticket *ticket; /* of the store call under way, or NULL */
    struct court_outcome *outcomes;
    struct court_history history;
    struct court_words words;
    struct court_opener *openers;
    void *user;
};

struct court {
    struct db *db;
    const struct procedures *procedures;
    const struct court_ops *ops;
    void *context;
    struct court_hearing *hearings;
    struct court_looking *looking; /* for suspended hearings; NULL when nothing is asked */
    bool saving;
    bool visiting; /* going through the hearings: none may be unloaded */
};

/* suspended.c */
/* What is asked for is not waited for any more. */
void court_stop_looking(struct court *court);

/* court.c */
/* Answers the openers and forgets them. */
void court_answer_openers(struct court_hearing *hearing, enum refusal refusal);
/* Takes the hearing out and frees it; who waits is refused. */
void court_drop(struct court_hearing *hearing, enum refusal why);

/* load.c */
void court_load(struct court_hearing *hearing);

/* append.c */
/* Sends the events, decided from the state, to the store. command NULL: the opening event. */
void court_append(struct court_hearing *hearing, struct court_command *command,
                  const struct hearing_events *events);
void court_flight_clear(struct court_flight *flight);

/* case_change.c */
/* False when they change nothing; else the payload's bytes, which the change points to. */
bool court_case_change(struct court_hearing *hearing, const struct hearing_events *events,
                       struct buf *payload, struct hearing_case_change *ret_change);

/* flow.c */
/* Works through the queue until an append is under way or nothing more can be done. */
void court_advance(struct court_hearing *hearing);
/* Puts a command whose append did not succeed back to the front. */
void court_requeue(struct court_hearing *hearing, struct court_command *command);
/* Nothing can be saved now: answers every command, and keeps those in force. */
void court_settle(struct court_hearing *hearing);
/* Answers every command with the same refusal and frees it. */
void court_refuse_all(struct court_hearing *hearing, enum refusal why);
/* The command got its final outcome: remembers and tells it, and frees the command. */
void court_finish(struct court_hearing *hearing, struct court_command *command,
                  enum refusal refusal, uint64_t seq);
/* Computes the shadow from the state and the commands in force. */
void court_cast_shadow(struct court_hearing *hearing);

#endif
