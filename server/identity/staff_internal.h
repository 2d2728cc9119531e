/* Between staff.c and sign_in.c. */
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

#endif
