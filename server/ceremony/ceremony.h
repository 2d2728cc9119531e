/*
 * assize.identity.v1.IdentityService, the identity ceremony. By the session of a hearing: whoever
 * sits at the asking device as its clerk, or as the officer of a site, vouches for people; their
 * account, given anew with its password, signs. What is signed is kept first, then the hearing
 * learns of it by a command of the server.
 *
 * Owned by main.c. Called for every call.
 */
#ifndef ASSIZE_SERVER_CEREMONY_CEREMONY_H
#define ASSIZE_SERVER_CEREMONY_CEREMONY_H

#include "server/court/court.h"
#include "server/identity/identity.h"
#include "server/identity/staff.h"
#include "server/net/net.h"

struct ceremony;

/* All outlive it but db, court and staff, which are freed before: so nothing is under way then. */
struct ceremony *ceremony_new(struct db *db, struct identity *identity, struct staff *staff,
                              struct court *court);
void ceremony_free(struct ceremony *ceremony);

/* False when the call is of another service; else it is answered, now or later. */
bool ceremony_call(struct ceremony *ceremony, struct net_call *call);

#endif
