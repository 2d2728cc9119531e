/* How assized speaks with studios and with the supervisor, over real sockets. */
#include "studio_link.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"

enum { WAIT_MS = 10000 };

#define LIVE   ASSIZE__MEDIA__V1__STUDIO_HELLO__TASK__TASK_LIVE
#define RENDER ASSIZE__MEDIA__V1__STUDIO_HELLO__TASK__TASK_RENDER

static const char HEARING[] = "019aa000-0000-7000-8000-000000000001";

static struct {
    uv_loop_t loop;
    char path[64];
    int ward;
    struct studio_client *client;
    struct studio_link studio;
    int there;
    int gone;
    int reports;
    enum ward_word told;
    enum ward_task task;
} scene;

static void on_there(void *context, enum ward_task task, const char *hearing)
{
    (void)context;
    assert_string_equal(hearing, HEARING);
    scene.task = task;
    scene.there++;
}

static void on_report(void *context, enum ward_task task, const char *hearing,
                      const Assize__Media__V1__StudioReport *report)
{
    (void)context;
    (void)task;
    (void)hearing;
    assert_int_equal(report->body_case, ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_PROGRAMME_ON);
    scene.reports++;
}

static void on_gone(void *context, enum ward_task task, const char *hearing)
{
    (void)context;
    (void)task;
    (void)hearing;
    scene.gone++;
}

static void on_told(void *context, enum ward_task task, const char *hearing, enum ward_word word)
{
    (void)context;
    assert_string_equal(hearing, HEARING);
    scene.task = task;
    scene.told = word;
}

static const struct studio_client_ops ops = {on_there, on_report, on_gone, on_told};

static int set_up(void **state)
{
    int pair[2];

    (void)state;
    memset(&scene, 0, sizeof(scene));
    scene.studio.fd = -1;
    uv_loop_init(&scene.loop);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    scene.ward = pair[0];
    snprintf(scene.path, sizeof(scene.path), "/tmp/assize-test-studio-%d", (int)getpid());
    scene.client = studio_client_new(&scene.loop, scene.path, pair[1], &ops, NULL);
    assert_non_null(scene.client);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    studio_client_free(scene.client);
    uv_run(&scene.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&scene.loop), 0);
    studio_link_close(&scene.studio);
    close(scene.ward);
    return 0;
}

/* Turns the loop until the number is there. */
static void await(const int *number, int wanted)
{
    int64_t until_ms = clock_monotonic_ms() + WAIT_MS;

    while (*number < wanted && clock_monotonic_ms() < until_ms)
        uv_run(&scene.loop, UV_RUN_ONCE);
    assert_int_equal(*number, wanted);
}

static void await_hang_up(void)
{
    int64_t until_ms = clock_monotonic_ms() + WAIT_MS;

    while (studio_link_read(&scene.studio)) {
        assert_true(clock_monotonic_ms() < until_ms);
        uv_run(&scene.loop, UV_RUN_ONCE);
    }
}

static void say_hello(const char *hearing, Assize__Media__V1__StudioHello__Task task)
{
    studio_link_open(&scene.studio, scene.path);
    studio_link_hello(&scene.studio, hearing, task);
}

/* ---- tests ---- */

static void asks_the_supervisor_and_passes_on_what_it_says(void **state)
{
    (void)state;
    studio_client_start(scene.client, WARD_LIVE, HEARING);
    struct ward_message asked = ward_asked(scene.ward);
    assert_int_equal(asked.word, WARD_START);
    assert_int_equal(asked.task, WARD_LIVE);
    assert_string_equal(asked.hearing, HEARING);
    studio_client_stop(scene.client, WARD_RENDER, HEARING);
    asked = ward_asked(scene.ward);
    assert_int_equal(asked.word, WARD_STOP);
    assert_int_equal(asked.task, WARD_RENDER);
    ward_says(scene.ward, WARD_GIVEN_UP, WARD_LIVE, HEARING);
    while (!scene.told)
        uv_run(&scene.loop, UV_RUN_ONCE);
    assert_int_equal(scene.told, WARD_GIVEN_UP);
}

static void takes_a_supervisor_that_is_gone_for_a_refusal_and_tells_it_later(void **state)
{
    (void)state;
    close(scene.ward);
    scene.ward = -1;
    studio_client_start(scene.client, WARD_LIVE, HEARING);
    assert_int_equal(scene.told, 0);
    while (!scene.told)
        uv_run(&scene.loop, UV_RUN_ONCE);
    assert_int_equal(scene.told, WARD_REFUSED);
}

