/*
 * The command flow when the database is slow, away, full, or did something nobody heard of: what
 * takes away is in force at once and stays so, everything else is said not to have been done, and
 * nothing is done twice or much later.
 */
#include "court_fixture.h"

static void go_down(void)
{
    court_database_down(court);
}

static void come_back(void)
{
    court_database_up(court);
    store_run();
}

static bool shadow_muted(uint32_t endpoint)
{
    return is_muted(court_shadow(hearing), endpoint);
}

static void narrows_before_it_is_saved(void **state)
{
    (void)state;
    SUBMIT(COUNSEL, 10, MUTE, 0);
    assert_told("narrowed");
    assert_true(shadow_muted(COUNSEL));
    assert_false(is_muted(court_state(hearing), COUNSEL));
    store_run();
    assert_told("changed:1 done:10");
    assert_true(is_muted(court_state(hearing), COUNSEL));
    assert_ptr_equal(court_shadow(hearing), court_state(hearing));
}

static void narrows_past_an_append_under_way(void **state)
{
    (void)state;
    SUBMIT(WITNESS, 10, CHECK_IN, 0);
    SUBMIT(PRESIDING, 11, SEND_BACK, COUNSEL);
    assert_told("narrowed");
    assert_false(hearing_is_inside(court_shadow(hearing), COUNSEL));
    store_answer(0);
    assert_told("changed:1 done:10");
    assert_false(hearing_is_inside(court_shadow(hearing), COUNSEL));
    assert_true(hearing_is_inside(court_state(hearing), COUNSEL));
    store_run();
    assert_told("changed:1 done:11");
    assert_ptr_equal(court_shadow(hearing), court_state(hearing));
}

static void narrows_what_a_command_before_it_made_possible(void **state)
{
    (void)state;
    SUBMIT(WITNESS, 10, CHECK_IN, 0);
    SUBMIT(PRESIDING, 11, ADMIT, WITNESS);
    SUBMIT(PRESIDING, 12, SEND_BACK, WITNESS);
    assert_told("");
    store_answer(0);
    store_answer(0);
    assert_told("changed:1 done:10 changed:1 done:11 narrowed");
    store_run();
    assert_told("changed:1 done:12");
}

static void keeps_a_microphone_off_that_is_muted_behind_an_unmute(void **state)
{
    (void)state;
    SUBMIT(COUNSEL, 10, MUTE, 0);
    store_run();
    told[0] = '\0';
    SUBMIT(COUNSEL, 11, UNMUTE, 0);
    SUBMIT(COUNSEL, 12, MUTE, 0);
    store_answer(0);
    assert_told("changed:1 done:11");
    assert_false(is_muted(court_state(hearing), COUNSEL));
    assert_true(shadow_muted(COUNSEL));
    store_run();
    assert_told("changed:1 done:12");
}

static void mutes_while_the_database_is_away_and_saves_it_later(void **state)
{
    (void)state;
    go_down();
    assert_false(court_is_saving(court));
    SUBMIT(PRESIDING, 10, MUTE, COUNSEL);
    assert_told("narrowed applied_not_saved:10");
    assert_true(shadow_muted(COUNSEL));
    assert_false(is_muted(court_state(hearing), COUNSEL));
    assert_int_equal(store.call_count, 0);
    come_back();
    assert_told("reloaded changed:1");
    assert_true(court_is_saving(court));
    assert_true(is_muted(court_state(hearing), COUNSEL));
    assert_ptr_equal(court_shadow(hearing), court_state(hearing));
    SUBMIT(PRESIDING, 10, MUTE, COUNSEL);
    assert_told("done:10");
}

static void stays_narrow_from_the_return_to_the_commit(void **state)
{
    (void)state;
    go_down();
    SUBMIT(PRESIDING, 10, SEND_BACK, COUNSEL);
    court_database_up(court);
    assert_false(hearing_is_inside(court_shadow(hearing), COUNSEL));
    store_answer(0);
    assert_told("narrowed applied_not_saved:10 reloaded");
    assert_true(hearing_is_inside(court_state(hearing), COUNSEL));
    assert_false(hearing_is_inside(court_shadow(hearing), COUNSEL));
    store_run();
    assert_false(hearing_is_inside(court_state(hearing), COUNSEL));
    told[0] = '\0';
}

