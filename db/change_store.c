#include "db/change_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "db/case_store.h"
#include "db/db_array.h"
#include "db/db_internal.h"

enum { NUMBER_SIZE = 24 };

static void write_number(char out[static NUMBER_SIZE], int number)
{
    snprintf(out, NUMBER_SIZE, "%d", number);
}

/* An array literal, for buf_done. */
static void pack_keys(struct buf *keys, const struct change_wish *wish)
{
    db_array_open(keys);
    for (size_t i = 0; i < wish->count; i++)
        db_array_add_word(keys, wish->keys[i]);
    db_array_close(keys);
}

static void noted(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    (void)rows;
    asking_goes_on(asking, error);
    asking_finish(asking);
}

void change_store_note(struct db *db, const struct access_caller *caller, const char *method,
                       const struct change_wish *wish, asking_callback callback, void *context)
{
    char word[ACCESS_WORD_SIZE];
    struct db_param params[ACCESS_PARAMS + 2];
    struct buf keys;

    access_store_params(caller, word, params);
    pack_keys(&keys, wish);
    params[6] = DB_TEXT(method);
    params[7] = DB_TEXT(keys.data);
    db_query(db,
             "SELECT access_note(" ACCESS_CALLER
             ", 'case', $7, (SELECT array_agg($1::text) FROM unnest($8::text[])), $8::text[])",
             params, ACCESS_PARAMS + 2, noted, asking_new(callback, context));
    buf_done(&keys);
}

/* ---- rows ---- */

static Assize__Cases__V1__ChangeState state_of(const char *word)
{
    return (Assize__Cases__V1__ChangeState)db_enum_from_word(
        &assize__cases__v1__change_state__descriptor, "CHANGE_STATE_", word);
}

static Assize__Cases__V1__ChangeState worst_of(const Assize__Cases__V1__CaseChanges *told)
{
    if (told->returned)
        return ASSIZE__CASES__V1__CHANGE_STATE__CHANGE_STATE_RETURNED;
    if (told->waiting)
        return ASSIZE__CASES__V1__CHANGE_STATE__CHANGE_STATE_WAITING;
    if (told->sent)
        return ASSIZE__CASES__V1__CHANGE_STATE__CHANGE_STATE_SENT;
    return ASSIZE__CASES__V1__CHANGE_STATE__CHANGE_STATE_RECEIVED;
}

static void read_case(struct asking *asking, const struct db_result *rows, int row,
                      Assize__Cases__V1__CaseChanges *told)
{
    told->case_key = asking_text(asking, rows, row, 0);
    told->number = asking_text(asking, rows, row, 1);
    told->has_state = told->has_waiting = told->has_sent = told->has_received = true;
    told->has_returned = told->has_held = told->has_recorded_ms = true;
    told->waiting = (uint64_t)db_int(rows, row, 2);
    told->sent = (uint64_t)db_int(rows, row, 3);
    told->received = (uint64_t)db_int(rows, row, 4);
    told->returned = (uint64_t)db_int(rows, row, 5);
    told->held = (uint64_t)db_int(rows, row, 6);
    told->recorded_ms = db_int(rows, row, 7);
    told->state = worst_of(told);
}

static Assize__Cases__V1__CaseChanges **read_cases(struct asking *asking,
                                                   const struct db_result *rows, size_t *ret_count)
{
    int count = db_rows(rows);
    Assize__Cases__V1__CaseChanges **cases =
        asking_messages(asking, &assize__cases__v1__case_changes__descriptor, count);

    for (int i = 0; i < count; i++)
        read_case(asking, rows, i, cases[i]);
    *ret_count = (size_t)count;
    return cases;
}

/* A number that may not be there. */
static bool read_number(const struct db_result *rows, int row, int column, uint64_t *ret_number)
{
    if (db_null(rows, row, column))
        return false;
    *ret_number = (uint64_t)db_int(rows, row, column);
    return true;
}

static bool read_time(const struct db_result *rows, int row, int column, int64_t *ret_ms)
{
    if (db_null(rows, row, column))
        return false;
    *ret_ms = db_int(rows, row, column);
    return true;
}

static char *read_text(struct asking *asking, const struct db_result *rows, int row, int column)
{
    return db_null(rows, row, column) ? NULL : asking_text(asking, rows, row, column);
}

