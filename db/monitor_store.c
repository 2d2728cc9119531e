#include "db/monitor_store.h"

#include <stdio.h>

#include "db/db_internal.h"

/* The courts of the law since 1 July 2025: 34 of provinces and cities, 355 of regions. */
enum { COURTS_OF_THE_LAW = 34 + 355, NUMBER_SIZE = 24 };

#define SOURCE                                                                                     \
    "SELECT o.code, coalesce(c.name_vi, nullif(o.name, '')),"                                      \
    " coalesce(c.name_en, nullif(o.name, '')), o.kind = 'court',"                                  \
    " o.withdrawn_at IS NOT NULL OR NOT EXISTS (SELECT FROM organisation_key k"                    \
    " WHERE k.organisation = o.code AND k.revoked_at IS NULL),"                                    \
    " p.received_ms, coalesce(p.records, 0), coalesce(p.rejected, 0),"                             \
    " (SELECT count(*) FROM held h WHERE h.source = o.code), o.cursor, p.lag_ms, p.newest_ms,"     \
    " (extract(epoch FROM o.flagged_at) * 1000)::bigint,"                                          \
    " (SELECT count(*) FROM redaction r WHERE r.source = o.code)"                                  \
    " FROM organisation o LEFT JOIN source_progress p ON p.source = o.code"                        \
    " LEFT JOIN court_unit c ON c.code = o.code"
#define MINUTES                                                                                    \
    "SELECT minute * 60000, sum(records), sum(rejected), max(lag_ms) FROM source_minute"           \
    " WHERE minute > extract(epoch FROM clock_timestamp())::bigint / 60 - $1"

/* ---- rows ---- */

static void read_words(struct asking *asking, const struct db_result *rows, int row,
                       Assize__Monitor__V1__Source *source)
{
    source->code = asking_text(asking, rows, row, 0);
    source->name_vi = db_null(rows, row, 1) ? NULL : asking_text(asking, rows, row, 1);
    source->name_en = db_null(rows, row, 2) ? NULL : asking_text(asking, rows, row, 2);
    source->has_court = source->has_state = true;
    source->court = *db_text(rows, row, 3) == 't';
    if (*db_text(rows, row, 4) == 't')
        source->state = ASSIZE__MONITOR__V1__SOURCE_STATE__SOURCE_STATE_WITHDRAWN;
}

static void read_source(struct asking *asking, const struct db_result *rows, int row,
                        Assize__Monitor__V1__Source *source)
{
    read_words(asking, rows, row, source);
    source->has_contact_ms = !db_null(rows, row, 5);
    source->contact_ms = db_int(rows, row, 5);
    source->has_records = source->has_rejected = source->has_held = source->has_batch_no = true;
    source->records = (uint64_t)db_int(rows, row, 6);
    source->rejected = (uint64_t)db_int(rows, row, 7);
    source->held = (uint64_t)db_int(rows, row, 8);
    source->batch_no = (uint64_t)db_int(rows, row, 9);
    source->has_lag_ms = !db_null(rows, row, 10);
    source->lag_ms = db_int(rows, row, 10);
    source->has_newest_ms = !db_null(rows, row, 11);
    source->newest_ms = db_int(rows, row, 11);
    source->has_flagged_ms = !db_null(rows, row, 12);
    source->flagged_ms = db_int(rows, row, 12);
    source->has_redacted = true;
    source->redacted = (uint64_t)db_int(rows, row, 13);
}

static Assize__Monitor__V1__Minute **read_minutes(struct asking *asking,
                                                  const struct db_result *rows, size_t *ret_count)
{
    bool more;
    Assize__Monitor__V1__Minute **minutes = asking_list(
        asking, rows, &assize__monitor__v1__minute__descriptor, MONITOR_MINUTES, ret_count, &more);

    for (size_t i = 0; i < *ret_count; i++) {
        Assize__Monitor__V1__Minute *minute = minutes[i];
        minute->has_begin_ms = minute->has_records = minute->has_rejected = true;
        minute->begin_ms = db_int(rows, (int)i, 0);
        minute->records = (uint64_t)db_int(rows, (int)i, 1);
        minute->rejected = (uint64_t)db_int(rows, (int)i, 2);
        minute->has_lag_ms = !db_null(rows, (int)i, 3);
        minute->lag_ms = db_int(rows, (int)i, 3);
    }
    return minutes;
}

static void write_number(char out[static NUMBER_SIZE], int number)
{
    snprintf(out, NUMBER_SIZE, "%d", number);
}

/* ---- all of them ---- */

static void take_sources(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;
    bool more;

    if (!asking_goes_on(asking, error))
        return;
    Assize__Monitor__V1__ProgressResponse *progress =
        asking_message(asking, &assize__monitor__v1__progress_response__descriptor);
    asking->answer = &progress->base;
    progress->has_courts = true;
    progress->courts = COURTS_OF_THE_LAW;
    progress->sources = asking_list(asking, rows, &assize__monitor__v1__source__descriptor,
                                    MONITOR_SOURCES_MAX, &progress->n_sources, &more);
    for (size_t i = 0; i < progress->n_sources; i++)
        read_source(asking, rows, (int)i, progress->sources[i]);
}

static void take_all_minutes(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error)) {
        Assize__Monitor__V1__ProgressResponse *progress =
            (Assize__Monitor__V1__ProgressResponse *)asking->answer;
        progress->minutes = read_minutes(asking, rows, &progress->n_minutes);
    }
    asking_finish(asking);
}

