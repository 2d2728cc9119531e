#include "db/direct.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

struct direct {
    PGconn *conn;
    char state[6];
    char why[256];
};

static void ignore_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

struct direct *direct_open(const char *conninfo)
{
    struct direct *direct = calloc(1, sizeof(*direct));

    if (!direct)
        abort();
    direct->conn = PQconnectdb(conninfo);
    if (!direct->conn)
        abort();
    PQsetNoticeProcessor(direct->conn, ignore_notice, NULL);
    return direct;
}

void direct_close(struct direct *direct)
{
    if (!direct)
        return;
    PQfinish(direct->conn);
    free(direct);
}

bool direct_is_open(const struct direct *direct)
{
    return PQstatus(direct->conn) == CONNECTION_OK;
}

const char *direct_why(struct direct *direct)
{
    str_copy(direct->why, sizeof(direct->why), PQerrorMessage(direct->conn));
    for (char *p = direct->why; *p; p++) {
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    }
    for (size_t len = strlen(direct->why); len && direct->why[len - 1] == ' '; len--)
        direct->why[len - 1] = '\0';
    return direct->why;
}

/* The answer when it is good, else NULL with its SQLSTATE kept. */
static PGresult *judge(struct direct *direct, PGresult *answer)
{
    ExecStatusType status = PQresultStatus(answer);

    direct->state[0] = '\0';
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return answer;
    const char *state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    str_copy(direct->state, sizeof(direct->state), state ? state : "");
    PQclear(answer);
    return NULL;
}

PGresult *direct_query(struct direct *direct, const char *sql, const char *const *values, int count)
{
    return judge(direct, PQexecParams(direct->conn, sql, count, NULL, values, NULL, NULL, 0));
}

const char *direct_state(const struct direct *direct)
{
    return direct->state;
}

int direct_script(struct direct *direct, const char *sql)
{
    PGresult *answer = judge(direct, PQexec(direct->conn, sql));
    bool good = answer != NULL;

    PQclear(answer);
    return good ? 0 : -EINVAL;
}