static void read_change(struct asking *asking, const struct db_result *rows, int row,
                        Assize__Cases__V1__Change *change)
{
    change->has_seq = read_number(rows, row, 0, &change->seq);
    change->has_op = change->has_state = change->has_held = true;
    change->op = (Assize__Exchange__V1__Op)db_int(rows, row, 1);
    change->record_type = asking_text(asking, rows, row, 2);
    change->entity = read_text(asking, rows, row, 3);
    change->state = state_of(db_text(rows, row, 4));
    change->has_recorded_ms = read_time(rows, row, 5, &change->recorded_ms);
    change->has_batch_no = read_number(rows, row, 6, &change->batch_no);
    change->receipt_id = read_text(asking, rows, row, 7);
    change->has_received_ms = read_time(rows, row, 8, &change->received_ms);
    change->reason = read_text(asking, rows, row, 9);
    change->has_returned_ms = read_time(rows, row, 10, &change->returned_ms);
    change->has_corrects = read_number(rows, row, 11, &change->corrects);
    change->has_corrected_by = read_number(rows, row, 12, &change->corrected_by);
    change->has_correction = !db_null(rows, row, 13);
    if (change->has_correction)
        change->correction = state_of(db_text(rows, row, 13));
    change->held = *db_text(rows, row, 14) == 't';
    change->redaction = case_store_redaction(asking, rows, row, 16);
}

/* ---- looking ---- */

static Assize__Cases__V1__ChangesResponse *answer_of(struct asking *asking)
{
    return (Assize__Cases__V1__ChangesResponse *)asking->answer;
}

static void got_totals(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (!asking_goes_on(asking, error))
        return;
    Assize__Cases__V1__ChangesResponse *told =
        asking_message(asking, &assize__cases__v1__changes_response__descriptor);
    told->has_waiting = read_number(rows, 0, 0, &told->waiting);
    told->has_sent = read_number(rows, 0, 1, &told->sent);
    told->has_returned = read_number(rows, 0, 2, &told->returned);
    asking->answer = &told->base;
}

static void got_notices(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (!asking_goes_on(asking, error))
        return;
    Assize__Cases__V1__ChangesResponse *told = answer_of(asking);
    told->has_open_notices = read_number(rows, 0, 0, &told->open_notices);
    told->has_newest_notice = read_number(rows, 0, 1, &told->newest_notice);
}

static void got_returned(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error))
        answer_of(asking)->to_correct = read_cases(asking, rows, &answer_of(asking)->n_to_correct);
}

static void got_states(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error))
        answer_of(asking)->cases = read_cases(asking, rows, &answer_of(asking)->n_cases);
}

static void got_all_states(void *context, int error, const struct db_result *rows)
{
    got_states(context, error, rows);
    asking_finish(context);
}

/* Of one case. */
static void got_changes(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error) && answer_of(asking)->n_cases == 1) {
        Assize__Cases__V1__CaseChanges *told = answer_of(asking)->cases[0];
        int count = db_rows(rows);
        told->changes = asking_messages(asking, &assize__cases__v1__change__descriptor, count);
        told->n_changes = (size_t)count;
        for (int i = 0; i < count; i++)
            read_change(asking, rows, i, told->changes[i]);
    }
    asking_finish(asking);
}

void change_store_look(struct db *db, const char *organisation, const struct change_wish *wish,
                       asking_callback callback, void *context)
{
    char count[NUMBER_SIZE], of_case[NUMBER_SIZE], returned[NUMBER_SIZE];
    struct asking *asking = asking_new(callback, context);
    struct buf keys;

    write_number(count, CHANGE_COUNT_MAX);
    write_number(of_case, CHANGE_OF_CASE_MAX);
    write_number(returned, CHANGE_RETURNED_MAX);
    pack_keys(&keys, wish);
    db_query(db, "SELECT * FROM case_change_totals($1)", (struct db_param[]){DB_TEXT(count)}, 1,
             got_totals, asking);
    db_query(db, "SELECT * FROM notice_totals($1)", (struct db_param[]){DB_TEXT(count)}, 1,
             got_notices, asking);
    if (wish->count != 1)
        db_query(db,
                 "SELECT s.* FROM case_states(ARRAY(SELECT DISTINCT case_key"
                 " FROM case_returned($1)), $2) s WHERE s.returned > 0 ORDER BY s.recorded_ms DESC",
                 (struct db_param[]){DB_TEXT(returned), DB_TEXT(of_case)}, 2, got_returned, asking);
    db_query(db, "SELECT * FROM case_states($1::text[], $2)",
             (struct db_param[]){DB_TEXT(keys.data), DB_TEXT(of_case)}, 2,
             wish->count == 1 ? got_states : got_all_states, asking);
    if (wish->count == 1)
        db_query(
            db,
            "SELECT n.*, d.redacted_by, d.at_ms, d.legal_basis"
            " FROM case_changes($1, $2, $3) WITH ORDINALITY AS n"
            " LEFT JOIN redaction d ON d.source = $1 AND d.case_key = $2 AND d.seq = n.seq"
            " ORDER BY n.ordinality",
            (struct db_param[]){DB_TEXT(organisation), DB_TEXT(wish->keys[0]), DB_TEXT(of_case)}, 3,
            got_changes, asking);
    buf_done(&keys);
}
