/*
 * How far the changes of a court's cases are on their way to the centre
 * (db/migrations/0031_outbox.sql, whose view case_change is the one place that reads it off the
 * outbox). Used by server/access.
 */
#ifndef ASSIZE_DB_CHANGE_STORE_H
#define ASSIZE_DB_CHANGE_STORE_H

#include "assize/cases/v1/case_service.pb-c.h"
#include "db/access_store.h"

/* clang-format off */
#define CHANGE_STORE_LIMITS(L) \
    L(CHANGE_CASES_MAX, 100, "cases", "whose changes are asked for at once") \
    L(CHANGE_OF_CASE_MAX, 200, "changes", "of one case looked at, the newest") \
    L(CHANGE_RETURNED_MAX, 50, "changes", "that were returned and are not corrected, whose cases are named") \
    L(CHANGE_COUNT_MAX, 10000, "changes", "of a court counted; more are told as so many")
/* clang-format on */
LIMITS(CHANGE_STORE_LIMITS);

/* Which cases: keys, UUIDs. */
struct change_wish {
    char *const *keys;
    size_t count;
};

/* Writes the access down; without an answer. Nothing may be told before it. */
void change_store_note(struct db *db, const struct access_caller *caller, const char *method,
                       const struct change_wish *wish, asking_callback callback, void *context);

/* A ChangesResponse without now_ms and line. organisation: our own. */
void change_store_look(struct db *db, const char *organisation, const struct change_wish *wish,
                       asking_callback callback, void *context);

#endif
