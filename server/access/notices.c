/* CaseService.Notices and TakeNotice: what other organisations have told the court of its cases. */
#include "db/notice_store.h"
#include "server/access/access_check.h"
#include "server/access/access_internal.h"

/* A court's own, with a reason, and nothing wrong in it; else it is refused. */
static bool may_go_on(struct access_call *call, const Assize__Access__V1__Reason *reason,
                      const char *wrong)
{
    if (!call->service->changes) {
        access_call_refuse(call, REFUSAL_NOT_FOUND, NULL);
        return false;
    }
    if (!access_call_reason(call, reason))
        return false;
    if (wrong)
        access_call_refuse(call, REFUSAL_FIELD_WRONG, wrong);
    return !wrong;
}

void access_notices(struct access_call *call)
{
    const Assize__Cases__V1__NoticesRequest *request =
        (const Assize__Cases__V1__NoticesRequest *)call->request;
    uint64_t before;
    const char *wrong = access_check_notices(request, &before);

    if (!may_go_on(call, request->reason, wrong))
        return;
    const struct notice_wish wish = {request->case_key, request->open, before};
    notice_store_list(access_call_reader(call), &call->caller, &wish, access_call_answered, call);
}

void access_take_notice(struct access_call *call)
{
    const Assize__Cases__V1__TakeNoticeRequest *request =
        (const Assize__Cases__V1__TakeNoticeRequest *)call->request;

    if (may_go_on(call, request->reason, access_check_take_notice(request)))
        notice_store_take(call->service->db, &call->caller, request->id, access_call_answered,
                          call);
}