static void refuses_anything_wider_while_the_database_is_away(void **state)
{
    (void)state;
    go_down();
    SUBMIT(WITNESS, 10, CHECK_IN, 0);
    SUBMIT(HEARING_SERVER, 0, LINK_LOST, COUNSEL);
    assert_told("not_saved:10 not_saved:0");
    size_t before = store.event_count;
    come_back();
    assert_told("reloaded");
    assert_int_equal(store.event_count, before);
    SUBMIT(WITNESS, 10, CHECK_IN, 0); /* a retry is not held to an outcome that was none */
    store_run();
    assert_told("changed:1 done:10");
}

static void refuses_what_the_state_forbids_while_the_database_is_away(void **state)
{
    (void)state;
    go_down();
    SUBMIT(COUNSEL, 10, MUTE, CLERK);
    SUBMIT(COUNSEL, 11, MUTE, 0);
    SUBMIT(COUNSEL, 12, MUTE, 0);
    assert_told("role_not_allowed:10 narrowed applied_not_saved:11 already_so:12");
}

static void answers_the_queue_when_the_database_goes_away(void **state)
{
    (void)state;
    SUBMIT(WITNESS, 10, CHECK_IN, 0);
    SUBMIT(VICTIM, 11, CHECK_IN, 0);
    SUBMIT(COUNSEL, 12, MUTE, 0);
    assert_told("narrowed");
    go_down();
    assert_told("not_saved:11 applied_not_saved:12");
    store_answer(STORE_LOSE);
    assert_told("outcome_unknown:10");
    size_t before = store.event_count;
    come_back();
    assert_told("reloaded changed:1");
    assert_int_equal(store.event_count, before + 1);
    assert_true(is_muted(court_state(hearing), COUNSEL));
    assert_int_equal(hearing_participant(court_state(hearing), VICTIM)->standing,
                     HEARING_STANDING(NOT_SIGNED_IN));
}

static void shows_a_commit_that_nobody_heard_of(void **state)
{
    (void)state;
    SUBMIT(WITNESS, 10, CHECK_IN, 0);
    go_down();
    store_answer(STORE_DO_AND_LOSE);
    assert_told("outcome_unknown:10");
    size_t before = store.event_count;
    come_back();
    assert_told("reloaded");
    assert_int_equal(hearing_participant(court_state(hearing), WITNESS)->standing,
                     HEARING_STANDING(WAITING));
    SUBMIT(WITNESS, 10, CHECK_IN, 0);
    assert_told("done:10");
    assert_int_equal(store.event_count, before);
}

static void doubts_no_more_once_it_was_loaded_again(void **state)
{
    (void)state;
    SUBMIT(WITNESS, 10, CHECK_IN, 0);
    go_down();
    store_answer(STORE_LOSE);
    come_back();
    SUBMIT(COUNSEL, 11, MUTE, 0);
    store_run();
    go_down();
    told[0] = '\0';
    SUBMIT(COUNSEL, 12, MUTE, 0);
    assert_told("already_so:12");
}

static void asks_at_once_what_became_of_a_command_while_it_can(void **state)
{
    (void)state;
    SUBMIT(WITNESS, 10, CHECK_IN, 0);
    store_answer(STORE_DO_AND_LOSE);
    assert_told("");
    store_run();
    assert_told("reloaded done:10");
    SUBMIT(VICTIM, 11, CHECK_IN, 0);
    store_answer(STORE_LOSE);
    store_run();
    assert_told("reloaded changed:1 done:11");
}

static void does_a_narrowing_once_whose_commit_nobody_heard_of(void **state)
{
    (void)state;
    SUBMIT(COUNSEL, 10, MUTE, 0);
    go_down();
    store_answer(STORE_DO_AND_LOSE);
    assert_told("narrowed applied_not_saved:10");
    size_t before = store.event_count;
    come_back();
    assert_told("reloaded changed:0");
    assert_int_equal(store.event_count, before);
    assert_true(is_muted(court_state(hearing), COUNSEL));
    assert_ptr_equal(court_shadow(hearing), court_state(hearing));
}

