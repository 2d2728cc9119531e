/*
 * A court over a store that does what the test says: calls wait until store_answer, which can also
 * lose them. What the court tells is kept as words in told. Header only: each test program is one
 * file and gets its own store.
 */
#ifndef ASSIZE_TESTS_UNIT_COURT_FIXTURE_H
#define ASSIZE_TESTS_UNIT_COURT_FIXTURE_H

#include "hearing_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "db/hearing_store.h"
#include "proto/codec.h"
#include "server/court/court.h"

/* ---- the store ---- */

enum {
    STORE_EVENTS_MAX = 12000,
    STORE_COMMANDS_MAX = 2000,
    STORE_CALLS_MAX = 600,
    STORE_LOSE = 1,    /* -EAGAIN, and nothing was done */
    STORE_DO_AND_LOSE, /* -EAGAIN, though it was done */
};

struct store_call {
    hearing_load_callback load;
    hearing_append_callback append;
    void *context;
    uint64_t expected_seq;
    bool has_id;
    struct hearing_store_command command;
    struct hearing_store_event events[HEARING_EVENTS_MAX];
    size_t count;
    char words[HEARING_WORDS_MAX + 1]; /* or "" */
    char status[16];                   /* of the case, or "" */
};

static struct {
    struct hearing_store_event events[STORE_EVENTS_MAX];
    size_t event_count;
    struct hearing_store_command commands[STORE_COMMANDS_MAX];
    size_t command_count;
    struct store_call calls[STORE_CALLS_MAX];
    size_t call_count;
    struct hearing_store_words words[8]; /* newest, texts owned */
    size_t words_count;
    char status[16]; /* of the case, as last changed; or "" */
    struct hearing_store_site sites[3];
    struct hearing_store_endpoint endpoints[ENDPOINTS];
    struct hearing_store_participant participants[ROLES];
} store;

/* Whoever else writes, or what was committed. */
static inline void store_add_event(const struct hearing_store_event *event)
{
    uint8_t *body = malloc(event->len);

    assert_non_null(body);
    assert_true(store.event_count < STORE_EVENTS_MAX);
    memcpy(body, event->body, event->len);
    store.events[store.event_count] = *event;
    store.events[store.event_count++].body = body;
}

static inline void free_bodies(struct hearing_store_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)events[i].body);
}

static inline void store_reset(void)
{
    free_bodies(store.events, store.event_count);
    for (size_t i = 0; i < store.call_count; i++)
        free_bodies(store.calls[i].events, store.calls[i].count);
    for (size_t i = 0; i < store.words_count; i++)
        free((void *)(uintptr_t)store.words[i].words);
    memset(&store, 0, sizeof(store));
    for (uint32_t i = 0; i < 3; i++)
        store.sites[i] = (struct hearing_store_site){
            .id = i + 1, .kind = (Assize__Hearing__V1__SiteKind)(i + 1), .name = "site"};
    for (uint32_t i = 0; i < ENDPOINTS; i++)
        store.endpoints[i] = (struct hearing_store_endpoint){
            .id = i + 1, .site = i % 3 + 1, .kind = fixture_kind(i + 1)};
    for (uint32_t i = 0; i < ROLES; i++)
        store.participants[i] =
            (struct hearing_store_participant){.id = i + 1,
                                               .role = (Assize__Hearing__V1__Role)(i + 1),
                                               .endpoint = i + 1 == DEFENDANT ? ROOM : i + 1,
                                               .companion = fixture_companion(i + 1),
                                               .name = "person"};
}

static inline struct store_call *store_add_call(void *context)
{
    assert_true(store.call_count < STORE_CALLS_MAX);
    struct store_call *call = &store.calls[store.call_count++];
    *call = (struct store_call){.context = context};
    return call;
}

void hearing_store_load(struct db *db, const char *hearing, hearing_load_callback callback,
                        void *context)
{
    (void)db;
    (void)hearing;
    store_add_call(context)->load = callback;
}

void hearing_store_append(struct db *db, const struct hearing_append *append,
                          hearing_append_callback callback, void *context)
{
    struct store_call *call = store_add_call(context);

    (void)db;
    call->append = callback;
    call->expected_seq = append->expected_seq;
    call->has_id = append->command_id != NULL;
    str_copy(call->words, sizeof(call->words), append->words ? append->words : "");
    str_copy(call->status, sizeof(call->status), append->change ? append->change->status : "");
    call->count = append->count;
    if (call->has_id) {
        str_copy(call->command.command_id, ID_UUID_SIZE, append->command_id);
        memcpy(call->command.digest, append->digest, SHA256_BYTES);
    }
    for (size_t i = 0; i < append->count; i++) {
        uint8_t *body = malloc(append->events[i].len);
        assert_non_null(body);
        memcpy(body, append->events[i].body, append->events[i].len);
        call->events[i] = append->events[i];
        call->events[i].body = body;
    }
}

