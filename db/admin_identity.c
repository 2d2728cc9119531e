#include "db/admin_identity.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "db/admin_internal.h"

enum { NUMBER_SIZE = 16 };

int admin_describe(struct admin *admin, const char *hearing, const struct admin_details *details)
{
    char participant[NUMBER_SIZE];
    const char *const values[] = {
        hearing,
        participant,
        details->summons,
        details->date_of_birth,
        details->personal_number,
        details->residence,
        details->document,
    };

    snprintf(participant, sizeof(participant), "%" PRIu32, details->participant);
    PGresult *rows = admin_ask(admin,
                               "SELECT seat_describe($1, $2, $3, NULL, $4, $5, $6, $7)"
                               " FROM hearing_participant WHERE hearing = $1 AND id = $2",
                               values, 7);
    bool good = rows && PQntuples(rows) == 1 && PQgetisnull(rows, 0, 0);
    PQclear(rows);
    return good ? 0 : -EINVAL;
}

/* ---- records ---- */

/* The bytes of a value, for PQfreemem. */
static ProtobufCBinaryData read_bytes(const PGresult *rows, int row, int column)
{
    ProtobufCBinaryData bytes;

    bytes.data = PQunescapeBytea((const unsigned char *)PQgetvalue(rows, row, column), &bytes.len);
    return bytes;
}

static void read_attestation(const PGresult *rows, int row, struct admin_identity *identity,
                             struct ceremony_record *record)
{
    struct ceremony_attestation *made = &record->attestations[record->count];

    *made = (struct ceremony_attestation){
        .attestation = read_bytes(rows, row, 5),
        .public_key = read_bytes(rows, row, 6),
        .signature = read_bytes(rows, row, 7),
        .name = PQgetvalue(rows, row, 9),
    };
    str_copy(made->id, sizeof(made->id), PQgetvalue(rows, row, 4));
    str_copy(identity->accounts[record->count], ID_UUID_SIZE, PQgetvalue(rows, row, 8));
    record->count++;
}

static void forget(struct ceremony_record *record)
{
    PQfreemem(record->facts.data);
    for (uint32_t i = 0; i < record->count; i++) {
        PQfreemem(record->attestations[i].attestation.data);
        PQfreemem(record->attestations[i].public_key.data);
        PQfreemem(record->attestations[i].signature.data);
    }
}

/* Rows from `row` on that are of one record; the row after them. */
static int visit_record(const PGresult *rows, int row, const char *hearing,
                        void (*visit)(void *context, const struct admin_identity *identity),
                        void *context)
{
    struct ceremony_record record = {.facts = read_bytes(rows, row, 3)};
    struct admin_identity identity = {.hearing = hearing,
                                      .participant = (uint32_t)admin_int(rows, row, 1),
                                      .person = PQgetvalue(rows, row, 2),
                                      .record = &record};

    str_copy(record.id, sizeof(record.id), PQgetvalue(rows, row, 0));
    for (; row < PQntuples(rows) && strcmp(PQgetvalue(rows, row, 0), record.id) == 0; row++) {
        if (record.count < CEREMONY_ATTESTATIONS_MAX)
            read_attestation(rows, row, &identity, &record);
    }
    visit(context, &identity);
    forget(&record);
    return row;
}

int admin_identities(struct admin *admin, const char *hearing,
                     void (*visit)(void *context, const struct admin_identity *identity),
                     void *context)
{
    PGresult *rows = admin_ask(admin,
                               "SELECT r.id, r.participant, r.person, r.facts, a.id, a.attestation,"
                               " a.public_key, a.signature, k.account, person.full_name"
                               " FROM identity_record r"
                               " JOIN identity_attestation a ON a.record = r.id"
                               " LEFT JOIN signing_key k ON k.public_key = a.public_key"
                               " LEFT JOIN account ON account.id = k.account"
                               " LEFT JOIN person ON person.id = account.person"
                               " WHERE r.hearing = $1 ORDER BY r.made_at, r.id, a.number",
                               &hearing, 1);

    if (!rows)
        return -EINVAL;
    for (int row = 0; row < PQntuples(rows);)
        row = visit_record(rows, row, hearing, visit, context);
    PQclear(rows);
    return 0;
}
