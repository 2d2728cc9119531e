/* The command flow while the database is there: opening, committing, queueing, answering again,
 * history. */
#include "court_fixture.h"

static void opens_a_new_hearing_with_its_opening_event(void **state)
{
    (void)state;
    assert_int_equal(store.event_count, 1);
    assert_int_equal(court_state(hearing)->seq, 1);
    assert_int_equal(court_state(hearing)->participant_count, ROLES);
    assert_ptr_equal(court_shadow(hearing), court_state(hearing));
    assert_string_equal(court_record(hearing)->case_number, "12/2026/HSST");
    assert_string_equal(court_record(hearing)->participants[ROLES - 1].name, "person");
    assert_int_equal(court_record(hearing)->event_count, 0);
    assert_string_equal(court_hearing_id(hearing), HEARING_ID);
}

static void loads_once_for_all_who_open(void **state)
{
    (void)state;
    court_open(court, HEARING_ID, on_opened, NULL);
    assert_told("opened");
    struct court *other = court_new(NULL, procedures, &OPS, NULL);
    court_open(other, HEARING_ID, on_opened, NULL);
    court_open(other, HEARING_ID, on_opened, NULL);
    assert_null(court_find(other, HEARING_ID));
    assert_int_equal(store.call_count, 1);
    store_run();
    assert_told("opened opened");
    assert_ptr_equal(court_find(other, HEARING_ID), hearing);
    court_free(other);
}

static void open_and_expect(int how, const char *wanted)
{
    struct court *other = court_new(NULL, procedures, &OPS, NULL);

    court_open(other, HEARING_ID, on_opened, NULL);
    store_answer(how);
    assert_told(wanted);
    assert_null(court_find(other, HEARING_ID));
    assert_int_equal(store.call_count, 0);
    court_free(other);
}

static void refuses_a_hearing_that_cannot_be_opened(void **state)
{
    (void)state;
    open_and_expect(-ENOENT, "hearing_unknown");
    open_and_expect(-EBADMSG, "internal");
    open_and_expect(STORE_LOSE, "not_saved");
    court_open(court, "not-a-uuid", on_opened, NULL);
    assert_told("hearing_unknown");
    store_intrude(HEARING_EVENT(ADMITTED), COUNSEL); /* who never checked in */
    open_and_expect(0, "internal");
}

static void refuses_a_roster_that_cannot_be(void **state)
{
    struct court *other = court_new(NULL, procedures, &OPS, NULL);

    (void)state;
    store_reset();
    store.participants[0].role = HEARING_ROLE(CLERK);
    court_open(other, HEARING_ID, on_opened, NULL);
    store_run();
    assert_told("internal");
    assert_int_equal(store.event_count, 0);
    court_free(other);
}

static void opens_what_someone_else_opened_meanwhile(void **state)
{
    struct court *one = court_new(NULL, procedures, &OPS, NULL);
    struct court *two = court_new(NULL, procedures, &OPS, NULL);

    (void)state;
    store_reset();
    court_open(one, HEARING_ID, on_opened, NULL);
    court_open(two, HEARING_ID, on_opened, NULL);
    store_run();
    assert_told("opened opened");
    assert_int_equal(store.event_count, 1);
    court_free(one);
    court_free(two);
}

static void tells_nothing_before_the_commit(void **state)
{
    (void)state;
    SUBMIT(COUNSEL, 1, CHECK_IN, 0);
    assert_told("");
    assert_int_equal(court_state(hearing)->seq, 1);
    store_answer(0);
    assert_told("changed:1 done:1");
    assert_int_equal(court_state(hearing)->seq, 2);
    assert_int_equal(store.event_count, 2);
}

static void refuses_without_asking_the_store(void **state)
{
    (void)state;
    SUBMIT(COUNSEL, 1, RECESS, 0);
    assert_told("role_not_allowed:1");
    assert_int_equal(store.call_count, 0);
}

