/* What the clerk's page asks of the database, against a real PostgreSQL. */
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

static void take(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
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

static const ProtobufCMessage *wait_answer(struct outcome *outcome)
{
    client_wait(&client, &outcome->told);
    assert_int_equal(outcome->error, 0);
    assert_int_equal(outcome->refusal, REFUSAL_NONE);
    return outcome->answer;
}

static enum refusal wait_refusal(struct outcome *outcome)
{
    client_wait(&client, &outcome->told);
    assert_int_equal(outcome->error, 0);
    assert_null(outcome->answer);
    return outcome->refusal;
}

static const Assize__Desk__V1__DayResponse *ask_day(const char *date, const char *person)
{
    struct outcome outcome = {0};

    desk_store_day(client.db, date, person, take, &outcome);
    return (const Assize__Desk__V1__DayResponse *)wait_answer(&outcome);
}

static const Assize__Desk__V1__HearingDetails *ask_hearing(const char *id)
{
    struct outcome outcome = {0};

    desk_store_hearing(client.db, id, NULL, true, take, &outcome);
    return (const Assize__Desk__V1__HearingDetails *)wait_answer(&outcome);
}

static const Assize__Desk__V1__CasesResponse *ask_cases(const char *search)
{
    struct outcome outcome = {0};

    desk_store_cases(client.db, search, take, &outcome);
    return (const Assize__Desk__V1__CasesResponse *)wait_answer(&outcome);
}

static const Assize__Desk__V1__PlanResponse *ask_plan(void)
{
    struct outcome outcome = {0};

    desk_store_plan(client.db, court_case, take, &outcome);
    return (const Assize__Desk__V1__PlanResponse *)wait_answer(&outcome);
}

static const Assize__Desk__V1__HearingSummary *summary_of(const char *id)
{
    return ask_hearing(id)->summary;
}

/* ---- what happens in the hearing ---- */

/* Appends one event of this kind as the court does; what db.h says of it. */
struct appended {
    bool told;
    int error;
};

static void take_append(void *context, int error, const uint8_t head[SHA256_BYTES])
{
    struct appended *appended = context;

    (void)head;
    appended->told = true;
    appended->error = error;
}

static int happens(Assize__Hearing__V1__Event__BodyCase kind)
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

static void sql(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void sql(const char *format, ...)
{
    char text[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    assert_int_equal(cluster_script(&cluster, text), 0);
}

static long count(const char *what)
{
    char text[512];

    snprintf(text, sizeof(text), "SELECT count(*) FROM %s", what);
    return cluster_number(&cluster, text);
}

/* ---- a plan ---- */

static struct hearing_store_site sites[2];
static struct hearing_store_endpoint endpoints[2];
static struct hearing_store_participant people[2];

static struct desk_plan new_plan(void)
{
    struct desk_plan plan = {.court_case = court_case, .digest = {1}};

    sites[0] = (struct hearing_store_site){1, 1, "Phòng xử án"};
    sites[1] = (struct hearing_store_site){2, 3, "Trại tạm giam"};
    endpoints[0] = (struct hearing_store_endpoint){1, 1, 1};
    endpoints[1] = (struct hearing_store_endpoint){2, 2, 2};
    people[0] = (struct hearing_store_participant){1, 1, 1, 0, "Thẩm phán \"A\" \\ {B}"};
    people[1] = (struct hearing_store_participant){2, 6, 2, 0, "Bi\xcc\xa3 ca\xcc\x81o"};
    id_uuid(plan.hearing.id);
    snprintf(plan.hearing.procedure, sizeof(plan.hearing.procedure), "criminal_first_instance");
    plan.hearing.scheduled_ms = its_time;
    plan.hearing.sites = sites;
    plan.hearing.endpoints = endpoints;
    plan.hearing.participants = people;
    plan.hearing.site_count = plan.hearing.endpoint_count = plan.hearing.participant_count = 2;
    return plan;
}

static enum refusal schedule(const struct desk_plan *plan)
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

static enum refusal reschedule(const char *id, int64_t to)
{
    struct outcome outcome = {0};

    desk_store_reschedule(client.db, id, to, take, &outcome);
    return wait_refusal(&outcome);
}

static enum refusal cancel(const char *id)
{
    struct outcome outcome = {0};

    desk_store_cancel(client.db, id, take, &outcome);
    return wait_refusal(&outcome);
}

static struct desk_link new_link(uint32_t participant)
{
    struct desk_link link = {
        .participant = participant, .kind = "single", .uses = 1, .minutes = 60};

    id_uuid(link.id);
    memcpy(link.hearing, hearing, sizeof(link.hearing));
    id_random(link.token_hash, sizeof(link.token_hash));
    return link;
}

static struct outcome issue(const struct desk_link *link)
{
    struct outcome outcome = {0};

    desk_store_issue(client.db, link, take, &outcome);
    client_wait(&client, &outcome.told);
    assert_int_equal(outcome.error, 0);
    return outcome;
}

static enum refusal withdraw(const char *id)
{
    struct outcome outcome = {0};

    desk_store_revoke(client.db, id, take, &outcome);
    return wait_refusal(&outcome);
}

/* ---- days ---- */

static void tells_the_hearings_of_a_day_of_viet_nam(void **state)
{
    const Assize__Desk__V1__DayResponse *day = ask_day(ITS_DAY, NULL);

    (void)state;
    assert_string_equal(day->date, ITS_DAY);
    assert_int_equal(day->n_hearings, 1);
    assert_false(day->more);
    assert_string_equal(day->hearings[0]->id, hearing);
    assert_string_equal(day->hearings[0]->case_number, "1/2026/TLST-HS");
    assert_string_equal(day->hearings[0]->court, "Tòa án thử");
    assert_int_equal(day->hearings[0]->scheduled_ms, its_time);
    assert_int_equal(day->hearings[0]->status, STATUS(SCHEDULED));
    assert_int_equal(day->hearings[0]->expected, 4);
    assert_int_equal(day->hearings[0]->recording, ASSIZE__DESK__V1__RECORDING__RECORDING_NONE);
    assert_false(day->hearings[0]->takes_part);
    assert_null(day->hearings[0]->sync);
}

static void a_day_begins_at_midnight_in_viet_nam(void **state)
{
    (void)state;
    /* 2027-01-15 00:00 +07 is 17:00 the day before in UTC. */
    sql("UPDATE hearing SET scheduled_at = '2027-01-14 16:59:59.999Z' WHERE id = '%s'", hearing);
    assert_int_equal(ask_day(ITS_DAY, NULL)->n_hearings, 0);
    assert_string_equal(ask_day(ITS_DAY, NULL)->before, "2027-01-14");
    assert_null(ask_day(ITS_DAY, NULL)->after);
    sql("UPDATE hearing SET scheduled_at = '2027-01-14 17:00Z' WHERE id = '%s'", hearing);
    assert_int_equal(ask_day(ITS_DAY, NULL)->n_hearings, 1);
    assert_string_equal(ask_day("2027-01-01", NULL)->after, ITS_DAY);
    assert_null(ask_day("2027-01-01", NULL)->before);
}

static void without_a_date_the_day_is_today(void **state)
{
    const Assize__Desk__V1__DayResponse *day = ask_day(NULL, NULL);

    (void)state;
    assert_string_equal(day->date, day->today);
    assert_int_equal(strlen(day->date), DESK_DATE_SIZE - 1);
}

static void tells_no_more_hearings_than_the_limit_and_says_so(void **state)
{
    (void)state;
    sql("INSERT INTO hearing (court_case, procedure, scheduled_at) SELECT '%s', 'criminal_appeal',"
        " '2027-01-15 01:00Z' FROM generate_series(1, %d)",
        court_case, DESK_HEARINGS_MAX);
    assert_int_equal(ask_day(ITS_DAY, NULL)->n_hearings, DESK_HEARINGS_MAX);
    assert_true(ask_day(ITS_DAY, NULL)->more);
}

static void says_whether_the_asker_takes_part(void **state)
{
    const char *clerk = ask_hearing(hearing)->people[1]->person;

    (void)state;
    assert_true(ask_day(ITS_DAY, clerk)->hearings[0]->takes_part);
    assert_false(ask_day(ITS_DAY, NOBODY)->hearings[0]->takes_part);
}

/* ---- the course of a hearing ---- */

static void its_status_follows_from_its_events(void **state)
{
    static const struct {
        Assize__Hearing__V1__Event__BodyCase kind;
        Assize__Hearing__V1__Status status;
    } course[] = {
        {BODY(OPENED), STATUS(SCHEDULED)},   {BODY(STARTED), STATUS(IN_SESSION)},
        {BODY(RECESSED), STATUS(RECESS)},    {BODY(HAND_RAISED), STATUS(RECESS)},
        {BODY(RESUMED), STATUS(IN_SESSION)}, {BODY(SUSPENDED), STATUS(SUSPENDED)},
        {BODY(RESUMED), STATUS(IN_SESSION)}, {BODY(WENT_PUBLIC), STATUS(IN_SESSION)},
        {BODY(CLOSED), STATUS(CLOSED)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(course) / sizeof(course[0]); i++) {
        assert_int_equal(happens(course[i].kind), 0);
        assert_int_equal(summary_of(hearing)->status, course[i].status);
    }
    assert_int_equal(summary_of(hearing)->status_since_ms, its_time + 8);
}

static void its_recording_follows_from_its_events(void **state)
{
#define RECORDING(name) ASSIZE__DESK__V1__RECORDING__RECORDING_##name
    static const struct {
        Assize__Hearing__V1__Event__BodyCase kind;
        Assize__Desk__V1__Recording recording;
    } course[] = {
        {BODY(OPENED), RECORDING(NONE)},     {BODY(STARTED), RECORDING(OFF)},
        {BODY(RECORD_ON), RECORDING(ON)},    {BODY(RECORD_OFF), RECORDING(OFF)},
        {BODY(RECORD_ON), RECORDING(ON)},    {BODY(RECESSED), RECORDING(KEPT)},
        {BODY(RECORD_OFF), RECORDING(KEPT)}, {BODY(CLOSED), RECORDING(KEPT)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(course) / sizeof(course[0]); i++) {
        assert_int_equal(happens(course[i].kind), 0);
        assert_int_equal(summary_of(hearing)->recording, course[i].recording);
    }
}

static void no_body_of_an_event_is_too_odd_to_have_a_kind(void **state)
{
    (void)state;
    assert_int_equal(cluster_number(&cluster, "SELECT event_kind('')"), 0);
    assert_int_equal(cluster_number(&cluster, "SELECT event_kind('\\x0801')"), 0);
    assert_int_equal(cluster_number(&cluster, "SELECT event_kind('\\x08ff')"), 0);
    assert_int_equal(cluster_number(&cluster, "SELECT event_kind('\\x08ffffffff')"), 0);
    assert_int_equal(cluster_number(&cluster, "SELECT event_kind('\\xff')"), 15);
    assert_int_equal(cluster_number(&cluster, "SELECT event_kind('\\x0801188080017200')"), 14);
    assert_int_equal(cluster_number(&cluster, "SELECT event_kind('\\x0801f20100')"), 30);
}

static void tells_how_far_the_outcome_is_on_its_way(void **state)
{
    (void)state;
    sql("SELECT case_change('%s', '%s', 'tried', gen_random_uuid(), 'x')", court_case, hearing);
    assert_int_equal(summary_of(hearing)->sync->state,
                     ASSIZE__EXCHANGE__V1__SYNC_STATE__SYNC_STATE_WAITING);
    assert_true(summary_of(hearing)->sync->recorded_ms > 0);
    sql("UPDATE outbox SET receipt_id = '%s', received_ms = 77 WHERE hearing = '%s'", NOBODY,
        hearing);
    assert_int_equal(summary_of(hearing)->sync->state,
                     ASSIZE__EXCHANGE__V1__SYNC_STATE__SYNC_STATE_RECEIVED);
    assert_int_equal(summary_of(hearing)->sync->received_ms, 77);
    assert_string_equal(summary_of(hearing)->sync->receipt_id, NOBODY);
}

/* ---- one hearing ---- */

static void tells_the_people_of_a_hearing_and_where_they_sit(void **state)
{
    const Assize__Desk__V1__HearingDetails *details = ask_hearing(hearing);

    (void)state;
    assert_int_equal(details->n_sites, 2);
    assert_string_equal(details->sites[1]->name, "Trại tạm giam");
    assert_int_equal(details->n_people, 4);
    assert_string_equal(details->people[2]->name, "Bị cáo");
    assert_int_equal(details->people[2]->site, 2);
    assert_true(details->people[2]->room);
    assert_true(details->people[2]->companion);
    assert_false(details->people[0]->room);
    assert_false(details->people[3]->companion);
    assert_int_equal(details->n_links, 0);
}

static void knows_no_hearing_that_is_not_there(void **state)
{
    struct outcome outcome = {0};

    (void)state;
    desk_store_hearing(client.db, NOBODY, NULL, true, take, &outcome);
    assert_int_equal(wait_refusal(&outcome), REFUSAL_HEARING_UNKNOWN);
}

/* ---- cases ---- */

static void finds_a_case_by_number_title_and_people_with_or_without_accents(void **state)
{
    static const char *const found[] = {"",       "1/2026", "Vụ án",      "vu an",   "VU THU",
                                        "bi cao", "BỊ CÁO", "chu 1/2026", " an  vu "};
    static const char *const not_found[] = {"2/2026", "bị đơn", "vu cao khac", "%", "_", "\\"};

    (void)state;
    for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
        const Assize__Desk__V1__CasesResponse *cases = ask_cases(found[i]);
        assert_int_equal(cases->n_cases, 1);
        assert_string_equal(cases->cases[0]->id, court_case);
        assert_string_equal(cases->cases[0]->number, "1/2026/TLST-HS");
    }
    for (size_t i = 0; i < sizeof(not_found) / sizeof(not_found[0]); i++)
        assert_int_equal(ask_cases(not_found[i])->n_cases, 0);
}

static void finds_d_with_stroke_by_d(void **state)
{
    (void)state;
    sql("UPDATE person SET full_name = 'Đỗ Đăng Đức' WHERE full_name = 'Cán bộ'");
    assert_int_equal(ask_cases("do dang duc")->n_cases, 1);
    assert_int_equal(ask_cases("ĐỖ")->n_cases, 1);
}

static void tells_no_more_cases_than_the_limit_and_says_so(void **state)
{
    (void)state;
    sql("INSERT INTO court_case (court, number, title) SELECT court, 'n' || n, 'x'"
        " FROM court_case, generate_series(1, %d) AS n WHERE id = '%s'",
        DESK_CASES_MAX, court_case);
    assert_int_equal(ask_cases("")->n_cases, DESK_CASES_MAX);
    assert_true(ask_cases("")->more);
    assert_false(ask_cases("n7")->more);
}

static void plans_with_the_latest_hearing_of_the_case_and_the_staff(void **state)
{
    const Assize__Desk__V1__PlanResponse *plan;

    (void)state;
    sql("INSERT INTO account (login, person, role, password, must_change) SELECT 'thu.ky', person,"
        " 'clerk', '$argon2id$x', false FROM hearing_participant WHERE hearing = '%s' AND id = 2",
        hearing);
    plan = ask_plan();
    assert_string_equal(plan->court_case->id, court_case);
    assert_int_equal(plan->court_case->hearings, 1);
    assert_string_equal(plan->procedure, "criminal_first_instance");
    assert_int_equal(plan->n_sites, 2);
    assert_int_equal(plan->n_people, 4);
    assert_int_equal(plan->n_staff, 1);
    assert_string_equal(plan->staff[0]->name, "Thư ký");
    assert_int_equal(plan->staff[0]->role, ASSIZE__HEARING__V1__ROLE__ROLE_CLERK);
}

static void knows_no_case_that_is_not_there(void **state)
{
    struct outcome outcome = {0};

    (void)state;
    desk_store_plan(client.db, NOBODY, take, &outcome);
    assert_int_equal(wait_refusal(&outcome), REFUSAL_CASE_UNKNOWN);
}

/* ---- scheduling ---- */

static void schedules_a_hearing_with_its_roster(void **state)
{
    struct desk_plan plan = new_plan();

    (void)state;
    assert_int_equal(schedule(&plan), REFUSAL_NONE);
    const Assize__Desk__V1__HearingDetails *details = ask_hearing(plan.hearing.id);
    assert_string_equal(details->summary->case_number, "1/2026/TLST-HS");
    assert_int_equal(details->n_people, 2);
    assert_string_equal(details->people[0]->name, "Thẩm phán \"A\" \\ {B}");
    assert_string_equal(details->people[1]->name, "Bị cáo");
    assert_true(details->people[1]->room);
    assert_int_equal(details->people[1]->role, ASSIZE__HEARING__V1__ROLE__ROLE_DEFENDANT);
}

static void the_same_request_again_makes_no_second_hearing(void **state)
{
    struct desk_plan plan = new_plan();
    long before = count("hearing");
    long persons = count("person");

    (void)state;
    assert_int_equal(schedule(&plan), REFUSAL_NONE);
    assert_int_equal(schedule(&plan), REFUSAL_NONE);
    assert_int_equal(count("hearing"), before + 1);
    assert_int_equal(count("person"), persons + 2);
}

static void the_number_of_a_request_is_not_used_for_another(void **state)
{
    struct desk_plan plan = new_plan();

    (void)state;
    assert_int_equal(schedule(&plan), REFUSAL_NONE);
    plan.digest[0] = 2;
    assert_int_equal(schedule(&plan), REFUSAL_COMMAND_ID_REUSED);
    memcpy(plan.hearing.id, hearing, sizeof(plan.hearing.id)); /* made otherwise */
    assert_int_equal(schedule(&plan), REFUSAL_COMMAND_ID_REUSED);
}

static void keeps_who_is_known_and_refuses_strangers(void **state)
{
    struct desk_plan plan = new_plan();

    (void)state;
    plan.persons[0] = ask_hearing(hearing)->people[0]->person;
    assert_int_equal(schedule(&plan), REFUSAL_NONE);
    assert_string_equal(ask_hearing(plan.hearing.id)->people[0]->person, plan.persons[0]);
    assert_string_equal(ask_hearing(plan.hearing.id)->people[0]->name, "Chủ tọa");
    long before = count("hearing");
    plan = new_plan();
    plan.persons[1] = NOBODY;
    assert_int_equal(schedule(&plan), REFUSAL_PERSON_UNKNOWN);
    /* Somebody of another case is a stranger too, until they have an account. */
    sql("INSERT INTO person (id, full_name) VALUES ('%s', 'Người khác')", NOBODY);
    assert_int_equal(schedule(&plan), REFUSAL_PERSON_UNKNOWN);
    assert_int_equal(count("hearing"), before);
    sql("INSERT INTO account (login, person, role, password, must_change) VALUES"
        " ('nguoi.khac', '%s', 'judge', '$argon2id$x', false)",
        NOBODY);
    assert_int_equal(schedule(&plan), REFUSAL_NONE);
}

static void schedules_nothing_for_an_unknown_case(void **state)
{
    struct desk_plan plan = new_plan();

    (void)state;
    plan.court_case = NOBODY;
    assert_int_equal(schedule(&plan), REFUSAL_CASE_UNKNOWN);
}

static void refuses_a_name_that_is_no_text(void **state)
{
    struct desk_plan plan = new_plan();

    (void)state;
    snprintf(people[1].name, sizeof(people[1].name), "\xff\xfe");
    assert_int_equal(schedule(&plan), REFUSAL_NAME_UNFIT);
}

static void reschedules_until_the_hearing_begins(void **state)
{
    (void)state;
    assert_int_equal(reschedule(hearing, its_time + 1000), REFUSAL_NONE);
    assert_int_equal(summary_of(hearing)->scheduled_ms, its_time + 1000);
    assert_int_equal(happens(BODY(OPENED)), 0);
    assert_int_equal(reschedule(hearing, its_time), REFUSAL_NONE);
    assert_int_equal(happens(BODY(STARTED)), 0);
    assert_int_equal(reschedule(hearing, its_time + 1000), REFUSAL_HEARING_BEGUN);
    assert_int_equal(cancel(hearing), REFUSAL_HEARING_BEGUN);
    assert_int_equal(summary_of(hearing)->scheduled_ms, its_time);
    assert_int_equal(reschedule(NOBODY, its_time), REFUSAL_HEARING_UNKNOWN);
}

static void what_is_cancelled_ends_its_links_and_takes_no_more_events(void **state)
{
    struct desk_link link = new_link(1);

    (void)state;
    assert_int_equal(issue(&link).refusal, REFUSAL_NONE);
    assert_int_equal(happens(BODY(OPENED)), 0);
    assert_int_equal(cancel(hearing), REFUSAL_NONE);
    assert_int_equal(cancel(hearing), REFUSAL_NONE);
    assert_true(summary_of(hearing)->cancelled_ms > 0);
    assert_true(ask_hearing(hearing)->links[0]->has_revoked_ms);
    assert_int_equal(reschedule(hearing, its_time), REFUSAL_HEARING_CANCELLED);
    link = new_link(1);
    assert_int_equal(issue(&link).refusal, REFUSAL_HEARING_CANCELLED);
    assert_int_equal(happens(BODY(STARTED)), -EEXIST);
    assert_int_equal(cancel(NOBODY), REFUSAL_HEARING_UNKNOWN);
}

/* ---- links ---- */

static void issues_a_link_once_for_a_request(void **state)
{
    struct desk_link link = new_link(3);

    (void)state;
    struct outcome first = issue(&link);
    assert_int_equal(first.refusal, REFUSAL_NONE);
    const Assize__Desk__V1__Link *told =
        ((const Assize__Desk__V1__IssueLinkResponse *)first.answer)->link;
    assert_string_equal(told->id, link.id);
    assert_int_equal(told->participant, 3);
    assert_int_equal(told->max_uses, 1);
    assert_false(told->multi);
    assert_false(told->companion);
    assert_true(told->expires_ms > told->created_ms + 59 * 60000);
    id_random(link.token_hash, sizeof(link.token_hash)); /* the token of a retry */
    assert_int_equal(issue(&link).refusal, REFUSAL_NONE);
    assert_int_equal(ask_hearing(hearing)->n_links, 1);
    sql("UPDATE join_link SET used = 1 WHERE id = '%s'", link.id);
    assert_int_equal(issue(&link).refusal, REFUSAL_COMMAND_ID_REUSED);
    link.participant = 2;
    assert_int_equal(issue(&link).refusal, REFUSAL_COMMAND_ID_REUSED);
}

static void issues_a_link_to_a_companion_and_to_the_gallery(void **state)
{
    struct desk_link link = new_link(3);

    (void)state;
    link.companion = true;
    assert_int_equal(issue(&link).refusal, REFUSAL_NONE);
    assert_true(ask_hearing(hearing)->links[0]->companion);
    link = new_link(1);
    link.companion = true; /* has none */
    assert_int_equal(issue(&link).refusal, REFUSAL_PARTICIPANT_UNKNOWN);
    link = new_link(0);
    link.kind = "gallery";
    link.uses = 50;
    assert_int_equal(issue(&link).refusal, REFUSAL_NONE);
    assert_int_equal(ask_hearing(hearing)->links[0]->participant, 0);
    assert_int_equal(ask_hearing(hearing)->links[0]->max_uses, 50);
}

static void issues_a_link_to_a_person_by_who_they_are(void **state)
{
    struct desk_link link = new_link(0);

    (void)state;
    link.person = ask_hearing(hearing)->people[1]->person;
    struct outcome outcome = issue(&link);
    assert_int_equal(outcome.refusal, REFUSAL_NONE);
    assert_int_equal(
        ((const Assize__Desk__V1__IssueLinkResponse *)outcome.answer)->link->participant, 2);
    link = new_link(0);
    link.person = NOBODY;
    assert_int_equal(issue(&link).refusal, REFUSAL_PARTICIPANT_UNKNOWN);
}

static void issues_no_link_that_leads_nowhere(void **state)
{
    struct desk_link link = new_link(9);

    (void)state;
    assert_int_equal(issue(&link).refusal, REFUSAL_PARTICIPANT_UNKNOWN);
    link = new_link(1);
    snprintf(link.hearing, sizeof(link.hearing), NOBODY);
    assert_int_equal(issue(&link).refusal, REFUSAL_HEARING_UNKNOWN);
    assert_int_equal(happens(BODY(CLOSED)), 0);
    link = new_link(1);
    assert_int_equal(issue(&link).refusal, REFUSAL_WRONG_STATUS);
    assert_int_equal(ask_hearing(hearing)->n_links, 0);
}

static void revokes_a_link_as_often_as_one_asks(void **state)
{
    struct desk_link link = new_link(1);

    (void)state;
    issue(&link);
    assert_int_equal(withdraw(link.id), REFUSAL_NONE);
    int64_t at = ask_hearing(hearing)->links[0]->revoked_ms;
    assert_true(at > 0);
    assert_int_equal(withdraw(link.id), REFUSAL_NONE);
    assert_int_equal(ask_hearing(hearing)->links[0]->revoked_ms, at);
    assert_int_equal(withdraw(NOBODY), REFUSAL_LINK_UNKNOWN);
}

static void tells_links_newest_first_and_not_to_everyone(void **state)
{
    struct outcome outcome = {0};
    struct desk_link first = new_link(1);
    struct desk_link second = new_link(2);

    (void)state;
    issue(&first);
    issue(&second);
    assert_string_equal(ask_hearing(hearing)->links[0]->id, second.id);
    assert_int_equal(ask_hearing(hearing)->n_links, 2);
    desk_store_hearing(client.db, hearing, NULL, false, take, &outcome);
    const Assize__Desk__V1__HearingDetails *details =
        (const Assize__Desk__V1__HearingDetails *)wait_answer(&outcome);
    assert_int_equal(details->n_links, 0);
    assert_false(details->more_links);
}

static void says_that_the_database_is_away(void **state)
{
    struct outcome outcome = {0};
    struct client away;

    (void)state;
    client_open(&away, "host=/nowhere dbname=none");
    desk_store_day(away.db, NULL, NULL, take, &outcome);
    client_wait(&away, &outcome.told);
    assert_int_equal(outcome.error, -EAGAIN);
    assert_null(outcome.answer);
    client_close(&away);
}

/* Each test has a case of its own with one hearing. */
static int new_case(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    sql("ALTER TABLE hearing_event DISABLE TRIGGER USER; ALTER TABLE hearing_command DISABLE "
        "TRIGGER"
        " USER; ALTER TABLE outbox DISABLE TRIGGER USER; TRUNCATE court, person CASCADE;"
        " ALTER TABLE hearing_event ENABLE TRIGGER USER; ALTER TABLE hearing_command ENABLE TRIGGER"
        " USER; ALTER TABLE outbox ENABLE TRIGGER USER");
    cluster_hearing(&cluster, hearing);
    const Assize__Desk__V1__CasesResponse *cases = ask_cases("");
    snprintf(court_case, sizeof(court_case), "%s", cases->cases[0]->id);
    return 0;
}

static int end_case(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    cluster_make(&cluster);
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    client_close(&client);
    cluster_remove(&cluster);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_case, end_case)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tells_the_hearings_of_a_day_of_viet_nam),
        TEST(a_day_begins_at_midnight_in_viet_nam),
        TEST(without_a_date_the_day_is_today),
        TEST(tells_no_more_hearings_than_the_limit_and_says_so),
        TEST(says_whether_the_asker_takes_part),
        TEST(its_status_follows_from_its_events),
        TEST(its_recording_follows_from_its_events),
        TEST(no_body_of_an_event_is_too_odd_to_have_a_kind),
        TEST(tells_how_far_the_outcome_is_on_its_way),
        TEST(tells_the_people_of_a_hearing_and_where_they_sit),
        TEST(knows_no_hearing_that_is_not_there),
        TEST(finds_a_case_by_number_title_and_people_with_or_without_accents),
        TEST(finds_d_with_stroke_by_d),
        TEST(tells_no_more_cases_than_the_limit_and_says_so),
        TEST(plans_with_the_latest_hearing_of_the_case_and_the_staff),
        TEST(knows_no_case_that_is_not_there),
        TEST(schedules_a_hearing_with_its_roster),
        TEST(the_same_request_again_makes_no_second_hearing),
        TEST(the_number_of_a_request_is_not_used_for_another),
        TEST(keeps_who_is_known_and_refuses_strangers),
        TEST(schedules_nothing_for_an_unknown_case),
        TEST(refuses_a_name_that_is_no_text),
        TEST(reschedules_until_the_hearing_begins),
        TEST(what_is_cancelled_ends_its_links_and_takes_no_more_events),
        TEST(issues_a_link_once_for_a_request),
        TEST(issues_a_link_to_a_companion_and_to_the_gallery),
        TEST(issues_a_link_to_a_person_by_who_they_are),
        TEST(issues_no_link_that_leads_nowhere),
        TEST(revokes_a_link_as_often_as_one_asks),
        TEST(tells_links_newest_first_and_not_to_everyone),
        TEST(says_that_the_database_is_away),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
