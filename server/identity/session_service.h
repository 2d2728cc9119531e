/*
 * assize.session.v1.SessionService, which signs people in: the calls of net that belong to it,
 * answered from identity. Called by main.c for every call.
 */
#ifndef ASSIZE_SERVER_IDENTITY_SESSION_SERVICE_H
#define ASSIZE_SERVER_IDENTITY_SESSION_SERVICE_H

#include <stdbool.h>

#include "server/identity/identity.h"
#include "server/net/net.h"

/*
 * False when the call is of another service; else it is answered, now or later. The identity
 * outlives the answer.
 */
bool session_service_call(struct identity *identity, struct net_call *call);

#endif
