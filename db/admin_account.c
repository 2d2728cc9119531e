#include "db/admin_account.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "db/admin_internal.h"
#include "db/db_internal.h"

enum { WORD_SIZE = 32 };

#define UNIQUE_VIOLATION "23505"
#define CHECK_VIOLATION  "23514"

Assize__Staff__V1__Role admin_account_role(const char *word)
{
    return (Assize__Staff__V1__Role)db_enum_from_word(&assize__staff__v1__role__descriptor, "ROLE_",
                                                      word);
}

void admin_account_role_word(Assize__Staff__V1__Role role, char *out, size_t size)
{
    db_enum_to_word(&assize__staff__v1__role__descriptor, "ROLE_", (int)role, out, size);
}

static int why_not_added(struct admin *admin)
{
    const char *state = direct_state(admin->direct);

    if (strcmp(state, UNIQUE_VIOLATION) == 0)
        return admin_fail(admin, -EEXIST, "There is an account with this login already.");
    if (strcmp(state, CHECK_VIOLATION) == 0)
        return admin_fail(admin, -EINVAL,
                          "A login has 1 to 64 of a-z, 0-9, dot, dash and underscore, and begins "
                          "and ends with a letter or digit; a name has 1 to 255 bytes.");
    return -EINVAL;
}

int admin_account_add(struct admin *admin, const struct admin_account *account, const char *hash)
{
    char role[WORD_SIZE];
    char *name;

    if (str_nfc(account->name, HEARING_NAME_SIZE - 1, &name))
        return admin_fail(admin, -EINVAL, "A name is too long, or is not UTF-8 text.");
    admin_account_role_word(account->role, role, sizeof(role));
    PGresult *rows = admin_ask(
        admin,
        "WITH one AS (INSERT INTO person (full_name) VALUES ($1) RETURNING id)"
        " INSERT INTO account (login, person, role, password, must_change)"
        " SELECT $2, id, $3, $4, $5 FROM one",
        (const char *[]){name, account->login, role, hash, account->must_change ? "t" : "f"}, 5);
    free(name);
    PQclear(rows);
    return rows ? 0 : why_not_added(admin);
}

/* A statement whose first row says that there is what was named. */
static int change(struct admin *admin, const char *sql, const char *const *values, int count,
                  const char *missing)
{
    PGresult *rows = admin_ask(admin, sql, values, count);

    if (!rows)
        return -EINVAL;
    bool found = PQntuples(rows) > 0;
    PQclear(rows);
    return found ? 0 : admin_fail(admin, -ENOENT, "%s", missing);
}

#define NO_ACCOUNT "There is no account with this login; `assize account list` shows them."

#define END_ALL                                                                                    \
    ", ended AS (UPDATE staff_session s SET ended_at = now() FROM one"                             \
    " WHERE s.account = one.id AND s.ended_at IS NULL)"

#define FORGIVE                                                                                    \
    ", forgiven AS (DELETE FROM sign_in_failure USING one"                                         \
    " WHERE bucket = sign_in_bucket(one.login))"

int admin_account_set_password(struct admin *admin, const char *login, const char *hash,
                               bool must_change)
{
    return change(admin,
                  "WITH one AS (UPDATE account SET password = $2, must_change = $3"
                  " WHERE login = $1 RETURNING id, login)" END_ALL FORGIVE " SELECT id FROM one",
                  (const char *[]){login, hash, must_change ? "t" : "f"}, 3, NO_ACCOUNT);
}

int admin_account_disable(struct admin *admin, const char *login)
{
    return change(admin,
                  "WITH one AS (UPDATE account SET disabled_at = coalesce(disabled_at, now())"
                  " WHERE login = $1 RETURNING id)" END_ALL " SELECT id FROM one",
                  &login, 1, NO_ACCOUNT);
}

int admin_account_enable(struct admin *admin, const char *login)
{
    return change(admin,
                  "WITH one AS (UPDATE account SET disabled_at = NULL WHERE login = $1"
                  " RETURNING id, login)" FORGIVE " SELECT id FROM one",
                  &login, 1, NO_ACCOUNT);
}

int admin_accounts(struct admin *admin,
                   void (*visit)(void *context, const struct admin_account *account), void *context)
{
    PGresult *rows = admin_ask(admin,
                               "SELECT a.login, p.full_name, a.role, a.disabled_at IS NOT NULL,"
                               " a.must_change, (SELECT count(*) FROM live_staff l"
                               " WHERE l.account = a.id)"
                               " FROM account a JOIN person p ON p.id = a.person ORDER BY a.login",
                               NULL, 0);

    if (!rows)
        return -EINVAL;
    for (int row = 0; row < PQntuples(rows); row++) {
        struct admin_account account = {
            .role = admin_account_role(PQgetvalue(rows, row, 2)),
            .disabled = admin_bool(rows, row, 3),
            .must_change = admin_bool(rows, row, 4),
            .sessions = (int)admin_int(rows, row, 5),
        };
        str_copy(account.login, sizeof(account.login), PQgetvalue(rows, row, 0));
        str_copy(account.name, sizeof(account.name), PQgetvalue(rows, row, 1));
        visit(context, &account);
    }
    PQclear(rows);
    return 0;
}

int admin_account_sessions(struct admin *admin, const char *login,
                           void (*visit)(void *context, const struct account_session_row *session),
                           void *context)
{
    int result = change(admin, "SELECT id FROM account WHERE login = $1", &login, 1, NO_ACCOUNT);
    PGresult *rows = result ? NULL : admin_ask(admin, ACCOUNT_SESSIONS_QUERY, &login, 1);

    if (!rows)
        return result ? result : -EINVAL;
    for (int row = 0; row < PQntuples(rows); row++) {
        struct account_session_row session = {
            .created_ms = admin_int(rows, row, 3),
            .seen_ms = admin_int(rows, row, 4),
            .expires_ms = admin_int(rows, row, 5),
        };
        str_copy(session.id, sizeof(session.id), PQgetvalue(rows, row, 0));
        str_copy(session.address, sizeof(session.address), PQgetvalue(rows, row, 1));
        str_copy(session.agent, sizeof(session.agent), PQgetvalue(rows, row, 2));
        visit(context, &session);
    }
    PQclear(rows);
    return 0;
}

int admin_account_end(struct admin *admin, const char *session_or_login)
{
    if (str_is_uuid(session_or_login))
        return change(admin,
                      "UPDATE staff_session SET ended_at = coalesce(ended_at, now())"
                      " WHERE id = $1 RETURNING id",
                      &session_or_login, 1, "There is no such session.");
    return change(admin,
                  "WITH one AS (SELECT id FROM account WHERE login = $1)" END_ALL
                  " SELECT id FROM one",
                  &session_or_login, 1, NO_ACCOUNT);
}
