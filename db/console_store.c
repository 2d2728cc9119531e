#include "db/console_store.h"

#include <stdio.h>

#include "db/db_internal.h"

enum { NUMBER_SIZE = 24, WORD_SIZE = 32 };

/* $2: the asker's account. Of d, a row of console_hearing. */
#define ROW                                                                                        \
    "SELECT d.id, d.number, d.title, d.scheduled_ms, d.judge, d.status, d.status_since_ms,"        \
    " d.officer, d.officer_name, d.officer = $2::uuid, d.open_alerts, d.people"                    \
    " FROM console_hearing d"
/* Of a, a row of console_alert. */
#define ALERT                                                                                      \
    "SELECT a.id, a.hearing, a.kind, a.participant, a.site, a.words, a.raised_ms, a.last_ms,"      \
    " a.times, a.over_ms, a.taker, a.taken_by = $2::uuid, a.taken_ms, a.doer, a.done_ms,"          \
    " a.done_words, a.number, a.full_name, a.site_name FROM console_alert a"

static char *optional_text(struct asking *asking, const struct db_result *rows, int row, int column)
{
    return db_null(rows, row, column) ? NULL : asking_text(asking, rows, row, column);
}

static void read_officer(struct asking *asking, const struct db_result *rows, int row, int at,
                         Assize__Console__V1__Officer *officer)
{
    officer->account = asking_text(asking, rows, row, at);
    officer->name = asking_text(asking, rows, row, at + 1);
    officer->has_you = true;
    officer->you = *db_text(rows, row, at + 2) == 't';
}

static void read_row(struct asking *asking, const struct db_result *rows, int row,
                     Assize__Console__V1__Row *told)
{
    told->id = asking_text(asking, rows, row, 0);
    told->case_number = asking_text(asking, rows, row, 1);
    told->title = asking_text(asking, rows, row, 2);
    told->has_scheduled_ms = told->has_status = told->has_open_alerts = told->has_expected = true;
    told->scheduled_ms = db_int(rows, row, 3);
    told->judge = optional_text(asking, rows, row, 4);
    told->status = (Assize__Hearing__V1__Status)db_enum_from_word(
        &assize__hearing__v1__status__descriptor, "STATUS_", db_text(rows, row, 5));
    told->has_status_since_ms = !db_null(rows, row, 6);
    told->status_since_ms = db_int(rows, row, 6);
    if (!db_null(rows, row, 7)) {
        told->officer = asking_message(asking, &assize__console__v1__officer__descriptor);
        read_officer(asking, rows, row, 7, told->officer);
    }
    told->open_alerts = (uint32_t)db_int(rows, row, 10);
    told->expected = (uint32_t)db_int(rows, row, 11);
}

static void read_times(const struct db_result *rows, int row, Assize__Console__V1__Alert *alert)
{
    alert->has_raised_ms = alert->has_last_ms = alert->has_times = alert->has_taken_by_you = true;
    alert->raised_ms = db_int(rows, row, 6);
    alert->last_ms = db_int(rows, row, 7);
    alert->times = (uint32_t)db_int(rows, row, 8);
    alert->has_over_ms = !db_null(rows, row, 9);
    alert->over_ms = db_int(rows, row, 9);
    alert->taken_by_you = *db_text(rows, row, 11) == 't';
    alert->has_taken_ms = !db_null(rows, row, 12);
    alert->taken_ms = db_int(rows, row, 12);
    alert->has_done_ms = !db_null(rows, row, 14);
    alert->done_ms = db_int(rows, row, 14);
}

static void read_alert(struct asking *asking, const struct db_result *rows, int row,
                       Assize__Console__V1__Alert *alert)
{
    alert->id = asking_text(asking, rows, row, 0);
    alert->hearing = asking_text(asking, rows, row, 1);
    alert->has_kind = alert->has_participant = alert->has_site = true;
    alert->kind = (Assize__Console__V1__AlertKind)db_enum_from_word(
        &assize__console__v1__alert_kind__descriptor, "ALERT_KIND_", db_text(rows, row, 2));
    alert->participant = (uint32_t)db_int(rows, row, 3);
    alert->site = (uint32_t)db_int(rows, row, 4);
    alert->words = asking_text(asking, rows, row, 5);
    read_times(rows, row, alert);
    alert->taken_by = optional_text(asking, rows, row, 10);
    alert->done_by = optional_text(asking, rows, row, 13);
    alert->done_words = optional_text(asking, rows, row, 15);
    alert->case_number = asking_text(asking, rows, row, 16);
    alert->name = optional_text(asking, rows, row, 17);
    alert->site_name = optional_text(asking, rows, row, 18);
}