static void queues_behind_the_append_under_way(void **state)
{
    (void)state;
    SUBMIT(PRESIDING, 1, CHECK_IN, 0);
    SUBMIT(COUNSEL, 2, CHECK_IN, 0);
    SUBMIT(PRESIDING, 3, ADMIT, COUNSEL);
    assert_int_equal(store.call_count, 1);
    store_answer(0);
    assert_told("changed:2 done:1");
    assert_int_equal(store.call_count, 1);
    store_run();
    assert_told("changed:1 done:2 changed:1 done:3");
    assert_true(hearing_is_inside(court_state(hearing), COUNSEL));
}

static void refuses_more_than_the_queue_holds(void **state)
{
    (void)state;
    SUBMIT(PRESIDING, 1, CHECK_IN, 0);
    for (unsigned i = 0; i < COURT_QUEUE_MAX; i++)
        SUBMIT(COUNSEL, 100 + i, CHECK_IN, 0);
    assert_told("");
    SUBMIT(CLERK, 2, CHECK_IN, 0);
    assert_told("busy:2");
    store_run();
    told[0] = '\0';
    SUBMIT(CLERK, 2, CHECK_IN, 0);
    store_run();
    assert_told("changed:2 done:2");
}

static void needs_an_id_from_people_and_none_from_the_server(void **state)
{
    struct fixture_command made;
    char id[] = "0199A000-0000-7000-8000-000000000001";

    (void)state;
    SUBMIT(COUNSEL, 0, CHECK_IN, 0);
    assert_told("malformed:0");
    fixture_make_command(court_state(hearing), HEARING_COMMAND(CHECK_IN), 0, &made);
    made.command.command_id = id;
    court_submit(court, hearing, fixture_actor(court_state(hearing), COUNSEL), &made.command,
                 on_outcome, NULL, 9);
    assert_told("malformed:9");
    SUBMIT(COUNSEL, 1, CHECK_IN, 0);
    store_run();
    told[0] = '\0';
    SUBMIT(HEARING_SERVER, 0, LINK_LOST, COUNSEL);
    store_run();
    SUBMIT(HEARING_SERVER, 0, LINK_RESTORED, COUNSEL);
    store_run();
    assert_told("changed:1 done:0 changed:1 done:0");
    assert_int_equal(store.command_count, 1);
}

static void answers_without_anyone_waiting(void **state)
{
    struct fixture_command made;

    (void)state;
    fixture_make_command(court_state(hearing), HEARING_COMMAND(LINK_LOST), COUNSEL, &made);
    court_submit(court, hearing, (struct hearing_actor){0, 0}, &made.command, NULL, NULL, 0);
    made.command.command_id = told; /* "" is no id */
    court_submit(court, hearing, fixture_actor(court_state(hearing), COUNSEL), &made.command, NULL,
                 NULL, 0);
    assert_told("");
}

static void gives_a_repeated_command_its_first_outcome(void **state)
{
    (void)state;
    SUBMIT(COUNSEL, 1, CHECK_IN, 0);
    SUBMIT(COUNSEL, 1, CHECK_IN, 0); /* while the first is under way */
    store_run();
    assert_told("changed:1 done:1 done:1");
    SUBMIT(COUNSEL, 1, CHECK_IN, 0); /* once it is done, though counsel is in by now */
    assert_told("done:1");
    SUBMIT(COUNSEL, 2, RECESS, 0);
    SUBMIT(COUNSEL, 2, RECESS, 0);
    assert_told("role_not_allowed:2 role_not_allowed:2");
    assert_int_equal(store.event_count, 2);
}

static void gives_the_first_outcome_after_a_restart(void **state)
{
    (void)state;
    SUBMIT(COUNSEL, 1, CHECK_IN, 0);
    store_run();
    court_free(court);
    court = court_new(NULL, procedures, &OPS, NULL);
    court_database_up(court);
    court_open(court, HEARING_ID, on_opened, NULL);
    store_run();
    told[0] = '\0';
    SUBMIT(COUNSEL, 1, CHECK_IN, 0);
    assert_told("done:1");
    assert_int_equal(store.event_count, 2);
}

