#include <string.h>

#include "base/str.h"
#include "server/hearing/names.h"
#include "server/recording/recording_internal.h"

static bool role_may_see(Assize__Hearing__V1__Role role)
{
    return role == HEARING_ROLE(PRESIDING_JUDGE) || role == HEARING_ROLE(PANEL_JUDGE) ||
           role == HEARING_ROLE(LAY_JUDGE) || role == HEARING_ROLE(CLERK);
}

static bool staff_may_see(Assize__Staff__V1__Role role)
{
    return role == ASSIZE__STAFF__V1__ROLE__ROLE_CLERK ||
           role == ASSIZE__STAFF__V1__ROLE__ROLE_JUDGE ||
           role == ASSIZE__STAFF__V1__ROLE__ROLE_ADMINISTRATOR;
}

/* Of the two refusals the one that says more: who has no session of staff is told of the other. */
static enum refusal choose_refusal(enum refusal session, enum refusal staff)
{
    if (session == REFUSAL_DATABASE_AWAY || staff == REFUSAL_STAFF_NOT_SIGNED_IN)
        return session;
    return staff;
}

static void on_staff(void *context, enum refusal refusal, const struct staff_session *session)
{
    struct ask *ask = context;

    if (!refusal && !staff_may_see(session->role))
        refusal = REFUSAL_STAFF_ROLE;
    if (refusal) {
        ask_refuse(ask, choose_refusal(ask->no_session, refusal));
        return;
    }
    str_copy(ask->who.account, sizeof(ask->who.account), session->account);
    ask->allowed(ask);
}

static const struct net_peer *peer_of(const struct ask *ask)
{
    return ask->call ? net_call_peer(ask->call) : net_fetch_peer(ask->fetch);
}

static void bind_session(struct ask *ask, const char *token)
{
    sha256(token, strlen(token), ask->who.session);
}

static void on_session(void *context, enum refusal refusal, const struct identity_session *session,
                       const char *token)
{
    struct ask *ask = context;
    const struct net_peer *peer = peer_of(ask);

    (void)token;
    if (!refusal && !role_may_see(session->role))
        refusal = REFUSAL_ROLE_NOT_ALLOWED;
    if (!refusal && *ask->hearing && strcmp(session->hearing, ask->hearing) != 0)
        refusal = REFUSAL_HEARING_UNKNOWN;
    if (refusal) {
        ask->no_session = refusal;
        bind_session(ask, peer->staff_token);
        staff_find(ask->recordings->staff, peer->staff_token, on_staff, ask);
        return;
    }
    ask->who.participant = session->participant;
    str_copy(ask->who.hearing, sizeof(ask->who.hearing), session->hearing);
    bind_session(ask, peer->token);
    ask->allowed(ask);
}

void who_find(struct ask *ask, const struct net_peer *peer)
{
    identity_find(ask->recordings->identity, peer->token, on_session, ask);
}
