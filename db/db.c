#include "db/db.h"

#include <assert.h>
#include <errno.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "db/db_answer.h"
#include "db/durable.h"
#include "db/migrate.h"

enum { BACK_OFF_LEAST_MS = 100, BACK_OFF_MOST_MS = 2000, WHY_SIZE = 256 };

enum db_state {
    DB_STATE_WAITING,    /* no connection; the timer starts the next try */
    DB_STATE_CONNECTING, /* libpq is shaking hands */
    DB_STATE_CHECKING,   /* connected; what schema is there and whether it keeps what it commits is
                            asked */
    DB_STATE_UP,         /* queries are taken */
    DB_STATE_CLOSED      /* db_free was called; memory goes when its handles are closed */
};

/* A question that was sent and not yet answered, or that was refused and is told so once those
 * before it are answered, in the next turn of the loop at the earliest. */
struct query {
    struct query *next;
    bool refused;
    db_callback callback;
    void *context;
    PGresult *answer; /* until its sync point arrives */
};

/* libpq may change its socket while it connects, so each poll handle is short-lived and freed by
 * its own close. */
struct db {
    enum db_state state;
    uv_loop_t *loop;
    char *conninfo;
    const struct db_ops *ops;
    void *context;
    PGconn *conn;
    uv_poll_t *poll;
    uv_timer_t timer; /* waiting: the next try; connected: the answer is late */
    uv_timer_t soon;  /* tells the refused queries that nothing was sent before */
    int open_handles;
    int back_off_ms;
    bool told_down;
    bool told_unsafe;    /* since it was up last */
    struct query *first; /* in the order of the asking, in which they are told */
    struct query **end;
    int count;
    int sent; /* of them; the others are refused */
};

static void try_connect(struct db *db);
static void give_up(struct db *db, const char *why);

static void add_query(struct db *db, struct query *query)
{
    *db->end = query;
    db->end = &query->next;
    db->count++;
    db->sent += !query->refused;
}

static struct query *take_first(struct db *db)
{
    struct query *query = db->first;

    db->first = query->next;
    if (!db->first)
        db->end = &db->first;
    db->count--;
    db->sent -= !query->refused;
    return query;
}

static struct query *query_new(db_callback callback, void *context)
{
    struct query *query = calloc(1, sizeof(*query));

    if (!query)
        abort();
    query->callback = callback;
    query->context = context;
    return query;
}

static void query_finish(struct query *query, int error, const struct db_result *result)
{
    query->callback(query->context, error, result);
    PQclear(query->answer);
    free(query);
}

/* Only the queries that are there now: a callback may ask again, or free the db. */
static void fail_all(struct db *db)
{
    for (int left = db->count; left > 0 && db->first; left--)
        query_finish(take_first(db), -EAGAIN, NULL);
}

/* The same, up to the first that was sent. */
static void fail_refused(struct db *db)
{
    for (int left = db->count; left > 0 && db->first && db->first->refused; left--)
        query_finish(take_first(db), -EAGAIN, NULL);
}

static void tell_refused(uv_timer_t *timer)
{
    fail_refused(timer->data);
}

static void tell_refused_soon(struct db *db)
{
    if (db->state != DB_STATE_CLOSED && db->first && db->first->refused)
        uv_timer_start(&db->soon, tell_refused, 0, 0);
}

/* ---- what an SQLSTATE means ---- */

static int error_from_sqlstate(const char *state)
{
    if (strcmp(state, "23505") == 0 || strcmp(state, "23P01") == 0 || strcmp(state, "AS001") == 0)
        return -EEXIST;
    if (strcmp(state, "53100") == 0)
        return -ENOSPC;
    /* Connection lost, transaction rolled back, resources short, operator's intervention, system
     * error, read-only. */
    static const char *const away[] = {"08", "40", "53", "57", "58", "25006"};
    for (size_t i = 0; i < sizeof(away) / sizeof(away[0]); i++) {
        if (strncmp(state, away[i], strlen(away[i])) == 0)
            return -EAGAIN;
    }
    return -EINVAL;
}

