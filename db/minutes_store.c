#include "db/minutes_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "db/procedure_store.h"
#include "proto/codec.h"

enum { MEMORY_MAX = 512 << 20 };

/* The hearing first, kept in a copy; then what was written, so that no event is known without its
 * words. */
struct load {
    struct db *db;
    minutes_load_callback callback;
    void *context;
    struct arena arena;
    struct hearing_record hearing;
    struct minutes_record record;
    int error; /* the first one */
};

static void finish(struct load *load)
{
    load->callback(load->context, load->error, load->error ? NULL : &load->record);
    arena_done(&load->arena);
    free(load);
}

/* What is copied was loaded under a lower cap. */
static void *copy(struct load *load, const void *from, size_t size)
{
    void *made = arena_alloc(&load->arena, size + 1);

    if (!made)
        abort();
    if (size)
        memcpy(made, from, size);
    return made;
}

static bool goes_on(struct load *load, int error)
{
    if (error && !load->error)
        load->error = error == -EAGAIN ? -EAGAIN : -EBADMSG;
    return !load->error;
}

static void take_words(void *context, int error, const struct db_result *rows)
{
    struct load *load = context;

    if (!goes_on(load, error))
        return;
    size_t count = (size_t)db_rows(rows);
    struct minutes_words *words = arena_alloc(&load->arena, count * sizeof(*words) + 1);
    for (size_t i = 0; i < count; i++) {
        words[i].seq = (uint64_t)db_int(rows, (int)i, 0);
        words[i].words =
            db_null(rows, (int)i, 1) ? NULL : db_text_copy(&load->arena, rows, (int)i, 1);
    }
    load->record.words = words;
    load->record.word_count = count;
}

static void take_formers(void *context, int error, const struct db_result *rows)
{
    struct load *load = context;

    if (!goes_on(load, error))
        return;
    size_t count = (size_t)db_rows(rows);
    struct minutes_former *formers = arena_alloc(&load->arena, count * sizeof(*formers) + 1);
    for (size_t i = 0; i < count; i++) {
        formers[i] = (struct minutes_former){
            .participant = (uint32_t)db_int(rows, (int)i, 0),
            .until_seq = (uint64_t)db_int(rows, (int)i, 1),
            .name = db_text_copy(&load->arena, rows, (int)i, 2),
            .by = db_text_copy(&load->arena, rows, (int)i, 3),
        };
    }
    load->record.formers = formers;
    load->record.former_count = count;
}

/* The last answer. */
static void take_procedure(void *context, int error, const struct db_result *rows)
{
    struct load *load = context;

    if (goes_on(load, error) && db_rows(rows))
        load->record.procedure = db_text_copy(&load->arena, rows, 0, 0);
    finish(load);
}

/* The version in the opening event; 0: none was said. */
static uint32_t version_of(const struct hearing_record *hearing)
{
    uint32_t version = 0;
    struct arena arena;

    if (!hearing->event_count)
        return 0;
    arena_init(&arena, codec_arena_max(hearing->events[0].len));
    const Assize__Hearing__V1__Event *event =
        codec_unpack(&assize__hearing__v1__event__descriptor, &arena, hearing->events[0].body,
                     hearing->events[0].len);
    if (event && event->body_case == ASSIZE__HEARING__V1__EVENT__BODY_OPENED)
        version = event->opened->procedure_version;
    arena_done(&arena);
    return version;
}

void minutes_store_formers(struct db *db, const char *hearing, db_callback callback, void *context)
{
    const struct db_param id = DB_TEXT(hearing);

    db_query(db,
             "SELECT f.participant, f.until_seq, p.full_name, coalesce(o.full_name, '')"
             " FROM former_occupant f JOIN person p ON p.id = f.person"
             " JOIN account a ON a.id = f.ordered_by LEFT JOIN person o ON o.id = a.person"
             " WHERE f.hearing = $1 ORDER BY f.participant, f.until_seq",
             &id, 1, callback, context);
}

static void ask_rest(struct load *load)
{
    const struct hearing_record *hearing = &load->hearing;
    const struct db_param id = DB_TEXT(hearing->id);

    db_query(load->db, "SELECT seq, words FROM hearing_words WHERE hearing = $1 ORDER BY seq", &id,
             1, take_words, load);
    minutes_store_formers(load->db, hearing->id, take_formers, load);
    procedure_store_find(load->db, hearing->procedure, version_of(hearing), take_procedure, load);
}

static void keep(struct load *load, const struct hearing_record *from)
{
    struct hearing_record *hearing = &load->hearing;

    *hearing = *from;
    hearing->sites = copy(load, from->sites, from->site_count * sizeof(*from->sites));
    hearing->endpoints =
        copy(load, from->endpoints, from->endpoint_count * sizeof(*from->endpoints));
    hearing->participants =
        copy(load, from->participants, from->participant_count * sizeof(*from->participants));
    struct hearing_store_event *events =
        copy(load, from->events, from->event_count * sizeof(*from->events));
    for (size_t i = 0; i < from->event_count; i++)
        events[i].body = copy(load, from->events[i].body, from->events[i].len);
    hearing->events = events;
    hearing->commands = NULL;
    hearing->command_count = 0;
    load->record.hearing = hearing;
}

static void take_hearing(void *context, int error, const struct hearing_record *hearing)
{
    struct load *load = context;

    if (error) {
        load->error = error;
        finish(load);
        return;
    }
    keep(load, hearing);
    ask_rest(load);
}

void minutes_store_load(struct db *db, const char *hearing, minutes_load_callback callback,
                        void *context)
{
    struct load *load = calloc(1, sizeof(*load));

    if (!load)
        abort();
    load->db = db;
    load->callback = callback;
    load->context = context;
    arena_init(&load->arena, MEMORY_MAX);
    hearing_store_load(db, hearing, take_hearing, load);
}
