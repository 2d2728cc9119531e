/*
 * The signed records of identity, for assize verify: each must be what its events vouch for and
 * what its signatures are over, by a key of the account that it names.
 */
#ifndef ASSIZE_CLI_VERIFY_IDENTITY_H
#define ASSIZE_CLI_VERIFY_IDENTITY_H

#include "assize/hearing/v1/hearing.pb-c.h"
#include "db/admin_identity.h"

struct verify_identity;

/* finding: what does not fit of which record, "identity ID". */
struct verify_identity *verify_identity_new(void (*finding)(void *context, const char *path,
                                                            const char *why),
                                            void *context);
void verify_identity_free(struct verify_identity *identity);

/* Every event of the hearing, in order; */
void verify_identity_event(struct verify_identity *identity,
                           const Assize__Hearing__V1__Event *event);
/* then what the tables have. 0 or -EINVAL, as admin_identities. */
int verify_identity_records(struct verify_identity *identity, struct admin *admin,
                            const char *hearing) __attribute__((warn_unused_result));

/* Attestations that the events hold, and those of them that fit. */
size_t verify_identity_told(const struct verify_identity *identity);
size_t verify_identity_good(const struct verify_identity *identity);

#endif
