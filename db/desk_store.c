/* Asking: a day, and one hearing. */
#include "db/desk_store.h"

#include <stdio.h>

#include "db/db_internal.h"
#include "db/desk_internal.h"

enum { NUMBER_SIZE = 24 };

#define DAY_START(date) "(" date "::date::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh')"
#define DATE_OF(time)   "(" time " AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"

/* $2: a person, or NULL. */
#define SUMMARY                                                                                    \
    "SELECT d.id, d.number, d.title, d.court, d.procedure, d.scheduled_ms, d.status,"              \
    " d.status_since_ms, d.cancelled_ms, d.people, d.recording, d.recorded_ms, d.received_ms,"     \
    " d.receipt_id, d.refused, EXISTS (SELECT FROM hearing_participant p"                          \
    " WHERE p.hearing = d.id AND p.person = $2::uuid),"                                            \
    " (SELECT h.court_case FROM hearing h WHERE h.id = d.id) FROM desk_hearing d"

static Assize__Exchange__V1__SyncStatus *read_sync(struct asking *asking,
                                                   const struct db_result *rows, int row, int at)
{
    if (db_null(rows, row, at))
        return NULL;
    Assize__Exchange__V1__SyncStatus *sync =
        asking_message(asking, &assize__exchange__v1__sync_status__descriptor);
    sync->has_state = sync->has_recorded_ms = true;
    sync->recorded_ms = db_int(rows, row, at);
    sync->has_received_ms = !db_null(rows, row, at + 1);
    sync->received_ms = db_int(rows, row, at + 1);
    if (sync->has_received_ms)
        sync->receipt_id = asking_text(asking, rows, row, at + 2);
    sync->state = !db_null(rows, row, at + 3) ? ASSIZE__EXCHANGE__V1__SYNC_STATE__SYNC_STATE_REFUSED
                  : sync->has_received_ms ? ASSIZE__EXCHANGE__V1__SYNC_STATE__SYNC_STATE_RECEIVED
                                          : ASSIZE__EXCHANGE__V1__SYNC_STATE__SYNC_STATE_WAITING;
    return sync;
}

static void read_summary(struct asking *asking, const struct db_result *rows, int row,
                         Assize__Desk__V1__HearingSummary *summary)
{
    summary->id = asking_text(asking, rows, row, 0);
    summary->case_number = asking_text(asking, rows, row, 1);
    summary->title = asking_text(asking, rows, row, 2);
    summary->court = asking_text(asking, rows, row, 3);
    summary->procedure = asking_text(asking, rows, row, 4);
    summary->has_scheduled_ms = summary->has_status = summary->has_expected = true;
    summary->has_present = summary->has_recording = summary->has_takes_part = true;
    summary->scheduled_ms = db_int(rows, row, 5);
    summary->status = (Assize__Hearing__V1__Status)db_enum_from_word(
        &assize__hearing__v1__status__descriptor, "STATUS_", db_text(rows, row, 6));
    summary->has_status_since_ms = !db_null(rows, row, 7);
    summary->status_since_ms = db_int(rows, row, 7);
    summary->has_cancelled_ms = !db_null(rows, row, 8);
    summary->cancelled_ms = db_int(rows, row, 8);
    summary->expected = (uint32_t)db_int(rows, row, 9);
    summary->recording = (Assize__Desk__V1__Recording)db_enum_from_word(
        &assize__desk__v1__recording__descriptor, "RECORDING_", db_text(rows, row, 10));
    summary->sync = read_sync(asking, rows, row, 11);
    summary->takes_part = *db_text(rows, row, 15) == 't';
}

/* ---- a day ---- */

static void take_days(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (!asking_goes_on(asking, error))
        return;
    Assize__Desk__V1__DayResponse *day =
        asking_message(asking, &assize__desk__v1__day_response__descriptor);
    day->date = asking_text(asking, rows, 0, 0);
    day->today = asking_text(asking, rows, 0, 1);
    day->before = db_null(rows, 0, 2) ? NULL : asking_text(asking, rows, 0, 2);
    day->after = db_null(rows, 0, 3) ? NULL : asking_text(asking, rows, 0, 3);
    asking->answer = &day->base;
}

static void take_hearings(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error)) {
        Assize__Desk__V1__DayResponse *day = (Assize__Desk__V1__DayResponse *)asking->answer;
        bool more;
        day->hearings = asking_list(asking, rows, &assize__desk__v1__hearing_summary__descriptor,
                                    DESK_HEARINGS_MAX, &day->n_hearings, &more);
        day->has_more = true;
        day->more = more;
        for (size_t i = 0; i < day->n_hearings; i++)
            read_summary(asking, rows, (int)i, day->hearings[i]);
    }
    asking_finish(asking);
}

