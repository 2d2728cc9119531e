#include "db/access_admin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "db/admin_internal.h"

#define GIVER "the command line"

enum { NUMBER_SIZE = 24 };

/* $3: types with commas between. */
#define TYPES "CASE WHEN $3 = 'all' THEN access_kinds($2) ELSE string_to_array($3, ',') END"

/* Words first, so that what is wrong is told by its name. */
static int check_words(struct admin *admin, const struct access_admin_right *right)
{
    PGresult *rows = admin_ask(
        admin,
        "SELECT access_kinds($2) IS NOT NULL, EXISTS (SELECT FROM access_purpose WHERE word = $1),"
        " coalesce(" TYPES " <@ access_kinds($2), true),"
        " (SELECT string_agg(word, ', ' ORDER BY word) FROM access_purpose),"
        " array_to_string(access_kinds($2), ', ')",
        (const char *[]){right->purpose, right->service, right->types}, 3);
    int result = rows ? 0 : -EINVAL;

    if (rows && !admin_bool(rows, 0, 0))
        result = admin_fail(admin, -EINVAL, "The service is case, access or exchange.");
    else if (rows && !admin_bool(rows, 0, 1))
        result = admin_fail(admin, -EINVAL, "The purpose is one of: %s.", PQgetvalue(rows, 0, 3));
    else if (rows && !admin_bool(rows, 0, 2))
        result = admin_fail(admin, -EINVAL, "The types are of: %s.", PQgetvalue(rows, 0, 4));
    PQclear(rows);
    return result;
}

/* The answer of a function that says why not. */
static int take_refusal(struct admin *admin, PGresult *rows, const struct access_admin_right *right,
                        const char *what)
{
    bool refused = rows && !PQgetisnull(rows, 0, 0);
    int result = rows ? 0 : -EINVAL;

    PQclear(rows);
    return refused ? admin_fail(admin, -ENOENT, "There is no %s %s.", what, right->client) : result;
}

int access_admin_grant(struct admin *admin, const struct access_admin_right *right,
                       int64_t until_ms)
{
    char until[NUMBER_SIZE];

    int result = check_words(admin, right);
    if (result)
        return result;
    snprintf(until, sizeof(until), "%" PRId64, until_ms);
    PGresult *rows = admin_ask(
        admin, "SELECT access_grant($1, $2, " TYPES ", $4, $5, '" GIVER "')",
        (const char *[]){right->client, right->service, right->types, right->purpose, until}, 5);
    return take_refusal(admin, rows, right, "organisation");
}

int access_admin_revoke(struct admin *admin, const struct access_admin_right *right)
{
    int result = check_words(admin, right);

    if (result)
        return result;
    PGresult *rows =
        admin_ask(admin, "SELECT access_revoke($1, $2, coalesce(" TYPES ", '{}'), $4, '" GIVER "')",
                  (const char *[]){right->client, right->service, right->types, right->purpose}, 4);
    return take_refusal(admin, rows, right, "such right of");
}

int access_admin_list(struct admin *admin, const char *client,
                      bool (*visit)(void *context, const struct access_admin_row *row),
                      void *context)
{
    PGresult *rows = admin_ask(admin,
                               "SELECT client, service, record_type, purpose, until, granted_by"
                               " FROM grant_right WHERE ($1::text IS NULL OR client = $1)"
                               " AND withdrawn_at IS NULL AND until > now()"
                               " ORDER BY client, service, purpose, record_type",
                               (const char *[]){client}, 1);
    bool more = true;

    if (!rows)
        return -EINVAL;
    for (int i = 0; more && i < PQntuples(rows); i++)
        more = visit(context, &(struct access_admin_row){
                                  .client = PQgetvalue(rows, i, 0),
                                  .service = PQgetvalue(rows, i, 1),
                                  .type = PQgetvalue(rows, i, 2),
                                  .purpose = PQgetvalue(rows, i, 3),
                                  .until = PQgetvalue(rows, i, 4),
                                  .granted_by = PQgetvalue(rows, i, 5),
                              });
    PQclear(rows);
    return 0;
}
