/* The renderer as a process: in its sandbox, telling assized, and alone. */
#include <fcntl.h>
#include <ftw.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "assize/media/v1/studio.pb-c.h"
#include "base/frame.h"
#include "base/str.h"
#include "proto/codec.h"
#include "tests/unit/journal_fixture.h"
#include "tests/unit/render_fixture.h"

enum { PATH_SIZE = 256, OUTPUT_MAX = 4096 };

/* What came over the control socket. */
struct heard {
    unsigned hellos;
    unsigned progress;
    unsigned files;
    unsigned ends;
    bool ok;
    char why[OUTPUT_MAX];
};

/* ---- a state directory ---- */

static void make_path(const struct record *state, const char *name, char path[static PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/%s", state->path, name);
}

static int set_up(void **state)
{
    char path[PATH_SIZE];

    record_set_up(state);
    make_path(*state, "record", path);
    assert_int_equal(mkdir(path, 0750), 0);
    make_path(*state, "run", path);
    return mkdir(path, 0750);
}

static int give_entry(const char *path, const struct stat *info, int type, struct FTW *at)
{
    const struct passwd *nobody = getpwnam("nobody");

    (void)info;
    (void)type;
    (void)at;
    return nobody ? chown(path, nobody->pw_uid, nobody->pw_gid) : -1;
}

/* What the relay has written is user nobody's, when the relay was root. */
static void put_on_record(const struct record *state)
{
    const struct scene_rtp sound = {.ssrc = 1, .level = 30};
    struct scene scene = {0};
    char path[PATH_SIZE];

    make_path(state, "record", path);
    int record = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(record >= 0);
    scene_sound(&scene, sound, 250);
    scene_sort(&scene);
    scene_record(&scene, record, RECORD_HEARING, "e1", RECORD_START);
    scene_done(&scene);
    close(record);
    if (geteuid() == 0)
        assert_int_equal(nftw(path, give_entry, 8, FTW_PHYS), 0);
}

/* ---- the process ---- */

static bool by_command; /* assize render, which becomes the renderer */

static pid_t start(const struct record *state, int output)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child)
        return child;
    dup2(output, STDOUT_FILENO);
    if (by_command)
        execl(COMMAND_PROGRAM, "assize", "render", RECORD_HEARING, "--state", state->path,
              (char *)NULL);
    execl(STUDIO_PROGRAM, "assize-studio", "--render", "--hearing", RECORD_HEARING, "--state",
          state->path, (char *)NULL);
    _exit(127);
}

static int wait_for(pid_t child)
{
    int status;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Runs it without anyone at the socket; what it says. */
static int run_alone(const struct record *state, char output[static OUTPUT_MAX])
{
    size_t len = 0;
    ssize_t got;
    int pipes[2];

    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    pid_t child = start(state, pipes[1]);
    close(pipes[1]);
    while ((got = read(pipes[0], output + len, OUTPUT_MAX - 1 - len)) > 0)
        len += (size_t)got;
    output[len] = '\0';
    close(pipes[0]);
    return wait_for(child);
}

static int take_frame(void *context, const uint8_t *body, size_t len)
{
    struct heard *heard = context;
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    const Assize__Media__V1__StudioReport *report =
        codec_unpack(&assize__media__v1__studio_report__descriptor, &arena, body, len);
    assert_non_null(report);
    heard->hellos += report->body_case == ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_HELLO &&
                     report->hello->task == ASSIZE__MEDIA__V1__STUDIO_HELLO__TASK__TASK_RENDER &&
                     strcmp(report->hello->hearing, RECORD_HEARING) == 0;
    heard->progress += report->body_case == ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_RENDER_PROGRESS;
    heard->files += report->body_case == ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_RENDERED_FILE &&
                    strcmp(report->rendered_file->name, "e1.webm") == 0 &&
                    report->rendered_file->duration_ms >= 5000;
    if (report->body_case == ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_RENDER_ENDED) {
        heard->ends++;
        heard->ok = report->render_ended->ok;
        str_copy(heard->why, sizeof(heard->why), report->render_ended->why);
    }
    arena_done(&arena);
    return 0;
}

/* Runs it with a listener at the socket. */
static int run_heard(const struct record *state, struct heard *heard)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct frame_reader reader;
    char path[PATH_SIZE];
    uint8_t bytes[4096];
    ssize_t got;

    make_path(state, "run/studio.sock", path);
    assert_true(str_copy(address.sun_path, sizeof(address.sun_path), path));
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 1), 0);
    pid_t child = start(state, STDERR_FILENO);
    int socket_fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(socket_fd >= 0);
    frame_reader_init(&reader);
    while ((got = read(socket_fd, bytes, sizeof(bytes))) > 0)
        assert_int_equal(frame_reader_feed(&reader, bytes, (size_t)got, take_frame, heard), 0);
    frame_reader_done(&reader);
    close(socket_fd);
    close(listener);
    return wait_for(child);
}