/* None; the callback comes at once. */
void hearing_store_suspended(struct db *db, hearing_suspended_callback callback, void *context)
{
    (void)db;
    callback(context, 0, NULL, 0);
}

static inline bool store_knows(const char *command_id)
{
    for (size_t i = 0; i < store.command_count; i++) {
        if (!strcmp(store.commands[i].command_id, command_id))
            return true;
    }
    return false;
}

static inline void store_add_words(uint64_t seq, const char *words)
{
    assert_true(store.words_count < sizeof(store.words) / sizeof(*store.words));
    store.words[store.words_count] = (struct hearing_store_words){seq, strdup(words)};
    assert_non_null(store.words[store.words_count++].words);
}

/* 0, or -EEXIST as the real one. */
static inline int store_commit(struct store_call *call)
{
    if (call->expected_seq != store.event_count ||
        (call->has_id && store_knows(call->command.command_id)))
        return -EEXIST;
    for (size_t i = 0; i < call->count; i++) {
        store_add_event(&call->events[i]);
        if (call->events[i].has_words)
            store_add_words(call->events[i].seq, call->words);
    }
    if (*call->status)
        str_copy(store.status, sizeof(store.status), call->status);
    call->command.last_seq = store.event_count;
    assert_true(store.command_count < STORE_COMMANDS_MAX);
    if (call->has_id)
        store.commands[store.command_count++] = call->command;
    return 0;
}

static inline void store_answer_load(const struct store_call *call, int error)
{
    const struct hearing_record record = {
        .id = "0199a000-0000-7000-8000-000000000001",
        .case_number = "12/2026/HSST",
        .procedure = "plain",
        .sites = store.sites,
        .endpoints = store.endpoints,
        .participants = store.participants,
        .events = store.events,
        .commands = store.commands,
        .site_count = 3,
        .endpoint_count = ENDPOINTS,
        .participant_count = ROLES,
        .event_count = store.event_count,
        .command_count = store.command_count,
        .words = store.words,
        .words_count = store.words_count,
    };

    call->load(call->context, error, error ? NULL : &record);
}

/* Answers the oldest call: 0, STORE_LOSE, STORE_DO_AND_LOSE or a negative error. */
static inline void store_answer(int how)
{
    static const uint8_t head[SHA256_BYTES];
    int error = how > 0 ? -EAGAIN : how;

    assert_true(store.call_count > 0);
    struct store_call call = store.calls[0];
    store.call_count--;
    memmove(&store.calls[0], &store.calls[1], store.call_count * sizeof(call));
    if (call.load) {
        store_answer_load(&call, error);
        return;
    }
    if (how == 0)
        error = store_commit(&call);
    else if (how == STORE_DO_AND_LOSE)
        assert_int_equal(store_commit(&call), 0);
    free_bodies(call.events, call.count);
    call.append(call.context, error, error ? NULL : head);
}

/* Answers well until nothing is asked any more. */
static inline void store_run(void)
{
    while (store.call_count)
        store_answer(0);
}

/* Someone else's event, about a participant or endpoint. */
static inline void store_intrude(Assize__Hearing__V1__Event__BodyCase body, uint32_t about)
{
    Assize__Hearing__V1__Event event = ASSIZE__HEARING__V1__EVENT__INIT;
    Assize__Hearing__V1__Admitted arm;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(&assize__hearing__v1__event__descriptor, body);
    struct buf packed;

    protobuf_c_message_init(field->descriptor, &arm);
    arm.has_participant = true;
    arm.participant = about;
    event.has_seq = event.has_at_ms = event.has_engine_version = true;
    event.seq = store.event_count + 1;
    event.at_ms = store.events[store.event_count - 1].at_ms;
    event.engine_version = HEARING_ENGINE_VERSION;
    event.body_case = body;
    event.admitted = &arm;
    buf_init(&packed, 1024);
    assert_int_equal(codec_pack(&event.base, &packed), 0);
    store_add_event(&(struct hearing_store_event){
        .seq = event.seq, .at_ms = event.at_ms, .body = packed.data, .len = packed.len});
    buf_done(&packed);
}

/* ---- the court ---- */

static struct procedures *procedures;
static struct court *court;
static struct court_hearing *hearing;
static char told[8192];

static inline void tell(const char *word, unsigned number)
{
    size_t len = strlen(told);

    if (number == UINT32_MAX)
        snprintf(told + len, sizeof(told) - len, "%s%s", len ? " " : "", word);
    else
        snprintf(told + len, sizeof(told) - len, "%s%s:%u", len ? " " : "", word, number);
}

