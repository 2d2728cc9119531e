/* Changing: a hearing, and its links. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "db/desk_internal.h"
#include "db/roster.h"

enum { NUMBER_SIZE = 24 };

void desk_store_schedule(struct db *db, const struct desk_plan *plan, asking_callback callback,
                         void *context)
{
    char scheduled[NUMBER_SIZE];
    struct roster roster;
    struct asking *asking = asking_new(callback, context);
    Assize__Desk__V1__ScheduleResponse *answer = asking_alloc(asking, sizeof(*answer));
    struct db_param params[ROSTER_PARAMS] = {
        DB_TEXT(plan->hearing.id), DB_BYTES(plan->digest, SHA256_BYTES), DB_TEXT(plan->court_case),
        DB_TEXT(plan->hearing.procedure), DB_TEXT(scheduled)};

    assize__desk__v1__schedule_response__init(answer);
    answer->hearing = arena_copy(&asking->arena, plan->hearing.id, strlen(plan->hearing.id));
    asking->answer = &answer->base;
    snprintf(scheduled, sizeof(scheduled), "%" PRId64, plan->hearing.scheduled_ms);
    if (roster_make(&roster, &plan->hearing, plan->persons)) {
        asking->refusal = REFUSAL_NAME_UNFIT;
        asking_finish(asking);
    } else {
        for (int i = 0; i < ROSTER_ARRAYS; i++)
            params[ROSTER_PARAMS - ROSTER_ARRAYS + i] = DB_TEXT(roster.arrays[i].data);
        db_query(db, ROSTER_MAKE, params, ROSTER_PARAMS, asking_take_refusal, asking);
    }
    roster_done(&roster);
}

void desk_store_reschedule(struct db *db, const char *hearing, int64_t scheduled_ms,
                           asking_callback callback, void *context)
{
    char scheduled[NUMBER_SIZE];
    const struct db_param params[] = {DB_TEXT(hearing), DB_TEXT(scheduled)};

    snprintf(scheduled, sizeof(scheduled), "%" PRId64, scheduled_ms);
    db_query(db, "SELECT hearing_reschedule($1, $2)", params, 2, asking_take_refusal,
             asking_new(callback, context));
}

void desk_store_cancel(struct db *db, const char *hearing, asking_callback callback, void *context)
{
    const struct db_param param = DB_TEXT(hearing);

    db_query(db, "SELECT hearing_cancel($1)", &param, 1, asking_take_refusal,
             asking_new(callback, context));
}

static void issued(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error) && !db_null(rows, 0, 0)) {
        asking->refusal = refusal_from_code(db_text(rows, 0, 0));
    } else if (asking_goes_on(asking, 0)) {
        Assize__Desk__V1__IssueLinkResponse *answer = asking_alloc(asking, sizeof(*answer));
        assize__desk__v1__issue_link_response__init(answer);
        answer->link = asking_alloc(asking, sizeof(*answer->link));
        assize__desk__v1__link__init(answer->link);
        desk_read_link(asking, rows, 0, 1, answer->link);
        asking->answer = &answer->base;
    }
    asking_finish(asking);
}

void desk_store_issue(struct db *db, const struct desk_link *link, asking_callback callback,
                      void *context)
{
    char participant[NUMBER_SIZE], uses[NUMBER_SIZE], minutes[NUMBER_SIZE];
    const struct db_param params[] = {
        DB_TEXT(link->id),
        DB_BYTES(link->token_hash, SHA256_BYTES),
        DB_TEXT(link->hearing),
        DB_TEXT(participant),
        DB_TEXT(link->companion ? "t" : "f"),
        DB_TEXT(link->kind),
        DB_TEXT(uses),
        DB_TEXT(minutes),
        DB_TEXT(link->person),
    };

    snprintf(participant, sizeof(participant), "%" PRIu32, link->participant);
    snprintf(uses, sizeof(uses), "%" PRIu32, link->uses);
    snprintf(minutes, sizeof(minutes), "%" PRIu32, link->minutes);
    db_query(db,
             "SELECT i.refusal, " DESK_LINK(
                 "(i.link)") " FROM desk_link_issue($1, $2, $3, $4, $5, $6, $7, $8, $9) AS i",
             params, 9, issued, asking_new(callback, context));
}

static void revoked(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error) && *db_text(rows, 0, 0) != 't')
        asking->refusal = REFUSAL_LINK_UNKNOWN;
    asking_finish(asking);
}

void desk_store_revoke(struct db *db, const char *link, asking_callback callback, void *context)
{
    const struct db_param param = DB_TEXT(link);

    db_query(db, "SELECT link_revoke($1, NULL)", &param, 1, revoked, asking_new(callback, context));
}
