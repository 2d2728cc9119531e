/* What a query was answered with, between the connection (db.c) and who reads it (db_answer.c). */
#ifndef ASSIZE_DB_DB_ANSWER_H
#define ASSIZE_DB_DB_ANSWER_H

#include <libpq-fe.h>

#include "base/arena.h"
#include "db/db.h"

enum db_format { DB_FORMAT_TEXT, DB_FORMAT_BINARY }; /* as libpq numbers them */

struct db_result {
    const PGresult *answer;
    struct arena *decoded; /* bytea values */
};

#endif
