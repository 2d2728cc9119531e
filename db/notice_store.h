/*
 * What other organisations have told a court of its cases, and who of its people has taken note
 * (db/migrations/0048_notice_case.sql). Used by server/access.
 */
#ifndef ASSIZE_DB_NOTICE_STORE_H
#define ASSIZE_DB_NOTICE_STORE_H

#include "assize/cases/v1/case_service.pb-c.h"
#include "db/access_store.h"

/* clang-format off */
#define NOTICE_STORE_LIMITS(L) \
    L(NOTICES_MAX, 50, "notices", "from other organisations told at once; the answer names the next page")
/* clang-format on */
LIMITS(NOTICE_STORE_LIMITS);

/* Which notices. */
struct notice_wish {
    const char *case_key; /* a UUID, or NULL: of the whole court */
    bool open;            /* only those that nobody has taken note of */
    uint64_t before;      /* below this number; 0: from the newest */
};

/* A NoticesResponse. */
void notice_store_list(struct db *db, const struct access_caller *caller,
                       const struct notice_wish *wish, asking_callback callback, void *context);

/* A TakeNoticeResponse, of who took note first; NOTICE_UNKNOWN. Staff only. */
void notice_store_take(struct db *db, const struct access_caller *caller, uint64_t id,
                       asking_callback callback, void *context);

#endif
