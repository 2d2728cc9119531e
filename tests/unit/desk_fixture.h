/* For tests of what the clerk's page asks of the database: a case with one hearing, asking, and
 * what happens in it. */
#ifndef ASSIZE_TESTS_UNIT_DESK_FIXTURE_H
#define ASSIZE_TESTS_UNIT_DESK_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cluster.h"
#include "db/admin.h"
#include "db/desk_store.h"
#include "proto/codec.h"

#define NOBODY       "00000000-0000-7000-8000-000000000000"
#define STATUS(name) ASSIZE__HEARING__V1__STATUS__STATUS_##name
#define BODY(name)   ASSIZE__HEARING__V1__EVENT__BODY_##name

/* 2027-01-15 15:00 in Viet Nam: when cluster_hearing schedules. */
#define ITS_DAY "2027-01-15"
enum { EVENT_MAX = 256 };
static const int64_t its_time = 1800000000123;

static struct cluster cluster;
static struct client client;
static char hearing[ID_UUID_SIZE];
static char court_case[ID_UUID_SIZE];
static struct arena arena; /* of the answers of one test */

/* ---- asking ---- */

struct outcome {
    bool told;
    int error;
    enum refusal refusal;
    const ProtobufCMessage *answer; /* a copy in the arena */
};

static inline void take(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct outcome *outcome = context;
    struct buf packed;

    outcome->told = true;
    outcome->error = error;
    outcome->refusal = refusal;
    if (!answer)
        return;
    buf_init(&packed, 1 << 20);
    assert_int_equal(codec_pack(answer, &packed), 0);
    outcome->answer = codec_unpack(answer->descriptor, &arena, packed.data, packed.len);
    assert_non_null(outcome->answer);
    buf_done(&packed);
}

static inline const ProtobufCMessage *wait_answer(struct outcome *outcome)
{
    client_wait(&client, &outcome->told);
    assert_int_equal(outcome->error, 0);
    assert_int_equal(outcome->refusal, REFUSAL_NONE);
    return outcome->answer;
}

static inline enum refusal wait_refusal(struct outcome *outcome)
{
    client_wait(&client, &outcome->told);
    assert_int_equal(outcome->error, 0);
    assert_null(outcome->answer);
    return outcome->refusal;
}

static inline const Assize__Desk__V1__DayResponse *ask_day(const char *date, const char *person)
{
    struct outcome outcome = {0};

    desk_store_day(client.db, date, person, take, &outcome);
    return (const Assize__Desk__V1__DayResponse *)wait_answer(&outcome);
}

static inline const Assize__Desk__V1__HearingDetails *ask_hearing(const char *id)
{
    struct outcome outcome = {0};

    desk_store_hearing(client.db, id, NULL, true, take, &outcome);
    return (const Assize__Desk__V1__HearingDetails *)wait_answer(&outcome);
}

static inline const Assize__Desk__V1__CasesResponse *ask_cases(const char *search)
{
    struct outcome outcome = {0};

    desk_store_cases(client.db, search, take, &outcome);
    return (const Assize__Desk__V1__CasesResponse *)wait_answer(&outcome);
}

static inline const Assize__Desk__V1__PlanResponse *ask_plan(void)
{
    struct outcome outcome = {0};

    desk_store_plan(client.db, court_case, take, &outcome);
    return (const Assize__Desk__V1__PlanResponse *)wait_answer(&outcome);
}

static inline const Assize__Desk__V1__HearingSummary *summary_of(const char *id)
{
    return ask_hearing(id)->summary;
}

/* ---- what happens in the hearing ---- */

/* Appends one event of this kind as the court does; what db.h says of it. */
struct appended {
    bool told;
    int error;
};

static inline void take_append(void *context, int error, const uint8_t head[SHA256_BYTES])
{
    struct appended *appended = context;

    (void)head;
    appended->told = true;
    appended->error = error;
}

static inline int happens(Assize__Hearing__V1__Event__BodyCase kind)
{
    static uint8_t prev[SHA256_BYTES];
    static char whose[ID_UUID_SIZE];
    static uint64_t seq;
    Assize__Hearing__V1__Event event = ASSIZE__HEARING__V1__EVENT__INIT;
    uint8_t body[EVENT_MAX];
    struct appended appended = {0};

    if (strcmp(whose, hearing) != 0) {
        snprintf(whose, sizeof(whose), "%s", hearing);
        memset(prev, 0, sizeof(prev));
        seq = 0;
    }
    event.has_seq = event.has_at_ms = event.has_actor = event.has_engine_version = true;
    event.seq = seq + 1;
    event.at_ms = its_time + (int64_t)seq;
    event.engine_version = 1;
    event.body_case = kind;
    const ProtobufCMessageDescriptor *arm =
        protobuf_c_message_descriptor_get_field(event.base.descriptor, (unsigned)kind)->descriptor;
    event.started = arena_alloc(&arena, arm->sizeof_message); /* whichever arm it is */
    protobuf_c_message_init(arm, event.started);
    size_t len = assize__hearing__v1__event__pack(&event, body);
    const struct hearing_store_event stored = {
        .seq = seq + 1, .at_ms = event.at_ms, .body = body, .len = len};
    const struct hearing_append append = {
        .hearing = hearing, .expected_seq = seq, .prev_hash = prev, .events = &stored, .count = 1};
    hearing_store_append(client.db, &append, take_append, &appended);
    client_wait(&client, &appended.told);
    if (!appended.error) {
        hearing_store_hash(prev, &stored, prev);
        seq++;
    }
    return appended.error;
}

