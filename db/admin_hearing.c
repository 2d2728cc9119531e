#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "db/admin_internal.h"
#include "db/db_internal.h"
#include "db/roster.h"

#define BAD_NAME "A name is too long, or is not UTF-8 text."

enum { NUMBER_SIZE = 24 };

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
        return admin_fail(admin, -EINVAL, BAD_NAME);
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

static int ask_to_make(struct admin *admin, const struct hearing_record *plan,
                       const char *court_case, const struct roster *roster, const char *id)
{
    char scheduled[NUMBER_SIZE];
    const char *values[ROSTER_PARAMS] = {id, NULL, court_case, plan->procedure, scheduled};

    snprintf(scheduled, sizeof(scheduled), "%" PRId64, plan->scheduled_ms);
    for (int i = 0; i < ROSTER_ARRAYS; i++)
        values[ROSTER_PARAMS - ROSTER_ARRAYS + i] = (const char *)roster->arrays[i].data;
    return change(admin, ROSTER_MAKE, values, ROSTER_PARAMS);
}

/* The staff of a demo, whose accounts have the names of people in it, can enter as these people. */
static int find_staff(struct admin *admin, const struct hearing_store_participant *participant,
                      char id[static ID_UUID_SIZE])
{
    const char *name = participant->name;
    PGresult *rows = admin_ask(admin,
                               "SELECT min(a.person::text) FROM account a JOIN person"
                               " ON person.id = a.person WHERE person.full_name = $1",
                               &name, 1);

    if (rows)
        str_copy(id, ID_UUID_SIZE, PQgetvalue(rows, 0, 0));
    PQclear(rows);
    return rows ? 0 : -EINVAL;
}

static int fill_roster(struct admin *admin, struct roster *roster,
                       const struct hearing_record *plan, const char *const *persons)
{
    return roster_make(roster, plan, persons) ? admin_fail(admin, -EINVAL, BAD_NAME) : 0;
}

static int fill_demo_roster(struct admin *admin, struct roster *roster,
                            const struct hearing_record *plan)
{
    char(*ids)[ID_UUID_SIZE] = calloc(plan->participant_count, sizeof(*ids));
    const char **persons = calloc(plan->participant_count, sizeof(*persons));
    int result = 0;

    if (!ids || !persons)
        abort();
    for (size_t i = 0; !result && i < plan->participant_count; i++) {
        result = find_staff(admin, &plan->participants[i], ids[i]);
        persons[i] = *ids[i] ? ids[i] : NULL;
    }
    if (!result)
        result = fill_roster(admin, roster, plan, persons);
    free(persons);
    free(ids);
    return result;
}

static int make_hearing(struct admin *admin, const struct hearing_record *plan, bool demo,
                        char id[static ID_UUID_SIZE])
{
    char court_case[ID_UUID_SIZE];
    struct roster roster = {0};

    int result = make_case(admin, plan, demo, court_case);
    if (result)
        return result;
    result =
        demo ? fill_demo_roster(admin, &roster, plan) : fill_roster(admin, &roster, plan, NULL);
    id_uuid(id);
    if (!result)
        result = ask_to_make(admin, plan, court_case, &roster, id);
    roster_done(&roster);
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

int admin_hearings(struct admin *admin,
                   bool (*visit)(void *context, const struct admin_hearing *hearing), void *context)
{
    PGresult *rows = admin_ask(
        admin,
        "SELECT h.id, c.number, c.title, (extract(epoch FROM h.scheduled_at) * 1000)::bigint, "
        "c.demo,"
        " (SELECT count(*) FROM hearing_participant p WHERE p.hearing = h.id),"
        " (SELECT count(*) FROM hearing_event e WHERE e.hearing = h.id), course.status, h.procedure"
        " FROM hearing h JOIN court_case c ON c.id = h.court_case"
        " JOIN hearing_course course ON course.hearing = h.id"
        " WHERE h.cancelled_at IS NULL ORDER BY h.scheduled_at DESC",
        NULL, 0);
    bool more = true;

    if (!rows)
        return -EINVAL;
    for (int row = 0; more && row < PQntuples(rows); row++) {
        struct admin_hearing hearing = {
            .scheduled_ms = admin_int(rows, row, 3),
            .demo = admin_bool(rows, row, 4),
            .people = (int)admin_int(rows, row, 5),
            .events = admin_int(rows, row, 6),
            .status = (Assize__Hearing__V1__Status)db_enum_from_word(
                &assize__hearing__v1__status__descriptor, "STATUS_", PQgetvalue(rows, row, 7)),
        };
        str_copy(hearing.id, sizeof(hearing.id), PQgetvalue(rows, row, 0));
        str_copy(hearing.case_number, sizeof(hearing.case_number), PQgetvalue(rows, row, 1));
        str_copy(hearing.title, sizeof(hearing.title), PQgetvalue(rows, row, 2));
        str_copy(hearing.procedure, sizeof(hearing.procedure), PQgetvalue(rows, row, 8));
        more = visit(context, &hearing);
    }
    PQclear(rows);
    return 0;
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
    struct admin_event event = {.event = {.seq = (uint64_t)admin_int(rows, row, 0),
                                          .at_ms = admin_int(rows, row, 1),
                                          .has_words = admin_bool(rows, row, 5)},
                                .words =
                                    PQgetisnull(rows, row, 6) ? NULL : PQgetvalue(rows, row, 6)};
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
    PGresult *rows =
        admin_ask(admin,
                  "SELECT e.seq, at_ms, body, prev_hash, hash, w.seq IS NOT NULL, words"
                  " FROM hearing_event e LEFT JOIN hearing_words w"
                  " ON w.hearing = e.hearing AND w.seq = e.seq"
                  " WHERE e.hearing = $1 ORDER BY e.seq",
                  &hearing, 1);

    if (!rows)
        return -EINVAL;
    for (int row = 0; row < PQntuples(rows); row++)
        visit_event(rows, row, visit, context);
    PQclear(rows);
    return 0;
}
