/* Between staff.c, sign_in.c and prove.c. */
#ifndef ASSIZE_SERVER_IDENTITY_STAFF_INTERNAL_H
#define ASSIZE_SERVER_IDENTITY_STAFF_INTERNAL_H

#include "server/identity/hasher.h"
#include "server/identity/rate.h"
#include "server/identity/staff.h"

struct staff {
    struct db *db;
    struct hasher *hasher;
    struct rate tries; /* by address */
    int sign_ins;      /* under way */
    int session_hours;
};

/* ---- sign_in.c ---- */

enum { STAFF_MINUTE_S = 60 }; /* to wait, once there were too many tries from an address */

/* REFUSAL_NONE, or why not even a place is taken for another try. */
enum refusal staff_may_try(struct staff *staff, const char *address);
/* Names are not case-sensitive; what cannot be one is looked up all the same, and not found. */
void staff_read_login(const char *login, char out[static ACCOUNT_LOGIN_SIZE]);

#endif