void desk_store_day(struct db *db, const char *date, const char *person, asking_callback callback,
                    void *context)
{
    char most[NUMBER_SIZE];
    struct asking *asking = asking_new(callback, context);
    const struct db_param params[] = {DB_TEXT(date), DB_TEXT(person), DB_TEXT(most)};

    snprintf(most, sizeof(most), "%d", DESK_HEARINGS_MAX + 1);
    db_query(
        db,
        "SELECT day, today, " DATE_OF(
            "(SELECT max(scheduled_at) FROM hearing"
            " WHERE scheduled_at < " DAY_START(
                "day") ")") ", " DATE_OF("(SELECT min(scheduled_at) FROM hearing"
                                         " WHERE scheduled_at >= " DAY_START(
                                             "(day + 1)") ")") " FROM (SELECT coalesce($1::date, "
                                                               "today) AS day, today"
                                                               " FROM (SELECT " DATE_OF(
                                                                   "now()") " AS today) AS t) AS "
                                                                            "days",
        params, 1, take_days, asking);
    db_query(
        db,
        SUMMARY ", (SELECT coalesce($1::date, " DATE_OF(
            "now()") ") AS day) AS days"
                     " WHERE d.scheduled_at >= " DAY_START(
                         "day") " AND d.scheduled_at < " DAY_START("(day + 1)") " ORDER BY "
                                                                                "d.scheduled_at, "
                                                                                "d.number, d.id "
                                                                                "LIMIT $3",
        params, 3, take_hearings, asking);
}

/* ---- one hearing ---- */

static void take_summary(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (!asking_found(asking, error, rows, REFUSAL_HEARING_UNKNOWN))
        return;
    Assize__Desk__V1__HearingDetails *details =
        asking_message(asking, &assize__desk__v1__hearing_details__descriptor);
    details->summary = asking_message(asking, &assize__desk__v1__hearing_summary__descriptor);
    read_summary(asking, rows, 0, details->summary);
    details->court_case = asking_text(asking, rows, 0, 16);
    asking->answer = &details->base;
}

static void take_sites(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;
    Assize__Desk__V1__HearingDetails *details = (Assize__Desk__V1__HearingDetails *)asking->answer;

    if (asking_goes_on(asking, error))
        desk_read_sites(asking, rows, &details->sites, &details->n_sites);
}

static void take_people(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;
    Assize__Desk__V1__HearingDetails *details = (Assize__Desk__V1__HearingDetails *)asking->answer;

    if (asking_goes_on(asking, error))
        desk_read_people(asking, rows, &details->people, &details->n_people);
}

static void take_details(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;
    Assize__Desk__V1__HearingDetails *details = (Assize__Desk__V1__HearingDetails *)asking->answer;

    if (asking_goes_on(asking, error))
        desk_read_details(asking, rows, details->people, details->n_people);
}

static void take_screens(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;
    Assize__Desk__V1__HearingDetails *details = (Assize__Desk__V1__HearingDetails *)asking->answer;

    if (!asking_goes_on(asking, error))
        return;
    details->n_screens = (size_t)db_rows(rows);
    details->screens =
        asking_messages(asking, &assize__desk__v1__screen__descriptor, db_rows(rows));
    for (int i = 0; i < db_rows(rows); i++) {
        Assize__Desk__V1__Screen *pair = details->screens[i];
        pair->has_participant = pair->has_from = pair->has_sound = true;
        pair->participant = (uint32_t)db_int(rows, i, 0);
        pair->from = (uint32_t)db_int(rows, i, 1);
        pair->sound = *db_text(rows, i, 2) == 't';
    }
}

static void take_links(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;
    Assize__Desk__V1__HearingDetails *details = (Assize__Desk__V1__HearingDetails *)asking->answer;

    if (asking_goes_on(asking, error)) {
        bool more;
        details->links = asking_list(asking, rows, &assize__desk__v1__link__descriptor,
                                     DESK_LINKS_MAX, &details->n_links, &more);
        details->has_more_links = true;
        details->more_links = more;
        for (size_t i = 0; i < details->n_links; i++)
            desk_read_link(asking, rows, (int)i, 0, details->links[i]);
    }
    asking_finish(asking);
}

void desk_store_hearing(struct db *db, const char *hearing, const char *person, bool for_clerk,
                        asking_callback callback, void *context)
{
    char most[NUMBER_SIZE];
    struct asking *asking = asking_new(callback, context);
    const struct db_param params[] = {DB_TEXT(hearing), DB_TEXT(person)};
    const struct db_param details[] = {DB_TEXT(hearing), DB_TEXT(for_clerk ? "t" : "f")};
    const struct db_param links[] = {DB_TEXT(hearing), DB_TEXT(most)};

    snprintf(most, sizeof(most), "%d", for_clerk ? DESK_LINKS_MAX + 1 : 0);
    db_query(db, SUMMARY " WHERE d.id = $1", params, 2, take_summary, asking);
    db_query(db, "SELECT" DESK_SITES " WHERE hearing = $1 ORDER BY id", params, 1, take_sites,
             asking);
    db_query(db, "SELECT" DESK_PEOPLE " WHERE p.hearing = $1 ORDER BY p.id", params, 1, take_people,
             asking);
    db_query(db, DESK_DETAILS, details, 2, take_details, asking);
    db_query(db,
             "SELECT participant, screened, sound FROM hearing_screen"
             " WHERE hearing = $1 AND $2::boolean ORDER BY participant, screened",
             details, 2, take_screens, asking);
    db_query(db,
             "SELECT " DESK_LINK("l") " FROM join_link l WHERE l.hearing = $1"
                                      " ORDER BY l.created_at DESC, l.id DESC LIMIT $2",
             links, 2, take_links, asking);
}
