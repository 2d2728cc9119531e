/* assize.cases.v1.CaseService. */
#include "server/access/access_check.h"
#include "server/access/access_internal.h"

void access_get(struct access_call *call)
{
    const Assize__Cases__V1__GetRequest *request =
        (const Assize__Cases__V1__GetRequest *)call->request;
    struct access_memory memory;
    struct case_wish wish;

    if (!access_call_reason(call, request->reason))
        return;
    const char *wrong = access_check_get(request, &memory, &wish);
    if (wrong)
        access_call_refuse(call, REFUSAL_FIELD_WRONG, wrong);
    else
        case_store_get(call->service->db, &call->caller, &wish, access_call_answered, call);
}

void access_history(struct access_call *call)
{
    const Assize__Cases__V1__HistoryRequest *request =
        (const Assize__Cases__V1__HistoryRequest *)call->request;
    struct access_memory memory;
    struct case_wish wish;

    if (!access_call_reason(call, request->reason))
        return;
    const char *wrong = access_check_history(request, &memory, &wish);
    if (wrong)
        access_call_refuse(call, REFUSAL_FIELD_WRONG, wrong);
    else
        case_store_history(call->service->db, &call->caller, &wish, access_call_answered, call);
}

void access_search(struct access_call *call)
{
    const Assize__Cases__V1__SearchRequest *request =
        (const Assize__Cases__V1__SearchRequest *)call->request;
    uint8_t person[PERSON_SEARCH_BYTES];
    struct access_memory memory;
    struct case_search search;

    if (!access_call_reason(call, request->reason))
        return;
    const char *wrong = access_check_search(request, &memory, &search);
    if (wrong) {
        access_call_refuse(call, REFUSAL_FIELD_WRONG, wrong);
        return;
    }
    if (request->personal_number) {
        person_key_search(call->service->people, request->personal_number, person);
        search.person = person;
    }
    case_store_search(call->service->db, &call->caller, &search, access_call_answered, call);
}