static void keeps_a_microphone_off_though_an_unmute_comes_to_light(void **state)
{
    (void)state;
    SUBMIT(COUNSEL, 10, MUTE, 0);
    store_run();
    SUBMIT(COUNSEL, 11, UNMUTE, 0);
    go_down();
    store_answer(STORE_DO_AND_LOSE);
    told[0] = '\0';
    SUBMIT(COUNSEL, 12, MUTE, 0); /* by all that is known it is muted */
    assert_told("applied_not_saved:12");
    court_database_up(court);
    store_answer(0);
    assert_false(is_muted(court_state(hearing), COUNSEL));
    assert_true(shadow_muted(COUNSEL));
    store_run();
    assert_true(is_muted(court_state(hearing), COUNSEL));
    assert_told("reloaded changed:1");
}

static void decides_again_after_someone_elses_event(void **state)
{
    (void)state;
    SUBMIT(PRESIDING, 10, GRANT_FLOOR, COUNSEL);
    store_intrude(HEARING_EVENT(HAND_RAISED), COUNSEL);
    store_run();
    assert_told("reloaded changed:1 done:10");
    assert_int_equal(court_state(hearing)->floor_holder, COUNSEL);
    assert_int_equal(court_state(hearing)->seq, store.event_count);
}

static void gives_up_on_a_second_conflict(void **state)
{
    (void)state;
    SUBMIT(COUNSEL, 10, MUTE, 0);
    store_intrude(HEARING_EVENT(HAND_RAISED), COUNSEL);
    store_answer(0);
    store_answer(0);
    store_intrude(HEARING_EVENT(HAND_LOWERED), COUNSEL);
    store_run();
    assert_told("narrowed reloaded busy:10 reloaded");
    assert_false(shadow_muted(COUNSEL));
    assert_int_equal(court_state(hearing)->seq, store.event_count);
}

static void saves_what_was_decided_upon_each_other_in_order(void **state)
{
    (void)state;
    go_down();
    SUBMIT(PRESIDING, 10, RECESS, 0);
    SUBMIT(PRESIDING, 11, CLOSE, 0); /* having seen no more than the session */
    assert_told("narrowed applied_not_saved:10 narrowed applied_not_saved:11");
    assert_int_equal(court_shadow(hearing)->status, HEARING_STATUS(CLOSED));
    come_back();
    assert_told("reloaded changed:2 changed:1"); /* the record goes off with the recess */
    assert_int_equal(court_state(hearing)->status, HEARING_STATUS(CLOSED));
}

static void gives_up_a_narrowing_that_no_longer_fits(void **state)
{
    (void)state;
    go_down();
    SUBMIT(PRESIDING, 10, SEND_BACK, COUNSEL);
    store_intrude(HEARING_EVENT(LEFT), COUNSEL);
    come_back();
    assert_told("narrowed applied_not_saved:10 reloaded changed:0");
    assert_ptr_equal(court_shadow(hearing), court_state(hearing));
    SUBMIT(PRESIDING, 10, SEND_BACK, COUNSEL);
    assert_told("not_in_hearing:10");
}

static void keeps_a_repeated_narrowing_once(void **state)
{
    (void)state;
    go_down();
    SUBMIT(COUNSEL, 10, MUTE, 0);
    SUBMIT(COUNSEL, 10, MUTE, 0);
    SUBMIT(COUNSEL, 10, LEAVE, 0);
    assert_told("narrowed applied_not_saved:10 applied_not_saved:10 command_id_reused:10");
    come_back();
    assert_told("reloaded changed:1");
}

static void holds_narrowings_until_a_full_disk_has_room(void **state)
{
    (void)state;
    SUBMIT(COUNSEL, 10, MUTE, 0);
    SUBMIT(WITNESS, 11, CHECK_IN, 0);
    store_answer(-ENOSPC);
    assert_told("narrowed applied_not_saved:10 not_saved:11");
    assert_int_equal(store.call_count, 0);
    assert_true(shadow_muted(COUNSEL));
    SUBMIT(WITNESS, 12, CHECK_IN, 0);
    store_answer(-ENOSPC);
    assert_told("not_saved:12");
    SUBMIT(WITNESS, 13, CHECK_IN, 0);
    store_run();
    assert_told("changed:1 done:13 changed:1");
    assert_true(is_muted(court_state(hearing), COUNSEL));
}

