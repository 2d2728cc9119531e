/* Between the making and the running of the private cluster. */
#ifndef ASSIZE_DB_PRIVATE_INTERNAL_H
#define ASSIZE_DB_PRIVATE_INTERNAL_H

#define POSTGRES_BIN "/usr/lib/postgresql/15/bin"

struct passwd;

/* Whoever owns the cluster: user postgres when we are root, else ourselves; NULL when there is no
 * such user. */
const struct passwd *private_owner(void);

/* In a forked child: the owner's rights, its environment, no terminal. 0 or -errno. */
int private_become_owner(void);

#endif
