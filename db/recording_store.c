#include "db/recording_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "db/db_array.h"
#include "db/db_internal.h"

enum { NUMBER_SIZE = 24, WORD_SIZE = 32, LIST_MEMORY_MAX = 4 << 20 };

struct request {
    union {
        recording_list_callback list;
        recording_done_callback done;
        recording_sums_callback sums;
        recording_views_callback views;
    } callback;
    void *context;
};

static struct request *request_new(struct request request)
{
    struct request *kept = malloc(sizeof(*kept));

    if (!kept)
        abort();
    *kept = request;
    return kept;
}

/* Rows are bounded by the limits above and by those of their columns. */
static void *make(struct arena *arena, size_t count, size_t size)
{
    void *made = arena_alloc(arena, count * size + 1);

    if (!made)
        abort();
    return made;
}

/* ---- the list ---- */

static void read_summary(struct arena *arena, const struct db_result *rows, int row,
                         Assize__Record__V1__RecordingSummary *summary)
{
    assize__record__v1__recording_summary__init(summary);
    summary->hearing = db_text_copy(arena, rows, row, 0);
    summary->case_number = db_text_copy(arena, rows, row, 1);
    summary->title = db_text_copy(arena, rows, row, 2);
    summary->court = db_text_copy(arena, rows, row, 3);
    summary->has_scheduled_ms = true;
    summary->scheduled_ms = db_int(rows, row, 4);
}

static void listed(void *context, int error, const struct db_result *rows)
{
    Assize__Record__V1__ListResponse list = ASSIZE__RECORD__V1__LIST_RESPONSE__INIT;
    struct request *request = context;
    int found = error ? 0 : db_rows(rows);
    size_t count = (size_t)(found > RECORDING_LIST_MAX ? RECORDING_LIST_MAX : found);
    struct arena arena;

    arena_init(&arena, LIST_MEMORY_MAX);
    Assize__Record__V1__RecordingSummary *items = make(&arena, count, sizeof(*items));
    list.recordings = make(&arena, count, sizeof(*list.recordings));
    list.n_recordings = count;
    list.has_more = true;
    list.more = (size_t)found > count;
    for (size_t i = 0; i < count; i++) {
        read_summary(&arena, rows, (int)i, &items[i]);
        list.recordings[i] = &items[i];
    }
    request->callback.list(request->context, error, error ? NULL : &list);
    arena_done(&arena);
    free(request);
}

void recording_store_list(struct db *db, const char *hearing, recording_list_callback callback,
                          void *context)
{
    char limit[NUMBER_SIZE];

    snprintf(limit, sizeof(limit), "%d", RECORDING_LIST_MAX + 1);
    const struct db_param params[] = {DB_TEXT(hearing), DB_TEXT(limit)};
    db_query(db,
             "SELECT h.id, c.number, c.title, court.name,"
             " (extract(epoch FROM h.scheduled_at) * 1000)::bigint"
             " FROM hearing h JOIN court_case c ON c.id = h.court_case"
             " JOIN court ON court.id = c.court"
             " WHERE ($1::uuid IS NULL OR h.id = $1)"
             " AND EXISTS (SELECT FROM hearing_event e WHERE e.hearing = h.id AND e.seq = 2)"
             " ORDER BY h.scheduled_at DESC, h.id LIMIT $2",
             params, 2, listed,
             request_new((struct request){.callback.list = callback, .context = context}));
}

/* ---- the files ---- */

static void done(void *context, int error, const struct db_result *rows)
{
    struct request *request = context;

    (void)rows;
    request->callback.done(request->context, error);
    free(request);
}

void recording_store_made(struct db *db, const char *hearing, const struct recording_sum *sums,
                          size_t count, recording_done_callback callback, void *context)
{
    struct buf names, digests;

    db_array_open(&names);
    db_array_open(&digests);
    for (size_t i = 0; i < count; i++) {
        db_array_add_word(&names, sums[i].name);
        db_array_add_bytes(&digests, sums[i].sha256, SHA256_BYTES);
    }
    db_array_close(&names);
    db_array_close(&digests);
    const struct db_param params[] = {DB_TEXT(hearing), DB_TEXT(names.data), DB_TEXT(digests.data)};
    db_query(db,
             "INSERT INTO recording_file (hearing, name, sha256)"
             " SELECT $1, made.name, made.sha256"
             " FROM unnest($2::text[], $3::bytea[]) AS made (name, sha256)"
             " WHERE made.sha256 IS DISTINCT FROM (SELECT f.sha256 FROM recording_file f"
             " WHERE f.hearing = $1 AND f.name = made.name ORDER BY f.id DESC LIMIT 1)",
             params, 3, done,
             request_new((struct request){.callback.done = callback, .context = context}));
    buf_done(&names);
    buf_done(&digests);
}