void monitor_store_progress(struct db *db, asking_callback callback, void *context)
{
    struct asking *asking = asking_new(callback, context);
    char sources[NUMBER_SIZE], minutes[NUMBER_SIZE];

    write_number(sources, MONITOR_SOURCES_MAX);
    write_number(minutes, MONITOR_MINUTES);
    db_query(db, SOURCE " ORDER BY o.code LIMIT $1", (struct db_param[]){DB_TEXT(sources)}, 1,
             take_sources, asking);
    db_query(db, MINUTES " GROUP BY minute ORDER BY minute", (struct db_param[]){DB_TEXT(minutes)},
             1, take_all_minutes, asking);
}

/* ---- one of them ---- */

static Assize__Monitor__V1__SourceResponse *response_of(struct asking *asking)
{
    return (Assize__Monitor__V1__SourceResponse *)asking->answer;
}

static void take_source(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (!asking_found(asking, error, rows, REFUSAL_CLIENT_UNKNOWN))
        return;
    Assize__Monitor__V1__SourceResponse *response =
        asking_message(asking, &assize__monitor__v1__source_response__descriptor);
    asking->answer = &response->base;
    response->source = asking_message(asking, &assize__monitor__v1__source__descriptor);
    read_source(asking, rows, 0, response->source);
}

static void take_minutes(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error))
        response_of(asking)->minutes = read_minutes(asking, rows, &response_of(asking)->n_minutes);
}

static void take_rejections(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;
    bool more;

    if (!asking_goes_on(asking, error))
        return;
    Assize__Monitor__V1__SourceResponse *response = response_of(asking);
    response->rejections = asking_list(asking, rows, &assize__monitor__v1__rejected__descriptor,
                                       MONITOR_REJECTIONS_MAX, &response->n_rejections, &more);
    for (size_t i = 0; i < response->n_rejections; i++) {
        Assize__Monitor__V1__Rejected *rejected = response->rejections[i];
        rejected->has_seq = rejected->has_received_ms = rejected->has_waiting = true;
        rejected->case_key = asking_text(asking, rows, (int)i, 0);
        rejected->seq = (uint64_t)db_int(rows, (int)i, 1);
        rejected->record_type = asking_text(asking, rows, (int)i, 2);
        rejected->reason = asking_text(asking, rows, (int)i, 3);
        rejected->received_ms = db_int(rows, (int)i, 4);
        rejected->waiting = (uint64_t)db_int(rows, (int)i, 5);
    }
}

static void take_batches(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;
    bool more;

    if (asking_goes_on(asking, error)) {
        Assize__Monitor__V1__SourceResponse *response = response_of(asking);
        response->batches = asking_list(asking, rows, &assize__monitor__v1__taken_batch__descriptor,
                                        MONITOR_BATCHES_MAX, &response->n_batches, &more);
        for (size_t i = 0; i < response->n_batches; i++) {
            Assize__Monitor__V1__TakenBatch *batch = response->batches[i];
            batch->has_batch_no = batch->has_received_ms = batch->has_rejections = true;
            batch->batch_no = (uint64_t)db_int(rows, (int)i, 0);
            batch->received_ms = db_int(rows, (int)i, 1);
            batch->receipt_id = asking_text(asking, rows, (int)i, 2);
            batch->rejections = (uint64_t)db_int(rows, (int)i, 3);
        }
    }
    asking_finish(asking);
}

void monitor_store_source(struct db *db, const char *code, asking_callback callback, void *context)
{
    struct asking *asking = asking_new(callback, context);
    char minutes[NUMBER_SIZE], rejections[NUMBER_SIZE], batches[NUMBER_SIZE];

    write_number(minutes, MONITOR_MINUTES);
    write_number(rejections, MONITOR_REJECTIONS_MAX);
    write_number(batches, MONITOR_BATCHES_MAX);
    db_query(db, SOURCE " WHERE o.code = $1", (struct db_param[]){DB_TEXT(code)}, 1, take_source,
             asking);
    db_query(db, MINUTES " AND source = $2 GROUP BY minute ORDER BY minute",
             (struct db_param[]){DB_TEXT(minutes), DB_TEXT(code)}, 2, take_minutes, asking);
    db_query(db,
             "SELECT r.case_key, r.seq, coalesce(r.record_type, ''), r.reason, receipt.received_ms,"
             " (SELECT count(*) FROM held h WHERE h.source = r.source AND h.case_key = r.case_key)"
             " FROM rejection r JOIN receipt ON receipt.id = r.receipt"
             " WHERE r.source = $1 AND r.corrected_by IS NULL AND r.reason <> 'equivocation'"
             " ORDER BY r.number DESC LIMIT $2",
             (struct db_param[]){DB_TEXT(code), DB_TEXT(rejections)}, 2, take_rejections, asking);
    db_query(db,
             "SELECT t.batch_no, t.received_ms, t.id,"
             " (SELECT count(*) FROM rejection WHERE receipt = t.id)"
             " FROM receipt t WHERE t.source = $1 ORDER BY t.batch_no DESC, t.received_ms DESC"
             " LIMIT $2",
             (struct db_param[]){DB_TEXT(code), DB_TEXT(batches)}, 2, take_batches, asking);
}