static inline void sql(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void sql(const char *format, ...)
{
    char text[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    assert_int_equal(cluster_script(&cluster, text), 0);
}

static inline long count(const char *what)
{
    char text[512];

    snprintf(text, sizeof(text), "SELECT count(*) FROM %s", what);
    return cluster_number(&cluster, text);
}

/* ---- a plan ---- */

static struct hearing_store_site sites[2];
static struct hearing_store_endpoint endpoints[2];
static struct hearing_store_participant people[2];

static inline struct desk_plan new_plan(void)
{
    struct desk_plan plan = {.court_case = court_case, .digest = {1}};

    sites[0] = (struct hearing_store_site){1, 1, "Phòng xử án"};
    sites[1] = (struct hearing_store_site){2, 3, "Trại tạm giam"};
    endpoints[0] = (struct hearing_store_endpoint){1, 1, 1};
    endpoints[1] = (struct hearing_store_endpoint){2, 2, 2};
    people[0] = (struct hearing_store_participant){1, 1, 1, 0, "Thẩm phán \"A\" \\ {B}", false};
    people[1] = (struct hearing_store_participant){2, 6, 2, 0, "Bi\xcc\xa3 ca\xcc\x81o", false};
    id_uuid(plan.hearing.id);
    snprintf(plan.hearing.procedure, sizeof(plan.hearing.procedure), "criminal_first_instance");
    plan.hearing.scheduled_ms = its_time;
    plan.hearing.sites = sites;
    plan.hearing.endpoints = endpoints;
    plan.hearing.participants = people;
    plan.hearing.site_count = plan.hearing.endpoint_count = plan.hearing.participant_count = 2;
    return plan;
}

static inline enum refusal schedule(const struct desk_plan *plan)
{
    struct outcome outcome = {0};

    desk_store_schedule(client.db, plan, take, &outcome);
    client_wait(&client, &outcome.told);
    assert_int_equal(outcome.error, 0);
    if (!outcome.refusal)
        assert_string_equal(((const Assize__Desk__V1__ScheduleResponse *)outcome.answer)->hearing,
                            plan->hearing.id);
    return outcome.refusal;
}

static inline enum refusal reschedule(const char *id, int64_t to)
{
    struct outcome outcome = {0};

    desk_store_reschedule(client.db, id, to, take, &outcome);
    return wait_refusal(&outcome);
}

static inline enum refusal cancel(const char *id)
{
    struct outcome outcome = {0};

    desk_store_cancel(client.db, id, take, &outcome);
    return wait_refusal(&outcome);
}

static inline struct desk_link new_link(uint32_t participant)
{
    struct desk_link link = {
        .participant = participant, .kind = "single", .uses = 1, .minutes = 60};

    id_uuid(link.id);
    memcpy(link.hearing, hearing, sizeof(link.hearing));
    id_random(link.token_hash, sizeof(link.token_hash));
    return link;
}

static inline struct outcome issue(const struct desk_link *link)
{
    struct outcome outcome = {0};

    desk_store_issue(client.db, link, take, &outcome);
    client_wait(&client, &outcome.told);
    assert_int_equal(outcome.error, 0);
    return outcome;
}

static inline enum refusal withdraw(const char *id)
{
    struct outcome outcome = {0};

    desk_store_revoke(client.db, id, take, &outcome);
    return wait_refusal(&outcome);
}

/* Each test has a case of its own with one hearing. */
static inline int new_case(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    sql("SET session_replication_role = replica; TRUNCATE court, person CASCADE"); /* no triggers */
    cluster_hearing(&cluster, hearing);
    const Assize__Desk__V1__CasesResponse *cases = ask_cases("");
    snprintf(court_case, sizeof(court_case), "%s", cases->cases[0]->id);
    return 0;
}

static inline int end_case(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static inline int set_up(void **state)
{
    (void)state;
    cluster_make(&cluster);
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    client_close(&client);
    cluster_remove(&cluster);
    return 0;
}

#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, new_case, end_case)

#endif
