#include "db/hearing_store.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "db/db_array.h"
#include "db/db_internal.h"

enum { NUMBER_SIZE = 24, LOAD_BYTES_MAX = 256 << 20 };

void hearing_store_hash(const uint8_t prev[static SHA256_BYTES],
                        const struct hearing_store_event *event, uint8_t out[static SHA256_BYTES])
{
    uint8_t seq[8];
    uint8_t at[8];

    for (int i = 0; i < 8; i++) {
        seq[i] = (uint8_t)(event->seq >> (56 - 8 * i));
        at[i] = (uint8_t)((uint64_t)event->at_ms >> (56 - 8 * i));
    }
    const struct sha256_part parts[] = {
        {prev, SHA256_BYTES}, {seq, sizeof(seq)}, {at, sizeof(at)}, {event->body, event->len}};
    sha256_parts(parts, 4, out);
}

/* ---- loading: eight questions sent together, answered in order ---- */

struct load {
    hearing_load_callback callback;
    void *context;
    struct arena arena;
    struct hearing_record record;
    int error; /* the first one */
};

static void *load_alloc(struct load *load, int count, size_t size)
{
    void *memory = arena_alloc(&load->arena, (size_t)count * size + 1);

    if (!memory && !load->error)
        load->error = -EBADMSG;
    return memory;
}

static bool load_goes_on(struct load *load, int error)
{
    if (error && !load->error)
        load->error = error == -EAGAIN ? -EAGAIN : -ENOENT;
    return !load->error;
}

static void take_hearing(void *context, int error, const struct db_result *rows)
{
    struct load *load = context;
    struct hearing_record *record = &load->record;

    if (!load_goes_on(load, error))
        return;
    if (!db_rows(rows)) {
        load->error = -ENOENT;
        return;
    }
    str_copy(record->id, sizeof(record->id), db_text(rows, 0, 0));
    str_copy(record->case_number, sizeof(record->case_number), db_text(rows, 0, 1));
    str_copy(record->title, sizeof(record->title), db_text(rows, 0, 2));
    str_copy(record->court, sizeof(record->court), db_text(rows, 0, 3));
    str_copy(record->procedure, sizeof(record->procedure), db_text(rows, 0, 4));
    record->scheduled_ms = db_int(rows, 0, 5);
}

static void take_sites(void *context, int error, const struct db_result *rows)
{
    struct load *load = context;

    if (!load_goes_on(load, error))
        return;
    int count = db_rows(rows);
    struct hearing_store_site *sites = load_alloc(load, count, sizeof(*sites));
    for (int i = 0; sites && i < count; i++) {
        sites[i].id = (uint32_t)db_int(rows, i, 0);
        sites[i].kind = (Assize__Hearing__V1__SiteKind)db_enum_from_word(
            &assize__hearing__v1__site_kind__descriptor, "SITE_KIND_", db_text(rows, i, 1));
        str_copy(sites[i].name, sizeof(sites[i].name), db_text(rows, i, 2));
    }
    load->record.sites = sites;
    load->record.site_count = (size_t)count;
}

static void take_endpoints(void *context, int error, const struct db_result *rows)
{
    struct load *load = context;

    if (!load_goes_on(load, error))
        return;
    int count = db_rows(rows);
    struct hearing_store_endpoint *endpoints = load_alloc(load, count, sizeof(*endpoints));
    for (int i = 0; endpoints && i < count; i++) {
        endpoints[i].id = (uint32_t)db_int(rows, i, 0);
        endpoints[i].site = (uint32_t)db_int(rows, i, 1);
        endpoints[i].kind = (Assize__Hearing__V1__EndpointKind)db_enum_from_word(
            &assize__hearing__v1__endpoint_kind__descriptor, "ENDPOINT_KIND_", db_text(rows, i, 2));
    }
    load->record.endpoints = endpoints;
    load->record.endpoint_count = (size_t)count;
}

