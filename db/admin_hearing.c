#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "db/admin_internal.h"
#include "db/db_internal.h"
#include "proto/codec.h"

enum { NUMBER_SIZE = 24, WORD_SIZE = 48 };

/* ---- making one ---- */

static int change(struct admin *admin, const char *sql, const char *const *values, int count)
{
    PGresult *rows = admin_ask(admin, sql, values, count);

    PQclear(rows);
    return rows ? 0 : -EINVAL;
}

/* The first value of the first row. */
static int ask_id(struct admin *admin, const char *sql, const char *const *values, int count,
                  char id[static ID_UUID_SIZE])
{
    PGresult *rows = admin_ask(admin, sql, values, count);
    bool good = rows && PQntuples(rows) == 1;

    if (good)
        str_copy(id, ID_UUID_SIZE, PQgetvalue(rows, 0, 0));
    PQclear(rows);
    return good ? 0 : -EINVAL;
}

static int to_nfc(struct admin *admin, const char *text, char **ret_nfc)
{
    if (str_nfc(text, HEARING_NAME_SIZE - 1, ret_nfc))
        return admin_fail(admin, -EINVAL, "A name is too long, or is not UTF-8 text.");
    return 0;
}

static int make_case(struct admin *admin, const struct hearing_record *plan, bool demo,
                     char id[static ID_UUID_SIZE])
{
    char court[ID_UUID_SIZE];
    char *name = NULL;
    char *title = NULL;

    int result = to_nfc(admin, plan->court, &name);
    if (!result)
        result = to_nfc(admin, plan->title, &title);
    if (!result)
        result = ask_id(admin,
                        "INSERT INTO court (name) VALUES ($1)"
                        " ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id",
                        (const char *[]){name}, 1, court);
    if (!result)
        result =
            ask_id(admin,
                   "INSERT INTO court_case (court, number, title, demo) VALUES ($1, $2, $3, $4)"
                   " ON CONFLICT (court, number) DO UPDATE SET title = excluded.title"
                   " RETURNING id",
                   (const char *[]){court, plan->case_number, title, demo ? "t" : "f"}, 4, id);
    free(name);
    free(title);
    return result;
}

static int make_sites(struct admin *admin, const char *hearing, const struct hearing_record *plan)
{
    int result = 0;

    for (size_t i = 0; !result && i < plan->site_count; i++) {
        const struct hearing_store_site *site = &plan->sites[i];
        char id[NUMBER_SIZE];
        char kind[WORD_SIZE];
        char *name = NULL;

        snprintf(id, sizeof(id), "%" PRIu32, site->id);
        db_enum_to_word(&assize__hearing__v1__site_kind__descriptor, "SITE_KIND_", (int)site->kind,
                        kind, sizeof(kind));
        result = to_nfc(admin, site->name, &name);
        if (!result)
            result = change(admin, "INSERT INTO hearing_site VALUES ($1, $2, $3, $4)",
                            (const char *[]){hearing, id, kind, name}, 4);
        free(name);
    }
    return result;
}

static int make_endpoints(struct admin *admin, const char *hearing,
                          const struct hearing_record *plan)
{
    int result = 0;

    for (size_t i = 0; !result && i < plan->endpoint_count; i++) {
        const struct hearing_store_endpoint *endpoint = &plan->endpoints[i];
        char id[NUMBER_SIZE];
        char site[NUMBER_SIZE];
        char kind[WORD_SIZE];

        snprintf(id, sizeof(id), "%" PRIu32, endpoint->id);
        snprintf(site, sizeof(site), "%" PRIu32, endpoint->site);
        db_enum_to_word(&assize__hearing__v1__endpoint_kind__descriptor, "ENDPOINT_KIND_",
                        (int)endpoint->kind, kind, sizeof(kind));
        result = change(admin, "INSERT INTO hearing_endpoint VALUES ($1, $2, $3, $4)",
                        (const char *[]){hearing, id, site, kind}, 4);
    }
    return result;
}