static void got_sums(void *context, int error, const struct db_result *rows)
{
    struct request *request = context;
    size_t count = error ? 0 : (size_t)db_rows(rows);
    struct recording_sum *sums = calloc(count + 1, sizeof(*sums));

    if (!sums)
        abort();
    for (size_t i = 0; i < count; i++) {
        size_t len;
        const uint8_t *digest = db_bytes(rows, (int)i, 1, &len);
        str_copy(sums[i].name, sizeof(sums[i].name), db_text(rows, (int)i, 0));
        if (len == SHA256_BYTES)
            memcpy(sums[i].sha256, digest, SHA256_BYTES);
    }
    request->callback.sums(request->context, error, sums, count);
    free(sums);
    free(request);
}

void recording_store_sums(struct db *db, const char *hearing, recording_sums_callback callback,
                          void *context)
{
    const struct db_param params[] = {DB_TEXT(hearing)};

    db_query(db,
             "SELECT DISTINCT ON (name) name, sha256 FROM recording_file WHERE hearing = $1"
             " ORDER BY name, id DESC",
             params, 1, got_sums,
             request_new((struct request){.callback.sums = callback, .context = context}));
}

/* ---- the log ---- */

void recording_store_view(struct db *db, const struct recording_view *view,
                          recording_done_callback callback, void *context)
{
    char participant[NUMBER_SIZE], kind[WORD_SIZE], reason[WORD_SIZE];

    snprintf(participant, sizeof(participant), "%u", view->participant);
    db_enum_to_word(&assize__record__v1__view_kind__descriptor, "VIEW_KIND_", view->kind, kind,
                    sizeof(kind));
    db_enum_to_word(&assize__record__v1__view_reason__descriptor, "VIEW_REASON_", view->reason,
                    reason, sizeof(reason));
    const struct db_param params[] = {
        DB_TEXT(view->hearing),
        DB_TEXT(view->participant ? participant : NULL),
        DB_TEXT(view->participant ? NULL : view->account),
        DB_TEXT(kind),
        DB_TEXT(view->file),
        DB_TEXT(reason),
        DB_TEXT(view->note),
    };
    db_query(db,
             "INSERT INTO recording_view (hearing, participant, account, kind, file, reason, note)"
             " VALUES ($1, $2, $3, $4, $5, $6, $7)",
             params, 7, done,
             request_new((struct request){.callback.done = callback, .context = context}));
}

static void read_view(struct arena *arena, const struct db_result *rows, int row,
                      Assize__Record__V1__View *view)
{
    assize__record__v1__view__init(view);
    view->has_at_ms = view->has_kind = view->has_reason = true;
    view->at_ms = db_int(rows, row, 0);
    view->name = db_text_copy(arena, rows, row, 1);
    view->has_role = !db_null(rows, row, 2);
    view->role = (Assize__Hearing__V1__Role)db_enum_from_word(
        &assize__hearing__v1__role__descriptor, "ROLE_", db_text(rows, row, 2));
    view->kind = (Assize__Record__V1__ViewKind)db_enum_from_word(
        &assize__record__v1__view_kind__descriptor, "VIEW_KIND_", db_text(rows, row, 3));
    view->file = db_null(rows, row, 4) ? NULL : db_text_copy(arena, rows, row, 4);
    view->reason = (Assize__Record__V1__ViewReason)db_enum_from_word(
        &assize__record__v1__view_reason__descriptor, "VIEW_REASON_", db_text(rows, row, 5));
    view->note = db_text_copy(arena, rows, row, 6);
}

static void got_views(void *context, int error, const struct db_result *rows)
{
    Assize__Record__V1__ViewsResponse views = ASSIZE__RECORD__V1__VIEWS_RESPONSE__INIT;
    struct request *request = context;
    int found = error ? 0 : db_rows(rows);
    size_t count = (size_t)(found > RECORDING_VIEWS_MAX ? RECORDING_VIEWS_MAX : found);
    struct arena arena;

    arena_init(&arena, LIST_MEMORY_MAX);
    Assize__Record__V1__View *items = make(&arena, count, sizeof(*items));
    views.views = make(&arena, count, sizeof(*views.views));
    views.n_views = count;
    views.has_more = true;
    views.more = (size_t)found > count;
    for (size_t i = 0; i < count; i++) {
        read_view(&arena, rows, (int)i, &items[i]);
        views.views[i] = &items[i];
    }
    request->callback.views(request->context, error, error ? NULL : &views);
    arena_done(&arena);
    free(request);
}

void recording_store_views(struct db *db, const char *hearing, recording_views_callback callback,
                           void *context)
{
    char limit[NUMBER_SIZE];

    snprintf(limit, sizeof(limit), "%d", RECORDING_VIEWS_MAX + 1);
    const struct db_param params[] = {DB_TEXT(hearing), DB_TEXT(limit)};
    db_query(db,
             "SELECT (extract(epoch FROM v.at) * 1000)::bigint, person.full_name, p.role, v.kind,"
             " v.file, v.reason, v.note FROM recording_view v"
             " LEFT JOIN hearing_participant p ON p.hearing = v.hearing AND p.id = v.participant"
             " LEFT JOIN account ON account.id = v.account"
             " JOIN person ON person.id = coalesce(p.person, account.person)"
             " WHERE v.hearing = $1 ORDER BY v.id DESC LIMIT $2",
             params, 2, got_views,
             request_new((struct request){.callback.views = callback, .context = context}));
}