static void refuses_an_id_that_meant_something_else(void **state)
{
    (void)state;
    SUBMIT(COUNSEL, 1, CHECK_IN, 0);
    SUBMIT(WITNESS, 1, CHECK_IN, 0);
    assert_told("command_id_reused:1");
    store_run();
    assert_told("changed:1 done:1");
    SUBMIT(COUNSEL, 1, LEAVE, 0);
    SUBMIT(WITNESS, 1, CHECK_IN, 0);
    assert_told("command_id_reused:1 command_id_reused:1");
    submit_as((struct hearing_actor){COUNSEL, WITNESS}, 1, HEARING_COMMAND(CHECK_IN), 0);
    assert_told("command_id_reused:1");
}

static void lets_a_retry_have_seen_more(void **state)
{
    (void)state;
    SUBMIT(COUNSEL, 1, CHECK_IN, 0);
    store_run();
    SUBMIT(WITNESS, 2, CHECK_IN, 0);
    store_run();
    told[0] = '\0';
    SUBMIT(COUNSEL, 1, CHECK_IN, 0);
    assert_told("done:1");
}

/* Raises and lowers a hand, mutes and unmutes: something that can go on for ever. */
static void go_on(unsigned first, unsigned number)
{
    for (unsigned i = 0; i < number; i++) {
        if (i % 2)
            SUBMIT(COUNSEL, first + i, UNMUTE, 0);
        else
            SUBMIT(COUNSEL, first + i, MUTE, 0);
        store_run();
    }
    told[0] = '\0';
}

static void asks_the_store_about_a_command_it_has_forgotten(void **state)
{
    (void)state;
    SUBMIT(COUNSEL, 1, CHECK_IN, 0);
    store_run();
    go_on(100, COURT_OUTCOMES_MAX);
    SUBMIT(COUNSEL, 50, LEAVE, 0); /* so that checking in again would be possible */
    store_run();
    told[0] = '\0';
    size_t before = store.event_count;
    SUBMIT(COUNSEL, 1, CHECK_IN, 0);
    assert_told("");
    store_run();
    assert_told("reloaded done:1");
    assert_int_equal(store.event_count, before);
}

