/* Changing who sits in a seat, and what is known of them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "db/desk_internal.h"

enum { NUMBER_SIZE = 16 };

void desk_store_describe(struct db *db, const struct desk_details *details,
                         asking_callback callback, void *context)
{
    char participant[NUMBER_SIZE];
    const struct db_param params[] = {
        DB_TEXT(details->hearing),       DB_TEXT(participant),
        DB_TEXT(details->summons),       DB_TEXT(details->under_18 ? "t" : "f"),
        DB_TEXT(details->date_of_birth), DB_TEXT(details->personal_number),
        DB_TEXT(details->residence),     DB_TEXT(details->document),
    };

    snprintf(participant, sizeof(participant), "%" PRIu32, details->participant);
    db_query(db, "SELECT seat_describe($1, $2, $3, $4, $5, $6, $7, $8)", params, 8,
             asking_take_refusal, asking_new(callback, context));
}

struct coursing {
    desk_course_callback callback;
    void *context;
};

static void course_found(void *context, int error, const struct db_result *rows)
{
    struct coursing *coursing = context;
    enum desk_course course = DESK_COURSE_NONE;

    if (!error && db_rows(rows) == 1)
        course = *db_text(rows, 0, 0) == 't' ? DESK_COURSE_BEGUN : DESK_COURSE_PLAN;
    coursing->callback(coursing->context, error, course);
    free(coursing);
}

void desk_store_course(struct db *db, const char *hearing, desk_course_callback callback,
                       void *context)
{
    const struct db_param param = DB_TEXT(hearing);
    struct coursing *coursing = malloc(sizeof(*coursing));

    if (!coursing)
        abort();
    *coursing = (struct coursing){callback, context};
    db_query(db,
             "SELECT EXISTS (SELECT FROM hearing_event WHERE hearing = $1)"
             " FROM hearing WHERE id = $1 AND cancelled_at IS NULL",
             &param, 1, course_found, coursing);
}

static void replaced(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error) && !db_null(rows, 0, 0)) {
        asking->refusal = refusal_from_code(db_text(rows, 0, 0));
    } else if (asking_goes_on(asking, 0)) {
        Assize__Desk__V1__ReplacePersonResponse *answer = asking_alloc(asking, sizeof(*answer));
        assize__desk__v1__replace_person_response__init(answer);
        answer->name = asking_text(asking, rows, 0, 1);
        asking->answer = &answer->base;
    }
    asking_finish(asking);
}

void desk_store_replace(struct db *db, const struct desk_replacement *replacement,
                        asking_callback callback, void *context)
{
    char participant[NUMBER_SIZE];
    const struct db_param params[] = {
        DB_TEXT(replacement->hearing), DB_TEXT(participant),          DB_TEXT(replacement->person),
        DB_TEXT(replacement->name),    DB_TEXT(replacement->summons),
    };

    snprintf(participant, sizeof(participant), "%" PRIu32, replacement->participant);
    db_query(
        db,
        "SELECT refusal, coalesce(nullif($4, ''), (SELECT full_name FROM person WHERE id = $3))"
        " FROM seat_replace($1, $2, $3, $4, $5) AS refusal",
        params, 5, replaced, asking_new(callback, context));
}