static int error_from_answer(const PGresult *answer)
{
    ExecStatusType status = PQresultStatus(answer);

    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return 0;
    const char *state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    if (!state)
        return -EAGAIN;
    int error = error_from_sqlstate(state);
    if (error == -EINVAL) {
        const char *rule = PQresultErrorField(answer, PG_DIAG_CONSTRAINT_NAME);
        const char *text = PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
        log_error("db.refused", "sqlstate=%s rule=%s", state, log_quote(rule).text);
        log_debug("db.refused", "message=%s",
                  log_quote(text).text); /* may hold what a person wrote */
    }
    return error;
}

/* ---- the socket and the timers ---- */

static void handle_closed(uv_handle_t *handle)
{
    struct db *db = handle->data;

    if (--db->open_handles > 0)
        return;
    free(db->conninfo);
    free(db);
}

static void poll_closed(uv_handle_t *handle)
{
    handle_closed(handle);
    free(handle);
}

static void unwatch(struct db *db)
{
    if (!db->poll)
        return;
    uv_close((uv_handle_t *)db->poll, poll_closed);
    db->poll = NULL;
}

static int watch(struct db *db, int events, uv_poll_cb callback)
{
    unwatch(db);
    db->poll = calloc(1, sizeof(*db->poll));
    if (!db->poll)
        abort();
    int result = uv_poll_init(db->loop, db->poll, PQsocket(db->conn));
    if (result) {
        free(db->poll);
        db->poll = NULL;
        return result;
    }
    db->poll->data = db;
    db->open_handles++;
    return uv_poll_start(db->poll, events, callback);
}

static void answer_is_late(uv_timer_t *timer)
{
    give_up(timer->data, "no answer in time");
}

static void await_answer(struct db *db)
{
    if (db->sent > 0)
        uv_timer_start(&db->timer, answer_is_late, DB_ANSWER_MS, 0);
    else
        uv_timer_stop(&db->timer);
}

/* ---- the connection goes ---- */

static void next_try(uv_timer_t *timer)
{
    try_connect(timer->data);
}

static void drop_connection(struct db *db)
{
    uv_timer_stop(&db->timer);
    unwatch(db);
    PQfinish(db->conn);
    db->conn = NULL;
}

static void give_up(struct db *db, const char *why)
{
    char kept[WHY_SIZE];

    str_copy(kept, sizeof(kept), why); /* why may be libpq's own text of the connection */
    drop_connection(db);
    db->state = DB_STATE_WAITING;
    uv_timer_start(&db->timer, next_try, (uint64_t)db->back_off_ms, 0);
    db->back_off_ms =
        db->back_off_ms * 2 < BACK_OFF_MOST_MS ? db->back_off_ms * 2 : BACK_OFF_MOST_MS;
    if (!db->told_down) {
        db->told_down = true;
        if (db->ops)
            db->ops->down(db->context, kept);
    }
    fail_all(db);
    tell_refused_soon(db); /* those asked meanwhile */
}

/* ---- questions and answers ---- */

static void on_socket(uv_poll_t *poll, int status, int events);

/* Sends what libpq holds; what the socket does not take now goes when it is writable. */
static void flush(struct db *db)
{
    int more = PQflush(db->conn);

    if (more < 0)
        give_up(db, PQerrorMessage(db->conn));
    else
        uv_poll_start(db->poll, UV_READABLE | (more ? UV_WRITABLE : 0), on_socket);
}

/* Tells the oldest query that was sent, those refused before it first. The callbacks may ask again
 * or free the db. */
static void answer_oldest(struct db *db)
{
    fail_refused(db);
    if (!db->first)
        return;
    struct query *query = take_first(db);
    struct arena decoded;
    struct db_result result = {query->answer, &decoded};

    await_answer(db);
    /* No cap: it holds what is in memory already, at half the size. */
    arena_init(&decoded, SIZE_MAX / 2);
    int error = query->answer ? error_from_answer(query->answer) : -EAGAIN;
    query_finish(query, error, error ? NULL : &result);
    arena_done(&decoded);
    tell_refused_soon(db);
}

static struct query *oldest_sent(const struct db *db)
{
    struct query *query = db->first;

    while (query->refused)
        query = query->next;
    return query;
}

/* One part of an answer: its rows, or the sync point that ends its transaction. An error after the
 * rows is of the commit: what the rows say did not come to be. */
