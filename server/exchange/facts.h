/* What a record that arrived says, and what is wrong with it: read once, for the database. Pure.
 * Used by batch.c. */
#ifndef ASSIZE_SERVER_EXCHANGE_FACTS_H
#define ASSIZE_SERVER_EXCHANGE_FACTS_H

#include "base/arena.h"
#include "db/exchange_store.h"

enum { FACTS_WORDS_MAX = 512 };

/* Keys, types and reasons go through the database's array literals, so they hold nothing to be
 * quoted. */
bool facts_is_word(const char *text);

/*
 * The record's fields are there. target: the court it is for, NULL for the centre; each takes what
 * the other may have for it. Words are drawn from the arena, which has room for FACTS_WORDS_MAX
 * bytes.
 */
void facts_read(struct arena *arena, const Assize__Exchange__V1__Record *record, const char *target,
                int64_t now_ms, struct exchange_facts *ret_facts);

#endif
