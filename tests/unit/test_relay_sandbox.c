/* What is left to a relay that was taken over: the record, and nothing else of the machine. Each
 * test is played in a process of its own, as there is no way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/nobody.h"
#include "media/journal/journal.h"
#include "media/relay/sandbox.h"

enum { PATH_SIZE = 64, NO_SANDBOX = 77 };

struct place {
    char dir[PATH_SIZE / 2];
    char record[PATH_SIZE];
    char secret[PATH_SIZE]; /* beside the record, readable by all */
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    snprintf(place->dir, sizeof(place->dir), "/tmp/assize-sandbox-XXXXXX");
    if (!mkdtemp(place->dir) || chmod(place->dir, 0755))
        return -1;
    snprintf(place->record, sizeof(place->record), "%s/record", place->dir);
    snprintf(place->secret, sizeof(place->secret), "%s/secret", place->dir);
    int fd = open(place->secret, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || fchmod(fd, 0666) || close(fd) || mkdir(place->record, 0750))
        return -1;
    *state = place;
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

static int tear_down(void **state)
{
    struct place *place = *state;

    nftw(place->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(place);
    return 0;
}

/* A sanitizer's build has none, nor has an old kernel all of it. */
static bool has_sandbox(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return false;
#endif
#endif
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

/* As main does it; what act returns is the child's word: 0 when all was as it must be, else the
 * number of what was not. */
static void play(const struct place *place, int (*act)(const struct place *place, int record))
{
    int status;

    if (!has_sandbox())
        skip();
    pid_t child = fork();

    if (child == 0) {
        int record = open(place->record, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (record < 0 || nobody_give(record) || sandbox_close_files(place->record) ||
            sandbox_close_calls())
            _exit(NO_SANDBOX);
        _exit(act(place, record));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- files ---- */

static int read_and_write_elsewhere(const struct place *place, int record)
{
    if (open(place->secret, O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
        return 1;
    if (open(place->secret, O_WRONLY | O_CLOEXEC) >= 0 || errno != EACCES)
        return 2;
    if (openat(record, "../secret", O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
        return 3;
    if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
        return 4;
    if (open("/proc/self/maps", O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
        return 5;
    if (open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0 || errno != EACCES)
        return 6;
    if (symlinkat("../secret", record, "link") == 0)
        return 7;
    return 0;
}

static void opens_no_file_but_those_of_the_record(void **state)
{
    play(*state, read_and_write_elsewhere);
}

static int keep_a_record(const struct place *place, int record)
{
    static const char *const tracks[] = {"audio"};
    static const uint8_t data[20] = {0x80};
    const struct journal_config config = {
        .record = record,
        .hearing = "h",
        .group = "e4",
        .boot = "boot",
        .tracks = tracks,
        .track_count = 1,
    };
    const struct pcapng_packet packet = {.wall_ns = 1, .data = data, .len = sizeof(data)};

    (void)place;
    for (int i = 0; i < 2; i++) { /* the second reads what the first wrote */
        struct journal *journal;
        if (journal_new(&config, &journal))
            return 1;
        if (journal_append(journal, &packet, 1) || journal_sync(journal, 1) ||
            journal_end(journal, 1))
            return 2;
        journal_free(journal);
    }
    return 0;
}

static void keeps_a_record(void **state)
{
    play(*state, keep_a_record);
}

/* ---- calls ---- */

static int reach_out(const struct place *place, int record)
{
    char *const arguments[] = {NULL};

    (void)place;
    (void)record;
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
        return 1;
    if (execv("/bin/true", arguments) == 0 || errno != EPERM)
        return 2;
    if (fork() >= 0)
        return 3;
    if (ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0 || errno != EPERM)
        return 4;
    if (kill(getppid(), 0) == 0 || errno != EPERM)
        return 5;
    return 0;
}

static void connects_executes_forks_and_traces_nothing(void **state)
{
    play(*state, reach_out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(opens_no_file_but_those_of_the_record, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_a_record, set_up, tear_down),
        cmocka_unit_test_setup_teardown(connects_executes_forks_and_traces_nothing, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
