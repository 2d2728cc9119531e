/* Between the files of desk_service.h. */
#ifndef ASSIZE_SERVER_DESK_DESK_INTERNAL_H
#define ASSIZE_SERVER_DESK_DESK_INTERNAL_H

#include "base/arena.h"
#include "server/desk/desk_service.h"
#include "server/identity/staff_call.h"

/* ---- desk_plan.c: what is asked, checked ---- */

bool desk_is_time(int64_t scheduled_ms, int64_t now_ms);
/*
 * The hearing that is asked for: each site with its room and the devices of its people, numbered in
 * their order. The rest of the rules is the engine's. The plan points into the arena.
 */
enum refusal desk_plan_make(const Assize__Desk__V1__ScheduleRequest *request,
                            const struct procedures *procedures, int64_t now_ms,
                            struct arena *arena, struct desk_plan *plan);

/* Composed, cut of nothing, and not blank. */
bool desk_take_name(const char *text, char out[static HEARING_NAME_SIZE]);

/* ---- desk_person.c: who sits in a seat ---- */

void desk_answer_details(struct staff_call *call);
void desk_answer_replace(struct staff_call *call);

/* ---- desk_live.c: what is known only here ---- */

void desk_live_summary(const struct desk_service *service, Assize__Desk__V1__HearingSummary *told);
void desk_live_people(const struct desk_service *service, Assize__Desk__V1__HearingDetails *told);

/* ---- desk_law.c: procedures by their titles ---- */

/* What is told lives in the arena, and the titles as long as the procedures. */
void desk_law_held_by(const struct desk_service *service, struct arena *arena,
                      Assize__Desk__V1__HearingDetails *told);
void desk_law_offered(const struct desk_service *service, struct arena *arena,
                      Assize__Desk__V1__PlanResponse *told);

#endif