static void shows_the_events_since_a_seq(void **state)
{
    Assize__Hearing__V1__Event *const *events;
    size_t count;

    (void)state;
    SUBMIT(PRESIDING, 1, CHECK_IN, 0);
    store_run();
    assert_int_equal(court_events_since(hearing, 0, &events, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(events[0]->body_case, HEARING_EVENT(OPENED));
    assert_int_equal(court_events_since(hearing, 2, &events, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(events[0]->body_case, HEARING_EVENT(ADMITTED));
    assert_int_equal(court_events_since(hearing, 3, &events, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(court_events_since(hearing, 4, &events, &count), -ERANGE);
}

/* Writes events into the store: counsel's link comes and goes. */
static void write_many(size_t number)
{
    for (size_t i = 0; i < number; i++)
        store_intrude(i % 2 ? HEARING_EVENT(ENDPOINT_LINK_RESTORED)
                            : HEARING_EVENT(ENDPOINT_LINK_LOST),
                      COUNSEL);
}

static void keeps_the_newest_events_in_memory(void **state)
{
    Assize__Hearing__V1__Event *const *events;
    size_t count;

    (void)state;
    SUBMIT(COUNSEL, 1, CHECK_IN, 0);
    store_run();
    write_many(2 * COURT_HISTORY_MAX + 10);
    court_database_up(court);
    store_run();
    SUBMIT(COUNSEL, 2, LEAVE, 0);
    store_run();
    uint64_t seq = court_state(hearing)->seq;
    assert_int_equal(seq, 2 * COURT_HISTORY_MAX + 13);
    assert_int_equal(court_events_since(hearing, seq - COURT_HISTORY_MAX, &events, &count), 0);
    assert_int_equal(count, COURT_HISTORY_MAX);
    assert_int_equal(events[0]->seq, seq - COURT_HISTORY_MAX + 1);
    assert_int_equal(events[count - 1]->body_case, HEARING_EVENT(LEFT));
    assert_int_equal(court_events_since(hearing, seq - COURT_HISTORY_MAX - 1, &events, &count),
                     -ERANGE);
    told[0] = '\0';
}

static void open_number(unsigned number)
{
    char id[ID_UUID_SIZE];

    snprintf(id, sizeof(id), "0199a000-0000-7000-9000-%012u", number);
    court_open(court, id, on_opened, NULL);
    store_run();
}

static void count_one(void *context, struct court_hearing *visited)
{
    ++*(unsigned *)context;
    assert_non_null(court_hearing_id(visited));
}

static void makes_room_by_unloading_what_nobody_uses(void **state)
{
    unsigned loaded = 0;

    (void)state;
    court_set_user(hearing, told);
    assert_ptr_equal(court_user(hearing), told);
    for (unsigned i = 1; i < COURT_HEARINGS_MAX + 5; i++) {
        open_number(i);
        court_set_user(hearing, i == 2 ? told : NULL);
    }
    court_each(court, count_one, &loaded);
    assert_int_equal(loaded, COURT_HEARINGS_MAX);
    assert_non_null(court_find(court, HEARING_ID));
    assert_null(court_find(court, "0199a000-0000-7000-9000-000000000001"));
    assert_non_null(court_find(court, "0199a000-0000-7000-9000-000000000002"));
    told[0] = '\0';
}

static void use(void *context, struct court_hearing *visited)
{
    court_set_user(visited, context);
}

static void refuses_another_hearing_when_all_are_in_use(void **state)
{
    (void)state;
    for (unsigned i = 1; i < COURT_HEARINGS_MAX; i++)
        open_number(i);
    court_each(court, use, told);
    told[0] = '\0';
    open_number(COURT_HEARINGS_MAX);
    assert_told("busy");
}

static void open_another(void *context, struct court_hearing *visited)
{
    (void)context;
    court_open(court, "0199a000-0000-7000-9000-999999999999", on_opened, NULL);
    assert_non_null(court_hearing_id(visited));
}

static void unloads_nothing_while_it_goes_through_all(void **state)
{
    (void)state;
    for (unsigned i = 1; i < COURT_HEARINGS_MAX; i++)
        open_number(i);
    told[0] = '\0';
    court_each(court, open_another, NULL);
    assert_memory_equal(told, "busy busy busy", 14);
    told[0] = '\0';
}

static void leaves_nothing_behind_when_it_ends_early(void **state)
{
    (void)state;
    SUBMIT(PRESIDING, 1, CHECK_IN, 0);
    SUBMIT(COUNSEL, 2, CHECK_IN, 0);
    court_open(court, "0199a000-0000-7000-9000-000000000001", on_opened, NULL);
    court_free(court);
    court = NULL;
    store_run();
    assert_told("");
}

#define OPENED(test) cmocka_unit_test_setup_teardown(test, court_fixture_open, court_fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPENED(opens_a_new_hearing_with_its_opening_event),
        OPENED(loads_once_for_all_who_open),
        OPENED(refuses_a_hearing_that_cannot_be_opened),
        OPENED(refuses_a_roster_that_cannot_be),
        OPENED(opens_what_someone_else_opened_meanwhile),
        OPENED(tells_nothing_before_the_commit),
        OPENED(refuses_without_asking_the_store),
        OPENED(queues_behind_the_append_under_way),
        OPENED(refuses_more_than_the_queue_holds),
        OPENED(needs_an_id_from_people_and_none_from_the_server),
        OPENED(answers_without_anyone_waiting),
        OPENED(gives_a_repeated_command_its_first_outcome),
        OPENED(gives_the_first_outcome_after_a_restart),
        OPENED(refuses_an_id_that_meant_something_else),
        OPENED(lets_a_retry_have_seen_more),
        OPENED(asks_the_store_about_a_command_it_has_forgotten),
        OPENED(shows_the_events_since_a_seq),
        OPENED(keeps_the_newest_events_in_memory),
        OPENED(makes_room_by_unloading_what_nobody_uses),
        OPENED(refuses_another_hearing_when_all_are_in_use),
        OPENED(unloads_nothing_while_it_goes_through_all),
        OPENED(leaves_nothing_behind_when_it_ends_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
