#include "db/exchange_admin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/p256.h"
#include "base/str.h"
#include "db/admin_internal.h"

enum { KEY_TEXT_SIZE = 2 * P256_PUBLIC_MAX + 3, NUMBER_SIZE = 24 };

int exchange_admin_admit(struct admin *admin, const char *organisation, const char *kind,
                         const struct exchange_admin_key *key, bool alone)
{
    char hex[KEY_TEXT_SIZE] = "\\x", ends[NUMBER_SIZE];

    if (key->len > P256_PUBLIC_MAX)
        return admin_fail(admin, -EINVAL, "The key is larger than one of P-256.");
    str_hex(key->public_key, key->len, hex + 2);
    snprintf(ends, sizeof(ends), "%" PRId64, key->ends_s);
    PGresult *rows =
        admin_ask(admin, "SELECT organisation_admit($1, $2, $3, $4, $5)",
                  (const char *[]){organisation, kind, hex, ends, alone ? "true" : "false"}, 5);
    PQclear(rows);
    return rows ? 0 : -EINVAL;
}

int exchange_admin_name(struct admin *admin, const char *organisation, const char *name)
{
    PGresult *rows =
        admin_ask(admin, "UPDATE organisation SET name = $2 WHERE code = $1 RETURNING code",
                  (const char *[]){organisation, name}, 2);
    int count = rows ? PQntuples(rows) : 0;
    PQclear(rows);
    if (rows && !count)
        return admin_fail(admin, -ENOENT, "No organisation of this code was admitted here.");
    return rows ? 0 : -EINVAL;
}

int exchange_admin_keys(struct admin *admin,
                        bool (*visit)(void *context, const struct exchange_admin_known *key),
                        void *context)
{
    PGresult *rows = admin_ask(
        admin,
        "SELECT o.code, CASE WHEN o.center THEN 'center' ELSE o.kind END, encode(k.spki, 'hex'),"
        " coalesce((extract(epoch FROM k.ends_at) * 1000)::bigint, 0), k.revoked_at IS NOT NULL,"
        " coalesce(k.revoked_why, '') FROM organisation_key k"
        " JOIN organisation o ON o.code = k.organisation ORDER BY o.code, k.admitted_at DESC",
        NULL, 0);
    bool more = true;

    if (!rows)
        return -EINVAL;
    for (int i = 0; more && i < PQntuples(rows); i++) {
        struct exchange_admin_known key = {.organisation = PQgetvalue(rows, i, 0),
                                           .kind = PQgetvalue(rows, i, 1),
                                           .ends_ms = admin_int(rows, i, 3),
                                           .revoked = admin_bool(rows, i, 4),
                                           .why = PQgetvalue(rows, i, 5)};
        more =
            !str_from_hex(PQgetvalue(rows, i, 2), key.spki, SHA256_BYTES) && visit(context, &key);
    }
    PQclear(rows);
    return 0;
}

int exchange_admin_revoke(struct admin *admin, const uint8_t spki[static SHA256_BYTES],
                          const char *why)
{
    char hex[2 + SHA256_HEX_SIZE] = "\\x";

    str_hex(spki, SHA256_BYTES, hex + 2);
    PGresult *rows = admin_ask(admin,
                               "UPDATE organisation_key SET revoked_at = now(), revoked_why = $2"
                               " WHERE spki = $1 AND revoked_at IS NULL RETURNING organisation",
                               (const char *[]){hex, why}, 2);
    int count = rows ? PQntuples(rows) : 0;
    PQclear(rows);
    if (rows && !count)
        return admin_fail(admin, -ENOENT, "This key is revoked already.");
    return rows ? 0 : -EINVAL;
}

/* The number that a statement gives. */
static int ask_number(struct admin *admin, const char *sql, int64_t *out)
{
    PGresult *rows = admin_ask(admin, sql, NULL, 0);
    int result = !rows ? -EINVAL : PQntuples(rows) && !PQgetisnull(rows, 0, 0) ? 0 : -ENOENT;

    if (!result)
        *out = admin_int(rows, 0, 0);
    PQclear(rows);
    return result;
}

int exchange_admin_restored(struct admin *admin, int64_t *ret_batch)
{
    return ask_number(
        admin,
        "INSERT INTO restored (last_batch) SELECT coalesce(max(batch_no), 0)"
        " FROM outbox_batch WHERE target = '' AND root IS NOT NULL RETURNING last_batch",
        ret_batch);
}

int exchange_admin_waits(struct admin *admin, int64_t *ret_batch)
{
    return ask_number(admin, "SELECT outbox_restored()", ret_batch);
}

int exchange_admin_returns(struct admin *admin, const char *center, const char *organisation,
                           int64_t batch, const char *legal_basis, char **ret_json)
{
    char number[NUMBER_SIZE];

    snprintf(number, sizeof(number), "%" PRId64, batch);
    PGresult *rows = admin_ask(admin, "SELECT exchange_give_back($1, $2, $3, $4)",
                               (const char *[]){center, organisation, number, legal_basis}, 4);
    bool known = rows && !PQgetisnull(rows, 0, 0);

    if (known) {
        *ret_json = strdup(PQgetvalue(rows, 0, 0));
        if (!*ret_json)
            abort();
    }
    PQclear(rows);
    if (rows && !known)
        return admin_fail(admin, -ENOENT, "There is no organisation %s.", organisation);
    return rows ? 0 : -EINVAL;
}

