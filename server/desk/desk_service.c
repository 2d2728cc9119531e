#include "server/desk/desk_service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "base/str.h"
#include "db/admin.h"
#include "proto/codec.h"
#include "server/desk/desk_internal.h"

/* Who may call a method. */
#define READERS  (STAFF_ROLE_BIT(CLERK) | STAFF_ROLE_BIT(JUDGE) | STAFF_ROLE_BIT(ADMINISTRATOR))
#define CLERKS   STAFF_ROLE_BIT(CLERK)
#define ENTERERS (STAFF_ROLE_BIT(CLERK) | STAFF_ROLE_BIT(JUDGE))

enum { URL_SIZE = 600, PLAN_MEMORY = 64 << 10, PROCEDURES_MEMORY = 64 << 10 };

static struct desk_service *service_of(const struct staff_call *call)
{
    return call->context;
}

/* ---- reading ---- */

static void day_answered(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct staff_call *call = context;
    Assize__Desk__V1__DayResponse *day = (Assize__Desk__V1__DayResponse *)answer;

    for (size_t i = 0; day && i < day->n_hearings; i++)
        desk_live_summary(service_of(call), day->hearings[i]);
    staff_call_answered(call, error, refusal, answer);
}

static void answer_day(struct staff_call *call)
{
    const char *date = ((const Assize__Desk__V1__DayRequest *)call->request)->date;

    if (date && !date_is_day(date))
        staff_call_refuse(call, REFUSAL_DATE_UNFIT);
    else
        desk_store_day(service_of(call)->db, date, call->person, day_answered, call);
}

static void hearing_answered(void *context, int error, enum refusal refusal,
                             ProtobufCMessage *answer)
{
    struct staff_call *call = context;
    Assize__Desk__V1__HearingDetails *details = (Assize__Desk__V1__HearingDetails *)answer;
    struct arena arena;

    arena_init(&arena, PROCEDURES_MEMORY);
    if (details) {
        desk_live_summary(service_of(call), details->summary);
        desk_live_people(service_of(call), details);
        desk_law_held_by(service_of(call), &arena, details);
    }
    staff_call_answered(call, error, refusal, answer);
    arena_done(&arena);
}

static bool is_id(const char *text)
{
    return text && str_is_uuid(text);
}

static void answer_hearing(struct staff_call *call)
{
    const char *id = ((const Assize__Desk__V1__HearingRequest *)call->request)->id;
    bool for_clerk = call->role == ASSIZE__STAFF__V1__ROLE__ROLE_CLERK;

    if (!is_id(id))
        staff_call_refuse(call, REFUSAL_HEARING_UNKNOWN);
    else
        desk_store_hearing(service_of(call)->db, id, call->person, for_clerk, hearing_answered,
                           call);
}

static void answer_cases(struct staff_call *call)
{
    const char *search = ((const Assize__Desk__V1__CasesRequest *)call->request)->search;

    if (search && strlen(search) > DESK_SEARCH_MAX)
        staff_call_refuse(call, REFUSAL_TOO_LARGE);
    else
        desk_store_cases(service_of(call)->db, search ? search : "", staff_call_answered, call);
}

static void plan_answered(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct staff_call *call = context;
    struct arena arena;

    arena_init(&arena, PROCEDURES_MEMORY);
    if (answer)
        desk_law_offered(service_of(call), &arena, (Assize__Desk__V1__PlanResponse *)answer);
    staff_call_answered(call, error, refusal, answer);
    arena_done(&arena);
}

static void answer_plan(struct staff_call *call)
{
    const char *id = ((const Assize__Desk__V1__PlanRequest *)call->request)->court_case;

    if (!is_id(id))
        staff_call_refuse(call, REFUSAL_CASE_UNKNOWN);
    else
        desk_store_plan(service_of(call)->db, id, plan_answered, call);
}

/* ---- changing a hearing ---- */

static void answer_schedule(struct staff_call *call)
{
    const Assize__Desk__V1__ScheduleRequest *request =
        (const Assize__Desk__V1__ScheduleRequest *)call->request;
    size_t len;
    const uint8_t *body = net_call_body(call->call, &len);
    struct desk_plan plan;
    struct arena arena;

    arena_init(&arena, codec_arena_max(PLAN_MEMORY));
    enum refusal refusal = desk_plan_make(request, court_procedures(service_of(call)->court),
                                          clock_wall_ms(), &arena, &plan);
    if (refusal) {
        staff_call_refuse(call, refusal);
    } else {
        const struct sha256_part parts[] = {{call->account, strlen(call->account)}, {body, len}};
        sha256_parts(parts, 2, plan.digest);
        desk_store_schedule(service_of(call)->db, &plan, staff_call_answered, call);
    }
    arena_done(&arena);
}

static void answer_reschedule(struct staff_call *call)
{
    const Assize__Desk__V1__RescheduleRequest *request =
        (const Assize__Desk__V1__RescheduleRequest *)call->request;

    if (!is_id(request->hearing))
        staff_call_refuse(call, REFUSAL_HEARING_UNKNOWN);
    else if (!desk_is_time(request->scheduled_ms, clock_wall_ms()))
        staff_call_refuse(call, REFUSAL_TIME_UNFIT);
    else
        desk_store_reschedule(service_of(call)->db, request->hearing, request->scheduled_ms,
                              staff_call_answered, call);
}

