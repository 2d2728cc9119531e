/*
 * One PostgreSQL connection on a libuv loop: libpq in pipeline mode, its socket a poll handle.
 * Queries are sent at once and answered in order; each is a transaction of its own (what belongs
 * together is one statement or one SQL function). Reconnects by itself with back-off. SQLSTATE does
 * not leave this folder.
 */
#ifndef ASSIZE_DB_DB_H
#define ASSIZE_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/arena.h"
#include "base/limits.h"

/* clang-format off */
#define DB_LIMITS(L) \
    L(DB_QUERIES_MAX, 1024, "queries", "under way at once; one more fails with -EAGAIN") \
    L(DB_ANSWER_MS, 3000, "ms", "without an answer before the connection is given up and its queries fail") \
    L(DB_PARAMS_MAX, 48, "parameters", "one query")
/* clang-format on */
LIMITS(DB_LIMITS);

struct db;

struct db_ops {
    void (*up)(void *context); /* connected and migrated to what this build needs */
    void (*down)(void *context, const char *why); /* said once an outage; why is for the log */
    /* A NOTIFY of a channel that was asked for with LISTEN. May be NULL. */
    void (*notified)(void *context, const char *channel);
};

/* A parameter: text (len 0, NUL-terminated), bytes (binary true) or NULL (data NULL). Copied by
 * db_query. */
struct db_param {
    const void *data;
    size_t len;
    bool binary;
};
#define DB_TEXT(text_)        ((struct db_param){.data = (text_)})
#define DB_BYTES(data_, len_) ((struct db_param){.data = (data_), .len = (len_), .binary = true})

/* An answer, valid during the callback. */
struct db_result;

/*
 * error: 0; -EAGAIN: the database is away, the outcome of a write is unknown; -EEXIST: a unique or
 * exclusion rule, or the optimistic sequence, said no; -ENOSPC: the database's disk is full;
 * -EINVAL: any other refusal (logged here). Always called later, never from within db_query, and
 * always in the order of the asking. result is NULL on error.
 */
typedef void (*db_callback)(void *context, int error, const struct db_result *result);

/* The loop, ops and context outlive the db. conninfo is copied. ops may be NULL: of a connection
 * beside another that is told of, nobody is. */
struct db *db_new(uv_loop_t *loop, const char *conninfo, const struct db_ops *ops, void *context);
/* Fails what is under way with -EAGAIN (callbacks run before it returns), closes and frees (after
 * the loop turned). */
void db_free(struct db *db);

bool db_is_up(const struct db *db);
void db_query(struct db *db, const char *sql, const struct db_param *params, int count,
              db_callback callback, void *context);
/*
 * The same for many rows: what comes is not turned into text and back. Of its columns db_int reads
 * integers, db_bytes bytea, db_text texts, and nothing else can be read.
 */
void db_query_binary(struct db *db, const char *sql, const struct db_param *params, int count,
                     db_callback callback, void *context);

int db_rows(const struct db_result *result);
/* The text of a value, "" for NULL. */
const char *db_text(const struct db_result *result, int row, int column);
/* The same, drawn from an arena whose cap is known to hold it. */
char *db_text_copy(struct arena *arena, const struct db_result *result, int row, int column);
bool db_null(const struct db_result *result, int row, int column);
int64_t db_int(const struct db_result *result, int row, int column);
/* A bytea value; the memory lasts as long as the result. */
const uint8_t *db_bytes(const struct db_result *result, int row, int column, size_t *ret_len);

#endif