static inline void on_changed(void *context, struct court_hearing *of,
                              Assize__Hearing__V1__Event *const *events, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(events[i]->seq, court_state(of)->seq - count + 1 + i);
    tell("changed", (unsigned)count);
}

static inline void on_narrowed(void *context, struct court_hearing *of)
{
    (void)context;
    assert_ptr_not_equal(court_shadow(of), court_state(of));
    tell("narrowed", UINT32_MAX);
}

static inline void on_reloaded(void *context, struct court_hearing *of)
{
    (void)context;
    (void)of;
    tell("reloaded", UINT32_MAX);
}

static inline void on_lost(void *context, struct court_hearing *of, enum refusal why)
{
    (void)context;
    if (of == hearing)
        hearing = NULL;
    tell("lost", UINT32_MAX);
    tell(refusal_info(why)->code, UINT32_MAX);
}

static const struct court_ops OPS = {on_changed, on_narrowed, on_reloaded, on_lost};

static inline void on_opened(void *context, enum refusal refusal, struct court_hearing *opened)
{
    (void)context;
    hearing = opened;
    tell(refusal ? refusal_info(refusal)->code : "opened", UINT32_MAX);
}

/* asker is the test's number for the command. */
static inline void on_outcome(void *context, uint64_t asker, enum refusal refusal, uint64_t seq)
{
    (void)context;
    assert_true(refusal ? seq == 0 : seq > 0);
    tell(refusal ? refusal_info(refusal)->code : "done", (unsigned)asker);
}

#define HEARING_ID "0199a000-0000-7000-8000-000000000001"

/* What was told since the last time. */
static inline void assert_told(const char *wanted)
{
    assert_string_equal(told, wanted);
    told[0] = '\0';
}

/* Submits with the command id number (0: without one) and the asker of the same number. */
static inline void submit_as(struct hearing_actor actor, unsigned number,
                             Assize__Hearing__V1__Command__BodyCase body, uint32_t about)
{
    char id[ID_UUID_SIZE];
    struct fixture_command made;

    snprintf(id, sizeof(id), "0199a000-0000-7000-8000-%012u", number);
    fixture_make_command(court_state(hearing), body, about, &made);
    if (number)
        made.command.command_id = id;
    court_submit(court, hearing, actor, &made.command, on_outcome, NULL, number);
}

static inline void submit(uint32_t who, unsigned number,
                          Assize__Hearing__V1__Command__BodyCase body, uint32_t about)
{
    submit_as(fixture_actor(court_state(hearing), who), number, body, about);
}

#define SUBMIT(who, number, name, about) submit(who, number, HEARING_COMMAND(name), about)

/* With plain, and those of the program. */
static inline const struct procedures *fixture_procedures(void)
{
    char error[PROCEDURES_ERROR_SIZE];

    procedures = procedures_new();
    assert_int_equal(procedures_read(procedures, PROCEDURES_PLAIN, error), 0);
    return procedures;
}

/* A fresh store, and a court that is saving with the hearing just opened. */
static inline int court_fixture_open(void **state)
{
    (void)state;
    store_reset();
    court = court_new(NULL, fixture_procedures(), &OPS, NULL);
    court_database_up(court);
    court_open(court, HEARING_ID, on_opened, NULL);
    store_run();
    assert_told("opened");
    return 0;
}

/* In session: presiding judge, clerk and counsel inside. */
static inline int court_fixture_begin(void **state)
{
    court_fixture_open(state);
    SUBMIT(PRESIDING, 1, CHECK_IN, 0);
    SUBMIT(CLERK, 2, CHECK_IN, 0);
    SUBMIT(COUNSEL, 3, CHECK_IN, 0);
    store_run();
    SUBMIT(PRESIDING, 4, ADMIT, COUNSEL);
    SUBMIT(PRESIDING, 5, START, 0);
    store_run();
    assert_int_equal(court_state(hearing)->status, HEARING_STATUS(IN_SESSION));
    told[0] = '\0';
    return 0;
}

static inline int court_fixture_end(void **state)
{
    (void)state;
    court_free(court);
    procedures_free(procedures);
    procedures = NULL;
    /* What comes back after the court is gone does no harm. */
    while (store.call_count)
        store_answer(STORE_LOSE);
    store_reset();
    court = NULL;
    hearing = NULL;
    told[0] = '\0';
    return 0;
}

static inline bool is_muted(const struct hearing *state, uint32_t endpoint)
{
    return hearing_endpoint(state, endpoint)->muted;
}

#endif
