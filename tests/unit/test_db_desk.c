/* What the clerk's page asks of the database, against a real PostgreSQL. */
#include "base/date.h"
#include "desk_fixture.h"

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
    assert_int_equal(strlen(day->date), DATE_SIZE - 1);
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
    sql("SELECT outbox_take('', 0, 0, 1, 1000000)");
    sql("SELECT outbox_answered('', 1, '%s', sha256('x'), sha256('y'), 77, '{}', '{}', '{}')",
        NOBODY);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(tells_the_hearings_of_a_day_of_viet_nam),
        DESK_TEST(a_day_begins_at_midnight_in_viet_nam),
        DESK_TEST(without_a_date_the_day_is_today),
        DESK_TEST(tells_no_more_hearings_than_the_limit_and_says_so),
        DESK_TEST(says_whether_the_asker_takes_part),
        DESK_TEST(its_status_follows_from_its_events),
        DESK_TEST(its_recording_follows_from_its_events),
        DESK_TEST(no_body_of_an_event_is_too_odd_to_have_a_kind),
        DESK_TEST(tells_how_far_the_outcome_is_on_its_way),
        DESK_TEST(tells_the_people_of_a_hearing_and_where_they_sit),
        DESK_TEST(knows_no_hearing_that_is_not_there),
        DESK_TEST(finds_a_case_by_number_title_and_people_with_or_without_accents),
        DESK_TEST(finds_d_with_stroke_by_d),
        DESK_TEST(tells_no_more_cases_than_the_limit_and_says_so),
        DESK_TEST(plans_with_the_latest_hearing_of_the_case_and_the_staff),
        DESK_TEST(knows_no_case_that_is_not_there),
        DESK_TEST(says_that_the_database_is_away),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
