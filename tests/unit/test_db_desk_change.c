/* What the clerk's page changes in the database, against a real PostgreSQL. */
#include "desk_fixture.h"

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

/* Their own way in, by who they are, stays open; so does a room, which is nobody's alone. */
static void issues_no_link_for_the_device_of_somebody_who_can_sign_in(void **state)
{
    struct desk_link link = new_link(1);
    const char *judge = ask_hearing(hearing)->people[0]->person;

    (void)state;
    sql("INSERT INTO account (login, person, role, password, must_change) VALUES"
        " ('tham.phan', '%s', 'judge', '$argon2id$x', false)",
        judge);
    assert_true(ask_hearing(hearing)->people[0]->by_account);
    assert_false(ask_hearing(hearing)->people[1]->by_account);
    assert_int_equal(issue(&link).refusal, REFUSAL_LINK_OF_ACCOUNT);
    link.kind = "multi";
    assert_int_equal(issue(&link).refusal, REFUSAL_LINK_OF_ACCOUNT);
    assert_int_equal(ask_hearing(hearing)->n_links, 0);
    link = new_link(0);
    link.person = judge;
    assert_int_equal(issue(&link).refusal, REFUSAL_NONE);
    sql("UPDATE hearing_endpoint SET kind = 'room' WHERE hearing = '%s' AND id = 1", hearing);
    link = new_link(1);
    assert_int_equal(issue(&link).refusal, REFUSAL_NONE);
    assert_false(ask_hearing(hearing)->people[0]->by_account);
    link = new_link(1);
    link.companion = true;
    assert_int_equal(issue(&link).refusal, REFUSAL_PARTICIPANT_UNKNOWN); /* there is none */
}

/* Disabled, or of a role that enters no hearing: they can come in by a link only. */
static void an_account_that_opens_no_hearing_stands_in_no_links_way(void **state)
{
    struct desk_link link = new_link(2);

    (void)state;
    sql("INSERT INTO account (login, person, role, password, must_change, disabled_at) VALUES"
        " ('can.bo', '%s', 'officer', '$argon2id$x', false, NULL),"
        " ('truoc.day', '%s', 'clerk', '$argon2id$x', false, now())",
        ask_hearing(hearing)->people[1]->person, ask_hearing(hearing)->people[1]->person);
    assert_false(ask_hearing(hearing)->people[1]->by_account);
    assert_int_equal(issue(&link).refusal, REFUSAL_NONE);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(schedules_a_hearing_with_its_roster),
        DESK_TEST(the_same_request_again_makes_no_second_hearing),
        DESK_TEST(the_number_of_a_request_is_not_used_for_another),
        DESK_TEST(keeps_who_is_known_and_refuses_strangers),
        DESK_TEST(schedules_nothing_for_an_unknown_case),
        DESK_TEST(refuses_a_name_that_is_no_text),
        DESK_TEST(reschedules_until_the_hearing_begins),
        DESK_TEST(what_is_cancelled_ends_its_links_and_takes_no_more_events),
        DESK_TEST(issues_a_link_once_for_a_request),
        DESK_TEST(issues_a_link_to_a_companion_and_to_the_gallery),
        DESK_TEST(issues_a_link_to_a_person_by_who_they_are),
        DESK_TEST(issues_no_link_for_the_device_of_somebody_who_can_sign_in),
        DESK_TEST(an_account_that_opens_no_hearing_stands_in_no_links_way),
        DESK_TEST(issues_no_link_that_leads_nowhere),
        DESK_TEST(revokes_a_link_as_often_as_one_asks),
        DESK_TEST(tells_links_newest_first_and_not_to_everyone),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
