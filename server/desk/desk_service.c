#include "server/desk/desk_service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "db/admin.h"
#include "proto/codec.h"
#include "server/desk/desk_internal.h"

#define SERVICE "assize.desk.v1.DeskService/"

/* Who may call a method: bits by the role of the account. */
#define ROLE_BIT(role) (1u << ASSIZE__STAFF__V1__ROLE__ROLE_##role)
#define READERS        (ROLE_BIT(CLERK) | ROLE_BIT(JUDGE) | ROLE_BIT(ADMINISTRATOR))
#define CLERKS         ROLE_BIT(CLERK)
#define ENTERERS       (ROLE_BIT(CLERK) | ROLE_BIT(JUDGE))

enum { ANSWER_MAX = 4 << 20, URL_SIZE = 600, PLAN_MEMORY = 64 << 10 };

struct desk_method {
    const char *name;
    unsigned roles;
    bool changes; /* when the database goes away, it is not known whether it was done */
    const ProtobufCMessageDescriptor *request;
    void (*answer)(struct desk_call *call);
};

/* ---- answering ---- */

static void call_end(struct desk_call *call)
{
    arena_done(&call->arena);
    free(call);
}

void desk_refuse(struct desk_call *call, enum refusal refusal)
{
    net_call_refuse(call->call, refusal);
    call_end(call);
}

static void reply(struct desk_call *call, const ProtobufCMessage *answer)
{
    struct buf packed;

    buf_init(&packed, ANSWER_MAX);
    if (answer && codec_pack(answer, &packed))
        net_call_refuse(call->call, REFUSAL_INTERNAL);
    else
        net_call_reply(call->call, packed.data, packed.len);
    buf_done(&packed);
    call_end(call);
}

static enum refusal refusal_of_error(const struct desk_call *call, int error)
{
    if (error == -EAGAIN)
        return call->method->changes ? REFUSAL_OUTCOME_UNKNOWN : REFUSAL_DATABASE_AWAY;
    return error == -ENOSPC ? REFUSAL_NOT_SAVED : REFUSAL_INTERNAL;
}

void desk_answered(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct desk_call *call = context;

    if (error) {
        desk_refuse(call, refusal_of_error(call, error));
    } else if (refusal) {
        desk_refuse(call, refusal);
    } else {
        if (call->method->changes)
            log_info("desk.done", "method=%s account=%s", call->method->name, call->account);
        reply(call, answer);
    }
}

/* ---- reading ---- */

static void day_answered(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct desk_call *call = context;
    Assize__Desk__V1__DayResponse *day = (Assize__Desk__V1__DayResponse *)answer;

    for (size_t i = 0; day && i < day->n_hearings; i++)
        desk_live_summary(call->service, day->hearings[i]);
    desk_answered(call, error, refusal, answer);
}

static void answer_day(struct desk_call *call)
{
    const char *date = ((const Assize__Desk__V1__DayRequest *)call->request)->date;

    if (date && !desk_is_date(date))
        desk_refuse(call, REFUSAL_DATE_UNFIT);
    else
        desk_store_day(call->service->db, date, call->person, day_answered, call);
}

static void hearing_answered(void *context, int error, enum refusal refusal,
                             ProtobufCMessage *answer)
{
    struct desk_call *call = context;
    Assize__Desk__V1__HearingDetails *details = (Assize__Desk__V1__HearingDetails *)answer;

    if (details) {
        desk_live_summary(call->service, details->summary);
        desk_live_people(call->service, details);
    }
    desk_answered(call, error, refusal, answer);
}

static bool is_id(const char *text)
{
    return text && str_is_uuid(text);
}

static void answer_hearing(struct desk_call *call)
{
    const char *id = ((const Assize__Desk__V1__HearingRequest *)call->request)->id;
    bool with_links = call->role == ASSIZE__STAFF__V1__ROLE__ROLE_CLERK;

    if (!is_id(id))
        desk_refuse(call, REFUSAL_HEARING_UNKNOWN);
    else
        desk_store_hearing(call->service->db, id, call->person, with_links, hearing_answered, call);
}

static void answer_cases(struct desk_call *call)
{
    const char *search = ((const Assize__Desk__V1__CasesRequest *)call->request)->search;

    if (search && strlen(search) > DESK_SEARCH_MAX)
        desk_refuse(call, REFUSAL_TOO_LARGE);
    else
        desk_store_cases(call->service->db, search ? search : "", desk_answered, call);
}

static void answer_plan(struct desk_call *call)
{
    const char *id = ((const Assize__Desk__V1__PlanRequest *)call->request)->court_case;

    if (!is_id(id))
        desk_refuse(call, REFUSAL_CASE_UNKNOWN);
    else
        desk_store_plan(call->service->db, id, desk_answered, call);
}

/* ---- changing a hearing ---- */

static void answer_schedule(struct desk_call *call)
{
    const Assize__Desk__V1__ScheduleRequest *request =
        (const Assize__Desk__V1__ScheduleRequest *)call->request;
    size_t len;
    const uint8_t *body = net_call_body(call->call, &len);
    struct desk_plan plan;
    struct arena arena;

    arena_init(&arena, codec_arena_max(PLAN_MEMORY));
    enum refusal refusal = desk_plan_make(request, court_procedures(call->service->court),
                                          clock_wall_ms(), &arena, &plan);
    if (refusal) {
        desk_refuse(call, refusal);
    } else {
        const struct sha256_part parts[] = {{call->account, strlen(call->account)}, {body, len}};
        sha256_parts(parts, 2, plan.digest);
        desk_store_schedule(call->service->db, &plan, desk_answered, call);
    }
    arena_done(&arena);
}

