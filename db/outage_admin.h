/* Whether what a court wrote over an outage has all arrived, for `assize demo outage`: each
 * function asks the court's database or the centre's. Blocking; errors and sentences as in
 * db/admin.h. */
#ifndef ASSIZE_DB_OUTAGE_ADMIN_H
#define ASSIZE_DB_OUTAGE_ADMIN_H

#include "db/admin.h"

/* At the court: the last row of its outbox. */
int outage_admin_mark(struct admin *court, int64_t *ret_number) __attribute__((warn_unused_result));
/* At the court: how many changes for the centre it has written since, and which, as an array of the
 * database. For free(). */
int outage_admin_written(struct admin *court, int64_t since, int64_t *ret_count, char **ret_changes)
    __attribute__((warn_unused_result));

struct outage_admin_source {
    int64_t records;     /* in effect */
    int64_t received_ms; /* its last batch; 0: none yet */
    int64_t lag_ms;      /* of that */
};
/* At the centre: how it has this court. -ENOENT: it does not know it. */
int outage_admin_source(struct admin *center, const char *organisation,
                        struct outage_admin_source *out) __attribute__((warn_unused_result));
/* At the centre: how many rows it has of these changes, and how many of the changes. */
int outage_admin_received(struct admin *center, const char *organisation, const char *changes,
                          int64_t *ret_rows, int64_t *ret_changes)
    __attribute__((warn_unused_result));

#endif
