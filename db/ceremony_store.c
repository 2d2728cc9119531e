#include "db/ceremony_store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { LOAD_BYTES_MAX = 4 << 20, NUMBER_SIZE = 16 };

/* ---- loading: three questions sent together, answered in order ---- */

struct load {
    ceremony_load_callback callback;
    void *context;
    int error;
    struct ceremony_case *loaded;
};

static bool goes_on(struct load *load, int error)
{
    if (error && !load->error)
        load->error = error;
    return !load->error;
}

/* Bounded by the limits of the queries: running over is a bug. */
static void *draw(struct ceremony_case *loaded, size_t size)
{
    void *memory = arena_alloc(&loaded->arena, size + 1);

    if (!memory)
        abort();
    return memory;
}

static ProtobufCBinaryData copy_bytes(struct ceremony_case *loaded, const struct db_result *rows,
                                      int row, int column)
{
    size_t len;
    const uint8_t *bytes = db_bytes(rows, row, column, &len);
    ProtobufCBinaryData copy = {.len = len, .data = draw(loaded, len)};

    memcpy(copy.data, bytes, len);
    return copy;
}

static void take_people(void *context, int error, const struct db_result *rows)
{
    struct load *load = context;

    if (!goes_on(load, error))
        return;
    struct ceremony_case *loaded = load->loaded;
    loaded->people_count = (uint32_t)db_rows(rows);
    loaded->people = draw(loaded, loaded->people_count * sizeof(*loaded->people));
    for (uint32_t i = 0; i < loaded->people_count; i++) {
        struct ceremony_person *person = &loaded->people[i];
        Assize__Identity__V1__CaseDetails *details = &person->details;
        char **const texts[] = {&details->full_name,       &details->date_of_birth,
                                &details->personal_number, &details->residence,
                                &details->document,        &details->summons};
        assize__identity__v1__case_details__init(details);
        person->participant = (uint32_t)db_int(rows, (int)i, 0);
        str_copy(person->person, sizeof(person->person), db_text(rows, (int)i, 1));
        for (int column = 0; column < 6; column++)
            *texts[column] = db_text_copy(&loaded->arena, rows, (int)i, column + 2);
    }
}

/* A row for each attestation of the newest record of each seat. */
static void take_record(struct ceremony_case *loaded, const struct db_result *rows, int row)
{
    struct ceremony_person *person = ceremony_person(loaded, (uint32_t)db_int(rows, row, 0));
    size_t len;

    if (!person)
        return;
    str_copy(person->newest, sizeof(person->newest), db_text(rows, row, 1));
    if (strcmp(db_text(rows, row, 2), person->person) != 0)
        return;
    if (!person->record) {
        person->record = draw(loaded, sizeof(*person->record));
        str_copy(person->record->id, sizeof(person->record->id), person->newest);
        person->record->facts = copy_bytes(loaded, rows, row, 3);
    }
    if (person->record->count == CEREMONY_ATTESTATIONS_MAX)
        return;
    struct ceremony_attestation *made = &person->record->attestations[person->record->count++];
    str_copy(made->id, sizeof(made->id), db_text(rows, row, 4));
    const uint8_t *digest = db_bytes(rows, row, 5, &len);
    if (len == SHA256_BYTES)
        memcpy(made->digest, digest, len);
    made->attestation = copy_bytes(loaded, rows, row, 6);
    made->public_key = copy_bytes(loaded, rows, row, 7);
    made->signature = copy_bytes(loaded, rows, row, 8);
    made->name = db_text_copy(&loaded->arena, rows, row, 9);
}

static void take_records(void *context, int error, const struct db_result *rows)
{
    struct load *load = context;

    for (int row = 0; goes_on(load, error) && row < db_rows(rows); row++)
        take_record(load->loaded, rows, row);
}

static void take_attesters(void *context, int error, const struct db_result *rows)
{
    struct load *load = context;
    struct ceremony_case *loaded = load->loaded;

    for (int row = 0; goes_on(load, error) && row < db_rows(rows) && row < CEREMONY_ATTESTERS_MAX;
         row++) {
        struct ceremony_attester *one = &loaded->attesters[loaded->attester_count++];
        one->participant = (uint32_t)db_int(rows, row, 0);
        str_copy(one->account, sizeof(one->account), db_text(rows, row, 1));
        one->login = db_text_copy(&loaded->arena, rows, row, 2);
    }
    if (load->error)
        ceremony_case_free(loaded);
    load->callback(load->context, load->error, load->error ? NULL : loaded);
    free(load);
}