static void take_participants(void *context, int error, const struct db_result *rows)
{
    struct load *load = context;

    if (!load_goes_on(load, error))
        return;
    int count = db_rows(rows);
    struct hearing_store_participant *people = load_alloc(load, count, sizeof(*people));
    for (int i = 0; people && i < count; i++) {
        people[i].id = (uint32_t)db_int(rows, i, 0);
        people[i].role = (Assize__Hearing__V1__Role)db_enum_from_word(
            &assize__hearing__v1__role__descriptor, "ROLE_", db_text(rows, i, 1));
        people[i].endpoint = (uint32_t)db_int(rows, i, 2);
        people[i].companion = (uint32_t)db_int(rows, i, 3);
        str_copy(people[i].name, sizeof(people[i].name), db_text(rows, i, 4));
        people[i].under_18 = db_text(rows, i, 5)[0] == 't';
    }
    load->record.participants = people;
    load->record.participant_count = (size_t)count;
}

static void take_screens(void *context, int error, const struct db_result *rows)
{
    struct load *load = context;

    if (!load_goes_on(load, error))
        return;
    int count = db_rows(rows);
    struct hearing_store_screen *screens = load_alloc(load, count, sizeof(*screens));
    for (int i = 0; screens && i < count; i++)
        screens[i] = (struct hearing_store_screen){.participant = (uint32_t)db_int(rows, i, 0),
                                                   .from = (uint32_t)db_int(rows, i, 1),
                                                   .sound = db_text(rows, i, 2)[0] == 't'};
    load->record.screens = screens;
    load->record.screen_count = (size_t)count;
}

static void take_commands(void *context, int error, const struct db_result *rows)
{
    struct load *load = context;

    if (!load_goes_on(load, error))
        return;
    int count = db_rows(rows);
    struct hearing_store_command *commands = load_alloc(load, count, sizeof(*commands));
    for (int i = 0; commands && i < count; i++) {
        size_t len;
        const uint8_t *digest = db_bytes(rows, i, 1, &len);
        str_copy(commands[i].command_id, sizeof(commands[i].command_id), db_text(rows, i, 0));
        if (len == SHA256_BYTES)
            memcpy(commands[i].digest, digest, SHA256_BYTES);
        commands[i].last_seq = (uint64_t)db_int(rows, i, 2);
    }
    load->record.commands = commands;
    load->record.command_count = (size_t)count;
}

/* Takes one event and checks that it follows the ones before it; false when it does not. */
static bool take_event(struct load *load, const struct db_result *rows, int row,
                       struct hearing_store_event *event)
{
    uint8_t hash[SHA256_BYTES];
    size_t prev_len;
    size_t hash_len;
    uint8_t *head = load->record.head;

    const uint8_t *body = db_bytes(rows, row, 2, &event->len);
    event->seq = (uint64_t)db_int(rows, row, 0);
    event->at_ms = db_int(rows, row, 1);
    event->body = (const uint8_t *)arena_copy(&load->arena, (const char *)body, event->len);
    const uint8_t *prev = db_bytes(rows, row, 3, &prev_len);
    const uint8_t *stored = db_bytes(rows, row, 4, &hash_len);
    if (!event->body || event->seq != (uint64_t)row + 1 || prev_len != SHA256_BYTES ||
        hash_len != SHA256_BYTES || memcmp(prev, head, SHA256_BYTES) != 0)
        return false;
    hearing_store_hash(head, event, hash);
    memcpy(head, hash, SHA256_BYTES);
    return memcmp(stored, hash, SHA256_BYTES) == 0;
}

static void load_finish(struct load *load)
{
    load->callback(load->context, load->error, load->error ? NULL : &load->record);
    arena_done(&load->arena);
    free(load);
}

static void take_events(void *context, int error, const struct db_result *rows)
{
    struct load *load = context;

    if (load_goes_on(load, error)) {
        int count = db_rows(rows);
        struct hearing_store_event *events = load_alloc(load, count, sizeof(*events));
        for (int i = 0; !load->error && i < count; i++) {
            if (!take_event(load, rows, i, &events[i]))
                load->error = -EBADMSG;
        }
        load->record.events = events;
        load->record.event_count = (size_t)count;
    }
}

