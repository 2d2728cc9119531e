/* What is left to a studio in its sandbox. Each case runs in a child, as there is no way back. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "media/studio/sandbox.h"

enum { PATH_SIZE = 96 };

/* Two hearings with a file each; a socket that listens. */
struct place {
    char dir[PATH_SIZE];
    int own;
    int other;
    int socket; /* not yet connected */
    struct sockaddr_un listener;
};

static struct place place;

static void make_hearing(const char *name, int *ret_folder)
{
    char path[PATH_SIZE + 16];

    snprintf(path, sizeof(path), "%s/%s", place.dir, name);
    assert_int_equal(mkdir(path, 0755), 0);
    *ret_folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(*ret_folder >= 0);
    int file = openat(*ret_folder, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    assert_int_equal(write(file, "said", 4), 4);
    close(file);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(place.dir, sizeof(place.dir), "/tmp/assize-sandbox-XXXXXX");
    assert_non_null(mkdtemp(place.dir));
    assert_int_equal(chmod(place.dir, 0755),
                     0); /* nobody gets this far: the rest is the sandbox's */
    make_hearing("own", &place.own);
    make_hearing("other", &place.other);
    place.listener = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(place.listener.sun_path, sizeof(place.listener.sun_path), "%s/socket", place.dir);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(
        bind(listener, (const struct sockaddr *)&place.listener, sizeof(place.listener)), 0);
    assert_int_equal(chmod(place.listener.sun_path, 0777), 0);
    assert_int_equal(listen(listener, 4), 0);
    place.socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return 0;
}

static int tear_down(void **state)
{
    const char *const files[] = {"own/file", "own", "other/file", "other", "socket"};
    char path[PATH_SIZE + 16];

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", place.dir, files[i]);
        assert_int_equal(remove(path), 0);
    }
    return rmdir(place.dir);
}

/* The attempts: 0, or the errno they fail with. */

static int connect_to_a_socket(void)
{
    return connect(place.socket, (const struct sockaddr *)&place.listener, sizeof(place.listener))
               ? errno
               : 0;
}

static int open_a_network_socket(void)
{
    return socket(AF_INET, SOCK_DGRAM, 0) < 0 ? errno : 0;
}

static int execute_a_program(void)
{
    char *const arguments[] = {(char[]){"true"}, NULL};

    execv("/bin/true", arguments);
    return errno;
}

static int make_a_process(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return pid < 0 ? errno : 0;
}

static int trace_a_process(void)
{
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) ? errno : 0;
}

static int read_file(int folder, const char *name)
{
    char text[4];
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errno;
    return read(fd, text, sizeof(text)) == sizeof(text) ? 0 : EIO;
}

static int read_its_own_hearing(void)
{
    return read_file(place.own, "file");
}

static int read_another_hearing(void)
{
    return read_file(place.other, "file"); /* even with its folder open */
}

static int read_another_hearing_by_its_path(void)
{
    char path[PATH_SIZE + 16];

    snprintf(path, sizeof(path), "%s/other/file", place.dir);
    return read_file(AT_FDCWD, path);
}

static int write_into_its_own_hearing(void)
{
    return openat(place.own, "more", O_CREAT | O_WRONLY | O_CLOEXEC, 0600) < 0 ? errno : 0;
}

static void *do_nothing(void *argument)
{
    return argument;
}

static int start_a_thread(void)
{
    pthread_t thread;
    int result = pthread_create(&thread, NULL, do_nothing, NULL);

    return result ? result : pthread_join(thread, NULL);
}

static int try_in_sandbox(int (*attempt)(void))
{
    pid_t pid = fork();
    int status = 0;

    assert_true(pid >= 0);
    if (pid == 0)
        _exit(sandbox_enter(place.own, -1) ? 255 : attempt());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_not_equal(WEXITSTATUS(status), 255);
    return WEXITSTATUS(status);
}

static void connects_to_nothing(void **state)
{
    (void)state;
    assert_int_equal(try_in_sandbox(connect_to_a_socket), EPERM);
    assert_int_equal(try_in_sandbox(open_a_network_socket), EPERM);
}

static void executes_nothing_and_traces_nobody(void **state)
{
    (void)state;
    assert_int_equal(try_in_sandbox(execute_a_program), EPERM);
    assert_int_equal(try_in_sandbox(make_a_process), EPERM);
    assert_int_equal(try_in_sandbox(trace_a_process), EPERM);
}

static void reads_the_files_of_its_own_hearing_only(void **state)
{
    (void)state;
    assert_int_equal(try_in_sandbox(read_its_own_hearing), 0);
    assert_int_equal(try_in_sandbox(read_another_hearing), EACCES);
    assert_int_equal(try_in_sandbox(read_another_hearing_by_its_path), EACCES);
    assert_int_equal(try_in_sandbox(write_into_its_own_hearing), EACCES);
}

static void may_start_threads(void **state)
{
    (void)state;
    assert_int_equal(try_in_sandbox(start_a_thread), 0);
}

/* Without the sandbox all of it works, so that the cases above can fail. */
static void would_do_all_of_that_without_it(void **state)
{
    (void)state;
    assert_int_equal(connect_to_a_socket(), 0);
    assert_int_equal(read_another_hearing(), 0);
    assert_int_equal(read_another_hearing_by_its_path(), 0);
    assert_int_equal(make_a_process(), 0);
    wait(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connects_to_nothing),
        cmocka_unit_test(executes_nothing_and_traces_nobody),
        cmocka_unit_test(reads_the_files_of_its_own_hearing_only),
        cmocka_unit_test(may_start_threads),
        cmocka_unit_test(would_do_all_of_that_without_it),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
