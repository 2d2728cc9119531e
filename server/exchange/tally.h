/*
 * What a centre has taken in since its start, counted for /metrics; and what it has in effect and
 * waiting, as the database said last. Of receiver.c, by way of center.c.
 */
#ifndef ASSIZE_SERVER_EXCHANGE_TALLY_H
#define ASSIZE_SERVER_EXCHANGE_TALLY_H

#include <stdbool.h>

#include "base/buf.h"
#include "db/exchange_store.h"

/* clang-format off */
#define TALLY_LIMITS(L) \
    L(TALLY_REASONS_MAX, 128, "reasons", "of rejections that /metrics tells apart; others are \"other\"")
/* clang-format on */
LIMITS(TALLY_LIMITS);

struct tally_reason;

struct tally {
    uint64_t batches;
    uint64_t again; /* batches that were taken in before */
    uint64_t records;
    uint64_t bytes;
    struct tally_reason *reasons; /* by word */
    bool asking;                  /* the database, for its totals */
    bool known;                   /* it has told them */
    struct exchange_totals totals;
};

/* A batch of so many records and bytes has got this receipt; again: the one it had. */
void tally_batch(struct tally *tally, size_t records, size_t bytes,
                 const Assize__Exchange__V1__Receipt *receipt, bool again);

/* Asks the database for its totals, when it is there; the tally outlives the db. */
void tally_look(struct tally *tally, struct db *db);

/* Lines in Prometheus text format; 0 or -ENOBUFS. Looks for what the next time tells. */
int tally_metrics(struct tally *tally, struct db *db, struct buf *text)
    __attribute__((warn_unused_result));

void tally_free_reasons(struct tally *tally);

#endif
