/*
 * The identity ceremony for the command line: what a demonstration's case knows of its people, and
 * the signed records of a hearing for verify. Blocking; errors and sentences as in db/admin.h.
 */
#ifndef ASSIZE_DB_ADMIN_IDENTITY_H
#define ASSIZE_DB_ADMIN_IDENTITY_H

#include "db/admin.h"
#include "db/ceremony_store.h"

struct admin_details {
    uint32_t participant;
    const char *summons; /* "" for what is not known */
    const char *date_of_birth;
    const char *personal_number;
    const char *residence;
    const char *document;
};
/* 0 or -EINVAL. */
int admin_describe(struct admin *admin, const char *hearing, const struct admin_details *details)
    __attribute__((warn_unused_result));

/* A record with all its attestations, as the tables have them, unchecked; valid during the call. */
struct admin_identity {
    const char *hearing;
    uint32_t participant;
    const char *person;
    const struct ceremony_record *record;
    /* Of each attestation: whose key it is, by account and its person. */
    char accounts[CEREMONY_ATTESTATIONS_MAX][ID_UUID_SIZE];
};
/* Of one hearing. 0 or -EINVAL. */
int admin_identities(struct admin *admin, const char *hearing,
                     void (*visit)(void *context, const struct admin_identity *identity),
                     void *context) __attribute__((warn_unused_result));

#endif