int exchange_admin_take_back(struct admin *admin, const char *records, int64_t cursor,
                             const char *root, struct exchange_admin_taken *out)
{
    char number[NUMBER_SIZE];

    snprintf(number, sizeof(number), "%" PRId64, cursor);
    PGresult *rows = admin_ask(
        admin, "SELECT taken, renumbered, unknown FROM outbox_take_back($1, $2, decode($3, 'hex'))",
        (const char *[]){records, number, root}, 3);
    if (!rows)
        return -EINVAL;
    *out = (struct exchange_admin_taken){admin_int(rows, 0, 0), admin_int(rows, 0, 1),
                                         admin_int(rows, 0, 2)};
    PQclear(rows);
    return 0;
}

int exchange_admin_outbox(struct admin *admin,
                          bool (*visit)(void *context, const struct exchange_admin_row *row),
                          void *context)
{
    PGresult *rows =
        admin_ask(admin,
                  "SELECT coalesce(c.number, o.target || ' ' || o.case_key), o.hearing, o.seq, "
                  "o.recorded_ms, o.received_ms, o.receipt_id,"
                  " o.refused FROM outbox_state o LEFT JOIN court_case c ON c.id = o.court_case"
                  " ORDER BY o.number DESC LIMIT 1000",
                  NULL, 0);
    bool more = true;

    if (!rows)
        return -EINVAL;
    for (int i = 0; more && i < PQntuples(rows); i++)
        more = visit(context, &(struct exchange_admin_row){
                                  .case_number = PQgetvalue(rows, i, 0),
                                  .hearing = PQgetvalue(rows, i, 1),
                                  .seq = (uint64_t)admin_int(rows, i, 2),
                                  .recorded_ms = admin_int(rows, i, 3),
                                  .received_ms = admin_int(rows, i, 4),
                                  .receipt = PQgetvalue(rows, i, 5),
                                  .refused = PQgetvalue(rows, i, 6),
                              });
    PQclear(rows);
    return 0;
}

/* ---- off the line ---- */

int exchange_admin_disconnect(struct admin *admin, int64_t seconds, const char *who,
                              const char *why, int64_t *ret_until_ms)
{
    char number[NUMBER_SIZE];

    snprintf(number, sizeof(number), "%" PRId64, seconds);
    PGresult *rows = admin_ask(
        admin, "SELECT (extract(epoch FROM exchange_disconnect($1, $2, $3)) * 1000)::bigint",
        (const char *[]){number, who, why}, 3);
    if (rows)
        *ret_until_ms = admin_int(rows, 0, 0);
    PQclear(rows);
    return rows ? 0 : -EINVAL;
}

int exchange_admin_connect(struct admin *admin, const char *who)
{
    PGresult *rows = admin_ask(admin, "SELECT exchange_connect($1)", (const char *[]){who}, 1);
    bool held = rows && admin_bool(rows, 0, 0);

    PQclear(rows);
    if (rows && !held)
        return admin_fail(admin, -ENOENT, "This court is not disconnected from its centre.");
    return rows ? 0 : -EINVAL;
}

int exchange_admin_disconnections(struct admin *admin,
                                  bool (*visit)(void *context,
                                                const struct exchange_admin_disconnection *one),
                                  void *context)
{
    PGresult *rows =
        admin_ask(admin,
                  "SELECT (extract(epoch FROM began_at) * 1000)::bigint,"
                  " (extract(epoch FROM until) * 1000)::bigint,"
                  " (extract(epoch FROM coalesce(ended_at, until)) * 1000)::bigint, who, why,"
                  " coalesce(ended_by, ''), ended_at IS NULL AND until > clock_timestamp()"
                  " FROM disconnection ORDER BY number DESC LIMIT 20",
                  NULL, 0);
    bool more = true;

    if (!rows)
        return -EINVAL;
    for (int i = 0; more && i < PQntuples(rows); i++)
        more = visit(context, &(struct exchange_admin_disconnection){
                                  .began_ms = admin_int(rows, i, 0),
                                  .until_ms = admin_int(rows, i, 1),
                                  .ended_ms = admin_int(rows, i, 2),
                                  .who = PQgetvalue(rows, i, 3),
                                  .why = PQgetvalue(rows, i, 4),
                                  .ended_by = PQgetvalue(rows, i, 5),
                                  .holds = admin_bool(rows, i, 6),
                              });
    PQclear(rows);
    return 0;
}

int exchange_admin_totals(struct admin *admin, struct exchange_admin_totals *out)
{
    char most[NUMBER_SIZE];

    snprintf(most, sizeof(most), "%d", EXCHANGE_ADMIN_TOTAL_MAX);
    PGresult *rows =
        admin_ask(admin,
                  "SELECT waiting, sent, returned, coalesce((SELECT received_ms FROM outbox_batch"
                  " WHERE target = '' AND root IS NOT NULL ORDER BY batch_no DESC LIMIT 1), 0)"
                  " FROM case_change_totals($1)",
                  (const char *[]){most}, 1);
    if (!rows)
        return -EINVAL;
    *out = (struct exchange_admin_totals){admin_int(rows, 0, 0), admin_int(rows, 0, 1),
                                          admin_int(rows, 0, 2), admin_int(rows, 0, 3)};
    PQclear(rows);
    return 0;
}