static void take_part(struct db *db, PGresult *part)
{
    struct query *oldest = oldest_sent(db);

    if (PQresultStatus(part) == PGRES_PIPELINE_SYNC) {
        PQclear(part);
        answer_oldest(db);
    } else if (!oldest->answer || PQresultStatus(part) == PGRES_FATAL_ERROR) {
        PQclear(oldest->answer);
        oldest->answer = part;
    } else {
        PQclear(part);
    }
}

static void read_answers(struct db *db)
{
    int ends = 0; /* NULL parts the rows from the sync point; two in a row mean that nothing more is
                     there */

    while (db->conn && db->sent > 0 && ends < 2 && !PQisBusy(db->conn)) {
        PGresult *part = PQgetResult(db->conn);
        ends = part ? 0 : ends + 1;
        if (part)
            take_part(db, part);
    }
}

static void read_notifications(struct db *db)
{
    PGnotify *notify;

    while (db->conn && (notify = PQnotifies(db->conn))) {
        if (db->ops && db->ops->notified)
            db->ops->notified(db->context, notify->relname);
        PQfreemem(notify);
    }
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct db *db = poll->data;

    if (db->poll != poll)
        return;
    if (status < 0) {
        give_up(db, uv_err_name(status));
        return;
    }
    if (events & UV_READABLE) {
        int good = PQconsumeInput(db->conn);
        read_answers(db);
        read_notifications(db);
        if (db->poll != poll)
            return;
        if (!good || PQstatus(db->conn) == CONNECTION_BAD) {
            give_up(db, PQerrorMessage(db->conn));
            return;
        }
    }
    flush(db);
}

static int send_query(struct db *db, const char *sql, const struct db_param *params, int count,
                      enum db_format format)
{
    const char *values[DB_PARAMS_MAX];
    int lengths[DB_PARAMS_MAX];
    int formats[DB_PARAMS_MAX];

    assert(count >= 0 && count <= DB_PARAMS_MAX);
    for (int i = 0; i < count; i++) {
        values[i] = params[i].data;
        lengths[i] = (int)params[i].len;
        formats[i] = params[i].binary;
    }
    return PQsendQueryParams(db->conn, sql, count, NULL, values, lengths, formats, (int)format) &&
           PQpipelineSync(db->conn);
}

static void refuse(struct db *db, struct query *query)
{
    query->refused = true;
    add_query(db, query);
    tell_refused_soon(db);
}

static void ask(struct db *db, const char *sql, const struct db_param *params, int count,
                enum db_format format, struct query *query)
{
    if (!send_query(db, sql, params, count, format)) {
        refuse(db, query); /* the broken connection shows at its socket */
        return;
    }
    add_query(db, query);
    if (db->sent == 1)
        await_answer(db);
    /* An error is left for the loop to find: give_up would run callbacks inside db_query. */
    if (PQflush(db->conn))
        uv_poll_start(db->poll, UV_READABLE | UV_WRITABLE, on_socket);
}

static void query(struct db *db, const char *sql, const struct db_param *params, int count,
                  enum db_format format, struct query *asked)
{
    if (db->state != DB_STATE_UP || db->sent >= DB_QUERIES_MAX)
        refuse(db, asked);
    else
        ask(db, sql, params, count, format, asked);
}

void db_query(struct db *db, const char *sql, const struct db_param *params, int count,
              db_callback callback, void *context)
{
    query(db, sql, params, count, DB_FORMAT_TEXT, query_new(callback, context));
}

void db_query_binary(struct db *db, const char *sql, const struct db_param *params, int count,
                     db_callback callback, void *context)
{
    query(db, sql, params, count, DB_FORMAT_BINARY, query_new(callback, context));
}

/* ---- connecting ---- */

/* The connection went, or its answer shows that it is not one to be used. */
static bool goes_wrong(struct db *db, int error, bool good, const char *why)
{
    if (db->state != DB_STATE_CHECKING)
        return true; /* the connection went first */
    if (error == -EAGAIN)
        give_up(db, "the connection broke");
    else if (error || !good)
        give_up(db, why);
    return error || !good;
}

static void go_up(struct db *db)
{
    db->state = DB_STATE_UP;
    db->back_off_ms = BACK_OFF_LEAST_MS;
    db->told_down = db->told_unsafe = false;
    if (db->ops)
        db->ops->up(db->context);
}

/* A database that came back with other settings is down already for whoever was told, so the reason
 * is said here. */