static Assize__Console__V1__Alert **read_alerts(struct asking *asking, const struct db_result *rows,
                                                size_t *ret_count, bool *ret_more)
{
    Assize__Console__V1__Alert **alerts =
        asking_list(asking, rows, &assize__console__v1__alert__descriptor, CONSOLE_ALERTS_MAX,
                    ret_count, ret_more);

    for (size_t i = 0; i < *ret_count; i++)
        read_alert(asking, rows, (int)i, alerts[i]);
    return alerts;
}

/* ---- the day ---- */

static Assize__Console__V1__OverviewResponse *overview_of(struct asking *asking)
{
    return (Assize__Console__V1__OverviewResponse *)asking->answer;
}

static void take_hearings(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;
    bool more;

    if (!asking_goes_on(asking, error))
        return;
    Assize__Console__V1__OverviewResponse *overview =
        asking_message(asking, &assize__console__v1__overview_response__descriptor);
    asking->answer = &overview->base;
    overview->hearings = asking_list(asking, rows, &assize__console__v1__row__descriptor,
                                     CONSOLE_HEARINGS_MAX, &overview->n_hearings, &more);
    overview->has_more = true;
    overview->more = more;
    for (size_t i = 0; i < overview->n_hearings; i++)
        read_row(asking, rows, (int)i, overview->hearings[i]);
}

static void take_open_alerts(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;
    bool more;

    if (!asking_goes_on(asking, error))
        return;
    Assize__Console__V1__OverviewResponse *overview = overview_of(asking);
    overview->alerts = read_alerts(asking, rows, &overview->n_alerts, &more);
    overview->more |= more;
}

static void take_officers(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error)) {
        Assize__Console__V1__OverviewResponse *overview = overview_of(asking);
        bool more;
        overview->officers = asking_list(asking, rows, &assize__console__v1__officer__descriptor,
                                         CONSOLE_OFFICERS_MAX, &overview->n_officers, &more);
        overview->more |= more;
        for (size_t i = 0; i < overview->n_officers; i++)
            read_officer(asking, rows, (int)i, 0, overview->officers[i]);
    }
    asking_finish(asking);
}

static void write_most(char out[static NUMBER_SIZE], int most)
{
    snprintf(out, NUMBER_SIZE, "%d", most + 1);
}

void console_store_overview(struct db *db, const char *date, const char *account,
                            asking_callback callback, void *context)
{
    char hearings[NUMBER_SIZE];
    char alerts[NUMBER_SIZE];
    char officers[NUMBER_SIZE];
    struct asking *asking = asking_new(callback, context);
    const struct db_param of_day[] = {DB_TEXT(date), DB_TEXT(account), DB_TEXT(hearings)};
    const struct db_param open[] = {DB_TEXT(alerts), DB_TEXT(account)};
    const struct db_param of_staff[] = {DB_TEXT(officers), DB_TEXT(account)};

    write_most(hearings, CONSOLE_HEARINGS_MAX);
    write_most(alerts, CONSOLE_ALERTS_MAX);
    write_most(officers, CONSOLE_OFFICERS_MAX);
    db_query(db,
             ROW
             " WHERE (d.scheduled_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date = coalesce($1::date,"
             " (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)"
             " OR $1::date IS NULL AND d.status IN"
             " ('in_session', 'recess', 'suspended', 'deliberating')"
             " ORDER BY d.scheduled_at, d.number, d.id LIMIT $3",
             of_day, 3, take_hearings, asking);
    db_query(db, ALERT " WHERE a.done_at IS NULL ORDER BY a.raised_at, a.id LIMIT $1", open, 2,
             take_open_alerts, asking);
    db_query(db,
             "SELECT a.id, person.full_name, a.id = $2::uuid FROM account a"
             " JOIN person ON person.id = a.person"
             " WHERE a.role IN ('officer', 'clerk') AND a.disabled_at IS NULL"
             " ORDER BY person.full_name, a.id LIMIT $1",
             of_staff, 2, take_officers, asking);
}