/* The last answer: its arrival ends the load. Rows come newest first. */
static void take_words(void *context, int error, const struct db_result *rows)
{
    struct load *load = context;

    if (load_goes_on(load, error)) {
        int count = db_rows(rows);
        struct hearing_store_words *words = load_alloc(load, count, sizeof(*words));
        for (int i = 0; words && i < count; i++) {
            const char *text = db_text(rows, i, 1);
            words[count - 1 - i] = (struct hearing_store_words){
                (uint64_t)db_int(rows, i, 0), arena_copy(&load->arena, text, strlen(text))};
        }
        load->record.words = words;
        load->record.words_count = (size_t)count;
    }
    load_finish(load);
}

void hearing_store_load(struct db *db, const char *hearing, hearing_load_callback callback,
                        void *context)
{
    char most[NUMBER_SIZE];
    const struct db_param id = DB_TEXT(hearing);
    const struct db_param words[] = {id, DB_TEXT(most)};
    struct load *load = calloc(1, sizeof(*load));

    if (!load)
        abort();
    snprintf(most, sizeof(most), "%d", HEARING_STORE_WORDS_MAX);
    load->callback = callback;
    load->context = context;
    arena_init(&load->arena, LOAD_BYTES_MAX);
    db_query(db,
             "SELECT h.id, c.number, c.title, court.name, h.procedure,"
             " (extract(epoch FROM h.scheduled_at) * 1000)::bigint"
             " FROM hearing h JOIN court_case c ON c.id = h.court_case"
             " JOIN court ON court.id = c.court WHERE h.id = $1 AND h.cancelled_at IS NULL",
             &id, 1, take_hearing, load);
    db_query(db, "SELECT id, kind, name FROM hearing_site WHERE hearing = $1 ORDER BY id", &id, 1,
             take_sites, load);
    db_query(db, "SELECT id, site, kind FROM hearing_endpoint WHERE hearing = $1 ORDER BY id", &id,
             1, take_endpoints, load);
    db_query(db,
             "SELECT p.id, p.role, p.endpoint, p.companion, person.full_name, p.under_18"
             " FROM hearing_participant p JOIN person ON person.id = p.person"
             " WHERE p.hearing = $1 ORDER BY p.id",
             &id, 1, take_participants, load);
    db_query(db,
             "SELECT participant, screened, sound FROM hearing_screen WHERE hearing = $1"
             " ORDER BY participant, screened",
             &id, 1, take_screens, load);
    /* Before the events: each is a transaction, and a command must not be known without its events.
     */
    db_query(db,
             "SELECT command_id, digest, last_seq FROM hearing_command WHERE hearing = $1"
             " ORDER BY last_seq",
             &id, 1, take_commands, load);
    db_query(db,
             "SELECT seq, at_ms, body, prev_hash, hash FROM hearing_event WHERE hearing = $1"
             " ORDER BY seq",
             &id, 1, take_events, load);
    /* After the events: each is a transaction, and an event must not be known without its words. */
    db_query(db,
             "SELECT seq, words FROM hearing_words WHERE hearing = $1 AND words IS NOT NULL"
             " ORDER BY seq DESC LIMIT $2",
             words, 2, take_words, load);
}

/* ---- appending ---- */

struct append {
    hearing_append_callback callback;
    void *context;
    uint8_t head[SHA256_BYTES];
};

/* The events as PostgreSQL array literals. Sized by the caller's HEARING_EVENTS_MAX, so
 * running over is a bug. */
struct arrays {
    struct buf times;
    struct buf bodies;
    struct buf hashes;
    struct buf words_of; /* seqs */
};

