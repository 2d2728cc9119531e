/*
 * A question that several queries answer with one message, for the stores of pages (desk_store.c,
 * console_store.c): the queries come in order, the first error or refusal stands, the last one ends
 * it.
 */
#ifndef ASSIZE_DB_ASKING_H
#define ASSIZE_DB_ASKING_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "base/errors.h"
#include "db/db.h"

/*
 * error: as in db.h. Else refusal says why not, or answer is what was asked for, valid and to be
 * changed as one likes during the callback; NULL for a change that has no answer. May be called
 * before the function that was asked returns.
 */
typedef void (*asking_callback)(void *context, int error, enum refusal refusal,
                                ProtobufCMessage *answer);

struct asking {
    asking_callback callback;
    void *context;
    struct arena arena; /* of the answer */
    int error;          /* the first one */
    enum refusal refusal;
    ProtobufCMessage *answer;
};

struct asking *asking_new(asking_callback callback, void *context);
/* False when there is nothing to be read from these rows, or for this question any more. */
bool asking_goes_on(struct asking *asking, int error);
/* The same, for the row of what the question is about: where there is none, the refusal stands. */
bool asking_found(struct asking *asking, int error, const struct db_result *rows,
                  enum refusal unknown);
/* Tells and frees. */
void asking_finish(struct asking *asking);

/* A db_callback for the last query of a change: one row with one value, a code of the table of
 * refusals or NULL. */
void asking_take_refusal(void *context, int error, const struct db_result *rows);

/* The answer's memory: bounded by the limits of the queries, so running over is a bug and aborts.
 */
void *asking_alloc(struct asking *asking, size_t size);
char *asking_text(struct asking *asking, const struct db_result *rows, int row, int column);
/* A table of count pointers to new messages of this type. */
void *asking_messages(struct asking *asking, const ProtobufCMessageDescriptor *type, int count);
void *asking_message(struct asking *asking, const ProtobufCMessageDescriptor *type);
/* Such a table for the rows of a list that tells `most` of them and asked for one more. */
void *asking_list(struct asking *asking, const struct db_result *rows,
                  const ProtobufCMessageDescriptor *type, int most, size_t *ret_count,
                  bool *ret_more);

#endif
