/*
 * Accounts of staff for the command line. Blocking; errors and sentences as in db/admin.h.
 * Passwords come as Argon2id hashes.
 */
#ifndef ASSIZE_DB_ADMIN_ACCOUNT_H
#define ASSIZE_DB_ADMIN_ACCOUNT_H

#include "db/account_store.h"
#include "db/admin.h"

struct admin_account {
    char login[ACCOUNT_LOGIN_SIZE];
    char name[HEARING_NAME_SIZE];
    Assize__Staff__V1__Role role;
    bool disabled;
    bool must_change;
    int sessions; /* live ones */
};

/* "clerk" is ROLE_CLERK; ROLE_UNSPECIFIED for a word that is none. */
Assize__Staff__V1__Role admin_account_role(const char *word);
/* The other way round. */
void admin_account_role_word(Assize__Staff__V1__Role role, char *out, size_t size);

/* Of the account login, name, role and must_change are read. 0, -EEXIST (the login is taken) or
 * -EINVAL. */
int admin_account_add(struct admin *admin, const struct admin_account *account, const char *hash)
    __attribute__((warn_unused_result));

/* These end every session of the account. 0 or -ENOENT. */
int admin_account_set_password(struct admin *admin, const char *login, const char *hash,
                               bool must_change) __attribute__((warn_unused_result));
int admin_account_disable(struct admin *admin, const char *login)
    __attribute__((warn_unused_result));

/* It may be signed in with again, at once: failures are forgotten. 0 or -ENOENT. */
int admin_account_enable(struct admin *admin, const char *login)
    __attribute__((warn_unused_result));

/* By login. */
int admin_accounts(struct admin *admin,
                   void (*visit)(void *context, const struct admin_account *account), void *context)
    __attribute__((warn_unused_result));

/* The live ones of a login, seen last first. 0 or -ENOENT. */
int admin_account_sessions(struct admin *admin, const char *login,
                           void (*visit)(void *context, const struct account_session_row *session),
                           void *context) __attribute__((warn_unused_result));

/* One session by its id, or all of a login. 0, also for what ended before, or -ENOENT. */
int admin_account_end(struct admin *admin, const char *session_or_login)
    __attribute__((warn_unused_result));

#endif
