/* assize.access.v1.AccessService. */
#include "base/clock.h"
#include "base/log.h"
#include "server/access/access_check.h"
#include "server/access/access_internal.h"

/* Who grants: an account, or the operator's organisation. */
static const char *giver_of(const struct access_call *call)
{
    return *call->account ? call->account : call->caller.organisation;
}

void access_grant(struct access_call *call)
{
    const Assize__Access__V1__GrantRequest *request =
        (const Assize__Access__V1__GrantRequest *)call->request;
    const char *wrong = access_check_grant(request, clock_wall_ms());

    if (wrong) {
        access_call_refuse(call, REFUSAL_FIELD_WRONG, wrong);
        return;
    }
    log_info("access.grant", "client=%s types=%zu by=%s", request->client, request->n_record_types,
             giver_of(call));
    access_store_grant(call->service->db, request, giver_of(call), access_call_answered, call);
}

void access_revoke(struct access_call *call)
{
    const Assize__Access__V1__RevokeRequest *request =
        (const Assize__Access__V1__RevokeRequest *)call->request;
    const char *wrong = access_check_revoke(request);

    if (wrong) {
        access_call_refuse(call, REFUSAL_FIELD_WRONG, wrong);
        return;
    }
    log_info("access.revoke", "client=%s types=%zu by=%s", request->client, request->n_record_types,
             giver_of(call));
    access_store_revoke(call->service->db, request, giver_of(call), access_call_answered, call);
}

void access_list_rights(struct access_call *call)
{
    const char *client = ((const Assize__Access__V1__ListRightsRequest *)call->request)->client;

    if (client && !access_check_organisation(client))
        access_call_refuse(call, REFUSAL_FIELD_WRONG, "client");
    else
        access_store_rights(call->service->db, client, access_call_answered, call);
}

void access_who_read_me(struct access_call *call)
{
    const Assize__Access__V1__WhoReadMeRequest *request =
        (const Assize__Access__V1__WhoReadMeRequest *)call->request;
    struct access_subject subject = {.source = request->source, .case_key = request->case_key};
    uint8_t person[PERSON_SEARCH_BYTES];
    uint64_t before;

    if (!access_call_reason(call, request->reason))
        return;
    const char *wrong = access_check_who(request, &before);
    if (wrong) {
        access_call_refuse(call, REFUSAL_FIELD_WRONG, wrong);
        return;
    }
    if (request->personal_number) {
        person_key_search(call->service->people, request->personal_number, person);
        subject.person = person;
    }
    access_store_who(call->service->db, &call->caller, &subject, before, access_call_answered,
                     call);
}
