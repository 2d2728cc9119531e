/*
 * The draft of a hearing's minutes (BLTTHS 258), assembled from what is stored of it: who took
 * part, what happened, and what the clerk and the presiding judge wrote. Pure: no I/O, no clock.
 * The same for server/paper, which shows it, and for `assize minutes`.
 *
 * Lines stand in the order of the moments they are about: a note at the moment the clerk began to
 * write it. Nothing is ever taken out; a correction stands at the end and is named at its line.
 * What was erased, or is not what was written, is said so.
 */
#ifndef ASSIZE_SERVER_MINUTES_MINUTES_H
#define ASSIZE_SERVER_MINUTES_MINUTES_H

#include "assize/minutes/v1/minutes.pb-c.h"
#include "base/arena.h"
#include "base/limits.h"
#include "db/minutes_store.h"
#include "server/hearing/procedure.h"

/* clang-format off */
#define MINUTES_LIMITS(L) \
    L(MINUTES_SECTION_LINES_MAX, 2000, "lines", "in one section of the minutes; another follows")
/* clang-format on */
LIMITS(MINUTES_LIMITS);

/*
 * procedure: the one the hearing was opened with; NULL when its text is not known. The document and
 * all it holds are in the arena, which this makes large enough and the caller ends; 0, or -EBADMSG
 * for events that are none.
 */
int minutes_assemble(const struct minutes_record *record, const struct procedure *procedure,
                     struct arena *arena, Assize__Minutes__V1__MinutesDocument **ret_document)
    __attribute__((warn_unused_result));

#endif
