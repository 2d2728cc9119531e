#include "db/case_admin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/person_key.h"
#include "base/str.h"
#include "db/admin_internal.h"
#include "proto/codec.h"

enum { NUMBER_SIZE = 24, CONTEXT_SIZE = 64 };

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
    uint8_t packed[EXCHANGE_BASIS_MAX + CONTEXT_SIZE];

    context.has_valid_from_ms = record->has_valid_from;
    context.valid_from_ms = record->valid_from_ms;
    context.has_valid_to_ms = record->has_valid_to;
    context.valid_to_ms = record->valid_to_ms;
    context.legal_basis = record->legal_basis ? codec_text(record->legal_basis) : NULL;
    context.has_sensitivity = record->sensitivity != 0;
    context.sensitivity = record->sensitivity;
    context.has_corrects = record->corrects > 0;
    context.corrects = record->corrects;
    return hex_of(packed, protobuf_c_message_pack(&context.base, packed));
}

int case_admin_write(struct admin *admin, const struct case_admin_record *record, uint64_t *ret_seq)
{
    char change[ID_UUID_SIZE], op[NUMBER_SIZE], from[NUMBER_SIZE], to[NUMBER_SIZE];
    char *payload = hex_of(record->payload, record->len), *context = context_of(record);
    char *person = record->person ? hex_of(record->person, PERSON_IDENT_BYTES) : NULL;

    id_uuid(change);
    snprintf(op, sizeof(op), "%d", (int)record->op);
    snprintf(from, sizeof(from), "%" PRId64, record->valid_from_ms);
    snprintf(to, sizeof(to), "%" PRId64, record->valid_to_ms);
    PGresult *rows = admin_ask(
        admin,
        "SELECT case_write($1, id, $2, $3, $4, $5, $13, $14, $6, $7, nullif($8, ''), $9,"
        " $11), party_named($1, id::text, $5, $2, nullif($12, ''))"
        " FROM court_case WHERE (id::text = $10 OR number = $10)"
        " AND (SELECT count(*) FROM court_case WHERE id::text = $10 OR number = $10) = 1",
        (const char *[]){record->source, change, op, record->type, record->entity, payload, context,
                         record->public_id, record->status, record->case_number, person,
                         record->party_name, record->has_valid_from ? from : NULL,
                         record->has_valid_to ? to : NULL},
        14);
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

int case_admin_change(struct admin *admin, const char *case_number, uint64_t seq,
                      struct case_admin_change *ret_change)
{
    char number[NUMBER_SIZE];

    snprintf(number, sizeof(number), "%" PRIu64, seq);
    PGresult *rows = admin_ask(
        admin,
        "SELECT o.case_key, o.record_type, encode(o.payload, 'hex') FROM outbox o"
        " JOIN court_case c ON c.id = o.court_case"
        " WHERE (c.id::text = $1 OR c.number = $1) AND o.target = '' AND o.seq = $2"
        " AND o.op <> 4 AND o.kept IS NULL AND o.record_type = ANY (access_kinds('case'))",
        (const char *[]){case_number, number}, 2);
    if (!rows)
        return -EINVAL;
    bool found = PQntuples(rows) == 1;
    if (found) {
        const char *hex = PQgetvalue(rows, 0, 2);
        ret_change->len = strlen(hex) / 2;
        ret_change->payload = malloc(ret_change->len + 1);
        if (!ret_change->payload || str_from_hex(hex, ret_change->payload, ret_change->len))
            abort(); /* it is PostgreSQL's */
        str_copy(ret_change->case_key, sizeof(ret_change->case_key), PQgetvalue(rows, 0, 0));
        str_copy(ret_change->type, sizeof(ret_change->type), PQgetvalue(rows, 0, 1));
    }
    PQclear(rows);
    return found ? 0
                 : admin_fail(admin, -ENOENT,
                              "Case %s has no record %s with contents, or there are more cases of"
                              " this number; give its key.",
                              case_number, number);
}

int case_admin_redact(struct admin *admin, const struct case_admin_redaction *redaction,
                      uint64_t *ret_seq)
{
    Assize__Exchange__V1__RecordContext said = ASSIZE__EXCHANGE__V1__RECORD_CONTEXT__INIT;
    uint8_t packed[EXCHANGE_BASIS_MAX + CONTEXT_SIZE];
    char change[ID_UUID_SIZE], number[NUMBER_SIZE];

    said.has_redacts = true;
    said.redacts = redaction->seq;
    said.legal_basis = codec_text(redaction->legal_basis);
    char *context = hex_of(packed, protobuf_c_message_pack(&said.base, packed));
    char *rest = hex_of(redaction->rest, redaction->len);
    id_uuid(change);
    snprintf(number, sizeof(number), "%" PRIu64, redaction->seq);
    PGresult *rows =
        admin_ask(admin, "SELECT case_redact($1, $2, $3, $4, $5, $6, $7, $8)",
                  (const char *[]){redaction->source, redaction->case_key, number, change, rest,
                                   context, redaction->purpose, redaction->legal_basis},
                  8);
    free(context);
    free(rest);
    if (!rows)
        return -EINVAL;
    *ret_seq = (uint64_t)admin_int(rows, 0, 0);
    PQclear(rows);
    return 0;
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
