/*
 * All that is stored of a hearing for its minutes: the roster, the events, what people wrote with
 * them, and the text of the procedure it was opened with. Used by server/paper and `assize
 * minutes`.
 */
#ifndef ASSIZE_DB_MINUTES_STORE_H
#define ASSIZE_DB_MINUTES_STORE_H

#include "db/hearing_store.h"

/* What somebody wrote with the event of this number. */
struct minutes_words {
    uint64_t seq;
    const char *words; /* NULL when they were erased */
};

/* Who had a seat before, up to the event by which somebody else took it; who saw to that. */
struct minutes_former {
    uint32_t participant;
    uint64_t until_seq;
    const char *name;
    const char *by;
};

struct minutes_record {
    const struct hearing_record *hearing;
    const struct minutes_words *words; /* in seq order */
    size_t word_count;
    const struct minutes_former *formers; /* by participant, then in seq order */
    size_t former_count;
    const char *procedure; /* its text; NULL when it is not known */
};

/* A row each, by participant and then in seq order: participant, until_seq, name, by. */
void minutes_store_formers(struct db *db, const char *hearing, db_callback callback, void *context);

/* error: as of hearing_load_callback. record NULL on error, else valid during the callback. */
typedef void (*minutes_load_callback)(void *context, int error,
                                      const struct minutes_record *record);
void minutes_store_load(struct db *db, const char *hearing, minutes_load_callback callback,
                        void *context);

#endif
