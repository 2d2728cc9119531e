#include "server/exchange/sync_service.h"

#include <stdlib.h>
#include <string.h>

#include "db/exchange_store.h"
#include "proto/codec.h"

#define SERVICE "assize.exchange.v1.SyncService/"

enum { STATUS_MAX = 1024 };

struct asking {
    struct sync_service *service;
    struct net_call *call;
};

static void reply(struct net_call *call, const Assize__Exchange__V1__SyncStatus *status)
{
    struct buf packed;

    buf_init(&packed, STATUS_MAX);
    if (codec_pack(&status->base, &packed))
        net_call_refuse(call, REFUSAL_INTERNAL);
    else
        net_call_reply(call, packed.data, packed.len);
    buf_done(&packed);
}

static void told(void *context, int error, const Assize__Exchange__V1__SyncStatus *status)
{
    if (error)
        net_call_refuse(context, REFUSAL_DATABASE_AWAY);
    else
        reply(context, status);
}

static bool may_know(Assize__Hearing__V1__Role role)
{
    return role == ASSIZE__HEARING__V1__ROLE__ROLE_PRESIDING_JUDGE ||
           role == ASSIZE__HEARING__V1__ROLE__ROLE_PANEL_JUDGE ||
           role == ASSIZE__HEARING__V1__ROLE__ROLE_LAY_JUDGE ||
           role == ASSIZE__HEARING__V1__ROLE__ROLE_CLERK;
}

static void found(void *context, enum refusal refusal, const struct identity_session *session,
                  const char *token)
{
    const Assize__Exchange__V1__SyncStatus nothing = ASSIZE__EXCHANGE__V1__SYNC_STATUS__INIT;
    struct asking asking = *(struct asking *)context;

    (void)token;
    free(context);
    if (refusal)
        net_call_refuse(asking.call, refusal);
    else if (!may_know(session->role))
        net_call_refuse(asking.call, REFUSAL_ROLE_NOT_ALLOWED);
    else if (!asking.service->linked)
        reply(asking.call, &nothing);
    else
        exchange_store_status(asking.service->db, session->hearing, told, asking.call);
}

bool sync_service_call(struct sync_service *service, struct net_call *call)
{
    const char *method = net_call_method(call);

    if (strncmp(method, SERVICE, strlen(SERVICE)) != 0)
        return false;
    if (strcmp(method + strlen(SERVICE), "Status") != 0) {
        net_call_refuse(call, REFUSAL_NOT_FOUND);
        return true;
    }
    struct asking *asking = malloc(sizeof(*asking));
    if (!asking)
        abort();
    *asking = (struct asking){service, call};
    identity_find(service->identity, net_call_peer(call)->token, found, asking);
    return true;
}