static void refuses_more_than_the_queue_holds_while_away(void **state)
{
    (void)state;
    SUBMIT(COUNSEL, 10, UNMUTE, 0);
    SUBMIT(COUNSEL, 11, MUTE, 0);
    store_run();
    SUBMIT(COUNSEL, 12, UNMUTE, 0);
    go_down();
    store_answer(STORE_LOSE);
    for (unsigned i = 0; i < COURT_QUEUE_MAX; i++)
        SUBMIT(COUNSEL, 100 + i, MUTE, 0);
    told[0] = '\0';
    SUBMIT(COUNSEL, 20, MUTE, 0);
    assert_told("busy:20");
    come_back();
    told[0] = '\0';
    assert_ptr_equal(court_shadow(hearing), court_state(hearing));
}

static void loads_again_after_what_was_under_way_at_the_return(void **state)
{
    (void)state;
    SUBMIT(WITNESS, 10, CHECK_IN, 0);
    go_down();
    court_database_up(court);
    store_answer(0);
    assert_told("changed:1 done:10");
    assert_int_equal(store.call_count, 1);
    store_run();
    assert_told("reloaded");
}

static void loads_again_when_the_return_was_cut_short(void **state)
{
    (void)state;
    go_down();
    court_database_up(court);
    go_down();
    SUBMIT(COUNSEL, 10, MUTE, 0);
    store_answer(STORE_LOSE);
    assert_told("narrowed applied_not_saved:10");
    come_back();
    assert_told("reloaded changed:1");
}

static void loads_again_at_the_next_command_when_a_load_failed(void **state)
{
    (void)state;
    SUBMIT(WITNESS, 10, CHECK_IN, 0);
    store_answer(STORE_LOSE);
    store_answer(STORE_LOSE);
    assert_told("outcome_unknown:10");
    assert_int_equal(store.call_count, 0);
    SUBMIT(VICTIM, 11, CHECK_IN, 0);
    assert_told("");
    store_run();
    assert_told("reloaded changed:1 done:11");
}

static void lets_a_retry_of_an_uncertain_command_share_its_outcome(void **state)
{
    (void)state;
    SUBMIT(WITNESS, 10, CHECK_IN, 0);
    SUBMIT(WITNESS, 10, CHECK_IN, 0);
    go_down();
    assert_told("outcome_unknown:10");
    store_answer(STORE_DO_AND_LOSE);
    assert_told("outcome_unknown:10");
    come_back();
    SUBMIT(WITNESS, 10, CHECK_IN, 0);
    assert_told("reloaded done:10");
}

static void lets_go_of_a_hearing_that_cannot_be_kept(void **state)
{
    (void)state;
    go_down();
    SUBMIT(COUNSEL, 10, MUTE, 0);
    court_database_up(court);
    SUBMIT(WITNESS, 11, CHECK_IN, 0);
    store_answer(-EBADMSG);
    assert_told("narrowed applied_not_saved:10 internal:11 lost internal");
    assert_null(court_find(court, HEARING_ID));
}

static void lets_go_of_a_hearing_whose_events_are_gone(void **state)
{
    (void)state;
    store_reset();
    court_database_up(court);
    store_run();
    assert_told("lost internal");
}

static void opens_a_loaded_hearing_while_the_database_is_away(void **state)
{
    (void)state;
    go_down();
    court_open(court, HEARING_ID, on_opened, NULL);
    assert_told("opened");
    assert_ptr_equal(court_record(hearing)->participants[0].name,
                     court_record(hearing)->participants->name);
}

