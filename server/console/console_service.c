#include "server/console/console_service.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/str.h"
#include "server/console/console_internal.h"
#include "server/identity/staff_call.h"

#define DOERS   (STAFF_ROLE_BIT(OFFICER) | STAFF_ROLE_BIT(CLERK))
#define READERS (DOERS | STAFF_ROLE_BIT(ADMINISTRATOR))

enum { LIVE_BYTES_MAX = 4 << 20 };

static struct console_service *service_of(const struct staff_call *call)
{
    return call->context;
}

static bool is_id(const char *text)
{
    return text && str_is_uuid(text);
}

static void overview_answered(void *context, int error, enum refusal refusal,
                              ProtobufCMessage *answer)
{
    struct staff_call *call = context;
    Assize__Console__V1__OverviewResponse *overview =
        (Assize__Console__V1__OverviewResponse *)answer;
    struct arena arena;

    arena_init(&arena, LIVE_BYTES_MAX);
    for (size_t i = 0; overview && i < overview->n_hearings; i++)
        console_live_row(service_of(call), overview->hearings[i], &arena);
    staff_call_answered(call, error, refusal, answer);
    arena_done(&arena);
}

static void answer_overview(struct staff_call *call)
{
    const char *date = ((const Assize__Console__V1__OverviewRequest *)call->request)->date;

    if (date && !date_is_day(date))
        staff_call_refuse(call, REFUSAL_DATE_UNFIT);
    else
        console_store_overview(service_of(call)->db, date, call->account, overview_answered, call);
}

static void hearing_answered(void *context, int error, enum refusal refusal,
                             ProtobufCMessage *answer)
{
    struct staff_call *call = context;
    Assize__Console__V1__HearingResponse *told = (Assize__Console__V1__HearingResponse *)answer;
    struct arena arena;

    arena_init(&arena, LIVE_BYTES_MAX);
    if (told) {
        console_live_row(service_of(call), told->row, &arena);
        console_live_people(service_of(call), told, &arena);
    }
    staff_call_answered(call, error, refusal, answer);
    arena_done(&arena);
}

static void answer_hearing(struct staff_call *call)
{
    const char *id = ((const Assize__Console__V1__HearingRequest *)call->request)->id;

    if (!is_id(id))
        staff_call_refuse(call, REFUSAL_HEARING_UNKNOWN);
    else
        console_store_hearing(service_of(call)->db, id, call->account, hearing_answered, call);
}

static void answer_allocate(struct staff_call *call)
{
    const Assize__Console__V1__AllocateRequest *request =
        (const Assize__Console__V1__AllocateRequest *)call->request;

    if (!is_id(request->hearing))
        staff_call_refuse(call, REFUSAL_HEARING_UNKNOWN);
    else if (request->account && !is_id(request->account))
        staff_call_refuse(call, REFUSAL_OFFICER_UNKNOWN);
    else
        console_store_allocate(service_of(call)->db, request->hearing, request->account,
                               staff_call_answered, call);
}

static void answer_take(struct staff_call *call)
{
    const Assize__Console__V1__TakeRequest *request =
        (const Assize__Console__V1__TakeRequest *)call->request;

    if (!is_id(request->alert))
        staff_call_refuse(call, REFUSAL_ALERT_UNKNOWN);
    else
        console_store_take(service_of(call)->db, request, call->account, staff_call_answered, call);
}

/* How it was dealt with is told in the words the database keeps; nothing at all is too little. */
static void answer_tick_off(struct staff_call *call)
{
    const Assize__Console__V1__TickOffRequest *request =
        (const Assize__Console__V1__TickOffRequest *)call->request;

    if (!is_id(request->alert))
        staff_call_refuse(call, REFUSAL_ALERT_UNKNOWN);
    else if (!request->words || !*request->words)
        staff_call_refuse(call, REFUSAL_ALERT_WORDS_NEEDED);
    else if (strlen(request->words) > CONSOLE_WORDS_MAX)
        staff_call_refuse(call, REFUSAL_TOO_LARGE);
    else
        console_store_tick_off(service_of(call)->db, request->alert, call->account, request->words,
                               staff_call_answered, call);
}

#define REQUEST(name) &assize__console__v1__##name##_request__descriptor

static const struct staff_method methods[] = {
    {"Overview", READERS, false, REQUEST(overview), answer_overview},
    {"Hearing", READERS, false, REQUEST(hearing), answer_hearing},
    {"Allocate", DOERS, true, REQUEST(allocate), answer_allocate},
    {"Take", DOERS, true, REQUEST(take), answer_take},
    {"TickOff", DOERS, true, REQUEST(tick_off), answer_tick_off},
};
static const struct staff_service console = {"assize.console.v1.ConsoleService/", methods,
                                             sizeof(methods) / sizeof(methods[0])};

bool console_service_call(struct console_service *service, struct net_call *call)
{
    return staff_call_take(service->staff, &console, service, call);
}