static void answer_cancel(struct staff_call *call)
{
    const char *id = ((const Assize__Desk__V1__CancelRequest *)call->request)->hearing;

    if (!is_id(id))
        staff_call_refuse(call, REFUSAL_HEARING_UNKNOWN);
    else
        desk_store_cancel(service_of(call)->db, id, staff_call_answered, call);
}

/* ---- links ---- */

/* Makes the token and asks for the link; the rest of it is filled in. */
static void issue(struct staff_call *call, struct desk_link *link, asking_callback callback)
{
    char *token = call->own = arena_alloc(&call->arena, ID_TOKEN_SIZE);

    if (!token)
        abort();
    id_token(token);
    sha256(token, strlen(token), link->token_hash);
    desk_store_issue(service_of(call)->db, link, callback, call);
}

static char *write_url(const struct staff_call *call, const char *page, char out[static URL_SIZE])
{
    snprintf(out, URL_SIZE, "%s/%s#%s", service_of(call)->public_url, page,
             (const char *)call->own);
    return out;
}

static void issue_answered(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct staff_call *call = context;
    Assize__Desk__V1__IssueLinkResponse *issued = (Assize__Desk__V1__IssueLinkResponse *)answer;
    char url[URL_SIZE];

    if (issued)
        issued->url = write_url(call, issued->link->participant ? "join" : "gallery", url);
    staff_call_answered(call, error, refusal, answer);
}

static void answer_issue(struct staff_call *call)
{
    const Assize__Desk__V1__IssueLinkRequest *request =
        (const Assize__Desk__V1__IssueLinkRequest *)call->request;
    bool gallery = !request->participant;
    bool several = gallery || request->multi;
    struct desk_link link = {.participant = request->participant,
                             .companion = request->companion,
                             .kind = gallery          ? "gallery"
                                     : request->multi ? "multi"
                                                      : "single",
                             .uses = several ? request->uses : 1,
                             .minutes = request->hours * 60};

    if (!is_id(request->request_id)) {
        staff_call_refuse(call, REFUSAL_MALFORMED);
    } else if (!is_id(request->hearing)) {
        staff_call_refuse(call, REFUSAL_HEARING_UNKNOWN);
    } else if (request->participant > HEARING_PARTICIPANTS_MAX) {
        staff_call_refuse(call, REFUSAL_PARTICIPANT_UNKNOWN);
    } else if (!link.uses || link.uses > ADMIN_LINK_USES_MAX || !request->hours ||
               request->hours > ADMIN_LINK_HOURS_MAX) {
        staff_call_refuse(call, REFUSAL_LINK_UNFIT);
    } else {
        str_copy(link.id, sizeof(link.id), request->request_id);
        str_copy(link.hearing, sizeof(link.hearing), request->hearing);
        issue(call, &link, issue_answered);
    }
}

static void answer_revoke(struct staff_call *call)
{
    const char *id = ((const Assize__Desk__V1__RevokeLinkRequest *)call->request)->link;

    if (!is_id(id))
        staff_call_refuse(call, REFUSAL_LINK_UNKNOWN);
    else
        desk_store_revoke(service_of(call)->db, id, staff_call_answered, call);
}

static void enter_answered(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct staff_call *call = context;
    Assize__Desk__V1__EnterResponse entry = ASSIZE__DESK__V1__ENTER_RESPONSE__INIT;
    char url[URL_SIZE];

    entry.url = write_url(call, "join", url);
    if (refusal == REFUSAL_PARTICIPANT_UNKNOWN)
        refusal = REFUSAL_NOT_PARTICIPANT;
    staff_call_answered(call, error, refusal, answer ? &entry.base : NULL);
}

static void answer_enter(struct staff_call *call)
{
    const char *hearing = ((const Assize__Desk__V1__EnterRequest *)call->request)->hearing;
    struct desk_link link = {
        .person = call->person, .kind = "single", .uses = 1, .minutes = DESK_ENTER_MINUTES};

    if (!is_id(hearing)) {
        staff_call_refuse(call, REFUSAL_HEARING_UNKNOWN);
        return;
    }
    id_uuid(link.id);
    str_copy(link.hearing, sizeof(link.hearing), hearing);
    issue(call, &link, enter_answered);
}

/* ---- every call ---- */

#define REQUEST(name) &assize__desk__v1__##name##_request__descriptor

static const struct staff_method methods[] = {
    {"Day", READERS, false, REQUEST(day), answer_day},
    {"Hearing", READERS, false, REQUEST(hearing), answer_hearing},
    {"Cases", READERS, false, REQUEST(cases), answer_cases},
    {"Plan", CLERKS, false, REQUEST(plan), answer_plan},
    {"Schedule", CLERKS, true, REQUEST(schedule), answer_schedule},
    {"Reschedule", CLERKS, true, REQUEST(reschedule), answer_reschedule},
    {"Cancel", CLERKS, true, REQUEST(cancel), answer_cancel},
    {"IssueLink", CLERKS, true, REQUEST(issue_link), answer_issue},
    {"RevokeLink", CLERKS, true, REQUEST(revoke_link), answer_revoke},
    {"Enter", ENTERERS, true, REQUEST(enter), answer_enter},
    {"SetDetails", CLERKS, true, REQUEST(set_details), desk_answer_details},
    {"ReplacePerson", CLERKS, true, REQUEST(replace_person), desk_answer_replace},
};

static const struct staff_service desk = {"assize.desk.v1.DeskService/", methods,
                                          sizeof(methods) / sizeof(methods[0])};

bool desk_service_call(struct desk_service *service, struct net_call *call)
{
    return staff_call_take(service->staff, &desk, service, call);
}
