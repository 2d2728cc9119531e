/* Between the files of desk_service.h. */
#ifndef ASSIZE_SERVER_DESK_DESK_INTERNAL_H
#define ASSIZE_SERVER_DESK_DESK_INTERNAL_H

#include "base/arena.h"
#include "server/desk/desk_service.h"

/* One call that is not answered yet. */
struct desk_call {
    struct desk_service *service;
    struct net_call *call;
    const struct desk_method *method;
    Assize__Staff__V1__Role role;
    char account[ID_UUID_SIZE];
    char person[ID_UUID_SIZE];
    struct arena arena; /* of the request */
    const ProtobufCMessage *request;
    char token[ID_TOKEN_SIZE]; /* of the link that is being issued */
};

/* The call is dead after either; they are told by name, since a method may answer late. */
void desk_refuse(struct desk_call *call, enum refusal refusal);
/* A desk_callback. */
void desk_answered(void *context, int error, enum refusal refusal, ProtobufCMessage *answer);

/* ---- desk_plan.c: what is asked, checked ---- */

/* YYYY-MM-DD, a day of this century that there is. */
bool desk_is_date(const char *text);
bool desk_is_time(int64_t scheduled_ms, int64_t now_ms);
/*
 * The hearing that is asked for: each site with its room and the devices of its people, numbered in
 * their order. The rest of the rules is the engine's. The plan points into the arena.
 */
enum refusal desk_plan_make(const Assize__Desk__V1__ScheduleRequest *request,
                            const struct procedures *procedures, int64_t now_ms,
                            struct arena *arena, struct desk_plan *plan);

/* ---- desk_live.c: what is known only here ---- */

void desk_live_summary(const struct desk_service *service, Assize__Desk__V1__HearingSummary *told);
void desk_live_people(const struct desk_service *service, Assize__Desk__V1__HearingDetails *told);

#endif
