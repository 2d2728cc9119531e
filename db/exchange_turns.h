/*
 * The records of a batch as the database takes them in: those of a case together, in the order of
 * their numbers. What can be seen in the batch alone is counted out here, so that the database
 * looks at each case once.
 */
#ifndef ASSIZE_DB_EXCHANGE_TURNS_H
#define ASSIZE_DB_EXCHANGE_TURNS_H

#include "db/exchange_store.h"

struct exchange_turn {
    const Assize__Exchange__V1__Record *record;
    const struct exchange_facts *facts;
    size_t arrived; /* its place in the batch */
    size_t case_no; /* among the cases, from 0 */
    bool again;     /* another record of the batch describes the same thing of the case */
};

struct exchange_turns {
    struct exchange_turn *turns;
    size_t count;
    size_t cases;
};

/* One case: turns first to end, which is not of it. */
struct exchange_case {
    size_t first, end;
    const char *status; /* the last that was said, or NULL */
    /* They follow one another, each can be read, and none is a correction, notice or rejection. */
    bool plain;
};

/* exchange_turns_free gives the memory back; what the turns point to is the batch's. */
void exchange_turns_make(const struct exchange_batch *batch, struct exchange_turns *ret_turns);
void exchange_turns_free(struct exchange_turns *turns);
/* The case that begins at this turn; the next begins at its end. */
struct exchange_case exchange_turns_case(const struct exchange_turns *turns, size_t first);

#endif
