/* The supervisor's ward over real processes: what it starts, starts again, gives up and stops. */
#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/say.h"
#include "cli/state_dir.h"
#include "cli/ward.h"

enum { WAIT_MS = 20000, LOOK_MS = 5 };

static const char HEARING[] = "019aa000-0000-7000-8000-000000000001";
static const char STAYS[] = "exec tail -f /dev/null";
static const char FAILS[] = "exit 1";

static struct config config;
static struct ward ward;
static char script[64];

/* ---- a ward whose studios are a shell script ---- */

static int set_up(void **state)
{
    static char folder[32], error[CONFIG_ERROR_SIZE];
    static char shell[] = "/bin/sh", flag[] = "-c";
    static char *arguments[] = {shell, flag, script, shell, NULL};

    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/assize-test-XXXXXX");
    if (!mkdtemp(folder) || config_load(&config, folder, NULL, error) ||
        state_dir_make(&config, error))
        return -1;
    say_open(state_dir_open_log(&config, "assize"));
    return ward_init(&ward, &config, shell, arguments);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

/* One turn of what the supervisor does. */
static void turn(void)
{
    int status;
    pid_t pid;

    poll(NULL, 0, LOOK_MS);
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        assert_true(ward_take_end(&ward, pid, status));
    ward_read(&ward);
    ward_tick(&ward);
}

static int tear_down(void **state)
{
    (void)state;
    ward_stop(&ward);
    for (int waited = 0; !ward_is_empty(&ward) && waited < WAIT_MS; waited += LOOK_MS)
        turn();
    ward_done(&ward);
    return nftw(config.state_dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void ask(enum ward_word word, enum ward_task task, const char *hearing)
{
    struct ward_message message = {.word = word, .task = task};

    str_copy(message.hearing, sizeof(message.hearing), hearing);
    assert_int_equal(send(ward.server_fd, &message, sizeof(message), 0), sizeof(message));
    turn();
}

/* What the server is told next; 0 when nothing is within a moment. */
static enum ward_word told(int wait_ms)
{
    struct ward_message message;

    for (int waited = 0; waited <= wait_ms; waited += LOOK_MS) {
        turn();
        if (recv(ward.server_fd, &message, sizeof(message), MSG_DONTWAIT) == sizeof(message)) {
            assert_string_equal(message.hearing, HEARING);
            return (enum ward_word)message.word;
        }
    }
    return 0;
}

static size_t running(void)
{
    size_t count = 0;

    for (size_t i = 0; i < WARD_STUDIOS_MAX; i++)
        count += ward.studios[i].child.pid != 0;
    return count;
}

/* ---- tests ---- */

static void starts_one_for_a_hearing_and_stops_it_when_told(void **state)
{
    (void)state;
    str_copy(script, sizeof(script), STAYS);
    ask(WARD_START, WARD_LIVE, HEARING);
    assert_int_equal(running(), 1);
    pid_t pid = ward.studios[0].child.pid;
    ask(WARD_START, WARD_LIVE, HEARING);
    assert_int_equal(running(), 1);
    assert_int_equal(state_dir_pid(&config, ward.studios[0].name), pid);
    ask(WARD_STOP, WARD_LIVE, HEARING);
    assert_int_equal(told(WAIT_MS), WARD_ENDED);
    assert_true(ward_is_empty(&ward));
    ask(WARD_STOP, WARD_LIVE, HEARING);
    assert_int_equal(told(0), 0);
}

static void starts_again_what_was_killed(void **state)
{
    (void)state;
    str_copy(script, sizeof(script), STAYS);
    ask(WARD_START, WARD_LIVE, HEARING);
    struct ward_studio *studio = &ward.studios[0];
    pid_t pid = studio->child.pid;
    int64_t began_ms = clock_monotonic_ms();
    kill(pid, SIGKILL);
    while (studio->child.pid == pid || !studio->child.pid) {
        assert_true(clock_monotonic_ms() - began_ms < WAIT_MS);
        turn();
    }
    assert_int_equal(studio->failures, 1);
}

static void gives_up_what_fails_five_times_in_a_row(void **state)
{
    (void)state;
    str_copy(script, sizeof(script), FAILS);
    ask(WARD_START, WARD_LIVE, HEARING);
    assert_int_equal(told(WAIT_MS), WARD_GIVEN_UP);
    assert_true(ward_is_empty(&ward));
    str_copy(script, sizeof(script), STAYS);
    ask(WARD_START, WARD_LIVE, HEARING); /* a new wish is a new beginning */
    assert_int_equal(running(), 1);
}

static void tells_that_a_renderer_ended_and_does_not_start_it_again(void **state)
{
    (void)state;
    str_copy(script, sizeof(script), FAILS);
    ask(WARD_START, WARD_RENDER, HEARING);
    assert_int_equal(told(WAIT_MS), WARD_ENDED);
    assert_true(ward_is_empty(&ward));
}

static void refuses_one_renderer_too_many(void **state)
{
    static const char *const OTHERS[] = {"019aa000-0000-7000-8000-000000000002",
                                         "019aa000-0000-7000-8000-000000000003"};

    (void)state;
    str_copy(script, sizeof(script), STAYS);
    assert_int_equal(sizeof(OTHERS) / sizeof(*OTHERS), WARD_RENDER_MAX);
    for (size_t i = 0; i < WARD_RENDER_MAX; i++)
        ask(WARD_START, WARD_RENDER, OTHERS[i]);
    ask(WARD_START, WARD_RENDER, HEARING);
    assert_int_equal(told(WAIT_MS), WARD_REFUSED);
    assert_int_equal(running(), WARD_RENDER_MAX);
    ask(WARD_START, WARD_LIVE, HEARING); /* is another matter */
    assert_int_equal(running(), WARD_RENDER_MAX + 1);
}

static void kills_what_does_not_end_in_time(void **state)
{
    (void)state;
    snprintf(script, sizeof(script), "trap '' TERM; while :; do read x </dev/zero; done");
    ask(WARD_START, WARD_LIVE, HEARING);
    struct ward_studio *studio = &ward.studios[0];
    ask(WARD_STOP, WARD_LIVE, HEARING);
    assert_int_equal(studio->state, WARD_STATE_STOPPING);
    assert_true(ward_next_due(&ward, INT64_MAX) <= clock_monotonic_ms() + WARD_STOP_MS);
    studio->due_ms = clock_monotonic_ms();
    assert_int_equal(told(WAIT_MS), WARD_ENDED);
}

static void starts_again_what_was_asked_for_while_it_stopped(void **state)
{
    (void)state;
    str_copy(script, sizeof(script), STAYS);
    ask(WARD_START, WARD_LIVE, HEARING);
    struct ward_studio *studio = &ward.studios[0];
    studio->state = WARD_STATE_STOPPING;
    studio->due_ms = INT64_MAX;
    ask(WARD_START, WARD_LIVE, HEARING);
    assert_true(studio->again);
    kill(studio->child.pid, SIGTERM);
    for (int waited = 0; studio->state != WARD_STATE_RUNNING; waited += LOOK_MS) {
        assert_true(waited < WAIT_MS);
        turn();
    }
    assert_int_equal(told(0), 0);
}

static void lets_a_new_studio_take_over_when_the_next_server_asks(void **state)
{
    (void)state;
    str_copy(script, sizeof(script), STAYS);
    ask(WARD_START, WARD_LIVE, HEARING);
    ward_server_gone(&ward);
    turn();
    assert_int_equal(running(), 1);
    ask(WARD_START, WARD_LIVE, HEARING);
    assert_int_equal(running(), 2);
    struct ward_studio *before = &ward.studios[0];
    assert_true(before->replaced);
    before->due_ms = clock_monotonic_ms();
    for (int waited = 0; running() > 1; waited += LOOK_MS) {
        assert_true(waited < WAIT_MS);
        turn();
    }
    assert_int_equal(told(0), 0); /* of the old one nobody is told */
}

static void stops_what_the_next_server_does_not_ask_for(void **state)
{
    (void)state;
    str_copy(script, sizeof(script), STAYS);
    ask(WARD_START, WARD_LIVE, HEARING);
    ward_server_gone(&ward);
    assert_true(ward_next_due(&ward, INT64_MAX) <= clock_monotonic_ms() + WARD_HELD_MS);
    ward.studios[0].ask_by_ms = clock_monotonic_ms();
    assert_int_equal(told(WAIT_MS), WARD_ENDED);
    assert_true(ward_is_empty(&ward));
}

static void takes_no_notice_of_what_is_not_asked_properly(void **state)
{
    struct ward_message message = {.word = WARD_START, .task = WARD_LIVE};

    (void)state;
    str_copy(script, sizeof(script), STAYS);
    ask(WARD_GIVEN_UP, WARD_LIVE, HEARING);
    ask(WARD_START, (enum ward_task)7, HEARING);
    ask(WARD_START, WARD_LIVE, "../../etc");
    memset(message.hearing, 'a', sizeof(message.hearing));
    assert_true(send(ward.server_fd, &message, sizeof(message), 0) > 0);
    assert_true(send(ward.server_fd, &message, 9, 0) > 0);
    turn();
    assert_true(ward_is_empty(&ward));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(starts_one_for_a_hearing_and_stops_it_when_told),
        TEST(starts_again_what_was_killed),
        TEST(gives_up_what_fails_five_times_in_a_row),
        TEST(tells_that_a_renderer_ended_and_does_not_start_it_again),
        TEST(refuses_one_renderer_too_many),
        TEST(kills_what_does_not_end_in_time),
        TEST(starts_again_what_was_asked_for_while_it_stopped),
        TEST(lets_a_new_studio_take_over_when_the_next_server_asks),
        TEST(stops_what_the_next_server_does_not_ask_for),
        TEST(takes_no_notice_of_what_is_not_asked_properly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