void ceremony_store_load(struct db *db, const char *hearing, uint32_t endpoint,
                         ceremony_load_callback callback, void *context)
{
    char device[NUMBER_SIZE];
    const struct db_param params[] = {DB_TEXT(hearing), DB_TEXT(device)};
    struct load *load = calloc(1, sizeof(*load));

    if (!load)
        abort();
    *load = (struct load){callback, context, 0, calloc(1, sizeof(*load->loaded))};
    if (!load->loaded)
        abort();
    arena_init(&load->loaded->arena, LOAD_BYTES_MAX);
    snprintf(device, sizeof(device), "%" PRIu32, endpoint);
    db_query(db,
             "SELECT p.id, p.person, person.full_name, i.date_of_birth, i.personal_number,"
             " i.residence, i.document, p.summons FROM hearing_participant p"
             " JOIN person ON person.id = p.person"
             " LEFT JOIN person_identity i ON i.person = p.person"
             " WHERE p.hearing = $1 ORDER BY p.id",
             params, 1, take_people, load);
    db_query(db,
             "SELECT r.participant, r.id, r.person, r.facts, a.id, a.digest, a.attestation,"
             " a.public_key, a.signature, person.full_name"
             " FROM (SELECT DISTINCT ON (participant) * FROM identity_record WHERE hearing = $1"
             " ORDER BY participant, made_at DESC, id DESC) AS r"
             " JOIN identity_attestation a ON a.record = r.id"
             " JOIN signing_key k ON k.public_key = a.public_key"
             " JOIN account ON account.id = k.account JOIN person ON person.id = account.person"
             " ORDER BY r.participant, a.number",
             params, 1, take_records, load);
    db_query(db,
             "SELECT p.id, a.id, a.login FROM hearing_participant p"
             " JOIN account a ON a.person = p.person"
             " WHERE p.hearing = $1 AND $2::integer IN (p.endpoint, p.companion)"
             " AND p.role IN ('clerk', 'detention_officer', 'site_official')"
             " AND a.disabled_at IS NULL ORDER BY p.id, a.login",
             params, 2, take_attesters, load);
}

void ceremony_case_free(struct ceremony_case *loaded)
{
    if (!loaded)
        return;
    arena_done(&loaded->arena);
    free(loaded);
}

struct ceremony_person *ceremony_person(const struct ceremony_case *loaded, uint32_t participant)
{
    bool there = participant && participant <= loaded->people_count &&
                 loaded->people[participant - 1].participant == participant;

    return there ? &loaded->people[participant - 1] : NULL;
}

/* ---- keeping ---- */

struct keeping {
    ceremony_keep_callback callback;
    void *context;
};

static void kept(void *context, int error, const struct db_result *rows)
{
    const struct keeping keeping = *(struct keeping *)context;
    enum refusal refusal = REFUSAL_NONE;

    free(context);
    if (error == -EEXIST)
        keeping.callback(keeping.context, 0, REFUSAL_IDENTITY_MOVED);
    else {
        if (!error && !db_null(rows, 0, 0))
            refusal = refusal_from_code(db_text(rows, 0, 0));
        keeping.callback(keeping.context, error, refusal);
    }
}

void ceremony_store_keep(struct db *db, const struct ceremony_signed *made,
                         ceremony_keep_callback callback, void *context)
{
    char participant[NUMBER_SIZE], number[NUMBER_SIZE];
    const struct db_param params[] = {
        DB_TEXT(made->record),
        DB_TEXT(made->hearing),
        DB_TEXT(participant),
        DB_TEXT(made->person),
        DB_TEXT(*made->newest ? made->newest : NULL),
        DB_BYTES(made->facts.data, made->facts.len),
        DB_TEXT(number),
        DB_TEXT(made->id),
        DB_BYTES(made->digest, SHA256_BYTES),
        DB_BYTES(made->attestation.data, made->attestation.len),
        DB_BYTES(made->key->public_key, made->key->public_len),
        DB_BYTES(made->signature->bytes, made->signature->len),
    };
    struct keeping *keeping = malloc(sizeof(*keeping));

    if (!keeping)
        abort();
    *keeping = (struct keeping){callback, context};
    snprintf(participant, sizeof(participant), "%" PRIu32, made->participant);
    snprintf(number, sizeof(number), "%" PRIu32, made->number);
    db_query(db, "SELECT identity_attest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
             params, 12, kept, keeping);
}
