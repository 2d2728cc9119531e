/* PostgreSQL arrays in binary form, for queries that take the columns of many rows at once: half
 * the bytes of a literal, and nothing to be parsed. Their sizes follow from limits of the callers,
 * so running over DB_COLUMN_BYTES_MAX is a bug and aborts. */
#ifndef ASSIZE_DB_DB_COLUMN_H
#define ASSIZE_DB_DB_COLUMN_H

#include <stdint.h>

#include "base/buf.h"
#include "db/db.h"

enum { DB_COLUMN_BYTES_MAX = 16 << 20 };

/* As pg_type has them, where their numbers never change. */
enum db_column_type {
    DB_COLUMN_BYTES = 17,
    DB_COLUMN_BIGINT = 20,
    DB_COLUMN_INTEGER = 23,
    DB_COLUMN_TEXT = 25,
    DB_COLUMN_UUID = 2950
};

struct db_column {
    enum db_column_type type;
    uint32_t count;
    struct buf packed;
};

void db_column_open(struct db_column *column, enum db_column_type type);
/* The array as a parameter, valid until it is done with. */
struct db_param db_column_close(struct db_column *column);
void db_column_done(struct db_column *column);

void db_column_add_null(struct db_column *column);
void db_column_add_bytes(struct db_column *column, const uint8_t *data, size_t len);
/* Of either width; who adds to a column of INTEGER has checked that it fits. */
void db_column_add_int(struct db_column *column, int64_t value);
/* Text, or a UUID in text form; NULL is null. */
void db_column_add_text(struct db_column *column, const char *text);

#endif
