/*
 * The registry of procedures: those that are part of the program, those of a folder the
 * configuration names (others, and newer versions), and from the database every version that a
 * hearing was ever held by. A version is never changed. Owned by main; court gives each hearing the
 * version it was opened with.
 */
#ifndef ASSIZE_SERVER_COURT_PROCEDURES_H
#define ASSIZE_SERVER_COURT_PROCEDURES_H

#include "db/db.h"
#include "server/hearing/procedure.h"

/* clang-format off */
#define PROCEDURES_LIMITS(L) \
    L(PROCEDURES_MAX, 256, "procedures", "known at once, each version counted")
/* clang-format on */
LIMITS(PROCEDURES_LIMITS);

enum { PROCEDURES_ERROR_SIZE = 1024 };

struct procedures;

struct procedures *procedures_new(void);
/* Takes NULL. No hearing may hold on to a procedure of it any more. */
void procedures_free(struct procedures *procedures);

/* Takes in one text; from names where it stands. 0, or -EINVAL with "FROM: line N: reason". */
int procedures_add(struct procedures *procedures, const char *from, const char *text,
                   char error[static PROCEDURES_ERROR_SIZE]) __attribute__((warn_unused_result));
/*
 * Takes in those of the program, then every FOLDER/NAME.conf unless folder is "". 0, or -errno with
 * a sentence that names file, line and reason.
 */
int procedures_read(struct procedures *procedures, const char *folder,
                    char error[static PROCEDURES_ERROR_SIZE]) __attribute__((warn_unused_result));

/* version 0: the latest that is offered to new hearings. NULL when there is none. */
const struct procedure *procedures_find(const struct procedures *procedures, const char *name,
                                        uint32_t version);
/* Calls visit for the latest version of each that is offered to new hearings. */
void procedures_each(const struct procedures *procedures,
                     void (*visit)(void *context, const struct procedure *procedure),
                     void *context);

/*
 * Keeps all texts in the database and takes in the versions that only it has. error: 0; -EAGAIN
 * (ask again when it is back); -EEXIST: another text stands there under the same name and version,
 * and why is a sentence for the operator.
 */
typedef void (*procedures_callback)(void *context, int error, const char *why);
void procedures_register(struct procedures *procedures, struct db *db, procedures_callback callback,
                         void *context);

#endif
