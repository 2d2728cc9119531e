/*
 * The command flow: decode, decide, commit, apply, tell. Owns every hearing that is loaded and is
 * the only one that changes it. While an append is in flight, further commands of that hearing
 * queue (COURT_QUEUE_MAX, then REFUSAL_BUSY).
 *
 * Tell after commit, except to narrow: a command that only takes away (hearing_command_narrows) is
 * shown to ops->narrowed at once, and stays in force even if its commit fails. Until it is
 * committed, court_shadow() is the state with it applied; what may flow must be allowed by both
 * states. When the database is back, such commands are committed by themselves.
 */
#ifndef ASSIZE_SERVER_COURT_COURT_H
#define ASSIZE_SERVER_COURT_COURT_H

#include "base/limits.h"
#include "db/hearing_store.h"
#include "server/court/procedures.h"
#include "server/hearing/hearing.h"

/* clang-format off */
#define COURT_LIMITS(L) \
    L(COURT_HEARINGS_MAX, 256, "hearings", "loaded at once") \
    L(COURT_QUEUE_MAX, 64, "commands", "waiting in one hearing") \
    L(COURT_OUTCOMES_MAX, 512, "commands", "whose outcome is remembered for retries in one hearing, newest") \
    L(COURT_HISTORY_MAX, 4096, "events", "kept in memory for clients that resume; older ones get a snapshot")
/* clang-format on */
LIMITS(COURT_LIMITS);

struct court;
struct court_hearing;

struct court_ops {
    /*
     * Committed and applied: tell clients and the relay. events are valid during the call. count 0:
     * nothing is new but that an uncommitted narrowing was given up, so court_shadow() allows more
     * again.
     */
    void (*changed)(void *context, struct court_hearing *hearing,
                    Assize__Hearing__V1__Event *const *events, size_t count);
    /* Not committed yet, but from now on less is allowed: cut it at the relay now. */
    void (*narrowed)(void *context, struct court_hearing *hearing);
    /* The state was loaded again after the database was away: compute everything anew. */
    void (*reloaded)(void *context, struct court_hearing *hearing);
    /* A hearing could not be kept (damaged chain, or gone): its clients must go; the pointer is
     * dead after this. */
    void (*lost)(void *context, struct court_hearing *hearing, enum refusal why);
};

/* Not saving until court_database_up. db, procedures, ops and context outlive the court's last call
 * into them. */
struct court *court_new(struct db *db, const struct procedures *procedures,
                        const struct court_ops *ops, void *context);
/* Commands and openings that are not answered yet never will be. May come before or after db_free.
 */
void court_free(struct court *court);

/* To be called by the owner of the db. */
void court_database_up(struct court *court);
void court_database_down(struct court *court);
/* False while commands cannot be saved. */
bool court_is_saving(const struct court *court);

/*
 * Loads the hearing, or finds it loaded (then the callback is called within court_open); a hearing
 * without events gets its opening event. hearing is NULL on refusal. When COURT_HEARINGS_MAX are
 * loaded, one without a user (court_set_user) makes room.
 */
typedef void (*court_open_callback)(void *context, enum refusal refusal,
                                    struct court_hearing *hearing);
void court_open(struct court *court, const char *hearing_id, court_open_callback callback,
                void *context);
/* NULL when it is not loaded. */
struct court_hearing *court_find(struct court *court, const char *hearing_id);
/* Calls visit for every loaded hearing. */
void court_each(struct court *court, void (*visit)(void *context, struct court_hearing *hearing),
                void *context);
/* Loads every suspended hearing, so that its deadline is watched though nobody has it open. */
void court_open_suspended(struct court *court);
/* The law that new hearings may be held by, and whose roles they may have. */
const struct procedures *court_procedures(const struct court *court);

/*
 * seq: of the command's last event, when there is no refusal. Called within court_submit or later.
 * Special refusals: APPLIED_NOT_SAVED: in force, and saved when the database is back; NOT_SAVED:
 * not done; OUTCOME_UNKNOWN: the database went away while this was being saved, and what became of
 * it shows when it is back (ops->reloaded).
 */
typedef void (*court_outcome_callback)(void *context, uint64_t asker, enum refusal refusal,
                                       uint64_t seq);
/*
 * The command is copied. The callback (or NULL) is called exactly once with the asker's id, to be
 * looked up again, since the asker may be gone by then. A repeated command_id gets the first
 * outcome; with another body, REFUSAL_COMMAND_ID_REUSED. A command of a person needs a command_id
 * (a UUID); the server's own need none.
 */
void court_submit(struct court *court, struct court_hearing *hearing, struct hearing_actor actor,
                  const Assize__Hearing__V1__Command *command, court_outcome_callback callback,
                  void *context, uint64_t asker);

/* The committed state. */
const struct hearing *court_state(const struct court_hearing *hearing);
/* The committed state with uncommitted narrowing applied; the same pointer as court_state when
 * there is none. */
const struct hearing *court_shadow(const struct court_hearing *hearing);
/* Names and dates that the engine does not hold; lives as long as the hearing is loaded. */
const struct hearing_record *court_record(const struct court_hearing *hearing);
/* Somebody else of this name has the seat: from now on in court_record; ops->reloaded tells it. */
void court_rename(struct court *court, struct court_hearing *hearing, uint32_t participant,
                  const char *name);
const char *court_hearing_id(const struct court_hearing *hearing);

/* Events after seq, oldest first, for a client that resumes. -ERANGE when they are not all in
 * memory. */
int court_events_since(const struct court_hearing *hearing, uint64_t seq,
                       Assize__Hearing__V1__Event *const **ret_events, size_t *ret_count);

/* All events in memory, at most COURT_HISTORY_MAX, oldest first. */
size_t court_events_kept(const struct court_hearing *hearing,
                         Assize__Hearing__V1__Event *const **ret_events);

/* What somebody wrote with the event of this number; NULL when there is nothing, it was erased, or
 * it is older than the newest HEARING_STORE_WORDS_MAX. Lives until the hearing changes. */
const char *court_words(const struct court_hearing *hearing, uint64_t seq);

/* A pointer for the layer above (server/session); NULL at first. */
void court_set_user(struct court_hearing *hearing, void *user);
void *court_user(const struct court_hearing *hearing);

#endif
