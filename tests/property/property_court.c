/*
 * Random commands while the database stalls, breaks, forgets to answer, fills up and comes back,
 * and someone else writes too. Whatever happens: every command is answered once; what was answered
 * as done is in the store, once, and what was answered as not done is not; what is in force early
 * only takes away; and when the database is back the state is what the store says. SEED repeats a
 * run, ROUNDS (hearings) makes it longer.
 */
#include "tests/unit/court_fixture.h"

#include "base/clock.h"
#include "base/log.h"
#include "tests/property/random.h"

enum { ROUNDS_DEFAULT = 60, STEPS = 400, FIRST = 10, NUMBERS = FIRST + STEPS };

/* What was asked under a number, and the answers to it. */
static struct asked {
    uint32_t who;
    Assize__Hearing__V1__Command__BodyCase body;
    uint32_t about;
    unsigned times;
    unsigned answers;
    enum refusal last;
} asked[NUMBERS];
static unsigned next_number;
static bool intruder_is_there;

static void number_id(unsigned number, char id[static ID_UUID_SIZE])
{
    snprintf(id, ID_UUID_SIZE, "0199a000-0000-7000-8000-%012u", number);
}

/* Muted, or gone: whoever left in the meantime is not muted any more. */
static bool nobody_hears(uint32_t source)
{
    const struct hearing *shadow = court_shadow(hearing);

    if (is_muted(shadow, source))
        return true;
    for (uint32_t viewer = 1; viewer <= ENDPOINTS; viewer++) {
        if (hearing_visibility(shadow, source, viewer) & HEARING_FLOW_AUDIO)
            return false;
    }
    return !hearing_endpoint(shadow, source)->connected;
}

static void on_answer(void *context, uint64_t asker, enum refusal refusal, uint64_t seq)
{
    struct asked *question = &asked[asker];

    (void)context;
    assert_true(refusal ? seq == 0 : seq <= store.event_count);
    question->answers++;
    assert_true(question->answers <= question->times);
    question->last = refusal;
    if (refusal == REFUSAL_APPLIED_NOT_SAVED && question->body == HEARING_COMMAND(MUTE))
        assert_true(nobody_hears(court_state(hearing)->participants[question->who - 1].endpoint));
}

static void ask_number(unsigned number)
{
    struct asked *question = &asked[number];
    struct fixture_command made;
    char id[ID_UUID_SIZE];

    number_id(number, id);
    fixture_make_command(court_state(hearing), question->body, question->about, &made);
    made.command.command_id = id;
    question->times++;
    court_submit(court, hearing, fixture_actor(court_state(hearing), question->who), &made.command,
                 on_answer, NULL, number);
}

static void ask_something(void)
{
    static const uint32_t PEOPLE[] = {PRESIDING, PRESIDING, CLERK, COUNSEL, OFFICER, WITNESS};
    static const Assize__Hearing__V1__Command__BodyCase COMMANDS[] = {
        HEARING_COMMAND(CHECK_IN),    HEARING_COMMAND(ADMIT),           HEARING_COMMAND(SEND_BACK),
        HEARING_COMMAND(RECESS),      HEARING_COMMAND(RESUME),          HEARING_COMMAND(SUSPEND),
        HEARING_COMMAND(MUTE),        HEARING_COMMAND(UNMUTE),          HEARING_COMMAND(RAISE_HAND),
        HEARING_COMMAND(GRANT_FLOOR), HEARING_COMMAND(TAKE_BACK_FLOOR), HEARING_COMMAND(LEAVE)};

    if (next_number > FIRST && one_in(6)) {
        ask_number(FIRST + below(next_number - FIRST));
        return;
    }
    struct asked *question = &asked[next_number];
    question->who = PEOPLE[below(sizeof(PEOPLE) / sizeof(*PEOPLE))];
    question->body = COMMANDS[below(sizeof(COMMANDS) / sizeof(*COMMANDS))];
    if (question->body == HEARING_COMMAND(ADMIT) || question->body == HEARING_COMMAND(SEND_BACK) ||
        question->body == HEARING_COMMAND(GRANT_FLOOR))
        question->about = PEOPLE[below(sizeof(PEOPLE) / sizeof(*PEOPLE))];
    ask_number(next_number++);
}