static int make_participant(struct admin *admin, const char *hearing,
                            const struct hearing_store_participant *participant)
{
    char id[NUMBER_SIZE];
    char endpoint[NUMBER_SIZE];
    char companion[NUMBER_SIZE];
    char role[WORD_SIZE];
    char *name = NULL;

    snprintf(id, sizeof(id), "%" PRIu32, participant->id);
    snprintf(endpoint, sizeof(endpoint), "%" PRIu32, participant->endpoint);
    snprintf(companion, sizeof(companion), "%" PRIu32, participant->companion);
    db_enum_to_word(&assize__hearing__v1__role__descriptor, "ROLE_", (int)participant->role, role,
                    sizeof(role));
    int result = to_nfc(admin, participant->name, &name);
    if (!result)
        result = change(
            admin,
            "WITH someone AS (INSERT INTO person (full_name) VALUES ($6) RETURNING id)"
            " INSERT INTO hearing_participant (hearing, id, person, role, endpoint, companion)"
            " SELECT $1, $2, id, $3, $4, nullif($5::integer, 0) FROM someone",
            (const char *[]){hearing, id, role, endpoint, companion, name}, 6);
    free(name);
    return result;
}

static int make_hearing(struct admin *admin, const struct hearing_record *plan, bool demo,
                        char id[static ID_UUID_SIZE])
{
    char court_case[ID_UUID_SIZE];
    char scheduled[NUMBER_SIZE];

    snprintf(scheduled, sizeof(scheduled), "%" PRId64, plan->scheduled_ms);
    int result = make_case(admin, plan, demo, court_case);
    if (!result)
        result = ask_id(admin,
                        "INSERT INTO hearing (court_case, procedure, scheduled_at)"
                        " VALUES ($1, $2, to_timestamp($3::bigint / 1000.0)) RETURNING id",
                        (const char *[]){court_case, plan->procedure, scheduled}, 3, id);
    if (!result)
        result = make_sites(admin, id, plan);
    if (!result)
        result = make_endpoints(admin, id, plan);
    for (size_t i = 0; !result && i < plan->participant_count; i++)
        result = make_participant(admin, id, &plan->participants[i]);
    return result;
}

int admin_hearing_make(struct admin *admin, const struct hearing_record *plan, bool demo,
                       char ret_id[static ID_UUID_SIZE])
{
    char id[ID_UUID_SIZE];

    int result = change(admin, "BEGIN", NULL, 0);
    if (!result)
        result = make_hearing(admin, plan, demo, id);
    if (!result)
        result = change(admin, "COMMIT", NULL, 0);
    else
        PQclear(direct_query(admin->direct, "ROLLBACK", NULL, 0)); /* the first sentence stays */
    if (!result)
        str_copy(ret_id, ID_UUID_SIZE, id);
    return result;
}

/* ---- listing them ---- */

/* The status an event brings about; UNSPECIFIED for one that leaves it as it is. */
static Assize__Hearing__V1__Status status_of_event(const uint8_t *body, size_t len)
{
    static const Assize__Hearing__V1__Status brings[] = {
        [ASSIZE__HEARING__V1__EVENT__BODY_OPENED] = ASSIZE__HEARING__V1__STATUS__STATUS_SCHEDULED,
        [ASSIZE__HEARING__V1__EVENT__BODY_STARTED] = ASSIZE__HEARING__V1__STATUS__STATUS_IN_SESSION,
        [ASSIZE__HEARING__V1__EVENT__BODY_RECESSED] = ASSIZE__HEARING__V1__STATUS__STATUS_RECESS,
        [ASSIZE__HEARING__V1__EVENT__BODY_RESUMED] = ASSIZE__HEARING__V1__STATUS__STATUS_IN_SESSION,
        [ASSIZE__HEARING__V1__EVENT__BODY_SUSPENDED] =
            ASSIZE__HEARING__V1__STATUS__STATUS_SUSPENDED,
        [ASSIZE__HEARING__V1__EVENT__BODY_CLOSED] = ASSIZE__HEARING__V1__STATUS__STATUS_CLOSED,
    };
    Assize__Hearing__V1__Status status = ASSIZE__HEARING__V1__STATUS__STATUS_UNSPECIFIED;
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    const Assize__Hearing__V1__Event *event =
        codec_unpack(&assize__hearing__v1__event__descriptor, &arena, body, len);
    if (event && (size_t)event->body_case < sizeof(brings) / sizeof(brings[0]))
        status = brings[event->body_case];
    arena_done(&arena);
    return status;
}