/* The layer above may answer what it is told with commands of its own. */
static void resubmit(void *context, uint64_t asker, enum refusal refusal, uint64_t seq)
{
    on_outcome(context, asker, refusal, seq);
    if (asker < 15) {
        struct fixture_command made;
        char id[ID_UUID_SIZE];
        snprintf(id, sizeof(id), "0199a000-0000-7000-8000-%012u", (unsigned)asker + 1);
        fixture_make_command(court_state(hearing), HEARING_COMMAND(MUTE), 0, &made);
        made.command.command_id = id;
        court_submit(court, hearing, fixture_actor(court_state(hearing), COUNSEL), &made.command,
                     resubmit, NULL, asker + 1);
    }
}

static void takes_commands_from_within_an_answer(void **state)
{
    (void)state;
    resubmit(NULL, 10, REFUSAL_NOT_SAVED, 0);
    store_run();
    assert_told("not_saved:10 narrowed changed:1 done:11 already_so:12 already_so:13 already_so:14 "
                "already_so:15");
    go_down();
    resubmit(NULL, 14, REFUSAL_NOT_SAVED, 0);
    assert_told("not_saved:14 already_so:15");
}

static void recess_when_told(void *context, struct court_hearing *of,
                             Assize__Hearing__V1__Event *const *events, size_t count)
{
    on_changed(context, of, events, count);
    SUBMIT(COUNSEL, 11, RECESS, 0);
}

static void answers_a_command_before_what_is_asked_upon_it(void **state)
{
    static const struct court_ops ops = {recess_when_told, on_narrowed, on_reloaded, on_lost};
    struct court *other = court_new(NULL, procedures, &ops, NULL);

    (void)state;
    court_free(court);
    court = other;
    court_database_up(court);
    court_open(court, HEARING_ID, on_opened, NULL);
    store_run();
    SUBMIT(WITNESS, 10, CHECK_IN, 0);
    store_run();
    assert_told("opened changed:1 done:10 role_not_allowed:11");
}

#define IN_SESSION(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, court_fixture_begin, court_fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SESSION(narrows_before_it_is_saved),
        IN_SESSION(narrows_past_an_append_under_way),
        IN_SESSION(narrows_what_a_command_before_it_made_possible),
        IN_SESSION(keeps_a_microphone_off_that_is_muted_behind_an_unmute),
        IN_SESSION(mutes_while_the_database_is_away_and_saves_it_later),
        IN_SESSION(stays_narrow_from_the_return_to_the_commit),
        IN_SESSION(refuses_anything_wider_while_the_database_is_away),
        IN_SESSION(refuses_what_the_state_forbids_while_the_database_is_away),
        IN_SESSION(answers_the_queue_when_the_database_goes_away),
        IN_SESSION(shows_a_commit_that_nobody_heard_of),
        IN_SESSION(doubts_no_more_once_it_was_loaded_again),
        IN_SESSION(asks_at_once_what_became_of_a_command_while_it_can),
        IN_SESSION(does_a_narrowing_once_whose_commit_nobody_heard_of),
        IN_SESSION(keeps_a_microphone_off_though_an_unmute_comes_to_light),
        IN_SESSION(decides_again_after_someone_elses_event),
        IN_SESSION(gives_up_on_a_second_conflict),
        IN_SESSION(saves_what_was_decided_upon_each_other_in_order),
        IN_SESSION(gives_up_a_narrowing_that_no_longer_fits),
        IN_SESSION(keeps_a_repeated_narrowing_once),
        IN_SESSION(holds_narrowings_until_a_full_disk_has_room),
        IN_SESSION(refuses_more_than_the_queue_holds_while_away),
        IN_SESSION(loads_again_after_what_was_under_way_at_the_return),
        IN_SESSION(loads_again_when_the_return_was_cut_short),
        IN_SESSION(loads_again_at_the_next_command_when_a_load_failed),
        IN_SESSION(lets_a_retry_of_an_uncertain_command_share_its_outcome),
        IN_SESSION(lets_go_of_a_hearing_that_cannot_be_kept),
        IN_SESSION(lets_go_of_a_hearing_whose_events_are_gone),
        IN_SESSION(opens_a_loaded_hearing_while_the_database_is_away),
        IN_SESSION(takes_commands_from_within_an_answer),
        IN_SESSION(answers_a_command_before_what_is_asked_upon_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