static void checked_durable(void *context, int error, const struct db_result *result)
{
    struct db *db = context;
    const char *set = error ? "" : db_text(result, 0, 0);
    bool may_lose = !error && strcmp(db_text(result, 0, 1), "t") == 0;

    if (*set && may_lose)
        log_warn("database.unsafe", "used=true set=%s", log_quote(set).text);
    else if (*set && !db->told_unsafe)
        log_error("database.unsafe", "used=false set=%s", log_quote(set).text);
    if (!error)
        db->told_unsafe = *set;
    if (!goes_wrong(db, error, !*set || may_lose, "it may lose what it has acknowledged"))
        go_up(db);
}

static void checked_schema(void *context, int error, const struct db_result *result)
{
    struct db *db = context;

    goes_wrong(db, error, !error && db_int(result, 0, 0) == migrate_latest(),
               "its schema is not the one of this build; `assize migrate` brings it there");
}

static void check(struct db *db)
{
    if (PQsetnonblocking(db->conn, 1) || !PQenterPipelineMode(db->conn) ||
        watch(db, UV_READABLE, on_socket)) {
        give_up(db, PQerrorMessage(db->conn));
        return;
    }
    db->state = DB_STATE_CHECKING;
    ask(db, "SELECT max(number) FROM schema_migration", NULL, 0, DB_FORMAT_TEXT,
        query_new(checked_schema, db));
    ask(db, DURABLE_QUERY, NULL, 0, DB_FORMAT_TEXT, query_new(checked_durable, db));
}

static void on_connecting(uv_poll_t *poll, int status, int events);

/* Before every step the poll handle is closed, for the step may close the socket and open another
 * of the same number. */
static void connect_step(struct db *db)
{
    unwatch(db);
    PostgresPollingStatusType wants = PQconnectPoll(db->conn);
    int result = 0;

    if (wants == PGRES_POLLING_OK)
        check(db);
    else if (wants == PGRES_POLLING_READING)
        result = watch(db, UV_READABLE, on_connecting);
    else if (wants == PGRES_POLLING_WRITING)
        result = watch(db, UV_WRITABLE, on_connecting);
    else
        give_up(db, PQerrorMessage(db->conn));
    if (result)
        give_up(db, uv_err_name(result));
}

static void on_connecting(uv_poll_t *poll, int status, int events)
{
    struct db *db = poll->data;

    (void)status; /* libpq finds out by itself, and says it better */
    (void)events;
    if (db->poll == poll)
        connect_step(db);
}

static void ignore_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

static void try_connect(struct db *db)
{
    db->state = DB_STATE_CONNECTING;
    db->conn = PQconnectStart(db->conninfo);
    if (!db->conn)
        abort();
    PQsetNoticeProcessor(db->conn, ignore_notice, NULL);
    uv_timer_start(&db->timer, answer_is_late, DB_ANSWER_MS, 0);
    int result = 0;
    if (PQstatus(db->conn) == CONNECTION_BAD)
        give_up(db, PQerrorMessage(db->conn));
    else
        result = watch(db, UV_WRITABLE, on_connecting);
    if (result)
        give_up(db, uv_err_name(result));
}

static void start_timer(struct db *db, uv_timer_t *timer)
{
    uv_timer_init(db->loop, timer);
    timer->data = db;
    db->open_handles++;
}

struct db *db_new(uv_loop_t *loop, const char *conninfo, const struct db_ops *ops, void *context)
{
    struct db *db = calloc(1, sizeof(*db));

    if (!db)
        abort();
    db->conninfo = strdup(conninfo);
    if (!db->conninfo)
        abort();
    db->loop = loop;
    db->ops = ops;
    db->context = context;
    db->state = DB_STATE_WAITING;
    db->back_off_ms = BACK_OFF_LEAST_MS;
    db->end = &db->first;
    start_timer(db, &db->timer);
    start_timer(db, &db->soon);
    uv_timer_start(&db->timer, next_try, 0, 0);
    return db;
}

void db_free(struct db *db)
{
    if (!db)
        return;
    db->state = DB_STATE_CLOSED;
    drop_connection(db);
    while (db->first)
        fail_all(db);
    uv_close((uv_handle_t *)&db->timer, handle_closed);
    uv_close((uv_handle_t *)&db->soon, handle_closed);
}

bool db_is_up(const struct db *db)
{
    return db->state == DB_STATE_UP;
}
