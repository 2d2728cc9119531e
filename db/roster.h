/*
 * A hearing that is to be made, as the arrays that hearing_make of the schema takes. Between
 * admin.c, which asks on a connection of its own, and desk_change.c, which asks on the loop.
 */
#ifndef ASSIZE_DB_ROSTER_H
#define ASSIZE_DB_ROSTER_H

#include "base/buf.h"
#include "db/hearing_store.h"

#define ROSTER_MAKE                                                                                \
    "SELECT hearing_make($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"

enum { ROSTER_ARRAYS = 9, ROSTER_PARAMS = 14 };

/* In the order of hearing_make: site kinds and names; endpoint sites and kinds; persons, names,
 * roles, endpoints and companions. */
struct roster {
    struct buf arrays[ROSTER_ARRAYS];
};

/*
 * Sites, endpoints and people of the plan, which are numbered from 1 in their order; texts are
 * brought to NFC. persons: who is known already by id, NULL for the new ones; NULL: nobody. 0, or
 * -EINVAL for other numbers, or a name that is not text or is too long. Free with roster_done
 * either way.
 */
int roster_make(struct roster *roster, const struct hearing_record *plan,
                const char *const *persons) __attribute__((warn_unused_result));
void roster_done(struct roster *roster);

#endif
