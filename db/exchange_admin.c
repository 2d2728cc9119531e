#include "db/exchange_admin.h"

#include <errno.h>

#include "base/str.h"
#include "db/admin_internal.h"

int exchange_admin_admit(struct admin *admin, const char *organisation,
                         const uint8_t spki[static SHA256_BYTES], bool agency)
{
    char hex[2 + SHA256_HEX_SIZE] = "\\x";

    str_hex(spki, SHA256_BYTES, hex + 2);
    PGresult *rows = admin_ask(admin,
                               "INSERT INTO organisation (code, spki, kind) VALUES ($1, $2, $3)"
                               " ON CONFLICT (code) DO UPDATE SET spki = excluded.spki,"
                               " kind = excluded.kind, withdrawn_at = NULL",
                               (const char *[]){organisation, hex, agency ? "agency" : "court"}, 3);
    PQclear(rows);
    return rows ? 0 : -EINVAL;
}

int exchange_admin_outbox(struct admin *admin,
                          bool (*visit)(void *context, const struct exchange_admin_row *row),
                          void *context)
{
    PGresult *rows =
        admin_ask(admin,
                  "SELECT coalesce(c.number, o.target || ' ' || o.case_key), o.hearing, o.seq, "
                  "o.recorded_ms, o.received_ms, o.receipt_id,"
                  " o.refused FROM outbox o LEFT JOIN court_case c ON c.id = o.court_case"
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