static void answer_reschedule(struct desk_call *call)
{
    const Assize__Desk__V1__RescheduleRequest *request =
        (const Assize__Desk__V1__RescheduleRequest *)call->request;

    if (!is_id(request->hearing))
        desk_refuse(call, REFUSAL_HEARING_UNKNOWN);
    else if (!desk_is_time(request->scheduled_ms, clock_wall_ms()))
        desk_refuse(call, REFUSAL_TIME_UNFIT);
    else
        desk_store_reschedule(call->service->db, request->hearing, request->scheduled_ms,
                              desk_answered, call);
}

static void answer_cancel(struct desk_call *call)
{
    const char *id = ((const Assize__Desk__V1__CancelRequest *)call->request)->hearing;

    if (!is_id(id))
        desk_refuse(call, REFUSAL_HEARING_UNKNOWN);
    else
        desk_store_cancel(call->service->db, id, desk_answered, call);
}

/* ---- links ---- */

/* Makes the token and asks for the link; the rest of it is filled in. */
static void issue(struct desk_call *call, struct desk_link *link, desk_callback callback)
{
    id_token(call->token);
    sha256(call->token, strlen(call->token), link->token_hash);
    desk_store_issue(call->service->db, link, callback, call);
}

static char *write_url(const struct desk_call *call, const char *page, char out[static URL_SIZE])
{
    snprintf(out, URL_SIZE, "%s/%s#%s", call->service->public_url, page, call->token);
    return out;
}

static void issue_answered(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct desk_call *call = context;
    Assize__Desk__V1__IssueLinkResponse *issued = (Assize__Desk__V1__IssueLinkResponse *)answer;
    char url[URL_SIZE];

    if (issued)
        issued->url = write_url(call, issued->link->participant ? "join" : "gallery", url);
    desk_answered(call, error, refusal, answer);
}

static void answer_issue(struct desk_call *call)
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
        desk_refuse(call, REFUSAL_MALFORMED);
    } else if (!is_id(request->hearing)) {
        desk_refuse(call, REFUSAL_HEARING_UNKNOWN);
    } else if (request->participant > HEARING_PARTICIPANTS_MAX) {
        desk_refuse(call, REFUSAL_PARTICIPANT_UNKNOWN);
    } else if (!link.uses || link.uses > ADMIN_LINK_USES_MAX || !request->hours ||
               request->hours > ADMIN_LINK_HOURS_MAX) {
        desk_refuse(call, REFUSAL_LINK_UNFIT);
    } else {
        str_copy(link.id, sizeof(link.id), request->request_id);
        str_copy(link.hearing, sizeof(link.hearing), request->hearing);
        issue(call, &link, issue_answered);
    }
}

static void answer_revoke(struct desk_call *call)
{
    const char *id = ((const Assize__Desk__V1__RevokeLinkRequest *)call->request)->link;

    if (!is_id(id))
        desk_refuse(call, REFUSAL_LINK_UNKNOWN);
    else
        desk_store_revoke(call->service->db, id, desk_answered, call);
}

static void enter_answered(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct desk_call *call = context;
    Assize__Desk__V1__EnterResponse entry = ASSIZE__DESK__V1__ENTER_RESPONSE__INIT;
    char url[URL_SIZE];

    entry.url = write_url(call, "join", url);
    if (refusal == REFUSAL_PARTICIPANT_UNKNOWN)
        refusal = REFUSAL_NOT_PARTICIPANT;
    desk_answered(call, error, refusal, answer ? &entry.base : NULL);
}

static void answer_enter(struct desk_call *call)
{
    const char *hearing = ((const Assize__Desk__V1__EnterRequest *)call->request)->hearing;
    struct desk_link link = {
        .person = call->person, .kind = "single", .uses = 1, .minutes = DESK_ENTER_MINUTES};

    if (!is_id(hearing)) {
        desk_refuse(call, REFUSAL_HEARING_UNKNOWN);
        return;
    }
    id_uuid(link.id);
    str_copy(link.hearing, sizeof(link.hearing), hearing);
    issue(call, &link, enter_answered);
}

/* ---- every call ---- */

#define REQUEST(name) &assize__desk__v1__##name##_request__descriptor

static const struct desk_method methods[] = {
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
};

static const struct desk_method *find_method(const char *name)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(methods[i].name, name) == 0)
            return &methods[i];
    }
    return NULL;
}

static void known(void *context, enum refusal refusal, const struct staff_session *who)
{
    struct desk_call *call = context;
    size_t len;
    const uint8_t *body = net_call_body(call->call, &len);

    if (refusal) {
        desk_refuse(call, refusal);
        return;
    }
    if (!(call->method->roles & 1u << who->role)) {
        desk_refuse(call, REFUSAL_STAFF_ROLE);
        return;
    }
    call->role = who->role;
    str_copy(call->account, sizeof(call->account), who->account);
    str_copy(call->person, sizeof(call->person), who->person);
    call->arena.max = codec_arena_max(len);
    call->request = codec_unpack(call->method->request, &call->arena, body, len);
    if (call->request)
        call->method->answer(call);
    else
        desk_refuse(call, REFUSAL_MALFORMED);
}

bool desk_service_call(struct desk_service *service, struct net_call *net_call)
{
    const char *name = net_call_method(net_call);

    if (strncmp(name, SERVICE, strlen(SERVICE)) != 0)
        return false;
    const struct desk_method *method = find_method(name + strlen(SERVICE));
    if (!method) {
        net_call_refuse(net_call, REFUSAL_NOT_FOUND);
        return true;
    }
    struct desk_call *call = calloc(1, sizeof(*call));
    if (!call)
        abort();
    call->service = service;
    call->call = net_call;
    call->method = method;
    arena_init(&call->arena, 0);
    staff_find(service->staff, net_call_peer(net_call)->staff_token, known, call);
    return true;
}