static int read_status(struct admin *admin, const char *hearing,
                       Assize__Hearing__V1__Status *ret_status)
{
    PGresult *rows = admin_ask(
        admin, "SELECT body FROM hearing_event WHERE hearing = $1 ORDER BY seq DESC", &hearing, 1);
    Assize__Hearing__V1__Status status = ASSIZE__HEARING__V1__STATUS__STATUS_UNSPECIFIED;

    if (!rows)
        return -EINVAL;
    for (int row = 0; !status && row < PQntuples(rows); row++) {
        size_t len;
        unsigned char *body =
            PQunescapeBytea((const unsigned char *)PQgetvalue(rows, row, 0), &len);
        if (!body)
            abort();
        status = status_of_event(body, len);
        PQfreemem(body);
    }
    PQclear(rows);
    *ret_status = status ? status : ASSIZE__HEARING__V1__STATUS__STATUS_SCHEDULED;
    return 0;
}

int admin_hearings(struct admin *admin,
                   bool (*visit)(void *context, const struct admin_hearing *hearing), void *context)
{
    PGresult *rows = admin_ask(
        admin,
        "SELECT h.id, c.number, c.title, (extract(epoch FROM h.scheduled_at) * 1000)::bigint, "
        "c.demo,"
        " (SELECT count(*) FROM hearing_participant p WHERE p.hearing = h.id),"
        " (SELECT count(*) FROM hearing_event e WHERE e.hearing = h.id)"
        " FROM hearing h JOIN court_case c ON c.id = h.court_case ORDER BY h.scheduled_at DESC",
        NULL, 0);
    int result = rows ? 0 : -EINVAL;
    bool more = true;

    for (int row = 0; !result && more && row < PQntuples(rows); row++) {
        struct admin_hearing hearing = {
            .scheduled_ms = admin_int(rows, row, 3),
            .demo = admin_bool(rows, row, 4),
            .people = (int)admin_int(rows, row, 5),
            .events = admin_int(rows, row, 6),
        };
        str_copy(hearing.id, sizeof(hearing.id), PQgetvalue(rows, row, 0));
        str_copy(hearing.case_number, sizeof(hearing.case_number), PQgetvalue(rows, row, 1));
        str_copy(hearing.title, sizeof(hearing.title), PQgetvalue(rows, row, 2));
        result = read_status(admin, hearing.id, &hearing.status);
        more = !result && visit(context, &hearing);
    }
    PQclear(rows);
    return result;
}

/* A column of bytes into out, which is as long as they must be. */
static bool read_hash(PGresult *rows, int row, int column, uint8_t out[static SHA256_BYTES])
{
    size_t len;
    unsigned char *bytes =
        PQunescapeBytea((const unsigned char *)PQgetvalue(rows, row, column), &len);

    if (!bytes)
        abort();
    bool good = len == SHA256_BYTES;
    if (good)
        memcpy(out, bytes, len);
    PQfreemem(bytes);
    return good;
}

static void visit_event(PGresult *rows, int row,
                        void (*visit)(void *context, const struct admin_event *event),
                        void *context)
{
    struct admin_event event = {
        .event = {.seq = (uint64_t)admin_int(rows, row, 0), .at_ms = admin_int(rows, row, 1)}};
    unsigned char *body =
        PQunescapeBytea((const unsigned char *)PQgetvalue(rows, row, 2), &event.event.len);

    if (!body)
        abort();
    event.event.body = body;
    if (!read_hash(rows, row, 3, event.prev_hash) || !read_hash(rows, row, 4, event.hash))
        memset(event.hash, 0, sizeof(event.hash)); /* no event has it */
    visit(context, &event);
    PQfreemem(body);
}

int admin_events(struct admin *admin, const char *hearing,
                 void (*visit)(void *context, const struct admin_event *event), void *context)
{
    PGresult *rows = admin_ask(admin,
                               "SELECT seq, at_ms, body, prev_hash, hash FROM hearing_event"
                               " WHERE hearing = $1 ORDER BY seq",
                               &hearing, 1);

    if (!rows)
        return -EINVAL;
    for (int row = 0; row < PQntuples(rows); row++)
        visit_event(rows, row, visit, context);
    PQclear(rows);
    return 0;
}
