/* assize.cases.v1.CaseService. */
#include "proto/codec.h"
#include "server/access/access_check.h"
#include "server/access/access_internal.h"

static bool is_staff(const struct access_call *call)
{
    return call->caller.account != NULL;
}

void access_get(struct access_call *call)
{
    Assize__Cases__V1__GetRequest request = *(const Assize__Cases__V1__GetRequest *)call->request;
    struct access_memory memory;
    struct case_wish wish;

    if (!access_call_reason(call, request.reason))
        return;
    if (is_staff(call) && !request.source && !request.public_id)
        request.source = codec_text(call->caller.organisation);
    const char *wrong = access_check_get(&request, &memory, &wish);
    if (wrong)
        access_call_refuse(call, REFUSAL_FIELD_WRONG, wrong);
    else
        case_store_get(access_call_reader(call), &call->caller, &wish, access_call_answered, call);
}

void access_history(struct access_call *call)
{
    Assize__Cases__V1__HistoryRequest request =
        *(const Assize__Cases__V1__HistoryRequest *)call->request;
    struct access_memory memory;
    struct case_wish wish;

    if (!access_call_reason(call, request.reason))
        return;
    if (is_staff(call) && !request.source)
        request.source = codec_text(call->caller.organisation);
    const char *wrong = access_check_history(&request, &memory, &wish);
    if (wrong)
        access_call_refuse(call, REFUSAL_FIELD_WRONG, wrong);
    else
        case_store_history(access_call_reader(call), &call->caller, &wish, access_call_answered,
                           call);
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
    bool list = is_staff(call) && !request->number && !request->public_id && !request->court;
    const char *wrong =
        list ? access_check_list(request, &search) : access_check_search(request, &memory, &search);
    if (wrong) {
        access_call_refuse(call, REFUSAL_FIELD_WRONG, wrong);
        return;
    }
    if (request->personal_number) {
        person_key_search(call->service->people, request->personal_number, person);
        search.person = person;
    }
    if (list)
        case_store_list(access_call_reader(call), &call->caller, &search, access_call_answered,
                        call);
    else
        case_store_search(access_call_reader(call), &call->caller, &search, access_call_answered,
                          call);
}
