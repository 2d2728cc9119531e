#include "db/case_admin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/person_key.h"
#include "base/str.h"
#include "db/admin_internal.h"
#include "db/exchange_store.h"

enum { NUMBER_SIZE = 24, CONTEXT_SIZE = 32 };

/* bytea in text form, for free(). */
static char *hex_of(const uint8_t *data, size_t len)
{
    char *hex = malloc(2 * len + 3);

    if (!hex)
        abort();
    memcpy(hex, "\\x", 2);
    str_hex(data, len, hex + 2);
    return hex;
}

static char *context_of(const struct case_admin_record *record)
{
    Assize__Exchange__V1__RecordContext context = ASSIZE__EXCHANGE__V1__RECORD_CONTEXT__INIT;
    uint8_t packed[CONTEXT_SIZE];

    context.has_corrects = record->corrects > 0;
    context.corrects = record->corrects;
    return hex_of(packed, protobuf_c_message_pack(&context.base, packed));
}

int case_admin_write(struct admin *admin, const struct case_admin_record *record, uint64_t *ret_seq)
{
    char change[ID_UUID_SIZE], op[NUMBER_SIZE];
    char *payload = hex_of(record->payload, record->len), *context = context_of(record);
    char *person = record->person ? hex_of(record->person, PERSON_IDENT_BYTES) : NULL;

    id_uuid(change);
    snprintf(op, sizeof(op), "%d", (int)record->op);
    PGresult *rows = admin_ask(
        admin,
        "SELECT case_write($1, id, $2, $3, $4, $5, NULL, NULL, $6, $7, nullif($8, ''), $9,"
        " $11), party_named($1, id::text, $5, $2, nullif($12, ''))"
        " FROM court_case WHERE (id::text = $10 OR number = $10)"
        " AND (SELECT count(*) FROM court_case WHERE id::text = $10 OR number = $10) = 1",
        (const char *[]){record->source, change, op, record->type, record->entity, payload, context,
                         record->public_id, record->status, record->case_number, person,
                         record->party_name},
        12);
    free(person);
    free(payload);
    free(context);
    if (!rows)
        return -EINVAL;
    bool found = PQntuples(rows) == 1;
    *ret_seq = found ? (uint64_t)admin_int(rows, 0, 0) : 0;
    PQclear(rows);
    return found
               ? 0
               : admin_fail(admin, -ENOENT, "There is no case %s, or more than one; give its key.",
                            record->case_number);
}

int case_admin_make(struct admin *admin, const char *court, const char *number, const char *title,
                    bool *ret_empty)
{
    PGresult *rows = admin_ask(
        admin,
        "WITH its_court AS ("
        " INSERT INTO court (name) VALUES ($1)"
        " ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id"
        "), made AS ("
        " INSERT INTO court_case (court, number, title, demo) SELECT id, $2, $3, true FROM "
        "its_court"
        " ON CONFLICT (court, number) DO UPDATE SET number = excluded.number RETURNING id"
        ") SELECT NOT EXISTS (SELECT FROM case_file WHERE case_key = made.id::text) FROM made",
        (const char *[]){court, number, title}, 3);

    if (!rows)
        return -EINVAL;
    *ret_empty = admin_bool(rows, 0, 0);
    PQclear(rows);
    return 0;
}

int case_admin_show(struct admin *admin, const char *source, const char *key, const char *valid_at,
                    const char *known_at,
                    bool (*visit)(void *context, const struct case_admin_row *row), void *context)
{
    PGresult *rows = admin_ask(admin,
                               "SELECT kind, entity, seq, valid, known FROM case_as_of($1, $2,"
                               " coalesce($3::timestamptz, now()), coalesce($4::timestamptz,"
                               " now()))",
                               (const char *[]){source, key, valid_at, known_at}, 4);
    bool more = true;

    if (!rows)
        return -EINVAL;
    for (int i = 0; more && i < PQntuples(rows); i++)
        more = visit(context, &(struct case_admin_row){
                                  .kind = PQgetvalue(rows, i, 0),
                                  .entity = PQgetvalue(rows, i, 1),
                                  .seq = (uint64_t)admin_int(rows, i, 2),
                                  .valid = PQgetvalue(rows, i, 3),
                                  .known = PQgetvalue(rows, i, 4),
                              });
    PQclear(rows);
    return 0;
}
