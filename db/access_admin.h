/* Rights to ask for case records, for the command line. Blocking; errors and sentences as in
 * db/admin.h. */
#ifndef ASSIZE_DB_ACCESS_ADMIN_H
#define ASSIZE_DB_ACCESS_ADMIN_H

#include "db/access_store.h"
#include "db/admin.h"

/* Words of the tables. types: with commas between; "all", and for a withdrawal NULL too. */
struct access_admin_right {
    const char *client;
    const char *service;
    const char *types;
    const char *purpose;
};

/* -ENOENT: there is no such organisation; -EINVAL: a word that is none. */
int access_admin_grant(struct admin *admin, const struct access_admin_right *right,
                       int64_t until_ms) __attribute__((warn_unused_result));
/* -ENOENT: there is no such right. */
int access_admin_revoke(struct admin *admin, const struct access_admin_right *right)
    __attribute__((warn_unused_result));

struct access_admin_row {
    const char *client, *service, *type, *purpose;
    const char *until; /* as PostgreSQL writes it */
    const char *granted_by;
};

/* Those in force; client: NULL for all. visit returns false to stop. */
int access_admin_list(struct admin *admin, const char *client,
                      bool (*visit)(void *context, const struct access_admin_row *row),
                      void *context) __attribute__((warn_unused_result));

#endif
