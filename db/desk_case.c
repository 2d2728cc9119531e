/* Asking: cases, and what is known to schedule the next hearing of one with. */
#include <stdio.h>

#include "db/db_internal.h"
#include "db/desk_internal.h"

enum { NUMBER_SIZE = 24 };

#define CASE_COLUMNS                                                                               \
    "SELECT c.id, c.number, c.title, court.name,"                                                  \
    " (SELECT count(*) FROM hearing h WHERE h.court_case = c.id AND h.cancelled_at IS NULL),"      \
    " (SELECT (extract(epoch FROM max(h.scheduled_at)) * 1000)::bigint FROM hearing h"             \
    " WHERE h.court_case = c.id AND h.cancelled_at IS NULL) AS last_ms"                            \
    " FROM court_case c JOIN court ON court.id = c.court"

#define LATEST_HEARING                                                                             \
    "(SELECT id FROM hearing WHERE court_case = $1"                                                \
    " ORDER BY cancelled_at IS NULL DESC, scheduled_at DESC, id LIMIT 1)"

static void read_case(struct asking *asking, const struct db_result *rows, int row,
                      Assize__Desk__V1__CaseSummary *summary)
{
    summary->id = asking_text(asking, rows, row, 0);
    summary->number = asking_text(asking, rows, row, 1);
    summary->title = asking_text(asking, rows, row, 2);
    summary->court = asking_text(asking, rows, row, 3);
    summary->has_hearings = true;
    summary->hearings = (uint32_t)db_int(rows, row, 4);
    summary->has_last_ms = !db_null(rows, row, 5);
    summary->last_ms = db_int(rows, row, 5);
}

static void take_cases(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error)) {
        Assize__Desk__V1__CasesResponse *cases =
            asking_message(asking, &assize__desk__v1__cases_response__descriptor);
        bool more;
        cases->cases = asking_list(asking, rows, &assize__desk__v1__case_summary__descriptor,
                                   DESK_CASES_MAX, &cases->n_cases, &more);
        cases->has_more = true;
        cases->more = more;
        for (size_t i = 0; i < cases->n_cases; i++)
            read_case(asking, rows, (int)i, cases->cases[i]);
        asking->answer = &cases->base;
    }
    asking_finish(asking);
}

void desk_store_cases(struct db *db, const char *search, asking_callback callback, void *context)
{
    char most[NUMBER_SIZE];
    const struct db_param params[] = {DB_TEXT(search), DB_TEXT(most)};

    snprintf(most, sizeof(most), "%d", DESK_CASES_MAX + 1);
    db_query(db,
             CASE_COLUMNS " WHERE c.id IN (SELECT desk_search($1))"
                          " ORDER BY last_ms DESC NULLS LAST, c.number, c.id LIMIT $2",
             params, 2, take_cases, asking_new(callback, context));
}

/* ---- a plan ---- */

static Assize__Desk__V1__PlanResponse *plan_of(struct asking *asking)
{
    return (Assize__Desk__V1__PlanResponse *)asking->answer;
}

static void take_case(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (!asking_found(asking, error, rows, REFUSAL_CASE_UNKNOWN))
        return;
    Assize__Desk__V1__PlanResponse *plan =
        asking_message(asking, &assize__desk__v1__plan_response__descriptor);
    plan->court_case = asking_message(asking, &assize__desk__v1__case_summary__descriptor);
    read_case(asking, rows, 0, plan->court_case);
    asking->answer = &plan->base;
}

static void take_procedure(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error) && db_rows(rows))
        plan_of(asking)->procedure = asking_text(asking, rows, 0, 0);
}

static void take_sites(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error))
        desk_read_sites(asking, rows, &plan_of(asking)->sites, &plan_of(asking)->n_sites);
}

static void take_people(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error))
        desk_read_people(asking, rows, &plan_of(asking)->people, &plan_of(asking)->n_people);
}

/* A judge is offered to preside, a clerk as a clerk; the others as officials of their site. */
static Assize__Hearing__V1__Role usual_role(const char *account_role)
{
    return *account_role == 'j'   ? ASSIZE__HEARING__V1__ROLE__ROLE_PRESIDING_JUDGE
           : *account_role == 'c' ? ASSIZE__HEARING__V1__ROLE__ROLE_CLERK
                                  : ASSIZE__HEARING__V1__ROLE__ROLE_SITE_OFFICIAL;
}

static void take_staff(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error)) {
        int count = db_rows(rows);
        Assize__Desk__V1__Person **staff =
            asking_messages(asking, &assize__desk__v1__person__descriptor, count);
        for (int i = 0; i < count; i++) {
            staff[i]->person = asking_text(asking, rows, i, 0);
            staff[i]->name = asking_text(asking, rows, i, 1);
            staff[i]->has_role = true;
            staff[i]->role = usual_role(db_text(rows, i, 2));
        }
        plan_of(asking)->staff = staff;
        plan_of(asking)->n_staff = (size_t)count;
    }
    asking_finish(asking);
}

void desk_store_plan(struct db *db, const char *court_case, asking_callback callback, void *context)
{
    char most[NUMBER_SIZE];
    struct asking *asking = asking_new(callback, context);
    const struct db_param id = DB_TEXT(court_case);
    const struct db_param bound = DB_TEXT(most);

    snprintf(most, sizeof(most), "%d", DESK_STAFF_MAX);
    db_query(db, CASE_COLUMNS " WHERE c.id = $1", &id, 1, take_case, asking);
    db_query(db, "SELECT procedure FROM hearing WHERE id = " LATEST_HEARING, &id, 1, take_procedure,
             asking);
    db_query(db, "SELECT" DESK_SITES " WHERE hearing = " LATEST_HEARING " ORDER BY id", &id, 1,
             take_sites, asking);
    db_query(db, "SELECT" DESK_PEOPLE " WHERE p.hearing = " LATEST_HEARING " ORDER BY p.id", &id, 1,
             take_people, asking);
    db_query(db,
             "SELECT DISTINCT ON (person.full_name, a.person) a.person, person.full_name, a.role"
             " FROM account a JOIN person ON person.id = a.person"
             " WHERE a.disabled_at IS NULL AND a.role <> 'administrator'"
             " ORDER BY person.full_name, a.person, a.role LIMIT $1",
             &bound, 1, take_staff, asking);
}