/* Fills the arrays; head goes from the hash before the events to the one of the last. */
static void arrays_fill(struct arrays *arrays, const struct hearing_append *append,
                        uint8_t head[static SHA256_BYTES])
{
    db_array_open(&arrays->times);
    db_array_open(&arrays->bodies);
    db_array_open(&arrays->hashes);
    db_array_open(&arrays->words_of);
    for (size_t i = 0; i < append->count; i++) {
        const struct hearing_store_event *event = &append->events[i];
        uint8_t hash[SHA256_BYTES];

        assert(event->seq == append->expected_seq + i + 1);
        hearing_store_hash(head, event, hash);
        memcpy(head, hash, SHA256_BYTES);
        db_array_add_int(&arrays->times, event->at_ms);
        db_array_add_bytes(&arrays->bodies, event->body, event->len);
        db_array_add_bytes(&arrays->hashes, hash, SHA256_BYTES);
        if (event->has_words)
            db_array_add_int(&arrays->words_of, (int64_t)event->seq);
    }
    db_array_close(&arrays->times);
    db_array_close(&arrays->bodies);
    db_array_close(&arrays->hashes);
    db_array_close(&arrays->words_of);
}

static void arrays_done(struct arrays *arrays)
{
    buf_done(&arrays->times);
    buf_done(&arrays->bodies);
    buf_done(&arrays->hashes);
    buf_done(&arrays->words_of);
}

static void appended(void *context, int error, const struct db_result *rows)
{
    struct append *append = context;

    (void)rows;
    append->callback(append->context, error, append->head);
    free(append);
}

void hearing_store_append(struct db *db, const struct hearing_append *append,
                          hearing_append_callback callback, void *context)
{
    char expected[NUMBER_SIZE];
    char actor[NUMBER_SIZE];
    struct arrays arrays;
    struct append *kept = calloc(1, sizeof(*kept));

    if (!kept)
        abort();
    kept->callback = callback;
    kept->context = context;
    memcpy(kept->head, append->prev_hash, SHA256_BYTES);
    arrays_fill(&arrays, append, kept->head);
    snprintf(expected, sizeof(expected), "%" PRIu64, append->expected_seq);
    snprintf(actor, sizeof(actor), "%" PRIu32, append->actor);
    const struct hearing_case_change *change = append->change;
    const struct db_param params[] = {
        DB_TEXT(append->hearing),
        DB_TEXT(expected),
        DB_BYTES(append->prev_hash, SHA256_BYTES),
        DB_TEXT(append->command_id),
        DB_BYTES(append->digest, append->command_id ? SHA256_BYTES : 0),
        DB_TEXT(actor),
        DB_TEXT(arrays.times.data),
        DB_TEXT(arrays.bodies.data),
        DB_TEXT(arrays.hashes.data),
        DB_TEXT(change ? change->status : NULL),
        DB_TEXT(change ? change->change_id : NULL),
        DB_BYTES(change ? change->payload : NULL, change ? change->len : 0),
        DB_TEXT(append->words),
        DB_TEXT(arrays.words_of.data),
    };
    db_query(db,
             "SELECT hearing_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
             params, sizeof(params) / sizeof(*params), appended, kept);
    arrays_done(&arrays);
}

/* ---- what waits for a deadline ---- */

struct suspended {
    hearing_suspended_callback callback;
    void *context;
};

static void take_suspended(void *context, int error, const struct db_result *rows)
{
    struct suspended *asked = context;
    int count = error ? 0 : db_rows(rows);
    const char **hearings = calloc((size_t)count + 1, sizeof(*hearings));

    if (!hearings)
        abort();
    for (int i = 0; i < count; i++)
        hearings[i] = db_text(rows, i, 0);
    asked->callback(asked->context, error, hearings, (size_t)count);
    free(hearings);
    free(asked);
}

void hearing_store_suspended(struct db *db, hearing_suspended_callback callback, void *context)
{
    struct suspended *asked = calloc(1, sizeof(*asked));

    if (!asked)
        abort();
    *asked = (struct suspended){callback, context};
    db_query(db, "SELECT * FROM hearings_suspended()", NULL, 0, take_suspended, asked);
}