/* ---- tests ---- */

static void makes_files_alone_and_says_so(void **state)
{
    char output[OUTPUT_MAX];
    char path[PATH_SIZE];

    put_on_record(*state);
    assert_int_equal(run_alone(*state, output), 0);
    assert_non_null(strstr(output, "e1.webm"));
    assert_non_null(strstr(output, "done"));
    make_path(*state, "files/" RECORD_HEARING "/index.json", path);
    assert_int_equal(access(path, R_OK), 0);
}

static void tells_assized(void **state)
{
    struct heard heard = {0};

    put_on_record(*state);
    assert_int_equal(run_heard(*state, &heard), 0);
    assert_int_equal(heard.hellos, 1);
    assert_true(heard.progress >= 1);
    assert_int_equal(heard.files, 1);
    assert_int_equal(heard.ends, 1);
    assert_true(heard.ok);
}

static void says_why_it_made_nothing(void **state)
{
    struct heard heard = {0};

    assert_int_equal(run_heard(*state, &heard), 1);
    assert_int_equal(heard.ends, 1);
    assert_false(heard.ok);
    assert_string_equal(heard.why, "nothing of this hearing is on record");
}

static void says_that_the_disk_is_full_and_leaves_nothing(void **state)
{
    struct heard heard = {0};
    char path[PATH_SIZE];
    char files[PATH_SIZE];

    put_on_record(*state);
    make_path(*state, "files", files);
    assert_int_equal(mkdir(files, 0750), 0);
    if (mount("tmpfs", files, "tmpfs", MS_NOSUID | MS_NODEV, "size=8k"))
        skip(); /* only root may */
    int status = run_heard(*state, &heard);
    make_path(*state, "files/" RECORD_HEARING, path);
    int left = rmdir(path); /* an empty folder can be removed */
    umount2(files, MNT_DETACH);
    assert_int_equal(status, 1);
    assert_int_equal(left, 0);
    assert_false(heard.ok);
    assert_string_equal(heard.why, "the disk is full");
}

static void is_run_by_a_command_too(void **state)
{
    char output[OUTPUT_MAX];

    put_on_record(*state);
    by_command = true;
    int status = run_alone(*state, output);
    by_command = false;
    assert_int_equal(status, 0);
    assert_non_null(strstr(output, "done"));
}

static void is_not_run_twice_at_once(void **state)
{
    char output[OUTPUT_MAX];
    char path[PATH_SIZE];

    put_on_record(*state);
    assert_int_equal(run_alone(*state, output), 0);
    make_path(*state, "files/" RECORD_HEARING, path);
    int files = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(flock(files, LOCK_EX), 0);
    assert_int_equal(run_alone(*state, output), 1);
    close(files);
    assert_int_equal(run_alone(*state, output), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(makes_files_alone_and_says_so, set_up, record_tear_down),
        cmocka_unit_test_setup_teardown(tells_assized, set_up, record_tear_down),
        cmocka_unit_test_setup_teardown(says_why_it_made_nothing, set_up, record_tear_down),
        cmocka_unit_test_setup_teardown(says_that_the_disk_is_full_and_leaves_nothing, set_up,
                                        record_tear_down),
        cmocka_unit_test_setup_teardown(is_run_by_a_command_too, set_up, record_tear_down),
        cmocka_unit_test_setup_teardown(is_not_run_twice_at_once, set_up, record_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