/* A commit that would conflict cannot be done and then lost. */
static int pick_loss(void)
{
    const struct store_call *call = &store.calls[0];
    bool fits = call->load || (call->expected_seq == store.event_count &&
                               !(call->has_id && store_knows(call->command.command_id)));

    return fits && one_in(2) ? STORE_DO_AND_LOSE : STORE_LOSE;
}

static void let_the_store_answer(void)
{
    if (!store.call_count)
        return;
    if (one_in(10))
        store_answer(pick_loss());
    else
        store_answer(one_in(10) && store.calls[0].append ? -ENOSPC : 0);
}

/* A breaking connection fails what was under way, before or after it says so. */
static void break_connection(void)
{
    bool first = one_in(2);

    if (first)
        court_database_down(court);
    for (size_t left = store.call_count; left > 0 && store.call_count; left--)
        store_answer(pick_loss());
    if (!first)
        court_database_down(court);
}

static void intrude(void)
{
    store_intrude(intruder_is_there ? HEARING_EVENT(ENDPOINT_LINK_LOST)
                                    : HEARING_EVENT(ENDPOINT_LINK_RESTORED),
                  JOURNALIST);
    intruder_is_there = !intruder_is_there;
}

static void check_early_force_only_takes_away(void)
{
    const struct hearing *state = court_state(hearing);
    const struct hearing *shadow = court_shadow(hearing);

    if (shadow == state)
        return;
    for (uint32_t source = 1; source <= ENDPOINTS; source++) {
        for (uint32_t viewer = 1; viewer <= ENDPOINTS; viewer++)
            assert_int_equal(hearing_visibility(shadow, source, viewer) &
                                 ~hearing_visibility(state, source, viewer),
                             0);
    }
}

static unsigned times_in_store(const char *id)
{
    unsigned times = 0;

    for (size_t i = 0; i < store.command_count; i++)
        times += !strcmp(store.commands[i].command_id, id);
    return times;
}

static bool is_final_no(enum refusal refusal)
{
    return refusal != REFUSAL_NONE && refusal != REFUSAL_APPLIED_NOT_SAVED &&
           refusal != REFUSAL_OUTCOME_UNKNOWN;
}

static void check_answers(void)
{
    char id[ID_UUID_SIZE];

    for (unsigned number = FIRST; number < next_number; number++) {
        const struct asked *question = &asked[number];
        number_id(number, id);
        unsigned times = times_in_store(id);
        assert_int_equal(question->answers, question->times);
        assert_true(times <= 1);
        if (question->last == REFUSAL_NONE)
            assert_int_equal(times, 1);
        else if (question->times == 1 && is_final_no(question->last))
            assert_int_equal(times, 0);
    }
}

/* The database is back and everything has had its time. */
static void check_at_rest(void)
{
    court_database_up(court);
    store_run();
    assert_int_equal(court_state(hearing)->seq, store.event_count);
    assert_ptr_equal(court_shadow(hearing), court_state(hearing));
    check_answers();
}

static void take_a_step(void)
{
    uint32_t what = below(100);

    if (what < 45)
        ask_something();
    else if (what < 90)
        let_the_store_answer();
    else if (what < 93)
        break_connection();
    else if (what < 97)
        court_database_up(court);
    else
        intrude();
    check_early_force_only_takes_away();
    told[0] = '\0';
}

static void answers_once_and_tells_the_truth_whatever_the_store_does(void **state)
{
    uint64_t rounds = number_from("ROUNDS", ROUNDS_DEFAULT);
    size_t saved = 0;

    for (uint64_t i = 0; i < rounds; i++) {
        court_fixture_begin(state);
        memset(asked, 0, sizeof(asked));
        next_number = FIRST;
        intruder_is_there = false;
        for (int step = 0; step < STEPS; step++)
            take_a_step();
        check_at_rest();
        saved += store.command_count;
        court_fixture_end(state);
    }
    print_message("%zu commands saved\n", saved);
    assert_true(saved > rounds * 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_once_and_tells_the_truth_whatever_the_store_does),
    };

    log_set_level(LOG_ERROR + 1);
    random_state = number_from("SEED", (uint64_t)clock_wall_ns()) | 1;
    print_message("SEED=%llu\n", (unsigned long long)random_state);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
