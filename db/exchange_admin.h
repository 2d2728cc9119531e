/* The exchange for the command line: who may send to this centre, what this court has sent.
 * Blocking; errors and sentences as in db/admin.h. */
#ifndef ASSIZE_DB_EXCHANGE_ADMIN_H
#define ASSIZE_DB_EXCHANGE_ADMIN_H

#include "base/sha256.h"
#include "db/admin.h"

/* A key of an organisation, as its certificate has it. */
struct exchange_admin_key {
    const uint8_t *public_key; /* SubjectPublicKeyInfo, DER */
    size_t len;
    int64_t ends_s; /* when the certificate ends, since 1970 */
};

/* Makes an organisation known, or gives it one more key. kind: "court" or "agency"; NULL: as
 * before, or a court. alone: its keys of before are good for nothing any more. */
int exchange_admin_admit(struct admin *admin, const char *organisation, const char *kind,
                         const struct exchange_admin_key *key, bool alone)
    __attribute__((warn_unused_result));

/* What people call it, which courts are told with its notices from here on; one line of at most
 * CASE_NAME_MAX bytes, "" for none. -ENOENT when it is not known. */
int exchange_admin_name(struct admin *admin, const char *organisation, const char *name)
    __attribute__((warn_unused_result));

struct exchange_admin_known {
    const char *organisation;
    const char *kind;
    uint8_t spki[SHA256_BYTES];
    int64_t ends_ms; /* 0: not known */
    bool revoked;
    const char *why; /* or "" */
};

/* All keys there are, by organisation, the newest first; visit returns false to stop. */
int exchange_admin_keys(struct admin *admin,
                        bool (*visit)(void *context, const struct exchange_admin_known *key),
                        void *context) __attribute__((warn_unused_result));

/* In force when this returns. -ENOENT when it is revoked already. */
int exchange_admin_revoke(struct admin *admin, const uint8_t spki[static SHA256_BYTES],
                          const char *why) __attribute__((warn_unused_result));

/* This court goes on from a backup: nothing is sent before exchange_admin_take_back. The last batch
 * whose answer it has. */
int exchange_admin_restored(struct admin *admin, int64_t *ret_batch)
    __attribute__((warn_unused_result));
/* Is that still to be done, and from which batch on. -ENOENT: it is not. */
int exchange_admin_waits(struct admin *admin, int64_t *ret_batch)
    __attribute__((warn_unused_result));
/* At a centre: what it has of an organisation after this batch, as JSON, once that is in the log of
 * accesses with its legal basis, a line of ACCESS_BASIS_MAX bytes in NFC. For free(). */
int exchange_admin_returns(struct admin *admin, const char *center, const char *organisation,
                           int64_t batch, const char *legal_basis, char **ret_json)
    __attribute__((warn_unused_result));

struct exchange_admin_taken {
    int64_t taken;      /* records that are in the outbox again */
    int64_t renumbered; /* that were written since and follow them */
    int64_t unknown;    /* of cases that are not here */
};
/* What the centre's JSON says: the array of records, the last batch and its root in hex. */
int exchange_admin_take_back(struct admin *admin, const char *records, int64_t cursor,
                             const char *root, struct exchange_admin_taken *out)
    __attribute__((warn_unused_result));

/* ---- off the line ---- */

/* This court calls its centre with nothing for so long, at once (db/migrations/0033); one that
 * holds gives way to it. *ret_until_ms: when it ends by itself, by the wall clock. */
int exchange_admin_disconnect(struct admin *admin, int64_t seconds, const char *who,
                              const char *why, int64_t *ret_until_ms)
    __attribute__((warn_unused_result));
/* -ENOENT: it is on the line. */
int exchange_admin_connect(struct admin *admin, const char *who)
    __attribute__((warn_unused_result));

struct exchange_admin_disconnection {
    int64_t began_ms, until_ms;
    int64_t ended_ms; /* when it ended, or will; until_ms when by itself */
    const char *who;
    const char *why;
    const char *ended_by; /* "": by itself */
    bool holds;
};
/* The last of them, newest first; visit returns false to stop. */
int exchange_admin_disconnections(struct admin *admin,
                                  bool (*visit)(void *context,
                                                const struct exchange_admin_disconnection *one),
                                  void *context) __attribute__((warn_unused_result));

struct exchange_admin_totals {
    int64_t waiting;     /* in no batch yet */
    int64_t sent;        /* in one without an answer */
    int64_t returned;    /* and not corrected */
    int64_t answered_ms; /* the centre's last receipt, by its clock; 0: none yet */
};
/* Of changes for the centre; EXCHANGE_ADMIN_TOTAL_MAX means that many or more. */
enum { EXCHANGE_ADMIN_TOTAL_MAX = 1000000 };
int exchange_admin_totals(struct admin *admin, struct exchange_admin_totals *out)
    __attribute__((warn_unused_result));

/* ---- the outbox ---- */

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
