/*
 * The texts of procedures that hearings are or were held by (server/procedures). A version is never
 * changed. Used by server/court's registry, and by who tells of hearings that are over.
 */
#ifndef ASSIZE_DB_PROCEDURE_STORE_H
#define ASSIZE_DB_PROCEDURE_STORE_H

#include "db/db.h"

struct procedure_store_text {
    const char *name;
    uint32_t version;
    const char *text;
};

/* error: 0 with all texts there are, the offered ones among them unless another text stood under
 * the same name and version; -EAGAIN, -ENOSPC or -EINVAL without any. Valid during the callback. */
typedef void (*procedure_store_callback)(void *context, int error,
                                         const struct procedure_store_text *texts, size_t count);
/* Keeps what is offered and asks for everything. */
void procedure_store_register(struct db *db, const struct procedure_store_text *offered,
                              size_t count, procedure_store_callback callback, void *context);
/* One row with the text of this version, of the newest for 0; none when it is not known. */
void procedure_store_find(struct db *db, const char *name, uint32_t version, db_callback callback,
                          void *context);

#endif