static void knows_a_studio_from_its_hello_until_it_hangs_up(void **state)
{
    Assize__Media__V1__StudioReport report = ASSIZE__MEDIA__V1__STUDIO_REPORT__INIT;
    Assize__Media__V1__ProgrammeOn on = ASSIZE__MEDIA__V1__PROGRAMME_ON__INIT;

    (void)state;
    assert_false(studio_client_is_there(scene.client, WARD_LIVE, HEARING));
    say_hello(HEARING, LIVE);
    await(&scene.there, 1);
    assert_true(studio_client_is_there(scene.client, WARD_LIVE, HEARING));
    assert_false(studio_client_is_there(scene.client, WARD_RENDER, HEARING));
    report.body_case = ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_PROGRAMME_ON;
    report.programme_on = &on;
    studio_link_say(&scene.studio, &report);
    await(&scene.reports, 1);
    studio_link_close(&scene.studio);
    await(&scene.gone, 1);
    assert_false(studio_client_is_there(scene.client, WARD_LIVE, HEARING));
}

static void tells_a_studio_what_to_do_and_beats(void **state)
{
    Assize__Media__V1__StudioRequest request = ASSIZE__MEDIA__V1__STUDIO_REQUEST__INIT;
    Assize__Media__V1__GalleryFeed gallery = ASSIZE__MEDIA__V1__GALLERY_FEED__INIT;

    (void)state;
    say_hello(HEARING, RENDER);
    await(&scene.there, 1);
    assert_int_equal(scene.task, WARD_RENDER);
    gallery.has_delay_ms = 1;
    gallery.delay_ms = 7000;
    request.body_case = ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_GALLERY;
    request.gallery = &gallery;
    studio_client_send(scene.client, WARD_LIVE, HEARING, &request); /* nobody there */
    studio_client_send(scene.client, WARD_RENDER, HEARING, &request);
    int64_t until_ms = clock_monotonic_ms() + WAIT_MS;
    while (!scene.studio.beats && clock_monotonic_ms() < until_ms) {
        uv_run(&scene.loop, UV_RUN_ONCE);
        assert_true(studio_link_read(&scene.studio));
    }
    assert_int_equal(scene.studio.beats, 1);
    assert_int_equal(scene.studio.gallery->delay_ms, 7000);
}

static void hangs_up_on_who_says_no_hello_a_wrong_one_or_junk(void **state)
{
    Assize__Media__V1__StudioReport report = ASSIZE__MEDIA__V1__STUDIO_REPORT__INIT;
    Assize__Media__V1__StudioBeat beat = ASSIZE__MEDIA__V1__STUDIO_BEAT__INIT;
    const uint8_t junk[] = {0xff, 0xff, 0xff, 0xff, 0};

    (void)state;
    say_hello("not-a-hearing", LIVE);
    await_hang_up();
    studio_link_close(&scene.studio);
    say_hello(HEARING, ASSIZE__MEDIA__V1__STUDIO_HELLO__TASK__TASK_UNSPECIFIED);
    await_hang_up();
    studio_link_close(&scene.studio);
    studio_link_open(&scene.studio, scene.path);
    report.body_case = ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_BEAT;
    report.beat = &beat;
    studio_link_say(&scene.studio, &report);
    await_hang_up();
    studio_link_close(&scene.studio);
    studio_link_open(&scene.studio, scene.path);
    assert_int_equal(send(scene.studio.fd, junk, sizeof(junk), 0), sizeof(junk));
    await_hang_up();
    assert_int_equal(scene.there, 0);
    assert_int_equal(scene.gone, 0);
}

static void is_for_nobody_else(void **state)
{
    struct stat st;

    (void)state;
    assert_int_equal(stat(scene.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* In a process of its own, which says so much and no more, and is killed for it. */
static void kills_a_studio_that_says_nothing_any_more(void **state)
{
    Assize__Media__V1__StudioReport report = ASSIZE__MEDIA__V1__STUDIO_REPORT__INIT;
    Assize__Media__V1__StudioBeat beat = ASSIZE__MEDIA__V1__STUDIO_BEAT__INIT;
    int status = 0;

    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        say_hello(HEARING, LIVE);
        report.body_case = ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_BEAT;
        report.beat = &beat;
        studio_link_say(&scene.studio, &report);
        pause();
        _exit(0);
    }
    await(&scene.there, 1);
    int64_t until_ms = clock_monotonic_ms() + STUDIO_SILENT_MS + WAIT_MS;
    while (!scene.gone && clock_monotonic_ms() < until_ms)
        uv_run(&scene.loop, UV_RUN_ONCE);
    assert_int_equal(scene.gone, 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(asks_the_supervisor_and_passes_on_what_it_says),
        TEST(takes_a_supervisor_that_is_gone_for_a_refusal_and_tells_it_later),
        TEST(knows_a_studio_from_its_hello_until_it_hangs_up),
        TEST(tells_a_studio_what_to_do_and_beats),
        TEST(hangs_up_on_who_says_no_hello_a_wrong_one_or_junk),
        TEST(is_for_nobody_else),
        TEST(kills_a_studio_that_says_nothing_any_more),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
