/*
 * What the clerk's page asks of the database: the hearings of a day, one hearing, cases, and the
 * changes a clerk may make. Every change is one transaction, and refuses by itself what has no
 * place (db/migrations/0008_desk.sql). Used by server/desk, which checks what is asked before.
 */
#ifndef ASSIZE_DB_DESK_STORE_H
#define ASSIZE_DB_DESK_STORE_H

#include "assize/desk/v1/desk.pb-c.h"
#include "base/errors.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "db/asking.h"
#include "db/db.h"
#include "db/hearing_store.h"

/* clang-format off */
#define DESK_LIMITS(L) \
    L(DESK_HEARINGS_MAX, 200, "hearings", "told of one day; the clerk's page says when there are more") \
    L(DESK_CASES_MAX, 30, "cases", "told for one search") \
    L(DESK_SEARCH_MAX, 200, "bytes", "the words of one search") \
    L(DESK_LINKS_MAX, 500, "links", "told of one hearing, newest first") \
    L(DESK_STAFF_MAX, 200, "people", "of the court offered for a hearing") \
    L(DESK_PAST_MS, 3600000, "ms", "a hearing may be scheduled in the past") \
    L(DESK_AHEAD_DAYS, 730, "days", "a hearing may be scheduled ahead") \
    L(DESK_ENTER_MINUTES, 5, "minutes", "a link to enter with lasts unless it is used")
/* clang-format on */
LIMITS(DESK_LIMITS);

/* ---- asking ---- */

/* A DayResponse. date: YYYY-MM-DD, or NULL for today; person: the asker's. */
void desk_store_day(struct db *db, const char *date, const char *person, asking_callback callback,
                    void *context);
/* HearingDetails; for_clerk: with links, and with what is known of the people. */
void desk_store_hearing(struct db *db, const char *hearing, const char *person, bool for_clerk,
                        asking_callback callback, void *context);
/* A CasesResponse. */
void desk_store_cases(struct db *db, const char *search, asking_callback callback, void *context);
/* A PlanResponse. */
void desk_store_plan(struct db *db, const char *court_case, asking_callback callback,
                     void *context);

/* ---- changing ---- */

struct desk_plan {
    struct hearing_record hearing; /* its id, procedure, time and roster */
    const char *court_case;
    uint8_t digest[SHA256_BYTES];
    const char *persons[48]; /* one a participant: known by this id, or NULL */
};
/* A ScheduleResponse. The plan is read at once. */
void desk_store_schedule(struct db *db, const struct desk_plan *plan, asking_callback callback,
                         void *context);
void desk_store_reschedule(struct db *db, const char *hearing, int64_t scheduled_ms,
                           asking_callback callback, void *context);
void desk_store_cancel(struct db *db, const char *hearing, asking_callback callback, void *context);

/* The summons of a seat and what the case knows of the person; texts "" for what is not known. */
struct desk_details {
    const char *hearing;
    uint32_t participant;
    const char *summons;
    bool under_18;
    const char *date_of_birth;
    const char *personal_number;
    const char *residence;
    const char *document;
};
void desk_store_describe(struct db *db, const struct desk_details *details,
                         asking_callback callback, void *context);

/* How far a hearing has come. */
enum desk_course {
    DESK_COURSE_NONE, /* there is none, or it was cancelled */
    DESK_COURSE_PLAN, /* nobody has been there yet */
    DESK_COURSE_BEGUN /* there are events */
};
typedef void (*desk_course_callback)(void *context, int error, enum desk_course course);
void desk_store_course(struct db *db, const char *hearing, desk_course_callback callback,
                       void *context);

struct desk_replacement {
    const char *hearing;
    uint32_t participant;
    const char *person; /* an id: of somebody new, who has this name, */
    const char *name;   /* or of a member of staff: "" */
    const char *summons;
};
/* A ReplacePersonResponse. */
void desk_store_replace(struct db *db, const struct desk_replacement *replacement,
                        asking_callback callback, void *context);

struct desk_link {
    char id[ID_UUID_SIZE];
    char hearing[ID_UUID_SIZE];
    uint8_t token_hash[SHA256_BYTES];
    const char *person;   /* whose link it is: by the id of a person, or, when NULL, */
    uint32_t participant; /* by the number in the hearing; 0 for the gallery */
    bool companion;
    const char *kind; /* a word of join_link.kind */
    uint32_t uses;
    uint32_t minutes;
};
/* An IssueLinkResponse without its url. */
void desk_store_issue(struct db *db, const struct desk_link *link, asking_callback callback,
                      void *context);
void desk_store_revoke(struct db *db, const char *link, asking_callback callback, void *context);

#endif