/* ---- one hearing ---- */

static void take_hearing(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (!asking_found(asking, error, rows, REFUSAL_HEARING_UNKNOWN))
        return;
    Assize__Console__V1__HearingResponse *answer =
        asking_message(asking, &assize__console__v1__hearing_response__descriptor);
    answer->row = asking_message(asking, &assize__console__v1__row__descriptor);
    read_row(asking, rows, 0, answer->row);
    asking->answer = &answer->base;
}

static void take_alerts(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error)) {
        Assize__Console__V1__HearingResponse *answer =
            (Assize__Console__V1__HearingResponse *)asking->answer;
        bool more;
        answer->alerts = read_alerts(asking, rows, &answer->n_alerts, &more);
        answer->has_more = true;
        answer->more = more;
    }
    asking_finish(asking);
}

void console_store_hearing(struct db *db, const char *hearing, const char *account,
                           asking_callback callback, void *context)
{
    char alerts[NUMBER_SIZE];
    struct asking *asking = asking_new(callback, context);
    const struct db_param params[] = {DB_TEXT(hearing), DB_TEXT(account), DB_TEXT(alerts)};

    write_most(alerts, CONSOLE_ALERTS_MAX);
    db_query(db, ROW " WHERE d.id = $1", params, 2, take_hearing, asking);
    db_query(db, ALERT " WHERE a.hearing = $1 ORDER BY a.raised_at DESC, a.id LIMIT $3", params, 3,
             take_alerts, asking);
}

/* ---- changes ---- */

void console_store_allocate(struct db *db, const char *hearing, const char *account,
                            asking_callback callback, void *context)
{
    const struct db_param params[] = {DB_TEXT(hearing), DB_TEXT(account)};

    db_query(db, "SELECT hearing_allocate($1, $2)", params, 2, asking_take_refusal,
             asking_new(callback, context));
}

void console_store_take(struct db *db, const Assize__Console__V1__TakeRequest *request,
                        const char *account, asking_callback callback, void *context)
{
    const struct db_param params[] = {DB_TEXT(request->alert), DB_TEXT(account),
                                      DB_TEXT(request->release ? "t" : "f"),
                                      DB_TEXT(request->over ? "t" : "f")};

    db_query(db, "SELECT alert_take($1, $2, $3, $4)", params, 4, asking_take_refusal,
             asking_new(callback, context));
}

void console_store_tick_off(struct db *db, const char *alert, const char *account,
                            const char *words, asking_callback callback, void *context)
{
    const struct db_param params[] = {DB_TEXT(alert), DB_TEXT(account), DB_TEXT(words)};

    db_query(db, "SELECT alert_tick_off($1, $2, $3)", params, 3, asking_take_refusal,
             asking_new(callback, context));
}

void console_store_all_over(struct db *db, db_callback callback, void *context)
{
    db_query(db, "SELECT alert_all_over()", NULL, 0, callback, context);
}

void console_store_alert(struct db *db, const struct console_alert *alert, bool over,
                         db_callback callback, void *context)
{
    char kind[WORD_SIZE];
    char participant[NUMBER_SIZE];
    char site[NUMBER_SIZE];
    const struct db_param params[] = {DB_TEXT(alert->hearing), DB_TEXT(kind), DB_TEXT(participant),
                                      DB_TEXT(site), DB_TEXT(alert->words)};

    db_enum_to_word(&assize__console__v1__alert_kind__descriptor, "ALERT_KIND_", (int)alert->kind,
                    kind, sizeof(kind));
    snprintf(participant, sizeof(participant), "%u", alert->participant);
    snprintf(site, sizeof(site), "%u", alert->site);
    if (over)
        db_query(db, "SELECT alert_over($1, $2, $3, $4)", params, 4, callback, context);
    else
        db_query(db, "SELECT alert_raise($1, $2, $3, $4, $5)", params, 5, callback, context);
}
