/* The exchange for the command line: who may send to this centre, what this court has sent.
 * Blocking; errors and sentences as in db/admin.h. */
#ifndef ASSIZE_DB_EXCHANGE_ADMIN_H
#define ASSIZE_DB_EXCHANGE_ADMIN_H

#include "base/sha256.h"
#include "db/admin.h"

/* Makes an organisation known by its key, or gives it another one. agency: it is no court. */
int exchange_admin_admit(struct admin *admin, const char *organisation,
                         const uint8_t spki[static SHA256_BYTES], bool agency)
    __attribute__((warn_unused_result));

struct exchange_admin_row {
    const char *case_number;
    const char *hearing; /* or "" */
    uint64_t seq;
    int64_t recorded_ms;
    int64_t received_ms;
    const char *receipt; /* "" while there is none */
    const char *refused; /* "" or the centre's reason */
};

/* The newest rows of the outbox, newest first; visit returns false to stop. */
int exchange_admin_outbox(struct admin *admin,
                          bool (*visit)(void *context, const struct exchange_admin_row *row),
                          void *context) __attribute__((warn_unused_result));

#endif
