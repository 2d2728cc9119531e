/*
 * What the command line and tests do to the database: make hearings, issue and withdraw links,
 * list. One blocking connection, opened and closed by the caller. Errors are 0 or -errno and leave
 * a sentence for the person in admin_why.
 */
#ifndef ASSIZE_DB_ADMIN_H
#define ASSIZE_DB_ADMIN_H

#include <stdbool.h>

#include "base/id.h"
#include "base/limits.h"
#include "db/hearing_store.h"

/* clang-format off */
#define ADMIN_LIMITS(L) \
    L(ADMIN_LINK_USES_MAX, 100000, "uses", "of one multi-use join link") \
    L(ADMIN_LINK_HOURS_MAX, 2160, "hours", "a join link may last")
/* clang-format on */
LIMITS(ADMIN_LIMITS);

struct admin;

/* Never NULL. 0, or -EAGAIN when the database is away or its schema is not the one of this build.
 */
int admin_open(const char *conninfo, struct admin **ret_admin) __attribute__((warn_unused_result));
void admin_close(struct admin *admin);
const char *admin_why(const struct admin *admin);

/* ---- hearings ---- */

/*
 * Makes court, case (both only if they are not there yet), people, hearing and roster in one
 * transaction. Of the record the names, the times and the roster are read; texts are brought to
 * NFC. In a demo, who has the name of a member of staff is that member. 0 with the new id, or
 * -EINVAL.
 */
int admin_hearing_make(struct admin *admin, const struct hearing_record *plan, bool demo,
                       char ret_id[static ID_UUID_SIZE]) __attribute__((warn_unused_result));

struct admin_hearing {
    char id[ID_UUID_SIZE];
    char case_number[HEARING_NAME_SIZE];
    char title[HEARING_NAME_SIZE];
    char procedure[HEARING_PROCEDURE_SIZE];
    int64_t scheduled_ms;
    bool demo;
    int people;
    int64_t events;
    Assize__Hearing__V1__Status status; /* by its events; SCHEDULED before the first */
};

/* Newest first, without those that were cancelled. visit returns false to stop. */
int admin_hearings(struct admin *admin,
                   bool (*visit)(void *context, const struct admin_hearing *hearing), void *context)
    __attribute__((warn_unused_result));

/* One event as it is stored, valid during the call. */
struct admin_event {
    struct hearing_store_event event; /* has_words: there is a place for them, erased or not */
    uint8_t prev_hash[SHA256_BYTES];
    uint8_t hash[SHA256_BYTES];
    const char *words; /* or NULL: none, or erased */
};

/* The hearing's events in their order, unchecked: for verify. 0 or -EINVAL. */
int admin_events(struct admin *admin, const char *hearing,
                 void (*visit)(void *context, const struct admin_event *event), void *context)
    __attribute__((warn_unused_result));

/* ---- join links ---- */

struct admin_link_wish {
    const char *hearing;
    uint32_t participant;
    uint32_t endpoint; /* 0: the one the person is seen and heard at */
    bool multi;
    bool gallery; /* for the public: of many uses, without participant and endpoint */
    int uses;     /* of a link of many uses */
    int hours;
};

struct admin_link {
    char id[ID_UUID_SIZE];
    uint32_t participant;
    uint32_t endpoint;
    char role[32];
    char name[HEARING_NAME_SIZE];
    bool multi;
    bool gallery; /* participant and endpoint are 0, role is "gallery", name is "" */
    int max_uses;
    int used;
    int64_t expires_ms;
    bool revoked;
    bool expired;
};

/* The token is told this once. 0, -ENOENT (no such person or device in such a hearing) or -EINVAL.
 */
int admin_link_issue(struct admin *admin, const struct admin_link_wish *wish,
                     struct admin_link *ret_link, char ret_token[static ID_TOKEN_SIZE])
    __attribute__((warn_unused_result));

/* By id or token. Its sessions end with it. 0, also for one revoked before, or -ENOENT. */
int admin_link_revoke(struct admin *admin, const char *id_or_token)
    __attribute__((warn_unused_result));

/* Of one hearing, oldest first. */
int admin_links(struct admin *admin, const char *hearing,
                void (*visit)(void *context, const struct admin_link *link), void *context)
    __attribute__((warn_unused_result));

#endif
